//! What the user asked: the request in one line, a phrase that can stand as a title, a decision in their words.
//!
//! Prompts come in any language and with logs, code and host blocks pasted in; what is left here is the user's
//! own sentence. Must not translate or interpret beyond word lists that are stated here.

use std::sync::LazyLock;

use regex::Regex;

use super::words::{capitalised, clean, first_sentence, line, sentences};
use crate::pattern::pattern;

/// Blocks that hosts put into prompts; their content is not the user's.
const HOST_BLOCKS: [&str; 8] = [
    "system-reminder",
    "task-notification",
    "command-name",
    "command-message",
    "local-command-stdout",
    "persisted-output",
    "ide_selection",
    "ide_opened_file",
];

static PASTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"^\s*(?:at \S+ ?\(|File "|Traceback|\d{4}-\d\d-\d\d[T ]\d\d:|\[?\d\d:\d\d:\d\d|error(?:\[E\d+\])?: |warning: |\+{3} |-{3} |@@ |\$ |#\d+ +0x|thread '|-->|\d+ \||> |E  |npm (?:ERR!|error) )"#,
    )
    .expect("a valid pattern")
});

/// Lines of a log or of a failed run that a user pastes before saying what they want.
static LOG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^\s*(?:\S*(?:Error|Exception)(?: \[\w+\])?: |\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|FAIL(?:ED)?)\b|panic: |[✖✗×●] |\S+\.\w{1,4}:\d+(?::\d+)?:|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d |={3,}|-{4,}|\^+$)",
    )
    .expect("a valid pattern")
});

static POLITE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:hi|hey|hello|hallo|ok(?:ay)?|great|thanks|now|so|and|also|then)\b[ ,!.:]*(?:claude\b[ ,!.:]*)?)*(?:(?:please|pls|bitte|kindly)\b[ ,]*)?(?:(?:can|could|would|will) you\b(?: please)?[ ,]*|i(?:'d| would) like you to +|i (?:want|need) you to +|you should +|let'?s +|kannst du (?:bitte )?|könntest du (?:bitte )?|peux-tu +|puedes +|请(?:帮我|你)?|帮我|麻烦)?(?:please +)?(?:help me(?: to)? +)?(?:go ahead and +)?(?:(?:have|use|let|ask|spawn|launch) (?:a|an|the) (?:[\w-]+ )?(?:sub)?agent (?:to +)?)?",
    )
});

static DECIDING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:use|using|take|with) \S.{0,80} (?:instead of|rather than|not) \S|\binstead of \S.{0,60}, use \S|\blet'?s (?:go with|use|stick with|switch to|keep) \S|\bwe(?:'ll| will| decided to| agreed to| should) (?:use|go with|keep|stick with|switch to) \S|\b(?:don'?t|do not|never) .{3,80}[,;.–-] ?(?:we|use|instead|always) \S|\bi(?:'ve)? decided\b|\b(?:switch|migrate|move) (?:\S+ ){0,3}from \S+ to \S|\bstatt \S.{0,60}(?:nimm|nehmen|verwende|benutze)|\b(?:nimm|verwende|benutze|lass uns) \S.{0,60} statt \S|改用|而不是|(?:不要|别)用.{1,30}用|用.{1,30}代替",
    )
});

/// The prompt without what hosts put into it.
pub(crate) fn without_host_blocks(prompt: &str) -> String {
    let mut text = prompt.to_owned();
    for name in HOST_BLOCKS {
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        while let Some(from) = text.find(&open) {
            let to = text[from..].find(&close).map_or(text.len(), |at| from + at + close.len());
            text.replace_range(from..to, "");
        }
    }
    text
}

/// The user's own text of a prompt: host blocks, code and pasted logs left out.
pub(super) fn own_words(prompt: &str) -> String {
    let text = clean(&without_host_blocks(prompt));
    let (mut fenced, mut traced) = (false, false);
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| {
            let fence = line.trim_start().starts_with("```");
            fenced ^= fence;
            // a traceback shows the line of code below its place
            let code = traced && line.starts_with("    ");
            traced = code || line.trim_start().starts_with("File \"");
            !fenced && !fence && !code && !PASTED.is_match(line)
        })
        .map(str::trim)
        .collect();
    let kept = kept.join("\n").trim().to_owned();
    if kept.chars().any(char::is_alphanumeric) { kept } else { text.trim().to_owned() }
}

/// The words without the lines of a log before or between them, unless these are all that says something.
fn spoken(own: &str) -> String {
    let kept = own.lines().filter(|line| !LOG.is_match(line)).collect::<Vec<_>>().join("\n");
    let kept = kept.trim();
    if goes_on(kept) { own.trim().to_owned() } else { kept.to_owned() }
}

/// The request in one line of at most `chars` characters: its first sentence, and the next while it is short.
pub(super) fn request(own: &str, chars: usize) -> String {
    let own = spoken(own);
    let first = first_sentence(&own);
    let mut text = first.to_owned();
    let rest = own.get(first.len()..).unwrap_or("").trim();
    let next = first_sentence(rest);
    // A sentence that announces a list says nothing without it, unless it is all there is.
    let announces = next.ends_with([':', '：']) && !first.ends_with([':', '：']);
    if text.chars().count() < 30 && !next.is_empty() && !announces {
        text = format!("{text} {next}");
    }
    line(&text, chars).trim_end_matches([':', '：', ',']).to_owned()
}

/// A phrase for a title: politeness removed, one clause, first letter in upper case. None when the prompt only
/// says to go on.
pub(super) fn phrase(own: &str, chars: usize) -> Option<String> {
    let own = spoken(own);
    let sentence =
        sentences(&own).find(|sentence| !goes_on(sentence) && !greeting(sentence) && !rejects(sentence))?;
    let bare = POLITE.replace(sentence, "");
    let asked_politely = bare.len() < sentence.len();
    let bare = bare.trim().trim_end_matches(['.', '!', '。', '！', ':', '：', ',', ';', ' ']);
    let bare = if asked_politely { bare.trim_end_matches(['?', '？']) } else { bare };
    if goes_on(bare) || bare.chars().count() < 3 {
        return None;
    }
    Some(capitalised(&one_clause(bare, chars)))
}

/// The first clause that says what to do: reasons and the usual "then run the tests and commit" go, and a
/// sentence that is still too long is cut where a clause ends, else at a word.
fn one_clause(sentence: &str, chars: usize) -> String {
    const TAILS: [&str; 14] = [
        " so that ",
        " because ",
        " and then ",
        ", then ",
        " then run ",
        " then commit",
        " and commit",
        ", commit",
        " and run the tests",
        " and run all tests",
        " and push",
        "，然后",
        "，并",
        " und committe",
    ];
    const BREAKS: [&str; 6] = ["; ", " – ", " - ", " (", ", ", "，"];
    let mut kept = sentence;
    for mark in TAILS {
        let head = kept.split(mark).next().unwrap_or(kept);
        if says_enough(head) {
            kept = head;
        }
    }
    for mark in BREAKS.iter().filter(|_| kept.chars().count() > chars) {
        let head = kept.split(mark).next().unwrap_or(kept);
        if says_enough(head) && head.chars().count() <= chars {
            return line(head, chars);
        }
    }
    line(kept, chars)
}

/// At least some three words, or as many characters of a script without blanks.
fn says_enough(text: &str) -> bool {
    let dense = text.chars().filter(|c| ('\u{2e80}'..='\u{d7ff}').contains(c)).count();
    text.chars().count() + dense >= 10
}

/// Whether a sentence only says that something was wrong, not what.
fn rejects(sentence: &str) -> bool {
    const WORDS: &str = "|no|nope|nah|nein|non|sorry|hmm|hm|wait|stop|actually|wrong|still wrong|thats wrong|that is wrong|\
        this is wrong|its wrong|thats not right|that is not right|thats not it|that is not it|not right|not that|\
        thats not what i meant|that is not what i meant|not what i meant|thats not what i asked|\
        thats not what i wanted|not what i wanted|that doesnt work|that does not work|doesnt work|still broken|\
        das ist falsch|falsch|das stimmt nicht|stimmt nicht|不对|不是|错了|";
    sentence.to_lowercase().split([',', '，', ';', '–', '—']).all(|clause| {
        let bare: String = clause.chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect();
        WORDS.contains(&format!("|{}|", bare.trim()))
    })
}

fn greeting(sentence: &str) -> bool {
    let bare = sentence.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    matches!(
        bare.as_str(),
        "hi" | "hello" | "hey" | "hi claude" | "hello claude" | "hallo" | "你好" | "thanks" | "thank you"
    )
}

/// Whether the prompt only agrees or says to go on, so that it names nothing.
pub(super) fn goes_on(prompt: &str) -> bool {
    const WORDS: &str = "|yes|y|ok|okay|sure|continue|go on|go ahead|proceed|do it|please do|yes please|try again|again|\
        retry|next|more|keep going|ja|weiter|mach weiter|ja bitte|oui|continue please|si|sí|sigue|继续|好|好的|可以|是|\
        go|fix it|do that|sounds good|perfect|great|correct|right|works|lgtm|resume|please continue|yes do it|ok do it|";
    let bare: String = prompt.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect();
    let bare = bare.trim();
    bare.is_empty()
        || WORDS.contains(&format!("|{bare}|"))
        || bare.chars().all(|c| c.is_ascii_digit() || c == ' ')
}

/// Whether the prompt asks something rather than orders it.
pub(super) fn is_question(own: &str) -> bool {
    const STARTS: [&str; 32] = [
        "why",
        "how",
        "what",
        "where",
        "which",
        "who",
        "when",
        "is ",
        "are ",
        "does ",
        "do ",
        "did ",
        "can ",
        "could ",
        "should ",
        "explain",
        "describe",
        "warum",
        "wie ",
        "was ",
        "wo ",
        "welche",
        "wieso",
        "erkläre",
        "pourquoi",
        "comment",
        "por qué",
        "为什么",
        "如何",
        "怎么",
        "什么",
        "解释",
    ];
    let own = spoken(own);
    let sentence = first_sentence(&own).to_lowercase();
    let polite = POLITE.find(&sentence).map_or(0, |found| found.end());
    let bare = &sentence[polite..];
    (polite == 0 && sentence.ends_with(['?', '？'])) || STARTS.iter().any(|start| bare.starts_with(start))
}

/// The sentence by which the user decides something, as written; none when there is doubt.
pub(super) fn decision(own: &str) -> Option<String> {
    let mut rest = own.trim();
    while !rest.is_empty() {
        let sentence = first_sentence(rest);
        rest = rest[sentence.len()..].trim_start();
        let long = sentence.chars().count() > 240;
        if !long && !sentence.ends_with(['?', '？']) && DECIDING.is_match(sentence) && !is_question(sentence)
        {
            return Some(line(sentence, 200));
        }
    }
    None
}

/// What kind of work the words of a prompt or a commit subject name; the first word found decides.
pub(super) fn kind_of(text: &str) -> Option<&'static str> {
    const KINDS: [(&str, &[&str]); 3] = [
        (
            "bugfix",
            &[
                "fix",
                "bug",
                "repair",
                "broken",
                "crash",
                "regression",
                "hotfix",
                "correct ",
                "resolve",
                "off by one",
                "off-by-one",
                "fehler",
                "beheb",
                "reparier",
                "corrig",
                "répare",
                "arregl",
                "修复",
                "修正",
                "修好",
                "バグ",
                "исправ",
                "почин",
            ],
        ),
        (
            "feature",
            &[
                "add ",
                "adds ",
                "added ",
                "implement",
                "create",
                "introduce",
                "support",
                "build ",
                "feat",
                "new ",
                "write ",
                "extend",
                "füge",
                "erstell",
                "implementier",
                "ajout",
                "crée",
                "añad",
                "agreg",
                "implementa",
                "添加",
                "增加",
                "实现",
                "新增",
                "创建",
                "追加",
                "добав",
                "созда",
            ],
        ),
        (
            "refactor",
            &[
                "refactor",
                "rename",
                "move ",
                "extract",
                "split ",
                "clean up",
                "cleanup",
                "simplif",
                "restructure",
                "inline ",
                "dedup",
                "umbenenn",
                "aufräum",
                "vereinfach",
                "renomm",
                "renombr",
                "重构",
                "重命名",
                "整理",
                "рефактор",
                "переимен",
            ],
        ),
    ];
    let text = format!("{} ", text.to_lowercase());
    KINDS
        .iter()
        .filter_map(|(kind, words)| {
            words.iter().filter_map(|word| at_word(&text, word)).min().map(|at| (at, *kind))
        })
        .min()
        .map(|(_, kind)| kind)
}

/// Where `word` begins in `text` at the start of a word; scripts without blanks have no such starts.
fn at_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(at, _)| at).find(|at| {
        !word.is_ascii() || text[..*at].chars().next_back().is_none_or(|before| !before.is_alphanumeric())
    })
}

/// The kind that a conventional commit prefix (`fix(parser): …`) names.
pub(super) fn conventional(subject: &str) -> Option<&'static str> {
    let (prefix, _) = subject.split_once(':')?;
    match prefix.split(['(', '!']).next()?.trim() {
        "fix" | "hotfix" | "bugfix" => Some("bugfix"),
        "feat" | "feature" => Some("feature"),
        "refactor" | "perf" => Some("refactor"),
        "docs" | "doc" | "chore" | "ci" | "build" | "style" | "test" | "tests" => Some("change"),
        _ => None,
    }
}

/// The phrase without a leading "try to".
pub(super) fn without_trying(phrase: &str) -> String {
    let lower = phrase.to_lowercase();
    let skip =
        ["try to ", "try "].iter().find(|start| lower.starts_with(**start)).map_or(0, |start| start.len());
    capitalised(phrase.get(skip..).unwrap_or(phrase))
}

static BACK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:revert|undo|roll(?:ing)? ?back|back out|go back|discard|restore|reset|rückgängig|zurück|annule|deshaz|revierte)\b|\b(?:set|take|put|throw)\b.{0,60}\b(?:back|away)\b|撤销|恢复|还原|回滚",
    )
});

/// Whether the words ask for the state before.
pub(super) fn wants_back(own: &str) -> bool {
    BACK.is_match(own)
}

/// The subject that the commit of a `git revert` takes back.
pub(super) fn reverted(subject: &str) -> Option<&str> {
    subject.strip_prefix("Revert \"")?.strip_suffix('"')
}

static FIRM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:we|i)(?:'ve| have)? (?:decided|agreed) (?:to|on|for|against) \S|\b(?:let'?s|we(?:'ll| will)) (?:go with|use|stick with|switch to|keep) \S.{0,120} (?:instead of|rather than|not|over) \S|\bwir (?:haben )?.{0,60}(?:entschieden|beschlossen)|我们决定",
    )
});

/// A decision told so plainly that it counts without a change that follows; as written.
pub(super) fn firm_decision(own: &str) -> Option<String> {
    let plain = |sentence: &&str| {
        let doubtful = sentence.ends_with(['?', '？']) || is_question(sentence);
        !doubtful && sentence.chars().count() <= 240 && FIRM.is_match(sentence)
    };
    sentences(own).find(plain).map(|sentence| line(sentence, 200))
}

/// Whether the words ask anywhere to mend something.
pub(super) fn mends(text: &str) -> bool {
    let text = text.to_lowercase();
    ["fix", "bug", "repair", "mend", "beheb", "reparier", "corrig", "修复", "修正", "バグ", "исправ"]
        .iter()
        .any(|word| at_word(&text, word).is_some())
}
