//! The tokeniser of a `tokenizer.json`, and a text as its ids.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::pieces::Pieces;
use super::split::Words;
use crate::error::ModelError;
use crate::shape::{LONGEST, WORDS};

/// What begins a piece that goes on in a word.
const ON: &str = "##";

/// The tokeniser.
#[derive(Debug)]
pub struct Tokens {
    begins: Pieces,
    goes_on: Pieces,
    /// Signs that stand for themselves wherever they are, such as `[SEP]`.
    signs: Vec<(String, u32)>,
    unknown: u32,
    before: u32,
    after: u32,
}

/// What is read of the file. Its truncation and padding are not: they are those of whoever saved it.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<Added>,
    normalizer: Value,
    pre_tokenizer: Value,
    model: Model,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    normalized: bool,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: Option<String>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    max_input_chars_per_word: Option<u64>,
    vocab: HashMap<String, u32>,
}

impl Tokens {
    /// Reads the text of the file at `path`.
    ///
    /// # Errors
    /// It is no tokeniser, or not one that splits and counts as all-MiniLM-L6-v2 does.
    pub fn read(path: &Path, text: &[u8]) -> Result<Self, ModelError> {
        let file: File =
            serde_json::from_slice(text).map_err(|why| ModelError::damaged(path, why.to_string()))?;
        if let Some(what) = unlike(&file) {
            return Err(ModelError::another(path, what));
        }
        let mut taken = vec![false; WORDS];
        for (piece, &id) in &file.model.vocab {
            match taken.get_mut(id as usize) {
                Some(taken) if !*taken && !piece.is_empty() => *taken = true,
                _ => return Err(ModelError::damaged(path, format!("the id {id} of {piece:?} cannot be"))),
            }
        }
        let id_of = |piece: &str| {
            let id = file.model.vocab.get(piece).copied();
            id.ok_or_else(|| ModelError::another(path, format!("{piece} is no word of it")))
        };
        let (on, begin): (Vec<_>, Vec<_>) = file
            .model
            .vocab
            .iter()
            .map(|(piece, &id)| (piece.as_str(), id))
            .partition(|(piece, _)| piece.starts_with(ON));
        Ok(Self {
            unknown: id_of("[UNK]")?,
            before: id_of("[CLS]")?,
            after: id_of("[SEP]")?,
            // `##` alone stands for no letters at all
            goes_on: Pieces::of(
                on.iter()
                    .map(|(piece, id)| (&piece[ON.len()..], *id))
                    .filter(|(piece, _)| !piece.is_empty())
                    .collect(),
            ),
            // a word that is written `##ing` is split at its signs, but a piece may look so
            begins: Pieces::of(begin),
            signs: file.added_tokens.into_iter().map(|added| (added.content, added.id)).collect(),
        })
    }

    /// The ids of a text, with the one before and the one after; [`LONGEST`] at most, the rest of the text is not looked at.
    pub fn of(&self, text: &str) -> Vec<u32> {
        let room = LONGEST - 1;
        let mut ids = Vec::with_capacity(64);
        ids.push(self.before);
        let mut rest = text;
        while ids.len() < room && !rest.is_empty() {
            let (here, sign) = self.until_sign(rest);
            self.add_words(&rest[..here], room, &mut ids);
            rest = &rest[here..];
            if let Some((sign, id)) = sign {
                ids.push(*id);
                rest = &rest[sign.len()..];
            }
        }
        ids.truncate(room);
        ids.push(self.after);
        ids
    }

    /// How far it is to the next sign, and which.
    fn until_sign<'a>(&'a self, text: &str) -> (usize, Option<&'a (String, u32)>) {
        for (at, _) in text.match_indices('[') {
            let sign = self.signs.iter().find(|(sign, _)| text[at..].starts_with(sign.as_str()));
            if sign.is_some() {
                return (at, sign);
            }
        }
        (text.len(), None)
    }

    fn add_words(&self, text: &str, room: usize, ids: &mut Vec<u32>) {
        let mut words = Words::new(|word: Option<&str>| {
            match word {
                Some(word) => self.add_pieces(word, ids),
                None => ids.push(self.unknown),
            }
            ids.len() < room
        });
        for c in text.chars() {
            words.take(c);
            if !words.wanted {
                return;
            }
        }
        words.end();
    }

    /// The longest piece, then the longest that goes on from there; a word that does not come out even is unknown.
    fn add_pieces(&self, word: &str, ids: &mut Vec<u32>) {
        let begin = ids.len();
        let (mut rest, mut pieces) = (word, &self.begins);
        while !rest.is_empty() {
            let Some((length, id)) = pieces.longest_in(rest) else {
                ids.truncate(begin);
                ids.push(self.unknown);
                return;
            };
            ids.push(id);
            (rest, pieces) = (&rest[length..], &self.goes_on);
        }
    }
}

/// What a tokeniser does otherwise than this one, if anything.
fn unlike(file: &File) -> Option<String> {
    let normalizer = |name: &str| file.normalizer[name].as_bool();
    let model = &file.model;
    let differs = [
        (file.normalizer["type"] != "BertNormalizer", "its normaliser is not BERT's"),
        (normalizer("lowercase") != Some(true), "it keeps capitals"),
        (normalizer("strip_accents") == Some(false), "it keeps accents"),
        (normalizer("clean_text") == Some(false), "it keeps control characters"),
        (normalizer("handle_chinese_chars") == Some(false), "it keeps ideographs together"),
        (file.pre_tokenizer["type"] != "BertPreTokenizer", "it does not split words as BERT does"),
        (model.kind.as_deref().is_some_and(|kind| kind != "WordPiece"), "it is no WordPiece"),
        (model.unk_token.as_deref() != Some("[UNK]"), "its unknown word is not [UNK]"),
        (model.continuing_subword_prefix.as_deref() != Some(ON), "its pieces do not go on with ##"),
        (
            model.max_input_chars_per_word.is_some_and(|most| most != 100),
            "its longest word is not of 100 characters",
        ),
        (model.vocab.len() != WORDS, "its vocabulary is not of 30,522 words"),
        (file.added_tokens.iter().any(odd), "it has signs of an unknown kind"),
    ];
    differs.into_iter().find_map(|(differs, what)| differs.then(|| what.to_owned()))
}

fn odd(added: &Added) -> bool {
    let plain = !(added.single_word || added.lstrip || added.rstrip || added.normalized);
    !plain || !added.content.starts_with('[') || added.id as usize >= WORDS
}
