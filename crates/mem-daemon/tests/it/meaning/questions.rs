//! The vectors of questions: at once or not at all, once for the same question, and never unpaid.

use std::time::{Duration, Instant};

use mem_daemon::meaning::Asker;
use mem_daemon::shift::Shift;
use mem_testkit::{Gate, ModelApi, Reply};
use serde_json::json;

use super::bench::{answering, settle, work, work_and_leave};
use crate::world::World;

/// Longer than loopback ever takes.
const ENOUGH: Duration = Duration::from_secs(30);
const SOON: Duration = Duration::from_millis(1);

/// Some things said and embedded by a service with 8 numbers; what embeds questions.
fn asker(world: &World, api: &ModelApi, shift: &mut Shift<'_>, woken: &super::bench::Woken) -> Asker {
    world.say(0..2);
    settle(shift, woken);
    api.forget();
    shift.asker()
}

/// Questions that were sent.
fn sent(api: &ModelApi) -> Vec<String> {
    let text = |body: &serde_json::Value| body["input"][0].as_str().unwrap().to_owned();
    api.requests().iter().map(|request| text(&request.body)).collect()
}

#[test]
fn a_question_has_the_vector_that_a_passage_of_these_words_has() {
    let (world, api) = (World::new(), answering(8));
    world.set(&api.url(), &[]);
    work(&world, |shift, woken| {
        let mut asker = asker(&world, &api, shift, woken);
        let (values, scale) = asker.embed("Do the thing number 1", ENOUGH).unwrap();
        let bytes: Vec<u8> = values.iter().map(|value| value.cast_unsigned()).collect();
        let model = world.models().remove(0);
        assert_eq!(asker.fingerprint(), Some(model.fingerprint.clone()));
        assert!(world.vectors(model.id).iter().any(|(_, stored)| *stored == bytes) && scale > 0.0);
        // the same again costs nothing, nor does what has no words
        assert_eq!(asker.embed(" Do the thing number 1 ", SOON), Some((values, scale)));
        assert_eq!(asker.embed(" \u{0}\n", ENOUGH), None);
        assert_eq!(sent(&api), ["Do the thing number 1"]);
        // secrets stay here, and a question has an end
        let key = ["sk-ant-api03", &"a1B2c3D4e5".repeat(9)].join("-");
        asker.embed(&format!("where is {key} used? {}", "x ".repeat(5000)), ENOUGH).unwrap();
        let last = sent(&api).pop().unwrap();
        assert!(!last.contains(&key) && last.contains("where is") && last.len() <= 2100, "{last}");
    });
    assert_eq!(world.costs(), []);
}

#[test]
fn what_comes_too_late_is_there_the_next_time() {
    let (world, api) = (World::new(), answering(8));
    world.set(&api.url(), &[]);
    work(&world, |shift, woken| {
        let mut asker = asker(&world, &api, shift, woken);
        let gate = Gate::new();
        let answer = json!({ "data": [{ "embedding": [1, 0, 0, 0, 0, 0, 0, 1] }] });
        api.next(Reply::Held(gate.clone(), Box::new(Reply::Raw { code: 200, body: answer })));
        let began = Instant::now();
        assert_eq!(asker.embed("slow", Duration::from_millis(50)), None);
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!(asker.embed("another", ENOUGH), None, "one at a time: nobody waits behind it");
        gate.open();
        mem_testkit::wait::until("the late answer", || asker.embed("slow", SOON));
        assert_eq!(sent(&api), ["slow"]);
    });
}

#[test]
fn an_endpoint_that_fails_or_answers_nonsense_is_left_alone() {
    let bad = json!({ "data": [{ "embedding": [1, 2] }] });
    for reply in [Reply::Garbage, Reply::Drop, Reply::Raw { code: 200, body: bad }] {
        let (world, api) = (World::new(), answering(8));
        world.set(&api.url(), &[]);
        work(&world, |shift, woken| {
            let mut asker = asker(&world, &api, shift, woken);
            api.next(reply);
            assert_eq!(asker.embed("one", ENOUGH), None);
            assert_eq!(asker.embed("two", ENOUGH), None, "not asked");
            assert_eq!(sent(&api), ["one"]);
        });
    }
}

#[test]
fn what_costs_money_is_put_down_before_the_first_question_and_told_after_the_last() {
    let (world, api) = (World::new(), answering(8));
    world.set(&api.url(), &[("EMBEDDING_PRICE", "10")]);
    work_and_leave(&world, |shift, woken| {
        let mut asker = asker(&world, &api, shift, woken);
        let open = world.store().open_requests().unwrap();
        assert_eq!(open.len(), 1, "the purse");
        let before = world.store().spent_since(mem_core::time::Timestamp(0)).unwrap();
        assert!(asker.embed("a question of money", ENOUGH).is_some());
        assert_eq!(world.store().spent_since(mem_core::time::Timestamp(0)).unwrap(), before);
        assert!(before.0 >= 4000);
    });
    assert_eq!(world.store().open_requests().unwrap(), []);
    let rows = world.costs();
    let told: u64 = rows.iter().map(|row| row.usage.input).sum();
    let texts: usize = ["dimension", "a question of money"].iter().map(|text| text.len().div_ceil(4)).sum();
    assert!(told >= texts as u64 && told < 200, "{told}");
    assert_eq!(rows.iter().map(|row| row.estimated).sum::<u64>(), 0, "nothing is guessed any more");
}

#[test]
fn a_purse_that_is_empty_is_filled_and_nothing_is_asked_in_between() {
    let (world, api) = (World::new(), answering(8));
    world.set(&api.url(), &[("EMBEDDING_PRICE", "10")]);
    work(&world, |shift, woken| {
        let mut asker = asker(&world, &api, shift, woken);
        let long = |number: usize| format!("{number} {}", "é".repeat(1900));
        assert!(asker.embed(&long(1), ENOUGH).is_some());
        // the service told less than was reserved, so the purse is not empty before some more
        let mut asked = 2;
        while asker.embed(&long(asked), ENOUGH).is_some() {
            asked += 1;
            assert!(asked < 50, "it never ends");
        }
        assert_eq!(sent(&api).len(), asked - 1);
        settle(shift, woken);
        assert!(asker.embed(&long(asked), ENOUGH).is_some(), "filled");
        assert_eq!(world.store().open_requests().unwrap().len(), 1);
    });
}

#[test]
fn a_process_that_can_write_nothing_down_asks_only_what_is_free() {
    let (world, api) = (World::new(), answering(8));
    for (price, asks) in [("", true), ("1", false)] {
        world.set(&api.url(), &[("EMBEDDING_PRICE", price)]);
        work(&world, |shift, woken| drop(asker(&world, &api, shift, woken)));
        super::bench::with_context(&world, |context, layers| {
            let endpoint = mem_daemon::meaning::Endpoint::of(context, layers);
            let mut here = Asker::here(endpoint, &world.store()).unwrap();
            assert_eq!(here.embed("a question", ENOUGH).is_some(), asks, "{price}");
        });
    }
}
