//! Opening: new, twice, read beside a writer, newer, damaged, foreign, frozen.

use mem_store::{Store, StoreError};

use crate::desk::{Desk, NOW};

#[test]
fn a_missing_store_is_missing_for_readers() {
    let desk = Desk::new();
    assert!(matches!(Store::open_read(&desk.path()), Err(StoreError::Missing { .. })));
    desk.open().close().unwrap();
    assert_eq!(desk.read().newer(), None);
    assert!(Store::open(&desk.path(), NOW, &desk.backups()).is_ok());
}
