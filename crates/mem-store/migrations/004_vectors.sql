-- Meaning: vectors that a model made of the texts of passages. Derived as the index is, and dear: they outlive its rebuilding.

-- Models whose vectors stand here, and how many of each. Of the generation `generation` of the index, the rows low..=high
-- were looked at: each of them has its vector. `swept` is the last generation after whose building vectors of texts that are
-- gone were removed.
CREATE TABLE vector_models (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL,
    dimension   INTEGER NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    generation  INTEGER NOT NULL,
    low         INTEGER NOT NULL,
    high        INTEGER NOT NULL,
    vectors     INTEGER NOT NULL,
    swept       INTEGER NOT NULL
) STRICT;

-- A vector belongs to a text, known by the first eight bytes of its BLAKE3 hash, and not to a passage: rows of the index
-- change with every rebuilding, and texts repeat. An id is never given twice, so that whoever has read up to one reads on
-- behind it. A text without any word has scale 0 and no numbers: it was looked at, and is similar to nothing.
CREATE TABLE vectors (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    model INTEGER NOT NULL REFERENCES vector_models (id),
    text  INTEGER NOT NULL,
    scale REAL NOT NULL,
    vals  BLOB NOT NULL,
    UNIQUE (model, text)
) STRICT;
