//! `cost`: what asking models has cost, by day, project and model, and how that stands against the ceilings.
//!
//! Days are the user's; what counts is the ledger's to say. Must not read replies or memories.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Moment};
use mem_core::id::ProjectId;
use mem_core::model::MicroUsd;
use mem_core::settings::ObserverSettings;
use mem_core::time::Timestamp;
use mem_daemon::inbox::drain;
use mem_logic::spend;
use mem_store::{CostRow, Reader, StoreError};
use mem_wire::cost::{Ceiling, Cost, Spent, Sums, VERSION};

use super::super::desk::{Desk, Names, Scope};
use super::super::print;
use super::{priced, tokens};
use crate::cli::CostArgs;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &CostArgs) -> Result<(), Failure> {
    let (now, zone) = (drain::now(), TimeZone::system());
    let settings = desk.layers().settings.observer;
    let since = first_day(now, args.days, &zone);
    let mut cost = Cost {
        version: VERSION,
        project: None,
        since_at: since.0,
        rows: Vec::new(),
        total: Sums::default(),
        today: ceiling(&settings, 0, spend::day_start(now, &zone)),
        month: ceiling(&settings, 1, spend::month_start(now, &zone)),
        open: 0,
    };
    if let Some(fresh) = desk.memory()? {
        fill(&mut cost, &fresh.store, &desk.scope(&fresh.store, !args.here)?, &zone)?;
    }
    if desk.json {
        return print::json(&cost);
    }
    if cost.rows.is_empty() {
        print::note(&nothing(&cost, args.days));
        if cost.month.tokens == 0 && cost.month.micro_usd == 0 {
            return Ok(());
        }
    } else {
        print::text(&table(&cost))?;
    }
    print::text(&totals(&cost))?;
    for line in words(&cost) {
        print::note(&line);
    }
    Ok(())
}

fn fill(cost: &mut Cost, store: &Reader, scope: &Scope, zone: &TimeZone) -> Result<(), StoreError> {
    cost.project = scope.name().map(ToOwned::to_owned);
    let rows = store.costs(Timestamp(cost.since_at))?;
    let rows = rows.into_iter().filter(|row| match scope {
        Scope::All => true,
        Scope::Project(id, _) => row.project == Some(*id),
        Scope::Unknown(_) => false,
    });
    let mut names = Names::new(store);
    cost.rows = by_day(rows, zone)
        .into_iter()
        .map(|((day, project, model), sums)| {
            let project = project.map(|id| names.of(id)).transpose()?;
            Ok(Spent { day, project, model, sums })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    cost.rows.sort_by(|a, b| (&b.day, &a.project, &a.model).cmp(&(&a.day, &b.project, &b.model)));
    cost.total = cost.rows.iter().fold(Sums::default(), |sum, row| added(sum, row.sums));
    for window in [&mut cost.today, &mut cost.month] {
        let (counted, money) = store.spent_since(Timestamp(window.since_at))?;
        (window.tokens, window.micro_usd) = (counted, money.0);
    }
    cost.open = store.open_requests()?.len() as u64;
    Ok(())
}

/// The ledger's quarters of an hour as days of the user.
fn by_day(
    rows: impl Iterator<Item = CostRow>,
    zone: &TimeZone,
) -> BTreeMap<(String, Option<ProjectId>, String), Sums> {
    let mut days = BTreeMap::new();
    for row in rows {
        let sums = Sums {
            requests: row.requests,
            failed: row.failed,
            in_vain: row.in_vain,
            input: row.usage.input,
            output: row.usage.output,
            cache_read: row.usage.cache_read,
            cache_write: row.usage.cache_write,
            unsettled_input: row.estimated,
            micro_usd: row.money.0,
            guessed_micro_usd: row.guessed.0,
        };
        let known: &mut Sums = days.entry((day(row.at, zone), row.project, row.model)).or_default();
        *known = added(*known, sums);
    }
    days
}

fn added(a: Sums, b: Sums) -> Sums {
    Sums {
        requests: a.requests.saturating_add(b.requests),
        failed: a.failed.saturating_add(b.failed),
        in_vain: a.in_vain.saturating_add(b.in_vain),
        input: a.input.saturating_add(b.input),
        output: a.output.saturating_add(b.output),
        cache_read: a.cache_read.saturating_add(b.cache_read),
        cache_write: a.cache_write.saturating_add(b.cache_write),
        unsettled_input: a.unsettled_input.saturating_add(b.unsettled_input),
        micro_usd: a.micro_usd.saturating_add(b.micro_usd),
        guessed_micro_usd: a.guessed_micro_usd.saturating_add(b.guessed_micro_usd),
    }
}

/// The beginning of the first of so many days, of which today is the last.
fn first_day(now: Timestamp, days: u16, zone: &TimeZone) -> Timestamp {
    let first = Moment::from_millisecond(now.0).and_then(|moment| {
        let back = Span::new().days(i64::from(days.saturating_sub(1)));
        moment.to_zoned(zone.clone()).checked_sub(back)?.start_of_day()
    });
    // a calendar that ends before that has nothing in it either
    first.map_or(Timestamp(0), |first| Timestamp(first.timestamp().as_millisecond()))
}

fn day(at: Timestamp, zone: &TimeZone) -> String {
    Moment::from_millisecond(at.0)
        .map(|moment| moment.to_zoned(zone.clone()).date().to_string())
        .unwrap_or_else(|_| format!("{} ms", at.0))
}

/// The ceilings of a day (0) or a month (1), with nothing spent.
fn ceiling(settings: &ObserverSettings, which: usize, since: Timestamp) -> Ceiling {
    Ceiling {
        since_at: since.0,
        most_tokens: settings.most_tokens[which],
        most_micro_usd: settings.most_money[which].0,
        ..Ceiling::default()
    }
}

fn nothing(cost: &Cost, days: u16) -> String {
    let place = cost.project.as_ref().map(|name| format!(" for {name}")).unwrap_or_default();
    if cost.month.tokens == 0 && cost.open == 0 && days >= 30 && place.is_empty() {
        return "No model has been asked, so nothing was spent.".to_owned();
    }
    let days = print::count(days.into(), "day", "days");
    format!("No model has been asked{place} in the last {days}.")
}

fn table(cost: &Cost) -> String {
    let one_project = cost.project.is_some();
    let line = |day: &str, project: &str, model: &str, sums: &Sums| {
        let mut cells = vec![day.to_owned()];
        if !one_project {
            cells.push(print::tame(project));
        }
        let input = sums.input + sums.cache_read + sums.cache_write + sums.unsettled_input;
        cells.extend([
            print::tame(model),
            sums.requests.to_string(),
            tokens(input),
            tokens(sums.cache_read),
            tokens(sums.output),
            priced(MicroUsd(sums.micro_usd), sums.guessed_micro_usd > 0),
        ]);
        cells
    };
    let mut rows: Vec<Vec<String>> = cost
        .rows
        .iter()
        .map(|row| line(&row.day, row.project.as_deref().unwrap_or("-"), &row.model, &row.sums))
        .collect();
    if rows.len() > 1 {
        rows.push(line("in all", "", "", &cost.total));
    }
    let mut headings = vec!["DAY"];
    if !one_project {
        headings.push("PROJECT");
    }
    headings.extend(["MODEL", "REQUESTS", "INPUT", "CACHED", "OUTPUT", "COST"]);
    print::table(&headings, rows)
}

/// How it stands against the ceilings, which are for all projects together.
fn totals(cost: &Cost) -> String {
    let of = if cost.project.is_some() { ", of all projects" } else { "" };
    let window = |name: &str, window: &Ceiling| {
        format!(
            "{name}{of}: {} of {}, {} of {} input tokens.",
            MicroUsd(window.micro_usd),
            MicroUsd(window.most_micro_usd),
            tokens(window.tokens),
            tokens(window.most_tokens)
        )
    };
    [window("Today", &cost.today), window("This month", &cost.month)].join("\n")
}

/// What is not settled, and what was in vain.
fn words(cost: &Cost) -> Vec<String> {
    let mut lines = Vec::new();
    let total = &cost.total;
    if total.in_vain > 0 {
        lines.push(format!(
            "{} ended without a usable answer and may have been paid for all the same, so {} counted in.",
            print::count(total.in_vain, "request", "requests"),
            if total.in_vain == 1 { "it is" } else { "they are" }
        ));
    }
    if total.unsettled_input > 0 {
        lines.push(format!(
            "{} input tokens are estimates: of requests that are open, or perhaps paid for without an answer.",
            tokens(total.unsettled_input)
        ));
    }
    if cost.open > 0 {
        lines.push(format!("{} open.", print::count(cost.open, "request is", "requests are")));
    }
    if total.guessed_micro_usd > 0 {
        lines.push(
            "~ marks a price that rests on an estimate; CLAUDE_MEM_PRICE tells a better one.".to_owned(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_core::model::Usage;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<Moment>().unwrap().as_millisecond())
    }

    fn row(text: &str, project: Option<i64>, model: &str, micro: u64) -> CostRow {
        CostRow {
            at: at(text),
            project: project.map(ProjectId),
            model: model.to_owned(),
            requests: 2,
            failed: 1,
            in_vain: 1,
            usage: Usage { input: 3000, output: 700, cache_read: 10_000, cache_write: 150 },
            estimated: 0,
            money: MicroUsd(micro),
            guessed: MicroUsd(0),
        }
    }

    fn cost() -> Cost {
        let zone = TimeZone::fixed(jiff::tz::offset(9));
        let rows = [
            row("2026-11-24T14:45:00Z", Some(1), "claude/haiku", 20_000),
            row("2026-11-24T15:00:00Z", Some(1), "claude/haiku", 15_000),
            row("2026-11-25T00:00:00Z", Some(1), "claude/haiku", 5000),
            CostRow {
                estimated: 4000,
                guessed: MicroUsd(900),
                ..row("2026-11-25T00:00:00Z", None, "openai/qwen3:8b", 900)
            },
        ];
        let mut cost = Cost {
            version: VERSION,
            project: None,
            since_at: 0,
            rows: by_day(rows.into_iter(), &zone)
                .into_iter()
                .map(|((day, project, model), sums)| Spent {
                    day,
                    project: project.map(|_| "widgets".to_owned()),
                    model,
                    sums,
                })
                .collect(),
            total: Sums::default(),
            today: Ceiling {
                since_at: 0,
                tokens: 31_400,
                most_tokens: 500_000,
                micro_usd: 40_900,
                most_micro_usd: 1_000_000,
            },
            month: Ceiling {
                since_at: 0,
                tokens: 210_000,
                most_tokens: 5_000_000,
                micro_usd: 310_000,
                most_micro_usd: 10_000_000,
            },
            open: 1,
        };
        cost.rows.reverse();
        cost.total = cost.rows.iter().fold(Sums::default(), |sum, row| added(sum, row.sums));
        cost
    }

    #[test]
    fn days_are_the_users_and_estimates_are_marked() {
        let cost = cost();
        insta::assert_snapshot!(format!("{}\n{}\n\n{}", table(&cost), totals(&cost), words(&cost).join("\n")), @"
        DAY         PROJECT  MODEL            REQUESTS  INPUT  CACHED  OUTPUT  COST
        2026-11-25  widgets  claude/haiku     4         26k    20k     1.4k    $0.02
        2026-11-25  -        openai/qwen3:8b  2         17k    10k     700     ~$0.0009
        2026-11-24  widgets  claude/haiku     2         13k    10k     700     $0.02
        in all                                8         56k    40k     2.8k    ~$0.0409
        Today: $0.0409 of $1.00, 31k of 500k input tokens.
        This month: $0.31 of $10.00, 210k of 5M input tokens.

        4 requests ended without a usable answer and may have been paid for all the same, so they are counted in.
        4k input tokens are estimates: of requests that are open, or perhaps paid for without an answer.
        1 request is open.
        ~ marks a price that rests on an estimate; CLAUDE_MEM_PRICE tells a better one.
        ");
        let here = Cost { project: Some("widgets".into()), ..cost.clone() };
        assert!(totals(&here).starts_with("Today, of all projects: "), "{}", totals(&here));
        let one = Cost { project: Some("widgets".into()), rows: cost.rows[..1].to_vec(), ..cost };
        insta::assert_snapshot!(table(&one), @"
        DAY         MODEL         REQUESTS  INPUT  CACHED  OUTPUT  COST
        2026-11-25  claude/haiku  4         26k    20k     1.4k    $0.02
        ");
    }

    #[test]
    fn nothing_spent_is_said_kindly() {
        let none = Cost { rows: vec![], open: 0, month: Ceiling::default(), ..cost() };
        assert_eq!(nothing(&none, 30), "No model has been asked, so nothing was spent.");
        let here = Cost { project: Some("widgets".into()), ..none.clone() };
        assert_eq!(nothing(&here, 7), "No model has been asked for widgets in the last 7 days.");
        assert_eq!(nothing(&none, 1), "No model has been asked in the last 1 day.");
    }

    #[test]
    fn the_first_day_begins_at_midnight_also_when_clocks_change() {
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let now = at("2026-03-29T22:30:00Z"); // half past midnight of the 30th, after a day of 23 hours
        assert_eq!(first_day(now, 1, &berlin), at("2026-03-29T22:00:00Z"));
        assert_eq!(first_day(now, 2, &berlin), at("2026-03-28T23:00:00Z"));
        assert_eq!(first_day(Timestamp(i64::MAX), 1, &berlin), Timestamp(0));
    }
}
