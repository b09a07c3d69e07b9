//! One line in, one line out, over a socket of which nobody knows how its other end behaves: bounded in size, and in time as
//! a whole, not by piece, since whoever sends a byte a second is as good as silent.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Instant;

/// Bytes that are read at once; on the small stack of a thread that serves one question.
const PIECE: usize = 8 * 1024;

/// Reads up to the end of a line, without it, until `deadline`. `most` is asked with each piece how long what begins so may
/// get; none has it turned away. What follows the line is not looked at.
///
/// # Errors
/// `TimedOut` after the deadline, `UnexpectedEof` where the other end left within a line, `InvalidData` where the line is
/// longer than it may be, `QuotaExceeded` where it was turned away.
pub(crate) fn read(
    stream: &UnixStream,
    deadline: Instant,
    mut most: impl FnMut(&[u8]) -> Option<usize>,
) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut piece = [0; PIECE];
    loop {
        stream.set_read_timeout(Some(left(deadline)?))?;
        let read = match (&mut &*stream).read(&mut piece) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => &piece[..read],
            Err(error) => match late(error) {
                Some(error) => return Err(error),
                None => continue,
            },
        };
        let end = read.iter().position(|byte| *byte == b'\n');
        line.extend_from_slice(&read[..end.unwrap_or(read.len())]);
        if line.len() > most(&line).ok_or(ErrorKind::QuotaExceeded)? {
            return Err(ErrorKind::InvalidData.into());
        }
        if end.is_some() {
            return Ok(line);
        }
    }
}

/// Writes all of it until `deadline`.
///
/// # Errors
/// `TimedOut` after the deadline; what the system says.
pub(crate) fn write(stream: &UnixStream, deadline: Instant, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.set_write_timeout(Some(left(deadline)?))?;
        match (&mut &*stream).write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(error) => {
                if let Some(error) = late(error) {
                    return Err(error);
                }
            }
        }
    }
    Ok(())
}

/// Writes as much as is taken at once; how many bytes that are.
///
/// # Errors
/// What the system says.
pub(crate) fn write_at_once(stream: &UnixStream, bytes: &[u8]) -> io::Result<usize> {
    stream.set_nonblocking(true)?;
    let mut written = 0;
    while written < bytes.len() {
        match (&mut &*stream).write(&bytes[written..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(more) => written += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    stream.set_nonblocking(false)?;
    Ok(written)
}

fn left(deadline: Instant) -> io::Result<std::time::Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// None where it is worth another try: whether the deadline is over is looked at before each.
fn late(error: io::Error) -> Option<io::Error> {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => None,
        _ => Some(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn pair() -> (UnixStream, UnixStream) {
        UnixStream::pair().unwrap()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[test]
    fn a_line_is_read_in_pieces_and_what_follows_is_left() {
        let (ours, theirs) = pair();
        let sent = std::thread::spawn(move || {
            for piece in ["hel", "lo", "\nstop\n"] {
                write(&theirs, soon(), piece.as_bytes()).unwrap();
            }
            theirs
        });
        assert_eq!(read(&ours, soon(), |_| Some(64)).unwrap(), b"hello");
        drop(sent.join().unwrap());
    }

    #[test]
    fn who_trickles_says_too_much_or_leaves_is_waited_for_no_longer() {
        let (ours, theirs) = pair();
        write(&theirs, soon(), b"hello").unwrap();
        let before = Instant::now();
        let late = read(&ours, before + Duration::from_millis(30), |_| Some(64)).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::TimedOut);
        write(&theirs, soon(), &[b'x'; 65]).unwrap();
        assert_eq!(read(&ours, soon(), |_| Some(64)).unwrap_err().kind(), ErrorKind::InvalidData);
        write(&theirs, soon(), b"search").unwrap();
        assert_eq!(read(&ours, soon(), |_| None).unwrap_err().kind(), ErrorKind::QuotaExceeded);
        write(&theirs, soon(), b"hel").unwrap();
        drop(theirs);
        assert_eq!(read(&ours, soon(), |_| Some(64)).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_is_not_taken_at_once_is_left_for_later() {
        let (ours, theirs) = pair();
        assert_eq!(write_at_once(&ours, b"hello\n").unwrap(), 6);
        let much = vec![b'x'; 16 * 1024 * 1024];
        let written = write_at_once(&ours, &much).unwrap();
        assert!(0 < written && written < much.len());
        let reader = std::thread::spawn(move || {
            assert_eq!(read(&theirs, soon(), |_| Some(64)).unwrap()[..5], *b"hello");
            let mut rest = Vec::new();
            (&mut &theirs).read_to_end(&mut rest).unwrap();
        });
        write(&ours, soon(), &much[written..]).unwrap();
        drop(ours);
        reader.join().unwrap();
    }

    #[test]
    fn who_does_not_read_is_waited_for_no_longer() {
        let (ours, _theirs) = pair();
        let deadline = Instant::now() + Duration::from_millis(30);
        let late = write(&ours, deadline, &vec![b'x'; 16 * 1024 * 1024]).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::TimedOut);
    }
}
