//! The command, and forgetting what the user knows of.

use mem_daemon::inbox::losses;
use mem_store::StoreError;

use super::super::desk::Desk;
use super::super::print;
use super::{gather, text};
use crate::cli::StatusArgs;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &StatusArgs) -> Result<(), Failure> {
    if args.clear {
        clear(desk)?;
        let aside = mem_daemon::inbox::parked(desk.home())?.len() as u64;
        if aside > 0 {
            print::note(&format!(
                "{} set aside; `claude-mem worker discard` deletes what no retry can read.",
                print::count(aside, "frame stays", "frames stay")
            ));
        }
    }
    let status = gather::gather(desk);
    if desk.json {
        return print::json(&status);
    }
    print::text(&text::text(&status, mem_daemon::inbox::drain::now()))
}

/// Forgets losses, recorded problems and what a model could not do. Frames that were set aside stay: they are events.
fn clear(desk: &Desk) -> Result<(), Failure> {
    if losses::read(desk.home()).is_some() {
        losses::clear(desk.home())?;
    }
    let Some(mut fresh) = desk.memory()? else { return Ok(()) };
    let faults = fresh.store.faults()?;
    if faults.is_empty() && fresh.store.parked_batches(1)?.is_empty() {
        return Ok(());
    }
    let forget = |tx: &mem_store::Tx<'_>| -> Result<(), StoreError> {
        for fault in &faults {
            tx.clear_fault(&fault.kind)?;
            mem_daemon::meaning::forgotten(tx, &fault.kind, mem_daemon::inbox::drain::now())?;
        }
        tx.accept_parked(mem_daemon::inbox::drain::now()).map(drop)
    };
    Ok(fresh.store.write(forget)?)
}
