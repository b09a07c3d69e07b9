//! The files of the one model that is installed, as its makers published them, and whether a file is one of them.
//!
//! The model's vectors are told from all others by a hash over these files, so a file of another content is refused
//! before it is put in place instead of noticed later. Must not fetch, copy or remove anything.

use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::error::ModelError;
use crate::safetensors;

/// Bytes read at once: enough for the hash to go over them with wide registers.
const AT_ONCE: usize = 1 << 18;

/// A file of the model as it was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Its name, in a folder that [`crate::Model::load`] reads and at the publisher's.
    pub name: &'static str,
    /// Its bytes.
    pub size: u64,
    /// BLAKE3 of them, in hexadecimal.
    pub checksum: &'static str,
}

/// Every file that is needed, the small one first: a wrong source shows in it after half a megabyte, and where the last
/// of them is, all are.
///
/// The publisher's own checksums (SHA-256) of the same bytes, which many projects pin, are
/// `be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037` and
/// `53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db`.
pub const FILES: [Published; 2] = [
    Published {
        name: "tokenizer.json",
        size: 466_247,
        checksum: "82483bb4f0bdb81779f295ecc5a93285d2156834e994a2169f9800e4c8f250c1",
    },
    Published {
        name: "model.safetensors",
        size: 90_868_376,
        checksum: "8087e9bf97c265f8435ed268733ecf3791825ad24850fd5d84d89e32ee3a589a",
    },
];

impl Published {
    /// Whether the file at `path` has these very bytes.
    ///
    /// # Errors
    /// How it differs. A file of another size is told without being read.
    pub fn check(&self, path: &Path) -> Result<(), ModelError> {
        let (mut file, is) = safetensors::open(path)?;
        let short = |is: u64| ModelError::CutShort { path: path.to_path_buf(), is, should: self.size };
        if is < self.size {
            return Err(short(is));
        }
        if is > self.size {
            return Err(ModelError::another(path, format!("it has {is} bytes, not {}", self.size)));
        }
        let (mut hash, mut piece, mut at) = (blake3::Hasher::new(), vec![0; AT_ONCE], 0);
        // a file may shrink or grow while it is read
        while at < self.size {
            let most = piece.len().min((self.size - at) as usize);
            match file.read(&mut piece[..most]) {
                Ok(0) => return Err(short(at)),
                Ok(read) => {
                    hash.update(&piece[..read]);
                    at += read as u64;
                }
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                Err(why) => return Err(ModelError::of_io(path, why)),
            }
        }
        if hash.finalize().to_hex().as_str() == self.checksum {
            Ok(())
        } else {
            Err(ModelError::damaged(path, "its checksum is not that of the model as published"))
        }
    }
}
