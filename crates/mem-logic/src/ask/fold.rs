//! Pieces folded into blocks, before they cost anything: looking around becomes lines, a command that is repeated
//! becomes one with a count, edits of one file in a row become one change, a subagent becomes one block.

use std::collections::HashSet;

use super::aside::Aside;
use super::limits::Limits;
use super::piece::{Deed, Piece};

/// What is told under one tag.
#[derive(Debug, Clone)]
pub(super) enum Block {
    /// Small deeds in a row, each with how often.
    Steps(Vec<(String, u32)>),
    /// A command.
    Ran {
        command: String,
        purpose: String,
        ended: String,
        /// What it printed the last time.
        output: String,
        times: u32,
        /// Whether an earlier block shows the same command with the same end and output.
        as_before: bool,
    },
    /// A file.
    Changed { path: String, created: bool, edits: u32, added: u32, removed: u32, patch: String },
    /// Anything that stands alone.
    Told { tag: &'static str, text: String },
    /// A subagent.
    Subagent(Aside),
}

/// An output shorter than this is not worth a reference.
const SHORT: usize = 80;

/// Folds pieces in order.
pub(super) fn fold(pieces: &[Piece], limits: &Limits) -> Vec<Block> {
    let mut folding = Folding { blocks: Vec::new(), seen: HashSet::new() };
    for piece in pieces {
        match (&piece.subagent, &piece.deed) {
            (Some((id, kind)), deed) => {
                if piece.tells() {
                    folding.aside(id, kind).take(deed, limits);
                }
            }
            (None, Deed::Delegated { subagent: Some(id), kind, task, said }) => {
                folding.aside(id, kind).asked(kind, task, said);
            }
            (None, deed) => folding.take(deed),
        }
    }
    folding.blocks
}

struct Folding<'p> {
    blocks: Vec<Block>,
    /// Commands with their end and output, as far as shown.
    seen: HashSet<(&'p str, &'p str, String)>,
}

impl<'p> Folding<'p> {
    fn take(&mut self, deed: &'p Deed) {
        match deed {
            Deed::Silent | Deed::Ended { .. } => {}
            Deed::Step(step) => self.step(step),
            Deed::Ran { command, purpose, ended, output, .. } => self.ran(command, purpose, ended, output),
            Deed::Changed { path, created, patch, added, removed } => {
                self.changed(path, *created, patch, *added, *removed);
            }
            Deed::Told { tag, text } => self.blocks.push(Block::Told { tag, text: text.clone() }),
            Deed::Delegated { kind, task, said, .. } => {
                let mut aside = Aside::of("", kind);
                aside.asked(kind, task, said);
                self.blocks.push(Block::Subagent(aside));
            }
        }
    }

    /// The block of that subagent, made where it first did something.
    fn aside(&mut self, id: &str, kind: &str) -> &mut Aside {
        let known = self
            .blocks
            .iter()
            .position(|block| matches!(block, Block::Subagent(aside) if !id.is_empty() && aside.id == id));
        let at = known.unwrap_or_else(|| {
            self.blocks.push(Block::Subagent(Aside::of(id, kind)));
            self.blocks.len() - 1
        });
        match &mut self.blocks[at] {
            Block::Subagent(aside) => aside,
            _ => unreachable!("the place is that of a subagent's block"),
        }
    }

    fn step(&mut self, step: &str) {
        let Some(Block::Steps(steps)) = self.blocks.last_mut() else {
            self.blocks.push(Block::Steps(vec![(step.to_owned(), 1)]));
            return;
        };
        match steps.iter_mut().find(|(known, _)| known == step) {
            Some((_, times)) => *times += 1,
            None => steps.push((step.to_owned(), 1)),
        }
    }

    fn ran(&mut self, command: &'p str, purpose: &str, ended: &'p str, output: &str) {
        // the numbers of a run (times, counts of milliseconds) make no difference worth telling
        let alike: String = output.chars().filter(|c| !c.is_ascii_digit()).collect();
        let known = !self.seen.insert((command, ended, alike));
        if let Some(Block::Ran { command: last, ended: end, output: shown, times, as_before, .. }) =
            self.blocks.last_mut()
            && last == command
            && end == ended
        {
            *times += 1;
            if !known {
                output.clone_into(shown);
                *as_before = false;
            }
            return;
        }
        self.blocks.push(Block::Ran {
            command: command.to_owned(),
            purpose: purpose.to_owned(),
            ended: ended.to_owned(),
            output: output.to_owned(),
            times: 1,
            as_before: known && output.len() > SHORT,
        });
    }

    fn changed(&mut self, path: &str, created: bool, patch: &str, added: u32, removed: u32) {
        if let Some(Block::Changed {
            path: last,
            created: new,
            edits,
            added: plus,
            removed: minus,
            patch: patches,
        }) = self.blocks.last_mut()
            && last == path
        {
            *new |= created;
            *edits += 1;
            *plus = plus.saturating_add(added);
            *minus = minus.saturating_add(removed);
            patches.push_str(&format!("{patch}\n"));
            return;
        }
        self.blocks.push(Block::Changed {
            path: path.to_owned(),
            created,
            edits: 1,
            added,
            removed,
            patch: format!("{patch}\n"),
        });
    }
}
