//! What happened around one thing, as a document: around an id, a moment, or what a search finds best.

use jiff::tz::TimeZone;
use mem_core::id::{CommitId, EventId, ObservationId, ProjectId, SummaryId, TurnId};
use mem_core::recall::{DocId, DocKind};
use mem_core::time::Timestamp;
use mem_daemon::inbox::drain;
use mem_daemon::questions::Searcher;
use mem_logic::brief::estimate_tokens;
use mem_logic::recall::moment;
use mem_store::{Reader, StoreError, TimelineRow};
use mem_wire::timeline::{Item, Timeline, VERSION};

use super::among::Among;
use super::apart::Apart;
use super::wish::Wish;
use super::{search, sorts};
use crate::commands::desk::{Desk, Names};
use crate::failure::Failure;

/// Documents on either side, unless asked otherwise.
pub(crate) const AROUND: usize = 10;
/// Most documents on either side.
pub(crate) const MOST: usize = 1000;
/// Numbers of digits that are seconds or milliseconds since 1970, and no id.
const EPOCH: [usize; 2] = [10, 13];
/// Fewest digits of a commit's hash, as many as git shows of one.
const HASH: usize = 7;
/// What a timeline shows unless asked otherwise: answers say at length what summaries say in short.
const SHOWN: [DocKind; 4] = [DocKind::Observation, DocKind::Summary, DocKind::Prompt, DocKind::Commit];

/// What a timeline is asked around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Whatever the text is: an id, else a moment, else words to search for; nothing is now.
    Anything(String),
    /// An id or a moment.
    Anchor(String),
    /// Words to search for, whatever they look like.
    Words(String),
}

/// A wish for a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Around {
    /// Around what.
    pub(crate) asked: Asked,
    /// Projects, by name, key or directory; none for that of the anchor, or of this directory.
    pub(crate) projects: Vec<String>,
    /// Every project.
    pub(crate) all: bool,
    /// Kinds of documents; none for all but answers.
    pub(crate) kinds: Vec<String>,
    /// Most documents before.
    pub(crate) before: usize,
    /// Most documents after.
    pub(crate) after: usize,
}

/// What the asked-for comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Center {
    Document(DocId),
    Moment(Timestamp),
    Words(String),
}

/// What happened around what is asked.
///
/// # Errors
/// [`Failure`] when an id leads nowhere, a word means nothing, or the store cannot be read.
pub(crate) fn timeline(
    desk: &Desk,
    store: &Reader,
    searcher: &mut Searcher,
    around: &Around,
) -> Result<(Timeline, Among), Failure> {
    let now = drain::now();
    let center = center(&around.asked, now, &TimeZone::system());
    let center = match (center, commit(store, &around.asked)?) {
        (Ok(Center::Document(id)), Some(_)) if store.in_timeline(id)?.is_some() => Center::Document(id),
        (_, Some(commit)) => Center::Document(commit),
        (center, None) => center?,
    };
    let kinds = sorts::kinds(&around.kinds)?;
    let named = Among::of(desk, store, &around.projects, around.all)?;
    let searched = matches!(center, Center::Words(_));
    let spot = match &center {
        Center::Moment(at) => Some(Spot { at: *at, row: None, project: None }),
        Center::Document(id) => Some(Spot::of(store, *id)?),
        Center::Words(words) => best(desk, store, searcher, around, words)?
            .map(|id| Spot::of(store, id).map(|spot| Spot { project: None, ..spot }))
            .transpose()?,
    };
    let among = match spot.as_ref().and_then(|spot| spot.project) {
        // whoever names one thing is asking about its project
        Some(project) if !around.all && around.projects.is_empty() => {
            Among::These(vec![(project, Names::new(store).of(project)?)])
        }
        _ => named,
    };
    let kinds = if kinds.is_empty() { SHOWN.to_vec() } else { kinds };
    let rows = match &spot {
        Some(spot) if !matches!(among, Among::Unknown(_)) => {
            let anchor = spot.row.as_ref().map(|row| row.id);
            let (before, after) = (around.before.min(MOST), around.after.min(MOST));
            store.around(&among.ids(), &kinds, spot.at, anchor, before, after)?
        }
        _ => Vec::new(),
    };
    let mut document = document(store, &rows, spot.map_or(now, |spot| spot.at))?;
    around.asked.words().clone_into(&mut document.asked);
    document.searched = searched;
    document.projects = among.names();
    Ok((document, among))
}

/// The timeline of a memory that has not begun, after the wish was read.
///
/// # Errors
/// [`Failure`] when a word means nothing.
pub(crate) fn nothing(around: &Around) -> Result<Timeline, Failure> {
    let now = drain::now();
    let center = center(&around.asked, now, &TimeZone::system())?;
    sorts::kinds(&around.kinds)?;
    Ok(Timeline {
        version: VERSION,
        asked: around.asked.words().to_owned(),
        searched: matches!(center, Center::Words(_)),
        anchor: None,
        title: None,
        at: if let Center::Moment(at) = center { at.0 } else { now.0 },
        projects: Vec::new(),
        before: 0,
        after: 0,
        items: Vec::new(),
    })
}

impl Asked {
    fn words(&self) -> &str {
        let (Self::Anything(text) | Self::Anchor(text) | Self::Words(text)) = self;
        text.trim()
    }
}

fn center(asked: &Asked, now: Timestamp, zone: &TimeZone) -> Result<Center, Failure> {
    let text = asked.words();
    if let Asked::Words(_) = asked {
        if text.is_empty() {
            return Err(Failure::usage("there is no word to search for"));
        }
        return Ok(Center::Words(text.to_owned()));
    }
    if let Some(id) = document_id(text) {
        return Ok(Center::Document(id));
    }
    match (moment(text, now, zone, false), asked) {
        (Some(at), _) => Ok(Center::Moment(at)),
        (None, Asked::Anything(_)) if text.is_empty() => Ok(Center::Moment(now)),
        (None, Asked::Anything(_)) => Ok(Center::Words(text.to_owned())),
        (None, _) => Err(Failure::usage(format!("{text:?} is neither an id nor a moment")).hint(
            "Ids look like #123 or 123 (observation), S7 (summary), T4 (prompt), E5 (event), C6 (commit); moments like \
             2026-11-01, yesterday, 7d, or RFC 3339.",
        )),
    }
}

/// The one commit of which this is the hash. Shorter ones are words and numbers as well.
fn commit(store: &Reader, asked: &Asked) -> Result<Option<DocId>, StoreError> {
    let text = asked.words();
    if matches!(asked, Asked::Words(_)) || text.len() < HASH {
        return Ok(None);
    }
    match store.commits_of_hash(text)?.as_slice() {
        [one] => Ok(Some(DocId::Commit(one.id))),
        _ => Ok(None),
    }
}

/// The document that people name so: `#123`, `123`, `S7` or `#S7`, `T4`, `E5`, `C6`.
pub(super) fn document_id(text: &str) -> Option<DocId> {
    let text = text.trim();
    let plain = text.strip_prefix('#').unwrap_or(text);
    // no id has zeros in front, and codes of errors do: E0308
    let is_number =
        |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let row = |digits: &str| -> Option<i64> { is_number(digits).then(|| digits.parse().ok())? };
    if let Some(id) = row(plain) {
        let is_moment = plain.len() == text.len() && EPOCH.contains(&plain.len());
        return (!is_moment).then_some(DocId::Observation(ObservationId(id)));
    }
    let id = row(plain.get(1..)?)?;
    match plain.as_bytes()[0].to_ascii_uppercase() {
        b'S' => Some(DocId::Summary(SummaryId(id))),
        b'T' => Some(DocId::Prompt(TurnId(id))),
        b'E' => Some(DocId::Answer(EventId(id))),
        b'C' => Some(DocId::Commit(CommitId(id))),
        _ => None,
    }
}

/// The id that `query` is and nothing else, as documents say it. Bare numbers, small letters and zeros in front are
/// those of words: `404`, `s3`, `E0308`.
pub(crate) fn id_alone(query: &str) -> Option<DocId> {
    let query = query.trim();
    document_id(query).filter(|id| id.to_string() == query)
}

/// Where a timeline is looked at.
struct Spot {
    at: Timestamp,
    /// The document there, or what stands in its place now.
    row: Option<TimelineRow>,
    /// The project of what was named.
    project: Option<ProjectId>,
}

impl Spot {
    /// Where an id leads; an event that is no document has its moment all the same.
    fn of(store: &Reader, id: DocId) -> Result<Self, Failure> {
        if let Some(row) = store.in_timeline(id)? {
            return Ok(Self { at: row.at, project: Some(row.project), row: Some(row) });
        }
        if let DocId::Answer(id) = id
            && let Some(row) = store.event(id)?
        {
            return Ok(Self { at: row.event.at, project: Some(row.spot.project), row: None });
        }
        Err(Failure::user(format!("nothing has the id {id}"))
            .hint(format!(
                "`claude-mem search` and `claude-mem sessions` print ids. If it is none, another word beside it makes it a \
                 word: `claude-mem timeline \"error {}\"`.",
                id.to_string().trim_start_matches('#')
            )))
    }
}

/// The best hit of a search in the same projects.
fn best(
    desk: &Desk,
    store: &Reader,
    searcher: &mut Searcher,
    around: &Around,
    words: &str,
) -> Result<Option<DocId>, Failure> {
    let wish = Wish {
        query: words.to_owned(),
        projects: around.projects.clone(),
        all: around.all,
        kinds: around.kinds.clone(),
        limit: 1,
        ..Wish::default()
    };
    let (found, _among) = search::search(desk, store, searcher, &wish)?;
    Ok(found.hits.first().and_then(|hit| document_id(&hit.id)))
}

fn document(store: &Reader, rows: &[TimelineRow], at: Timestamp) -> Result<Timeline, StoreError> {
    let (mut names, apart) = (Names::new(store), Apart::of(store)?);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let text = store.document_text(row.id)?.unwrap_or_default();
        items.push(Item {
            id: row.id.to_string(),
            kind: row.id.kind().as_str().to_owned(),
            of_type: row.of_type.clone(),
            title: row.title.clone(),
            at: row.at.0,
            project: names.of(row.project)?,
            place: apart.place(row.project),
            session: row.session.0.clone(),
            file: row.file.clone(),
            ordinal: row.ordinal,
            tokens: u32::try_from(estimate_tokens(&text)).unwrap_or(u32::MAX),
            anchor: row.anchor,
        });
    }
    let anchor = items.iter().find(|item| item.anchor);
    let before = match anchor {
        Some(_) => items.iter().take_while(|item| !item.anchor).count(),
        None => items.iter().take_while(|item| item.at < at.0).count(),
    };
    Ok(Timeline {
        version: VERSION,
        asked: String::new(),
        searched: false,
        anchor: anchor.map(|item| item.id.clone()),
        title: anchor.map(|item| item.title.clone()),
        at: at.0,
        projects: Vec::new(),
        before,
        after: items.len() - before - usize::from(anchor.is_some()),
        items,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(asked: &Asked) -> Option<Center> {
        center(asked, Timestamp(1_763_700_000_000), &TimeZone::UTC).ok()
    }

    #[test]
    fn an_id_a_moment_or_words() {
        let document = |id| Some(Center::Document(id));
        for (text, wanted) in [
            ("#12", document(DocId::Observation(ObservationId(12)))),
            (" 12 ", document(DocId::Observation(ObservationId(12)))),
            ("S3", document(DocId::Summary(SummaryId(3)))),
            ("#S3", document(DocId::Summary(SummaryId(3)))),
            ("t4", document(DocId::Prompt(TurnId(4)))),
            ("E5", document(DocId::Answer(EventId(5)))),
            ("C6", document(DocId::Commit(CommitId(6)))),
            ("#1763700000000", document(DocId::Observation(ObservationId(1_763_700_000_000)))),
            ("1763700000000", Some(Center::Moment(Timestamp(1_763_700_000_000)))),
            ("2025-11-21T04:40:00Z", Some(Center::Moment(Timestamp(1_763_700_000_000)))),
        ] {
            for asked in [Asked::Anything(text.into()), Asked::Anchor(text.into())] {
                assert_eq!(read(&asked), wanted, "{asked:?}");
            }
            let words = Some(Center::Words(text.trim().into()));
            assert_eq!(read(&Asked::Words(text.into())), words, "{text}");
        }
        for text in ["parser bug", "S", "X5", "#", "é12", "日本"] {
            assert_eq!(read(&Asked::Anything(text.into())), Some(Center::Words(text.into())));
            assert_eq!(read(&Asked::Anchor(text.into())), None, "{text}");
        }
        assert!(matches!(read(&Asked::Anything("  ".into())), Some(Center::Moment(_))), "now");
        assert_eq!(read(&Asked::Words(" ".into())), None);
    }
}
