//! The reference pages, written from the tables they describe, so that they cannot be wrong.
//!
//! `claude-mem __reference docs/reference` writes them; a test holds the committed ones against that.

use std::fs;
use std::path::Path;

use mem_core::settings::{KEYS, Key, Shape};

use super::print;
use crate::cli;
use crate::env::VARIABLES;
use crate::failure::Failure;
use crate::mcp;

/// Columns of the help in the reference.
const WIDTH: usize = 100;

/// Runs the command.
pub(crate) fn run(dir: &Path) -> Result<(), Failure> {
    fs::create_dir_all(dir)?;
    for (name, text) in pages() {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|error| mem_daemon::home::at(&path, &error))?;
        print::note(&format!("{}", path.display()));
    }
    Ok(())
}

fn pages() -> [(&'static str, String); 4] {
    [
        ("cli.md", cli_page()),
        ("config.md", config_page()),
        ("env.md", env_page()),
        ("mcp.md", format!("# MCP\n\n{WRITTEN}\n{}", mcp::page())),
    ]
}

const WRITTEN: &str = "<!-- Written by `claude-mem __reference docs/reference`; do not edit. -->\n";

fn cli_page() -> String {
    let mut page = format!("# Commands\n\n{WRITTEN}\n");
    page.push_str(
        "Data goes to stdout, words about it to stderr. Exit codes: 0 done; 1 not done, and stderr says why; \
         2 the command line was not understood; 70 a mistake of claude-mem. `hook` always exits with 0.\n",
    );
    let mut tree = cli::tree().term_width(WIDTH).disable_help_subcommand(true);
    tree.build();
    section(&mut tree, &mut page);
    page
}

fn section(command: &mut clap::Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    // the long form says every option on several lines, in every section again
    let mut wide = command.clone().term_width(WIDTH);
    let help = if wide.get_long_about().is_some() { wide.render_long_help() } else { wide.render_help() };
    let help = help.to_string();
    page.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", trimmed(&help)));
    for inner in command.get_subcommands_mut().filter(|inner| !inner.is_hide_set()) {
        section(inner, page);
    }
}

/// Without the spaces at line ends that the help leaves.
fn trimmed(text: &str) -> String {
    text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn config_page() -> String {
    let mut page = format!("# Settings\n\n{WRITTEN}\n");
    page.push_str(
        "They stand in `settings.json` in the data directory, as one flat JSON object of strings; an environment \
         variable of the same name wins. A value that cannot be used counts for nothing and is reported by \
         `claude-mem status`. Keys that are not listed here are left alone.\n\n| key | default | values | meaning |\n\
         |---|---|---|---|\n",
    );
    for key in KEYS {
        page.push_str(&format!(
            "| `{}` | {} | {} | {} |\n",
            key.name,
            shown(key.default),
            values(&key),
            key.meaning
        ));
    }
    page
}

fn shown(default: &str) -> String {
    if default.is_empty() { "nothing".to_owned() } else { format!("`{}`", default.replace(',', ", ")) }
}

fn values(key: &Key) -> String {
    match key.shape {
        Shape::Number(low, high) => format!("{low} to {high}"),
        Shape::OneOf(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Shape::List => "names or globs, separated by commas".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Secret => "a key, never shown".to_owned(),
        Shape::Dollars => "US dollars".to_owned(),
        Shape::Price => "US dollars, or nothing".to_owned(),
        Shape::Prices => "two amounts of US dollars".to_owned(),
    }
}

fn env_page() -> String {
    let mut page = format!("# Environment\n\n{WRITTEN}\n");
    page.push_str(
        "Every [setting](config.md) may stand in the environment under its own name. Besides these:\n\n\
         | variable | meaning |\n|---|---|\n",
    );
    for variable in VARIABLES {
        page.push_str(&format!("| `{}` | {} |\n", variable.name, variable.meaning));
    }
    page.push_str(&format!(
        "\nA file `{}` in the data directory switches the hooks off as `CLAUDE_MEM_DISABLE=1` does, for every session.\n",
        mem_core::layout::DISABLED
    ));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_pages_are_up_to_date() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
        for (name, text) in pages() {
            let committed = fs::read_to_string(dir.join(name)).unwrap_or_default();
            assert!(
                committed == text,
                "docs/reference/{name} is out of date: run `cargo run -- __reference docs/reference`"
            );
        }
    }

    #[test]
    fn every_command_has_its_section() {
        let page = cli_page();
        for heading in
            ["## `claude-mem`\n", "## `claude-mem worker retry`\n", "## `claude-mem config unset`\n"]
        {
            assert!(page.contains(heading), "{heading}");
        }
        assert!(!page.contains("__reference\n"));
    }
}
