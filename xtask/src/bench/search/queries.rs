//! What is asked: kinds of queries, each with many texts of its own, and conditions, each in the words of the command
//! line and of the tool.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::chance::Chance;
use super::fill::{PROJECTS, Samples};
use super::text::Writer;
use super::words::inflected;

/// Texts of each kind, so that no cache of answers could help.
const TEXTS: usize = 200;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// None.
    None,
    /// Of this project.
    Project(&'static str),
    /// Observations of this type.
    Type(&'static str),
    /// From one day to another.
    Dates(&'static str, &'static str),
    /// About this file.
    File(String),
}

/// One kind of query.
#[derive(Debug)]
pub(super) struct Kind {
    /// What the table calls it.
    pub(super) name: String,
    /// What is asked, in turn.
    pub(super) texts: Vec<String>,
    /// The condition.
    pub(super) condition: Condition,
}

impl Condition {
    /// As options of the command line.
    pub(super) fn options(&self) -> Vec<String> {
        let all = "--all".to_owned();
        match self {
            Self::None => vec![all],
            Self::Project(name) => vec![format!("--project={name}")],
            Self::Type(name) => vec![all, format!("--type={name}")],
            Self::Dates(from, to) => vec![all, format!("--from={from}"), format!("--to={to}")],
            Self::File(path) => vec![all, format!("--file={path}")],
        }
    }

    /// As arguments of the tool, with the query.
    pub(super) fn arguments(&self, query: &str) -> Value {
        let mut arguments = json!({ "query": query, "project": "*" });
        match self {
            Self::None => {}
            Self::Project(name) => arguments["project"] = json!(name),
            Self::Type(name) => arguments["obs_type"] = json!(name),
            Self::Dates(from, to) => {
                arguments["dateStart"] = json!(from);
                arguments["dateEnd"] = json!(to);
            }
            Self::File(path) => arguments["files"] = json!(path),
        }
        arguments
    }

    fn name(&self) -> String {
        match self {
            Self::None => "all".to_owned(),
            Self::Project(name) => format!("project of a {name}"),
            Self::Type(name) => format!("type {name}"),
            Self::Dates(..) => "a month".to_owned(),
            Self::File(_) => "a file".to_owned(),
        }
    }
}

/// All kinds: of every length without a condition, and of ten words with each condition.
pub(super) fn kinds(writer: &Writer, samples: &Samples) -> Vec<Kind> {
    let mut asking = Asking { writer, samples, chance: Chance::of(11) };
    let lengths: Vec<(&str, Vec<String>)> = vec![
        ("one word", asking.several(Asking::one_word)),
        ("three words", asking.several(Asking::three_words)),
        ("ten words", asking.several(Asking::ten_words)),
        ("the commonest word", vec![writer.words().nouns.at(0).to_owned()]),
        ("a prompt of 200 words", asking.several(Asking::prompt)),
        ("a phrase", asking.several(Asking::phrase)),
        ("a prefix", asking.several(Asking::prefix)),
        ("an identifier", asking.several(Asking::identifier)),
    ];
    let mut kinds: Vec<Kind> = lengths
        .into_iter()
        .map(|(name, texts)| Kind { name: name.to_owned(), texts, condition: Condition::None })
        .collect();
    let file = samples.files.first().cloned().unwrap_or_default();
    let conditions = [
        Condition::Project(PROJECTS[0]),
        Condition::Project(PROJECTS[1]),
        Condition::Project(PROJECTS[2]),
        Condition::Type("decision"),
        Condition::Dates("2025-06-01", "2025-06-30"),
        Condition::File(file),
    ];
    for condition in conditions {
        let name = format!("ten words, {}", condition.name());
        kinds.push(Kind { name, texts: asking.several(Asking::ten_words), condition });
    }
    let condition = Condition::Project(PROJECTS[2]);
    let name = format!("200 words, {}", condition.name());
    kinds.push(Kind { name, texts: asking.several(Asking::prompt), condition });
    kinds
}

struct Asking<'w> {
    writer: &'w Writer,
    samples: &'w Samples,
    chance: Chance,
}

impl Asking<'_> {
    fn several(&mut self, one: fn(&mut Self) -> String) -> Vec<String> {
        (0..TEXTS).map(|_| one(self)).collect()
    }

    fn one_word(&mut self) -> String {
        self.writer.words().nouns.one(&mut self.chance).to_owned()
    }

    fn three_words(&mut self) -> String {
        let words = self.writer.words();
        let verb = inflected(words.verbs.one(&mut self.chance), "ing");
        let adjective = words.adjectives.one(&mut self.chance);
        format!("{verb} {adjective} {}", words.nouns.one(&mut self.chance))
    }

    fn ten_words(&mut self) -> String {
        let topic = self.writer.topic(&mut self.chance);
        self.writer.question(&topic, &mut self.chance)
    }

    fn prompt(&mut self) -> String {
        let topic = self.writer.topic(&mut self.chance);
        self.writer.passage(200, &topic, &mut self.chance)
    }

    /// Three words that stand in a title.
    fn phrase(&mut self) -> String {
        let title = self.chance.one(&self.samples.titles).clone();
        let words: Vec<&str> = title.split(' ').collect();
        let first = self.chance.below(words.len().saturating_sub(2));
        format!("\"{}\"", words[first..words.len().min(first + 3)].join(" ").replace('"', ""))
    }

    fn prefix(&mut self) -> String {
        let word = self.writer.words().names.one(&mut self.chance);
        let mut prefix: String = word.chars().take(4).collect();
        prefix.push('*');
        prefix
    }

    /// A file that was worked on, and an error code.
    fn identifier(&mut self) -> String {
        let mut text = self.chance.one(&self.samples.files).clone();
        let _infallible = write!(text, " E{:04}", self.chance.below(900));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_as_long_as_they_say() {
        let samples = Samples {
            titles: vec!["The cache is stale after a restart".into()],
            files: vec!["src/a/b.rs".into()],
        };
        let kinds = kinds(&Writer::of(1), &samples);
        let words = |at: usize| kinds[at].texts.iter().map(|text| text.split(' ').count());
        assert!(words(0).all(|count| count == 1));
        assert!(words(1).all(|count| count == 3));
        assert!(words(2).all(|count| (9..=12).contains(&count)));
        assert!(words(4).all(|count| (200..=230).contains(&count)));
        assert!(words(5).all(|count| count == 3));
    }

    #[test]
    fn a_condition_is_the_same_in_both_ways() {
        let dates = Condition::Dates("2025-06-01", "2025-06-30");
        assert_eq!(dates.options(), ["--all", "--from=2025-06-01", "--to=2025-06-30"]);
        assert_eq!(dates.arguments("x")["dateEnd"], "2025-06-30");
        assert_eq!(Condition::Project("half").arguments("x")["project"], "half");
    }
}
