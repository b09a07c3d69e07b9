//! Arguments in every spelling, texts as clients read them, and what the tools cost.

use std::sync::Mutex;

use jiff::tz::TimeZone;
use mem_daemon::questions::Searcher;
use mem_daemon::recall::Order;
use mem_wire::memory::{Item as Memory, Observation};
use mem_wire::search::{Coverage, Found, Gloss, Hit, How, Meaning, VERSION, Window};
use mem_wire::timeline::{self, Item, Timeline};
use serde_json::{Value, json};

use super::given::{Given, asks_for_something};
use super::server::{Reply, guarded};
use super::tools::{CEILING, TOOLS, cost};
use super::{layout, rows};
use crate::recall::wish::Wish;

fn given(arguments: Value) -> Given {
    let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
    Given::new(arguments)
}

fn wish(arguments: Value) -> Wish {
    given(arguments).wish().unwrap()
}

#[test]
fn what_every_session_pays_stays_below_the_ceiling() {
    println!("instructions and loaded tools: {} tokens", cost());
    assert!(cost() <= CEILING, "{} tokens", cost());
}

#[test]
fn two_tools_are_loaded_at_once_and_all_only_read() {
    let listed: Vec<Value> = TOOLS.iter().map(|tool| serde_json::to_value(tool.listed()).unwrap()).collect();
    let loaded: Vec<&str> = listed
        .iter()
        .filter(|tool| tool["_meta"] == json!({ "anthropic/alwaysLoad": true }))
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(loaded, ["search", "get_observations"]);
    let hints = json!({ "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false });
    for tool in &listed {
        assert_eq!(tool["annotations"], hints);
        assert_eq!(tool["inputSchema"]["type"], "object");
        assert!(tool["_meta"].is_null() || loaded.contains(&tool["name"].as_str().unwrap()), "{tool}");
    }
}

#[test]
fn every_spelling_means_the_same() {
    let plain = wish(json!({
        "query": "slugs", "files": ["a.rs", "b.rs"], "concepts": ["x", "y"], "obs_type": ["bugfix"], "isFolder": true,
        "dateStart": "2026-11-01", "dateEnd": "2026-11-02", "platformSource": ["claude-code"], "limit": 5, "offset": 2,
        "orderBy": "date_desc",
    }));
    assert_eq!((plain.files.len(), plain.folders, plain.limit, plain.offset), (2, true, 5, 2));
    assert_eq!(plain.order, Order::Newest);
    let spellings = [
        json!({
            "query": "slugs", "filePath": "a.rs, b.rs", "concept": "x,y", "obsType": "bugfix", "isFolder": "true",
            "date_start": "2026-11-01", "date_end": "2026-11-02", "platform_source": "claude", "limit": "5",
            "offset": "2.0", "order_by": "date_desc", "format": "json", "nonsense": { "deep": [1] },
        }),
        json!({
            "QUERY": " slugs ", "file_path": "[\"a.rs\",\"b.rs\"]", "concepts": "x , y,", "type": "bugfix",
            "is_folder": 1, "date_from": "2026-11-01", "dateTo": "2026-11-02", "agent": "Claude-Code", "limit": 5.0,
            "offset": "2", "sort": "newest", "obs_type": null,
        }),
    ];
    for spelled in spellings {
        assert_eq!(wish(spelled.clone()), plain, "{spelled:#}");
    }
}

#[test]
fn a_type_is_a_kind_of_document_or_else_of_observation() {
    let both = wish(json!({ "type": "sessions,decision,Observations", "obs_type": "bugfix" }));
    assert_eq!(both.kinds, ["sessions", "Observations"]);
    assert_eq!(both.types, ["decision", "bugfix"]);
}

#[test]
fn numbers_are_bounded_and_words_are_no_numbers() {
    let limit = |value: Value| given(json!({ "limit": value })).wish().map(|wish| wish.limit);
    for none in [json!(0), json!(-7), json!("0")] {
        let refused = limit(none).unwrap_err().to_string();
        assert!(refused.contains("limit cannot be read"), "{refused}");
    }
    assert_eq!(limit(json!("1e9")), Ok(100));
    assert_eq!(limit(json!("")), Ok(20));
    assert!(limit(json!("many")).unwrap_err().to_string().contains("limit cannot be read: \"many\""));
    assert!(given(json!({ "orderBy": "color" })).wish().is_err());
}

#[test]
fn milliseconds_are_moments_and_years_are_not() {
    let found = wish(json!({ "dateStart": 1_795_653_381_291_i64, "dateEnd": "2026" }));
    assert_eq!(found.from.as_deref(), Some("2026-11-26T00:36:21.291Z"));
    assert_eq!(found.to.as_deref(), Some("2026"));
}

#[test]
fn a_star_is_every_project_and_a_name_keeps_its_comma() {
    let projects = |arguments: Value| given(arguments).projects().unwrap();
    assert_eq!(projects(json!({ "project": "*" })), (vec![], true));
    assert_eq!(projects(json!({ "project": "a, b" })), (vec!["a, b".to_owned()], false));
    assert_eq!(projects(json!({ "projects": "a, b" })), (vec!["a".to_owned(), "b".to_owned()], false));
}

#[test]
fn a_list_of_any_length_loses_its_doubles_at_once() {
    // each held against all before it took minutes
    let ids: Vec<Value> = (0..300_000).map(|id| json!(id % 200_000)).collect();
    let given = given(json!({ "ids": ids, "id": "7, #1" }));
    let began = std::time::Instant::now();
    let list = given.list(&["ids", "id"]).unwrap();
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    assert_eq!((list.len(), list[7].as_str(), list[200_000].as_str()), (200_001, "7", "#1"));
    assert_eq!(given.listed(&["ids"]).unwrap().len(), 300_000, "as it was given");
}

#[test]
fn something_is_asked_for_by_words_or_by_any_filter() {
    for arguments in [json!({}), json!({ "query": "  " }), json!({ "limit": 3, "project": "*", "x": 1 })] {
        assert!(!asks_for_something(&wish(arguments.clone())), "{arguments}");
    }
    for name in
        ["query", "project", "type", "obs_type", "concepts", "files", "dateStart", "dateEnd", "branch"]
    {
        let value = if name.starts_with("date") { "7d" } else { "a" };
        assert!(asks_for_something(&wish(json!({ name: value }))), "{name}");
    }
}

#[test]
fn a_condition_that_cannot_be_read_is_refused_and_no_wider_search() {
    let told = |arguments: Value| given(arguments.clone()).wish().map_err(|failure| failure.to_string());
    for (name, value) in [
        ("dateStart", json!({})),
        ("dateStart", json!("soon")),
        ("date_from", json!(true)),
        ("dateEnd", json!(" ")),
        ("dateEnd", json!(["2026-11-01"])),
        ("dateRange", json!("last and first")),
        ("dateRange", json!(["2026-11-01", "2026-11-02"])),
        ("dateRange", json!({})),
        ("dateRange", json!({ "start": {} })),
        ("dateRange", json!({ "start": "soon", "end": "2026-11-02" })),
        ("date_range", json!({ "begin": "2026-11-01" })),
        ("dateRange", json!({ "start": "2026-11-01", "from": "2026-11-02" })),
        ("branch", json!("")),
        ("branch", json!(" , ")),
        ("worktree", json!([""])),
        ("files", json!([{}])),
        ("files", json!(["a.rs", null])),
        ("filePath", json!({ "path": "a.rs" })),
        ("files", json!("[{}]")),
        ("concepts", json!([["x"]])),
        ("obs_type", json!(true)),
        ("type", json!("")),
        ("project", json!({ "name": "a" })),
        ("project", json!("  ")),
        ("platformSource", json!([1, false])),
        ("session", json!({})),
        ("isFolder", json!("maybe")),
        ("isFolder", json!([])),
        ("limit", json!({})),
        ("limit", json!([5])),
        ("offset", json!(false)),
        ("orderBy", json!("color")),
        ("query", json!({ "text": "slugs" })),
    ] {
        let mut arguments = json!({ "query": "slugs", "type": "prompts" });
        arguments[name] = value.clone();
        let said = told(arguments.clone()).expect_err(name);
        let named = said.to_lowercase().replace('_', "").contains(&name.to_lowercase().replace('_', ""));
        assert!(
            named && said.contains("cannot be read: ") && said.contains("hint: Right is "),
            "{arguments}: {said}"
        );
    }
    insta::assert_snapshot!(told(json!({ "dateStart": {} })).unwrap_err(), @"
    error: dateStart cannot be read: {}
    hint: Right is a date (2026-11-01, yesterday), a time ago (7d), a moment in RFC 3339, or milliseconds since 1970. Leave it out where nothing is meant.
    ");
    insta::assert_snapshot!(told(json!({ "branch": "main", "dateEnd": "7d", "date_to": "2d" })).unwrap_err(), @r#"error: dateEnd and date_to are one argument and say different things: "7d" and "2d""#);
}

#[test]
fn what_asks_for_nothing_and_what_can_be_taken_is_no_mistake() {
    let plain = wish(json!({ "query": "slugs" }));
    assert_eq!(
        wish(json!({ "query": "slugs", "files": [], "branch": null, "limit": "", "project": [] })),
        plain
    );
    let coerced =
        wish(json!({ "query": 42, "files": 7.0, "branch": ["1", 2], "branches": "2,3", "isFolder": "No" }));
    assert_eq!(
        (coerced.query.as_str(), coerced.files.join(" "), coerced.branches.join(" ")),
        ("42", "7".into(), "1 2 3".into())
    );
}

#[test]
fn a_range_of_dates_is_the_begin_and_the_end() {
    let both = |arguments: Value| {
        let wish = wish(arguments);
        (wish.from, wish.to)
    };
    let wanted = (Some("2026-11-01".to_owned()), Some("2026-11-02".to_owned()));
    for range in [
        json!({ "start": "2026-11-01", "end": "2026-11-02" }),
        json!({ "dateStart": "2026-11-01", "to": " 2026-11-02 " }),
        json!("{\"start\": \"2026-11-01\", \"end\": \"2026-11-02\"}"),
    ] {
        assert_eq!(both(json!({ "dateRange": range })), wanted, "{range}");
    }
    assert_eq!(
        both(json!({ "date_range": { "start": "2026-11-01", "end": null }, "dateEnd": "2026-11-02" })),
        wanted
    );
    let ms = json!({ "dateRange": { "start": 1_795_653_381_291_i64 } });
    assert_eq!(both(ms).0.as_deref(), Some("2026-11-26T00:36:21.291Z"));
    let twice = json!({ "dateRange": { "start": "2026-11-01" }, "dateStart": "2026-11-03" });
    assert!(given(twice).wish().unwrap_err().to_string().contains("once each"));
}

#[test]
fn a_long_query_is_cut() {
    assert!(wish(json!({ "query": "é".repeat(1_000_000) })).query.len() <= 20_000);
    let long = wish(json!({ "query": "animal ".repeat(5_000) })).query;
    assert!(long.split(' ').all(|word| word == "animal"), "nothing of ours is looked for, and no half word");
}

#[test]
fn a_panic_is_an_answer_and_the_next_call_is_served() {
    let searcher = Mutex::new(Searcher::default());
    let said = guarded(&searcher, || {
        let _held = searcher.lock().unwrap();
        panic!("two and two is {}", 5)
    });
    assert!(said.failed && said.texts[0].contains("two and two is 5"), "{said:?}");
    assert!(searcher.lock().is_ok(), "it is fresh");
    assert_eq!(guarded(&searcher, || Reply::text("four")), Reply::text("four"));
}

fn hit(id: &str, kind: &str, minutes: i64, file: Option<&str>, title: &str) -> Hit {
    Hit {
        id: id.into(),
        also: Vec::new(),
        kind: kind.into(),
        of_type: (kind == "observation").then(|| "bugfix".into()),
        title: title.into(),
        snippet: String::new(),
        at: 1_795_651_200_000 + minutes * 60_000,
        project: "slugs".into(),
        place: None,
        session: "s".into(),
        branch: None,
        file: file.map(Into::into),
        tokens: 120,
        score: 1.0,
        reasons: Vec::new(),
    }
}

#[test]
fn a_search_reads_from_the_best_down() {
    let day = 24 * 60;
    let mut second = hit("#7", "observation", 1, Some("src/slug.js"), "Two | three\nwords");
    second.also = ["#3", "#4", "#5", "#6"].map(Into::into).to_vec();
    let found = Found {
        version: VERSION,
        answered_by: None,
        query: "slug wrods last week".into(),
        projects: vec!["slugs".into()],
        how: How {
            gloss: Some(Gloss { language: "German".into(), english: "why slug wrong".into() }),
            unknown: Vec::new(),
            elsewhere: vec!["lexer".into()],
            too_short: vec!["p*".into()],
            operators: vec!["-expired".into(), "NOT".into()],
            legs: vec!["words".into(), "passages".into()],
            words: vec!["slug".into(), "words".into()],
            left_out: vec!["the".into()],
            corrected: vec![("wrods".into(), "words".into())],
            window: Some(Window {
                said: "last week".into(),
                from: 1_795_132_800_000,
                until: 1_795_737_600_000,
                found: 5,
            }),
            bounded: true,
            unsure: false,
            unread: false,
        },
        coverage: Coverage { passages: 12_311, waiting: 14, rebuilding: true, meaning: None },
        total: 57,
        held_back: None,
        unmet: Vec::new(),
        hits: vec![
            hit("#9", "observation", 2 * day, Some("src/slug.js"), "Keep every word of a slug"),
            second,
            hit("S2", "summary", 2 * day, None, "Slugs go wrong"),
            hit("#8", "observation", 2 * day + 1, Some("src/slug.js"), "A test for slugs"),
            hit("T4", "prompt", 2 * day + 1, None, "Mend the slugs"),
            hit("C1", "commit", 1, None, "Keep every word"),
        ],
    };
    let text = layout::found(&found, None, &wish(json!({ "query": "q" })), &TimeZone::UTC);
    insta::assert_snapshot!("found", text);
}

#[test]
fn nothing_found_says_what_was_searched() {
    let mut none = Found {
        version: VERSION,
        answered_by: None,
        query: "giraffe".into(),
        projects: Vec::new(),
        how: How::default(),
        coverage: Coverage { passages: 1, waiting: 0, rebuilding: false, meaning: None },
        total: 0,
        held_back: None,
        unmet: Vec::new(),
        hits: Vec::new(),
    };
    let asked = wish(json!({ "query": "giraffe" }));
    insta::assert_snapshot!(layout::found(&none, None, &asked, &TimeZone::UTC), @r#"
    No results found matching "giraffe"

    Searched 1 passage in all.
    "#);
    let id = Found { query: "S3".into(), ..none.clone() };
    let said = layout::found(&id, None, &asked, &TimeZone::UTC);
    assert!(said.ends_with("Searched 1 passage in all. S3 is an id: get_observations reads it."), "{said}");
    insta::assert_snapshot!(layout::found(&none, Some("new"), &asked, &TimeZone::UTC), @r#"
    No results found matching "giraffe"

    Nothing is remembered of new yet, so nothing was searched; project "*" searches every project.
    "#);
    none.unmet = vec!["Nothing remembered has the type \"gotcha\".".into()];
    insta::assert_snapshot!(layout::found(&none, None, &asked, &TimeZone::UTC), @r#"
    No results found matching "giraffe"

    Nothing remembered has the type "gotcha".
    Searched 1 passage in all.
    "#);
}

#[test]
fn a_time_in_which_nothing_was_found_does_not_stand_higher() {
    let said = |legs: &[&str], found: usize| {
        let window =
            Window { said: "last week".into(), from: 1_795_132_800_000, until: 1_795_737_600_000, found };
        let legs = legs.iter().map(|leg| (*leg).to_owned()).collect();
        let answer = Found {
            version: VERSION,
            answered_by: None,
            query: "slug last week".into(),
            projects: Vec::new(),
            how: How { legs, window: Some(window), ..How::default() },
            coverage: Coverage { passages: 1, waiting: 0, rebuilding: false, meaning: None },
            total: 1,
            held_back: None,
            unmet: Vec::new(),
            hits: vec![hit("#9", "observation", 0, None, "Keep every word")],
        };
        let text = layout::found(&answer, None, &wish(json!({ "query": "q" })), &TimeZone::UTC);
        text.lines().last().unwrap().to_owned()
    };
    let taken = "\"last week\" taken as Nov 20, 2026 to Nov 26, 2026";
    assert!(said(&["sessions"], 1).contains(&format!("{taken}, which stands higher.")));
    assert!(said(&["sessions"], 0).contains(&format!("{taken}, of which nothing was found.")));
    assert!(said(&["conditions"], 1).contains(&format!("{taken}, and nothing else is listed.")));
}

#[test]
fn of_two_projects_of_one_name_the_end_of_the_path_is_shown() {
    let mut answer = Found {
        version: VERSION,
        answered_by: None,
        query: "slug".into(),
        projects: vec!["slugs".into(), "slugs".into()],
        how: How::default(),
        coverage: Coverage { passages: 1, waiting: 0, rebuilding: false, meaning: None },
        total: 1,
        held_back: None,
        unmet: Vec::new(),
        hits: vec![hit("#9", "observation", 0, Some("a.js"), "Keep every word")],
    };
    let shown = |answer: &Found| layout::found(answer, None, &wish(json!({ "query": "q" })), &TimeZone::UTC);
    assert!(shown(&answer).contains("**slugs · a.js**"));
    answer.hits[0].place = Some("other/slugs".into());
    let text = shown(&answer);
    assert!(
        text.contains("**other/slugs · a.js**") && text.contains("for those of slugs (2 projects)"),
        "{text}"
    );
}

#[test]
fn a_timeline_marks_its_anchor() {
    let item = |id: &str, kind: &str, minutes: i64, title: &str| Item {
        id: id.into(),
        kind: kind.into(),
        of_type: (kind == "observation").then(|| "decision".into()),
        title: title.into(),
        at: 1_795_651_200_000 + minutes * 60_000,
        project: "slugs".into(),
        place: None,
        session: "s".into(),
        file: (kind == "observation").then(|| "src/slug.js".into()),
        ordinal: (kind == "prompt").then_some(2),
        tokens: 42,
        anchor: id == "#9",
    };
    let line = Timeline {
        version: timeline::VERSION,
        asked: "slugs".into(),
        searched: true,
        anchor: Some("#9".into()),
        title: Some("Keep every word".into()),
        at: 0,
        projects: vec!["slugs".into()],
        before: 1,
        after: 3,
        items: vec![
            item("T4", "prompt", -2, "Mend the slugs"),
            item("#9", "observation", 0, "Keep every word"),
            item("#10", "observation", 0, "Test it"),
            item("C1", "commit", 1, "Keep every word of a slug"),
            item("S2", "summary", 24 * 60, "Slugs go wrong"),
        ],
    };
    insta::assert_snapshot!("timeline", layout::timeline(&line, None, &TimeZone::UTC));
}

fn observation(id: usize, narrative: &str) -> Memory {
    Memory::Observation(Box::new(Observation {
        id: format!("#{id}"),
        uuid: "u".into(),
        project: "slugs".into(),
        session: "383770b4".into(),
        at: 1_795_653_381_291,
        branch: Some("main".into()),
        by: "claude/haiku".into(),
        ledger: None,
        superseded_by: Some("#40".into()),
        supersedes: Vec::new(),
        pinned: false,
        kind: "bugfix".into(),
        title: "Keep every word".into(),
        subtitle: String::new(),
        facts: vec!["one".into()],
        narrative: narrative.into(),
        concepts: vec!["gotcha".into()],
        files_read: Vec::new(),
        files_modified: vec!["src/slug.js".into()],
        sources: vec!["E5".into()],
    }))
}

#[test]
fn rows_have_the_fields_of_the_original() {
    let said = rows::reply(&[observation(7, "It went wrong.")], &["99".into(), "X".into()], " in slugs");
    insta::assert_snapshot!("rows", said.texts.join("\n---\n"));
}

#[test]
fn rows_stay_below_a_size_and_say_what_is_left_out() {
    let all: Vec<Memory> = (1..=30).map(|id| observation(id, &"ä\"\n".repeat(50_000))).collect();
    let said = rows::reply(&all, &[], "");
    let size: usize = said.texts.iter().map(String::len).sum();
    assert!(size < 60_000, "{size}");
    let shown: Value = serde_json::from_str(&said.texts[0]).unwrap();
    let shown = shown.as_array().unwrap().len();
    assert!(shown > 1 && said.texts[1].contains(&format!("#{}", shown + 1)), "{shown}: {}", said.texts[1]);
    assert!(said.texts[1].contains("#30") && !said.texts[1].contains("Not found"), "{}", said.texts[1]);
}

#[test]
fn how_far_meaning_goes_and_what_is_held_back_are_told() {
    let answer = Found {
        version: VERSION,
        answered_by: None,
        query: "slug".into(),
        projects: Vec::new(),
        how: How { legs: vec!["sessions".into()], ..How::default() },
        coverage: Coverage { passages: 112, meaning: Some(Meaning { passages: 16 }), ..Coverage::default() },
        total: 3,
        held_back: Some(2),
        unmet: Vec::new(),
        hits: vec![hit("#9", "observation", 0, None, "Keep every word")],
    };
    let text = layout::found(&answer, None, &wish(json!({ "query": "q" })), &TimeZone::UTC);
    insta::assert_snapshot!(text.lines().last().unwrap(), @"Searched 112 passages in all, 16 of them by meaning so far; by sessions. 2 held back: 3 a session. 1 of 3 shown; offset 1 goes on.");
}
