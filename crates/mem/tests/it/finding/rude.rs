//! Clients of the daemon that do not behave: each asks once, in a way of its own.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use mem_wire::exchange::{LONGEST_QUESTION, Question, Reply, SEARCH};

const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// One that does not behave, of as many kinds as there are. What comes back, if anything, is a refusal.
pub(super) fn behave(kind: usize, connect: &dyn Fn() -> UnixStream) {
    let question = Question { store: "0-0-0".into(), text: "wombat".into(), limit: 5, ..Question::default() };
    let line = question.line(PROGRAM);
    let said: Vec<u8> = match kind {
        // invalid UTF-8, as a word and within a question
        0 => b"\xff\xfe\x00\n".to_vec(),
        1 => [line.trim_end().as_bytes(), b"\xff\xff\n"].concat(),
        // nothing but the word, and what is no JSON
        2 => b"search \n".to_vec(),
        3 => format!("{SEARCH}1/{PROGRAM} {}\n", "[{".repeat(60_000)).into_bytes(),
        // too long, with an end and without
        4 => format!("{SEARCH}{}\n", "x".repeat(LONGEST_QUESTION)).into_bytes(),
        5 => format!("{SEARCH}{}", "x".repeat(8 * LONGEST_QUESTION)).into_bytes(),
        // another version, and another store
        6 => question.line("0.0.0").into_bytes(),
        _ => line.into_bytes(),
    };
    let mut stream = connect();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _cut_off_where_it_is_too_long = stream.write_all(&said);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        // what was not read when the daemon hung up
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("kind {kind}: {error}"),
    }
    let expected = kind == 0 && answer == b"what?\n";
    assert!(
        expected || answer.is_empty() || matches!(Reply::read(&answer, PROGRAM), Reply::Refused(_)),
        "kind {kind}: {}",
        String::from_utf8_lossy(&answer)
    );
}

/// Many that stop halfway, say nothing, ask without reading what comes, or are gone before it does.
pub(super) fn crowd(connect: &dyn Fn() -> UnixStream, store: &str) -> Vec<UnixStream> {
    let zone = Some("UTC".to_owned());
    let line = Question {
        store: store.into(),
        text: "animal".into(),
        limit: 1000,
        explain: true,
        zone,
        ..Question::default()
    };
    let line = line.line(PROGRAM);
    let mut kept = Vec::new();
    for number in 0..100 {
        let mut stream = connect();
        let part = match number % 4 {
            0 => "",
            1 => &line[..line.len() / 2],
            2 => &line[..],
            _ => {
                stream.write_all(line.as_bytes()).unwrap();
                continue;
            }
        };
        stream.write_all(part.as_bytes()).unwrap();
        kept.push(stream);
    }
    kept
}
