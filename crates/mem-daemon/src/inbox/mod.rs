//! The inbox: frames on disk, and the way out of it into the store.
//!
//! `frames` knows files and names, `losses` what could not even be written, `reading` turns bytes into an event and a
//! verdict, `drain` moves it all into the store exactly once.

pub mod drain;
mod frames;
pub mod losses;
mod reading;

pub use frames::{
    FRAME, Parked, UNFINISHED, UnderRead, adopt_leftovers, blocked, is_empty, park, parked, path, read,
    remove, unfinished, unpark, waiting,
};
