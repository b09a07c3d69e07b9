//! The document of `observer`: settings, keys, the ledger.

use jiff::tz::TimeZone;
use mem_core::model::MicroUsd;
use mem_core::time::Timestamp;
use mem_logic::layers::{Layers, Source};
use mem_logic::spend::{day_start, month_start};
use mem_store::{Reader, StoreError};
use mem_wire::config::Origin;
use mem_wire::observer::{Observer, Spending, Turn, VERSION};
use serde_json::Value;

use super::candidate::OBSERVERS;
use super::{Around, Candidate, OBSERVER};
use crate::commands::desk::Desk;
use crate::failure::Failure;

/// What a turn takes until we know better: the largest part that is sent at once, and a reply of three observations
/// and a summary.
const USUAL: Turn = Turn { input_tokens: 8000, output_tokens: 700, requests: 0 };
/// Fewer requests than these say little about the next.
const ENOUGH: u64 = 5;
/// How far back requests are averaged.
const RECENT_MS: i64 = 30 * 24 * 3600 * 1000;

/// Gathers the document.
pub(super) fn document(desk: &Desk, layers: &Layers) -> Result<Observer, Failure> {
    let fresh = desk.memory()?;
    let store = fresh.as_ref().map(|fresh| &*fresh.store);
    let (now, zone) = (mem_daemon::inbox::drain::now(), TimeZone::system());
    let turn = store.map(|store| turn(store, now)).transpose()?.unwrap_or(USUAL);
    let around = Around::of(desk);
    let origin = layers.origins.iter().find(|origin| origin.key == OBSERVER);
    let observer = origin.map(|origin| origin.value.to_lowercase()).unwrap_or_default();
    let chosen = Candidate::new(layers, &observer, None, None);
    let choices = OBSERVERS.into_iter().map(|name| {
        let candidate = Candidate::new(layers, name, None, None);
        let local = around.reached(&candidate.settings).local;
        candidate.choice(&turn, local)
    });
    let choices = choices.collect();
    let there = around.reached(&chosen.settings);
    let spending = |at: usize, since: Timestamp| -> Result<Spending, Failure> {
        let spent = store.map(|store| store.spent_since(since)).transpose()?;
        let (tokens, money) = spent.unwrap_or((0, MicroUsd(0)));
        Ok(Spending {
            tokens,
            most_tokens: chosen.settings.most_tokens[at],
            micro_usd: money.0,
            most_micro_usd: chosen.settings.most_money[at].0,
        })
    };
    Ok(Observer {
        written: None,
        orders: store.map(|store| store.orders_waiting()).transpose()?.unwrap_or_default(),
        version: VERSION,
        chosen: chosen.choice(&turn, there.local),
        from: match origin.map(|origin| origin.from) {
            Some(Source::Environment) => Origin::Environment,
            Some(Source::File) => Origin::File,
            Some(Source::Default) | None => Origin::Default,
        },
        address: there.address,
        key_from: there.key_from,
        obstacle: there.obstacle,
        mode: chosen.settings.mode.clone(),
        day: spending(0, day_start(now, &zone))?,
        month: spending(1, month_start(now, &zone))?,
        turn,
        choices,
        suggestion: suggestion(desk, &observer),
    })
}

/// The average turn of late, where there were enough of them; else [`USUAL`].
pub(crate) fn turn(store: &Reader, now: Timestamp) -> Result<Turn, StoreError> {
    let rows = store.costs(now.plus_ms(-RECENT_MS))?;
    // what `doctor` asks is no turn
    let rows: Vec<_> = rows.into_iter().filter(|row| row.project.is_some()).collect();
    let requests: u64 = rows.iter().map(|row| row.requests.saturating_sub(row.failed)).sum();
    if requests < ENOUGH {
        return Ok(USUAL);
    }
    let average = |all: u64| all.div_ceil(requests);
    Ok(Turn {
        input_tokens: average(rows.iter().map(|row| row.usage.all_input()).sum()),
        output_tokens: average(rows.iter().map(|row| row.usage.output).sum()),
        requests,
    })
}

/// What the original system's settings had chosen, as long as nothing is chosen here.
fn suggestion(desk: &Desk, observer: &str) -> Option<String> {
    if observer != "local" {
        return None;
    }
    let text = mem_daemon::settings::text(desk.home())?;
    let file: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let provider =
        [&file, &file["env"]].into_iter().find_map(|fields| fields["CLAUDE_MEM_PROVIDER"].as_str())?;
    ["claude", "gemini", "openrouter"].contains(&provider).then(|| provider.to_owned())
}
