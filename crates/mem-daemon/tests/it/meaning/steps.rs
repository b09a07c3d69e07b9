//! Single steps: what came back and cannot be written, and texts that cannot be embedded at all.

use std::sync::mpsc;
use std::time::Duration;

use mem_core::time::Timestamp;
use mem_daemon::event::Wake;
use mem_daemon::inbox::drain::Until;
use mem_daemon::log::{Level, Log};
use mem_daemon::meaning::{Endpoint, Meaning, News};
use mem_daemon::recall;
use mem_embed::Vector;
use mem_store::{Store, StoreError, text_hash};

use super::bench::{answering, with_context};
use crate::world::World;

const NOW: Timestamp = Timestamp(1_763_700_000_000);

/// So many things said and indexed, a model, and its first news but for the opening: what is to be embedded is out.
fn begun(world: &World, said: u32) -> (Meaning, Log, Store, mpsc::Receiver<Wake>) {
    world.install();
    world.say(0..said);
    world.drain();
    let mut store = world.store();
    recall::index(&mut store, Until::DONE).unwrap();
    let (wakes, woken) = mpsc::sync_channel(64);
    let mut meaning = Meaning::new(&world.home, wakes);
    let mut log = Log::open(&world.home, Level::Info);
    assert!(meaning.step(&mut store, &mut log, NOW, true).unwrap().busy);
    meaning.hear(next(&woken));
    assert!(meaning.step(&mut store, &mut log, NOW, true).unwrap().busy);
    (meaning, log, store, woken)
}

/// Steps until a batch is out or nothing is left to do; whether one is out.
fn step(meaning: &mut Meaning, store: &mut Store, log: &mut Log) -> bool {
    loop {
        let stepped = meaning.step(store, log, NOW, true).unwrap();
        if !stepped.again {
            return stepped.busy;
        }
    }
}

fn next(woken: &mpsc::Receiver<Wake>) -> News {
    match woken.recv_timeout(Duration::from_secs(120)).unwrap() {
        Wake::Meaning(news) => news,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_written_now_is_written_later_and_not_embedded_again() {
    let world = World::new();
    let (mut meaning, mut log, mut store, woken) = begun(&world, 5);
    meaning.hear(next(&woken));
    let mut refuses = Store::open_read(&world.home.store()).unwrap();
    for _ in 0..2 {
        let refused = meaning.step(&mut refuses, &mut log, NOW, true);
        assert!(matches!(refused, Err(StoreError::ReadOnly { .. })), "{refused:?}");
    }
    assert_eq!(world.stretch(), (0, 5));
    assert!(!step(&mut meaning, &mut store, &mut log));
    assert_eq!(world.stretch(), (5, 5));
    assert!(woken.try_recv().is_err(), "nothing more was asked of the thread");
}

#[test]
fn what_an_endpoint_sent_and_cannot_be_written_now_is_written_later_and_not_asked_for_again() {
    let (world, api) = (World::new(), answering(8));
    world.set(&api.url(), &[("EMBEDDING_PRICE", "1")]);
    world.say(0..5);
    world.drain();
    let mut store = world.store();
    recall::index(&mut store, Until::DONE).unwrap();
    let (wakes, woken) = mpsc::sync_channel(64);
    let mut meaning = Meaning::new(&world.home, wakes);
    meaning.choose(with_context(&world, Endpoint::of));
    let mut log = Log::open(&world.home, Level::Info);
    // the probe, then the texts
    for _ in 0..2 {
        assert!(step(&mut meaning, &mut store, &mut log));
        meaning.hear(next(&woken));
    }
    let mut refuses = Store::open_read(&world.home.store()).unwrap();
    for _ in 0..2 {
        let refused = meaning.step(&mut refuses, &mut log, NOW, true);
        assert!(matches!(refused, Err(StoreError::ReadOnly { .. })), "{refused:?}");
    }
    assert_eq!((world.stretch(), api.requests().len()), ((0, 5), 2));
    assert!(!step(&mut meaning, &mut store, &mut log));
    assert_eq!((world.stretch(), api.requests().len()), ((5, 5), 2));
    let costs = world.costs();
    assert_eq!(costs.iter().map(|row| row.failed).sum::<u64>(), 0, "{costs:?}");
}

#[test]
fn nothing_is_handed_out_while_there_is_other_work() {
    let world = World::new();
    let (mut meaning, mut log, mut store, woken) = begun(&world, 20);
    meaning.hear(next(&woken));
    let stepped = meaning.step(&mut store, &mut log, NOW, false).unwrap();
    assert!(!stepped.busy, "{stepped:?}");
    assert_eq!(world.stretch(), (16, 20), "though what came back is written");
    assert!(meaning.step(&mut store, &mut log, NOW, true).unwrap().busy);
    meaning.hear(next(&woken));
    meaning.step(&mut store, &mut log, NOW, true).unwrap();
    assert_eq!(world.stretch(), (20, 20));
}

#[test]
fn a_text_that_is_stumbled_over_is_tried_alone_and_then_given_up() {
    let world = World::new();
    let (mut meaning, mut log, mut store, woken) = begun(&world, 5);
    let News::Embedded { fingerprint, vectors, .. } = next(&woken) else { panic!() };
    let poison = text_hash("Do the thing number 2");
    // as the thread tells it: two done, then the panic
    let told = |vectors: &[(i64, Vector)]| News::Embedded {
        fingerprint: fingerprint.clone(),
        vectors: vectors.to_vec(),
        stumbled: Some(poison),
    };
    let before: Vec<_> = vectors.iter().take_while(|(hash, _)| *hash != poison).copied().collect();
    assert_eq!(before.len(), 2);
    meaning.hear(told(&before));
    assert!(meaning.step(&mut store, &mut log, NOW, true).unwrap().busy);
    assert_eq!(world.stretch(), (2, 5));
    let News::Embedded { vectors, .. } = next(&woken) else { panic!() };
    assert_eq!(vectors.iter().map(|(hash, _)| *hash).collect::<Vec<_>>(), [poison], "alone");
    meaning.hear(told(&[]));
    meaning.step(&mut store, &mut log, NOW, true).unwrap();
    meaning.hear(next(&woken));
    assert!(!step(&mut meaning, &mut store, &mut log));
    assert_eq!(world.stretch(), (5, 5));
    let model = world.models().remove(0);
    assert_eq!(model.vectors, 5);
    let hashes: Vec<i64> = world.vectors(model.id).into_iter().map(|(hash, _)| hash).collect();
    assert!(hashes.len() == 4 && !hashes.contains(&poison), "it has the vector of nothing");
    let log = std::fs::read_to_string(world.home.path("daemon.log")).unwrap();
    assert!(log.contains(&format!("{poison:016x}: it is found by its words only")), "{log}");
    assert!(!log.contains("number 2"), "without what was said: {log}");
}

#[test]
fn a_text_that_is_forgotten_while_it_is_embedded_leaves_no_vector() {
    let world = World::new();
    let (mut meaning, mut log, mut store, woken) = begun(&world, 5);
    let gone = rusqlite::Connection::open(world.home.store()).unwrap();
    gone.execute_batch(
        "UPDATE turns SET prompt = '' WHERE prompt = 'Do the thing number 2';
         INSERT OR REPLACE INTO index_due SELECT 8 * id + 2, 0 FROM turns WHERE prompt = ''",
    )
    .unwrap();
    recall::index(&mut store, Until::DONE).unwrap();
    meaning.hear(next(&woken));
    meaning.step(&mut store, &mut log, NOW, true).unwrap();
    assert_eq!((world.stretch(), world.models()[0].vectors), ((4, 4), 4));
}

#[test]
fn tables_that_are_gone_are_laid_out_anew_and_all_is_embedded_again() {
    let world = World::new();
    let (mut meaning, mut log, mut store, woken) = begun(&world, 5);
    meaning.hear(next(&woken));
    meaning.step(&mut store, &mut log, NOW, true).unwrap();
    let damage = rusqlite::Connection::open(world.home.store()).unwrap();
    damage.execute_batch("DROP TABLE vectors").unwrap();
    let mut back = 0;
    for _ in 0..20 {
        recall::index(&mut store, Until::DONE).unwrap();
        let stepped = meaning.step(&mut store, &mut log, NOW, true).unwrap();
        if !stepped.busy {
            break;
        }
        if !stepped.again {
            meaning.hear(next(&woken));
            back += 1;
        }
    }
    assert_eq!((back, world.stretch()), (1, (5, 5)));
    assert_eq!(world.found("thing").len(), 5);
    // a second time it is no accident: meaning rests, and nothing else is held up
    damage.execute_batch("DROP TABLE vectors").unwrap();
    for _ in 0..2 {
        let stepped = meaning.step(&mut store, &mut log, NOW, true).unwrap();
        assert!(!stepped.busy && !stepped.again, "{stepped:?}");
    }
    let log = std::fs::read_to_string(world.home.path("daemon.log")).unwrap();
    assert_eq!(log.matches("nothing more is embedded until the next start").count(), 1, "{log}");
    assert_eq!(world.found("thing").len(), 5);
}
