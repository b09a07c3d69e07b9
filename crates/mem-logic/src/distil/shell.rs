//! A command line taken apart into simple commands: words without quotes, redirections, here-documents.
//!
//! Reads enough of the shell's grammar to know which programs a line ran and how they hang together. Must not
//! run or expand anything: `$(…)` stays in its word as it was written.

/// What stands between two simple commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// Begin or end of the line.
    Edge,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `;` or a line end.
    Then,
    /// `|`.
    Pipe,
    /// `&`.
    Background,
}

/// One simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The program and its arguments, quotes removed.
    pub(super) words: Vec<String>,
    /// Files its output was sent to by `>` or `>>`.
    pub(super) writes: Vec<String>,
    /// Text of its here-document.
    pub(super) heredoc: Option<String>,
    /// What stands before it.
    pub(super) before: Joint,
    /// What stands after it.
    pub(super) after: Joint,
}

/// The simple commands of `command`, in order. Never fails; what cannot be read ends as odd words.
pub(super) fn parts(command: &str) -> Vec<Part> {
    let mut reader = Reader::new(command);
    reader.read();
    reader.parts
}

/// The body of the here-document inside a word such as `$(cat <<'EOF' … EOF)`.
pub(super) fn heredoc_in(word: &str) -> Option<String> {
    let (_, rest) = word.split_once("<<")?;
    let (first, body) = rest.split_once('\n')?;
    let mark = first.trim_start_matches('-').trim().trim_matches(['\'', '"']).trim();
    let lines: Vec<&str> = body.lines().take_while(|line| line.trim() != mark).collect();
    Some(lines.join("\n"))
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    parts: Vec<Part>,
    words: Vec<String>,
    writes: Vec<String>,
    heredoc: Option<String>,
    word: Option<String>,
    write_next: bool,
    before: Joint,
    /// Here-documents announced on this line whose bodies follow after the line end.
    awaited: Vec<String>,
}

impl Reader {
    fn new(command: &str) -> Self {
        Self {
            chars: command.chars().collect(),
            at: 0,
            parts: Vec::new(),
            words: Vec::new(),
            writes: Vec::new(),
            heredoc: None,
            word: None,
            write_next: false,
            before: Joint::Edge,
            awaited: Vec::new(),
        }
    }

    fn read(&mut self) {
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '\\' => self.escape(),
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '$' if self.peek(0) == Some('(') => self.nested(),
                '#' if self.word.is_none() => self.skip_line(),
                '\n' => self.line_end(),
                ';' => self.part_ends(Joint::Then),
                '&' => self.ampersand(),
                '|' if self.take('|') => self.part_ends(Joint::Or),
                '|' => {
                    self.take('&');
                    self.part_ends(Joint::Pipe);
                }
                '<' if self.peek(0) == Some('<') => self.here(),
                '<' => self.word_ends(),
                '>' => self.redirect(),
                '(' | ')' if self.word.is_none() => {}
                c if c.is_whitespace() => self.word_ends(),
                c => self.push(c),
            }
        }
        self.part_ends(Joint::Edge);
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek(0) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn escape(&mut self) {
        if let Some(c) = self.peek(0) {
            self.at += 1;
            if c != '\n' {
                self.push(c);
            }
        }
    }

    fn single_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            if c == '\'' {
                return;
            }
            self.push(c);
        }
    }

    fn double_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '"' => return,
                '\\' if matches!(self.peek(0), Some('"' | '\\' | '$' | '`')) => self.escape(),
                '$' if self.peek(0) == Some('(') => self.nested(),
                c => self.push(c),
            }
        }
    }

    /// Copies `$(…)` into the word as it stands; here-documents inside may hold any quotes and brackets.
    fn nested(&mut self) {
        self.push('$');
        let mut depth = 0usize;
        while let Some(c) = self.peek(0) {
            self.at += 1;
            self.push(c);
            match c {
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                '<' if self.peek(0) == Some('<') => self.nested_here(),
                _ => {}
            }
        }
    }

    fn nested_here(&mut self) {
        self.push('<');
        self.at += 1;
        let first = self.copy_line();
        let mark = first.trim_start_matches('-').trim().trim_matches(['\'', '"']).trim().to_owned();
        while self.at < self.chars.len() && self.copy_line().trim() != mark {}
    }

    /// Copies the rest of the line into the word, its line end included, and returns it.
    fn copy_line(&mut self) -> String {
        let rest = &self.chars[self.at..];
        let length = rest.iter().position(|c| *c == '\n').map_or(rest.len(), |end| end + 1);
        let line: String = rest[..length].iter().collect();
        self.word.get_or_insert_default().push_str(&line);
        self.at += length;
        line
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.at += 1;
        }
    }

    fn line_end(&mut self) {
        self.word_ends();
        for mark in std::mem::take(&mut self.awaited) {
            self.heredoc = Some(self.body_until(&mark));
        }
        self.part_ends(Joint::Then);
    }

    fn body_until(&mut self, mark: &str) -> String {
        let mut body = Vec::new();
        while self.at < self.chars.len() {
            let line: String = self.chars[self.at..].iter().take_while(|c| **c != '\n').collect();
            self.at += line.chars().count() + 1;
            if line.trim() == mark {
                break;
            }
            body.push(line);
        }
        body.join("\n")
    }

    fn ampersand(&mut self) {
        if self.take('&') {
            self.part_ends(Joint::And);
        } else if self.take('>') {
            self.take('>');
            self.word_ends();
            self.write_next = true;
        } else {
            self.part_ends(Joint::Background);
        }
    }

    fn here(&mut self) {
        self.at += 1;
        self.word_ends();
        if self.take('<') {
            return; // a here-string: its text is read as a word
        }
        self.take('-');
        while self.peek(0) == Some(' ') {
            self.at += 1;
        }
        let mark: String = self.chars[self.at..]
            .iter()
            .take_while(|c| !c.is_whitespace() && !matches!(c, ')' | ';' | '|' | '&' | '>'))
            .collect();
        self.at += mark.chars().count();
        self.awaited.push(mark.trim_matches(['\'', '"', '\\']).to_owned());
    }

    fn redirect(&mut self) {
        if self.word.as_ref().is_some_and(|word| word.chars().all(|c| c.is_ascii_digit())) {
            self.word = None; // the 2 of `2>`
        }
        self.word_ends();
        self.take('>');
        if self.take('&') {
            while self.peek(0).is_some_and(|c| c.is_ascii_digit() || c == '-') {
                self.at += 1;
            }
        } else {
            self.write_next = true;
        }
    }

    fn word_ends(&mut self) {
        let Some(word) = self.word.take() else { return };
        if std::mem::take(&mut self.write_next) {
            self.writes.push(word);
        } else {
            self.words.push(word);
        }
    }

    fn part_ends(&mut self, after: Joint) {
        self.word_ends();
        self.write_next = false;
        if self.words.is_empty() && self.writes.is_empty() {
            return;
        }
        self.parts.push(Part {
            words: std::mem::take(&mut self.words),
            writes: std::mem::take(&mut self.writes),
            heredoc: self.heredoc.take(),
            before: self.before,
            after,
        });
        self.before = after;
    }
}
