//! The model as its makers published it, and models that are broken: what a text becomes, and what is refused.

#[cfg(test)]
mod folder;
#[cfg(test)]
mod published;
#[cfg(test)]
mod scanning;
#[cfg(test)]
mod splitting;
#[cfg(test)]
mod vectors;
