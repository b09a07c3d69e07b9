//! A service in the place of the model: what is sent, what is kept, what it costs, and every way in which it misbehaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use mem_core::time::Timestamp;
use mem_daemon::event::Wake;
use mem_daemon::meaning;
use mem_daemon::shift::Shift;
use mem_embed::{PUBLISHED, quantise};
use mem_store::{CostRow, text_hash};
use mem_testkit::model_api::{embedding, embeddings};
use mem_testkit::{Gate, ModelApi, Reply};
use serde_json::{Value, json};

use super::bench::{Heard, PASSAGES, answering, settle, until, with_context, work, work_and_leave, work_at};
use crate::world::World;

/// A clock by which the longest rest is over in two seconds.
const FAST: u32 = 1000;

/// The texts it was sent, in requests.
fn sent(api: &ModelApi) -> Vec<Vec<String>> {
    let texts = |body: &Value| {
        let all = body["input"].as_array().unwrap().iter();
        all.map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    api.requests().iter().map(|request| texts(&request.body)).collect()
}

/// Works on until something is so, also through rests.
fn wait_for(shift: &mut Shift<'_>, woken: &Receiver<Wake>, so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < deadline, "waited in vain");
        settle(shift, woken);
        // a rest wakes nobody here
        if let Ok(Wake::Meaning(news)) = woken.recv_timeout(Duration::from_millis(20)) {
            shift.hear_of_meaning(news);
        }
    }
}

#[test]
fn an_endpoint_makes_the_vectors_and_is_asked_once_for_each_text() {
    let (world, api) = (World::new(), answering(8));
    world.set(&api.url(), &[]);
    world.say(0..20);
    work(&world, |shift, woken| {
        settle(shift, woken);
    });
    let requests = sent(&api);
    assert_eq!(requests.iter().map(Vec::len).collect::<Vec<_>>(), [1, 16, 16, 8], "the length first");
    let model = world.models().remove(0);
    assert_eq!((model.name.as_str(), model.dimension, model.vectors), ("small", 8, 40));
    assert!(model.fingerprint.starts_with("endpoint:"));
    let said = "Do the thing number 7";
    let mut numbers = embedding(said, 8);
    let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    for number in &mut numbers {
        *number /= length;
    }
    let mut values = [0; 8];
    quantise(&numbers, &mut values).unwrap();
    let ours = values.map(i8::cast_unsigned).to_vec();
    assert!(world.vectors(model.id).contains(&(text_hash(said), ours)));
    assert_eq!(world.costs(), [], "what is on this machine is free");
    // the next daemon knows the length, and asks for nothing again
    api.forget();
    world.say(20..21);
    work(&world, |shift, woken| {
        settle(shift, woken);
    });
    assert_eq!(sent(&api).iter().map(Vec::len).collect::<Vec<_>>(), [PASSAGES]);
    assert_eq!((world.stretch(), world.problems().len()), ((42, 42), 0));
}

#[test]
fn what_it_costs_is_in_the_ledger_before_and_after() {
    let (world, api) = (World::new(), answering(8));
    let gate = Gate::new();
    world.set(&api.url(), &[("EMBEDDING_PRICE", "100")]);
    world.say(0..4);
    work(&world, |shift, woken| {
        until(shift, woken, |heard| heard.vectors == 1);
        // the probe was heard and is not told yet: its row is open
        let open = world.store().open_requests().unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].run.as_str(), open[0].model.as_str()), ("embedding", "embedding/small"));
    });
    // that daemon ended without a word: what was asked counts by its estimate
    assert!(world.costs()[0].estimated > 0);
    api.next(Reply::Held(gate.clone(), Box::new(Reply::Drop)));
    gate.open();
    work_at(&world, FAST, |shift, woken| wait_for(shift, woken, || world.stretch() == (8, 8)));
    let sums = |of: fn(&CostRow) -> u64| world.costs().iter().map(of).sum::<u64>();
    let told: usize = sent(&api)[2..].iter().flatten().map(|text| text.len().div_ceil(4)).sum();
    assert_eq!(sums(|row| row.usage.input), told as u64, "as the service told");
    assert_eq!(sums(|row| row.failed), 2, "one lost, one broken off");
    assert!(sums(|row| row.money.0) > 100 * told as u64, "what may have been paid counts too");
}

#[test]
fn a_ceiling_stops_it_and_says_so() {
    let (world, api) = (World::new(), answering(8));
    world.set(&api.url(), &[("EMBEDDING_PRICE", "1"), ("DAY_TOKENS", "4050")]);
    world.say(0..40);
    work(&world, |shift, woken| {
        settle(shift, woken);
        let problems = world.problems();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].what.starts_with("nothing is embedded before "), "{problems:?}");
        assert!(
            problems[0].what.ends_with(", since the ceiling of tokens for a day is reached"),
            "{problems:?}"
        );
        assert!(problems[0].remedy.contains("`claude-mem cost`"), "{problems:?}");
        let asked = api.requests().len();
        shift.nudged();
        settle(shift, woken);
        assert_eq!((api.requests().len(), world.problems().len()), (asked, 1));
        assert!(world.found("thing").len() >= 4, "recall goes on by words");
        let spent = world.store().spent_since(Timestamp(0)).unwrap().0;
        assert!(spent <= 4050, "{spent}");
        world.set(&api.url(), &[("EMBEDDING_PRICE", "1")]);
        settle(shift, woken);
        assert_eq!((world.stretch(), world.problems()), ((80, 80), vec![]));
    });
}

/// What is said after a service answered so a few times; then it answers well.
fn misbehaves(replies: &[Reply]) -> String {
    let (world, api) = (World::new(), answering(8));
    world.set(&api.url(), &[]);
    world.say(0..4);
    for reply in replies {
        api.next(reply.clone());
    }
    let said = work_at(&world, FAST, |shift, woken| {
        wait_for(shift, woken, || !world.problems().is_empty());
        let problem = world.problems().remove(0);
        assert!(world.models().iter().all(|model| model.vectors == 0), "nothing is stored");
        assert!(world.found("thing").len() >= 4, "recall goes on by words");
        wait_for(shift, woken, || world.stretch() == (8, 8));
        assert_eq!(world.problems(), []);
        problem.line()
    });
    let told = said.trim_start_matches("claude-mem: ").split(". ").next().unwrap();
    assert_eq!(world.log().matches(told).count(), 1, "{told}: {}", world.log());
    said.replace(&api.url().replace("http://", ""), "HOST")
}

#[test]
fn whatever_it_answers_is_told_with_a_remedy_and_got_over() {
    let status = |code, kind: &str| Reply::Status {
        code,
        kind: kind.to_owned(),
        message: "as a service says it".to_owned(),
        retry_after: None,
    };
    let data = |data: Value| Reply::Raw { code: 200, body: json!({ "data": data }) };
    let said: Vec<String> = [
        vec![Reply::Garbage],
        vec![data(json!([]))],
        vec![data(json!([{ "embedding": [1, null] }]))],
        vec![data(json!([{ "embedding": vec![1; 16_385] }]))],
        vec![status(401, "invalid_api_key")],
        vec![status(404, "not_found")],
        vec![status(429, "insufficient_quota")],
        vec![Reply::DropMidStream; 3],
        vec![status(503, "overloaded"); 3],
    ]
    .iter()
    .map(|replies| misbehaves(replies))
    .map(|said| match said.split_once(" before ") {
        Some((head, tail)) => format!("{head} before THEN{}", &tail[tail.find(',').unwrap() + 7..]),
        None => said,
    })
    .collect();
    insta::assert_snapshot!(said.join("\n"), @"
    claude-mem: nothing is embedded, since the embeddings service gives no vectors (HOST answered with text/html that is no answer of a model). See whether CLAUDE_MEM_EMBEDDING_BASE_URL and CLAUDE_MEM_EMBEDDING_MODEL name a model that embeds; searches go by words meanwhile.
    claude-mem: nothing is embedded, since the embeddings service gives no vectors (HOST answered 0 vectors where 1 were asked for). See whether CLAUDE_MEM_EMBEDDING_BASE_URL and CLAUDE_MEM_EMBEDDING_MODEL name a model that embeds; searches go by words meanwhile.
    claude-mem: nothing is embedded, since the embeddings service gives no vectors (HOST answered a vector that is none). See whether CLAUDE_MEM_EMBEDDING_BASE_URL and CLAUDE_MEM_EMBEDDING_MODEL name a model that embeds; searches go by words meanwhile.
    claude-mem: nothing is embedded, since HOST answers with vectors of 16385 numbers, which is too many. See whether CLAUDE_MEM_EMBEDDING_BASE_URL and CLAUDE_MEM_EMBEDDING_MODEL name a model that embeds; searches go by words meanwhile.
    claude-mem: nothing is embedded, since the embeddings service does not accept us (HOST answered 401 (invalid_api_key): as a service says it). Mend the key with `claude-mem config set CLAUDE_MEM_EMBEDDING_API_KEY -`.
    claude-mem: nothing is embedded, since the embeddings service refuses what it is asked (HOST answered 404 (not_found): as a service says it). See whether the service has the model that CLAUDE_MEM_EMBEDDING_MODEL names.
    claude-mem: nothing is embedded before THEN, since the quota of the embeddings service is used up (HOST answered 429 (insufficient_quota): as a service says it). It goes on by itself then; searches go by words meanwhile.
    claude-mem: nothing is embedded, since the embeddings service at http://HOST/v1 is not available (HOST broke off: Peer disconnected). Start it, or mend CLAUDE_MEM_EMBEDDING_BASE_URL; it is tried again by itself, and searches go by words meanwhile.
    claude-mem: nothing is embedded, since the embeddings service at http://HOST/v1 is not available (HOST answered 503 (overloaded): as a service says it). Start it, or mend CLAUDE_MEM_EMBEDDING_BASE_URL; it is tried again by itself, and searches go by words meanwhile.
    ");
}

#[test]
fn whoever_sees_it_answer_ends_its_rest() {
    for price in ["", "1"] {
        let (world, api) = (World::new(), answering(8));
        world.set(&api.url(), &[("EMBEDDING_PRICE", price)]);
        world.say(0..4);
        work(&world, |shift, woken| {
            api.next(Reply::Garbage);
            settle(shift, woken);
            assert_eq!((world.problems().len(), world.stretch().0), (1, 0));
            shift.nudged();
            settle(shift, woken);
            assert_eq!(world.stretch().0, 0, "it is left alone for a minute");
            let endpoint = with_context(&world, meaning::Endpoint::of).unwrap();
            // as bad as before, and then well
            for well in [false, true] {
                if !well {
                    api.next(Reply::Garbage);
                }
                let trial = meaning::Trial::begin(endpoint.clone(), &mut world.store()).unwrap().unwrap();
                let answer = trial.ask();
                let ended = trial.end(&mut world.store(), &answer).unwrap();
                assert_eq!((ended.is_ok(), world.problems().len()), (well, usize::from(!well)));
                if let Err((what, remedy)) = ended {
                    assert!(what.contains("gives no vectors") && !remedy.is_empty(), "{what}: {remedy}");
                }
            }
            settle(shift, woken);
            assert_eq!((world.stretch(), world.problems()), ((8, 8), vec![]));
        });
        let failed: u64 = world.costs().iter().map(|row| row.failed).sum();
        assert_eq!(failed, if price.is_empty() { 0 } else { 2 }, "a trial is paid for like any other");
    }
}

#[test]
fn nobody_there_is_told_after_a_few_tries_and_the_endpoint_is_found_when_it_comes() {
    let world = World::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    world.set(&url, &[]);
    world.say(0..2);
    work_at(&world, FAST, |shift, woken| {
        wait_for(shift, woken, || !world.problems().is_empty());
        let problem = world.problems().remove(0);
        assert!(
            problem.what.contains(&format!("the embeddings service at {url}/v1 is not available")),
            "{problem:?}"
        );
        assert!(problem.remedy.starts_with("Start it"), "{problem:?}");
        // the settings lead somewhere else
        let api = answering(8);
        world.set(&api.url(), &[]);
        wait_for(shift, woken, || world.stretch() == (4, 4));
        assert_eq!(world.problems(), []);
    });
}

#[test]
fn settings_that_cannot_be_used_are_told() {
    let world = World::new();
    world.set("http://far.example", &[]);
    world.say(0..2);
    work(&world, |shift, woken| {
        settle(shift, woken);
        let problem = world.problems().remove(0);
        assert!(
            problem.what.contains("is not encrypted and leads out of this network: use https"),
            "{problem:?}"
        );
        world.unset();
        settle(shift, woken);
        assert_eq!(world.problems(), []);
    });
}

#[test]
fn a_text_that_is_refused_costs_the_others_nothing() {
    let (world, api) = (World::new(), ModelApi::start());
    api.on_request(|request| {
        request.body["input"].to_string().contains("number 3").then(|| Reply::Status {
            code: 400,
            kind: "invalid_request_error".to_owned(),
            message: "no".to_owned(),
            retry_after: None,
        })
    });
    api.on_request(embeddings(8));
    world.set(&api.url(), &[]);
    world.say(0..8);
    work(&world, |shift, woken| {
        settle(shift, woken);
    });
    assert_eq!((world.stretch(), world.problems()), ((16, 16), vec![]));
    let model = world.models().remove(0);
    let hashes: Vec<i64> = world.vectors(model.id).into_iter().map(|(hash, _)| hash).collect();
    assert!(
        !hashes.contains(&text_hash("Do the thing number 3")) && hashes.len() < 16,
        "the vector of nothing"
    );
    assert!(hashes.contains(&text_hash("Do the thing number 4")));
    assert!(world.log().contains("it is found by its words only") && !world.log().contains("number 3"));
}

#[test]
fn another_length_under_the_same_name_is_counted_told_and_never_kept() {
    let (world, api) = (World::new(), answering(12));
    world.set(&api.url(), &[]);
    world.say(0..4);
    work_at(&world, FAST, |shift, woken| {
        settle(shift, woken);
        api.next(Reply::Raw {
            code: 200,
            body: json!({ "data": vec![json!({ "embedding": [1, 2, 3] }); 2] }),
        });
        world.say(4..5);
        wait_for(shift, woken, || !world.problems().is_empty());
        let problem = world.problems().remove(0);
        assert!(
            problem.what.contains("answers with vectors of 3 numbers where it gave 12 before"),
            "{problem:?}"
        );
        assert!(problem.remedy.contains("`claude-mem status --clear`"), "{problem:?}");
        assert_eq!(world.store().faults().unwrap()[0].count, 1, "counted");
        wait_for(shift, woken, || world.stretch() == (10, 10));
        assert_eq!((world.models().len(), world.models()[0].dimension), (1, 12));
        assert_eq!(world.problems(), [], "the model from before answers again");
    });
}

#[test]
fn whoever_forgets_the_trouble_has_all_embedded_anew_by_the_model_that_answers_now() {
    let (world, api) = (World::new(), ModelApi::start());
    let dimension = Arc::new(AtomicUsize::new(8));
    let now = Arc::clone(&dimension);
    api.on_request(move |request| embeddings(now.load(Ordering::SeqCst))(request));
    world.set(&api.url(), &[]);
    world.say(0..4);
    work_at(&world, FAST, |shift, woken| {
        settle(shift, woken);
        dimension.store(5, Ordering::SeqCst);
        world.say(4..5);
        wait_for(shift, woken, || !world.problems().is_empty());
        let mut store = world.store();
        let now = Timestamp(1_763_700_000_000);
        store
            .write(|tx| {
                for fault in tx.faults()? {
                    tx.clear_fault(&fault.kind)?;
                    meaning::forgotten(tx, &fault.kind, now)?;
                }
                Ok(())
            })
            .unwrap();
        wait_for(shift, woken, || world.stretch() == (10, 10));
        assert_eq!(world.problems(), []);
        wait_for(shift, woken, || world.models().len() == 1);
        assert_eq!((world.models()[0].dimension, world.models()[0].vectors), (5, 10));
    });
}

#[test]
fn from_the_folder_to_an_endpoint_and_back_the_old_vectors_serve_until_the_new_are_complete() {
    let (world, api) = (World::new(), answering(8));
    world.install();
    world.say(0..40);
    work(&world, |shift, woken| {
        settle(shift, woken);
        world.set(&api.url(), &[]);
        until(shift, woken, |heard| heard.vectors >= 33);
        let vectors = || world.models().iter().map(|model| model.vectors).collect::<Vec<_>>();
        assert_eq!(vectors(), [80, 16]);
        let sources = shift.asker().sources(&world.home);
        let serves = || meaning::serves(&world.store(), &sources).unwrap().unwrap();
        assert_eq!(serves().fingerprint, PUBLISHED);
        assert_eq!(sources.chosen, Some(world.models()[1].fingerprint.clone()));
        let standing = world.standing();
        assert_eq!((standing.stretch.embedded, standing.replaces), (16, true));
        shift.nudged();
    });
    // and through a restart
    work(&world, |shift, woken| {
        settle(shift, woken);
        assert_eq!(world.models().len(), 1, "the old one's are gone");
        let sources = shift.asker().sources(&world.home);
        let serves = meaning::serves(&world.store(), &sources).unwrap().unwrap();
        assert!(serves.fingerprint.starts_with("endpoint:") && serves.vectors == 80);
        // and back
        world.unset();
        settle(shift, woken);
        let model = world.models().remove(0);
        assert_eq!((model.fingerprint.as_str(), model.vectors, world.models().len()), (PUBLISHED, 80, 1));
        assert!(!world.standing().replaces);
    });
}

#[test]
fn an_answer_to_what_is_no_longer_wanted_is_dropped_and_counts_as_perhaps_paid() {
    let (world, api) = (World::new(), answering(8));
    let gate = Gate::new();
    world.set(&api.url(), &[("EMBEDDING_PRICE", "1")]);
    world.say(0..4);
    work(&world, |shift, woken| {
        api.next(Reply::Held(gate.clone(), Box::new(Reply::Garbage)));
        assert!(shift.work().at_once || shift.work().busy);
        api.wait_for("the probe", |_| true);
        world.unset();
        let heard = settle(shift, woken);
        assert_eq!(heard, Heard::default());
        gate.open();
    });
    let costs = world.costs();
    assert_eq!((costs[0].requests, costs[0].failed), (1, 1));
    assert!(costs[0].estimated > 0 && world.models().is_empty());
}

#[test]
fn a_daemon_that_leaves_cuts_its_request_at_once_and_puts_it_down_as_perhaps_paid() {
    let (world, api) = (World::new(), answering(8));
    let gate = Gate::new();
    world.set(&api.url(), &[("EMBEDDING_PRICE", "1")]);
    world.say(0..4);
    api.next(Reply::Held(gate.clone(), Box::new(Reply::Garbage)));
    let began = work_and_leave(&world, |shift, _woken| {
        while !shift.work().busy {}
        api.wait_for("the probe", |_| true);
        assert_eq!(world.store().open_requests().unwrap().len(), 1);
        Instant::now()
    });
    assert!(began.elapsed() < Duration::from_secs(10));
    gate.open();
    assert_eq!(world.store().open_requests().unwrap(), [], "nothing is left open");
    assert!(world.costs()[0].estimated > 0);
}
