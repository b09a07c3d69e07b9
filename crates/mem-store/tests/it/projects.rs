//! Projects: one answer per place, aliases as they turn up.

use mem_core::project::Facts;

use crate::desk::{Desk, NOW, place};

#[test]
fn a_project_keeps_its_row_when_a_remote_turns_up() {
    let desk = Desk::new();
    let mut store = desk.open();
    let plain = store.write(|tx| tx.project_for(&place("/w/a"), "/w/a", NOW)).unwrap();
    let pushed = Facts { remote: Some("git@h.org:x/widgets.git".to_owned()), ..place("/w/a") };
    assert_eq!(store.write(|tx| tx.project_for(&pushed, "/w/a", NOW)).unwrap(), plain);
    let row = store.project(plain).unwrap().unwrap();
    assert_eq!(row.name, "widgets");
    let keys: Vec<String> = row.keys.iter().map(|key| key.text()).collect();
    assert_eq!(keys, ["remote:h.org/x/widgets", "path:/w/a"]);
    let elsewhere = Facts { top: "/else".to_owned(), ..pushed };
    assert_eq!(store.project_by_keys(&elsewhere).unwrap(), Some(plain));
    assert_eq!(store.project_by_keys(&place("/else")).unwrap(), None, "asking points no keys");
}
