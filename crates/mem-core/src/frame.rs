//! The frame: raw hook input as spooled on disk, and its codec.
//!
//! A frame is a few header lines, an empty line, the payload exactly as it came, and a trailer that says how
//! long the payload is. A frame without its trailer was cut short (a kill, a full disk, a deadline); it still
//! decodes, and says so. The format is versioned: a newer version is refused, never guessed at.
//!
//! ```text
//! claude-mem frame 1
//! agent claude-code
//! event Stop
//! at 1763712345678
//! project my-override
//!
//! {"session_id":…}
//! end 1234
//! ```
//!
//! Only `std`: this is on the capture path.

use std::fmt;

use crate::id::FrameId;
use crate::time::Timestamp;

/// The version this code writes and the newest it reads.
pub const VERSION: u32 = 1;

const MAGIC: &str = "claude-mem frame ";

/// What stands above the payload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// Name of the agent, as on the hook's command line.
    pub agent: String,
    /// The event as named on the command line; empty when only the payload says it.
    pub event: String,
    /// When the hook began.
    pub at: Timestamp,
    /// The user's override of the project, from the environment of the hook.
    pub project: Option<String>,
}

/// A frame as read back.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What stands above the payload.
    pub header: Header,
    /// The hook input, as it came.
    pub payload: &'a [u8],
    /// Whether the trailer stands, so that nothing is missing.
    pub complete: bool,
}

/// Why bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameError {
    /// The first line is not ours.
    NotAFrame,
    /// Written by a newer version.
    Newer(u32),
    /// The header breaks off.
    HeaderCut,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFrame => f.write_str("not a frame"),
            Self::Newer(version) => {
                write!(f, "frame version {version} is newer than this program reads ({VERSION})")
            }
            Self::HeaderCut => f.write_str("the frame's header breaks off"),
        }
    }
}

impl std::error::Error for FrameError {}

/// The lines above the payload, the empty line included.
pub fn encode_header(header: &Header) -> Vec<u8> {
    let mut text = format!("{MAGIC}{VERSION}\nagent {}\n", line(&header.agent));
    if !header.event.is_empty() {
        text.push_str(&format!("event {}\n", line(&header.event)));
    }
    text.push_str(&format!("at {}\n", header.at.0));
    if let Some(project) = &header.project {
        text.push_str(&format!("project {}\n", line(project)));
    }
    text.push('\n');
    text.into_bytes()
}

/// The trailer below a payload of `len` bytes.
pub fn encode_trailer(len: usize) -> Vec<u8> {
    format!("\nend {len}\n").into_bytes()
}

/// A whole frame.
pub fn encode(header: &Header, payload: &[u8]) -> Vec<u8> {
    let mut bytes = encode_header(header);
    bytes.reserve_exact(payload.len() + 24);
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(&encode_trailer(payload.len()));
    bytes
}

/// Reads a frame.
///
/// # Errors
/// [`FrameError`] when the header is missing, cut or of a newer version. A missing trailer is no error.
pub fn decode(bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
    let mut rest = bytes;
    let magic = next_line(&mut rest).ok_or(FrameError::NotAFrame)?;
    let version =
        magic.strip_prefix(MAGIC).and_then(|v| v.parse::<u32>().ok()).ok_or(FrameError::NotAFrame)?;
    if version > VERSION {
        return Err(FrameError::Newer(version));
    }
    let mut header = Header::default();
    loop {
        let line = next_line(&mut rest).ok_or(FrameError::HeaderCut)?;
        if line.is_empty() {
            break;
        }
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "agent" => value.clone_into(&mut header.agent),
            "event" => value.clone_into(&mut header.event),
            "at" => header.at = Timestamp(value.parse().unwrap_or_default()),
            "project" => header.project = Some(value.to_owned()),
            _ => {} // a later minor addition; nothing of ours is lost by passing over it
        }
    }
    let (payload, complete) = split_trailer(rest);
    Ok(Frame { header, payload, complete })
}

fn split_trailer(rest: &[u8]) -> (&[u8], bool) {
    let whole = (rest, false);
    let Some(body) = rest.strip_suffix(b"\n") else { return whole };
    let Some(start) = body.iter().rposition(|byte| *byte == b'\n') else { return whole };
    let said = std::str::from_utf8(&body[start + 1..]).ok().and_then(|line| line.strip_prefix("end "));
    match said.and_then(|len| len.parse::<usize>().ok()) {
        Some(len) if len == start => (&rest[..start], true),
        _ => whole,
    }
}

fn next_line<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let end = rest.iter().take(4096).position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&rest[..end]).ok()?;
    *rest = &rest[end + 1..];
    Some(line)
}

/// A header value on one line.
fn line(value: &str) -> String {
    value.chars().take(1024).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A new frame's name: nanoseconds since the epoch, so that names sort in order of arrival, and the
/// process, so that two hooks of one instant differ.
pub fn new_id(unix_nanos: u128, pid: u32) -> FrameId {
    FrameId(format!("{unix_nanos:020}-{pid}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header() -> Header {
        Header {
            agent: "claude-code".into(),
            event: "Stop".into(),
            at: Timestamp(1_763_712_345_678),
            project: None,
        }
    }

    #[test]
    fn a_frame_cut_anywhere_never_reads_as_complete() {
        let bytes = encode(&header(), b"{\"a\":1}");
        for end in 0..bytes.len() {
            if let Ok(frame) = decode(&bytes[..end]) {
                assert!(!frame.complete, "cut at {end}");
            }
        }
        assert!(decode(&bytes).unwrap().complete);
    }

    #[test]
    fn a_newer_version_is_refused() {
        assert_eq!(decode(b"claude-mem frame 2\n\n"), Err(FrameError::Newer(2)));
    }

    #[test]
    fn a_payload_that_looks_like_a_trailer_is_payload() {
        let payload = b"x\nend 1\n";
        let bytes = encode(&header(), payload);
        let frame = decode(&bytes).unwrap();
        assert_eq!(frame.payload, payload);
        assert!(frame.complete);
    }

    #[test]
    fn names_sort_by_time() {
        assert!(new_id(9, 99) < new_id(10, 1));
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(
            payload in proptest::collection::vec(any::<u8>(), 0..300),
            event in "[A-Za-z]{0,20}",
            project in proptest::option::of("[^\\x00-\\x1f\\x7f-\\u{9f}]{1,20}"),
        ) {
            let header = Header { agent: "claude-code".into(), event, at: Timestamp(5), project };
            let bytes = encode(&header, &payload);
            let frame = decode(&bytes).unwrap();
            prop_assert_eq!(frame.header, header);
            prop_assert_eq!(frame.payload, &payload[..]);
            prop_assert!(frame.complete);
        }

        #[test]
        fn decoding_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _frame = decode(&bytes);
        }
    }
}
