//! Words that mean the same to programmers: abbreviations, spellings, names of one thing.
//!
//! True equivalents only: what merely has to do with each other is the ranking's business.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::terms::stem;

/// Each word stands in one group, under which it is found in any of its forms. Words whose stem is another word's as well
/// (`gen` for generate, whose stem is that of general) and names of file endings that every path has (`rs`) are left out.
#[rustfmt::skip]
const GROUPS: [&[&str]; 111] = [
    &["config", "configuration", "cfg", "conf"], &["repo", "repository"], &["auth", "authentication", "authn"],
    &["authz", "authorization", "authorisation"], &["db", "database"], &["doc", "documentation"],
    &["fix", "bug", "bugfix", "hotfix", "defect"], &["remove", "delete"], &["test", "spec"],
    &["dir", "directory", "folder"], &["env", "environment"], &["var", "variable"], &["arg", "argument"],
    &["param", "parameter"], &["func", "function", "fn"], &["impl", "implementation"],
    &["init", "initialize", "initialise"], &["msg", "message"], &["err", "error"], &["req", "request"],
    &["resp", "response"], &["dep", "dependency"], &["dev", "development"], &["prod", "production"],
    &["app", "application"], &["admin", "administrator"], &["info", "information"], &["max", "maximum"],
    &["min", "minimum"], &["num", "number"], &["str", "string"], &["int", "integer"], &["bool", "boolean"],
    &["char", "character"], &["obj", "object"], &["attr", "attribute"], &["elem", "element"], &["idx", "index"],
    &["ptr", "pointer"], &["ref", "reference"], &["tmp", "temp", "temporary"],
    &["lib", "library"], &["pkg", "package"], &["mod", "module"], &["src", "source"], &["dst", "dest", "destination"],
    &["img", "image"], &["btn", "button"], &["nav", "navigation"], &["perf", "performance"],
    &["async", "asynchronous"], &["sync", "synchronous"], &["ts", "typescript"], &["js", "javascript"],
    &["md", "markdown"], &["yml", "yaml"], &["k8s", "kubernetes"], &["pg", "postgres", "postgresql"],
    &["cmd", "command"], &["ctx", "context"], &["conn", "connection"], &["addr", "address"], &["buf", "buffer"],
    &["ver", "version"], &["ms", "millisecond"], &["regex", "regexp"],
    &["i18n", "internationalization", "internationalisation"], &["l10n", "localization", "localisation"],
    &["a11y", "accessibility"], &["perm", "permission"], &["cert", "certificate"], &["pwd", "passwd", "password"],
    &["cred", "credential"], &["stat", "statistic"], &["proc", "process"], &["mem", "memory"], &["exec", "execute"],
    &["ext", "extension"], &["fmt", "format"], &["len", "length"], &["orig", "original"],
    &["pos", "position"], &["prev", "previous"], &["prop", "property"], &["rand", "random"], &["recv", "receive"],
    &["seq", "sequence"], &["std", "standard"], &["svc", "service"], &["sys", "system"], &["tbl", "table"],
    &["usr", "user"], &["val", "value"], &["col", "column"], &["desc", "description"], &["tx", "txn", "transaction"],
    &["tok", "token"], &["ws", "websocket"], &["ssl", "tls"], &["login", "signin", "logon"],
    &["logout", "signout", "logoff"], &["middleware", "mw"], &["color", "colour"], &["behavior", "behaviour"],
    &["normalize", "normalise"], &["serialize", "serialise"], &["optimize", "optimise"], &["analyze", "analyse"],
    &["license", "licence"], &["center", "centre"], &["gray", "grey"],
];

/// The groups as the word view holds them.
static STEMS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let stems = |group: &&[&str]| {
        let mut stems: Vec<String> = group.iter().map(|word| stem(word)).collect();
        stems.dedup();
        stems
    };
    GROUPS.iter().map(stems).collect()
});

static OTHERS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut others = HashMap::new();
    for group in STEMS.iter() {
        for word in group {
            others.insert(
                word.as_str(),
                group.iter().filter(|other| *other != word).map(String::as_str).collect(),
            );
        }
    }
    others
});

/// The terms of the word view that mean the same as this one, itself not among them.
pub fn synonyms(term: &str) -> &'static [&'static str] {
    OTHERS.get(term).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recall::terms;

    #[test]
    fn each_term_stands_once_and_is_one() {
        let mut seen = std::collections::HashSet::new();
        for (group, stems) in GROUPS.iter().zip(STEMS.iter()) {
            assert!(stems.len() > 1, "{group:?}");
            for (word, stem) in group.iter().zip(stems) {
                assert!(seen.insert(stem), "{word} stands twice");
                assert_eq!(&terms(word)[0].text, stem, "{word}");
            }
        }
    }

    #[test]
    fn each_leads_to_the_others() {
        assert_eq!(synonyms("configur"), ["config", "cfg", "conf"]);
        assert_eq!(synonyms("repo"), ["repositori"]);
        assert_eq!(synonyms("delet"), ["remov"]);
        for nothing in ["", "configuration", "xyz", "the"] {
            assert!(synonyms(nothing).is_empty());
        }
    }
}
