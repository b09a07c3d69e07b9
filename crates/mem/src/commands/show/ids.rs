//! The ids that people type: `#123`, `123`, `S7`, `T4`, `E5`, `C6`, or a session's.

use mem_core::id::{CommitId, EventId, ObservationId, SummaryId, TurnId};

/// Fewest characters by which a session can be named.
const SHORTEST: usize = 4;

/// What an id names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Id {
    /// `#123` or `123`.
    Observation(ObservationId),
    /// `44444444`: an observation, else the beginning of a session's id.
    Either(ObservationId, String),
    /// `S7`.
    Summary(SummaryId),
    /// `T4`.
    Turn(TurnId),
    /// `E5`.
    Event(EventId),
    /// `C6`.
    Commit(CommitId),
    /// A session's id or its beginning, or an id from another store's point of view (UUID).
    Foreign(String),
}

impl Id {
    /// The id of that text; `None` when it cannot be one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let row = |digits: &str| -> Option<i64> {
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        if let Some(id) = row(text.strip_prefix('#').unwrap_or(text)) {
            let id = ObservationId(id);
            let may_be_both = text.len() >= SHORTEST && !text.starts_with('#');
            return Some(if may_be_both { Self::Either(id, text.to_owned()) } else { Self::Observation(id) });
        }
        let kind = text.chars().next()?.to_ascii_uppercase();
        if let Some(id) = text.get(1..).and_then(row) {
            match kind {
                'S' => return Some(Self::Summary(SummaryId(id))),
                'T' => return Some(Self::Turn(TurnId(id))),
                'E' => return Some(Self::Event(EventId(id))),
                'C' => return Some(Self::Commit(CommitId(id))),
                _ => {}
            }
        }
        (text.chars().count() >= SHORTEST && !text.starts_with('#')).then(|| Self::Foreign(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        let table: [(&str, Option<Id>); 17] = [
            ("44444444", Some(Id::Either(ObservationId(44_444_444), "44444444".into()))),
            ("#44444444", Some(Id::Observation(ObservationId(44_444_444)))),
            ("#123", Some(Id::Observation(ObservationId(123)))),
            ("123", Some(Id::Observation(ObservationId(123)))),
            (" 7 ", Some(Id::Observation(ObservationId(7)))),
            ("S7", Some(Id::Summary(SummaryId(7)))),
            ("s7", Some(Id::Summary(SummaryId(7)))),
            ("T4", Some(Id::Turn(TurnId(4)))),
            ("E5", Some(Id::Event(EventId(5)))),
            ("C6", Some(Id::Commit(CommitId(6)))),
            ("c6", Some(Id::Commit(CommitId(6)))),
            ("383770b4", Some(Id::Foreign("383770b4".into()))),
            ("", None),
            ("#", None),
            ("#x12345", None),
            ("S", None),
            ("99999999999999999999999", Some(Id::Foreign("99999999999999999999999".into()))),
        ];
        for (text, id) in table {
            assert_eq!(Id::parse(text), id, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_typed_panics(text in "\\PC{0,12}") {
            let _any = Id::parse(&text);
        }
    }
}
