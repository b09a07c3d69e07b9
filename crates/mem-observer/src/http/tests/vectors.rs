//! A service that makes vectors, and every way in which one misbehaves.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use mem_core::fault::{Fault, FaultKind};
use mem_core::settings::{EmbeddingSettings, Settings};
use mem_testkit::model_api::embeddings;
use mem_testkit::{Block, Gate, ModelApi, Reply};
use serde_json::{Value, json};

use super::super::keys::{KeySource, Keys};
use super::super::vectors::{Embedded, Embeddings, vector_place};
use super::scene::{KEY, environment};

const LONG: Duration = Duration::from_secs(60);

fn settings(given: &[(&str, &str)]) -> EmbeddingSettings {
    let lookup = |name: &str| {
        given.iter().find(|(known, _)| name.ends_with(known)).map(|(_, value)| (*value).to_owned())
    };
    Settings::read(&mut { lookup }).0.embedding
}

fn opened(url: &str, patience: Duration) -> Embeddings {
    let settings = settings(&[
        ("EMBEDDING_BASE_URL", &format!("{url}/v1")),
        ("EMBEDDING_MODEL", "m"),
        ("EMBEDDING_API_KEY", KEY),
    ]);
    let keys = environment(&[]);
    let place = vector_place(&settings, &keys).unwrap().unwrap();
    Embeddings::open(&place, &keys, patience).unwrap()
}

fn ask(api: &ModelApi, texts: &[&str]) -> Result<Embedded, Fault> {
    opened(&api.url(), LONG).embed(texts)
}

#[test]
fn vectors_come_in_the_order_of_the_texts_and_of_length_one() {
    let api = ModelApi::start();
    api.on_request(embeddings(8));
    let answer = ask(&api, &["a b", "c", "a b"]).unwrap();
    assert_eq!(answer.vectors.len(), 3);
    assert_eq!(answer.vectors[0], answer.vectors[2]);
    assert_ne!(answer.vectors[0], answer.vectors[1]);
    for vector in &answer.vectors {
        let square: f32 = vector.iter().map(|number| number * number).sum();
        assert!((square - 1.0).abs() < 1e-5 && vector.len() == 8, "{square}");
    }
    assert_eq!((answer.tokens, answer.cost), (Some(3), None));
    let request = api.requests().remove(0);
    assert_eq!(request.body, json!({ "model": "m", "input": ["a b", "c", "a b"] }));
    assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
}

fn answer_with(data: Value) -> Reply {
    Reply::Raw { code: 200, body: json!({ "data": data }) }
}

fn one(numbers: Value) -> Value {
    json!({ "embedding": numbers })
}

#[test]
fn answers_that_number_nothing_and_tell_no_usage_are_read_too() {
    let api = ModelApi::start();
    api.next(answer_with(json!([one(json!([3, 4])), one(json!([0, 0]))])));
    let answer = ask(&api, &["a", "b"]).unwrap();
    assert_eq!(answer.vectors, [[0.6, 0.8], [0.0, 0.0]]);
    assert_eq!(answer.tokens, None);
}

#[test]
fn nonsense_is_named_and_was_perhaps_paid() {
    let good = || one(json!([1.0, 2.0]));
    let numbered = |index: Value| json!({ "embedding": [1.0], "index": index });
    let rows = [
        (Reply::Garbage, "answered with text/html that is no answer"),
        (Reply::Raw { code: 200, body: json!({ "choices": [] }) }, "JSON without any vectors"),
        (answer_with(json!([])), "0 vectors where 2 were asked for"),
        (answer_with(json!([good()])), "1 vector where 2 were asked for"),
        (answer_with(json!([good(), good(), good()])), "3 vectors where 2"),
        (answer_with(json!([good(), one(json!([1.0]))])), "vectors of 2 and of 1 numbers at once"),
        (answer_with(json!([good(), one(json!([1.0, null]))])), "a vector that is none"),
        (answer_with(json!([good(), one(json!([1.0, "NaN"]))])), "a vector that is none"),
        (answer_with(json!([good(), one(json!([1.0, 1e39]))])), "a vector that is none"),
        (answer_with(json!([good(), one(json!([]))])), "a vector that is none"),
        (answer_with(json!([good(), one(json!("AAAA"))])), "a vector that is none"),
        (answer_with(json!([numbered(json!(1)), numbered(json!(1))])), "not those of what was asked"),
        (answer_with(json!([numbered(json!(0)), numbered(json!(2))])), "not those of what was asked"),
        (answer_with(json!([numbered(json!(0)), numbered(json!(-1))])), "not those of what was asked"),
    ];
    let api = ModelApi::start();
    for (reply, says) in rows {
        api.next(reply);
        let fault = ask(&api, &["a", "b"]).expect_err(says);
        assert_eq!((fault.kind, fault.paid), (FaultKind::Misbehaved, true), "{says}: {fault}");
        assert!(fault.said.contains(says) && !fault.said.contains(KEY), "{fault}");
    }
}

#[test]
fn refusals_are_told_apart_and_nothing_is_asked_twice() {
    let api = ModelApi::start();
    let status = |code, kind: &str, retry_after| Reply::Status {
        code,
        kind: kind.to_owned(),
        message: format!("no, {KEY}"),
        retry_after,
    };
    let rows = [
        (status(401, "invalid_api_key", None), FaultKind::Auth, false, false),
        (status(404, "not_found_error", None), FaultKind::Refused, false, false),
        (status(413, "too_large", None), FaultKind::Overflow, false, false),
        (status(429, "rate_limit_error", Some(30)), FaultKind::Rate, false, true),
        (status(429, "insufficient_quota", None), FaultKind::Quota, false, false),
        (status(503, "overloaded", None), FaultKind::Transport, false, false),
        (Reply::Drop, FaultKind::Transport, true, false),
        (Reply::DropMidStream, FaultKind::Transport, true, false),
    ];
    let all = rows.len();
    for (reply, kind, paid, until) in rows {
        api.next(reply);
        let fault = ask(&api, &["a"]).expect_err("it is refused");
        assert_eq!((fault.kind, fault.paid, fault.retry_at.is_some()), (kind, paid, until), "{fault}");
        assert!(!fault.said.contains(KEY), "{fault}");
    }
    assert_eq!(api.requests().len(), all);
}

/// Answers the first connection with what `write` writes, until that fails.
fn raw(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let url = format!("http://{}", listener.local_addr().expect("it has an address"));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody asks");
        let mut request = [0; 4096];
        let _all_of_it = stream.read(&mut request);
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
        let _the_client_has_enough = stream.write_all(head).and_then(|()| write(&mut stream));
    });
    url
}

#[test]
fn fifty_megabytes_are_not_read_to_their_end() {
    let url = raw(|out| {
        out.write_all(b"{\"data\":[{\"embedding\":[0")?;
        (0..50).try_for_each(|_| out.write_all(&b",0".repeat(1 << 19)))
    });
    let fault = opened(&url, LONG).embed(&["a"]).expect_err("it is too much");
    assert_eq!((fault.kind, fault.paid), (FaultKind::Misbehaved, true));
    assert!(fault.said.contains("more than 16 MB"), "{fault}");
}

#[test]
fn an_answer_that_never_ends_is_ended() {
    // a number every few milliseconds, for ever
    let (_kept, until) = std::sync::mpsc::channel::<()>();
    let url = raw(move |out| {
        out.write_all(b"{\"data\":[{\"embedding\":[0")?;
        while until.recv_timeout(Duration::from_millis(5)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            out.write_all(b",0")?;
        }
        Ok(())
    });
    let began = Instant::now();
    let fault = opened(&url, Duration::from_millis(300)).embed(&["a"]).expect_err("it is too long");
    assert_eq!((fault.kind, fault.paid), (FaultKind::Transport, true), "{fault}");
    assert!(fault.said.contains("did not answer within"), "{fault}");
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_request_that_is_out_is_cut_at_once() {
    let api = ModelApi::start();
    let gate = Gate::new();
    api.next(Reply::Stalled(gate.clone(), vec![Block::Text("half".to_owned())]));
    let opened = opened(&api.url(), LONG);
    let rope = opened.rope();
    let asking = std::thread::spawn(move || opened.embed(&["a"]));
    api.wait_for("the request", |_| true);
    let began = Instant::now();
    rope.cut();
    let fault = asking.join().unwrap().expect_err("it was cut");
    assert_eq!((fault.kind, fault.paid), (FaultKind::Ended, true), "{fault}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    gate.open();
}

#[test]
fn where_it_is_and_with_which_key() {
    let place = |given: &[(&str, &str)], keys: &Keys| vector_place(&settings(given), keys);
    let none = environment(&[]);
    assert_eq!(place(&[("EMBEDDING_MODEL", "m")], &none), Ok(None));
    let said = |given: &[(&str, &str)]| place(given, &none).expect_err("it cannot be used").said;
    let model = ("EMBEDDING_MODEL", "m");
    let rows: [(&[(&str, &str)], &str); 5] = [
        (
            &[("EMBEDDING_BASE_URL", "http://127.0.0.1:1")],
            "needs the name of a model: set CLAUDE_MEM_EMBEDDING_MODEL",
        ),
        (&[("EMBEDDING_BASE_URL", "nonsense"), model], "CLAUDE_MEM_EMBEDDING_BASE_URL is no address"),
        (
            &[("EMBEDDING_BASE_URL", "http://far.example/v1"), model],
            "is not encrypted and leads out of this network",
        ),
        (&[("EMBEDDING_BASE_URL", "https://k@far.example/v1"), model], "holds more than an address"),
        (
            &[("EMBEDDING_BASE_URL", "https://far.example"), model, ("EMBEDDING_API_KEY", "sk\u{e9}")],
            "the key from the settings has characters that no key has",
        ),
    ];
    for (given, says) in rows {
        assert!(said(given).contains(says), "{}", said(given));
    }
    let keys = environment(&[("OPENAI_API_KEY", "sk-openai")]);
    for (url, address, local, from) in [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1", true, None),
        ("http://[::1]:1234/api/embeddings", "http://[::1]:1234/api", true, None),
        ("https://far.example/v1/", "https://far.example/v1", false, None),
        ("https://api.openai.com/v1", "https://api.openai.com/v1", false, Some("OPENAI_API_KEY")),
    ] {
        let found = place(&[("EMBEDDING_BASE_URL", url), model], &keys).unwrap().unwrap();
        assert_eq!((found.address.as_str(), found.local), (address, local));
        assert_eq!(
            found.key_from,
            from.map(KeySource::Environment),
            "a maker's key goes to that maker: {url}"
        );
    }
}

#[test]
fn a_file_of_keys_that_others_may_read_matters_only_where_a_key_is_needed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(".env");
    std::fs::write(&file, format!("CLAUDE_MEM_EMBEDDING_API_KEY={KEY}\n")).expect("it is written");
    let of = |url: &str| {
        let keys = Keys::read(&[], folder.path());
        vector_place(&settings(&[("EMBEDDING_BASE_URL", url), ("EMBEDDING_MODEL", "m")]), &keys)
    };
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    assert!(of("https://far.example").expect_err("others may read it").said.contains("chmod 600"));
    assert_eq!(of("http://127.0.0.1:1").map(|place| place.and_then(|place| place.key_from)), Ok(None));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    let found = of("https://far.example").unwrap().unwrap();
    assert_eq!(found.key_from, Some(KeySource::File("CLAUDE_MEM_EMBEDDING_API_KEY")));
}
