//! `search`: what is remembered of this project, best first, and how much was looked through.

use mem_core::text::one_line;
use mem_core::time::Timestamp;
use mem_daemon::recall::{Order, Recall};
use mem_wire::search::{Coverage, Found, How, VERSION};

use super::desk::{self, Desk, Scope};
use super::print;
use crate::cli::SearchArgs;
use crate::failure::Failure;
use crate::recall::search::{self, PER_SESSION};
use crate::recall::wish::Wish;

/// Characters of a title and of a snippet on one line.
const LINE: usize = 96;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &SearchArgs) -> Result<(), Failure> {
    let wish = Wish {
        query: args.query.join(" "),
        projects: Vec::new(),
        all: args.list.all,
        kinds: Vec::new(),
        types: Vec::new(),
        concepts: Vec::new(),
        files: Vec::new(),
        folders: false,
        from: None,
        to: None,
        sessions: Vec::new(),
        not_sessions: Vec::new(),
        agents: Vec::new(),
        branches: Vec::new(),
        worktrees: Vec::new(),
        order: Order::Best,
        limit: args.list.limit,
        offset: 0,
        per_session: PER_SESSION,
        explain: false,
    };
    let Some(fresh) = desk.memory()? else {
        if desk.json {
            return print::json(&Found {
                version: VERSION,
                query: wish.query,
                projects: Vec::new(),
                how: How::default(),
                coverage: Coverage::default(),
                total: 0,
                hits: Vec::new(),
            });
        }
        desk::nothing_yet();
        return Ok(());
    };
    let (found, scope) = search::search(desk, &fresh.store, &mut Recall::default(), &wish)?;
    if desk.json {
        return print::json(&found);
    }
    if !found.hits.is_empty() {
        print::text(&listed(&found))?;
    }
    for line in words(&found, &scope) {
        print::note(&line);
    }
    Ok(())
}

fn listed(found: &Found) -> String {
    let mut text = String::new();
    for hit in &found.hits {
        let place = if found.projects.len() != 1 { format!(" · {}", hit.project) } else { String::new() };
        let when = print::faint(&format!("{}{place}", print::moment(Timestamp(hit.at))));
        text.push_str(&format!(
            "{} {}  {when}\n",
            print::bold(&hit.id),
            print::tame(&one_line(&hit.title, LINE))
        ));
        if !hit.snippet.is_empty() {
            text.push_str(&format!("    {}\n", print::tame(&one_line(&hit.snippet, LINE))));
        }
    }
    text
}

/// What people are told about the answers.
fn words(found: &Found, scope: &Scope) -> Vec<String> {
    if let Scope::Unknown(name) = scope {
        return vec![
            format!("Nothing is remembered of {name} yet."),
            "`--all` searches every project.".to_owned(),
        ];
    }
    // the numbers are those of the index, which spans all projects
    let searched =
        format!("{} in all searched", print::count(found.coverage.passages, "passage", "passages"));
    if !found.hits.is_empty() {
        let only = scope.name().map(|name| format!(" for those of {name}")).unwrap_or_default();
        return vec![format!("{searched}{only}. `claude-mem show ID` prints one in full.")];
    }
    let place = scope.name().map(|name| format!(" in {name}")).unwrap_or_default();
    let mut words = vec![format!("Nothing found for {:?}{place}: {searched}.", found.query)];
    if !found.query.chars().any(char::is_alphanumeric) {
        words.push("There is no word in it to look for.".to_owned());
    } else if *scope != Scope::All {
        words.push("`--all` searches every project.".to_owned());
    }
    words
}
