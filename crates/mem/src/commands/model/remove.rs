//! `model remove`: takes the model, and whatever of it was begun, off this disk.
//!
//! The folder only: vectors that it made are the memory's, and go as the memory says.

use mem_daemon::embedding_model as disk;
use mem_wire::install::model::{ModelRemoved, VERSION};

use super::super::desk::{self, Desk};
use super::super::print;
use crate::failure::Failure;
use crate::hook;

/// Runs the command.
pub(super) fn run(desk: &Desk, yes: bool) -> Result<(), Failure> {
    let folder = desk::text(&disk::folder(desk.home()));
    if let Some(bytes) = disk::on_disk(desk.home())
        && !yes
    {
        print::note(&format!("This will go: the embedding model in {folder}, {}.", print::bytes(bytes)));
        print::note("Memories stay; recall then works by words alone.");
        if !print::go_ahead(false)? {
            return Ok(());
        }
    }
    let freed = disk::remove(desk.home())?;
    // one that lives lets go of it
    let _none_lives = hook::nudge(desk.home().dir());
    let document =
        ModelRemoved { version: VERSION, changed: freed.is_some(), folder, freed: freed.unwrap_or(0) };
    if desk.json {
        return print::json(&document);
    }
    print::text(&report(&document))
}

pub(super) fn report(document: &ModelRemoved) -> String {
    if !document.changed {
        return "There is no embedding model to remove.".to_owned();
    }
    format!(
        "Removed {}: {} are free again. Recall works by words alone; memories stay.",
        document.folder,
        print::bytes(document.freed)
    )
}
