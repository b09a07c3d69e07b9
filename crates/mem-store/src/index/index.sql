-- The index, laid out anew whenever it is begun anew. Rows are the index's own, in the order in which they were indexed,
-- which follows the time things happened.

-- A piece of a document: bytes [start, start + length) of its text, with `words` words of it. `text` is the hash of these
-- bytes that vectors are kept by.
CREATE TABLE passages (
    row        INTEGER PRIMARY KEY,
    doc        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    session_id INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    turn_id    INTEGER NOT NULL,
    label      INTEGER NOT NULL,
    words      INTEGER NOT NULL,
    start      INTEGER NOT NULL,
    length     INTEGER NOT NULL,
    text       INTEGER NOT NULL
) STRICT;
CREATE INDEX passages_by_doc ON passages (doc);
CREATE INDEX passages_by_text ON passages (text);

-- What a passage says: its words in their order, 4 bytes each, numbered by whoever indexes. To compare passages without
-- reading and taking apart their texts, which costs ten times as much.
CREATE TABLE passage_said (
    row   INTEGER PRIMARY KEY,
    words BLOB NOT NULL
) STRICT;

-- What few passages differ in, once each.
CREATE TABLE passage_labels (
    id       INTEGER PRIMARY KEY,
    agent    TEXT NOT NULL,
    branch   TEXT NOT NULL,
    worktree TEXT NOT NULL,
    of_type  TEXT NOT NULL,
    UNIQUE (agent, branch, worktree, of_type)
) STRICT;

-- The same, without the place in the text, 1024 rows in one piece, for reading all of them at once. What lies behind the
-- last block stands in `passages` only.
CREATE TABLE passage_blocks (
    first   INTEGER PRIMARY KEY,
    columns BLOB NOT NULL
) STRICT;

-- Postings only; the terms are made by us, so that every character but white space and quotes belongs to one.
CREATE VIRTUAL TABLE passage_terms USING fts5 (
    terms, content = '', contentless_delete = 1,
    tokenize = "ascii tokenchars '!#$%&()*+,-./:;<=>?@[\]^_`{|}~'"
);
-- What one transaction adds is one segment, also where it adds much.
INSERT INTO passage_terms (passage_terms, rank) VALUES ('hashsize', 16777216);
-- Which terms there are at all, to see whether any is left.
CREATE VIRTUAL TABLE passage_vocabulary USING fts5vocab (passage_terms, 'row');

-- Words that a misspelt one may have been meant to be. The vocabulary of the postings would do, but reads all of them to
-- count: seconds where this takes milliseconds. A word stays when its last passage goes; whoever finds it here looks where
-- it stands.
CREATE TABLE passage_words (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- One row: how often the index had changed when its postings were last merged into one piece; see `Tx::merge_index`.
CREATE TABLE passage_merges (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    changes INTEGER NOT NULL
) STRICT;
INSERT INTO passage_merges VALUES (1, 0);
