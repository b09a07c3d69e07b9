//! Shows who distils, and chooses another: told first, asked, then written into the settings.

use mem_core::layout;
use mem_logic::layers;
use mem_wire::config::Origin;
use mem_wire::observer::Observer;

use super::candidate::MODEL;
use super::gather::{document, keys, reached};
use super::{Candidate, OBSERVER, text};
use crate::cli::{ObserverArgs, ObserverCommand, UseArgs};
use crate::commands::desk::Desk;
use crate::commands::{config, print};
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &ObserverArgs) -> Result<(), Failure> {
    let layers = desk.layers();
    let observer = document(desk, &layers)?;
    match &args.command {
        None => show(desk, &observer),
        Some(ObserverCommand::Use(args)) => choose(desk, &layers, &observer, args),
    }
}

fn show(desk: &Desk, observer: &Observer) -> Result<(), Failure> {
    if desk.json {
        print::json(observer)?;
    } else {
        print::text(&text::page(observer))?;
    }
    if let Some(obstacle) = &observer.obstacle {
        print::note(&format!("{} it cannot be asked yet: {obstacle}.", print::yellow("warning:")));
    }
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
    let candidate = Candidate::new(layers, name, args.model.as_deref());
    if name != "local" && candidate.model().is_none() {
        return Err(Failure::user(format!("nobody says which model to ask at {name}"))
            .hint(format!("Name one: `claude-mem observer use {name} --model NAME`.")));
    }
    let there = reached(&candidate, &keys(desk));
    let choice = candidate.choice(&now.turn, there.local);
    let file = desk.home().path(layout::SETTINGS);
    print::note(&format!("This will be written into {}:", file.display()));
    print::note(&format!("  {OBSERVER} = {name}"));
    if let Some(model) = &candidate.write_model {
        print::note(&format!("  {MODEL} = {model}"));
    } else if let Some(model) = candidate.model() {
        print::note(&format!("The model is {model}."));
    }
    for line in text::consequences(now, &choice, there.address.as_deref(), there.local) {
        print::note(&line);
    }
    if let Some(obstacle) = &there.obstacle {
        print::note(&format!("{} it cannot be asked yet: {obstacle}.", print::yellow("warning:")));
    }
    if !print::go_ahead(args.yes)? {
        return Ok(());
    }
    config::change(desk, OBSERVER, &|before| {
        let after = layers::set(before, OBSERVER, name)?;
        match &candidate.write_model {
            Some(model) => layers::set(Some(&after), MODEL, model),
            None => Ok(after),
        }
    })?;
    let after = document(desk, &desk.layers())?;
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
