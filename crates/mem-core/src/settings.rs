//! The settings: every key with its default and meaning in one table, and the typed values.
//!
//! A key can stand in `settings.json` or in an environment variable of the same name; the environment wins.
//! Merging and reading files is the shells' work: here a lookup is handed in. A value that cannot be read
//! gives its default and a [`Problem`], never an error.
//!
//! Nothing here is consent to spend: `CLAUDE_MEM_PROVIDER` of the original system is deliberately unknown.

/// One setting, as the reference and `config list` show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name in the file and in the environment.
    pub name: &'static str,
    /// Its default, as text.
    pub default: &'static str,
    /// What values it takes.
    pub shape: Shape,
    /// What it is for, one sentence.
    pub meaning: &'static str,
}

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Names or globs, separated by commas.
    List,
}

/// All settings, in the order people meet them.
pub const KEYS: [Key; 13] = [
    Key {
        name: "CLAUDE_MEM_OBSERVER",
        default: "local",
        shape: Shape::OneOf(&["local"]),
        meaning: "Who distils: local uses no model and costs nothing.",
    },
    Key {
        name: "CLAUDE_MEM_CONTEXT_TOKENS",
        default: "1200",
        shape: Shape::Number(100, 2400),
        meaning: "Largest size of a brief, in estimated tokens (four characters of ASCII, or one other character).",
    },
    Key {
        name: "CLAUDE_MEM_CONTEXT_OBSERVATIONS",
        default: "50",
        shape: Shape::Number(1, 200),
        meaning: "Most observations in a brief.",
    },
    Key {
        name: "CLAUDE_MEM_CONTEXT_SESSION_COUNT",
        default: "10",
        shape: Shape::Number(1, 50),
        meaning: "Most summaries in a brief.",
    },
    Key {
        name: "CLAUDE_MEM_FIELD_LIMIT",
        default: "65536",
        shape: Shape::Number(1024, 67_108_864),
        meaning: "Bytes kept of any one field of an event, head and tail.",
    },
    Key {
        name: "CLAUDE_MEM_EVENT_DAYS",
        default: "180",
        shape: Shape::Number(1, 36_500),
        meaning: "Days raw events are kept; observations and summaries stay for ever.",
    },
    Key {
        name: "CLAUDE_MEM_EVENT_MEGABYTES",
        default: "2048",
        shape: Shape::Number(1, 1_048_576),
        meaning: "Megabytes of raw events kept, compressed; the oldest go first.",
    },
    Key {
        name: "CLAUDE_MEM_SKIP_TOOLS",
        default: "ListMcpResourcesTool,SlashCommand,Skill,TodoWrite,AskUserQuestion",
        shape: Shape::List,
        meaning: "Tools whose uses are not kept.",
    },
    Key {
        name: "CLAUDE_MEM_EXCLUDED_PROJECTS",
        default: "",
        shape: Shape::List,
        meaning: "Globs of directories (or their last names) that are neither captured nor briefed.",
    },
    Key {
        name: "CLAUDE_MEM_SKIP_PATHS",
        default: "",
        shape: Shape::List,
        meaning: "Globs of files whose contents are never kept, besides those known to hold secrets.",
    },
    Key {
        name: "CLAUDE_MEM_IDLE_MINUTES",
        default: "30",
        shape: Shape::Number(1, 10_080),
        meaning: "Minutes without work after which the daemon leaves.",
    },
    Key {
        name: "CLAUDE_MEM_QUIET_MINUTES",
        default: "10",
        shape: Shape::Number(1, 1440),
        meaning: "Minutes of silence after which an unfinished turn is distilled as it stands.",
    },
    Key {
        name: "CLAUDE_MEM_LOG_LEVEL",
        default: "INFO",
        shape: Shape::OneOf(&["DEBUG", "INFO", "WARN", "ERROR", "SILENT"]),
        meaning: "What the daemon writes into its log.",
    },
];

/// A value that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key.
    pub key: &'static str,
    /// What stood there.
    pub value: String,
    /// What would be right.
    pub wanted: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is {:?}, which is not {}; its default is used", self.key, self.value, self.wanted)
    }
}

impl Key {
    /// The key of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// Whether `value` is of this key's shape; `Err` says what would be.
    ///
    /// # Errors
    /// What values the key takes, as words that follow "which is not".
    pub fn check(&self, value: &str) -> Result<(), String> {
        match self.shape {
            Shape::Number(low, high) => match value.trim().parse::<u64>() {
                Ok(number) if (low..=high).contains(&number) => Ok(()),
                _ => Err(format!("a whole number from {low} to {high}")),
            },
            Shape::OneOf(words) if words.iter().any(|word| word.eq_ignore_ascii_case(value.trim())) => Ok(()),
            Shape::OneOf(words) => Err(format!("one of {}", words.join(", "))),
            Shape::List => Ok(()),
        }
    }
}

/// The typed settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Largest size of a brief, in estimated tokens.
    pub context_tokens: usize,
    /// Most observations in a brief.
    pub context_observations: usize,
    /// Most summaries in a brief.
    pub context_summaries: usize,
    /// Bytes kept of any one field.
    pub field_limit: usize,
    /// Days raw events are kept.
    pub event_days: u64,
    /// Bytes of raw events kept.
    pub event_bytes: u64,
    /// Tools whose uses are not kept.
    pub skip_tools: Vec<String>,
    /// Globs of directories that are not captured.
    pub excluded_projects: Vec<String>,
    /// Globs of files whose contents are never kept.
    pub skip_paths: Vec<String>,
    /// Minutes without work after which the daemon leaves.
    pub idle_minutes: u64,
    /// Minutes of silence after which an unfinished turn is distilled.
    pub quiet_minutes: u64,
    /// What goes into the log, in upper case.
    pub log_level: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self::read(&mut |_| None).0
    }
}

impl Settings {
    /// Reads every setting through `lookup`; what is absent or unusable has its default.
    pub fn read(lookup: &mut dyn FnMut(&str) -> Option<String>) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut value = |name: &str| -> String {
            let key = Key::find(name).expect("settings are read by names of the table");
            let Some(given) = lookup(name) else { return key.default.to_owned() };
            match key.check(&given) {
                Ok(()) => given.trim().to_owned(),
                Err(wanted) => {
                    problems.push(Problem { key: key.name, value: given, wanted });
                    key.default.to_owned()
                }
            }
        };
        let number = |text: String| text.parse::<u64>().unwrap_or_default();
        let list = |text: String| -> Vec<String> {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        let settings = Self {
            context_tokens: number(value("CLAUDE_MEM_CONTEXT_TOKENS")) as usize,
            context_observations: number(value("CLAUDE_MEM_CONTEXT_OBSERVATIONS")) as usize,
            context_summaries: number(value("CLAUDE_MEM_CONTEXT_SESSION_COUNT")) as usize,
            field_limit: number(value("CLAUDE_MEM_FIELD_LIMIT")) as usize,
            event_days: number(value("CLAUDE_MEM_EVENT_DAYS")),
            event_bytes: number(value("CLAUDE_MEM_EVENT_MEGABYTES")) * 1024 * 1024,
            skip_tools: list(value("CLAUDE_MEM_SKIP_TOOLS")),
            excluded_projects: list(value("CLAUDE_MEM_EXCLUDED_PROJECTS")),
            skip_paths: list(value("CLAUDE_MEM_SKIP_PATHS")),
            idle_minutes: number(value("CLAUDE_MEM_IDLE_MINUTES")),
            quiet_minutes: number(value("CLAUDE_MEM_QUIET_MINUTES")),
            log_level: value("CLAUDE_MEM_LOG_LEVEL").to_ascii_uppercase(),
        };
        let _observer = value("CLAUDE_MEM_OBSERVER"); // only checked: local is all there is yet
        (settings, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_of_its_shape() {
        for key in KEYS {
            assert_eq!(key.check(key.default), Ok(()), "{}", key.name);
        }
    }

    #[test]
    fn a_bad_value_gives_the_default_and_a_problem() {
        let (settings, problems) =
            Settings::read(&mut |name| (name == "CLAUDE_MEM_CONTEXT_TOKENS").then(|| "lots".to_owned()));
        assert_eq!(settings, Settings::default());
        assert_eq!(
            problems[0].to_string(),
            "CLAUDE_MEM_CONTEXT_TOKENS is \"lots\", which is not a whole number from 100 to 2400; its default is used"
        );
    }

    #[test]
    fn the_original_provider_is_no_key_of_ours() {
        assert_eq!(Key::find("CLAUDE_MEM_PROVIDER"), None);
    }
}
