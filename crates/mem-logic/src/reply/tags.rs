//! Finds the tags of the grammar in a text, in one pass.
//!
//! Only tags of known names count, everything else is text: replies speak of code, and `Vec<String>` is no markup. What
//! stands in CDATA, in a comment or alone between backticks is text too. Must not go back: a hostile reply of a
//! megabyte takes as long as an honest one.

/// The tags of the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Observation,
    Summary,
    SkipSummary,
    Think,
    Thinking,
    Type,
    Title,
    Subtitle,
    Facts,
    Fact,
    Narrative,
    Concepts,
    Concept,
    FilesRead,
    FilesModified,
    File,
    Request,
    Investigated,
    Learned,
    Completed,
    NextSteps,
    Notes,
}

/// What a tag is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Holds fields.
    Block,
    /// Says that there is nothing to say.
    Skip,
    /// Holds what is none of our business.
    Aside,
    /// Holds items.
    List,
    /// An item of a list: text.
    Item,
    /// Text.
    Field,
}

impl Name {
    /// How many there are.
    pub(super) const COUNT: usize = Self::ALL.len();
    const ALL: [Self; 22] = [
        Self::Observation,
        Self::Summary,
        Self::SkipSummary,
        Self::Think,
        Self::Thinking,
        Self::Type,
        Self::Title,
        Self::Subtitle,
        Self::Facts,
        Self::Fact,
        Self::Narrative,
        Self::Concepts,
        Self::Concept,
        Self::FilesRead,
        Self::FilesModified,
        Self::File,
        Self::Request,
        Self::Investigated,
        Self::Learned,
        Self::Completed,
        Self::NextSteps,
        Self::Notes,
    ];

    /// The name in the grammar.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Observation => "observation",
            Self::Summary => "summary",
            Self::SkipSummary => "skip_summary",
            Self::Think => "think",
            Self::Thinking => "thinking",
            Self::Type => "type",
            Self::Title => "title",
            Self::Subtitle => "subtitle",
            Self::Facts => "facts",
            Self::Fact => "fact",
            Self::Narrative => "narrative",
            Self::Concepts => "concepts",
            Self::Concept => "concept",
            Self::FilesRead => "files_read",
            Self::FilesModified => "files_modified",
            Self::File => "file",
            Self::Request => "request",
            Self::Investigated => "investigated",
            Self::Learned => "learned",
            Self::Completed => "completed",
            Self::NextSteps => "next_steps",
            Self::Notes => "notes",
        }
    }

    /// What it is for.
    pub(super) fn role(self) -> Role {
        match self {
            Self::Observation | Self::Summary => Role::Block,
            Self::SkipSummary => Role::Skip,
            Self::Think | Self::Thinking => Role::Aside,
            Self::Facts | Self::Concepts | Self::FilesRead | Self::FilesModified => Role::List,
            Self::Fact | Self::Concept | Self::File => Role::Item,
            Self::Type
            | Self::Title
            | Self::Subtitle
            | Self::Narrative
            | Self::Request
            | Self::Investigated
            | Self::Learned
            | Self::Completed
            | Self::NextSteps
            | Self::Notes => Role::Field,
        }
    }

    /// The name as it was written, `-` and `_` taken as the same.
    fn of(written: &str) -> Option<Self> {
        let same = |known: &str| {
            known.len() == written.len()
                && known
                    .bytes()
                    .zip(written.bytes())
                    .all(|(a, b)| a == b.to_ascii_lowercase() || (a == b'_' && b == b'-'))
        };
        Self::ALL.into_iter().find(|name| same(name.as_str()))
    }
}

/// How a tag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Open,
    Close,
    /// Opens and closes: `<name/>`.
    Alone,
}

/// A tag of the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) name: Name,
    pub(super) form: Form,
    /// Where it starts and ends in the text, in bytes.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where its attributes start; `end` when it has none.
    pub(super) attributes: usize,
    /// Whether its name is written in another way than the grammar's.
    pub(super) odd_name: bool,
}

/// Longest tag of the grammar's longest name with room for its attributes, in bytes; more is no tag.
const LONGEST: usize = 1024;

/// Begin and end of CDATA and of comments: what they hold is text.
pub(super) const CDATA: [&str; 2] = ["<![CDATA[", "]]>"];
const COMMENT: [&str; 2] = ["<!--", "-->"];

/// The tags of the grammar in `text`, in order.
pub(super) fn tags(text: &str) -> Vec<Tag> {
    let bytes = text.as_bytes();
    let (mut cdata, mut comments) = (Opaque::new(CDATA), Opaque::new(COMMENT));
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find('<') {
        at += offset;
        if let Some(end) = cdata.end(text, at).or_else(|| comments.end(text, at)) {
            at = end;
        } else if let Some(tag) = tag(text, at) {
            let quoted = at > 0 && bytes[at - 1] == b'`' && bytes.get(tag.end) == Some(&b'`');
            at = tag.end;
            if !quoted {
                found.push(tag);
            }
        } else {
            at += 1;
        }
    }
    found
}

/// The spans of a kind whose inside is text. Ends are looked for from left to right only, so that all of them together
/// take one pass.
pub(super) struct Opaque {
    marks: [&'static str; 2],
    /// Where the next begin and the next end lie that were found so far; the text's length when there is none.
    next: [usize; 2],
}

impl Opaque {
    pub(super) fn new(marks: [&'static str; 2]) -> Self {
        Self { marks, next: [0, 0] }
    }

    /// Where the span ends that begins at `at`; `None` when none begins there, or it has no end before the next begin:
    /// then its begin is text, so that one forgotten end does not swallow what follows.
    pub(super) fn end(&mut self, text: &str, at: usize) -> Option<usize> {
        let [begin, end] = self.marks;
        if !text.as_bytes()[at..].starts_with(begin.as_bytes()) {
            return None;
        }
        let inside = at + begin.len();
        for (next, mark) in self.next.iter_mut().zip(self.marks) {
            if *next < inside {
                *next = text[inside..].find(mark).map_or(text.len(), |offset| inside + offset);
            }
        }
        let [next_begin, next_end] = self.next;
        (next_end < text.len() && next_end <= next_begin).then_some(next_end + end.len())
    }
}

/// The tag that starts at `at`, which is a `<`.
fn tag(text: &str, at: usize) -> Option<Tag> {
    let bytes = text.as_bytes();
    let closes = bytes.get(at + 1) == Some(&b'/');
    let from = at + 1 + usize::from(closes);
    let to = bytes[from..]
        .iter()
        .take(16) // the longest name has 14 letters
        .position(|byte| !(byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-')))
        .map(|length| from + length)?;
    let name = Name::of(&text[from..to])?;
    if !(bytes[to].is_ascii_whitespace() || matches!(bytes[to], b'>' | b'/')) {
        return None;
    }
    let close = closing(&bytes[..bytes.len().min(at + LONGEST)], to)?;
    let alone = bytes[close - 1] == b'/' && !closes;
    let inner_end = close - usize::from(bytes[close - 1] == b'/');
    let attributes = bytes[to..inner_end].iter().position(|byte| !byte.is_ascii_whitespace());
    Some(Tag {
        name,
        form: if closes {
            Form::Close
        } else if alone {
            Form::Alone
        } else {
            Form::Open
        },
        start: at,
        end: close + 1,
        attributes: attributes.map_or(close + 1, |offset| to + offset),
        odd_name: text[from..to] != *name.as_str(),
    })
}

/// Where the `>` of a tag lies whose name ends at `from`. Quoted values may hold any character; without their second
/// quote they are read as bare ones.
fn closing(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'>' => return Some(at),
            b'<' => return None,
            b'"' | b'\'' if bytes[at - 1] == b'=' => {
                let value = &bytes[at + 1..];
                at += value.iter().position(|b| *b == byte).map_or(0, |length| length + 1);
            }
            _ => {}
        }
        at += 1;
    }
    None
}
