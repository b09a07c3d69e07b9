//! `timeline`: what happened before and after one thing, oldest first.

use jiff::tz::TimeZone;
use mem_core::text::one_line;
use mem_core::time::Timestamp;
use mem_daemon::questions::Searcher;
use mem_wire::timeline::{Item, Timeline};

use super::super::desk::Desk;
use super::super::print;
use super::super::status::hooks;
use super::args::TimelineArgs;
use crate::failure::Failure;
use crate::recall::among::Among;
use crate::recall::timeline::{self, Around, Asked};

/// Characters of a title.
const LINE: usize = 96;
/// Characters of a query that is said again.
const SAID: usize = 60;
/// What marks the row that was asked for.
const MARK: &str = "→";

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &TimelineArgs) -> Result<(), Failure> {
    let around = Around {
        asked: Asked::Anything(args.what.join(" ")),
        projects: args.place.projects.clone(),
        all: args.place.all,
        kinds: args.kinds.clone(),
        before: args.before,
        after: args.after,
    };
    let Some(fresh) = desk.memory_to_search()? else {
        let nothing = timeline::nothing(&around)?;
        if desk.json {
            return print::json(&nothing);
        }
        hooks::nothing_yet(desk);
        return Ok(());
    };
    let (timeline, among) = timeline::timeline(desk, &fresh.store, &mut Searcher::default(), &around)?;
    if desk.json {
        return print::json(&timeline);
    }
    if !timeline.items.is_empty() {
        print::text(&listed(&timeline, &TimeZone::system()))?;
    }
    for line in words(&timeline, &among, &around) {
        print::note(&line);
    }
    Ok(())
}

/// A heading for each day, a row for each item.
fn listed(timeline: &Timeline, zone: &TimeZone) -> String {
    let several = timeline.projects.len() != 1;
    let rows: Vec<Vec<String>> = timeline.items.iter().map(|item| row(item, several, zone)).collect();
    let mut styles: Vec<fn(&str) -> String> =
        vec![print::bold, print::faint, print::bold, print::cyan, print::faint];
    if several {
        styles.push(print::faint);
    }
    styles.push(print::plain);
    let mut text = String::new();
    let mut day = String::new();
    for (line, item) in print::columns(&rows, &styles).iter().zip(&timeline.items) {
        let its_day = local(item.at, zone, "%Y-%m-%d");
        if day != its_day {
            let gap = if day.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{}\n", print::bold(&its_day)));
            day = its_day;
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn row(item: &Item, several: bool, zone: &TimeZone) -> Vec<String> {
    let mut row = vec![
        if item.anchor { MARK.to_owned() } else { " ".to_owned() },
        local(item.at, zone, "%H:%M"),
        item.id.clone(),
        print::tame(item.of_type.as_deref().unwrap_or(&item.kind)),
        format!("~{}", print::grouped(item.tokens.into())),
    ];
    if several {
        row.push(print::tame(item.place.as_ref().unwrap_or(&item.project)));
    }
    row.push(print::tame(&one_line(&item.title, LINE)));
    row
}

fn local(at: i64, zone: &TimeZone, format: &str) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(moment) => moment.to_zoned(zone.clone()).strftime(format).to_string(),
        Err(_) => "undated".to_owned(),
    }
}

/// What people are told about it.
fn words(timeline: &Timeline, among: &Among, around: &Around) -> Vec<String> {
    if let Among::Unknown(name) = among {
        return vec![
            format!("Nothing is remembered of {name} yet."),
            "`--all` looks at every project.".to_owned(),
        ];
    }
    let place = among.words().map(|names| format!(" in {names}")).unwrap_or_default();
    if timeline.items.is_empty() {
        let what = if timeline.searched {
            format!("Nothing found for {:?}{place}.", one_line(&timeline.asked, SAID))
        } else {
            format!("Nothing happened around {}{place}.", print::moment(Timestamp(timeline.at)))
        };
        let more = (*among != Among::All).then(|| "`--all` looks at every project.".to_owned());
        return std::iter::once(what).chain(more).collect();
    }
    let mut words = Vec::new();
    let center = match &timeline.anchor {
        Some(id) if timeline.searched => {
            format!("{id}, which fits {:?} best", one_line(&timeline.asked, SAID))
        }
        Some(id) => id.clone(),
        None => print::moment(Timestamp(timeline.at)),
    };
    if let (Some(id), false) = (&timeline.anchor, timeline.searched)
        && replaced(&timeline.asked, id)
    {
        words.push(format!("{} was replaced by {id}.", timeline.asked));
    }
    let mut line = format!("{} before and {} after {center}{place}.", timeline.before, timeline.after);
    if timeline.before < around.before {
        line.push_str(" Nothing earlier is remembered.");
    }
    words.push(line);
    words.push("`claude-mem show ID` prints one in full.".to_owned());
    words
}

/// Whether the anchor is not what was asked for, but what stands in its place.
fn replaced(asked: &str, anchor: &str) -> bool {
    let plain = |id: &str| id.trim_start_matches('#').to_uppercase();
    plain(asked) != plain(anchor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_core::id::ProjectId;
    use mem_wire::timeline::VERSION;

    fn item(id: &str, kind: &str, title: &str, at: i64) -> Item {
        Item {
            id: id.into(),
            kind: kind.into(),
            of_type: None,
            title: title.into(),
            at: 1_763_700_000_000 + at,
            project: "widgets".into(),
            place: None,
            session: "s".into(),
            file: None,
            ordinal: None,
            tokens: 12,
            anchor: false,
        }
    }

    fn timeline() -> Timeline {
        let items = vec![
            item("T4", "prompt", "mend\nit", 0),
            Item {
                of_type: Some("bugfix".into()),
                tokens: 1234,
                anchor: true,
                ..item("#12", "observation", "The parser takes empty input", 60_000)
            },
            item("S3", "summary", "Mend it", 86_400_000),
        ];
        Timeline {
            version: VERSION,
            asked: "#12".into(),
            searched: false,
            anchor: Some("#12".into()),
            title: Some("The parser takes empty input".into()),
            at: 1_763_700_060_000,
            projects: vec!["widgets".into()],
            before: 1,
            after: 1,
            items,
        }
    }

    fn around(before: usize) -> Around {
        Around {
            asked: Asked::Anything(String::new()),
            projects: Vec::new(),
            all: false,
            kinds: Vec::new(),
            before,
            after: 10,
        }
    }

    #[test]
    fn days_are_headings_and_the_anchor_is_marked() {
        let text = listed(&timeline(), &TimeZone::UTC);
        insta::assert_snapshot!(anstream::adapter::strip_str(&text), @"
        2025-11-21
           04:40  T4   prompt   ~12     mend it
        →  04:41  #12  bugfix   ~1,234  The parser takes empty input

        2025-11-22
           04:40  S3   summary  ~12     Mend it
        ");
        let text = listed(&Timeline { projects: Vec::new(), ..timeline() }, &TimeZone::UTC);
        insta::assert_snapshot!(anstream::adapter::strip_str(&text), @"
        2025-11-21
           04:40  T4   prompt   ~12     widgets  mend it
        →  04:41  #12  bugfix   ~1,234  widgets  The parser takes empty input

        2025-11-22
           04:40  S3   summary  ~12     widgets  Mend it
        ");
    }

    #[test]
    fn words_say_around_what() {
        let widgets = Among::These(vec![(ProjectId(1), "widgets".into())]);
        let told = |timeline: &Timeline, before| words(timeline, &widgets, &around(before)).join("\n");
        insta::assert_snapshot!(told(&timeline(), 1), @"
        1 before and 1 after #12 in widgets.
        `claude-mem show ID` prints one in full.
        ");
        insta::assert_snapshot!(told(&Timeline { asked: "11".into(), ..timeline() }, 10), @"
        11 was replaced by #12.
        1 before and 1 after #12 in widgets. Nothing earlier is remembered.
        `claude-mem show ID` prints one in full.
        ");
        insta::assert_snapshot!(told(&Timeline { asked: "parser".into(), searched: true, ..timeline() }, 1), @r#"
        1 before and 1 after #12, which fits "parser" best in widgets.
        `claude-mem show ID` prints one in full.
        "#);
        let none = Timeline { items: Vec::new(), anchor: None, at: i64::MAX, ..timeline() };
        insta::assert_snapshot!(told(&none, 1), @"
        Nothing happened around 9223372036854775807 ms in widgets.
        `--all` looks at every project.
        ");
        let none = Timeline { asked: "zebra".into(), searched: true, ..none };
        insta::assert_snapshot!(told(&none, 1), @r#"
        Nothing found for "zebra" in widgets.
        `--all` looks at every project.
        "#);
    }
}
