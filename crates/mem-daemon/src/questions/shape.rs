//! A question and an answer in the shapes in which they are sent, and back.
//!
//! Nothing is dropped on the way: what cannot be said is a refusal, since a question without one of its conditions would be
//! another question.

use jiff::fmt::temporal::{DateTimeParser, DateTimePrinter};
use jiff::tz::TimeZone;
use mem_core::event::Agent;
use mem_core::id::{ProjectId, SessionRow};
use mem_core::recall::{DocKind, Filter};
use mem_core::time::Timestamp;
use mem_store::Reader;
use mem_wire::exchange::{self, Conditions, Question};
use mem_wire::search::{self, Coverage, Gloss, Meaning, Window};

use crate::recall::{Answer, Ask, How, Order, Reason};

/// The zone of a machine that does not say which it has.
const UNKNOWN: &str = "Etc/Unknown";

/// The name of a store, the same in every process; none where the system does not tell files apart.
pub(super) fn store_of(store: &Reader) -> Option<String> {
    store.which().map(|which| which.to_string())
}

/// The question to `store` as it is sent; none where it cannot be said.
pub(super) fn question(ask: &Ask, store: String) -> Option<Question> {
    let rows = |sessions: &[SessionRow]| sessions.iter().map(|row| row.0).collect();
    let filter = &ask.filter;
    let conditions = Conditions {
        projects: filter.projects.iter().map(|id| id.0).collect(),
        sessions: rows(&filter.sessions),
        not_sessions: rows(&filter.not_sessions),
        agents: filter.agents.iter().map(|agent| agent.as_str().to_owned()).collect(),
        worktrees: filter.worktrees.clone(),
        branches: filter.branches.clone(),
        kinds: filter.kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
        types: filter.types.clone(),
        concepts: filter.concepts.clone(),
        files: filter.files.clone(),
        folders: filter.folders.clone(),
        from: filter.from.map(|at| at.0),
        until: filter.until.map(|at| at.0),
    };
    Some(Question {
        store,
        text: ask.text.clone(),
        conditions,
        here: ask.here.map(|id| id.0),
        files: ask.files.clone(),
        as_of: ask.as_of.map(|at| at.0),
        order: match ask.order {
            Order::Best => exchange::Order::Best,
            Order::Newest => exchange::Order::Newest,
            Order::Oldest => exchange::Order::Oldest,
        },
        limit: ask.limit,
        offset: ask.offset,
        per_session: ask.per_session,
        explain: ask.explain,
        now: ask.now.0,
        zone: zone_said(&ask.zone).ok()?,
    })
}

/// What a question asks.
///
/// # Errors
/// What of it means nothing here, in words.
pub(super) fn ask(question: &Question) -> Result<Ask, String> {
    let asked = question.conditions.clone();
    let rows = |rows: Vec<i64>| rows.into_iter().map(SessionRow).collect();
    let agent = |name: &String| Agent::parse(name).ok_or_else(|| format!("no agent is called {name:?}"));
    // not `parse`, which takes what people type
    let kind = |name: &String| {
        let known = DocKind::ALL.into_iter().find(|kind| kind.as_str() == name);
        known.ok_or_else(|| format!("no kind is called {name:?}"))
    };
    let filter = Filter {
        projects: asked.projects.into_iter().map(ProjectId).collect(),
        sessions: rows(asked.sessions),
        not_sessions: rows(asked.not_sessions),
        agents: asked.agents.iter().map(agent).collect::<Result<_, _>>()?,
        worktrees: asked.worktrees,
        branches: asked.branches,
        kinds: asked.kinds.iter().map(kind).collect::<Result<_, _>>()?,
        types: asked.types,
        concepts: asked.concepts,
        files: asked.files,
        folders: asked.folders,
        from: asked.from.map(Timestamp),
        until: asked.until.map(Timestamp),
    };
    Ok(Ask {
        text: question.text.clone(),
        filter,
        here: question.here.map(ProjectId),
        files: question.files.clone(),
        as_of: question.as_of.map(Timestamp),
        order: match question.order {
            exchange::Order::Best => Order::Best,
            exchange::Order::Newest => Order::Newest,
            exchange::Order::Oldest => Order::Oldest,
        },
        limit: question.limit,
        offset: question.offset,
        per_session: question.per_session,
        explain: question.explain,
        now: Timestamp(question.now),
        zone: zone_meant(question.zone.as_deref())?,
    })
}

/// An answer as it is sent.
pub(super) fn answer(answer: Answer) -> exchange::Answer {
    let Answer { hits, total, held_back, coverage, how } = answer;
    let hits = hits
        .into_iter()
        .map(|hit| exchange::Hit {
            id: hit.id,
            also: hit.also,
            of_type: hit.of_type,
            title: hit.title,
            snippet: hit.snippet,
            at: hit.at.0,
            project: hit.project.0,
            session: hit.session.0,
            branch: hit.branch,
            file: hit.file,
            tokens: hit.tokens,
            score: hit.score,
            reasons: hit.reasons.into_iter().map(reason).collect(),
        })
        .collect();
    let coverage = Coverage {
        passages: coverage.passages,
        waiting: coverage.waiting,
        rebuilding: coverage.rebuilding,
        meaning: coverage.meaning.map(|passages| Meaning { passages }),
    };
    exchange::Answer { how: described(how), coverage, total, held_back, hits }
}

fn reason(reason: Reason) -> search::Reason {
    let Reason { of, rank, adds, with } = reason;
    search::Reason { of: of.to_owned(), rank, adds, with }
}

fn described(how: How) -> search::How {
    let How {
        legs,
        words,
        left_out,
        corrected,
        gloss,
        unknown,
        elsewhere,
        too_short,
        operators,
        window,
        in_window,
        bounded,
        unsure,
        unread,
    } = how;
    search::How {
        legs: legs.into_iter().map(ToOwned::to_owned).collect(),
        words,
        left_out,
        corrected,
        gloss: gloss.map(|(language, english)| Gloss { language: language.to_owned(), english }),
        unknown,
        elsewhere,
        too_short,
        operators,
        window: window.map(|(said, from, until)| Window {
            said,
            from: from.0,
            until: until.0,
            found: in_window,
        }),
        bounded,
        unsure,
        unread,
    }
}

/// A zone as it is sent: in words, or nothing for the one of this machine, when that has no name.
fn zone_said(zone: &TimeZone) -> Result<Option<String>, jiff::Error> {
    match DateTimePrinter::new().time_zone_to_string(zone) {
        Err(_has_no_name) if *zone == TimeZone::system() => Ok(None),
        said => said.map(Some),
    }
}

fn zone_meant(said: Option<&str>) -> Result<TimeZone, String> {
    let Some(said) = said else {
        let zone = TimeZone::system();
        // one with a name is not the nameless one that is meant
        return match DateTimePrinter::new().time_zone_to_string(&zone) {
            Ok(name) => Err(format!("the zone here is {name}")),
            Err(_has_no_name) => Ok(zone),
        };
    };
    // what the printer says of a zone that nobody knows, and the parser does not
    if said == UNKNOWN {
        return Ok(TimeZone::unknown());
    }
    DateTimeParser::new().parse_time_zone(said).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back(ask: &Ask) -> Ask {
        let line = question(ask, "store".to_owned()).unwrap().line("0.1.0");
        let back = Question::read(line.trim_end().as_bytes(), "0.1.0").unwrap();
        assert_eq!(back.store, "store");
        super::ask(&back).unwrap()
    }

    #[test]
    fn every_zone_comes_back() {
        let posix = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        let named = TimeZone::get("Europe/Zurich").unwrap();
        let offset = TimeZone::fixed(jiff::tz::offset(-7));
        for zone in [TimeZone::UTC, TimeZone::unknown(), TimeZone::system(), posix, named, offset] {
            let ask = Ask { zone, ..Ask::now(Timestamp(7)) };
            assert_eq!(there_and_back(&ask).zone, ask.zone);
        }
    }

    #[test]
    fn a_nameless_zone_is_no_zone_with_a_name() {
        let has_a_name = zone_said(&TimeZone::system()).unwrap().is_some();
        assert_eq!(zone_meant(None).is_err(), has_a_name);
        assert!(zone_meant(Some("Atlantis")).is_err());
    }

    #[test]
    fn a_condition_that_is_not_known_here_is_a_refusal() {
        let mut asked = question(&Ask::now(Timestamp(7)), String::new()).unwrap();
        asked.conditions.kinds = vec!["prompts".to_owned()];
        assert_eq!(super::ask(&asked).unwrap_err(), "no kind is called \"prompts\"");
        asked.conditions = Conditions { agents: vec!["hal".to_owned()], ..Conditions::default() };
        assert_eq!(super::ask(&asked).unwrap_err(), "no agent is called \"hal\"");
    }

    proptest! {
        #[test]
        fn nothing_of_a_question_is_lost(
            (projects, sessions, not) in any::<(Vec<i64>, Vec<i64>, Vec<i64>)>(),
            (worktrees, branches, types, concepts) in any::<(Vec<String>, Vec<String>, Vec<String>, Vec<String>)>(),
            (files, folders, near, text) in any::<(Vec<String>, Vec<String>, Vec<String>, String)>(),
            (from, until, as_of, here, now) in any::<(Option<i64>, Option<i64>, Option<i64>, Option<i64>, i64)>(),
            (limit, offset, per_session, explain, agents, kinds) in any::<(usize, usize, usize, bool, bool, u8)>(),
            order in prop_oneof![Just(Order::Best), Just(Order::Newest), Just(Order::Oldest)],
        ) {
            let rows = |rows: Vec<i64>| rows.into_iter().map(SessionRow).collect();
            let filter = Filter {
                projects: projects.into_iter().map(ProjectId).collect(),
                sessions: rows(sessions),
                not_sessions: rows(not),
                agents: if agents { vec![Agent::ClaudeCode] } else { Vec::new() },
                worktrees,
                branches,
                kinds: DocKind::ALL.into_iter().filter(|kind| kinds >> (*kind as u8) & 1 == 1).collect(),
                types,
                concepts,
                files,
                folders,
                from: from.map(Timestamp),
                until: until.map(Timestamp),
            };
            let ask = Ask {
                text, filter, here: here.map(ProjectId), files: near, as_of: as_of.map(Timestamp), order, limit, offset,
                per_session, explain, now: Timestamp(now), zone: TimeZone::UTC,
            };
            // a question has no equality of its own; all of it stands in its form for people
            prop_assert_eq!(format!("{:?}", there_and_back(&ask)), format!("{ask:?}"));
        }
    }
}
