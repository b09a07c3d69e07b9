//! Turns a block into an observation or a summary: types and concepts of the mode, sizes, what is empty.
//!
//! Must not invent: a missing title is the first thing the observation says itself, a missing type the mode's first.

use mem_core::observation::{Observation, Summary};
use mem_core::text::one_line;

use super::blocks::{Block, End, Field};
use super::defect::{Defect, Defects};
use super::read::Grammar;
use super::tags::Name;
use super::text::{line, prose};

// How much one field may hold, in characters, and how many items a list. A brief shows the title and little more; what
// is longer than this is the model repeating its input.
const TITLE: usize = 200;
const SUBTITLE: usize = 300;
const NARRATIVE: usize = 4000;
const FACT: usize = 600;
const FACTS: usize = 12;
const FILES: usize = 40;
const CONCEPTS: usize = 12;
const WORD: usize = 48;
const SUMMARY: usize = 2000;
/// `PATH_MAX` is 4096 bytes; what is longer than this is no path worth keeping.
const PATH: usize = 1024;

/// The type where the mode has none: the one that claims least.
const PLAIN_TYPE: &str = "discovery";

/// The observation that `block` holds; none when it says nothing, or is cut before its title ends.
pub(super) fn observation(
    text: &str,
    block: &Block,
    grammar: &Grammar,
    defects: &mut Defects,
) -> Option<Observation> {
    let fields = Fields::of(text, block);
    if block.end != End::Whole && !fields.says(Name::Title) {
        defects.add(ending(block, false));
        return None;
    }
    let mut made = Observation {
        title: fields.line(Name::Title, TITLE, defects),
        subtitle: fields.line(Name::Subtitle, SUBTITLE, defects),
        facts: fields.facts(defects),
        narrative: fields.prose(Name::Narrative, NARRATIVE, defects),
        files_read: fields.files(Name::FilesRead, defects),
        files_modified: fields.files(Name::FilesModified, defects),
        ..Observation::default()
    };
    if made.title.is_empty() && made.facts.is_empty() && made.narrative.is_empty() {
        defects.add(Defect::EmptyBlock(block.name.as_str()));
        return None;
    }
    if made.title.is_empty() {
        defects.add(Defect::Untitled);
        let said = [&made.subtitle, made.facts.first().unwrap_or(&made.narrative), &made.narrative];
        let first = said.into_iter().find(|said| !said.is_empty()).expect("something is said");
        made.title = one_line(first, TITLE);
    }
    made.kind = kind(&fields.line(Name::Type, WORD * 4, defects), grammar, defects);
    made.concepts = concepts(&fields, &made.kind, grammar, defects);
    fields.tell(defects);
    Some(made)
}

/// The summary that `block` holds; none when it says neither what was asked nor what came of it.
pub(super) fn summary(text: &str, block: &Block, defects: &mut Defects) -> Option<Summary> {
    let fields = Fields::of(text, block);
    let mut prose = |name| fields.prose(name, SUMMARY, defects);
    let made = Summary {
        request: prose(Name::Request),
        investigated: prose(Name::Investigated),
        learned: prose(Name::Learned),
        completed: prose(Name::Completed),
        next_steps: prose(Name::NextSteps),
        notes: prose(Name::Notes),
    };
    let telling = [&made.request, &made.investigated, &made.learned, &made.completed, &made.next_steps];
    if telling.into_iter().all(String::is_empty) {
        defects.add(match block.end {
            End::Whole => Defect::EmptyBlock(block.name.as_str()),
            End::Unclosed | End::Torn => ending(block, false),
        });
        return None;
    }
    fields.tell(defects);
    Some(made)
}

fn ending(block: &Block, kept: bool) -> Defect {
    let name = block.name.as_str();
    match block.end {
        End::Unclosed | End::Whole => Defect::Unclosed { block: name, kept },
        End::Torn => Defect::Torn { block: name, kept },
    }
}

/// The fields of a block that may be taken: of one that was cut, only those that are complete.
struct Fields<'a> {
    text: &'a str,
    block: &'a Block,
    usable: Vec<&'a Field>,
}

impl<'a> Fields<'a> {
    fn of(text: &'a str, block: &'a Block) -> Self {
        let usable = block.fields.iter().filter(|field| field.ended || block.end == End::Whole);
        Self { text, block, usable: usable.collect() }
    }

    /// The text of every field of that name, in order.
    fn raw(&self, name: Name) -> impl Iterator<Item = &'a str> {
        let text = self.text;
        self.usable.iter().filter(move |field| field.name == name).map(move |field| &text[field.span.clone()])
    }

    fn says(&self, name: Name) -> bool {
        self.raw(name).any(|raw| !raw.trim().is_empty())
    }

    /// The first field of that name that says anything; a second is told.
    fn first(&self, name: Name, defects: &mut Defects) -> &'a str {
        let mut said = self.raw(name).filter(|raw| !raw.trim().is_empty());
        let first = said.next().unwrap_or("");
        if said.next().is_some() {
            defects.add(Defect::Repeated(name.as_str()));
        }
        first
    }

    fn line(&self, name: Name, most: usize, defects: &mut Defects) -> String {
        line(self.first(name, defects), name.as_str(), most, defects)
    }

    fn prose(&self, name: Name, most: usize, defects: &mut Defects) -> String {
        prose(self.first(name, defects), name.as_str(), most, defects)
    }

    /// The items of a list: one a tag, or one a line where the tags are missing.
    fn items(&self, name: Name) -> impl Iterator<Item = &'a str> {
        let text = self.text;
        self.usable.iter().filter(move |field| field.name == name).flat_map(move |field| {
            let (lines, whole) = match (&text[field.span.clone()], field.plain) {
                (raw, true) => (Some(raw.lines()), None),
                (raw, false) => (None, Some(raw)),
            };
            lines.into_iter().flatten().chain(whole).map(str::trim).filter(|item| !item.is_empty())
        })
    }

    fn facts(&self, defects: &mut Defects) -> Vec<String> {
        let name = Name::Facts.as_str();
        let mut facts: Vec<String> = Vec::new();
        for item in self.items(Name::Facts) {
            if facts.len() == FACTS {
                defects.add(Defect::TooMany(name));
                break;
            }
            let fact = line(item, Name::Fact.as_str(), FACT, defects);
            let fact = unlisted(&fact);
            if !fact.is_empty() && !facts.iter().any(|known| known == fact) {
                facts.push(fact.to_owned());
            }
        }
        facts
    }

    fn files(&self, list: Name, defects: &mut Defects) -> Vec<String> {
        let mut files: Vec<String> = Vec::new();
        for item in self.items(list).flat_map(|item| item.split('\n')) {
            if files.len() == FILES {
                defects.add(Defect::TooMany(list.as_str()));
                break;
            }
            // a path that was cut would be the path of something else
            let name = line(item, Name::File.as_str(), PATH, defects);
            let path = unlisted(&name).trim_matches(|c: char| c.is_whitespace() || "`\"'".contains(c));
            if !path.is_empty() && !name.ends_with('…') && !files.iter().any(|known| known == path) {
                files.push(path.to_owned());
            }
        }
        files
    }

    /// Tells what was odd about the block's form.
    fn tell(&self, defects: &mut Defects) {
        if self.block.end != End::Whole {
            defects.add(ending(self.block, true));
        }
        for field in &self.usable {
            if field.plain && !self.text[field.span.clone()].trim().is_empty() {
                defects.add(Defect::PlainList(field.name.as_str()));
            } else if !field.ended && !field.plain {
                defects.add(Defect::FieldOpen(field.name.as_str()));
            }
        }
    }
}

/// An item without the marks of a list before it.
fn unlisted(mut item: &str) -> &str {
    while let Some(rest) = ["- ", "* ", "• "].into_iter().find_map(|mark| item.strip_prefix(mark)) {
        item = rest.trim_start();
    }
    item
}

/// The mode's type of that name; its first where there is none.
fn kind(written: &str, grammar: &Grammar, defects: &mut Defects) -> String {
    let first = || grammar.kinds.first().cloned().unwrap_or_else(|| PLAIN_TYPE.to_owned());
    if folded(written).is_empty() {
        defects.add(Defect::Untyped);
        return first();
    }
    if grammar.kinds.is_empty() {
        return one_line(&folded(written).replace('-', "_"), WORD);
    }
    let known = |word: &str| grammar.kinds.iter().find(|known| folded(known) == folded(word));
    // the skeleton shows the choice as `[ a | b ]`, and some models copy it and choose only then
    match known(written).or_else(|| written.split('|').find_map(known)) {
        Some(kind) => kind.clone(),
        None => {
            defects.add(Defect::UnknownType(one_line(written, WORD)));
            first()
        }
    }
}

/// The concepts, in the mode's spelling: without what follows a colon, without the type, each once.
fn concepts(fields: &Fields, kind: &str, grammar: &Grammar, defects: &mut Defects) -> Vec<String> {
    let mut concepts: Vec<String> = Vec::new();
    for item in fields.items(Name::Concepts).flat_map(|item| item.split(',')) {
        let word = line(item, Name::Concept.as_str(), FACT, defects);
        let word = folded(word.split(':').next().unwrap_or(""));
        if word.is_empty() || word == folded(kind) {
            continue;
        }
        let concept = match grammar.concepts.iter().find(|known| folded(known) == word) {
            Some(known) => known.clone(),
            None if grammar.concepts.is_empty() => one_line(&word, WORD),
            None => {
                defects.add(Defect::UnknownConcept(one_line(&word, WORD)));
                continue;
            }
        };
        if concepts.contains(&concept) {
            continue;
        }
        if concepts.len() == CONCEPTS {
            defects.add(Defect::TooMany(Name::Concepts.as_str()));
            break;
        }
        concepts.push(concept);
    }
    concepts
}

/// A name for comparing: lower case, one `-` for blanks, `_` and `-`, nothing else but letters and digits.
fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let mut gap = false;
    for c in name.chars() {
        if c.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push('-');
            }
            gap = false;
            folded.extend(c.to_lowercase());
        } else if c.is_whitespace() || matches!(c, '-' | '_') {
            gap = true;
        }
    }
    folded
}
