//! `model install`: says what comes from where and how large it is, asks, and tells how it goes.

use mem_daemon::embedding_model::{self as disk, Due, InstallError, Source};
use mem_observer::http::Keys;
use mem_wire::install::model::{ModelInstalled, ModelReach, ModelStatus, Standing, VERSION};

use super::super::desk::Desk;
use super::super::{print, worker};
use super::args::ModelInstallArgs;
use super::progress::Progress;
use super::status;
use crate::env;
use crate::failure::Failure;

/// Runs the command.
pub(super) fn run(desk: &Desk, args: &ModelInstallArgs) -> Result<(), Failure> {
    let source = match &args.from {
        Some(text) => Source::named(text, env::expand)?,
        None => Source::publisher(),
    };
    let due = disk::ready(desk.home(), &source)?;
    if !due.is_empty() {
        for line in plan(&source, &due, &disk::folder(desk.home()).display().to_string()) {
            print::note(&line);
        }
        if !print::go_ahead(args.yes)? {
            return Ok(());
        }
        // what a project put into our environment decides over no road
        let environment = desk.theirs.without(env::for_models());
        let keys = Keys::read(&environment, desk.home().dir());
        let mut progress = Progress::new();
        let done = disk::install(desk.home(), &source, &keys, &mut |step| progress.tell(step));
        progress.end();
        done?;
        if desk.has_begun() {
            // without a worker it is embedded with the next one
            let _embeds_later = worker::wake(desk.home());
        }
    }
    let changed = !due.is_empty();
    let from = changed.then(|| source.to_string());
    let found = ModelInstalled { version: VERSION, changed, from, model: status::look(desk) };
    if desk.json {
        print::json(&found)?;
    } else {
        print::text(&report(&found))?;
    }
    match &found.model.fault {
        Some(fault) => Err(Failure::environment(fault.what.clone()).hint(fault.remedy.clone())),
        None => Ok(()),
    }
}

/// What will be done, before it is.
pub(super) fn plan(source: &Source, due: &[Due], folder: &str) -> Vec<String> {
    let remote = matches!(source, Source::Address(_));
    let verb = if remote { "fetched" } else { "copied" };
    let mut lines = vec![format!("This will be {verb} from {source}:")];
    let mut missing = 0;
    for Due { file, begun } in due {
        let begun = if remote { *begun } else { 0 };
        missing += file.size - begun;
        let here = if begun > 0 {
            format!(", of which {} are here already", print::bytes(begun))
        } else {
            String::new()
        };
        lines.push(format!("  {:<18} {:>8}{here}", file.name, print::bytes(file.size)));
    }
    lines.push(format!("{} in all, checked and put into {folder}/", print::bytes(missing)));
    lines
}

pub(super) fn report(found: &ModelInstalled) -> String {
    let ModelStatus { name, folder, bytes, .. } = &found.model;
    let mut line = match (found.changed, found.model.standing) {
        (false, _) => format!("{name} is in place already, as published; nothing was done."),
        (true, _) => format!("{name} is in place, as published: {} in {folder}.", print::bytes(*bytes)),
    };
    if found.model.standing == Standing::Whole
        && let (Some(kernel), Some(took)) = (&found.model.kernel, found.model.load_ms)
    {
        line.push_str(&format!("\nIt loads in {took} ms and is computed with {}.", status::said(kernel)));
    }
    if found.model.standing == Standing::Whole
        && found.model.endpoint.is_none()
        && let Some(ModelReach { embedded, passages }) = found.model.embedded
        && embedded < passages
    {
        line.push_str(&format!(
            "\nThe worker embeds {} now, the newest first; `claude-mem model status` shows how far it is.",
            print::counted(passages - embedded, "passage", "passages")
        ));
    }
    line
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        let said = print::tame(&error.to_string());
        match error {
            InstallError::Busy => Self::environment(said)
                .hint("Wait until that is done; `claude-mem model status` shows how it stands."),
            InstallError::Occupied { path, .. } if path.ends_with(mem_core::layout::MODELS) => {
                Self::environment(said).hint("Move it away, then install again.")
            }
            InstallError::Occupied { .. } => Self::environment(said).hint(
                "`claude-mem model remove` takes it away (of a link only the link); then install again.",
            ),
            InstallError::Room { path, needed, free } => Self::environment(format!(
                "the disk of {} has {} left where {} are needed",
                path.display(),
                print::bytes(free),
                print::bytes(needed)
            ))
            .hint("Free some space there."),
            InstallError::Source(_) => Self::user(said).hint(
                "Name a folder that holds tokenizer.json and model.safetensors of all-MiniLM-L6-v2 as published, or \
                 leave `--from` out to fetch them.",
            ),
            InstallError::Setup(_) => match print::remedied(&said) {
                (what, Some(remedy)) => Self::user(what).hint(format!("{remedy}.")),
                (what, None) => Self::user(what),
            },
            InstallError::Fetch { kept: 0, .. } => Self::environment(said).hint(
                "Nothing was changed. Try again, or fetch the files by other means and name their folder with `--from`.",
            ),
            InstallError::Fetch { kept, .. } => Self::environment(said).hint(format!(
                "{} are kept: the same command goes on from there, and `claude-mem model remove` drops them.",
                print::bytes(kept)
            )),
            InstallError::Wrong { .. } => Self::environment(said).hint(
                "Nothing of it was kept. Name another source with `--from`, or leave it out to fetch from the publisher.",
            ),
            InstallError::Disk(error) => {
                let failure = Self::from(error);
                // the kinds that are known have a better one
                if failure.parts().1.is_some() {
                    return failure;
                }
                failure.hint("See whether the disk has room left and takes what is written.")
            }
        }
    }
}
