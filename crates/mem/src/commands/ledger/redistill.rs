//! `redistill`: orders memories of past turns anew, after saying what that will cost.
//!
//! Nothing is ordered without a yes. The work itself is the worker's, batch by batch and within the ceilings.

use jiff::tz::TimeZone;
use mem_core::model::{MicroUsd, ModelKind};
use mem_core::settings::ObserverSettings;
use mem_core::time::Timestamp;
use mem_daemon::inbox::drain;
use mem_daemon::observer::Chosen;
use mem_logic::layers::Layers;
use mem_logic::recall;
use mem_logic::spend::{self, Spent};
use mem_store::{Again, Reader, Volume};
use mem_wire::redistill::{Estimate, Redistilled, VERSION};

use super::super::desk::{Desk, Scope};
use super::super::observer::{Around, FREE_HERE, Reached, too_low, turn};
use super::super::status::hooks;
use super::super::{print, worker};
use super::order::{self, Target};
use super::tokens;
use crate::cli::RedistillArgs;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &RedistillArgs) -> Result<(), Failure> {
    if args.cancel {
        return cancel(desk);
    }
    let layers = desk.layers();
    let target = Target::of(args.model.as_deref(), &layers.settings.observer)?;
    let now = drain::now();
    let Some(fresh) = desk.memory()? else {
        if desk.json {
            return print::json(&nothing_ordered(&target));
        }
        hooks::nothing_yet(desk);
        return Ok(());
    };
    let again = scope(desk, &fresh.store, args, now)?;
    let volume = match &again {
        Some(again) => fresh.store.redistill_estimate(again)?,
        None => Volume::default(),
    };
    let today = spent_today(&fresh.store, now)?;
    let turn = turn(&fresh.store, now)?;
    let waiting = fresh.store.orders_waiting()?;
    drop(fresh); // nobody shall wait for the inbox while a person thinks
    let estimate = order::estimate(&target, &layers, &volume, &turn);
    let mut document = Redistilled { estimate, ..nothing_ordered(&target) };
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
    let there = there(desk, &layers, &target)?;
    document.address = there.as_ref().and_then(|there| there.reached.address.clone());
    if desk.json && !args.yes {
        return print::json(&Redistilled { ordered: None, ..document });
    }
    for line in plan(&document, &target, there.as_ref(), today, waiting) {
        print::note(&line);
    }
    if !print::go_ahead(args.yes)? {
        return Ok(());
    }
    carry_out(desk, &target, &again, &mut document)?;
    if desk.json {
        return print::json(&document);
    }
    print::text(&done(&document))
}

fn nothing_ordered(target: &Target) -> Redistilled {
    Redistilled {
        version: VERSION,
        model: target.name(),
        address: None,
        estimate: Estimate::default(),
        ordered: Some(0),
        cancelled: 0,
        worker: false,
    }
}

fn carry_out(desk: &Desk, target: &Target, again: &Again, document: &mut Redistilled) -> Result<(), Failure> {
    let now = drain::now();
    let (ordered, cancelled) = desk.write(|store| {
        store.write(|tx| match target {
            // who has our own rules do it wants no model for it any more
            Target::Local => Ok((tx.distil_again(again)?, tx.cancel_orders(now)?)),
            Target::Model { id, named } => {
                Ok((tx.order_again(again, named.then(|| id.to_string()).as_deref(), now)?, 0))
            }
        })
    })?;
    (document.ordered, document.cancelled) = (Some(ordered), cancelled);
    worker::wake(desk.home())?;
    document.worker = true;
    Ok(())
}

/// Takes back what was ordered and waits.
fn cancel(desk: &Desk) -> Result<(), Failure> {
    let waiting = desk.memory()?.map(|fresh| fresh.store.orders_waiting()).transpose()?;
    let now = drain::now();
    let cancelled = match waiting {
        None => 0,
        Some(_) => desk.write(|store| store.write(|tx| tx.cancel_orders(now)))?,
    };
    if desk.json {
        return print::json(&Redistilled { cancelled, ..nothing_ordered(&Target::Local) });
    }
    print::text(&match cancelled {
        0 => "No ordered turn waits.".to_owned(),
        cancelled => format!("{}.", not_asked(cancelled)),
    })
}

fn not_asked(turns: u64) -> String {
    format!("{} will not be asked", print::count(turns, "ordered turn", "ordered turns"))
}

/// Where an order goes.
struct There {
    settings: ObserverSettings,
    reached: Reached,
}

/// Where the model of an order is; an order that cannot be asked is refused.
fn there(desk: &Desk, layers: &Layers, target: &Target) -> Result<Option<There>, Failure> {
    let Target::Model { id, .. } = target else { return Ok(None) };
    let Some(chosen) = Chosen::of(layers, Some(&id.to_string())) else { return Ok(None) };
    let reached = Around::of(desk).reached(&chosen.settings);
    if let (Some(obstacle), true) = (&reached.obstacle, id.kind != ModelKind::Claude) {
        let (what, remedy) = print::remedied(obstacle);
        let failure = Failure::user(format!("{id} cannot be asked: {what}"));
        return Err(match remedy {
            Some(remedy) => failure.hint(format!("{remedy}.")),
            None => failure,
        });
    }
    Ok(Some(There { settings: chosen.settings, reached }))
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
        let since = recall::moment(text, now, &TimeZone::system(), false).ok_or_else(|| {
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

/// What will be done, where it goes, and about what it costs. `waiting` ordered turns wait already.
fn plan(
    document: &Redistilled,
    target: &Target,
    there: Option<&There>,
    today: Spent,
    waiting: u64,
) -> Vec<String> {
    let about = &document.estimate;
    let turns = print::count(about.turns, "turn", "turns");
    let events = print::count(about.events, "event", "events");
    let (Target::Model { id, .. }, Some(There { settings, reached })) = (target, there) else {
        let mut lines = vec![format!(
            "Our own rules go over {turns} with {events} again; no model is asked, and nothing is paid."
        )];
        if waiting > 0 {
            lines.push(format!("{}.", not_asked(waiting)));
        }
        return lines;
    };
    let about_so = if about.averaged > 0 { "about" } else { "at most about" };
    let money = match about.micro_usd {
        0 if reached.local => format!("which {FREE_HERE}"),
        0 => "which costs nothing, by the model's name".to_owned(),
        micro => format!("{about_so} {}", MicroUsd(micro)),
    };
    let mut lines = vec![
        format!("{id} will be asked to make the memories of {turns} with {events} anew:"),
        format!(
            "  what they hold, shortened and without the secrets we know, goes {};",
            reached.whither(id.kind)
        ),
        format!(
            "  {about_so} {}, {} input and {} output tokens, {money}.",
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
    let each = |all: u64| all.checked_div(about.requests).unwrap_or_default();
    let turn = Spent { tokens: each(about.input), money: MicroUsd(each(about.micro_usd)) };
    let low = too_low(settings, turn);
    if low.is_empty() {
        lines.extend(order::beyond(about, settings, today).map(|line| format!("  {line}")));
    }
    lines.extend(low.iter().map(|line| format!("{} {line}", print::yellow("warning:"))));
    if let Some(obstacle) = &reached.obstacle {
        lines.push(format!("{} it cannot be asked yet: {obstacle}.", print::yellow("warning:")));
    }
    lines
}

fn done(document: &Redistilled) -> String {
    let ordered = document.ordered.unwrap_or_default();
    let turns = print::count(ordered, "turn", "turns");
    let verb = if ordered == 1 { "is" } else { "are" };
    let by = if document.model == Target::Local.name() { "our own rules" } else { &document.model };
    let cancelled = match document.cancelled {
        0 => String::new(),
        cancelled => format!(" {}.", not_asked(cancelled)),
    };
    format!("{turns} {verb} made anew by {by}.{cancelled} `claude-mem status` shows how far it is.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_wire::observer::Turn;

    fn told(model: &str, volume: Volume) -> String {
        let layers = mem_logic::layers::merge(None, &mut |_| None);
        let settings = &layers.settings.observer;
        let target = Target::of(Some(model), settings).unwrap();
        let none = Turn { input_tokens: 8000, output_tokens: 700, requests: 0 };
        let estimate = order::estimate(&target, &layers, &volume, &none);
        let document = Redistilled { estimate, ordered: Some(volume.turns), ..nothing_ordered(&target) };
        let there = There { settings: settings.clone(), reached: Reached::default() };
        let there = (target != Target::Local).then_some(&there);
        let mut lines = plan(&document, &target, there, Spent::default(), 11);
        lines.push(done(&document));
        lines.join("\n")
    }

    #[test]
    fn what_it_costs_is_said_before() {
        let few = Volume { turns: 1, events: 12, bytes: 20_000 };
        insta::assert_snapshot!(told("claude/haiku", few), @"
        claude/haiku will be asked to make the memories of 1 turn with 12 events anew:
          what they hold, shortened and without the secrets we know, goes to Anthropic, by Claude Code and with its login;
          at most about 1 request, 7.5k input and 1.2k output tokens, at most about $0.0154.
        1 turn is made anew by claude/haiku. `claude-mem status` shows how far it is.
        ");
        let many = Volume { turns: 400, events: 9000, bytes: 30_000_000 };
        insta::assert_snapshot!(told("openai/unheard-of", many), @"
        openai/unheard-of will be asked to make the memories of 400 turns with 9000 events anew:
          what they hold, shortened and without the secrets we know, goes to the compatible service;
          at most about 1337 requests, 10M input and 1.6M output tokens, at most about $56.59.
          We know no price of that model and took a high one; CLAUDE_MEM_PRICE tells a better one.
          The ceiling of the day leaves $1.00: what is beyond it waits for the days after.
        400 turns are made anew by openai/unheard-of. `claude-mem status` shows how far it is.
        ");
        insta::assert_snapshot!(told("local", many), @"
        Our own rules go over 400 turns with 9000 events again; no model is asked, and nothing is paid.
        11 ordered turns will not be asked.
        400 turns are made anew by our own rules. `claude-mem status` shows how far it is.
        ");
    }
}
