//! A writer that is killed at any moment: the file stays sound, the books balance, and what was committed
//! stays.
//!
//! The test starts its own binary again, as a child that runs nothing but [`child_writer`] in a folder with a
//! mark in it. In an ordinary run there is no such mark and that test has nothing to do.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use mem_core::observation::{Distilled, Distiller};
use mem_core::recall::DocKind;
use mem_core::time::Timestamp;
use mem_store::{Put, Store, StoreError, Tx};

use crate::desk::{Desk, NOW, answered, observation, of_prompt, place, prompted, ran, spot};

const MARK: &str = "write-until-killed";
const KILLS: u64 = 20;

#[test]
fn kill_9_loses_nothing_that_was_committed() {
    let desk = Desk::new();
    desk.open().close().unwrap();
    std::fs::write(desk.folder.path().join(MARK), b"").unwrap();
    let mut committed = 0;
    for round in 0..KILLS {
        committed = committed.max(write_and_kill(desk.folder.path(), round));
        let seen = desk.read().counts().unwrap().events;
        assert!(seen >= committed, "round {round}: a reader comes first and sees {seen} of {committed}");
        let store = desk.open();
        assert_eq!(store.quick_check().unwrap(), Vec::<String>::new(), "round {round}");
        let (counts, tallies) = (store.counts().unwrap(), store.tallies().unwrap());
        let tally = |name: &str| tallies.get(name).copied().unwrap_or_default();
        assert!(counts.events >= committed, "round {round}: {} of {committed}", counts.events);
        assert_eq!(counts.events, tally("stored"), "round {round}");
        assert_eq!(tally("received"), tally("stored") + tally("filtered:duplicate"), "round {round}");
        let due = store.index_due(usize::MAX >> 1).unwrap();
        let due = due.into_iter().filter(|doc| doc.kind() != DocKind::Answer).count();
        assert_eq!(due as u64, counts.turns + counts.observations, "round {round}");
    }
    assert!(committed > KILLS, "the children did write: {committed}");
}

/// Lets a child commit a few times and kills it at some moment after; how many events it said it committed.
fn write_and_kill(folder: &Path, round: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child_writer", "--nocapture", "--test-threads=1"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut committed = 0;
    let mut seen = 0;
    while seen <= round % 5 {
        let line = said.next().expect("the child writes until it is killed").unwrap();
        if let Some(count) = count_in(&line) {
            committed = count;
            seen += 1;
        }
    }
    // Somewhere in the next transaction, elsewhere in each round.
    for _ in 0..round * 37 {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = said.map_while(Result::ok).filter_map(|line| count_in(&line)).last();
    rest.unwrap_or(committed)
}

fn count_in(line: &str) -> Option<u64> {
    line.split_once("committed ")?.1.parse().ok()
}

#[test]
fn child_writer() {
    if !Path::new(MARK).exists() {
        return;
    }
    let mut store = Store::open(Path::new("memory.db"), NOW, Path::new("backups")).unwrap();
    loop {
        let from = store.counts().unwrap().events as i64;
        store.write(|tx| write_turn(tx, from)).unwrap();
        println!("committed {}", store.counts().unwrap().events);
    }
}

/// One turn from prompt to observation, with an event that comes twice.
fn write_turn(tx: &Tx, from: i64) -> Result<(), StoreError> {
    let project = tx.project_for(&place("/w/a"), "/w/a", NOW)?;
    let prompt = format!("p{from}");
    let mut events = vec![prompted(from, &prompt, "write until killed")];
    events.extend((1..5).map(|n| of_prompt(&prompt, ran(from + n, &format!("t{}", from + n)))));
    events.push(events[1].clone());
    events.push(answered(from + 5, &prompt));
    let mut turn = None;
    for event in &events {
        tx.tally("received", 1)?;
        match tx.put_event(event, &spot(project), Timestamp(from))? {
            Put::Stored { turn: of, .. } => {
                turn = of;
                tx.tally("stored", 1)?;
            }
            Put::Duplicate => tx.tally("filtered:duplicate", 1)?,
        }
    }
    let made =
        Distilled { observations: vec![("work".to_owned(), observation("wrote"))], ..Distilled::default() };
    tx.put_distilled(turn.expect("a prompt opened it"), &Distiller::Local, &made, NOW, NOW).map(drop)
}
