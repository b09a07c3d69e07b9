//! The write-ahead log is folded between the rounds of who works, not within a commit.

use mem_store::Store;

use crate::desk::{Desk, prompted, put};

/// Writes some megabytes, a little with each commit, in texts that no compressor makes small.
fn write_much(store: &mut Store, from: u32) {
    let mut number = from;
    for at in 0..60 {
        let mut text = String::new();
        while text.len() < 40_000 {
            number = number.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
            text.push_str(&format!("{number:08x}"));
        }
        put(store, &prompted(i64::from(from) + at, &format!("p{from}-{at}"), &text));
    }
}

#[test]
fn commits_leave_the_log_to_who_folds_it_between_them() {
    let desk = Desk::new();
    let mut store = desk.open();
    assert!(!store.fold_log().unwrap(), "it is not worth it");
    let before = std::fs::metadata(desk.path()).unwrap().len();
    write_much(&mut store, 1);
    assert_eq!(std::fs::metadata(desk.path()).unwrap().len(), before, "no commit folded it");
    assert!(store.fold_log().unwrap());
    let after = std::fs::metadata(desk.path()).unwrap().len();
    assert!(after > before + 1_000_000, "{before} to {after}");
    assert!(!store.fold_log().unwrap(), "nothing waits");
    // who reads sees all of it, from the file and without the log
    assert_eq!(desk.read().counts().unwrap().events, 60);
}

#[test]
fn a_reader_in_the_way_is_not_waited_for() {
    let desk = Desk::new();
    let mut store = desk.open();
    write_much(&mut store, 1);
    let reader = desk.read();
    reader
        .at_one_moment(|| -> Result<(), mem_store::StoreError> {
            assert_eq!(reader.counts().unwrap().events, 60);
            write_much(&mut store, 100_000);
            store.fold_log().unwrap();
            assert_eq!(reader.counts().unwrap().events, 60, "what it sees stays");
            Ok(())
        })
        .unwrap();
    store.fold_log().unwrap();
    assert_eq!(reader.counts().unwrap().events, 120);
}
