//! The shape of one Rust file: its head, its size, the size of its functions, what it must not say.

use super::check::Violation;
use super::source::Source;
use super::tree::File;

/// Most lines of a file, its test module not counted.
const FILE_LIMIT: usize = 700;
/// Most lines of a function.
const FUNCTION_LIMIT: usize = 120;

/// What no code says, whether in tests (`true`) it is allowed, and what to do instead.
const REFUSED: [(&str, bool, &str); 6] = [
    ("#[ignore", false, "assert what happens today and say so, or delete the test"),
    ("todo!(", false, "write it, or leave it out"),
    ("unimplemented!(", false, "write it, or leave it out"),
    (".unwrap()", true, "return the error, or `expect` the invariant by name"),
    ("#[allow(", false, "use `#[expect(…, reason = \"…\")]`, which tells when it is no longer needed"),
    ("#![allow(", false, "use `#![expect(…, reason = \"…\")]`, which tells when it is no longer needed"),
];

/// Every rule of shape.
pub(crate) fn rules(file: &File, source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    if !file.text.starts_with("//!") {
        found.push(Violation::new(
            &file.path,
            1,
            "no head: open with `//!`, what the file is for and must not do",
        ));
    }
    let (lines, tests) = source.counts();
    if lines - tests.min(lines) > FILE_LIMIT {
        let what = format!(
            "{} lines, at most {FILE_LIMIT} without tests: split it by what it is about",
            lines - tests
        );
        found.push(Violation::new(&file.path, FILE_LIMIT, what));
    }
    for item in source.items().iter().filter(|item| item.kind == "fn") {
        if file.name() == "mod.rs" {
            found.push(Violation::new(
                &file.path,
                item.line,
                format!("fn {} in a mod.rs: give it a file", item.name),
            ));
        }
        if item.lines > FUNCTION_LIMIT {
            let what =
                format!("fn {} has {} lines, at most {FUNCTION_LIMIT}: split it", item.name, item.lines);
            found.push(Violation::new(&file.path, item.line, what));
        }
    }
    for (words, in_tests, instead) in REFUSED {
        for at in source.find(words) {
            let line = source.line_of(at);
            if !(in_tests && source.is_test(line)) {
                found.push(Violation::new(&file.path, line, format!("`{words}`: {instead}")));
            }
        }
    }
    found
}
