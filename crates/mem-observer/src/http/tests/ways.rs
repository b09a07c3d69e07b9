//! The way there: proxies, certificates, patience, and being cut off.

use std::time::Duration;

use mem_core::fault::FaultKind;
use mem_testkit::{Gate, ModelApi, Proxy, Reply};

use super::super::client::Patience;
use super::super::endpoint::Dialect;
use super::super::model::{open, open_with};
use super::scene::{DIALECTS, ask, environment, model, pointed, question};
use crate::model::Model;

fn address(api: &ModelApi) -> String {
    api.url().trim_start_matches("http://").to_owned()
}

#[test]
fn a_proxy_is_used_where_one_is_named() {
    let api = ModelApi::start();
    let proxy = Proxy::start(&address(&api));
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        api.next(Reply::text("yes"));
        let keys = environment(&[(name, &proxy.url().replace("http://", "http://me:secret@"))]);
        let answer = ask(&pointed(Dialect::OpenAi, "http://models.internal:8000"), &keys);
        assert_eq!(answer.map(|answer| answer.text), Ok("yes".to_owned()), "{name}");
    }
    let heads = proxy.heads();
    assert_eq!(heads.len(), 4);
    assert!(heads[0].starts_with("CONNECT models.internal:8000 HTTP/1.1\r\n"), "{}", heads[0]);
    assert!(heads[0].contains("Proxy-Authorization: Basic bWU6c2VjcmV0"), "{}", heads[0]);
    assert!(!heads[0].to_lowercase().contains("\r\nauthorization"), "the key is not the proxy's");
}

#[test]
fn a_proxy_is_not_used_where_none_is_wanted() {
    let api = ModelApi::start();
    let proxy = Proxy::start(&address(&api));
    let keys = environment(&[("HTTP_PROXY", &proxy.url()), ("https_proxy", &proxy.url())]);
    api.next(Reply::text("yes"));
    assert!(ask(&pointed(Dialect::OpenAi, &api.url()), &keys).is_ok(), "this machine is reached directly");
    // a label of more than 63 letters is refused by the resolver itself
    let unknown = format!("http://{}.internal", "n".repeat(64));
    let spared = environment(&[("HTTP_PROXY", &proxy.url()), ("NO_PROXY", "other, .internal")]);
    let fault = ask(&pointed(Dialect::OpenAi, &unknown), &spared).expect_err("nobody has that name");
    assert_eq!(fault.kind, FaultKind::Transport);
    assert_eq!(proxy.heads(), [""; 0]);
}

#[test]
fn a_proxy_that_cannot_be_used_is_named_without_its_secret() {
    for (value, kind) in [
        ("socks5://me:secret@127.0.0.1:1", FaultKind::Setup),
        ("http://me:secret@", FaultKind::Setup),
        ("http://me:secret@127.0.0.1:1", FaultKind::Transport),
    ] {
        let keys = environment(&[("HTTPS_PROXY", value)]);
        let settings = pointed(Dialect::OpenAi, "https://models.example");
        let fault = open(&settings, &keys)
            .and_then(|(mut model, _)| model.ask(&question("hi"), &|| {}))
            .expect_err("no such proxy");
        assert_eq!((fault.kind, fault.paid), (kind, false), "{fault}");
        assert!(fault.said.contains("HTTPS_PROXY") && !fault.said.contains("secret"), "{fault}");
    }
}

#[test]
fn certificates_the_user_names_have_to_be_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").expect("it is written");
    let pipe = folder.path().join("pipe.pem");
    crate::regular::tests::pipe(&pipe);
    for variable in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
        for (path, why) in [
            ("/nonexistent/ca.pem", "cannot be read"),
            (empty.to_str().unwrap(), "holds no certificate"),
            (pipe.to_str().unwrap(), "cannot be read (no regular file)"),
            ("/dev/zero", "cannot be read (no regular file)"),
        ] {
            let keys = environment(&[(variable, path)]);
            let fault = open(&pointed(Dialect::Anthropic, "https://models.example"), &keys).expect_err(why);
            assert_eq!(fault.kind, FaultKind::Setup);
            assert!(fault.said.contains(variable) && fault.said.contains(why), "{fault}");
            let plain = open(&pointed(Dialect::Anthropic, "http://127.0.0.1:1"), &keys);
            assert!(plain.is_ok(), "nothing is encrypted there");
        }
    }
}

#[test]
fn silence_ends_and_may_have_cost_something() {
    for (dialect, ..) in DIALECTS {
        let api = ModelApi::start();
        let gate = Gate::new();
        for reply in [
            Reply::Held(gate.clone(), Box::new(Reply::text("late"))),
            Reply::Stalled(gate.clone(), vec![mem_testkit::Block::Text("half".to_owned())]),
        ] {
            api.next(reply);
            let patience = Patience { connect: Duration::from_secs(10), whole: Duration::from_millis(300) };
            let (mut model, _) =
                open_with(&pointed(dialect, &api.url()), &environment(&[]), patience).expect("it is set up");
            let fault = model.ask(&question("hi"), &|| {}).expect_err("it is silent");
            assert_eq!((fault.kind, fault.paid), (FaultKind::Transport, true), "{fault}");
            assert!(fault.said.contains("did not answer within"), "{fault}");
        }
        gate.open();
    }
}

#[test]
fn an_answer_is_whole_with_its_last_brace_whatever_follows() {
    use std::io::{BufRead, BufReader, Write};
    let body = r#"{"content":[{"type":"text","text":"{whole}"}]}"#;
    for (status, last, endless) in [
        ("200 OK", "0\r\n", "x-more: 1\r\n"),
        ("200 OK", "", "1\r\n \r\n"),
        ("529 Overloaded", "0\r\n", "x-more: 1\r\n"),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = format!("http://{}", listener.local_addr().expect("it has an address"));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody comes");
            let head = BufReader::new(&stream).lines().map_while(Result::ok).find(String::is_empty);
            assert!(head.is_some(), "a request has a head");
            let length = body.len();
            let start = format!(
                "HTTP/1.1 {status}\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n{last}"
            );
            let mut sent = stream.write_all(start.as_bytes());
            // it ends when the client has left
            while sent.is_ok() {
                sent = stream.write_all(endless.as_bytes());
            }
        });
        let answer = ask(&pointed(Dialect::Anthropic, &address), &environment(&[]));
        if status == "200 OK" {
            assert_eq!(answer.map(|answer| answer.text), Ok("{whole}".to_owned()), "{endless}");
        } else {
            assert_eq!(answer.map_err(|fault| fault.paid), Err(false));
        }
        server.join().expect("it saw the client leave");
    }
}

#[test]
fn a_request_is_cut_from_another_thread() {
    let api = ModelApi::start();
    let gate = Gate::new();
    api.next(Reply::Held(gate.clone(), Box::new(Reply::text("late"))));
    let (mut model, rope) = model(&pointed(Dialect::Anthropic, &api.url()), &environment(&[]));
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| model.ask(&question("hi"), &|| {}));
        api.wait_for("the request", |request| request.prompt() == "hi");
        rope.let_go();
        rope.cut();
        let fault = asking.join().expect("asking does not panic").expect_err("it was cut");
        assert_eq!((fault.kind, fault.paid), (FaultKind::Ended, true), "{fault}");
    });
    let fault = model.ask(&question("again"), &|| {}).expect_err("it stays cut");
    assert_eq!((fault.kind, fault.paid), (FaultKind::Ended, false), "{fault}");
    gate.open();
}
