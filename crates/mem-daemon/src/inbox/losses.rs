//! What hooks could not keep: a small file laid out in advance, so that a hook can write it on a full disk.
//!
//! The hook writes it in place (see the hook's spool); here it is laid out, read and cleared.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use mem_core::layout;
use mem_core::time::Timestamp;

use crate::home::{Home, read_regular};

/// Events that hooks could not write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Losses {
    /// How many, at least.
    pub count: u64,
    /// When the last one was lost.
    pub last_at: Timestamp,
    /// What the system said.
    pub reason: String,
}

/// Lays the file out, if it is not there yet.
pub fn lay_out(home: &Home) {
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(home.path(layout::HOOK_FAULTS));
    if let Ok(mut file) = file {
        let _full_already = file.write_all(&[b' '; layout::HOOK_FAULTS_SIZE]);
    }
}

/// What was lost since the file was last cleared.
pub fn read(home: &Home) -> Option<Losses> {
    let bytes = read_regular(&home.path(layout::HOOK_FAULTS), layout::HOOK_FAULTS_SIZE as u64).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut words = text.trim().splitn(3, ' ');
    let count = words.next()?.parse().ok()?;
    let last_at = Timestamp(words.next()?.parse().ok()?);
    Some(Losses { count, last_at, reason: words.next().unwrap_or_default().to_owned() })
}

/// Forgets the losses, once the user has been told and wants to hear no more of them.
///
/// # Errors
/// What the system says.
pub fn clear(home: &Home) -> std::io::Result<()> {
    std::fs::OpenOptions::new()
        .write(true)
        .open(home.path(layout::HOOK_FAULTS))
        .and_then(|mut file| file.write_all(&[b' '; layout::HOOK_FAULTS_SIZE]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_file_tells_of_no_losses() {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::new(tmp.path());
        lay_out(&home);
        assert_eq!(read(&home), None);
        std::fs::write(home.path(layout::HOOK_FAULTS), "3 17 No space left on device (os error 28)   ")
            .unwrap();
        assert_eq!(
            read(&home),
            Some(Losses {
                count: 3,
                last_at: Timestamp(17),
                reason: "No space left on device (os error 28)".into()
            })
        );
        clear(&home).unwrap();
        assert_eq!(read(&home), None);
    }
}
