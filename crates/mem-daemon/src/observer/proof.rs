//! What a request's events prove, as bytes beside the ledger row: after a crash the recorded answer is weighed with
//! what was sent, not with what the turn holds by then.
//!
//! A line each: `s 12` an event that was sent, `r 12 path` a file it read, `m 12 path` one it changed.

use mem_core::id::EventId;
use mem_logic::proof::Proof;

/// The bytes.
pub(super) fn encode(proof: &Proof) -> Vec<u8> {
    let mut text = String::new();
    for source in &proof.sources {
        text.push_str(&format!("s {}\n", source.0));
    }
    for (sign, files) in [('r', &proof.read), ('m', &proof.modified)] {
        // a path with a line break in it proves nothing to anybody
        for (path, event) in files.iter().filter(|(path, _)| !path.contains('\n')) {
            text.push_str(&format!("{sign} {} {path}\n", event.0));
        }
    }
    text.into_bytes()
}

/// What the bytes say; lines that say nothing are passed over.
pub(super) fn decode(bytes: &[u8]) -> Proof {
    let mut proof = Proof::default();
    for line in String::from_utf8_lossy(bytes).lines() {
        let mut words = line.splitn(3, ' ');
        let (Some(sign), Some(Ok(event))) = (words.next(), words.next().map(str::parse)) else { continue };
        let event = EventId(event);
        match (sign, words.next()) {
            ("s", None) => proof.sources.push(event),
            ("r", Some(path)) => proof.read.push((path.to_owned(), event)),
            ("m", Some(path)) => proof.modified.push((path.to_owned(), event)),
            _ => {}
        }
    }
    proof
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_read_as_it_was_written() {
        let proof = Proof {
            read: vec![("src/a b.rs".to_owned(), EventId(3))],
            modified: vec![("src/é.rs".to_owned(), EventId(4)), ("x".to_owned(), EventId(5))],
            sources: vec![EventId(3), EventId(4), EventId(5)],
        };
        assert_eq!(decode(&encode(&proof)), proof);
        assert_eq!(decode(b"z 1\ns x\nr 2\n\xff\n"), Proof::default());
    }
}
