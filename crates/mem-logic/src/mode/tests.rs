//! Modes: every built-in one loads, overrides lie over their parents, broken files fall back and say so.

use std::collections::BTreeMap;

use super::{bundled, load};

/// The 32 keys of the format.
const KEYS: [&str; 32] = [
    "system_identity",
    "spatial_awareness",
    "observer_role",
    "recording_focus",
    "skip_guidance",
    "type_guidance",
    "concept_guidance",
    "field_guidance",
    "output_format_header",
    "format_examples",
    "footer",
    "xml_title_placeholder",
    "xml_subtitle_placeholder",
    "xml_fact_placeholder",
    "xml_narrative_placeholder",
    "xml_concept_placeholder",
    "xml_file_placeholder",
    "xml_summary_request_placeholder",
    "xml_summary_investigated_placeholder",
    "xml_summary_learned_placeholder",
    "xml_summary_completed_placeholder",
    "xml_summary_next_steps_placeholder",
    "xml_summary_notes_placeholder",
    "header_memory_start",
    "header_memory_continued",
    "header_summary_checkpoint",
    "continuation_greeting",
    "continuation_instruction",
    "summary_instruction",
    "summary_context_label",
    "summary_format_instruction",
    "summary_footer",
];

/// A small mode of the user.
const BAKING: &str = r#"{
  "name": "Baking", "version": "1",
  "observation_types": [
    {"id": "recipe", "label": "Recipe", "description": "how to bake it", "emoji": "R", "work_emoji": "r"},
    {"id": "burnt"}
  ],
  "observation_concepts": [{"id": "oven"}],
  "prompts": {"system_identity": "You keep a baker's book.", "footer": "Be brief.", "own_key": "kept"},
  "colour": ["unknown", "keys"]
}"#;

fn with(files: &[(&str, &str)], id: &str) -> (super::Mode, Vec<String>) {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let (mode, problems) = load(id, &mut |id| files.get(id).map(|text| (*text).to_owned()));
    (mode, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn every_built_in_mode_loads_and_is_whole() {
    let modes = bundled();
    assert_eq!(modes.len(), 31);
    for (id, name) in &modes {
        let (mode, problems) = with(&[], id);
        assert_eq!((&mode.id, &mode.name, problems), (id, name, Vec::new()));
        assert_eq!(mode.kinds.len(), 9, "{id}");
        assert_eq!(mode.concepts.len(), 7, "{id}");
        for key in KEYS {
            assert!(key == "format_examples" || !mode.text(key).is_empty(), "{id}: {key}");
        }
        assert_eq!(mode.text("language").is_empty(), matches!(id.as_str(), "code" | "code--chill"), "{id}");
    }
    let kinds = with(&[], "code").0.kinds;
    // signs beyond the basic plane come out broken where a host cuts text by UTF-16 units
    let signs: String =
        kinds.iter().flat_map(|kind| [kind.emoji.as_str(), kind.work_emoji.as_str()]).collect();
    assert!(signs.chars().all(|c| c.len_utf16() == 1));
}

#[test]
fn a_language_changes_the_language_only() {
    let (code, german) = (with(&[], "code").0, with(&[], "code--de").0);
    assert!(german.text("language").contains("German (Deutsch)"));
    for key in KEYS {
        assert_eq!(code.text(key), german.text(key), "{key}");
    }
    assert_eq!(code.kind_ids(), german.kind_ids());
}

#[test]
fn a_mode_of_the_user_loads_and_its_gaps_are_filled() {
    let (mode, problems) = with(&[("baking", BAKING)], "baking");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!((mode.id.as_str(), mode.name.as_str()), ("baking", "Baking"));
    assert_eq!(mode.kind_ids(), ["recipe", "burnt"]);
    assert_eq!(mode.concept_ids(), ["oven"]);
    assert_eq!(mode.text("own_key"), "kept");
    assert_eq!(mode.text("no_such_key"), "");
    assert_eq!(mode.text("type_guidance"), "exactly one of these: recipe = how to bake it; burnt");
    assert!(KEYS.iter().all(|key| *key == "format_examples" || !mode.text(key).is_empty()));
}

#[test]
fn an_override_lies_over_its_parent() {
    let hot = r#"{"name": "Baking, hot", "observation_types": [{"id": "flame"}],
        "prompts": {"footer": "Hotter.", "other": "new"}}"#;
    let ours = r#"{"name": "Ours", "prompts": {"footer": "Ours."}}"#;
    let files = [("baking", BAKING), ("baking--hot", hot), ("code", ours), ("lost--x", hot)];
    // (wanted, id, name, first type, footer, problems)
    let table = [
        ("baking--hot", "baking--hot", "Baking, hot", "flame", "Hotter.", 0),
        ("baking--cold", "baking", "Baking", "recipe", "Be brief.", 1),
        ("baking", "baking", "Baking", "recipe", "Be brief.", 0),
        (" baking ", "baking", "Baking", "recipe", "Be brief.", 0),
        // the parent is missing: its override lies over `code`
        ("lost--x", "lost--x", "Baking, hot", "flame", "Hotter.", 1 + 1),
        ("lost--y", "code", "Ours", "bugfix", "Ours.", 2 + 2),
        ("lost", "code", "Ours", "bugfix", "Ours.", 1 + 2),
        // the user's own `code` is the parent of the built-in variants too, and what it lacks is ours
        ("code--de", "code--de", "Code, in German (Deutsch)", "bugfix", "Ours.", 2),
    ];
    for (wanted, id, name, kind, footer, problems) in table {
        let (mode, told) = with(&files, wanted);
        assert_eq!(
            (
                mode.id.as_str(),
                mode.name.as_str(),
                mode.kinds[0].id.as_str(),
                mode.text("footer"),
                told.len()
            ),
            (id, name, kind, footer, problems),
            "{wanted}: {told:#?}"
        );
    }
    let (mode, _) = with(&files, "baking--hot");
    assert_eq!(mode.text("system_identity"), "You keep a baker's book.");
    assert_eq!((mode.text("own_key"), mode.text("other")), ("kept", "new"));
    assert_eq!(mode.concept_ids(), ["oven"]);
}

#[test]
fn only_plain_names_are_looked_for() {
    let longest = "a".repeat(201);
    for id in [
        "",
        "..",
        "../code",
        "code/../x",
        "/etc/passwd",
        "Code",
        "code-",
        "-code",
        "code--",
        "--de",
        "code---de",
        "code--de--x",
        "co de",
        "code\0",
        "code.json",
        "cöde",
        "a\\b",
        &longest,
    ] {
        let (mode, problems) = load(id, &mut |asked| {
            assert_eq!(asked, "code", "{id:?} made us look for {asked:?}");
            None
        });
        assert_eq!(mode.id, "code", "{id:?}");
        assert_eq!(problems.len(), 1, "{id:?}");
    }
}

#[test]
fn a_broken_file_is_told_and_passed_over() {
    let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(300_000));
    // (id, file, id that is used, words of the problem)
    let table = [
        ("mine", "{", "code", "is no JSON"),
        ("mine", "[1]", "code", "holds no JSON object"),
        ("mine", "", "code", "is no JSON"),
        ("code", "nonsense", "code", "the built-in one is used"),
        ("code--de", "nonsense", "code--de", "the built-in one is used"),
        ("code--mine", "nonsense", "code", "it is left out"),
        ("mine", &huge, "code", "larger than 256 KiB"),
    ];
    for (id, file, used, words) in table {
        let (mode, problems) = with(&[(id, file)], id);
        assert_eq!(mode.id, used, "{id} {problems:?}");
        assert!(problems[0].contains(words) && problems[0].ends_with("remove it."), "{problems:?}");
        assert_eq!(mode.kinds.len(), 9);
    }
}

#[test]
fn odd_parts_of_a_file_are_left_out() {
    let odd = r#"{
        "name": 7,
        "observation_types": [{"id": "a|b"}, {"id": "</observation>"}, {"id": ""}, 5, {"id": "fine"}, {"id": "fine"}],
        "observation_concepts": "none",
        "prompts": {"footer": ["x"], "system_identity": "a\u0000b\u001b[31mc"}
    }"#;
    let (mode, problems) = with(&[("odd", odd)], "odd");
    assert_eq!((mode.name.as_str(), mode.kind_ids()), ("odd", vec!["fine".to_owned()]));
    assert_eq!(mode.concepts.len(), 7);
    assert_eq!(mode.text("system_identity"), "abc");
    assert_eq!(mode.text("footer"), with(&[], "code").0.text("footer"));
    insta::assert_snapshot!(problems.join("\n"), @r#"
    mode "odd": 5 of its `observation_types` are left out (no plain id, the id of another, or beyond 40). Give each a short id of its own.
    mode "odd": it has no usable `observation_concepts`; those of `code` are used. Give it a list of objects with an id each.
    mode "odd": footer should be text; that of `code` is used. Put it in quotes, or remove it.
    "#);
}
