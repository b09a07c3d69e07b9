//! The observer with real children: the keeper, the register, the misbehaving `claude` and the real one.

#[cfg(test)]
mod faults;
#[cfg(test)]
mod keeper;
#[cfg(test)]
mod real_client;
#[cfg(test)]
mod running;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod strays;
