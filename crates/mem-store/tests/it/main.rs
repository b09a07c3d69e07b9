//! The store on real files: what goes in comes out, once, whatever happens in between.

mod desk;
mod distilling;
mod events;
mod opening;
mod projects;
