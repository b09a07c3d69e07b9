//! Models: which there are, what one is asked, what it answers, and what that costs.
//!
//! The words that the observer, the store and the judgement share about a request. Must not know how any of them is
//! reached; that is `mem-observer`'s.

use std::fmt;

/// The ways to reach a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelKind {
    /// The installed Claude Code, driven as a child.
    Claude,
    /// Anthropic's own API.
    Anthropic,
    /// Any service that speaks `chat/completions`.
    OpenAi,
    /// OpenRouter, which is compatible but has its own address, key and names.
    OpenRouter,
    /// Google's service, at its compatible address.
    Gemini,
}

impl ModelKind {
    /// All of them, in the order they are listed.
    pub const ALL: [Self; 5] = [Self::Claude, Self::Anthropic, Self::OpenAi, Self::OpenRouter, Self::Gemini];

    /// The name in settings and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::OpenRouter => "openrouter",
            Self::Gemini => "gemini",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The model that is asked unless the user names one; empty where the user has to.
    pub fn default_model(self) -> &'static str {
        match self {
            // the cheapest of its maker that follows the grammar
            Self::Claude => "haiku",
            Self::Anthropic => "claude-haiku-4-5",
            Self::OpenAi | Self::OpenRouter => "",
            Self::Gemini => "gemini-flash-latest",
        }
    }
}

/// A model by kind and name: what was asked, and who wrote a memory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId {
    /// How it is reached.
    pub kind: ModelKind,
    /// Its name there.
    pub name: String,
}

impl ModelId {
    /// Reads what [`fmt::Display`] writes: the kind, a slash, the name.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once('/')?;
        let kind = ModelKind::parse(kind)?;
        (!name.is_empty()).then(|| Self { kind, name: name.to_owned() })
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.as_str(), self.name)
    }
}

/// One request: instructions and the text they are about. No conversation, no tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The instructions.
    pub system: String,
    /// What is to be distilled.
    pub text: String,
    /// Most tokens the answer may have.
    pub most_output: u32,
}

impl Ask {
    /// Characters of both parts.
    pub fn chars(&self) -> usize {
        self.system.chars().count() + self.text.chars().count()
    }

    /// A careful estimate of its tokens: three and a half characters of ASCII each, or one other character, as
    /// tokenizers differ and a ceiling must not be passed by optimism.
    pub fn tokens(&self) -> u64 {
        let of = |text: &str| {
            let ascii = text.bytes().filter(u8::is_ascii).count();
            (ascii as u64 * 2).div_ceil(7) + (text.chars().count() as u64 - ascii as u64)
        };
        of(&self.system) + of(&self.text)
    }
}

/// What a request took, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Input that was neither read from a cache nor written to one.
    pub input: u64,
    /// Output.
    pub output: u64,
    /// Input read from a cache.
    pub cache_read: u64,
    /// Input written to a cache.
    pub cache_write: u64,
}

impl Usage {
    /// All input, however it was priced.
    pub fn all_input(self) -> u64 {
        self.input.saturating_add(self.cache_read).saturating_add(self.cache_write)
    }
}

/// Money in millionths of a US dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MicroUsd(pub u64);

impl MicroUsd {
    /// An amount in dollars; what is negative or no number is nothing.
    pub fn of_dollars(dollars: f64) -> Self {
        Self((dollars.max(0.0) * 1e6).round() as u64)
    }

    /// The amount in dollars.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

/// From a dollar on in cents; below it with up to four digits, so that prices of a turn can be compared.
impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("$0"),
            // what rounds to a dollar is one
            small if small < 999_950 => {
                // what is not nothing is not shown as nothing
                let digits = format!("{:04}", (small + 50).max(100) / 100);
                let cents = digits.trim_end_matches('0');
                write!(f, "$0.{cents:0<2}")
            }
            _ => write!(f, "${:.2}", self.dollars()),
        }
    }
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Its words.
    pub text: String,
    /// Whether it was stopped before it was done, by its limit of output.
    pub cut: bool,
    /// What it took.
    pub usage: Usage,
    /// What it cost, where the service said so.
    pub cost: Option<MicroUsd>,
    /// The id of the model's own session, where it has one.
    pub model_session: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_read_as_it_is_written() {
        for text in ["claude/haiku", "openai/qwen3:8b", "openai/openrouter/auto", "openrouter/openai/small"] {
            assert_eq!(ModelId::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(ModelId::parse("local"), None);
        assert_eq!(ModelId::parse("claude/"), None);
        for kind in ModelKind::ALL {
            assert_eq!(ModelKind::parse(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn tokens_are_not_underestimated_for_any_script() {
        let ask = |text: &str| Ask { system: String::new(), text: text.to_owned(), most_output: 0 }.tokens();
        assert_eq!(ask(&"a".repeat(7000)), 2000);
        assert_eq!(ask(&"é".repeat(100)), 100);
        assert_eq!(ask(""), 0);
    }

    #[test]
    fn money_is_shown_with_the_digits_that_matter() {
        let shown = [0, 1, 5527, 10_000, 14_049, 300_000, 999_949, 999_950, 1_234_567]
            .map(|micro| MicroUsd(micro).to_string());
        let wanted = ["$0", "$0.0001", "$0.0055", "$0.01", "$0.014", "$0.30", "$0.9999", "$1.00", "$1.23"];
        assert_eq!(shown, wanted);
        assert_eq!(MicroUsd::of_dollars(f64::NAN), MicroUsd(0));
    }
}
