//! Any bytes as a question to the daemon and as its answer: each is read or refused, and what was read comes back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mem_wire::exchange::{Question, Reply};

const PROGRAM: &str = "0.1.0";

fuzz_target!(|bytes: &[u8]| {
    // most inputs would fail at the version, so what follows it is tried by itself too
    for begin in ["", "search 1/0.1.0 ", "found 1/0.1.0 ", "refused 1/0.1.0 "] {
        let line = [begin.as_bytes(), bytes].concat();
        if let Ok(question) = Question::read(&line, PROGRAM) {
            let again = question.line(PROGRAM);
            assert!(again.ends_with('\n') && !again[..again.len() - 1].contains('\n'));
            assert_eq!(Question::read(again.as_bytes(), PROGRAM), Ok(question));
        }
        let reply = Reply::read(&line, PROGRAM);
        let again = reply.line(PROGRAM);
        assert!(again.ends_with('\n') && !again[..again.len() - 1].contains('\n'));
        if let Reply::Found(_) = &reply {
            assert_eq!(Reply::read(again.as_bytes(), PROGRAM), reply);
        }
    }
});
