//! Makes blocks of tags: which observations and summaries a text holds, and where their fields lie.
//!
//! Knows nothing of what a field means. Every tag is looked at once or twice, and what lies further on is known from a
//! table made in one pass backwards, so that neither depth nor forgotten ends cost more than length.

use std::ops::Range;

use super::defect::{Defect, Defects};
use super::tags::{Form, Name, Role, Tag, tags};

/// A field of a block, by where its text lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// The list for items, the field itself otherwise.
    pub(super) name: Name,
    pub(super) span: Range<usize>,
    /// Whether it has its end tag.
    pub(super) ended: bool,
    /// Whether the span is a list's text without tags for its items.
    pub(super) plain: bool,
}

/// How a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With its end tag.
    Whole,
    /// Where the next block begins.
    Unclosed,
    /// Where the text ends.
    Torn,
}

/// An observation or a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) name: Name,
    pub(super) fields: Vec<Field>,
    pub(super) end: End,
}

/// What a text holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) blocks: Vec<Block>,
    /// Where the reason stands for which there is no summary.
    pub(super) skipped: Option<Range<usize>>,
}

/// The blocks of `text`.
pub(super) fn blocks(text: &str, defects: &mut Defects) -> Found {
    let tags = tags(text);
    for tag in &tags {
        if tag.odd_name {
            defects.add(Defect::TagCase);
        }
        if tag.attributes < tag.end && tag.name != Name::SkipSummary {
            defects.add(Defect::Attributes);
        }
    }
    let ahead = Ahead::of(&tags);
    let mut walk = Walk { text, tags: &tags, ahead: &ahead, defects, at: 0, outside: 0, prose: false };
    let found = walk.all();
    if walk.prose {
        defects.add(Defect::Prose);
    }
    found
}

/// What lies ahead of each tag, as indices; the number of tags where there is none.
struct Ahead {
    /// The next end tag of its name.
    close: Vec<usize>,
    /// The next begin tag of its name.
    open: Vec<usize>,
    /// The next tag of a block, itself included.
    block: Vec<usize>,
    /// The first tag that is no block's, from it on.
    other: Vec<usize>,
}

impl Ahead {
    fn of(tags: &[Tag]) -> Self {
        let none = tags.len();
        let mut ahead = Self {
            close: vec![none; none],
            open: vec![none; none],
            block: vec![none; none + 1],
            other: vec![none; none + 1],
        };
        let (mut close, mut open) = ([none; Name::COUNT], [none; Name::COUNT]);
        for (at, tag) in tags.iter().enumerate().rev() {
            let name = tag.name as usize;
            (ahead.close[at], ahead.open[at]) = (close[name], open[name]);
            match tag.form {
                Form::Close => close[name] = at,
                Form::Open => open[name] = at,
                Form::Alone => {}
            }
            let is_block = tag.name.role() == Role::Block;
            ahead.block[at] = if is_block { at } else { ahead.block[at + 1] };
            ahead.other[at] = if is_block { ahead.other[at + 1] } else { at };
        }
        ahead
    }
}

struct Walk<'a> {
    text: &'a str,
    tags: &'a [Tag],
    ahead: &'a Ahead,
    defects: &'a mut Defects,
    /// The tag that comes next.
    at: usize,
    /// Up to where the text is accounted for.
    outside: usize,
    prose: bool,
}

impl Walk<'_> {
    fn all(&mut self) -> Found {
        let (mut found, mut drafts) = (Found::default(), Found::default());
        while let Some(&tag) = self.tags.get(self.at) {
            self.leave(tag.start);
            self.outside = tag.end;
            self.at += 1;
            match (tag.name.role(), tag.form) {
                (Role::Block, Form::Open) => {
                    let block = self.block(tag.name);
                    found.blocks.push(block);
                }
                (Role::Block, Form::Alone) => {
                    found.blocks.push(Block { name: tag.name, fields: Vec::new(), end: End::Whole });
                }
                (Role::Skip, Form::Open | Form::Alone) => {
                    let reason = self.reason(&tag);
                    found.skipped.get_or_insert(reason);
                }
                (Role::Aside, Form::Open) => {
                    self.defects.add(Defect::Thoughts);
                    let close = self.ahead.close[self.at - 1];
                    self.outside = self.tags.get(close).map_or(self.text.len(), |tag| tag.end);
                    self.at = self.tags.len().min(close + 1);
                }
                (Role::Aside, Form::Close) => {
                    // the service ate the begin: all that was so far was thought, drafts of blocks included
                    self.defects.add(Defect::Thoughts);
                    drafts = std::mem::take(&mut found);
                    self.prose = false;
                }
                // a field without a block, and ends without a begin: nothing that could be taken
                (Role::Field | Role::List | Role::Item, _)
                | (Role::Block | Role::Skip, Form::Close)
                | (Role::Aside, Form::Alone) => {}
            }
        }
        self.leave(self.text.len());
        // with nothing after them, they were no drafts but the reply
        if found.blocks.is_empty() && found.skipped.is_none() { drafts } else { found }
    }

    /// Notes whether the text from where we are to `to` says anything.
    fn leave(&mut self, to: usize) {
        if self.outside < to && self.text[self.outside..to].contains(char::is_alphanumeric) {
            self.prose = true;
        }
    }

    /// Where the reason of a skip lies: in its attribute, or between its tags.
    fn reason(&mut self, tag: &Tag) -> Range<usize> {
        let attributes = &self.text[tag.attributes..tag.end];
        let quoted = attributes.find('=').and_then(|equals| {
            let value = &attributes[equals + 1..];
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let start = tag.attributes + equals + 2;
            Some(start..start + value[1..].find(quote)?)
        });
        let close = self.ahead.close[self.at - 1];
        let inside = match self.tags.get(close) {
            Some(end) if tag.form == Form::Open && self.ahead.block[self.at] > close => {
                self.at = close + 1;
                self.outside = end.end;
                tag.end..end.start
            }
            _ => tag.end..tag.end,
        };
        quoted.unwrap_or(inside)
    }

    /// The rest of the block whose begin tag was the last one.
    fn block(&mut self, name: Name) -> Block {
        // a begin with nothing after it is a mention of the tag: what is cut has a field at least
        let end = if self.at < self.tags.len() { End::Torn } else { End::Unclosed };
        let mut block = Block { name, fields: Vec::new(), end };
        let mut list: Option<List> = None;
        loop {
            let Some(&tag) = self.tags.get(self.at) else {
                self.outside = self.text.len();
                return block;
            };
            match (tag.name.role(), tag.form) {
                (Role::Block | Role::Skip, Form::Open | Form::Alone) => {
                    self.outside = tag.start;
                    block.end = End::Unclosed;
                    return block;
                }
                (Role::Block, Form::Close) => {
                    // the end of the other kind ends it as well: there is no block within a block
                    close_list(&mut list, tag.start, false, &mut block.fields);
                    self.outside = tag.end;
                    self.at += 1;
                    block.end = End::Whole;
                    return block;
                }
                (Role::Field, Form::Open) => {
                    close_list(&mut list, tag.start, false, &mut block.fields);
                    self.field(tag, tag.name, &mut block.fields);
                }
                (Role::Item, Form::Open) => {
                    let of = list_of(tag.name, list.as_ref());
                    if let Some(list) = list.as_mut() {
                        list.items = true;
                    }
                    self.field(tag, of, &mut block.fields);
                }
                (Role::List, Form::Open) => {
                    close_list(&mut list, tag.start, false, &mut block.fields);
                    list = Some(List { name: tag.name, start: tag.end, items: false });
                    self.at += 1;
                }
                (Role::List, Form::Close) => {
                    close_list(&mut list, tag.start, true, &mut block.fields);
                    self.at += 1;
                }
                (Role::Aside, _) | (_, Form::Alone | Form::Close) => self.at += 1,
            }
        }
    }

    /// The field that `tag` begins, up to its end tag; where that is forgotten, up to the next tag.
    fn field(&mut self, tag: Tag, name: Name, fields: &mut Vec<Field>) {
        let begin = self.at;
        let close = self.ahead.close[begin];
        let ended = close < self.tags.len() && self.reaches(begin, close);
        self.at = if ended { close + 1 } else { begin + 1 };
        let to = match self.tags.get(if ended { close } else { begin + 1 }) {
            Some(next) => next.start,
            None => self.text.len(),
        };
        fields.push(Field { name, span: tag.end..to, ended, plain: false });
    }

    /// Whether the end tag at `close` belongs to the field that begins at `begin`: no block begins or ends in between,
    /// and no further item of the same list.
    fn reaches(&self, begin: usize, close: usize) -> bool {
        let again = self.tags[begin].name.role() == Role::Item && self.ahead.open[begin] < close;
        let block = self.ahead.block[begin];
        // tags of blocks right before the end tag are words about blocks: real ones have fields or nothing in between
        !again && (block > close || self.ahead.other[block] == close)
    }
}

/// A list that is being read.
struct List {
    name: Name,
    start: usize,
    items: bool,
}

/// Ends a list at `to`; one without items' tags gives its text.
fn close_list(list: &mut Option<List>, to: usize, ended: bool, fields: &mut Vec<Field>) {
    if let Some(List { name, start, items: false }) = list.take() {
        fields.push(Field { name, span: start..to, ended, plain: true });
    }
}

/// The list an item belongs to: the one it stands in if that can hold it, else the one that does no harm.
fn list_of(item: Name, list: Option<&List>) -> Name {
    match (item, list.map(|list| list.name)) {
        (Name::File, Some(Name::FilesModified)) => Name::FilesModified,
        (Name::File, _) => Name::FilesRead,
        (Name::Fact, _) => Name::Facts,
        (_, _) => Name::Concepts,
    }
}
