//! Edits against shapes people have, and against any JSON in any formatting.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::document::{Document, EditError};

fn document(text: &str) -> Document {
    Document::read(text.as_bytes()).unwrap()
}

fn text(document: &Document) -> String {
    String::from_utf8(document.to_bytes()).unwrap()
}

#[test]
fn a_member_takes_the_style_of_its_neighbours() {
    for (before, after) in [
        ("{}", "{\n  \"k\": true\n}"),
        ("{}\n", "{\n  \"k\": true\n}\n"),
        ("{\"a\":1}", "{\"a\":1,\"k\":true}"),
        ("{\r}", "{\r\r\n  \"k\": true\r\n}"),
        ("{ \"a\": 1 }", "{ \"a\": 1, \"k\": true }"),
        ("{\n\t\"a\": 1\n}\n", "{\n\t\"a\": 1,\n\t\"k\": true\n}\n"),
        ("{\r\n    \"a\": 1\r\n}\r\n", "{\r\n    \"a\": 1,\r\n    \"k\": true\r\n}\r\n"),
        ("\u{feff}{\"a\":1}", "\u{feff}{\"a\":1,\"k\":true}"),
        ("{\"a\":1 ,\n\"b\":2 }", "{\"a\":1 ,\n\"b\":2,\n\"k\": true }"),
    ] {
        let mut edited = document(before);
        assert_eq!(edited.insert(&["k"], &json!(true)), Ok(0));
        assert_eq!(text(&edited), after);
        assert!(edited.remove(&["k"]));
        assert_eq!(text(&edited), before);
    }
}

#[test]
fn nested_members_are_indented_below_their_parents() {
    let mut edited = document("{\n\t\"p\": {},\n\t\"z\": 1\n}\n");
    edited.insert(&["p", "k"], &json!({"a": [1, {}], "b": {"c": null}})).unwrap();
    edited.insert(&["q", "r"], &json!("s")).unwrap();
    assert_eq!(
        text(&edited),
        "{\n\t\"p\": {\n\t\t\"k\": {\n\t\t\t\"a\": [\n\t\t\t\t1,\n\t\t\t\t{}\n\t\t\t],\n\t\t\t\"b\": {\n\t\t\t\t\"c\": null\n\t\t\t}\n\t\t}\n\t},\n\t\"z\": 1,\n\t\"q\": {\n\t\t\"r\": \"s\"\n\t}\n}\n"
    );
}

#[test]
fn a_value_in_place_keeps_all_around_it() {
    let mut edited = document("{\n  \"p\" : { \"k\" :  true , \"x\": 1 }\n}");
    assert_eq!(edited.insert(&["p", "k"], &json!(false)), Ok(2));
    assert_eq!(text(&edited), "{\n  \"p\" : { \"k\" :  false , \"x\": 1 }\n}");
    edited.replace_raw(&["p", "k"], "true");
    assert_eq!(text(&edited), "{\n  \"p\" : { \"k\" :  true , \"x\": 1 }\n}");
}

#[test]
fn what_others_put_behind_ours_stays() {
    let mut edited = document("{\"k\":1,\"b\":2}");
    edited.remove(&["k"]);
    assert_eq!(text(&edited), "{\"b\":2}");
    let mut edited = document("{\n  \"a\": 1,\n  \"k\": 1,\n  \"b\": 2\n}");
    edited.remove(&["k"]);
    assert_eq!(text(&edited), "{\n  \"a\": 1,\n  \"b\": 2\n}");
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    let told: Vec<String> =
        [&b"{\n  \"a\": 1,\n}"[..], b"{\"a\":1} // note", b"[1]", b"{\"a\": \"\xff\"}", b"{\"a\""]
            .iter()
            .map(|bytes| Document::read(bytes).unwrap_err().to_string())
            .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    line 3, column 1: trailing comma
    line 1, column 9: trailing characters
    the top level should be an object
    line 1, column 8: not UTF-8
    line 1, column 4: EOF while parsing an object
    ");
    let mut odd = document("{\"p\": [1]}");
    assert_eq!(odd.insert(&["p", "k"], &json!(1)), Err(EditError::NotAnObject { at: "p".into() }));
    assert_eq!(text(&odd), "{\"p\": [1]}");
}

#[test]
fn escaped_and_doubled_keys_are_found() {
    let mut edited = document(r#"{"\u006b":1,"x":"}\"{","k":2}"#);
    assert_eq!(edited.get(&["k"]), Some(json!(2)));
    edited.remove(&["k"]);
    assert_eq!(text(&edited), r#"{"\u006b":1,"x":"}\"{"}"#);
    assert_eq!(edited.get(&["k"]), Some(json!(1)));
}

/// A JSON text with white space of every kind wherever it is allowed.
fn any_text(depth: u32) -> BoxedStrategy<String> {
    let space = prop_oneof![
        4 => Just(String::new()),
        2 => Just(" ".to_owned()),
        2 => "\n[ \t]{0,4}",
        1 => "\r\n[ ]{0,4}",
        1 => "[ \t\r\n]{0,4}",
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-1.5e3".to_owned()),
        Just("{}".to_owned()),
        "[^\\p{C}\"\\\\]{0,6}".prop_map(|text| Value::from(text).to_string()),
        Just(r#""a\"}{\\""#.to_owned()),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let member = ("[a-e]", space.clone(), space.clone(), space.clone(), any_text(depth - 1))
        .prop_map(|(key, a, b, c, value)| format!("{a}\"{key}\"{b}:{c}{value}"));
    let object = (proptest::collection::vec((member, space.clone()), 0..4), space.clone()).prop_map(
        |(members, empty)| {
            let inner: Vec<String> =
                members.iter().map(|(member, after)| format!("{member}{after}")).collect();
            if inner.is_empty() { format!("{{{empty}}}") } else { format!("{{{}}}", inner.join(",")) }
        },
    );
    let array = (proptest::collection::vec(any_text(depth - 1), 0..3), space)
        .prop_map(|(items, empty)| format!("[{}{empty}]", items.join(",")));
    prop_oneof![1 => leaf, 3 => object, 1 => array].boxed()
}

fn any_document() -> impl Strategy<Value = String> {
    (any_text(3), "[ \n\r\t]{0,3}", "[ \n\r\t]{0,3}", prop::bool::weighted(0.2))
        .prop_filter("an object", |(text, ..)| text.starts_with('{'))
        .prop_map(|(text, before, after, bom)| {
            format!("{}{before}{text}{after}", if bom { "\u{feff}" } else { "" })
        })
}

fn any_path() -> impl Strategy<Value = Vec<String>> {
    (proptest::collection::vec("[a-e]", 0..3), "(k|mem@local)").prop_map(|(mut path, own)| {
        path.push(own);
        path
    })
}

proptest! {
    /// What goes in comes out, and leaves every byte as it was.
    #[test]
    fn insert_then_remove_is_nothing(before in any_document(), path in any_path(), value in prop_oneof![Just(json!(true)), Just(json!({"a": {"b": [1, 2]}}))]) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let original = document(&before);
        let mut edited = original.clone();
        let Ok(there) = edited.insert(&path, &value) else {
            prop_assert_eq!(edited, original);
            return Ok(());
        };
        let reread = Document::read(&edited.to_bytes());
        prop_assert!(reread.is_ok(), "{}", text(&edited));
        prop_assert_eq!(edited.get(&path), Some(value));
        prop_assert!(edited.remove(&path[..=there]));
        prop_assert_eq!(text(&edited), before);
    }

    /// Two of ours in one parent, removed in either order.
    #[test]
    fn two_members_come_out_in_any_order(before in any_document(), first in any::<bool>()) {
        let mut edited = document(&before);
        edited.insert(&["k1"], &json!({"x": 1})).unwrap();
        edited.insert(&["k2"], &json!(true)).unwrap();
        let order = if first { ["k1", "k2"] } else { ["k2", "k1"] };
        for key in order {
            prop_assert!(edited.remove(&[key]));
        }
        prop_assert_eq!(text(&edited), before);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100), near in "[{}\\[\\]\",:a0 \n]{0,60}") {
        for bytes in [&bytes[..], near.as_bytes()] {
            if let Ok(mut document) = Document::read(bytes) {
                let _there = document.insert(&["a", "k"], &json!(1));
                document.remove(&["a"]);
            }
        }
    }
}
