//! Reads the user's settings file and lays the environment over it. Never writes, never fails.

use mem_core::layout;
use mem_logic::layers::{self, Layers};

use crate::home::{Home, read_regular};

/// Most bytes of a settings file; more is no settings file.
const MOST: u64 = 1024 * 1024;

/// The settings of `home` with the environment (through `lookup`) over them.
pub fn load(home: &Home, lookup: &mut dyn FnMut(&str) -> Option<String>) -> Layers {
    layers::merge(text(home).as_deref(), lookup)
}

/// The settings file as it stands; bytes that are no UTF-8 are replaced, which makes the file a faulty one.
pub fn text(home: &Home) -> Option<String> {
    let bytes = read_regular(&home.path(layout::SETTINGS), MOST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
