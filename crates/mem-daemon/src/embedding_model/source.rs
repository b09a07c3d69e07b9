//! Where the model's files come from: the publisher, another address, or this disk.

use std::fmt;
use std::path::{Path, PathBuf};

use mem_embed::FILES;

use super::fault::InstallError;
use super::place::Due;

/// The publisher's folder, at a revision whose files have the pinned checksums (so it is pinned by others, too).
const PUBLISHER: &str = "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41";

/// Where the files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A folder on this disk.
    Folder(PathBuf),
    /// A file of weights on this disk that has another name than theirs, with its `tokenizer.json` beside it.
    Weights(PathBuf),
    /// The address of a folder, without a slash at its end.
    Address(String),
}

impl Source {
    /// The model's publisher.
    pub fn publisher() -> Self {
        Self::Address(PUBLISHER.to_owned())
    }

    /// What a person names: an address of http or https, or a path. One of the files means its folder.
    ///
    /// # Errors
    /// What is wrong with it; the remedy follows a colon.
    pub fn named(text: &str, expand: impl Fn(PathBuf) -> PathBuf) -> Result<Self, InstallError> {
        let setup = |said: &str| Err(InstallError::Setup(said.to_owned()));
        let Some((scheme, rest)) = text.split_once("://") else {
            let path = expand(PathBuf::from(text));
            if !path.is_file() {
                return Ok(Self::Folder(path));
            }
            let is_ours = FILES.iter().any(|file| path.file_name() == Some(file.name.as_ref()));
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new(".")).to_path_buf();
            return Ok(if is_ours { Self::Folder(folder) } else { Self::Weights(path) });
        };
        let scheme = scheme.to_ascii_lowercase();
        if !["http", "https"].contains(&scheme.as_str()) {
            return setup(
                "files are fetched over http or https: name such an address, or a folder on this disk",
            );
        }
        if rest.contains(['?', '#']) {
            return setup(
                "the address goes on after the path: name the folder that holds both files, without ? and #",
            );
        }
        let mut folder = rest.trim_end_matches('/');
        for file in FILES {
            folder = folder.strip_suffix(file.name).unwrap_or(folder).trim_end_matches('/');
        }
        Ok(Self::Address(format!("{scheme}://{folder}")))
    }

    /// The path of a file of the model, where it is on this disk.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        match self {
            Self::Folder(folder) => Some(folder.join(name)),
            Self::Weights(weights)
                if Path::new(name).extension() == Path::new("x.safetensors").extension() =>
            {
                Some(weights.clone())
            }
            Self::Weights(weights) => Some(weights.with_file_name(name)),
            Self::Address(_) => None,
        }
    }

    /// Whether files on this disk are the model's. Those at an address are judged when they have come.
    pub(super) fn check(&self, due: &[Due]) -> Result<(), InstallError> {
        for due in due {
            if let Some(path) = self.path(due.file.name) {
                due.file.check(&path).map_err(InstallError::Source)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) | Self::Weights(path) => path.display().fmt(f),
            Self::Address(address) => f.write_str(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_name_is_understood() {
        let named = |text: &str| Source::named(text, |path| path);
        let base = "https://models.example/mini";
        for text in [
            base.to_owned(),
            format!("{base}/"),
            format!("{base}/model.safetensors"),
            format!("{base}/tokenizer.json"),
            base.replace("https", "HTTPS"),
        ] {
            assert_eq!(named(&text).unwrap(), Source::Address(base.to_owned()), "{text}");
        }
        assert_eq!(named("here/mini").unwrap(), Source::Folder("here/mini".into()));
        for (text, words) in [
            ("ftp://models.example/mini", "http or https"),
            ("file:///srv/mini", "a folder on this disk"),
            ("https://models.example/mini?token=1", "without ?"),
        ] {
            let refused = named(text).expect_err("this is no source");
            assert!(refused.to_string().contains(words), "{refused}");
        }
    }

    #[test]
    fn a_file_of_weights_may_have_any_name_and_its_tokeniser_lies_beside_it() {
        let tmp = tempfile::tempdir().unwrap();
        let weights = tmp.path().join("mini.safetensors");
        std::fs::write(&weights, "").unwrap();
        let source = Source::named(weights.to_str().unwrap(), |path| path).unwrap();
        let paths = FILES.map(|file| source.path(file.name).unwrap());
        assert_eq!(paths, [tmp.path().join("tokenizer.json"), weights]);
        for file in FILES {
            let path = tmp.path().join(file.name);
            std::fs::write(&path, "").unwrap();
            let source = Source::named(path.to_str().unwrap(), |path| path).unwrap();
            assert_eq!(source, Source::Folder(tmp.path().into()), "either file means its folder");
        }
    }
}
