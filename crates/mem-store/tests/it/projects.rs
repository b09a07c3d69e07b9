//! Projects: one answer per place, aliases as they turn up.

use mem_core::event::Agent;
use mem_core::id::SessionId;
use mem_core::project::Facts;

use crate::desk::{Desk, NOW, found, place, project, prompted, put, ran, spot};

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

#[test]
fn what_was_known_of_a_directory_outlives_it() {
    let desk = Desk::new();
    let mut store = desk.open();
    let facts = Facts {
        git_dir: Some("/w/a/.git".to_owned()),
        worktree: Some("fix".to_owned()),
        branch: Some("fix-it".to_owned()),
        ..place("/w/a-fix")
    };
    let id = store.write(|tx| tx.project_for(&facts, "/w/a-fix/src", NOW)).unwrap();
    let known = store.last_place("/w/a-fix/src").unwrap().unwrap();
    assert_eq!((known.project, known.top.as_str()), (id, "/w/a-fix"));
    assert_eq!((known.worktree.as_deref(), known.branch.as_deref()), (Some("fix"), Some("fix-it")));
    let moved = Facts { branch: Some("main".to_owned()), ..facts.clone() };
    store.write(|tx| tx.project_for(&moved, "/w/a-fix/src", NOW.plus_ms(5))).unwrap();
    assert_eq!(store.last_place("/w/a-fix/src").unwrap().unwrap().branch.as_deref(), Some("main"));

    let overridden = Facts { over: Some("mine".to_owned()), ..facts };
    let mine = store.write(|tx| tx.project_for(&overridden, "/w/a-fix/src", NOW)).unwrap();
    assert_ne!(mine, id);
    assert_eq!(store.last_place("/w/a-fix/src").unwrap().unwrap().project, id, "a wish is no fact");
    assert_eq!(store.last_place("/never").unwrap(), None);
}

#[test]
fn events_from_nowhere_share_one_project() {
    let desk = Desk::new();
    let mut store = desk.open();
    let first = store.write(|tx| tx.project_for(&Facts::default(), "", NOW)).unwrap();
    let second = store.write(|tx| tx.project_for(&Facts::default(), "", NOW)).unwrap();
    assert_eq!(first, second);
    assert_eq!(store.project(first).unwrap().unwrap().name, "unknown");
    assert_ne!(store.write(|tx| tx.project_for(&place("/w/a"), "/w/a", NOW)).unwrap(), first);
}

#[test]
fn a_session_and_a_project_know_their_last_event() {
    let desk = Desk::new();
    let mut store = desk.open();
    assert_eq!(store.last_event_at(None).unwrap(), None);
    put(&mut store, &ran(7, "t1"));
    put(&mut store, &ran(3, "t0"));
    let project = project(&mut store);
    let quiet = store.write(|tx| tx.project_for(&place("/w/b"), "/w/b", NOW)).unwrap();
    assert_eq!(store.last_event_at(Some(project)).unwrap(), Some(NOW.plus_ms(7)));
    assert_eq!(store.last_event_at(Some(quiet)).unwrap(), None);
    assert_eq!(store.last_event_at(None).unwrap(), Some(NOW.plus_ms(7)));
    let session = SessionId("s1".to_owned());
    assert_eq!(store.project_of_session(Agent::ClaudeCode, &session).unwrap(), Some(project));
    assert_eq!(store.projects().unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [project, quiet]);
    assert_eq!(store.sessions(Some(quiet), 5).unwrap(), []);
}

#[test]
fn a_clone_that_was_met_before_its_history_was_known_is_joined_to_its_project() {
    let desk = Desk::new();
    let mut store = desk.open();
    let repo = |top: &str, root: Option<&str>| Facts {
        git_dir: Some(format!("{top}/.git")),
        root_commit: root.map(str::to_owned),
        ..place(top)
    };
    let first = store.write(|tx| tx.project_for(&repo("/w/a", Some("r1")), "/w/a", NOW)).unwrap();
    // a second clone: nobody has walked its history yet
    let second = store.write(|tx| tx.project_for(&repo("/w/b", None), "/w/b", NOW)).unwrap();
    assert_ne!(first, second);
    let prompt = prompted(1, "p1", "Frobnicate the gizmo");
    store.write(|tx| tx.put_event(&prompt, &spot(second), NOW)).unwrap();
    let joined = store.write(|tx| tx.project_for(&repo("/w/b", Some("r1")), "/w/b", NOW)).unwrap();
    assert_eq!(joined, first);
    assert_eq!(store.project(second).unwrap(), None);
    assert_eq!(store.last_place("/w/b").unwrap().unwrap().project, first);
    assert_eq!(store.sessions(Some(first), 9).unwrap().len(), 1);
    assert_eq!(found(&mut store, "gizmo", Some(first)).len(), 1, "found under its new project");
}

#[test]
fn a_project_with_keys_of_its_own_keeps_what_it_holds_when_its_place_changes_hands() {
    let desk = Desk::new();
    let mut store = desk.open();
    let repo = |remote: &str, root: &str| Facts {
        git_dir: Some("/w/a/.git".to_owned()),
        root_commit: Some(root.to_owned()),
        remote: Some(remote.to_owned()),
        ..place("/w/a")
    };
    let first = store.write(|tx| tx.project_for(&repo("git@h.org:x/a", "r1"), "/w/a", NOW)).unwrap();
    let second = store.write(|tx| tx.project_for(&repo("git@h.org:x/b", "r2"), "/w/a", NOW)).unwrap();
    assert_ne!(first, second);
    assert!(store.project(first).unwrap().is_some());
}
