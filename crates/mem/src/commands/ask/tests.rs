//! How hits and words about them read.

use jiff::tz::TimeZone;
use mem_core::id::ProjectId;
use mem_wire::search::{Coverage, Found, Gloss, Hit, How, Meaning, Reason, VERSION, Window};

use super::search::listed;
use super::told::{days, words};
use crate::recall::among::Among;

fn hit(id: &str, kind: &str, title: &str) -> Hit {
    Hit {
        id: id.into(),
        also: Vec::new(),
        kind: kind.into(),
        of_type: None,
        title: title.into(),
        snippet: String::new(),
        at: i64::MAX,
        project: "widgets".into(),
        place: None,
        session: "383770b4".into(),
        branch: None,
        file: None,
        tokens: 0,
        score: 0.03,
        reasons: Vec::new(),
    }
}

fn found(hits: Vec<Hit>) -> Found {
    Found {
        version: VERSION,
        answered_by: None,
        query: "prser panics last week".into(),
        projects: vec!["widgets".into()],
        how: How::default(),
        coverage: Coverage { passages: 12_311, waiting: 0, rebuilding: false, meaning: None },
        total: hits.len(),
        held_back: None,
        unmet: Vec::new(),
        hits,
    }
}

fn widgets() -> Among {
    Among::These(vec![(ProjectId(1), "widgets".into())])
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn all() -> Vec<Hit> {
    vec![
        Hit {
            of_type: Some("bugfix".into()),
            snippet: "…it panicked on\nempty input\u{1b}[2J…".into(),
            tokens: 1230,
            also: vec!["#3".into()],
            reasons: vec![
                Reason { of: "words".into(), rank: Some(1), adds: 0.0164, with: "parser, panics".into() },
                Reason { of: "older".into(), rank: None, adds: -0.002, with: String::new() },
            ],
            ..hit("#12", "observation", "The parser takes empty input")
        },
        Hit { tokens: 40, ..hit("S3", "summary", "Mend the parser") },
    ]
}

#[test]
fn hits_are_rows_below_each_other() {
    insta::assert_snapshot!(plain(&listed(&found(all()), false)), @"
    #12  bugfix   9223372036854775807 ms  ~1,230  The parser takes empty input (also #3)
        …it panicked on empty input�[2J…
    S3   summary  9223372036854775807 ms  ~40     Mend the parser
    ");
    let mut several = found(all());
    several.projects.clear();
    several.hits[1].project = "a".into();
    insta::assert_snapshot!(plain(&listed(&several, false)), @"
    #12  bugfix   9223372036854775807 ms  ~1,230  widgets  The parser takes empty input (also #3)
        …it panicked on empty input�[2J…
    S3   summary  9223372036854775807 ms  ~40     a        Mend the parser
    ");
}

#[test]
fn of_two_projects_of_one_name_the_end_of_the_path_is_shown() {
    let mut several = found(all());
    several.projects.clear();
    several.hits[1].place = Some("other/widgets".into());
    let rows = plain(&listed(&several, false));
    assert!(
        rows.contains("~1,230  widgets        The") && rows.contains("~40     other/widgets  Mend"),
        "{rows}"
    );
}

#[test]
fn a_hit_says_why_it_is_there() {
    insta::assert_snapshot!(plain(&listed(&found(all()), true)), @"
    #12  bugfix   9223372036854775807 ms  ~1,230  The parser takes empty input
        …it panicked on empty input�[2J…
        score 0.0300
        stands for #3
          +0.0164  words, number 1: parser, panics
          -0.0020  older
    S3   summary  9223372036854775807 ms  ~40     Mend the parser
        score 0.0300
    ");
}

#[test]
fn colours_mark_ids_and_types() {
    assert!(listed(&found(all()), false).starts_with("\x1b[1m#12\x1b[0m  \x1b[36mbugfix\x1b[0m"));
}

#[test]
fn words_about_hits() {
    let mut some = found(all());
    some.total = 1200;
    some.how = How {
        gloss: Some(Gloss { language: "German".into(), english: "why parser crash".into() }),
        unknown: Vec::new(),
        elsewhere: vec!["lexer".into()],
        too_short: vec!["p*".into()],
        operators: vec!["-expired".into(), "NOT".into()],
        legs: ["sessions", "passages", "identifiers", "feedback"].map(Into::into).to_vec(),
        words: vec!["parser".into(), "panics".into()],
        left_out: (0..10).map(|n| format!("w{n}")).collect(),
        corrected: vec![("prser".into(), "parser".into())],
        window: Some(Window {
            said: "last week".into(),
            from: 1_794_787_200_000,
            until: 1_794_787_200_000 + 7 * 86_400_000,
            found: 2,
        }),
        bounded: true,
        unsure: false,
        unread: false,
    };
    some.coverage.waiting = 14;
    insta::assert_snapshot!(words(&some, &widgets(), 0, None, &TimeZone::UTC).join("\n"), @r#"
    2 of 1,200 hits in widgets. Searched 12,311 passages of text (all projects together; 14 more entries cannot be found yet), comparing whole sessions, single passages, names in code and related words.
    Read from German as: "why parser crash". Looked for parser instead of prser. p*: a star needs two letters before it, so only the letter was looked for. -expired and NOT are read as words: leaving out is not possible here. Only in other projects or where a condition is not met: lexer. Left out, as too common or too many: w0, w1, w2, w3, w4, w5, w6, w7 and 2 more. "last week" means 16–22 Nov 2026: what happened then stands higher. The search was cut short to stay fast: something older may be missing.
    `claude-mem show '#12'` prints one in full, `claude-mem timeline '#12'` what happened around it, `--offset 2` goes on.
    "#);
    let one = found(vec![hit("T4", "prompt", "why")]);
    insta::assert_snapshot!(words(&one, &Among::All, 0, None, &TimeZone::UTC).join("\n"), @"
    1 hit. Searched 12,311 passages of text (all projects together).
    `claude-mem show T4` prints one in full, `claude-mem timeline T4` what happened around it.
    ");
}

#[test]
fn an_id_among_the_words_is_said_to_be_one() {
    let told = |query: &str, hits| {
        let found = Found { query: query.into(), ..found(hits) };
        words(&found, &widgets(), 0, None, &TimeZone::UTC)
    };
    for (query, said) in [
        ("#12", "#12 is an id: claude-mem show '#12'"),
        (" S3 ", "S3 is an id: claude-mem show S3"),
        ("S653", "S653 is an id: claude-mem show S653"),
        ("T4", "T4 is an id: claude-mem show T4"),
        ("E28", "E28 is an id: claude-mem show E28"),
        ("C3", "C3 is an id: claude-mem show C3"),
    ] {
        assert!(told(query, all()).contains(&said.to_owned()), "{query}");
        assert!(told(query, Vec::new()).contains(&said.to_owned()), "{query}, where nothing is found");
    }
    for query in ["s3", "404", "S3 bucket", "E0308", "Error", "#", "S", "Ünter", ""] {
        let told = told(query, all()).join(" ");
        assert!(!told.contains("is an id"), "{query}: {told}");
    }
}

#[test]
fn words_about_nothing() {
    let told =
        |found: &Found, among: &Among, offset| words(found, among, offset, None, &TimeZone::UTC).join("\n");
    let mut none = found(Vec::new());
    none.unmet = vec!["No observation of widgets names a file src/x.rs.".into()];
    none.coverage.rebuilding = true;
    insta::assert_snapshot!(told(&none, &widgets(), 0), @r#"
    Nothing found for "prser panics last week" in widgets.
    No observation of widgets names a file src/x.rs.
    Searched 12,311 passages of text (all projects together; the search index is being rebuilt).
    `--all` searches every project.
    "#);
    none.how.unknown = vec!["prser".into()];
    assert!(!told(&none, &widgets(), 0).contains("--all"), "it stands in no project");
    none.how.unknown.clear();
    none.unmet.clear();
    none.query = "?!".into();
    insta::assert_snapshot!(told(&none, &Among::All, 0), @r#"
    Nothing found for "?!".
    Searched 12,311 passages of text (all projects together; the search index is being rebuilt).
    There is no word in it to look for.
    "#);
    none.query = " ".into();
    insta::assert_snapshot!(told(&none, &widgets(), 0), @"
    Nothing in widgets meets these conditions.
    Searched 12,311 passages of text (all projects together; the search index is being rebuilt).
    `--all` searches every project.
    ");
    none.total = 7;
    insta::assert_snapshot!(told(&none, &widgets(), 50), @"
    Only 7 hits in widgets; --offset 50 skips all of them.
    Searched 12,311 passages of text (all projects together; the search index is being rebuilt).
    ");
    none.how.unread = true;
    assert!(
        told(&none, &widgets(), 0).contains("Not compared by meaning: the embedding model knows English")
    );
    none.how.unread = false;
    none.query = "x".repeat(100_000);
    assert!(told(&none, &Among::All, 0).len() < 200, "a long query is not said again in full");
    insta::assert_snapshot!(told(&none, &Among::Unknown("gadgets".into()), 0), @"
    Nothing is remembered of gadgets yet.
    `--all` searches every project.
    ");
}

#[test]
fn days_in_as_few_words_as_they_take() {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let told = |from: &str, until: &str| {
        days(&Window { said: "then".into(), from: at(from), until: at(until), found: 1 }, &TimeZone::UTC)
    };
    assert_eq!(told("2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"), "16–22 Nov 2026");
    assert_eq!(told("2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z"), "16 Nov 2026");
    assert_eq!(told("2026-10-28T00:00:00Z", "2026-11-04T00:00:00Z"), "28 Oct – 3 Nov 2026");
    assert_eq!(told("2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z"), "29 Dec 2025 – 4 Jan 2026");
}

#[test]
fn how_far_meaning_goes_and_what_is_held_back_stand_below() {
    let mut some = found(vec![hit("T4", "prompt", "why")]);
    some.coverage.passages = 112;
    some.coverage.meaning = Some(Meaning { passages: 16 });
    (some.total, some.held_back) = (3, Some(2));
    some.unmet = vec!["No memory names nosuchfile.".into()];
    insta::assert_snapshot!(words(&some, &Among::All, 0, None, &TimeZone::UTC).join("\n"), @"
    1 of 3 hits. Searched 112 passages of text (all projects together).
    No memory names nosuchfile.
    Meaning: 16 of 112 passages so far.
    2 hits held back: 3 a session; `--per-session 0` shows all.
    `claude-mem show T4` prints one in full, `claude-mem timeline T4` what happened around it, `--offset 1` goes on.
    ");
    let mut none = found(Vec::new());
    none.coverage = some.coverage;
    insta::assert_snapshot!(words(&none, &Among::All, 0, None, &TimeZone::UTC).join("\n"), @r#"
    Nothing found for "prser panics last week".
    Searched 112 passages of text (all projects together).
    Meaning: 16 of 112 passages so far.
    "#);
}
