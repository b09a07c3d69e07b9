//! The command: which of its three is meant.

use super::super::desk::Desk;
use super::args::ModelCommand;
use super::{install, remove, status};
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(desk: &Desk, command: &ModelCommand) -> Result<(), Failure> {
    match command {
        ModelCommand::Install(args) => install::run(desk, args),
        ModelCommand::Status => status::run(desk),
        ModelCommand::Remove { yes } => remove::run(desk, *yes),
    }
}
