//! What the folder of the model looks like from outside, so that a change is seen without reading it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The files a model is read from; the last only where somebody laid it there.
const FILES: [&str; 3] = ["model.safetensors", "tokenizer.json", "config.json"];

/// What the files of a folder look like: changes with whatever is written, replaced, or made readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Nobody looked.
    Unknown,
    /// There is no folder.
    Absent,
    /// Number, size and last change of each file that is there.
    Files([Option<(u64, u64, i64, i64)>; 3]),
}

impl Look {
    /// The look of a folder.
    pub(crate) fn at(folder: &Path) -> Self {
        if !folder.is_dir() {
            return Self::Absent;
        }
        Self::Files(FILES.map(|name| {
            let found = std::fs::metadata(folder.join(name)).ok()?;
            Some((found.ino(), found.len(), found.ctime(), found.ctime_nsec()))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_happens_to_a_file_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        assert_eq!(Look::at(&path), Look::Absent);
        let mut looks = vec![Look::at(folder.path())];
        std::fs::write(&path, b"one").unwrap();
        looks.push(Look::at(folder.path()));
        std::fs::write(&path, b"three").unwrap();
        looks.push(Look::at(folder.path()));
        let beside = folder.path().join("beside");
        std::fs::write(&beside, b"three").unwrap();
        std::fs::rename(beside, &path).unwrap();
        looks.push(Look::at(folder.path()));
        for pair in looks.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        assert_eq!(Look::at(folder.path()), looks[3], "and nothing where nothing happened");
    }
}
