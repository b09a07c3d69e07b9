//! Answers without a daemon, ready briefs, and when they stop being ready.

use mem_core::layout;
use mem_daemon::briefs;
use mem_testkit::wait;

use crate::world::{World, bash, edit, prompt, stop};

fn a_turn(world: &World) {
    world.put(&prompt(1).replace("Do the thing number 1", "Fix the off-by-one in parse_header"));
    world.put(&edit("t1", &world.project().join("src/header.rs").to_string_lossy(), "i <= n", "i < n"));
    world.put(&bash(
        "t2",
        "git commit -am 'Fix off-by-one in parse_header'",
        "[main 3f2a91c] Fix off-by-one in parse_header\n 1 file changed, 1 insertion(+), 1 deletion(-)",
    ));
    world.put(&stop("Fixed the loop bound in parse_header."));
}

#[test]
fn an_empty_memory_says_nothing() {
    let world = World::new();
    assert_eq!(world.brief(), "");
}

#[test]
fn the_brief_needs_no_daemon() {
    let world = World::new();
    a_turn(&world);
    let brief = world.brief();
    println!("{brief}");
    for wanted in ["src/header.rs", "3f2a91c", "off-by-one"] {
        assert!(brief.contains(wanted), "{wanted} is missing in:\n{brief}");
    }
    assert_eq!(brief, world.brief(), "the same store gives the same bytes");
}

#[test]
fn an_open_turn_is_in_the_brief() {
    let world = World::new();
    world.put(&prompt(1));
    world.put(&edit("t1", &world.project().join("a.rs").to_string_lossy(), "x", "y"));
    let brief = world.brief();
    assert!(brief.contains("a.rs"), "{brief}");
}

#[test]
fn a_ready_brief_is_ready_until_anything_changes() {
    let world = World::new();
    let ready = || briefs::ready(&world.home, &world.project(), None);
    a_turn(&world);
    assert_eq!(ready(), None, "nothing was rendered yet");
    let brief = world.brief();
    assert_eq!(ready().as_deref(), Some(&brief[..]));

    let waiting = world.put(&prompt(9));
    assert_eq!(ready(), None, "a frame waits");
    std::fs::remove_file(&waiting).unwrap();
    assert!(ready().is_some());

    std::fs::write(world.project().join("CLAUDE.md"), "rules").unwrap();
    assert_eq!(ready(), None, "a file it must not repeat appeared");
    world.brief();
    assert!(ready().is_some());
    std::fs::write(world.home.path(layout::SETTINGS), r#"{"CLAUDE_MEM_CONTEXT_TOKENS":"300"}"#).unwrap();
    assert_eq!(ready(), None, "the settings changed");
    world.brief();
    assert!(ready().is_some());

    world.store().write(|tx| tx.tally("anything", 1)).unwrap();
    assert_eq!(ready(), None, "somebody committed");
}

#[test]
fn what_stands_in_claude_md_is_not_repeated() {
    let world = World::new();
    a_turn(&world);
    assert!(world.brief().contains("Fix off-by-one in parse_header"));
    std::fs::write(world.project().join("CLAUDE.md"), "# Notes\n- Fix off-by-one in parse_header\n").unwrap();
    let brief = world.brief();
    assert!(!brief.contains("● Fix off-by-one in parse_header"), "{brief}");
}

#[test]
fn excluded_directories_are_neither_captured_nor_briefed() {
    let world = World::new();
    a_turn(&world);
    assert!(!world.brief().is_empty());
    std::fs::write(world.home.path(layout::SETTINGS), r#"{"CLAUDE_MEM_EXCLUDED_PROJECTS":"project"}"#)
        .unwrap();
    assert_eq!(world.brief(), "");
    let before = world.counts()[1];
    world.put(&prompt(7));
    world.drain();
    assert_eq!(world.counts()[1], before);
    assert_eq!(world.store().tallies().unwrap()["filtered:excluded"], 1);
}

#[test]
fn a_brief_without_the_open_turn_is_never_ready() {
    let world = World::new();
    world.put(&prompt(1));
    world.put(&edit("t1", &world.project().join("a.rs").to_string_lossy(), "x", "y"));
    world.drain();
    // as the daemon does in a lull: the turn is open and not distilled yet
    let layers = mem_daemon::settings::load(&world.home, &mut |_| None);
    let store = world.store();
    let stamp = briefs::stamp(&world.home).unwrap();
    let rendered = briefs::render(&store, &world.asker(), &layers, None).unwrap();
    briefs::keep(&world.asker(), &stamp, &rendered);
    assert_eq!(briefs::ready(&world.home, &world.project(), None), None);
    assert!(world.brief().contains("a.rs"));
}

#[test]
fn looking_at_the_store_from_outside_cancels_no_lock_of_ours() {
    use std::os::unix::fs::MetadataExt;
    let world = World::new();
    a_turn(&world);
    world.drain();
    let store = world.store();
    store.counts().unwrap();
    let index = std::fs::metadata(world.home.path("memory.db-shm")).unwrap().ino();
    let held = || {
        let locks = std::fs::read_to_string("/proc/locks").unwrap();
        let (pid, inode) = (format!(" {} ", std::process::id()), format!(":{index} "));
        locks.lines().filter(|line| line.contains(&pid) && line.contains(&inode)).count()
    };
    // the list is not read in one piece: under load a line may be missed once
    let before = wait::until("SQLite to hold a lock on its index while the store is open", || {
        Some(held()).filter(|locks| *locks > 0)
    });
    briefs::stamp(&world.home).unwrap();
    let _whatever = briefs::ready(&world.home, &world.project(), None);
    let _whatever = mem_daemon::health::problems(
        &world.home,
        Some(&store),
        &mem_daemon::settings::load(&world.home, &mut |_| None),
        None,
    );
    wait::until("the same locks to be held", || (held() == before).then_some(()));
}

#[test]
fn a_known_file_that_is_a_pipe_is_not_waited_for() {
    let world = World::new();
    a_turn(&world);
    let made = std::process::Command::new("mkfifo").arg(world.project().join("CLAUDE.md")).status().unwrap();
    assert!(made.success());
    assert!(world.brief().contains("parse_header"));
}
