//! Shows who distils, and chooses another: told first, asked, then written into the settings.

use mem_core::layout;
use mem_core::model::MicroUsd;
use mem_core::settings::ObserverSettings;
use mem_daemon::inbox::drain;
use mem_logic::layers::{self, ChangeError};
use mem_logic::spend::Spent;
use mem_observer::http::OWN_SERVICE;
use mem_wire::config::Origin;
use mem_wire::observer::{Choice, Observer, Turn};

use super::candidate::{MODEL, url_setting};
use super::gather::document;
use super::{Around, Candidate, OBSERVER, Reached, text, too_low};
use crate::cli::{ObserverArgs, ObserverCommand, UseArgs};
use crate::commands::desk::Desk;
use crate::commands::{config, print};
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &ObserverArgs) -> Result<(), Failure> {
    let layers = desk.layers();
    let observer = document(desk, &layers)?;
    match &args.command {
        None => show(desk, &layers, &observer),
        Some(ObserverCommand::Use(args)) => choose(desk, &layers, &observer, args),
    }
}

fn show(desk: &Desk, layers: &layers::Layers, observer: &Observer) -> Result<(), Failure> {
    if desk.json {
        print::json(observer)?;
    } else {
        print::text(&text::page(observer))?;
    }
    if let Some(obstacle) = &observer.obstacle {
        print::note(&format!("{} it cannot be asked yet: {obstacle}.", print::yellow("warning:")));
    }
    low(&layers.settings.observer, &observer.turn, &observer.chosen);
    if let Some(provider) = &observer.suggestion {
        print::note(&format!(
            "The original claude-mem was set to {provider} here. That is no consent to spend: \
             `claude-mem observer use {provider}` is."
        ));
    }
    Ok(())
}

fn choose(desk: &Desk, layers: &layers::Layers, now: &Observer, args: &UseArgs) -> Result<(), Failure> {
    let name = args.observer.as_str();
    let candidate = Candidate::new(layers, name, args.model.as_deref(), args.url.as_deref());
    if args.url.is_some() && url_setting(name).is_none() {
        return Err(Failure::user(format!("{name} has no address to choose"))
            .hint("`--url` is for anthropic, openai, openrouter and gemini."));
    }
    if name != "local" && candidate.model().is_none() {
        return Err(Failure::user(format!("nobody says which model to ask at {name}"))
            .hint(format!("Name one: `claude-mem observer use {name} --model NAME`.")));
    }
    let there = Around::of(desk).reached(&candidate.settings);
    if let (Some(_), Some(obstacle), None) = (&args.url, &there.obstacle, &there.address)
        && !obstacle.contains("needs a key")
    {
        return Err(Failure::user(obstacle.clone()));
    }
    let edit = |before: Option<&str>| written(before, name, &candidate);
    if desk.json && !args.yes {
        let after = config::edited(desk, &edit)?;
        let after = layers::merge(Some(&after), &mut |name| desk.theirs.setting(name));
        return print::json(&Observer { written: Some(false), ..document(desk, &after)? });
    }
    announce(desk, &candidate, now, &there);
    if !print::go_ahead(args.yes)? {
        return Ok(());
    }
    config::change(desk, OBSERVER, &edit)?;
    if name == "local" && now.orders > 0 {
        let at = drain::now();
        desk.write(|store| store.write(|tx| tx.cancel_orders(at)))?;
    }
    let after = Observer { written: Some(true), ..document(desk, &desk.layers())? };
    if desk.json {
        print::json(&after)?;
    } else {
        print::text(&format!("From the next turn on {name} distils."))?;
    }
    if after.from == Origin::Environment {
        print::note(&format!("The environment says otherwise here, and wins: see `env | grep {OBSERVER}`."));
    }
    Ok(())
}

/// The settings file with the choice in it.
fn written(before: Option<&str>, name: &str, candidate: &Candidate) -> Result<String, ChangeError> {
    let mut after = layers::set(before, OBSERVER, name)?;
    if let Some(model) = &candidate.write_model {
        after = layers::set(Some(&after), MODEL, model)?;
    }
    if let Some((key, url)) = &candidate.write_url {
        after = layers::set(Some(&after), key, url)?;
    }
    Ok(after)
}

/// Says what a choice means before it is made.
fn announce(desk: &Desk, candidate: &Candidate, now: &Observer, there: &Reached) {
    let choice = candidate.choice(&now.turn, there.local);
    let file = desk.home().path(layout::SETTINGS);
    print::note(&format!("This will be written into {}:", file.display()));
    print::note(&format!("  {OBSERVER} = {}", candidate.observer));
    if let Some(model) = &candidate.write_model {
        print::note(&format!("  {MODEL} = {model}"));
    }
    if let Some((key, url)) = &candidate.write_url {
        print::note(&format!("  {key} = {url}"));
    }
    if let (None, Some(model)) = (&candidate.write_model, candidate.model()) {
        print::note(&format!("The model is {model}."));
    }
    for line in text::consequences(now, &choice, there) {
        print::note(&line);
    }
    if candidate.observer == "openai" && candidate.settings.base_url.is_empty() && !there.local {
        print::note(&format!(
            "That is OpenAI's own service; for one of your own, such as Ollama, add `--url {OWN_SERVICE}`."
        ));
    }
    if let Some(obstacle) = &there.obstacle {
        print::note(&format!("{} it cannot be asked yet: {obstacle}.", print::yellow("warning:")));
    }
    low(&candidate.settings, &now.turn, &choice);
}

/// Warns of ceilings that no turn fits under.
fn low(settings: &ObserverSettings, turn: &Turn, choice: &Choice) {
    let Some(micro_usd) = choice.turn_micro_usd else { return };
    let turn = Spent { tokens: turn.input_tokens, money: MicroUsd(micro_usd) };
    for line in too_low(settings, turn) {
        print::note(&format!("{} {line}", print::yellow("warning:")));
    }
}
