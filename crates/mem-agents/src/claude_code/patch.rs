//! Unified diff hunks from what Claude Code says about an edit.
//!
//! Its own `structuredPatch` is taken where it stands; else a hunk is built from the texts before and after,
//! narrowed to the lines that differ. Line numbers of a built hunk count from the start of the given texts.

use serde_json::Value;

/// Lines of context kept on each side of a built hunk.
const CONTEXT: usize = 3;

/// Hunks as text, with what they add and remove.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Patch {
    /// The hunks; every line ends with a line feed.
    pub(super) text: String,
    /// Lines added.
    pub(super) added: u32,
    /// Lines removed.
    pub(super) removed: u32,
}

impl Patch {
    fn line(&mut self, line: &str) {
        match line.as_bytes().first() {
            Some(b'+') => self.added = self.added.saturating_add(1),
            Some(b'-') => self.removed = self.removed.saturating_add(1),
            _ => {}
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn head(&mut self, old: (u64, u64), new: (u64, u64)) {
        self.text.push_str(&format!("@@ -{},{} +{},{} @@\n", old.0, old.1, new.0, new.1));
    }

    /// Takes the hunks of `other` behind its own.
    pub(super) fn append(&mut self, other: &Patch) {
        self.text.push_str(&other.text);
        self.added = self.added.saturating_add(other.added);
        self.removed = self.removed.saturating_add(other.removed);
    }
}

/// The hunks of a `structuredPatch`: `[{oldStart, oldLines, newStart, newLines, lines}]`. Odd ones are passed over.
pub(super) fn of_structured(hunks: &[Value]) -> Patch {
    let mut patch = Patch::default();
    for hunk in hunks {
        let Some(lines) = hunk.get("lines").and_then(Value::as_array) else { continue };
        let number = |key| hunk.get(key).and_then(Value::as_u64).unwrap_or_default();
        patch.head((number("oldStart"), number("oldLines")), (number("newStart"), number("newLines")));
        for line in lines.iter().filter_map(Value::as_str) {
            patch.line(line);
        }
    }
    patch
}

/// One hunk that turns `old` into `new`; empty when they have the same lines.
pub(super) fn between(old: &str, new: &str) -> Patch {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let same_head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let room = old.len().min(new.len()) - same_head;
    let same_tail = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let mut patch = Patch::default();
    if same_head + same_tail == old.len() && old.len() == new.len() {
        return patch;
    }
    let from = same_head.saturating_sub(CONTEXT);
    let after = same_tail.min(CONTEXT);
    let (old_end, new_end) = (old.len() - same_tail, new.len() - same_tail);
    let start = |len: usize| if len == 0 { 0 } else { from as u64 + 1 };
    let (old_len, new_len) = (old_end + after - from, new_end + after - from);
    patch.head((start(old_len), old_len as u64), (start(new_len), new_len as u64));
    for (sign, lines) in [
        (' ', &old[from..same_head]),
        ('-', &old[same_head..old_end]),
        ('+', &new[same_head..new_end]),
        (' ', &old[old_end..old_end + after]),
    ] {
        for line in lines {
            patch.line(&format!("{sign}{line}"));
        }
    }
    patch
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_new_file_is_all_additions() {
        let patch = between("", "hello\nworld\n");
        assert_eq!(patch, Patch { text: "@@ -0,0 +1,2 @@\n+hello\n+world\n".into(), added: 2, removed: 0 });
    }

    #[test]
    fn only_what_differs_is_told_with_three_lines_around() {
        insta::assert_snapshot!(between("1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\nfive\n6\n7\n8\n9").text, @r"
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +five
         6
         7
         8
        ");
    }

    #[test]
    fn the_same_text_is_no_change() {
        assert_eq!(between("a\nb", "a\nb\n"), Patch::default());
    }

    proptest! {
        /// Applying the hunk by hand gives the new text again.
        #[test]
        fn a_hunk_turns_old_into_new(old in "([ab]\n){0,8}", new in "([ab]\n){0,8}") {
            let patch = between(&old, &new);
            let mut lines = patch.text.lines();
            let Some(head) = lines.next() else {
                prop_assert_eq!(old, new);
                return Ok(());
            };
            let start: usize = head.split(['-', ',']).nth(1).and_then(|n| n.parse().ok()).unwrap();
            let old: Vec<&str> = old.lines().collect();
            let mut at = start.saturating_sub(1);
            let mut built: Vec<&str> = old[..at].to_vec();
            for line in lines {
                let (sign, text) = line.split_at(1);
                if sign != "+" {
                    prop_assert_eq!(old[at], text);
                    at += 1;
                }
                if sign != "-" {
                    built.push(text);
                }
            }
            built.extend(&old[at..]);
            prop_assert_eq!(built, new.lines().collect::<Vec<_>>());
        }
    }
}
