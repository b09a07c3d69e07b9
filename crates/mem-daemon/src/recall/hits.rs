//! From ranked documents to hits: what was replaced leads to what replaced it, ids of one happening are folded into one
//! hit, no session crowds out the others, and each hit gets its title, its snippet and what it is known by.

use std::collections::{HashMap, HashSet};

use mem_core::id::{EventId, SessionRow, TurnId};
use mem_core::recall::{DocId, DocKind, Filter};
use mem_logic::brief::estimate_tokens;
use mem_logic::recall::{Query, Words, snippet};
use mem_store::{Document, Reader, StoreError};

use super::ask::{Answer, Ask, Hit, Order, Reason};
use super::meets::meets;

/// Characters of a snippet.
const SNIPPET: usize = 200;
/// Documents that are read for one hit at most, folded ones included.
const READ: usize = 8;
/// Hits that are made beyond those that are wanted, and documents of which all are read.
const BEYOND: usize = 8;
const COUNTED: usize = 128;

/// The least score of what stands in a list by time, of the best one's.
const FITS: f64 = 0.35;

/// A document that was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranked {
    pub(super) doc: DocId,
    /// When it happened.
    pub(super) at: i64,
    /// The row of its session.
    pub(super) session: u32,
    /// The row of its turn; 0 where it has none.
    pub(super) turn: u32,
    /// The row of the index where it says it best.
    pub(super) row: i64,
    pub(super) score: f64,
    pub(super) reasons: Vec<Reason>,
}

impl Ranked {}

/// A hit in the making.
struct Making {
    document: Document,
    also: Vec<DocId>,
    ranked: Ranked,
}

/// Makes hits of the best documents, as many as are asked for.
pub(super) fn fill(
    store: &Reader,
    ask: &Ask,
    filter: &Filter,
    query: &Query,
    ranked: Vec<Ranked>,
    answer: &mut Answer,
) -> Result<(), StoreError> {
    if let Some((_, from, until)) = &answer.how.window {
        let within = |one: &&Ranked| one.at >= from.0 && one.at < until.0;
        answer.how.in_window = ranked.iter().filter(within).count();
    }
    let wanted = ask.limit.saturating_add(ask.offset);
    let ordered = match ask.order {
        Order::Best => ranked,
        order => by_time(ranked, order),
    };
    answer.total = happenings(&ordered);
    // in a list that is not in the order of how well things fit, what says most speaks for its happening
    let listed = ask.order != Order::Best || answer.how.legs == ["conditions"];
    let mut made: Vec<Making> = Vec::new();
    // what is too much of one session comes after everything else, for whoever asks on
    let mut rest: Vec<Making> = Vec::new();
    let mut held_back: HashSet<i64> = HashSet::new();
    let mut all_read = true;
    let mut of_session: HashMap<SessionRow, usize> = HashMap::new();
    // what is one happening must be so whatever the limit is, and is never far apart
    let looked = wanted.saturating_add(BEYOND);
    let all = ordered.len() <= COUNTED;
    for (read, ranked) in ordered.into_iter().enumerate() {
        if !all && (made.len() >= looked || read > looked.saturating_mul(READ).saturating_add(64)) {
            all_read = false;
            break;
        }
        let in_force = store.in_force(ranked.doc)?;
        if !all && ask.offset == 0 && in_force == ranked.doc && is_too_much(ask, &ranked, &made, &of_session)
        {
            all_read = false;
            if made.len() < wanted {
                held_back.insert(happening(&ranked));
            }
            continue;
        }
        let Some(mut document) = store.document(in_force)? else { continue };
        let mut also = Vec::new();
        if in_force != ranked.doc {
            // what was found meets the filter; what stands in its place may not, and then it stands for itself
            if meets(filter, &document) {
                also.push(ranked.doc);
            } else if let Some(found) = store.document(ranked.doc)? {
                document = found;
            }
        }
        let making = Making { document, also, ranked };
        if let Some(same) = made.iter_mut().chain(&mut rest).find(|known| same_happening(known, &making)) {
            fold(same, making, listed);
            continue;
        }
        let count = of_session.entry(making.document.session).or_default();
        *count += 1;
        if ask.per_session > 0 && *count > ask.per_session {
            if made.len() < wanted {
                held_back.insert(happening(&making.ranked));
            }
            rest.push(making);
        } else {
            made.push(making);
        }
    }
    // what was read was counted; of the rest it can only be seen what is one happening
    let counted = made.len() + rest.len();
    answer.total = if all_read { counted } else { answer.total.max(counted) };
    if ask.offset > 0 {
        made.extend(rest);
    } else {
        answer.held_back = held_back.len();
    }
    made.truncate(wanted);
    // words that say nothing stand everywhere, and are shown where nothing else was asked
    let says_something = query.words.iter().any(|asked| !asked.stop);
    let shown = query.words.iter().filter(|asked| !(asked.stop && says_something));
    let words = Words::of(shown.map(|asked| asked.written.as_str()));
    for making in made.into_iter().skip(ask.offset) {
        answer.hits.push(hit(store, making, &words)?);
    }
    Ok(())
}

/// Whether a document is beyond what is wanted of its session, and no part of a hit that is made: then it need not be read.
fn is_too_much(ask: &Ask, ranked: &Ranked, made: &[Making], of_session: &HashMap<SessionRow, usize>) -> bool {
    let session = SessionRow(i64::from(ranked.session));
    let count = of_session.get(&session).copied().unwrap_or_default();
    // what is one happening is of one turn
    let is_told = |known: &Making| known.document.turn.is_none_or(|turn| turn.0 == i64::from(ranked.turn));
    ask.per_session > 0
        && count >= ask.per_session
        && ranked.turn > 0
        && !made.iter().any(|known| known.document.session == session && is_told(known))
}

/// How many happenings are told of, as far as it can be seen without reading them: the words of a turn are one.
fn happenings(ranked: &[Ranked]) -> usize {
    let mut keys: Vec<i64> = ranked.iter().map(happening).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len()
}

/// What tells the happening of a document from others, in the same way.
fn happening(one: &Ranked) -> i64 {
    match one.doc.kind() {
        DocKind::Observation | DocKind::Commit => one.doc.number(),
        // no document has a negative number
        DocKind::Prompt | DocKind::Summary | DocKind::Answer if one.turn > 0 => -i64::from(one.turn),
        _ => one.doc.number(),
    }
}

/// Those that fit, in order of time. Which these are must not depend on how many are wanted: pages follow each other.
fn by_time(mut ranked: Vec<Ranked>, order: Order) -> Vec<Ranked> {
    // what fits badly would push aside what fits
    let least = ranked.first().map_or(0.0, |first| first.score * FITS);
    ranked.retain(|one| one.score >= least);
    ranked.sort_by_key(|one| (one.at, one.row));
    if order == Order::Newest {
        ranked.reverse();
    }
    ranked
}

/// Whether two documents tell of one happening: the same, the words of one turn, or a commit and the event it is from.
fn same_happening(known: &Making, other: &Making) -> bool {
    let (a, b) = (&known.document, &other.document);
    if a.id == b.id {
        return true;
    }
    let of_turn = |document: &Document| -> Option<TurnId> {
        matches!(document.id, DocId::Prompt(_) | DocId::Summary(_) | DocId::Answer(_))
            .then_some(document.turn)?
    };
    if let (Some(one), Some(other)) = (of_turn(a), of_turn(b)) {
        // two answers of one turn are two happenings
        return one == other && a.id.kind() != b.id.kind();
    }
    let shared = |event: &EventId, document: &Document| document.sources.contains(event);
    match (&a.event, &b.event) {
        (Some(event), None) => shared(event, b),
        (None, Some(event)) => shared(event, a),
        _ => false,
    }
}

/// How much a document says of what happened, for its length.
fn telling(doc: DocId) -> u8 {
    match doc.kind() {
        DocKind::Observation => 4,
        DocKind::Commit => 3,
        DocKind::Summary => 2,
        DocKind::Prompt => 1,
        DocKind::Answer => 0,
    }
}

fn fold(known: &mut Making, mut other: Making, listed: bool) {
    // an observation says more than the commit it tells of
    let says_more =
        matches!((known.document.id, other.document.id), (DocId::Commit(_), DocId::Observation(_)));
    if says_more || listed && telling(other.document.id) > telling(known.document.id) {
        std::mem::swap(&mut known.document, &mut other.document);
        std::mem::swap(&mut known.also, &mut other.also);
        known.ranked.row = other.ranked.row;
    }
    let ids = std::iter::once(other.document.id).chain(other.also);
    for id in ids {
        if id != known.document.id && !known.also.contains(&id) {
            known.also.push(id);
        }
    }
}

fn hit(store: &Reader, making: Making, words: &Words) -> Result<Hit, StoreError> {
    let Making { document, also, ranked } = making;
    // where it says it best, unless what was found was replaced since
    let passage = store.passage(ranked.row)?.filter(|passage| passage.doc == document.id);
    let best = passage
        .and_then(|passage| document.text.get(passage.start..passage.start + passage.length))
        .unwrap_or(&document.text);
    // the title stands above it anyway
    let best =
        best.strip_prefix(document.title.as_str()).filter(|rest| !rest.trim().is_empty()).unwrap_or(best);
    let found = snippet(best, words, SNIPPET);
    let says_more = !document.title.starts_with(found.trim_end_matches('…')) && found != document.title;
    Ok(Hit {
        id: document.id,
        also,
        of_type: document.of_type,
        snippet: if says_more { found } else { String::new() },
        title: document.title,
        at: document.at,
        project: document.project,
        session: document.agent_session,
        branch: document.branch,
        file: document.files.into_iter().next(),
        tokens: u32::try_from(estimate_tokens(&document.text)).unwrap_or(u32::MAX),
        score: ranked.score,
        reasons: ranked.reasons,
    })
}
