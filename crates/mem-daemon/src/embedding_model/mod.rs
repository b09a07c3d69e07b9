//! The embedding model on this disk: where it lies, whether it is whole, how it gets there and how it goes.
//!
//! On this level and not with the command that a person types, since the daemon loads what that command laid: both have
//! to mean the same folder and the same whole model. `mem-embed` says which bytes the model is and `mem-observer` brings
//! them; here they are written, checked and put in place. A folder of the model's name holds whole files only; what has
//! not arrived yet lies beside it. Must not print, ask, or decide that there should be a model.

mod fault;
mod install;
mod part;
mod place;
mod source;

pub use fault::InstallError;
pub use install::{Step, install, on_disk, ready, remove};
pub use place::{Due, Standing, due, folder, kept, look};
pub use source::Source;
