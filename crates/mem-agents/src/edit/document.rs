//! A JSON document edited as text, member by member.
//!
//! What is put in by [`Document::insert`] and taken out by [`Document::remove`] leaves the text as it was, byte for
//! byte, with its indentation, line ends, byte order mark and odd spaces. So nothing of the old text needs to be
//! remembered, and a file that changed in between is no trouble.

use serde_json::Value;

use super::scan::{Member, Object, Span, object};

const BOM: &str = "\u{feff}";

/// Why a document cannot be edited. The path of the file is added by whoever knows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EditError {
    /// No JSON.
    #[error("line {line}, column {column}: {reason}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// There is something else where an object should be.
    #[error("{at} should be an object")]
    NotAnObject {
        /// Where, as keys joined by dots.
        at: String,
    },
}

/// A JSON object as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    text: String,
    bom: bool,
}

impl Document {
    /// Reads a document. Only white space counts as an empty object, with a line feed at its end.
    ///
    /// # Errors
    /// When the bytes are no JSON object.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, EditError> {
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(&bytes[..error.valid_up_to()]))?;
        let bom = text.starts_with(BOM);
        let text = text.strip_prefix(BOM).unwrap_or(text);
        if Self::is_blank(bytes) {
            return Ok(Self { text: "{}\n".to_owned(), bom });
        }
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason);
            EditError::NotJson { line: error.line(), column: error.column(), reason: reason.to_owned() }
        })?;
        if !value.is_object() {
            return Err(EditError::NotAnObject { at: "the top level".to_owned() });
        }
        Ok(Self { text: text.to_owned(), bom })
    }

    /// Whether a file holds nothing but white space, apart from a byte order mark.
    pub(crate) fn is_blank(bytes: &[u8]) -> bool {
        bytes.strip_prefix(BOM.as_bytes()).unwrap_or(bytes).trim_ascii().is_empty()
    }

    /// The document as bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = if self.bom { BOM.as_bytes().to_vec() } else { Vec::new() };
        bytes.extend_from_slice(self.text.as_bytes());
        bytes
    }

    /// Whether no member is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.root().members.is_empty()
    }

    /// The value at `path`, a list of keys from the top.
    pub(crate) fn get(&self, path: &[&str]) -> Option<Value> {
        self.raw(path).and_then(|raw| serde_json::from_str(raw).ok())
    }

    /// The value at `path` as it is written.
    pub(crate) fn raw(&self, path: &[&str]) -> Option<&str> {
        let (key, parents) = path.split_last()?;
        let parent = self.find(parents).ok().flatten()?;
        Some(self.member(&parent, key)?.value.of(&self.text))
    }

    /// Puts `value` at `path`, in place of what stands there. Objects on the way are made where they are missing.
    /// Returns how many keys of `path` were there before.
    ///
    /// # Errors
    /// When something else than an object is on the way; nothing is changed then.
    pub(crate) fn insert(&mut self, path: &[&str], value: &Value) -> Result<usize, EditError> {
        let mut there = 0;
        for depth in 1..=path.len() {
            let Some(parent) = self.find(&path[..depth - 1])? else { break };
            if self.member(&parent, path[depth - 1]).is_none() {
                break;
            }
            there = depth;
        }
        if there == path.len() {
            let indent = self.line_indent(self.span_of(path).start).to_owned();
            let multi_line = self.raw(path).is_some_and(|raw| raw.contains('\n')) || self.is_multi_line();
            let written = self.written(value, &indent, multi_line);
            self.replace_raw(path, &written);
            return Ok(there);
        }
        let nested = path[there + 1..].iter().rev().fold(value.clone(), |inner, key| {
            Value::Object([((*key).to_owned(), inner)].into_iter().collect())
        });
        let parent = self.find(&path[..there])?.expect("the parent was found above");
        self.add_member(&parent, path[there], &nested);
        Ok(there)
    }

    /// Replaces the text of the value at `path`; does nothing where there is none.
    pub(crate) fn replace_raw(&mut self, path: &[&str], raw: &str) {
        if self.raw(path).is_some() {
            let span = self.span_of(path);
            self.text.replace_range(span.start..span.end, raw);
        }
    }

    /// Takes the member at `path` out. Returns whether there was one.
    pub(crate) fn remove(&mut self, path: &[&str]) -> bool {
        let Some((key, parents)) = path.split_last() else { return false };
        let Ok(Some(parent)) = self.find(parents) else { return false };
        let Some(at) = self.position(&parent, key) else { return false };
        let member = parent.members[at];
        let gone = match (at.checked_sub(1).map(|before| parent.members[before]), parent.members.get(at + 1))
        {
            (Some(before), _) => Span { start: before.value.end, end: member.value.end },
            (None, Some(after)) => Span { start: member.key.start, end: after.key.start },
            (None, None) => self.only_member(&parent, &member),
        };
        self.text.replace_range(gone.start..gone.end, "");
        true
    }

    fn root(&self) -> Object {
        object(&self.text, 0).expect("the text was parsed as an object")
    }

    /// The object at `path`; `None` where a key is missing.
    fn find(&self, path: &[&str]) -> Result<Option<Object>, EditError> {
        let mut found = self.root();
        for (depth, key) in path.iter().enumerate() {
            let Some(member) = self.member(&found, key) else { return Ok(None) };
            found = object(&self.text, member.value.start)
                .ok_or_else(|| EditError::NotAnObject { at: path[..=depth].join(".") })?;
        }
        Ok(Some(found))
    }

    fn member(&self, parent: &Object, key: &str) -> Option<Member> {
        self.position(parent, key).map(|at| parent.members[at])
    }

    /// Of two members with one key the last counts, as for every reader of JSON we know.
    fn position(&self, parent: &Object, key: &str) -> Option<usize> {
        parent.members.iter().rposition(|member| {
            serde_json::from_str::<String>(member.key.of(&self.text)).is_ok_and(|found| found == key)
        })
    }

    fn span_of(&self, path: &[&str]) -> Span {
        let (key, parents) = path.split_last().expect("a path has a key");
        let parent = self.find(parents).ok().flatten().expect("the parent was found before");
        self.member(&parent, key).expect("the member was found before").value
    }

    fn add_member(&mut self, parent: &Object, key: &str, value: &Value) {
        let key = Value::from(key).to_string();
        let (at, added) = match parent.members.last() {
            Some(last) => {
                let gap = self.gap_before(parent, last);
                let indent = gap.rsplit_once('\n').map(|(_, indent)| indent.to_owned());
                let written = self.written(value, indent.as_deref().unwrap_or_default(), indent.is_some());
                let colon = self.colon(last, indent.is_some());
                (last.value.end, format!(",{gap}{key}{colon}{written}"))
            }
            None if self.is_multi_line() => {
                let outer = self.line_indent(parent.span.start).to_owned();
                let inner = format!("{outer}{}", self.unit());
                // A lone carriage return before the brace must not become half of our line end.
                let lone = self.text[..parent.span.end - 1].ends_with('\r');
                let line_end = if lone { "\r\n" } else { self.line_end() };
                let written = self.written(value, &inner, true);
                (parent.span.end - 1, format!("{line_end}{inner}{key}: {written}{line_end}{outer}"))
            }
            None => (parent.span.end - 1, format!("{key}:{value}")),
        };
        self.text.insert_str(at, &added);
    }

    /// The white space that stands before the last member, to be repeated before the next. A first member on the
    /// line of its brace may have none; then what follows a comma has a blank where colons have one.
    fn gap_before(&self, parent: &Object, last: &Member) -> String {
        let before = &self.text[parent.span.start + 1..last.key.start];
        let gap = &before[before.trim_end_matches([' ', '\t', '\r', '\n']).len()..];
        let is_first = before.len() == gap.len();
        if is_first && !gap.contains('\n') {
            return if self.colon(last, false).ends_with(' ') { " " } else { "" }.to_owned();
        }
        gap.to_owned()
    }

    fn colon(&self, member: &Member, multi_line: bool) -> &'static str {
        let has_blank = self.text[member.key.end..member.value.start].ends_with(' ');
        if multi_line || has_blank { ": " } else { ":" }
    }

    /// What goes with a member that is alone: itself, and the line breaks that [`Self::add_member`] puts around it.
    fn only_member(&self, parent: &Object, member: &Member) -> Span {
        let alone = Span { start: member.key.start, end: member.value.end };
        let before = &self.text[parent.span.start + 1..alone.start];
        let after = &self.text[alone.end..parent.span.end - 1];
        let own_line = before.trim_end_matches([' ', '\t']);
        let closing = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n'));
        let own_line = own_line.strip_suffix("\r\n").or_else(|| own_line.strip_suffix('\n'));
        match (own_line, closing) {
            (Some(kept), Some(rest)) if rest.chars().all(|c| c == ' ' || c == '\t') => {
                Span { start: parent.span.start + 1 + kept.len(), end: parent.span.end - 1 }
            }
            _ => alone,
        }
    }

    /// Whether members stand on lines of their own. An empty document is written that way too.
    fn is_multi_line(&self) -> bool {
        let root = self.root();
        root.members.is_empty() || root.span.of(&self.text).contains('\n')
    }

    fn line_end(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// One step of indentation: that of the first member on a line of its own, else two blanks.
    fn unit(&self) -> String {
        let root = self.root();
        let indent = root.members.first().map(|first| self.line_indent(first.key.start));
        indent.filter(|indent| !indent.is_empty()).unwrap_or("  ").to_owned()
    }

    /// The white space at the start of the line that holds `at`.
    fn line_indent(&self, at: usize) -> &str {
        let line = &self.text[self.text[..at].rfind('\n').map_or(0, |end| end + 1)..at];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// `value` as text, its inner lines indented below `indent`.
    fn written(&self, value: &Value, indent: &str, multi_line: bool) -> String {
        if !multi_line {
            return value.to_string();
        }
        let mut text = String::new();
        self.write_lines(value, indent, &mut text);
        text
    }

    fn write_lines(&self, value: &Value, indent: &str, text: &mut String) {
        let inner = format!("{indent}{}", self.unit());
        let line_end = self.line_end();
        let mut first = true;
        let mut open = |text: &mut String, brace: char| {
            text.push_str(if first { "" } else { "," });
            if first {
                text.push(brace);
            }
            first = false;
            text.push_str(line_end);
            text.push_str(&inner);
        };
        let close = match value {
            Value::Object(map) if !map.is_empty() => {
                for (key, value) in map {
                    open(text, '{');
                    text.push_str(&Value::from(key.as_str()).to_string());
                    text.push_str(": ");
                    self.write_lines(value, &inner, text);
                }
                '}'
            }
            Value::Array(items) if !items.is_empty() => {
                for item in items {
                    open(text, '[');
                    self.write_lines(item, &inner, text);
                }
                ']'
            }
            plain => {
                text.push_str(&plain.to_string());
                return;
            }
        };
        text.push_str(line_end);
        text.push_str(indent);
        text.push(close);
    }
}

fn not_utf8(before: &[u8]) -> EditError {
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len) + 1;
    EditError::NotJson { line, column, reason: "not UTF-8".to_owned() }
}
