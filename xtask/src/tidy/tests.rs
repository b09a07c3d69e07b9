//! The house rules hold here, and each of them catches what it is for.

use super::check::{Violation, violations};
use super::source::Source;
use super::tree::{File, Tree};
use super::{layers, names, shape, tree, words};

#[test]
fn house_rules_hold() {
    let found = violations(&crate::house::root()).expect("the project can be read");
    let lines: Vec<String> = found.iter().map(Violation::to_string).collect();
    assert!(lines.is_empty(), "{} to mend:\n{}", lines.len(), lines.join("\n"));
}

fn files(files: &[(&str, &str)]) -> Tree {
    Tree { files: files.iter().map(|(path, text)| File::new(path, text)).collect() }
}

fn lines(found: &[Violation]) -> Vec<usize> {
    found.iter().map(|violation| violation.line).collect()
}

fn shape_of(path: &str, text: &str) -> Vec<usize> {
    let file = File::new(path, text);
    lines(&shape::rules(&file, file.source.as_ref().expect("a Rust file")))
}

#[test]
fn a_crate_may_look_down_only() {
    let manifest = |name: &str, section: &str, on: &str| {
        format!(
            "[package]\nname = \"{name}\"\n\n[{section}]\n{on}.workspace = true\nserde.workspace = true\n"
        )
    };
    let table = [
        ("mem-logic", "dependencies", "mem-core", true),
        ("mem-logic", "dependencies", "mem-wire", false),
        ("mem-core", "dependencies", "mem-store", false),
        ("mem-core", "dev-dependencies", "mem-testkit", false),
        ("mem-store", "dependencies", "mem-logic", false),
        ("mem-daemon", "dependencies", "mem-store", true),
        ("mem-daemon", "dependencies", "mem-testkit", false),
        ("mem-daemon", "dev-dependencies", "mem-testkit", true),
        ("claude-mem", "dependencies", "mem-daemon", true),
        ("mem-newcomer", "dependencies", "mem-core", false),
    ];
    for (name, section, on, fine) in table {
        let tree = files(&[("crates/x/Cargo.toml", &manifest(name, section, on))]);
        assert_eq!(layers::crates(&tree).is_empty(), fine, "{name} {section} {on}");
    }
}

#[test]
fn judging_crates_do_not_act() {
    let file = File::new(
        "crates/mem-logic/src/a.rs",
        "//! a\nuse std::fs;\n// std::net\n#[cfg(test)]\nmod t { use std::env; }\n",
    );
    assert_eq!(lines(&layers::purity(&file, file.source.as_ref().expect("Rust"))), [2]);
}

#[test]
fn unsafe_code_stays_in_its_files() {
    let text = "//! a\n// unsafe_code\n#[expect(unsafe_code, reason = \"quick\")]\nfn b() {}\n";
    let files = [
        ("crates/mem/src/a.rs", vec![3]),
        ("crates/mem-embed/src/native/mod.rs", vec![3]),
        ("crates/mem-embed/src/native/kernels.rs", vec![]),
        ("crates/mem-daemon/src/idle/heap.rs", vec![]),
    ];
    for (path, found) in files {
        let file = File::new(path, text);
        assert_eq!(lines(&layers::safety(&file, file.source.as_ref().expect("Rust"))), found, "{path}");
    }
}

#[test]
fn a_dependency_is_used_and_has_its_reason() {
    let manifest =
        "[workspace.dependencies]\nregex = \"1\"\nserde = { version = \"1\" }\nmem-core = { path = \"c\" }\n";
    let user =
        "[package]\nname = \"mem-core\"\n[dependencies]\nregex.workspace = true\nserde.workspace = true\n";
    let page = |rows: &str| format!("| crate | for |\n|---|---|\n{rows}");
    let found = |files_of: &[(&str, &str)]| lines(&layers::dependencies(&files(files_of)));
    let (root, member) = (("Cargo.toml", manifest), ("crates/mem-core/Cargo.toml", user));
    let reasons = "docs/design/003-dependencies.md";
    assert_eq!(found(&[root, member]), [0; 0]);
    assert_eq!(found(&[root]), [2, 3]);
    assert_eq!(found(&[root, member, (reasons, &page("| regex | finds |"))]), [3]);
    assert_eq!(found(&[root, member, (reasons, &page("| `regex`, serde | find |"))]), [0; 0]);
}

#[test]
fn files_that_nobody_declares_are_found() {
    let tree = files(&[
        ("crates/a/src/lib.rs", "//! a\nmod one;\nmod two;\n"),
        ("crates/a/src/one.rs", "//! one"),
        ("crates/a/src/two/mod.rs", "//! two\nmod three;"),
        ("crates/a/src/two/three.rs", "//! three"),
        ("crates/a/src/two/four.rs", "//! nobody names me"),
        ("crates/a/tests/it/main.rs", "//! it\nmod cases;"),
        ("crates/a/tests/it/cases.rs", "//! cases"),
        ("crates/a/tests/it/lost.rs", "//! nobody names me"),
        ("crates/a/tests/second.rs", "//! a second binary"),
    ]);
    let found: Vec<String> = tree::declared(&tree).into_iter().map(|violation| violation.path).collect();
    assert_eq!(found, ["crates/a/src/two/four.rs", "crates/a/tests/it/lost.rs", "crates/a/tests/second.rs"]);
}

#[test]
fn crowded_folders_are_found() {
    let paths: Vec<String> = (0..16).map(|n| format!("crates/a/src/f{n}.rs")).collect();
    let all: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "//! f")).collect();
    assert_eq!(tree::folders(&files(&all)).len(), 1);
    assert!(tree::folders(&files(&all[1..])).is_empty());
}

#[test]
fn empty_words_are_refused_in_names() {
    let identifiers = |path: &str, text: &str| {
        let file = File::new(path, text);
        lines(&names::identifiers(&file, file.source.as_ref().expect("Rust")))
    };
    let text = "struct HookManager;\nfn get_info() {}\nfn inform() {}\nmod utils {}\nfn database() {}\nstruct Base64;\n";
    assert_eq!(identifiers("src/a.rs", text), [1, 2, 4]);
    assert_eq!(identifiers("src/a.rs", "fn handler() {}"), [1]);
    assert!(identifiers("src/http/a.rs", "fn handler() {}").is_empty());
    assert_eq!(names::path(&File::new("src/text_helpers.rs", "")).len(), 1);
    assert!(names::path(&File::new("src/informed.rs", "")).is_empty());
}

#[test]
fn the_shape_of_a_file_is_held() {
    assert_eq!(shape_of("src/a.rs", "fn a() {}\n"), [1]);
    assert_eq!(shape_of("src/mod.rs", "//! m\nfn a() {}\n"), [2]);
    assert_eq!(shape_of("src/a.rs", "//! a\nfn a() { b().unwrap(); }\n"), [2]);
    assert_eq!(
        shape_of("src/a.rs", "//! a\n#[cfg(test)]\nmod tests {\n  fn a() { b().unwrap(); }\n}\n"),
        [0; 0]
    );
    assert_eq!(shape_of("tests/it/a.rs", "//! a\nfn a() { b().unwrap(); }\n"), [0; 0]);
    assert_eq!(shape_of("tests/it/a.rs", "//! a\n#[ignore]\nfn a() { todo!() }\n"), [2, 3]);
    assert_eq!(shape_of("src/a.rs", "//! a: never .unwrap()\nconst A: &str = \"todo!()\";\n"), [0; 0]);
    let long = format!("//! a\nfn a() {{\n{}}}\n", "    b();\n".repeat(119));
    assert_eq!(shape_of("src/a.rs", &long), [2]);
    let large = format!("//! a\n{}", "const A: u8 = 1;\n".repeat(700));
    assert_eq!(shape_of("src/a.rs", &large), [700]);
}

#[test]
fn text_is_clean() {
    let machine = concat!("see /wo", "rk/x");
    let text = format!("fine\ntrailing \n{machine}\n/home/me{}\n", concat!("/wo", "rk/x"));
    assert_eq!(lines(&words::text(&File::new("docs/a.md", &text))), [2, 3]);
}

#[test]
fn code_is_told_from_words() {
    let text = "fn a<'x>(c: char) -> &'x str { if c == '\"' { r#\"fn b() {\"# } else { \"\\\"fn c() {\" } } /* fn d() { */ fn e() {}\n";
    let source = Source::read("a.rs", text);
    let names: Vec<&str> = source.items().iter().map(|item| item.name).collect();
    assert_eq!(names, ["a", "e"]);
    assert_eq!(source.code.len(), text.len());
}
