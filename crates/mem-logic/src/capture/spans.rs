//! What the rules found in one text, and how finds that overlap become one.
//!
//! Every rule looks at the text as it came, whatever other rules found there: a rule that takes the head of
//! another's secret must not hide the rest of it. So finds may overlap, and what overlaps is joined here; no
//! byte that any rule asked for stays. Must not decide what a secret is: the rules do.

use super::alphabet::is_redacted;
use super::assignments::Stops;

/// What to replace: a range of bytes, on character borders, and the kind to name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: &'static str,
}

/// All that was found in one text, in the order the anchors ended.
#[derive(Debug, Default)]
pub(super) struct Spans {
    all: Vec<Span>,
    /// Long values by what ends them: where one begins and where it ends.
    long: Vec<(Stops, usize, usize)>,
}

impl Spans {
    /// Adds what a rule found.
    pub(super) fn push(&mut self, span: Span) {
        self.all.push(span);
    }

    /// How many there are; those a rule added are the ones from the count before it.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Where the spans end that were added after there were `before`; zero where none were.
    pub(super) fn reach(&self, before: usize) -> usize {
        self.all[before..].iter().map(|span| span.end).max().unwrap_or(0)
    }

    /// Where the long value ends that begins at `start`, `read` only if no earlier one says so.
    ///
    /// Values inside values end at the same place if the same ends them; to read on from each of a thousand
    /// names in one long word would cost the square of its length.
    pub(super) fn long_end(&mut self, stops: Stops, start: usize, read: impl FnOnce() -> usize) -> usize {
        let known = self.long.iter_mut().find(|(known, ..)| *known == stops);
        if let Some((_, from, to)) = &known
            && (*from..=*to).contains(&start)
        {
            return *to;
        }
        let end = read();
        match known {
            Some(known) => (known.1, known.2) = (start, end),
            None => self.long.push((stops, start, end)),
        }
        end
    }

    /// Sorted, with overlapping spans joined. The one that begins first names the whole, of several the
    /// longest; where two rules found the very same, the one whose anchor ended later, being the more exact.
    pub(super) fn merged(self) -> Vec<Span> {
        merged(self.all)
    }
}

/// Joins what overlaps; see [`Spans::merged`].
pub(super) fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if (span.start, span.end) == (last.start, last.end) => last.kind = span.kind,
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

/// Adds a span unless it is empty or begins with what was redacted before.
pub(super) fn push(spans: &mut Spans, bytes: &[u8], start: usize, end: usize, kind: &'static str) {
    if start < end && !is_redacted(bytes, start) {
        spans.push(Span { start, end, kind });
    }
}
