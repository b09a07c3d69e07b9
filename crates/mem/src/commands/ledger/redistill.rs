//! `redistill`: orders memories of past turns anew, after saying what that will cost.
//!
//! Nothing is ordered without a yes. The work itself is the worker's, batch by batch and within the ceilings.

use jiff::tz::TimeZone;
use mem_core::model::MicroUsd;
use mem_core::settings::ObserverSettings;
use mem_core::time::Timestamp;
use mem_daemon::inbox::drain;
use mem_logic::spend::{self, Spent};
use mem_store::{Again, Reader, Volume};
use mem_wire::redistill::{Redistilled, VERSION};

use super::super::desk::{self, Desk, Scope};
use super::super::{print, worker};
use super::order::{self, Target};
use super::tokens;
use crate::cli::RedistillArgs;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &RedistillArgs) -> Result<(), Failure> {
    let layers = desk.layers();
    let settings = &layers.settings.observer;
    let target = Target::of(args.model.as_deref(), settings)?;
    let now = drain::now();
    let mut document = Redistilled {
        version: VERSION,
        model: target.name(),
        estimate: order::estimate(&target, &layers, &Volume::default()),
        ordered: 0,
        worker: false,
    };
    let Some(fresh) = desk.memory()? else {
        if desk.json {
            return print::json(&document);
        }
        desk::nothing_yet();
        return Ok(());
    };
    let again = scope(desk, &fresh.store, args, now)?;
    let volume = match &again {
        Some(again) => fresh.store.redistill_estimate(again)?,
        None => Volume::default(),
    };
    let today = spent_today(&fresh.store, now)?;
    drop(fresh); // nobody shall wait for the inbox while a person thinks
    document.estimate = order::estimate(&target, &layers, &volume);
    let Some(again) = again.filter(|_| volume.turns > 0) else {
        if desk.json {
            return print::json(&document);
        }
        print::note(if args.session.is_none() && args.since.is_none() && !args.all {
            "Nothing was set aside. `--session`, `--since` and `--all` make other memories anew."
        } else {
            "There are no turns to make anew, or their raw events are not kept any more."
        });
        return Ok(());
    };
    for line in plan(&document, &target, settings, today) {
        print::note(&line);
    }
    if !print::go_ahead(args.yes)? {
        return Ok(());
    }
    document.ordered = desk.write(|store| {
        store.write(|tx| match &target {
            Target::Local => tx.distil_again(&again),
            Target::Model { id, named } => {
                tx.order_again(&again, named.then(|| id.to_string()).as_deref(), now)
            }
        })
    })?;
    worker::wake(desk.home())?;
    document.worker = true;
    if desk.json {
        return print::json(&document);
    }
    print::text(&done(&document))
}

/// Which turns are meant; none of a directory of which nothing is remembered.
fn scope(
    desk: &Desk,
    store: &Reader,
    args: &RedistillArgs,
    now: Timestamp,
) -> Result<Option<Again>, Failure> {
    let mut again =
        Again { parked: args.session.is_none() && args.since.is_none() && !args.all, ..Again::default() };
    if let Some(text) = &args.session {
        again.session = Some(order::session(store, text)?.id);
    }
    if let Some(text) = &args.since {
        let since = order::moment(text, now, &TimeZone::system()).ok_or_else(|| {
            Failure::user(format!("{text:?} is no moment"))
                .hint("Write a date (2026-11-01), a time ago (7d, 12h, 30m), or a moment in RFC 3339.")
        })?;
        again.since = Some(since);
    }
    match desk.scope(store, !args.here)? {
        Scope::All => {}
        Scope::Project(id, _) => again.project = Some(id),
        Scope::Unknown(_) => return Ok(None),
    }
    Ok(Some(again))
}

fn spent_today(store: &Reader, now: Timestamp) -> Result<Spent, Failure> {
    let (tokens, money) = store.spent_since(spend::day_start(now, &TimeZone::system()))?;
    Ok(Spent { tokens, money })
}

/// What will be done, and about what it costs.
fn plan(document: &Redistilled, target: &Target, settings: &ObserverSettings, today: Spent) -> Vec<String> {
    let about = &document.estimate;
    let turns = print::count(about.turns, "turn", "turns");
    let events = print::count(about.events, "event", "events");
    let Target::Model { id, .. } = target else {
        return vec![format!(
            "Our own rules go over {turns} with {events} again; no model is asked, and nothing is paid."
        )];
    };
    let money = match about.micro_usd {
        0 => "which costs nothing".to_owned(),
        micro => format!("about {}", MicroUsd(micro)),
    };
    let mut lines = vec![
        format!("{id} will be asked to make the memories of {turns} with {events} anew:"),
        format!(
            "  about {}, {} input and {} output tokens, {money}.",
            print::count(about.requests, "request", "requests"),
            tokens(about.input),
            tokens(about.output)
        ),
    ];
    if about.guessed {
        lines.push(
            "  We know no price of that model and took a high one; CLAUDE_MEM_PRICE tells a better one."
                .into(),
        );
    }
    lines.extend(order::beyond(about, settings, today).map(|line| format!("  {line}")));
    lines
}

fn done(document: &Redistilled) -> String {
    let turns = print::count(document.ordered, "turn", "turns");
    let verb = if document.ordered == 1 { "is" } else { "are" };
    let by = if document.model == Target::Local.name() { "our own rules" } else { &document.model };
    format!("{turns} {verb} made anew by {by}. `claude-mem status` shows how far it is.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(model: &str, volume: Volume) -> String {
        let layers = mem_logic::layers::merge(None, &mut |_| None);
        let settings = &layers.settings.observer;
        let target = Target::of(Some(model), settings).unwrap();
        let estimate = order::estimate(&target, &layers, &volume);
        let document = Redistilled {
            version: VERSION,
            model: target.name(),
            estimate,
            ordered: volume.turns,
            worker: true,
        };
        let mut lines = plan(&document, &target, settings, Spent::default());
        lines.push(done(&document));
        lines.join("\n")
    }

    #[test]
    fn what_it_costs_is_said_before() {
        let few = Volume { turns: 1, events: 12, bytes: 20_000 };
        insta::assert_snapshot!(told("claude/haiku", few), @"
        claude/haiku will be asked to make the memories of 1 turn with 12 events anew:
          about 1 request, 7.5k input and 1.2k output tokens, about $0.02.
        1 turn is made anew by claude/haiku. `claude-mem status` shows how far it is.
        ");
        let many = Volume { turns: 400, events: 9000, bytes: 30_000_000 };
        insta::assert_snapshot!(told("openai/unheard-of", many), @"
        openai/unheard-of will be asked to make the memories of 400 turns with 9000 events anew:
          about 1337 requests, 10M input and 1.6M output tokens, about $56.59.
          We know no price of that model and took a high one; CLAUDE_MEM_PRICE tells a better one.
          The ceiling of the day leaves $1.00: what is beyond it waits for the days after.
        400 turns are made anew by openai/unheard-of. `claude-mem status` shows how far it is.
        ");
        insta::assert_snapshot!(told("local", many), @"
        Our own rules go over 400 turns with 9000 events again; no model is asked, and nothing is paid.
        400 turns are made anew by our own rules. `claude-mem status` shows how far it is.
        ");
    }
}
