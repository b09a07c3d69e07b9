//! Rounds of work with a sound model.

use mem_embed::{Model, NAME, PUBLISHED};
use mem_store::{Stretch, text_hash};

use super::bench::{Heard, PASSAGES, settle, until, work};
use crate::world::{World, bash, prompt, stop};

#[test]
fn what_is_said_gets_the_vector_of_its_text_and_what_is_said_next_too() {
    let world = World::new();
    world.install();
    world.say(0..20);
    work(&world, |shift, woken| {
        assert_eq!(settle(shift, woken), Heard { opened: 1, vectors: 20 * PASSAGES });
        world.say(20..23);
        assert_eq!(settle(shift, woken), Heard { opened: 0, vectors: 3 * PASSAGES });
        assert_eq!(settle(shift, woken), Heard::default());
    });
    let standing = world.standing();
    assert_eq!((standing.installed, standing.model.as_deref(), standing.replaces), (true, Some(NAME), false));
    assert_eq!(standing.stretch, Stretch { embedded: 46, passages: 46 });
    let serving = world.store().serving_model().unwrap().unwrap();
    assert_eq!((serving.fingerprint.as_str(), serving.vectors), (PUBLISHED, 46));
    let mut model = Model::load(&mem_testkit::tools::model()).unwrap();
    let said = "Do the thing number 7";
    let ours = model.embed_one(said).values.map(i8::cast_unsigned).to_vec();
    assert!(world.vectors(serving.id).contains(&(text_hash(said), ours)));
    assert_eq!(world.problems(), []);
}

#[test]
fn without_a_model_nothing_is_done_and_nothing_is_waited_for() {
    let world = World::new();
    world.say(0..3);
    work(&world, |shift, woken| {
        assert_eq!(settle(shift, woken), Heard::default());
        assert!(!shift.work().busy, "so that an idle daemon leaves");
    });
    assert_eq!(world.models(), []);
    let standing = world.standing();
    assert_eq!((standing.installed, standing.model, standing.stretch.passages), (false, None, 6));
    assert_eq!(world.problems(), []);
}

#[test]
fn a_model_that_is_laid_there_later_is_seen_at_a_nudge_and_one_that_goes_leaves_its_vectors() {
    let world = World::new();
    world.say(0..3);
    work(&world, |shift, woken| {
        settle(shift, woken);
        world.install();
        assert_eq!(settle(shift, woken), Heard::default(), "looked for once a minute");
        shift.nudged();
        assert_eq!(settle(shift, woken), Heard { opened: 1, vectors: 3 * PASSAGES });
        std::fs::remove_file(world.model_folder()).unwrap();
        world.say(3..5);
        shift.nudged();
        assert_eq!(settle(shift, woken), Heard::default());
    });
    assert_eq!((world.stretch(), world.models().len()), ((6, 10), 1));
    assert!(!world.standing().installed);
}

#[test]
fn whoever_ends_between_two_batches_loses_nothing_and_the_next_embeds_nothing_twice() {
    let world = World::new();
    world.install();
    world.say(0..70);
    let mut embedded = 0;
    for batches in 1..4 {
        // the last batch comes back and nobody writes it any more
        let heard = work(&world, |shift, woken| until(shift, woken, |heard| heard.vectors >= 16 * batches));
        embedded += heard.vectors - 16;
        let written = world.models()[0].vectors;
        assert_eq!(written, embedded as u64);
        assert_eq!(world.stretch(), (written, 140));
    }
    let heard = work(&world, settle);
    assert_eq!((heard.vectors, world.models()[0].vectors), (140 - embedded, 140));
}

#[test]
fn an_index_that_is_built_anew_costs_no_embedding() {
    let world = World::new();
    world.install();
    world.say(0..20);
    work(&world, |shift, woken| {
        settle(shift, woken);
        mem_daemon::recall::begin_anew(&mut world.store()).unwrap();
        assert_eq!(settle(shift, woken), Heard::default());
        assert_eq!((world.stretch(), world.models()[0].vectors), ((40, 40), 40));
    });
}

#[test]
fn a_long_text_without_spaces_and_one_of_signs_are_embedded_like_any_other() {
    let world = World::new();
    world.install();
    let long = "x".repeat(60_000);
    for (number, said) in
        [long.as_str(), "\\u0000\\u0007", "…—…", "\\ud83d\\ude00", "    "].iter().enumerate()
    {
        world.put(&prompt(number as u32).replace(&format!("Do the thing number {number}"), said));
    }
    world.put(&bash("t1", "cargo test", "ok"));
    world.put(&stop("All tests pass."));
    work(&world, settle);
    let (embedded, passages) = world.stretch();
    assert_eq!(embedded, passages);
    assert!(passages >= 3, "{passages}");
}

#[test]
fn ready_briefs_stay_ready_while_there_is_embedding() {
    let world = World::new();
    world.say(0..40);
    world.put(&stop("All is done."));
    work(&world, |shift, woken| {
        settle(shift, woken);
        shift.refresh_briefs();
        let ready = || mem_daemon::briefs::ready(&world.home, &world.project(), None);
        let before = ready();
        assert!(before.is_some(), "one is kept");
        world.install();
        shift.nudged();
        let heard = settle(shift, woken);
        assert!(heard.vectors >= 40 && !shift.briefs_are_stale(), "{heard:?}");
        assert_eq!(ready(), before);
    });
}
