-- Recall: the commits that were made, and the index that searches read. The index is derived: `index.sql` lays it out.

DROP TABLE memory_text;

-- Commits, from the evidence of a turn. `ordinal` is the place among those of one event.
CREATE TABLE commits (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES projects (id),
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    turn_id    INTEGER NOT NULL REFERENCES turns (id),
    event_id   INTEGER NOT NULL,
    ordinal    INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    branch     TEXT,
    hash       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    why        TEXT NOT NULL,
    UNIQUE (event_id, ordinal)
) STRICT;
CREATE INDEX commits_newest ON commits (project_id, at DESC, id DESC);
CREATE INDEX commits_by_turn ON commits (turn_id);
CREATE INDEX commits_by_session ON commits (session_id);

-- Documents of which the index does not hold what it should, with the time they happened. doc = 8 * row id + 0
-- (observation), 1 (summary), 2 (prompt: its turn), 3 (answer: its event), 4 (commit).
CREATE TABLE index_due (
    doc INTEGER PRIMARY KEY,
    at  INTEGER NOT NULL
) STRICT;
CREATE INDEX index_due_in_order ON index_due (at, doc);

-- One row: by which version of the analysis the index was built (0: not at all), how often it was begun anew, how often
-- it changed, how often a row was taken out of a block, how many passages it holds, and whether it never held everything
-- since it was begun.
CREATE TABLE index_state (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    version    INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    changes    INTEGER NOT NULL,
    gaps       INTEGER NOT NULL,
    passages   INTEGER NOT NULL,
    building   INTEGER NOT NULL
) STRICT;
INSERT INTO index_state VALUES (1, 0, 0, 0, 0, 0, 1);

-- What the agent said stays for ever, as prompts do; only other events are let go of.
DROP INDEX events_by_time;
CREATE INDEX events_to_prune ON events (at) WHERE kind NOT IN ('answered', 'subagent_stopped', 'compacted');

-- What a timeline is walked by, beside the indexes of observations and summaries: prompts, and what the agent said.
CREATE INDEX turns_newest ON turns (project_id, started_at DESC, id DESC);
CREATE INDEX events_answers ON events (project_id, at DESC, id DESC)
    WHERE kind IN ('answered', 'subagent_stopped', 'compacted');
