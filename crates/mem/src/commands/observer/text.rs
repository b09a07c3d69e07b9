//! What people read of it.

use mem_core::model::{MicroUsd, ModelKind};
use mem_wire::observer::{Choice, Observer, Spending, Turn};

use super::Reached;
use crate::commands::print;

/// The whole page.
pub(super) fn page(observer: &Observer) -> String {
    let mut rows = vec![["observer", &who(observer)].map(str::to_owned)];
    let mut row = |name: &str, value: String| rows.push([name.to_owned(), value]);
    if let Some(model) = &observer.chosen.model {
        row("model", model.clone());
    }
    if let Some(address) = &observer.address {
        row("address", address.clone());
    }
    if let Some(key) = &observer.key_from {
        row("key", key.clone());
    }
    row("mode", observer.mode.clone());
    row("today", spending(&observer.day));
    row("this month", spending(&observer.month));
    let width = rows.iter().map(|[name, _]| name.len()).max().unwrap_or_default();
    let mut page: Vec<String> = rows.iter().map(|[name, value]| format!("{name:width$}  {value}")).collect();
    page.push(String::new());
    page.push(size(&observer.turn));
    page.push(table(&observer.choices));
    page.join("\n")
}

fn who(observer: &Observer) -> String {
    match observer.chosen.observer.as_str() {
        "local" => "local: no model is asked, nothing leaves this machine, nothing is spent".to_owned(),
        name => name.to_owned(),
    }
}

fn spending(spending: &Spending) -> String {
    format!(
        "{} of {} input tokens, {} of {}",
        print::grouped(spending.tokens),
        print::grouped(spending.most_tokens),
        MicroUsd(spending.micro_usd),
        MicroUsd(spending.most_micro_usd)
    )
}

fn size(turn: &Turn) -> String {
    let from = match turn.requests {
        0 => "an estimate".to_owned(),
        requests => format!("the average of {requests} requests"),
    };
    format!(
        "A turn is taken for {} tokens read and {} written ({from}). It would cost:",
        print::grouped(turn.input_tokens),
        print::grouped(turn.output_tokens)
    )
}

fn table(choices: &[Choice]) -> String {
    let rows = choices.iter().map(|choice| {
        vec![
            choice.observer.clone(),
            choice.model.clone().unwrap_or_else(|| missing(&choice.observer).to_owned()),
            price(choice),
            choice.turns_a_day.map(print::grouped).unwrap_or_default(),
        ]
    });
    print::table(&["OBSERVER", "MODEL", "A TURN", "TURNS A DAY AT MOST"], rows.collect())
}

fn missing(observer: &str) -> &'static str {
    if observer == "local" { "none" } else { "(name one with --model)" }
}

/// The price of a turn and how sure it is.
pub(super) fn price(choice: &Choice) -> String {
    let Some(money) = choice.turn_micro_usd else {
        return if choice.observer == "local" { "$0".to_owned() } else { String::new() };
    };
    let unsure = if choice.priced.as_deref() == Some("guess") { " (a guess)" } else { "" };
    format!("{}{unsure}", MicroUsd(money))
}

/// What is to be known before a choice is made, line by line. `there` is where the model would be.
pub(super) fn consequences(observer: &Observer, choice: &Choice, there: &Reached) -> Vec<String> {
    let orders = print::count(observer.orders, "ordered turn", "ordered turns");
    let Some(kind) = ModelKind::parse(&choice.observer) else {
        let mut lines =
            vec!["No model will be asked: nothing leaves this machine, and nothing is spent.".to_owned()];
        if observer.orders > 0 {
            lines.push(format!("{orders} will not be asked."));
        }
        return lines;
    };
    let mut lines = vec![format!(
        "After each turn its prompt, tool uses and answer, shortened and without the secrets we know, go {}.",
        there.whither(kind)
    )];
    let bounds = format!(
        "at most {} a day and {} a month",
        MicroUsd(observer.day.most_micro_usd),
        MicroUsd(observer.month.most_micro_usd)
    );
    lines.push(match choice.priced.as_deref() {
        Some("free") if there.local => format!("That {FREE_HERE}."),
        Some("free") => "That costs nothing, by the model's name; CLAUDE_MEM_PRICE sets a price.".to_owned(),
        _ => format!("That costs about {} a turn, {bounds}; work waits there.", price(choice)),
    });
    if kind == ModelKind::Claude && there.instead.is_none() {
        lines.push(
            "A subscription pays for it with its own limits; the price is what the API would take."
                .to_owned(),
        );
    }
    if observer.orders > 0 {
        let wait = if observer.orders == 1 { "waits" } else { "wait" };
        lines.push(format!("{orders} {wait}, and will be asked."));
    }
    lines
}

/// How far it is known that a service nearby is free.
pub(crate) const FREE_HERE: &str =
    "is taken to cost nothing, since it is on this machine or network; CLAUDE_MEM_PRICE sets a price";
