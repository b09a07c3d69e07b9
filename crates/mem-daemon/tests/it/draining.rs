//! Every frame ends as stored, filtered by a named rule or parked, once, in order.

use mem_core::frame;
use mem_core::id::FrameId;
use mem_daemon::inbox::{self, UnderRead};

use crate::world::{World, bash, prompt, stop};

#[test]
fn every_frame_is_accounted_for() {
    let world = World::new();
    world.put(&prompt(1));
    world.put(&bash("t1", "cargo test", "ok"));
    world.put(&bash("t1", "cargo test", "ok")); // the same event again, in another frame
    world.put(&stop("All done."));
    world.put(r#"{"hook_event_name":"NeverHeardOf","session_id":"s1","cwd":"{project}","x":[1]}"#);
    world.put(r#"{"session_id":"s1","cwd":"{project}","hook_event_name":"PostToolUse","tool_name":"TodoWrite","tool_input":{},"tool_response":{},"tool_use_id":"t2"}"#);
    world.put("");
    world.put("this is no JSON");
    world.put_raw(b"\x00\xff not even a frame");
    let drained = world.drain();
    assert_eq!((drained.frames, drained.stored, drained.parked), (7, 4, 2));
    let [received, stored, filtered, waiting, parked] = world.counts();
    assert_eq!([received, stored, filtered, waiting, parked], [7, 4, 3, 0, 2]);
    let tallies = world.store().tallies().unwrap();
    assert_eq!(tallies["filtered:duplicate"], 1);
    assert_eq!(tallies["filtered:skipped_tool"], 1);
    assert_eq!(tallies["filtered:empty"], 1);
}

#[test]
fn a_cut_frame_is_used_when_its_json_is_whole_and_parked_when_not() {
    let world = World::new();
    let whole = frame::encode(&world.header(), prompt(1).as_bytes());
    let trailer = frame::encode_trailer(prompt(1).len()).len();
    world.put_raw(&whole[..whole.len() - trailer]);
    world.put_raw(&whole[..whole.len() - trailer - 20]);
    world.put_raw(&whole[..10]);
    world.drain();
    let [received, stored, _, waiting, parked] = world.counts();
    assert_eq!([received, stored, waiting, parked], [1, 1, 0, 2]);
    let whys: Vec<String> =
        inbox::parked(&world.home).unwrap().into_iter().map(|parked| parked.why).collect();
    assert!(whys[0].starts_with("cut short after"), "{whys:?}");
}

#[test]
fn a_frame_that_was_committed_but_not_unlinked_is_not_read_again() {
    let world = World::new();
    let path = world.put(&prompt(1));
    let bytes = std::fs::read(&path).unwrap();
    world.drain();
    // as after a kill between the commit and the unlink
    std::fs::write(&path, bytes).unwrap();
    let frame = FrameId(path.file_stem().unwrap().to_string_lossy().into_owned());
    world.store().write(|tx| tx.mark_drained(&frame)).unwrap();
    world.drain();
    assert_eq!(world.counts(), [1, 1, 0, 0, 0]);
    assert!(!path.exists());
}

#[test]
fn a_frame_that_killed_its_reader_twice_is_parked_and_its_neighbours_are_read() {
    let world = World::new();
    let good = world.put(&prompt(1));
    let bad = world.put(&prompt(2));
    let name = |path: &std::path::Path| FrameId(path.file_stem().unwrap().to_string_lossy().into_owned());
    UnderRead::Among(vec![name(&good), name(&bad)]).note(&world.home).unwrap();
    UnderRead::Alone(name(&bad), 2).note(&world.home).unwrap();
    world.drain();
    assert_eq!(world.counts(), [1, 1, 0, 0, 1]);
    assert_eq!(inbox::parked(&world.home).unwrap()[0].why, "crashed its reader twice");
    assert_eq!(UnderRead::left_over(&world.home), None);
}

#[test]
fn one_unlucky_death_parks_nothing() {
    let world = World::new();
    let frames: Vec<FrameId> = (1..4)
        .map(|number| FrameId(world.put(&prompt(number)).file_stem().unwrap().to_string_lossy().into_owned()))
        .collect();
    UnderRead::Among(frames).note(&world.home).unwrap();
    world.drain();
    assert_eq!(world.counts(), [3, 3, 0, 0, 0]);
}

#[test]
fn a_directory_that_is_gone_belongs_where_it_last_did() {
    let world = World::new();
    world.put(&prompt(1));
    world.drain();
    let project = world.project();
    let facts = mem_daemon::place::facts(&project, None);
    let before = world.store().project_by_keys(&facts).unwrap();
    std::fs::remove_dir(&project).unwrap();
    let payload = prompt(2).replace("{project}", &project.to_string_lossy());
    world.put_raw(&frame::encode(&world.header(), payload.as_bytes()));
    world.drain();
    assert_eq!(world.store().projects().unwrap().len(), 1);
    assert_eq!(
        world.store().last_place(&project.to_string_lossy()).unwrap().map(|place| place.project),
        before
    );
}

#[test]
fn an_unwritable_store_keeps_the_frames_waiting() {
    let world = World::new();
    world.put(&prompt(1));
    std::fs::write(world.home.store(), b"not a database at all, but long enough to look at").unwrap();
    let brief = world.brief();
    assert!(brief.contains("cannot be read"), "{brief}");
    assert_eq!(inbox::waiting(&world.home).unwrap().len(), 1);
}

#[test]
fn a_store_that_was_removed_under_us_costs_no_frame() {
    let world = World::new();
    world.put(&prompt(1));
    let layers = mem_daemon::settings::load(&world.home, &mut |_| None);
    let capture = world.asker().capture(&layers);
    let mut store = world.store();
    let drain = |store: &mut mem_store::Store| {
        mem_daemon::inbox::drain::drain(&world.home, store, &capture, mem_daemon::inbox::drain::Until::DONE)
    };
    drain(&mut store).unwrap();
    for name in ["memory.db", "memory.db-wal", "memory.db-shm"] {
        let _not_every_one_is_there = std::fs::remove_file(world.home.path(name));
    }
    world.put(&prompt(2));
    let error = drain(&mut store).unwrap_err();
    assert!(error.to_string().contains("removed or replaced"), "{error}");
    assert_eq!(inbox::waiting(&world.home).unwrap().len(), 1, "its file still waits");
    assert_eq!(UnderRead::left_over(&world.home), None, "and nothing counts against it");
    drop(store);
    world.drain();
    assert_eq!(world.counts(), [1, 1, 0, 0, 0]);
}

#[test]
fn what_no_hook_laid_into_the_inbox_stops_nothing() {
    let world = World::new();
    let inbox_dir = world.home.path(mem_core::layout::INBOX);
    std::fs::create_dir(inbox_dir.join("0-dir.frame")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", inbox_dir.join("0-link.frame")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(inbox_dir.join("0-pipe.frame")).status().unwrap();
    assert!(made.success());
    world.put(&prompt(1));
    world.drain();
    assert_eq!(world.counts(), [1, 1, 0, 0, 0]);
    assert!(inbox::is_empty(&world.home));
}

#[test]
fn a_hook_with_a_wrong_clock_is_dated_by_its_arrival() {
    let world = World::new();
    let header = mem_core::frame::Header { at: mem_core::time::Timestamp(5), ..world.header() };
    let payload = prompt(1).replace("{project}", &world.project().to_string_lossy());
    world.put_raw(&frame::encode(&header, payload.as_bytes()));
    world.drain();
    let session = &world.store().sessions(None, 1).unwrap()[0];
    assert!(session.last_at.0 > 1_700_000_000_000, "{session:?}");
}
