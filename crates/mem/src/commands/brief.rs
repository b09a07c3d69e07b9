//! `brief`: exactly what a session that starts here would be told.

use std::time::{Duration, Instant};

use mem_core::text::utf16_len;
use mem_daemon::answer;
use mem_wire::brief::{Brief, VERSION};

use super::desk::{self, Desk};
use super::print;
use super::status::hooks;
use crate::env;
use crate::failure::Failure;

/// A person waits longer than a hook.
const PATIENCE: Duration = Duration::from_secs(2);

/// Runs the command.
pub(crate) fn run(desk: &Desk) -> Result<(), Failure> {
    let begun = desk.has_begun();
    let text = if begun {
        answer::brief(&desk.asker, &mut env::setting, None, Instant::now() + PATIENCE)
    } else {
        String::new()
    };
    if desk.json {
        return print::json(&Brief {
            version: VERSION,
            cwd: desk::text(&desk.asker.cwd),
            excluded: desk.is_excluded(),
            utf16_units: utf16_len(&text),
            text,
        });
    }
    if text.is_empty() {
        if desk.is_excluded() {
            print::note(desk::EXCLUDED);
        } else if begun {
            print::note(
                "A session that starts here would be told nothing: nothing is remembered of this place.",
            );
        } else {
            hooks::nothing_yet(desk);
        }
        return Ok(());
    }
    print::text(&text)
}
