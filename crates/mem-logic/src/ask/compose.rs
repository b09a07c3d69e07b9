//! One request from a batch: as many whole events as fit, the digest and the prompt before them, the proof beside it.

use mem_core::id::EventId;
use mem_core::model::Ask;

use super::digest::digest;
use super::fold::fold;
use super::limits::Limits;
use super::material::{Asked, Bounds, Composed, Material};
use super::piece::{self, Piece, pieces};
use super::proof::proof;
use super::system::system;
use super::tell::{tell, wrapped};
use super::trivial::is_trivial;
use crate::distil::words::line;
use crate::mode::Mode;

/// The last words of a request, ours.
const CLOSE: &str = include_str!("close.txt");
/// The tag around all that was observed.
const OUTER: &str = "observed_from_primary_session";
/// Most tokens of an answer: a dozen observations with a summary.
const MOST_OUTPUT: u32 = 4_096;
/// Fewest tokens of events: one event cut to the least always fits.
const LEAST_TOKENS: u64 = 600;
/// Most events looked at for one request; folded to a line each they would fill the default of one.
const MOST_EVENTS: usize = 1_024;
/// Halvings tried until a single event fits; beyond it no limit shrinks any more.
const MOST_HALVINGS: u32 = 8;
/// Characters of the project's name.
const PROJECT: usize = 120;

/// Composes what is to be asked about a batch. The same input gives the same bytes.
pub fn compose(material: &Material, mode: &Mode, bounds: &Bounds) -> Composed {
    let budget = (bounds.tokens >> bounds.smaller.min(32)).max(LEAST_TOKENS);
    let limits = Limits::of(bounds.smaller);
    let pieces = pieces(material, &limits, MOST_EVENTS);
    let Some(first) = pieces.iter().position(Piece::tells) else {
        return untold(material);
    };
    if is_trivial(material) {
        return Composed::Trivial { through: last(material) };
    }
    let (count, happened) = fitting(&pieces, first + 1, &limits, budget)
        .unwrap_or_else(|| (first + 1, squeezed(material, pieces[first].at + 1, bounds.smaller, budget)));
    let considered = material.events.len().min(MOST_EVENTS);
    // what follows the last piece and tells nothing is covered with it
    let covered = pieces.get(count).map_or(considered, |next| next.at);
    let whole = covered == material.events.len();
    let ask = Ask {
        system: system(mode),
        text: text(material, &limits, &happened, whole),
        most_output: MOST_OUTPUT,
    };
    let proof = proof(&pieces[..count], material.events, material.top);
    Composed::Asked(Asked { ask, through: material.events[covered - 1].0, whole, proof })
}

/// No event that was looked at says anything; those beyond are none of this batch.
fn untold(material: &Material) -> Composed {
    let considered = material.events.len().min(MOST_EVENTS);
    let through = material.events[..considered].last().map_or(EventId(0), |(id, _)| *id);
    Composed::Trivial { through }
}

fn last(material: &Material) -> EventId {
    material.events.last().map_or(EventId(0), |(id, _)| *id)
}

/// How many pieces fit, `least` or more, with their text; none when not even `least` do.
fn fitting(pieces: &[Piece], least: usize, limits: &Limits, budget: u64) -> Option<(usize, String)> {
    let told = |count: usize| {
        let text = tell(&fold(&pieces[..count], limits), limits);
        (tokens(&text) <= budget).then_some((count, text))
    };
    if let Some(all) = told(pieces.len()) {
        return Some(all);
    }
    let mut best = told(least)?;
    let mut beyond = pieces.len();
    while beyond - best.0 > 1 {
        let middle = best.0 + (beyond - best.0) / 2;
        match told(middle) {
            Some(more) => best = more,
            None => beyond = middle,
        }
    }
    Some(best)
}

/// The first `most` events of the material, of which one tells something, cut until they fit.
fn squeezed(material: &Material, most: usize, smaller: u32, budget: u64) -> String {
    let mut text = String::new();
    for step in 1..=MOST_HALVINGS {
        let limits = Limits::of(smaller.saturating_add(step));
        text = tell(&fold(&pieces(material, &limits, most), &limits), &limits);
        if tokens(&text) <= budget {
            break;
        }
    }
    text
}

/// The estimate that requests are measured with.
fn tokens(text: &str) -> u64 {
    Ask { system: String::new(), text: text.to_owned(), most_output: 0 }.tokens()
}

fn text(material: &Material, limits: &Limits, happened: &str, whole: bool) -> String {
    let mut parts = String::new();
    let mut add = |tag: &str, body: &str| {
        if !body.is_empty() {
            parts.push_str(&wrapped(tag, body));
        }
    };
    add("project", &line(material.project, PROJECT));
    add("earlier", &digest(material.earlier, limits));
    add("user_request", &piece::prompt(material.prompt, limits));
    add("part", &part(material, whole));
    format!("<{OUTER}>\n{parts}<happened>\n{happened}</happened>\n</{OUTER}>\n\n{CLOSE}")
}

/// Where in its turn this stands, unless it is all of it.
fn part(material: &Material, whole: bool) -> String {
    let mut words = Vec::new();
    if material.part > 1 {
        words.push(format!(
            "Part {} of the turn; the parts before it are noted already. Let the summary speak of the whole turn as far \
             as it is known.",
            material.part
        ));
    }
    if !whole {
        words.push("The turn goes on after what is shown here.".to_owned());
    } else if !material.closed {
        words.push("The turn is not over yet.".to_owned());
    }
    words.join(" ")
}
