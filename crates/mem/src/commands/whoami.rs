//! `whoami`: which project this directory is, by the one function that decides it everywhere.

use mem_wire::whoami::{Key, Whoami};

use super::desk::{self, Desk, Scope};
use super::print;
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(desk: &Desk) -> Result<(), Failure> {
    let mut who = Whoami::of(&desk.facts(), &desk::text(&desk.asker.cwd));
    who.excluded = desk.is_excluded();
    if let Some(fresh) = desk.memory()?
        && let Scope::Project(id, _) = desk.scope(&fresh.store, false)?
        && let Some(row) = fresh.store.project(id)?
    {
        who.project = row.name;
        who.id = Some(row.uuid);
        who.aliases = row.keys.iter().map(Key::from).filter(|key| !who.keys.contains(key)).collect();
    }
    if desk.json {
        return print::json(&who);
    }
    print::text(&listed(&who))?;
    if who.excluded {
        print::note(desk::EXCLUDED);
    }
    Ok(())
}

fn listed(who: &Whoami) -> String {
    let mut rows = vec![vec!["project".to_owned(), who.project.clone()]];
    let mut row = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            rows.push(vec![name.to_owned(), value.to_owned()]);
        }
    };
    row("id", Some(who.id.as_deref().unwrap_or("none yet: nothing is remembered of it")));
    for (at, key) in who.keys.iter().enumerate() {
        row(if at == 0 { "known by" } else { "" }, Some(&written(key)));
    }
    for (at, key) in who.aliases.iter().enumerate() {
        row(if at == 0 { "also known by" } else { "" }, Some(&written(key)));
    }
    row("top", Some(&who.top));
    row("worktree", who.worktree.as_deref());
    row("branch", who.branch.as_deref());
    let width = rows.iter().map(|row| row[0].len()).max().unwrap_or_default();
    rows.iter().map(|row| format!("{:width$}  {}", row[0], row[1])).collect::<Vec<_>>().join("\n")
}

fn written(key: &Key) -> String {
    format!("{} {}", key.kind, key.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_core::project::Facts;

    #[test]
    fn the_strongest_key_comes_first() {
        let facts = Facts {
            remote: Some("https://github.com/acme/widgets".into()),
            git_dir: Some("/w/widgets/.git".into()),
            top: "/w/widgets".into(),
            branch: Some("main".into()),
            ..Facts::default()
        };
        let mut who = Whoami::of(&facts, "/w/widgets");
        who.aliases = vec![Key { kind: "path".into(), value: "/old/widgets".into() }];
        insta::assert_snapshot!(listed(&who), @"
        project        widgets
        id             none yet: nothing is remembered of it
        known by       remote github.com/acme/widgets
                       gitdir /w/widgets/.git
                       path /w/widgets
        also known by  path /old/widgets
        top            /w/widgets
        branch         main
        ");
    }
}
