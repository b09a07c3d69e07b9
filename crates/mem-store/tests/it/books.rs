//! The books: counts, settled frames, problems, sizes.

use mem_core::id::FrameId;

use crate::desk::{Desk, NOW, index, put, ran};

#[test]
fn counts_add_up_by_name() {
    let desk = Desk::new();
    let mut store = desk.open();
    store
        .write(|tx| {
            tx.tally("received-drained", 2)?;
            tx.tally("filtered:skip-tool", 1)?;
            tx.tally("received-drained", 3)
        })
        .unwrap();
    let tallies: Vec<(String, u64)> = store.tallies().unwrap().into_iter().collect();
    assert_eq!(tallies, [("filtered:skip-tool".to_owned(), 1), ("received-drained".to_owned(), 5)]);
}

#[test]
fn settled_frames_are_known_until_they_are_forgotten() {
    let desk = Desk::new();
    let mut store = desk.open();
    let [one, two] = ["f1", "f2"].map(|name| FrameId(name.to_owned()));
    store
        .write(|tx| {
            assert!(!tx.was_drained(&one)?);
            tx.mark_drained(&one)?;
            tx.mark_drained(&one)?;
            tx.mark_drained(&two)?;
            assert!(tx.was_drained(&one)?);
            Ok(())
        })
        .unwrap();
    let left = store
        .write(|tx| {
            tx.forget_drained(std::slice::from_ref(&one))?;
            tx.all_drained()
        })
        .unwrap();
    assert_eq!(left, [two]);
}

#[test]
fn of_each_kind_of_problem_the_last_is_kept() {
    let desk = Desk::new();
    let mut store = desk.open();
    store
        .write(|tx| {
            tx.fault("disk", "full", NOW)?;
            tx.fault("git", "no history", NOW.plus_ms(1))?;
            tx.fault("disk", "still full", NOW.plus_ms(2))
        })
        .unwrap();
    let faults = store.faults().unwrap();
    assert_eq!(faults.len(), 2);
    assert_eq!((faults[0].kind.as_str(), faults[0].said.as_str()), ("disk", "still full"));
    assert_eq!((faults[0].count, faults[0].first_at, faults[0].at), (2, NOW, NOW.plus_ms(2)));
    assert!(store.write(|tx| tx.clear_fault("disk")).unwrap());
    assert!(!store.write(|tx| tx.clear_fault("disk")).unwrap());
    assert_eq!(store.faults().unwrap().len(), 1);
}

#[test]
fn every_table_has_its_bytes() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, &ran(0, "t1"));
    index(&mut store);
    let tables = store.table_sizes().unwrap();
    for name in ["events", "observations", "passage_terms", "turns"] {
        assert!(tables.iter().any(|(table, bytes)| table == name && *bytes > 0), "{name}: {tables:?}");
    }
    assert!(store.sizes().unwrap().log > 0);
    store.close().unwrap();
    let sizes = desk.read().sizes().unwrap();
    let whole: u64 = tables.iter().map(|(_, bytes)| bytes).sum();
    assert_eq!(sizes.log, 0, "folded in");
    assert!(sizes.file >= whole, "{sizes:?} {whole}");
}
