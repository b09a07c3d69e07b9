//! What a model takes while it is there and leaves behind when it goes; in a process of its own, since it looks at the
//! whole process.

#[cfg(test)]
#[cfg(target_os = "linux")]
mod taking;
