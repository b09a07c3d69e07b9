//! How a request ended, and what is to be done about it: one closed list and one table.
//!
//! Only a valid reply or an explicit skip settles a batch; whatever else a model says or fails to say keeps the work, and
//! the table says when and in which size it is asked again, or that the local distiller's result stays. Must not know
//! who waits or what a run is: `supervise` does.

use mem_core::fault::{Fault, FaultKind};
use mem_core::model::Answer;

use crate::reply::Reply;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Observations or a summary, whole.
    Valid,
    /// An explicit statement that nothing is to be said.
    Skip,
    /// Words without a block.
    Prose,
    /// The answer was cut, or ends within a block.
    Truncated,
    /// Nothing, or blocks that say nothing.
    Empty,
    /// It does not accept who asks.
    Auth,
    /// What may be used is used up.
    Quota,
    /// Too many requests at the moment.
    Rate,
    /// The request is longer than the model takes.
    Overflow,
    /// The request is refused for what it is.
    Refused,
    /// The model cannot even be asked.
    Setup,
    /// The way to the model failed.
    Transport,
    /// It did something no model does.
    Misbehaved,
    /// It was ended on purpose.
    Ended,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Valid,
        Self::Skip,
        Self::Prose,
        Self::Truncated,
        Self::Empty,
        Self::Auth,
        Self::Quota,
        Self::Rate,
        Self::Overflow,
        Self::Refused,
        Self::Setup,
        Self::Transport,
        Self::Misbehaved,
        Self::Ended,
    ];

    /// The name in the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Skip => "skip",
            Self::Prose => "prose",
            Self::Truncated => "truncated",
            Self::Empty => "empty",
            Self::Auth => "auth",
            Self::Quota => "quota",
            Self::Rate => "rate",
            Self::Overflow => "overflow",
            Self::Refused => "refused",
            Self::Setup => "setup",
            Self::Transport => "transport",
            Self::Misbehaved => "misbehaved",
            Self::Ended => "ended",
        }
    }

    /// The outcome of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

impl From<FaultKind> for Outcome {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::Setup => Self::Setup,
            FaultKind::Auth => Self::Auth,
            FaultKind::Quota => Self::Quota,
            FaultKind::Rate => Self::Rate,
            FaultKind::Overflow => Self::Overflow,
            FaultKind::Refused => Self::Refused,
            FaultKind::Transport => Self::Transport,
            FaultKind::Misbehaved => Self::Misbehaved,
            FaultKind::Ended => Self::Ended,
        }
    }
}

/// How a request ended, from what came back and, where something did, what was read in it.
pub fn outcome_of(answer: Result<&Answer, &Fault>, reply: Option<&Reply>) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(fault) => return fault.kind.into(),
    };
    if answer.cut || reply.is_some_and(Reply::torn) {
        return Outcome::Truncated;
    }
    match reply {
        Some(reply) if !reply.observations.is_empty() || reply.summary.is_some() => Outcome::Valid,
        Some(reply) if reply.skipped.is_some() => Outcome::Skip,
        Some(reply) if reply.blank() => Outcome::Empty,
        _ if answer.text.trim().is_empty() => Outcome::Empty,
        _ => told_in_words(&answer.text).unwrap_or(Outcome::Prose),
    }
}

/// Longest text that can be a notice in place of an answer, in bytes: an API's error as JSON, with its request id.
const LONGEST_NOTICE: usize = 600;

/// Longest text in which the words of a notice count wherever they stand. In longer prose they are what the session was
/// about.
const SHORT_NOTICE: usize = 160;

/// How notices begin that the claude program and gateways give as if the model had said them, in lower case. The first
/// that fits counts.
const BEGINNINGS: [(&str, Outcome); 23] = [
    ("invalid api key", Outcome::Auth),
    ("not logged in", Outcome::Auth),
    ("please run /login", Outcome::Auth),
    ("oauth token", Outcome::Auth),
    ("failed to authenticate", Outcome::Auth),
    ("your account does not have access", Outcome::Auth),
    ("api error: 401", Outcome::Auth),
    ("api error: 403", Outcome::Auth),
    ("prompt is too long", Outcome::Overflow),
    ("input is too long", Outcome::Overflow),
    ("credit balance is too low", Outcome::Quota),
    ("your credit balance is too low", Outcome::Quota),
    ("insufficient credits", Outcome::Quota),
    ("usage limit reached", Outcome::Quota),
    ("claude usage limit reached", Outcome::Quota),
    ("claude ai usage limit reached", Outcome::Quota),
    ("5-hour limit reached", Outcome::Quota),
    ("session limit reached", Outcome::Quota),
    ("weekly limit reached", Outcome::Quota),
    ("quota exceeded", Outcome::Quota),
    ("api error: 402", Outcome::Quota),
    ("api error: 429", Outcome::Rate),
    ("api error:", Outcome::Transport),
];

/// Words that nobody uses but such a notice.
const ANYWHERE: [(&str, Outcome); 7] = [
    ("please run /login", Outcome::Auth),
    ("authentication_error", Outcome::Auth),
    ("prompt is too long", Outcome::Overflow),
    ("maximum context length", Outcome::Overflow),
    ("credit balance is too low", Outcome::Quota),
    ("insufficient_quota", Outcome::Quota),
    ("exceeded your current quota", Outcome::Quota),
];

/// How a notice speaks to the user of what is used up, and of what it then speaks.
const USED_UP: [&str; 4] = ["you've hit your ", "you've reached your ", "you're out of ", "you've used up "];
const USED: [&str; 4] = ["limit", "usage", "credit", "quota"];

/// What a text without blocks says in place of an answer; none when it is prose like any other. A mistake here makes
/// work wait that a smaller request would settle, so only short notices in their known words count.
fn told_in_words(text: &str) -> Option<Outcome> {
    let text = text.trim();
    if text.len() > LONGEST_NOTICE {
        return None;
    }
    let text = text.replace('’', "'").to_lowercase();
    // an API's own error is told by its words before its number: 400 is everything
    let anywhere = text.len() <= SHORT_NOTICE || text.starts_with("api error:");
    let holds = ANYWHERE.iter().find(|(words, _)| anywhere && text.contains(words));
    let begins = || BEGINNINGS.iter().find(|(begin, _)| text.starts_with(begin));
    let used_up = || {
        let rest = USED_UP.iter().find_map(|begin| text.strip_prefix(begin))?;
        USED.iter().any(|what| rest.contains(what)).then_some(Outcome::Quota)
    };
    holds.or_else(begins).map(|(_, outcome)| *outcome).or_else(used_up)
}

/// How often a batch was tried, the last time included. A request that was [`Outcome::Ended`] counts in none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tries {
    /// All requests.
    pub attempts: u32,
    /// Those that were paid for, or may have been.
    pub paid: u32,
    /// How often it was made smaller.
    pub smaller: u32,
}

/// What happens to a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is done: what the reply holds is kept, or nothing is.
    Advance,
    /// It is done with what could be saved of the reply, which was paid for.
    Salvage,
    /// It is asked again in a smaller size.
    Smaller {
        /// How long it waits.
        wait_ms: i64,
    },
    /// It is asked again as it is.
    Again {
        /// How long it waits.
        wait_ms: i64,
    },
    /// The whole model waits, this batch with it.
    Pause {
        /// How long.
        wait_ms: i64,
    },
    /// It is not asked again by itself: the local distiller's result stays.
    Park,
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A login or a setting changes only when a person does something.
const UNTIL_MENDED: i64 = 30 * MINUTE;
/// Subscriptions refill by windows of hours; asking once an hour is cheap and soon enough.
const UNTIL_REFILLED: i64 = HOUR;
/// The longest window of a subscription is a week; what is told beyond it comes from a wrong clock.
const LONGEST_QUOTA: i64 = 8 * 24 * HOUR;
const LONGEST_RATE: i64 = HOUR;
const FIRST_RATE: i64 = 30 * SECOND;
const FIRST_AGAIN: i64 = 15 * SECOND;
const LONGEST_BACK_OFF: i64 = 30 * MINUTE;
/// An end on purpose says nothing against asking at once; a moment lets whoever ended it be done.
const AFTER_END: i64 = 5 * SECOND;
/// Most payments for one batch without a memory from it.
const MOST_PAID: u32 = 3;
const MOST_SMALLER: u32 = 3;
const MOST_MISBEHAVED: u32 = 3;

/// What happens to a batch after `outcome`. `salvaged` says whether a cut reply gave at least one observation;
/// `retry_in_ms` is what the service said about when to ask again.
///
/// | outcome | step |
/// |---|---|
/// | valid, skip | advance |
/// | truncated | salvage if an observation came; else smaller, parked after 3 sizes or 3 payments |
/// | prose, empty | smaller once, then parked |
/// | overflow | smaller, parked after 3 sizes |
/// | refused | parked |
/// | auth, setup | the model waits 30 min |
/// | quota | the model waits as told (1 s to 8 days), else 1 h |
/// | rate | the model waits as told (1 s to 1 h), else 30 s, doubling to 30 min |
/// | transport | again as told (at most 1 h) but not before 15 s, doubling to 30 min; parked after 3 payments |
/// | misbehaved | again after 15 s, doubling; parked after 3 requests or payments |
/// | ended | again after 5 s; counts nowhere, but parked after 3 payments |
pub fn step(outcome: Outcome, salvaged: bool, tries: Tries, retry_in_ms: Option<i64>) -> Step {
    let told = |most: i64| retry_in_ms.map(|ms| ms.clamp(SECOND, most));
    match outcome {
        Outcome::Valid | Outcome::Skip => Step::Advance,
        Outcome::Truncated if salvaged => Step::Salvage,
        Outcome::Truncated if tries.smaller >= MOST_SMALLER || tries.paid >= MOST_PAID => Step::Park,
        Outcome::Truncated => Step::Smaller { wait_ms: 0 },
        Outcome::Prose | Outcome::Empty if tries.smaller > 0 => Step::Park,
        Outcome::Prose | Outcome::Empty => Step::Smaller { wait_ms: 0 },
        Outcome::Overflow if tries.smaller >= MOST_SMALLER => Step::Park,
        Outcome::Overflow => Step::Smaller { wait_ms: 0 },
        Outcome::Refused => Step::Park,
        Outcome::Auth | Outcome::Setup => Step::Pause { wait_ms: UNTIL_MENDED },
        Outcome::Quota => Step::Pause { wait_ms: told(LONGEST_QUOTA).unwrap_or(UNTIL_REFILLED) },
        Outcome::Rate => Step::Pause {
            wait_ms: told(LONGEST_RATE).unwrap_or_else(|| back_off(FIRST_RATE, tries.attempts)),
        },
        Outcome::Transport if tries.paid >= MOST_PAID => Step::Park,
        Outcome::Transport => {
            let own = back_off(FIRST_AGAIN, tries.attempts);
            Step::Again { wait_ms: told(LONGEST_RATE).map_or(own, |told| told.max(own)) }
        }
        Outcome::Misbehaved if tries.attempts >= MOST_MISBEHAVED || tries.paid >= MOST_PAID => Step::Park,
        Outcome::Misbehaved => Step::Again { wait_ms: back_off(FIRST_AGAIN, tries.attempts) },
        Outcome::Ended if tries.paid >= MOST_PAID => Step::Park,
        Outcome::Ended => Step::Again { wait_ms: AFTER_END },
    }
}

/// `first` after the first attempt, doubled by each further one.
fn back_off(first: i64, attempts: u32) -> i64 {
    let doublings = attempts.saturating_sub(1).min(16); // 15 s · 2^16 is days; the bound below is what counts
    (first << doublings).min(LONGEST_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::{Grammar, read};

    fn of(text: &str, cut: bool) -> Outcome {
        let reply = read(text, &Grammar { kinds: &[], concepts: &[] });
        let answer = Answer { text: text.to_owned(), cut, ..Answer::default() };
        outcome_of(Ok(&answer), Some(&reply))
    }

    #[test]
    fn an_answer_is_judged_by_what_it_holds() {
        let whole = "<observation><title>T</title></observation>";
        let torn = "<observation><title>T</title><narrative>and th";
        for (text, cut, wanted) in [
            (whole, false, Outcome::Valid),
            ("<summary><learned>L</learned></summary>", false, Outcome::Valid),
            ("<skip_summary reason=\"idle\"/>", false, Outcome::Skip),
            ("<observation></observation>", false, Outcome::Empty),
            (" \n ", false, Outcome::Empty),
            ("", true, Outcome::Truncated),
            (whole, true, Outcome::Truncated),
            (torn, false, Outcome::Truncated),
            ("Nothing worth noting happened.", false, Outcome::Prose),
            ("{\"observations\":[]}", false, Outcome::Prose),
        ] {
            assert_eq!(of(text, cut), wanted, "{text:?} {cut}");
        }
        let answer = Answer { text: "Invalid API key".to_owned(), ..Answer::default() };
        assert_eq!(outcome_of(Ok(&answer), None), Outcome::Auth);
    }

    #[test]
    fn notices_in_place_of_an_answer_are_known() {
        for (text, wanted) in [
            ("You've hit your session limit · resets 3pm (Europe/Berlin)", Outcome::Quota),
            ("You’ve hit your weekly limit", Outcome::Quota),
            ("Claude AI usage limit reached|1790000000", Outcome::Quota),
            ("5-hour limit reached ∙ resets 2am", Outcome::Quota),
            ("Credit balance is too low", Outcome::Quota),
            ("You exceeded your current quota, please check your plan.", Outcome::Quota),
            ("Invalid API key · Fix external API key", Outcome::Auth),
            ("Not logged in · Please run /login", Outcome::Auth),
            ("OAuth token has expired · Please run /login", Outcome::Auth),
            (
                "API Error: 401 {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\"}}",
                Outcome::Auth,
            ),
            ("Prompt is too long", Outcome::Overflow),
            (
                "API Error: 400 {\"message\":\"prompt is too long: 210000 tokens > 200000 maximum\"}",
                Outcome::Overflow,
            ),
            ("API Error: 429 {\"type\":\"rate_limit_error\"}", Outcome::Rate),
            ("API Error: 529 Overloaded. https://docs.example/errors", Outcome::Transport),
            ("API Error: Connection error.", Outcome::Transport),
        ] {
            assert_eq!(of(text, false), wanted, "{text}");
        }
    }

    #[test]
    fn a_mention_is_no_notice() {
        let about = "<observation><title>You've hit your session limit</title>\
                     <narrative>Invalid API key: the user ran /login.</narrative></observation>";
        assert_eq!(of(about, false), Outcome::Valid);
        let skip = "<skip_summary reason=\"Not logged in · Please run /login\"/>";
        assert_eq!(of(skip, false), Outcome::Skip);
        let long =
            format!("{} Credit balance is too low was shown.", "The session was about billing. ".repeat(8));
        for prose in
            [long.as_str(), "The agent looked at how rate limits are handled.", "A quota was set up."]
        {
            assert_eq!(of(prose, false), Outcome::Prose, "{prose}");
        }
    }

    #[test]
    fn every_fault_is_an_outcome_of_the_same_name() {
        for kind in FaultKind::ALL {
            let outcome = outcome_of(Err(&Fault::free(kind, "x")), None);
            assert_eq!(outcome.as_str(), kind.as_str());
            assert_eq!(Outcome::parse(kind.as_str()), Some(outcome));
        }
    }

    /// What happens at the first, second, third, fourth and fortieth try, where every try was paid for, or none was.
    fn course(outcome: Outcome, paid: bool) -> String {
        let steps = [1, 2, 3, 4, 40].map(|attempts| {
            // it was made smaller each time that this outcome asks for it
            let tries = Tries { attempts, paid: if paid { attempts } else { 0 }, smaller: attempts - 1 };
            match step(outcome, false, tries, None) {
                Step::Advance => "advance".to_owned(),
                Step::Salvage => "salvage".to_owned(),
                Step::Smaller { wait_ms } => format!("smaller {}s", wait_ms / SECOND),
                Step::Again { wait_ms } => format!("again {}s", wait_ms / SECOND),
                Step::Pause { wait_ms } => format!("pause {}s", wait_ms / SECOND),
                Step::Park => "park".to_owned(),
            }
        });
        steps.join(", ")
    }

    #[test]
    fn the_table_of_steps() {
        let mut told = String::new();
        for outcome in Outcome::ALL {
            let (free, paid) = (course(outcome, false), course(outcome, true));
            told.push_str(&format!("{}: {free}\n", outcome.as_str()));
            if free != paid {
                told.push_str(&format!("  paid: {paid}\n"));
            }
        }
        insta::assert_snapshot!(told, @r"
        valid: advance, advance, advance, advance, advance
        skip: advance, advance, advance, advance, advance
        prose: smaller 0s, park, park, park, park
        truncated: smaller 0s, smaller 0s, smaller 0s, park, park
          paid: smaller 0s, smaller 0s, park, park, park
        empty: smaller 0s, park, park, park, park
        auth: pause 1800s, pause 1800s, pause 1800s, pause 1800s, pause 1800s
        quota: pause 3600s, pause 3600s, pause 3600s, pause 3600s, pause 3600s
        rate: pause 30s, pause 60s, pause 120s, pause 240s, pause 1800s
        overflow: smaller 0s, smaller 0s, smaller 0s, park, park
        refused: park, park, park, park, park
        setup: pause 1800s, pause 1800s, pause 1800s, pause 1800s, pause 1800s
        transport: again 15s, again 30s, again 60s, again 120s, again 1800s
          paid: again 15s, again 30s, park, park, park
        misbehaved: again 15s, again 30s, park, park, park
        ended: again 5s, again 5s, again 5s, again 5s, again 5s
          paid: again 5s, again 5s, park, park, park
        ");
    }

    #[test]
    fn a_salvaged_reply_is_not_paid_for_again() {
        for tries in [Tries::default(), Tries { attempts: 9, paid: 9, smaller: 9 }] {
            assert_eq!(step(Outcome::Truncated, true, tries, None), Step::Salvage);
        }
    }

    #[test]
    fn only_a_valid_reply_and_a_skip_advance() {
        for outcome in Outcome::ALL {
            for attempts in 0..50 {
                let tries = Tries { attempts, paid: attempts, smaller: attempts };
                let advances = step(outcome, false, tries, None) == Step::Advance;
                assert_eq!(advances, matches!(outcome, Outcome::Valid | Outcome::Skip), "{outcome:?}");
            }
        }
    }

    #[test]
    fn what_is_told_is_kept_within_reason() {
        let tries = Tries { attempts: 1, ..Tries::default() };
        for (outcome, told, wanted) in [
            (Outcome::Quota, 2 * HOUR, Step::Pause { wait_ms: 2 * HOUR }),
            (Outcome::Quota, i64::MAX, Step::Pause { wait_ms: LONGEST_QUOTA }),
            (Outcome::Quota, -5, Step::Pause { wait_ms: SECOND }),
            (Outcome::Rate, 0, Step::Pause { wait_ms: SECOND }),
            (Outcome::Rate, 7 * SECOND, Step::Pause { wait_ms: 7 * SECOND }),
            (Outcome::Rate, 5 * HOUR, Step::Pause { wait_ms: HOUR }),
            (Outcome::Transport, SECOND, Step::Again { wait_ms: FIRST_AGAIN }),
            (Outcome::Transport, MINUTE, Step::Again { wait_ms: MINUTE }),
            (Outcome::Auth, SECOND, Step::Pause { wait_ms: UNTIL_MENDED }),
            (Outcome::Ended, HOUR, Step::Again { wait_ms: AFTER_END }),
        ] {
            assert_eq!(step(outcome, false, tries, Some(told)), wanted, "{outcome:?} {told}");
        }
    }
}
