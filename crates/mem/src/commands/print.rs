//! How commands speak: data on stdout, words about it on stderr, tables and times for people.
//!
//! Colours are stripped where nobody can see them. Must not decide what is said.

use std::io::{self, BufWriter, IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use mem_core::time::Timestamp;
use serde::Serialize;

use crate::failure::Failure;

/// Columns of a table that explains.
const FOLDED: u16 = 118;

/// Prints data as it stands, with one line end.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.strip_suffix('\n').unwrap_or(text).as_bytes())?;
    stdout.write_all(b"\n")?;
    stdout.flush()?;
    Ok(())
}

/// Prints a document.
pub(crate) fn json(document: &impl Serialize) -> Result<(), Failure> {
    // standard output writes line by line, and each line wakes whoever reads it
    let mut stdout = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    serde_json::to_writer_pretty(&mut stdout, document)?;
    stdout.write_all(b"\n")?;
    stdout.flush()?;
    Ok(())
}

/// Says something about the data, to people only.
pub(crate) fn note(words: &str) {
    let mut stderr = anstream::stderr().lock();
    let _nobody_listens = writeln!(stderr, "{words}");
}

/// Asks a question that is answered by yes or no; anything but yes is no. `None` when there is nobody to ask.
fn ask(question: &str) -> Option<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return None;
    }
    let mut stderr = anstream::stderr().lock();
    let _nobody_listens = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).ok()?;
    Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Whether to go on: the user said yes beforehand, or says so now. A no is told to have changed nothing.
///
/// # Errors
/// A refusal to change anything where there is nobody to ask.
pub(crate) fn go_ahead(said_yes: bool) -> Result<bool, Failure> {
    if said_yes {
        return Ok(true);
    }
    match ask("Go ahead?") {
        Some(true) => Ok(true),
        Some(false) => {
            note("Nothing was changed.");
            Ok(false)
        }
        None => Err(Failure::user("nothing was changed: there is no terminal to ask on")
            .hint("Say yes beforehand with `--yes`.")),
    }
}

/// A fault's words (what is wrong, a colon, what to do) as the one and the other, the latter as the start of a sentence.
pub(crate) fn remedied(fault: &str) -> (&str, Option<String>) {
    let Some((what, remedy)) = fault.split_once(": ") else { return (fault, None) };
    let mut letters = remedy.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    (what, Some(format!("{first}{}", letters.as_str())))
}

/// Rows under headings, with nothing but space between the columns.
pub(crate) fn table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    written(Table::new(), headings, rows)
}

/// The same, with long cells on several lines, for tables that explain.
pub(crate) fn folded_table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(FOLDED);
    written(table, headings, rows)
}

fn written(mut table: Table, headings: &[&str], rows: Vec<Vec<String>>) -> String {
    table.load_style(presets::NOTHING).set_header(headings.to_vec());
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Foreign text without the characters that make a terminal do things.
pub(crate) fn tame(text: &str) -> String {
    let harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().map(|c| if harmless(c) { c } else { '\u{fffd}' }).collect()
}

/// Words in bold, where bold can be seen.
pub(crate) fn bold(words: &str) -> String {
    format!("\x1b[1m{words}\x1b[0m")
}

/// A heading in a text, faint enough not to shout.
pub(crate) fn faint(words: &str) -> String {
    format!("\x1b[2m{words}\x1b[0m")
}

/// A warning in a text.
pub(crate) fn yellow(words: &str) -> String {
    format!("\x1b[33m{words}\x1b[0m")
}

/// A word that sorts things, in a text.
pub(crate) fn cyan(words: &str) -> String {
    format!("\x1b[36m{words}\x1b[0m")
}

/// A number with its thousands apart: `12,311`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rows of words with their columns below each other, the last as long as it is; `styles` dress the columns.
pub(crate) fn columns(rows: &[Vec<String>], styles: &[fn(&str) -> String]) -> Vec<String> {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..styles.len()).map(width).collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (at, cell) in row.iter().enumerate() {
                let gap = if at + 1 < row.len() { widths[at] + 2 - cell.chars().count() } else { 0 };
                line.push_str(&if cell.is_empty() { String::new() } else { styles[at](cell) });
                line.push_str(&" ".repeat(gap));
            }
            line.trim_end().to_owned()
        })
        .collect()
}

/// Words as they are.
pub(crate) fn plain(words: &str) -> String {
    words.to_owned()
}

/// A moment in the user's time zone: `2026-11-21 09:14`.
pub(crate) fn moment(at: Timestamp) -> String {
    moment_in(at, jiff::tz::TimeZone::system())
}

fn moment_in(at: Timestamp, zone: jiff::tz::TimeZone) -> String {
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(moment) => moment.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => format!("{} ms", at.0),
    }
}

/// How long ago: `14 s ago`.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.since(at) / 1000;
    match seconds {
        ..0 => "in the future".to_owned(),
        0..120 => format!("{seconds} s ago"),
        120..7200 => format!("{} min ago", seconds / 60),
        7200..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// A size: `3.2 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / unit as f64),
        None => format!("{bytes} B"),
    }
}

/// A number and what it counts: `1 event`, `31 events`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The same with the thousands apart: `12,311 passages`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// Names with their numbers: `duplicate 1, skip-tool 2`.
pub(crate) fn by_name<'a>(counts: impl IntoIterator<Item = (&'a String, &'a u64)>) -> String {
    counts.into_iter().map(|(name, number)| format!("{name} {number}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_words() {
        let now = Timestamp(1_000_000_000_000);
        let told: Vec<String> = [0, 14, 119, 120, 7199, 7200, 172_799, 172_800, -5]
            .map(|seconds| ago(now.plus_ms(-seconds * 1000), now))
            .to_vec();
        assert_eq!(
            told,
            [
                "0 s ago",
                "14 s ago",
                "119 s ago",
                "2 min ago",
                "119 min ago",
                "2 h ago",
                "47 h ago",
                "2 days ago",
                "in the future"
            ]
        );
        assert_eq!(moment_in(Timestamp(0), jiff::tz::TimeZone::UTC), "1970-01-01 00:00");
        assert_eq!(moment_in(Timestamp(i64::MAX), jiff::tz::TimeZone::UTC), format!("{} ms", i64::MAX));
    }

    #[test]
    fn sizes_in_words() {
        assert_eq!(
            [0, 999, 1000, 3_200_000, 5_000_000_000].map(bytes),
            ["0 B", "999 B", "1.0 kB", "3.2 MB", "5.0 GB"]
        );
        assert_eq!(count(1, "event", "events"), "1 event");
        assert_eq!(
            [0, 999, 1000, 12_311, 1_000_000].map(grouped),
            ["0", "999", "1,000", "12,311", "1,000,000"]
        );
    }

    #[test]
    fn a_fault_is_told_apart_from_its_remedy() {
        assert_eq!(remedied("it needs a key: set one: now"), ("it needs a key", Some("Set one: now".into())));
        assert_eq!(remedied("it is so"), ("it is so", None));
    }

    #[test]
    fn a_table_has_no_frame_and_no_trailing_space() {
        let rows = vec![vec!["#1".into(), "short".into()], vec!["#12".into(), "a longer title".into()]];
        insta::assert_snapshot!(table(&["ID", "TITLE"], rows), @"
        ID   TITLE
        #1   short
        #12  a longer title
        ");
    }
}
