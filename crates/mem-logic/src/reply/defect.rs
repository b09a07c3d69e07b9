//! What was odd about a reply and was coped with: a closed list, so that it can be counted and told.

use std::fmt;

/// Something odd in a reply.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// The whole reply stood in a code fence, which was taken off.
    Fenced,
    /// Words outside of all blocks, which were left aside.
    Prose,
    /// The model's thoughts stood in the reply; they were left aside.
    Thoughts,
    /// Tags in another case than the grammar's, such as `<Title>`.
    TagCase,
    /// Attributes on tags that have none.
    Attributes,
    /// A block begins before the one ahead of it ended.
    Unclosed {
        /// `observation` or `summary`.
        block: &'static str,
        /// Whether what it holds was taken all the same.
        kept: bool,
    },
    /// The reply ends within a block: it was cut, or its end forgotten.
    Torn {
        /// `observation` or `summary`.
        block: &'static str,
        /// Whether its complete fields were taken.
        kept: bool,
    },
    /// A field has no end tag; it was taken up to the next tag.
    FieldOpen(&'static str),
    /// A field came twice; the first was taken.
    Repeated(&'static str),
    /// A list without its items' tags; its lines were taken for items.
    PlainList(&'static str),
    /// A block that says nothing, left aside.
    EmptyBlock(&'static str),
    /// An observation without a title; the first thing it says became one.
    Untitled,
    /// An observation without a type; the mode's first was taken.
    Untyped,
    /// A type that the mode does not have; the mode's first was taken.
    UnknownType(String),
    /// A concept that the mode does not have, left aside.
    UnknownConcept(String),
    /// A field longer than it may be, cut.
    TooLong(&'static str),
    /// More of these than there may be; the rest was left aside.
    TooMany(&'static str),
    /// Something was neutralised: control characters, or what looks like a tag of the host.
    Neutralised,
    /// More was odd than is told.
    More,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = |kept: &bool| if *kept { "its complete fields were taken" } else { "left aside" };
        match self {
            Self::Fenced => f.write_str("the reply stood in a code fence"),
            Self::Prose => f.write_str("words outside of all blocks"),
            Self::Thoughts => f.write_str("thoughts in the reply"),
            Self::TagCase => f.write_str("tags in another case"),
            Self::Attributes => f.write_str("attributes on tags"),
            Self::Unclosed { block, kept: taken } => write!(f, "{block} without an end; {}", kept(taken)),
            Self::Torn { block, kept: taken } => write!(f, "the reply ends within {block}; {}", kept(taken)),
            Self::FieldOpen(name) => write!(f, "{name} without an end tag"),
            Self::Repeated(name) => write!(f, "{name} given twice"),
            Self::PlainList(name) => write!(f, "{name} without tags for its items"),
            Self::EmptyBlock(block) => write!(f, "empty {block}"),
            Self::Untitled => f.write_str("observation without a title"),
            Self::Untyped => f.write_str("observation without a type"),
            Self::UnknownType(name) => write!(f, "unknown type {name:?}"),
            Self::UnknownConcept(name) => write!(f, "unknown concept {name:?}"),
            Self::TooLong(name) => write!(f, "{name} too long"),
            Self::TooMany(name) => write!(f, "too many {name}"),
            Self::Neutralised => f.write_str("control characters or tags within a field"),
            Self::More => f.write_str("and more"),
        }
    }
}

/// Most defects told of one reply: enough to see what is wrong with it.
const MOST: usize = 32;

/// Defects as they are found: each once, and not without end.
#[derive(Debug, Default)]
pub(super) struct Defects(Vec<Defect>);

impl Defects {
    /// Adds `defect` unless it is there.
    pub(super) fn add(&mut self, defect: Defect) {
        if self.0.len() > MOST || self.0.contains(&defect) {
            return;
        }
        self.0.push(if self.0.len() == MOST { Defect::More } else { defect });
    }

    /// All of them, in a fixed order.
    pub(super) fn sorted(mut self) -> Vec<Defect> {
        self.0.sort();
        self.0
    }
}
