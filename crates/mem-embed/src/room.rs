//! Memory for weights that goes back to the system when it is let go, whichever allocator is in use.
//!
//! Twenty-odd megabytes from an allocator may stay with the process for good, which a daemon that embeds now and then
//! would pay for all day. The map has no file behind it, so nothing outside can take it away either.

use std::io;

use memmap2::MmapMut;

/// Bytes, zero at first.
#[derive(Debug)]
pub(crate) struct Room {
    map: MmapMut,
    used: usize,
}

/// A part of a [`Room`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    begin: usize,
    len: usize,
}

impl Room {
    /// Room for that many bytes.
    pub(crate) fn of(bytes: usize) -> io::Result<Self> {
        let map = MmapMut::map_anon(bytes)?;
        in_large_pages(&map);
        Ok(Self { map, used: 0 })
    }

    /// Sets a part aside, on a border of 64 bytes as the widest registers like it.
    ///
    /// # Panics
    /// When more is asked for than there is: what is asked for is known when the room is made.
    pub(crate) fn part(&mut self, len: usize) -> Part {
        let begin = self.used;
        self.used = rounded(begin + len);
        assert!(self.used <= self.map.len(), "the room was made for all parts");
        Part { begin, len }
    }

    pub(crate) fn get(&self, part: Part) -> &[u8] {
        &self.map[part.begin..][..part.len]
    }

    pub(crate) fn get_mut(&mut self, part: Part) -> &mut [u8] {
        &mut self.map[part.begin..][..part.len]
    }
}

/// Asks the system for large pages, which make reading all of it quicker; where it has none, it is as good without.
pub(crate) fn in_large_pages(map: &MmapMut) {
    #[cfg(target_os = "linux")]
    let _whether_it_has_any = map.advise(memmap2::Advice::HugePage);
    #[cfg(not(target_os = "linux"))]
    let _ = map;
}

/// What a part of `len` bytes takes.
pub(crate) fn rounded(len: usize) -> usize {
    len.next_multiple_of(64)
}
