//! The vocabulary's pieces as one text in order, with their ids: two hundred kilobytes instead of thirty thousand strings.

/// Pieces of one kind, those that begin a word or those that go on in it.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// All of them, one after the other, in the order of their bytes.
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
    /// The id of each.
    ids: Vec<u32>,
    /// Bytes of the longest.
    longest: usize,
}

impl Pieces {
    /// These pieces with their ids.
    pub(super) fn of(mut pieces: Vec<(&str, u32)>) -> Self {
        pieces.sort_unstable();
        let mut all = Self::default();
        for (piece, id) in pieces {
            all.text.push_str(piece);
            all.ends.push(all.text.len() as u32);
            all.ids.push(id);
            all.longest = all.longest.max(piece.len());
        }
        all
    }

    /// The longest piece that `word` begins with: how many bytes it has, and its id.
    pub(super) fn longest_in(&self, word: &str) -> Option<(usize, u32)> {
        let mut length = word.len().min(self.longest);
        while length > 0 {
            if word.is_char_boundary(length)
                && let Some(id) = self.find(&word.as_bytes()[..length])
            {
                return Some((length, id));
            }
            length -= 1;
        }
        None
    }

    fn find(&self, piece: &[u8]) -> Option<u32> {
        let (mut low, mut high) = (0, self.ids.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.at(middle).cmp(piece) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(self.ids[middle]),
            }
        }
        None
    }

    fn at(&self, index: usize) -> &[u8] {
        let begin = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text.as_bytes()[begin as usize..self.ends[index] as usize]
    }
}
