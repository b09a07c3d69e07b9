//! `search`: what is remembered, best first, how it was found, and how much was looked through.

use jiff::tz::TimeZone;
use mem_core::text::one_line;
use mem_core::time::Timestamp;
use mem_daemon::questions::Searcher;
use mem_wire::search::{Found, Hit};

use super::super::desk::Desk;
use super::super::print;
use super::super::status::hooks;
use super::args::SearchArgs;
use super::told;
use crate::failure::Failure;
use crate::recall::search;
use crate::recall::wish::Wish;

/// Characters of a title and of a snippet on one line.
const LINE: usize = 96;
/// What a line below a hit begins with.
const BELOW: &str = "    ";
/// Ids that are named of what else tells of the same.
const ALSO: usize = 3;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: SearchArgs) -> Result<(), Failure> {
    let (offset, explain, per_session) = (args.offset, args.explain, args.per_session);
    let wish = wish(args);
    wish.check()?;
    let Some(fresh) = desk.memory_to_search()? else {
        if desk.json {
            return print::json(&search::nothing(&wish));
        }
        hooks::nothing_yet(desk);
        return Ok(());
    };
    let (found, among) = search::search(desk, &fresh.store, &mut Searcher::default(), &wish)?;
    if desk.json {
        return print::json(&found);
    }
    if !found.hits.is_empty() {
        print::text(&listed(&found, explain))?;
    }
    for line in told::words(&found, &among, offset, per_session, &TimeZone::system()) {
        print::note(&line);
    }
    Ok(())
}

fn wish(args: SearchArgs) -> Wish {
    Wish {
        query: args.query.join(" "),
        projects: args.place.projects,
        all: args.place.all,
        kinds: args.kinds,
        types: Vec::new(),
        concepts: args.concepts,
        folders: !args.folders.is_empty(),
        files: if args.folders.is_empty() { args.files } else { args.folders },
        from: args.from,
        to: args.to,
        as_of: args.as_of,
        near: args.near,
        sessions: args.sessions,
        not_sessions: Vec::new(),
        agents: args.agents,
        branches: args.branches,
        worktrees: args.worktrees,
        order: args.order.into(),
        limit: args.limit,
        offset: args.offset,
        per_session: args.per_session,
        explain: args.explain,
    }
}

/// A row for each hit, and below it where the words stand and why it is there.
pub(super) fn listed(found: &Found, explain: bool) -> String {
    let several = found.projects.len() != 1;
    let rows: Vec<Vec<String>> = found
        .hits
        .iter()
        .map(|hit| {
            let mut row = vec![
                hit.id.clone(),
                print::tame(hit.of_type.as_deref().unwrap_or(&hit.kind)),
                print::moment(Timestamp(hit.at)),
                if hit.tokens == 0 {
                    String::new()
                } else {
                    format!("~{}", print::grouped(hit.tokens.into()))
                },
            ];
            if several {
                row.push(print::tame(hit.place.as_ref().unwrap_or(&hit.project)));
            }
            let also = if hit.also.is_empty() || explain { String::new() } else { also(&hit.also) };
            row.push(format!("{}{also}", print::tame(&one_line(&hit.title, LINE))));
            row
        })
        .collect();
    let mut styles: Vec<fn(&str) -> String> = vec![print::bold, print::cyan, print::faint, print::faint];
    if several {
        styles.push(print::faint);
    }
    styles.push(print::plain);
    let mut text = String::new();
    for (line, hit) in print::columns(&rows, &styles).iter().zip(&found.hits) {
        text.push_str(line);
        text.push('\n');
        if !hit.snippet.is_empty() {
            text.push_str(&format!("{BELOW}{}\n", print::tame(&one_line(&hit.snippet, LINE))));
        }
        if explain {
            text.push_str(&explained(hit));
        }
    }
    text
}

/// What else tells of the same, the first few of it.
fn also(ids: &[String]) -> String {
    let more = if ids.len() > ALSO { ", …" } else { "" };
    format!(" (also {}{more})", ids[..ids.len().min(ALSO)].join(", "))
}

/// Why a hit stands where it does, a line for each part of its score.
fn explained(hit: &Hit) -> String {
    let mut lines = vec![format!("score {:.4}", hit.score)];
    if !hit.also.is_empty() {
        lines.push(format!("stands for {}", hit.also.join(", ")));
    }
    lines.extend(hit.reasons.iter().map(|reason| {
        let rank = reason.rank.map(|rank| format!(", number {rank}")).unwrap_or_default();
        let with =
            if reason.with.is_empty() { String::new() } else { format!(": {}", print::tame(&reason.with)) };
        format!("  {:+.4}  {}{rank}{with}", reason.adds, reason.of)
    }));
    let lines: Vec<String> = lines.iter().map(|line| format!("{BELOW}{}\n", print::faint(line))).collect();
    lines.concat()
}
