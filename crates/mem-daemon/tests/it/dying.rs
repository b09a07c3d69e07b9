//! `kill -9` at any point between read, insert and unlink: nothing is lost, nothing is there twice.

use std::process::{Command, Stdio};
use std::time::Duration;

use mem_daemon::home::Home;

use crate::world::{World, prompt};

const FRAMES: u32 = 600;
const KILLS: u32 = 40;

/// Not a test of its own: the reader that `killed_readers_lose_and_double_nothing` starts in a prepared directory.
#[test]
fn reader_in_a_prepared_directory() {
    let here = std::env::current_dir().unwrap();
    if !here.join("drain-me").exists() {
        return;
    }
    // nothing temporary of its own: it is killed before it could remove that
    let home = Home::new(here.join("data"));
    let mut store = mem_store::Store::open(
        &home.store(),
        mem_core::time::Timestamp(1),
        &here.join("data/memory-backups"),
    )
    .unwrap();
    let layers = mem_daemon::settings::load(&home, &mut |_| None);
    let capture = mem_logic::capture::Capture::new(&layers.settings, &home.dir().to_string_lossy(), "");
    let _lock = loop {
        if let Some(lock) = home.try_lock("inbox.lock").unwrap() {
            break lock;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    };
    mem_daemon::inbox::drain::drain(&home, &mut store, &capture, mem_daemon::inbox::drain::Until::DONE)
        .unwrap();
}

#[test]
fn killed_readers_lose_and_double_nothing() {
    let world = World::new();
    std::fs::write(world.tmp.path().join("drain-me"), "").unwrap();
    for number in 0..FRAMES {
        world.put(&prompt(number));
    }
    let mut chance: u64 = 0x2545_f491_4f6c_dd1d;
    let mut killed = 0;
    for _ in 0..KILLS {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut reader = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "dying::reader_in_a_prepared_directory"])
            .current_dir(world.tmp.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::park_timeout(Duration::from_micros(2_000 + (chance >> 33) % 25_000));
        killed += u32::from(reader.try_wait().unwrap().is_none());
        let _it_may_be_done = reader.kill();
        reader.wait().unwrap();
        if world.counts()[3] == 0 {
            break;
        }
    }
    assert!(killed > 0, "every reader was faster than its killer");
    world.drain();
    let [received, stored, filtered, waiting, parked] = world.counts();
    assert_eq!(received + parked, u64::from(FRAMES), "{parked} parked");
    assert_eq!([stored, filtered, waiting], [received, 0, 0]);
    let store = world.store();
    assert_eq!(store.counts().unwrap().events, received);
    assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
}
