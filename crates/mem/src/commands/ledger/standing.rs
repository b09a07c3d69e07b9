//! How the observer stands, for `status`: one line when a model is chosen, and what was set aside with its remedy.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use mem_core::model::MicroUsd;
use mem_core::settings::ObserverSettings;
use mem_core::time::Timestamp;
use mem_daemon::health::Problem;
use mem_logic::spend;
use mem_store::{BatchState, CostRow, Reader, StoreError};
use mem_wire::status::{Observer, SetAside};

use super::super::print::count;
use super::super::sessions::short;
use super::tokens;

/// Batches that were set aside and are listed one by one.
const LISTED: usize = 5;

/// What the store and the settings say; nothing when no model is chosen and none was ever asked.
pub(crate) fn look(store: Option<&Reader>, settings: &ObserverSettings, now: Timestamp) -> Option<Observer> {
    let mut observer =
        Observer { model: settings.model.as_ref().map(ToString::to_string), ..Observer::default() };
    let counts = store.and_then(|store| store.batch_counts().ok()).unwrap_or_default();
    if observer.model.is_none() && counts.is_empty() {
        return None;
    }
    // what cannot be read is told by the store's own problem
    let _told_elsewhere = store.map(|store| fill(&mut observer, store, &counts, now)).transpose();
    Some(observer)
}

fn fill(
    observer: &mut Observer,
    store: &Reader,
    counts: &BTreeMap<String, u64>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let of = |state: BatchState| counts.get(state.as_str()).copied().unwrap_or_default();
    observer.waiting = of(BatchState::Waiting);
    observer.busy = of(BatchState::Leased) + of(BatchState::Answered);
    observer.set_aside_in_all = of(BatchState::Parked);
    let today = spend::day_start(now, &TimeZone::system());
    // what other models took today is told by `cost`
    let rows = store.costs(today)?;
    let of_it = |row: &&CostRow| observer.model.as_ref().is_none_or(|model| *model == row.model);
    let (mut requests, mut tokens, mut money) = (0, 0, 0);
    for row in rows.iter().filter(of_it) {
        requests += row.requests;
        tokens += row.usage.all_input() + row.estimated;
        money += row.money.0;
    }
    (observer.requests_today, observer.tokens_today, observer.micro_usd_today) = (requests, tokens, money);
    for row in store.parked_batches(LISTED)? {
        let turn = store.turn(row.turn)?;
        observer.set_aside.push(SetAside {
            turn: format!("T{}", row.turn.0),
            session: turn.map(|turn| turn.agent_session.0).unwrap_or_default(),
            why: row.reason.unwrap_or_default(),
        });
    }
    Ok(())
}

/// The one line: `claude/haiku: 12 requests, 31k tokens, $0.04 today; 2 waiting, 1 set aside.` `works` says that there is
/// a worker, without which nobody is being asked.
pub(crate) fn line(observer: &Observer, works: bool) -> Option<String> {
    let queue: Vec<String> = [
        (
            observer.busy,
            if works { "being asked about" } else { "begun, which the next worker goes on with" },
        ),
        (observer.waiting, "waiting"),
        (observer.set_aside_in_all, "set aside"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    let spent = match observer.requests_today {
        0 => "not asked today".to_owned(),
        requests => format!(
            "{}, {} tokens, {} today",
            count(requests, "request", "requests"),
            tokens(observer.tokens_today),
            MicroUsd(observer.micro_usd_today)
        ),
    };
    let queue = if queue.is_empty() { String::new() } else { format!("; {}", queue.join(", ")) };
    match &observer.model {
        Some(model) => Some(format!("{model}: {spent}{queue}.")),
        // a model that is not chosen any more is only told of while something is left of it
        None if observer.requests_today > 0 => {
            Some(format!("No model is chosen; {spent} of all models{queue}."))
        }
        None if !queue.is_empty() => Some(format!("No model is chosen{queue}.")),
        None => None,
    }
}

/// What was set aside, as a problem with its remedy.
pub(crate) fn problem(observer: &Observer) -> Option<Problem> {
    let first = observer.set_aside.first()?;
    let turns: Vec<&str> = observer.set_aside.iter().map(|aside| aside.turn.as_str()).collect();
    let more = observer.set_aside_in_all.saturating_sub(turns.len() as u64);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let which = match &observer.set_aside[..] {
        [one] => format!("{} of session {}", one.turn, short(&one.session)),
        _ => format!("{}{more}", turns.join(", ")),
    };
    Some(Problem::new(
        format!(
            "a model could not make memories of {which} ({}), so those of our own rules stand",
            first.why
        ),
        "`claude-mem redistill` tries again what was set aside; `claude-mem status --clear` leaves it so",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observer() -> Observer {
        Observer {
            model: Some("claude/haiku".into()),
            requests_today: 12,
            tokens_today: 31_400,
            micro_usd_today: 40_900,
            waiting: 2,
            busy: 0,
            set_aside: vec![SetAside {
                turn: "T4".into(),
                session: "383770b4-367f".into(),
                why: "refused: unknown model".into(),
            }],
            set_aside_in_all: 1,
        }
    }

    #[test]
    fn one_line_says_it_all() {
        let idle = Observer { model: Some("gemini/x".into()), ..Observer::default() };
        let left = Observer { model: None, waiting: 3, ..Observer::default() };
        let busy = Observer { busy: 1, set_aside_in_all: 0, ..observer() };
        let told: Vec<String> =
            [observer(), busy, idle, left].iter().filter_map(|observer| line(observer, true)).collect();
        insta::assert_snapshot!(told.join("\n"), @"
        claude/haiku: 12 requests, 31k tokens, $0.0409 today; 2 waiting, 1 set aside.
        claude/haiku: 12 requests, 31k tokens, $0.0409 today; 1 being asked about, 2 waiting.
        gemini/x: not asked today.
        No model is chosen; 3 waiting.
        ");
        assert_eq!(line(&Observer::default(), true), None);
        let left = Observer { model: None, busy: 2, ..Observer::default() };
        let said = "No model is chosen; 2 begun, which the next worker goes on with.";
        assert_eq!(line(&left, false).as_deref(), Some(said));
    }

    #[test]
    fn what_was_set_aside_comes_with_its_remedy() {
        let mut several = observer();
        several.set_aside.push(SetAside { turn: "T9".into(), ..several.set_aside[0].clone() });
        several.set_aside_in_all = 7;
        let told = [observer(), several].map(|observer| problem(&observer).unwrap().line());
        insta::assert_snapshot!(told.join("\n"), @"
        claude-mem: a model could not make memories of T4 of session 383770b4 (refused: unknown model), so those of our own rules stand. `claude-mem redistill` tries again what was set aside; `claude-mem status --clear` leaves it so.
        claude-mem: a model could not make memories of T4, T9 and 5 more (refused: unknown model), so those of our own rules stand. `claude-mem redistill` tries again what was set aside; `claude-mem status --clear` leaves it so.
        ");
        assert_eq!(problem(&Observer::default()), None);
    }
}
