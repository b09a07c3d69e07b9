//! `model status`: where vectors come from, and whether the model is there, whole, and loads.
//!
//! Loading is the only proof, so it is loaded and let go again: a twentieth of a second and 29 MB for that long. How far it has
//! come with what is remembered stands in the store, which may not be there.

use std::time::Instant;

use mem_daemon::embedding_model as disk;
use mem_daemon::meaning::{self, Endpoint};
use mem_embed::{DIM, Kernel, Model, ModelError, NAME};
use mem_store::{Store, Stretch};
use mem_wire::install::model::{ModelEndpoint, ModelFault, ModelReach, ModelStatus, Standing, VERSION};

use super::super::desk::{self, Desk};
use super::super::print::{self, bold, yellow};
use super::super::worker;
use crate::failure::Failure;

/// Runs the command.
pub(super) fn run(desk: &Desk) -> Result<(), Failure> {
    let found = look(desk);
    if desk.json { print::json(&found) } else { print::text(&text(&found)) }
}

/// Looks at the model.
pub(crate) fn look(desk: &Desk) -> ModelStatus {
    let home = desk.home();
    let folder = disk::folder(home);
    let mut found = ModelStatus {
        version: VERSION,
        name: NAME.to_owned(),
        standing: Standing::Absent,
        folder: desk::text(&folder),
        bytes: disk::on_disk(home).unwrap_or(0),
        begun: 0,
        dimension: DIM,
        fingerprint: None,
        kernel: None,
        load_ms: None,
        embedded: None,
        fault: None,
        endpoint: None,
    };
    let endpoint = worker::endpoint(desk);
    found.endpoint = endpoint.as_ref().map(|endpoint| by_endpoint(desk, endpoint));
    match disk::look(home) {
        disk::Standing::Absent => found.begun = disk::kept(home),
        disk::Standing::Whole => {
            let began = Instant::now();
            match Model::load(&folder) {
                Ok(model) => {
                    found.load_ms = u64::try_from(began.elapsed().as_millis()).ok();
                    found.standing = Standing::Whole;
                    found.fingerprint = Some(model.fingerprint().to_owned());
                    found.kernel = Some(code(model.kernel()).to_owned());
                }
                Err(error) => fail(&mut found, &error),
            }
        }
        disk::Standing::Faulty(error) => {
            found.begun = disk::kept(home);
            fail(&mut found, &error);
        }
    }
    if found.standing != Standing::Absent || endpoint.is_some() {
        found.embedded = reach(desk, endpoint.as_ref());
    }
    found
}

/// How far it has come with what is remembered.
fn reach(desk: &Desk, endpoint: Option<&Endpoint>) -> Option<ModelReach> {
    // what cannot be read is told by `status`
    let store = Store::open_read(&desk.home().store()).ok()?;
    let Stretch { embedded, passages } = meaning::standing(desk.home(), &store, endpoint).ok()?.stretch;
    Some(ModelReach { embedded, passages })
}

/// The endpoint that makes the vectors. It is not asked: that may cost something.
fn by_endpoint(desk: &Desk, endpoint: &Endpoint) -> ModelEndpoint {
    let store = Store::open_read(&desk.home().store()).ok();
    // what cannot be read is told by `status`
    let standing = meaning::endpoint_standing(endpoint, store.as_deref()).unwrap_or_default();
    ModelEndpoint {
        address: standing.address,
        model: standing.model,
        local: standing.local,
        key_from: standing.key_from,
        dimension: standing.dimension,
        fingerprint: standing.fingerprint,
        fault: standing.trouble.map(|(what, remedy)| ModelFault { what, remedy: format!("{remedy}.") }),
    }
}

fn fail(found: &mut ModelStatus, error: &ModelError) {
    found.standing = Standing::Faulty;
    let remedy = format!("{}.", meaning::remedy_of(error));
    found.fault = Some(ModelFault { what: error.to_string(), remedy });
}

/// What people read.
pub(super) fn text(found: &ModelStatus) -> String {
    let mut lines = found.endpoint.as_ref().map(of_endpoint).unwrap_or_default();
    let instead = found.endpoint.is_some();
    let head = match found.standing {
        Standing::Absent if instead => format!("{} is not installed, and is not needed.", found.name),
        Standing::Whole if instead => format!(
            "{}: installed, as published; searches go by it until the endpoint has come as far.",
            bold(&found.name)
        ),
        Standing::Faulty if instead => format!("{}: {}.", bold(&found.name), yellow("cannot be used")),
        Standing::Absent => format!("{} is not installed: recall works by words alone.", found.name),
        Standing::Whole => format!("{}: installed, as published.", bold(&found.name)),
        Standing::Faulty => {
            format!("{}: {}, so recall works by words alone.", bold(&found.name), yellow("cannot be used"))
        }
    };
    lines.push(head);
    if let Some(fault) = &found.fault {
        lines.extend([format!("  {}.", fault.what), format!("  {}", fault.remedy)]);
    }
    let rows = rows(found);
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(name, value)| vec![format!("  {name}"), value]).collect();
    lines.extend(print::columns(&rows, &[print::plain, print::plain]));
    if found.standing == Standing::Absent && !instead {
        let size: u64 = mem_embed::FILES.iter().map(|file| file.size).sum();
        lines.push(format!("`claude-mem model install` fetches it ({}).", print::bytes(size)));
    }
    lines.join("\n")
}

/// An endpoint in lines of its own, before those of the model in the folder.
fn of_endpoint(endpoint: &ModelEndpoint) -> Vec<String> {
    let head = format!(
        "{} at {} makes the vectors.",
        bold(&print::tame(&endpoint.model)),
        print::tame(&endpoint.address)
    );
    let mut lines = vec![head];
    if let Some(fault) = &endpoint.fault {
        lines.extend([
            format!("  {}: {}.", yellow("problem"), print::tame(&fault.what)),
            format!("  {}", fault.remedy),
        ]);
    }
    let sends = if endpoint.local {
        "to this machine or its own network"
    } else {
        "what is remembered and what is asked, out of this network; `claude-mem cost` shows what it took"
    };
    let vectors = match (endpoint.dimension, &endpoint.fingerprint) {
        (Some(dimension), Some(print)) => format!("{dimension} numbers each, fingerprint {print}"),
        _ => "of a length that shows with the first answer".to_owned(),
    };
    let key = endpoint.key_from.clone().map_or_else(|| "none".to_owned(), |from| format!("from {from}"));
    let rows = [("sends", sends.to_owned()), ("vectors", vectors), ("key", key)];
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(name, value)| vec![format!("  {name}"), value]).collect();
    lines.extend(print::columns(&rows, &[print::plain, print::plain]));
    lines
}

/// What there is to say of each side of it; empty where there is nothing.
fn rows(found: &ModelStatus) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if found.standing != Standing::Absent {
        rows.extend([("where", found.folder.clone()), ("on disk", print::bytes(found.bytes))]);
    }
    if found.begun > 0 {
        rows.push((
            "begun",
            format!("{}, which the next `model install` goes on with", print::bytes(found.begun)),
        ));
    }
    if let Some(ModelReach { embedded, passages }) = found.embedded {
        let all = print::counted(passages, "passage", "passages");
        rows.push((
            "embedded",
            if embedded < passages {
                format!("{} of {all} so far", print::grouped(embedded))
            } else {
                format!("all of {all}")
            },
        ));
    }
    if let Some(fingerprint) = &found.fingerprint {
        rows.push(("vectors", format!("{} numbers each, fingerprint {fingerprint}", found.dimension)));
    }
    if let (Some(kernel), Some(took)) = (&found.kernel, found.load_ms) {
        rows.push(("loads", format!("in {took} ms, computed with {}", said(kernel))));
    }
    rows
}

fn code(kernel: Kernel) -> &'static str {
    match kernel {
        Kernel::Vnni => "avx512-vnni",
        Kernel::Avx2 => "avx2",
        Kernel::Dot => "neon-dot",
        Kernel::Plain => "plain",
    }
}

/// A kernel as people know it.
pub(super) fn said(code: &str) -> &str {
    match code {
        "avx512-vnni" => "AVX-512 VNNI",
        "avx2" => "AVX2",
        "neon-dot" => "NEON's dot product",
        _ => "plain instructions, which is slow",
    }
}
