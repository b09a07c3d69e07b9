//! A question and an answer as lines: `search 1/0.1.0 {…}` is answered by `found 1/0.1.0 {…}` or `refused 1/0.1.0 words`.
//!
//! What is spoken stands before the document, as the version of the shapes and of the program: whoever speaks otherwise is
//! told apart before anything of theirs is read, since the same question may come to other hits there. Both sides read
//! foreign bytes here: whatever they hold is a value or a reason, never a panic, and never costs more than the line is long.

use serde::Serialize;

use super::shape::{Question, Reply};

/// The version of these shapes.
pub const VERSION: u32 = 1;
/// Most bytes of a question. A prompt of 20,000 words fits, whatever its letters.
pub const LONGEST_QUESTION: usize = 256 * 1024;
/// Most bytes of an answer: some thousands of hits with their reasons.
pub const LONGEST_ANSWER: usize = 8 * 1024 * 1024;
/// What a question begins with.
pub const SEARCH: &str = "search ";

const FOUND: &str = "found ";
const REFUSED: &str = "refused ";
/// Most characters of a reason.
const REASON: usize = 200;

impl Question {
    /// The line that asks it of a daemon that is this program in this version.
    pub fn line(&self, program: &str) -> String {
        format!("{SEARCH}{} {}\n", spoken(program), document_of(self))
    }

    /// The question in a line that begins with [`SEARCH`].
    ///
    /// # Errors
    /// Why it is none, in words.
    pub fn read(line: &[u8], program: &str) -> Result<Self, String> {
        let said = line.strip_prefix(SEARCH.as_bytes()).ok_or("no question about memory")?;
        let document = of_this_program(said, program).ok_or("another version asks")?;
        serde_json::from_slice(document).map_err(|why| format!("the question cannot be read: {why}"))
    }
}

impl Reply {
    /// The line that says it.
    pub fn line(&self, program: &str) -> String {
        let spoken = spoken(program);
        match self {
            Self::Found(answer) => format!("{FOUND}{spoken} {}\n", document_of(answer)),
            Self::Refused(why) => {
                format!("{REFUSED}{spoken} {}\n", mem_core::text::one_line(why, REASON))
            }
        }
    }

    /// What a line says; whatever nobody of this version would say is refused.
    pub fn read(line: &[u8], program: &str) -> Self {
        if let Some(said) = line.strip_prefix(FOUND.as_bytes())
            && let Some(document) = of_this_program(said, program)
        {
            return match serde_json::from_slice(document) {
                Ok(answer) => Self::Found(answer),
                Err(why) => Self::Refused(format!("the answer cannot be read: {why}")),
            };
        }
        if let Some(said) = line.strip_prefix(REFUSED.as_bytes())
            && let Some(why) = of_this_program(said, program)
        {
            return Self::Refused(String::from_utf8_lossy(why).trim_end().to_owned());
        }
        Self::Refused("another version answers".to_owned())
    }
}

/// What this program speaks.
fn spoken(program: &str) -> String {
    format!("{VERSION}/{program}")
}

/// What stands behind the words of this program; none where others speak.
fn of_this_program<'a>(said: &'a [u8], program: &str) -> Option<&'a [u8]> {
    said.strip_prefix(spoken(program).as_bytes())?.strip_prefix(b" ")
}

fn document_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts, numbers and lists of them have a form in JSON")
}
