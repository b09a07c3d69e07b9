//! Makes the tables of the dictionaries (`src/recall/gloss/*.txt`), so that no process has to. Modules of the crate know how and
//! are tested there; here files are read and written.

use std::fs;
use std::path::{Path, PathBuf};

use recall::gloss::tables::tables;

#[expect(
    unreachable_pub,
    dead_code,
    reason = "the crate uses and shows more of these modules than this does"
)]
#[path = "src/recall"]
mod recall {
    pub(crate) mod terms {
        mod fold;
        pub(crate) use fold::folded;
    }
    pub(crate) mod gloss {
        pub(crate) mod language;
        pub(crate) mod tables;
    }
}

/// Where the dictionaries are, from the folder of the crate, in which Cargo runs this.
const FOLDER: &str = "src/recall/gloss";

fn main() {
    if let Err(what) = make() {
        println!("cargo::error={what}");
    }
}

fn make() -> Result<(), String> {
    let read = |source: &str| {
        let path = Path::new(FOLDER).join(source);
        println!("cargo::rerun-if-changed={}", path.display());
        fs::read_to_string(&path).map_err(|why| format!("{source}: cannot be read: {why}"))
    };
    let tables = tables(read).map_err(|what| format!("{FOLDER}/{what}"))?;
    let folder = out_dir()?;
    for (name, text) in tables {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|why| format!("{}: cannot be written: {why}", path.display()))?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "there alone Cargo says where to write")]
fn out_dir() -> Result<PathBuf, String> {
    let folder = std::env::var_os("OUT_DIR").ok_or("Cargo has not said where to write")?;
    Ok(PathBuf::from(folder))
}
