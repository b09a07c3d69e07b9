-- The observer: what a model was asked, what that cost, and what it has covered.

-- Events of one turn, with id in (after_event, through_event], that go to a model together. `through_event` is known
-- once a request was composed. Parts of one order (planned, or asked for by the user) are numbered from 1.
-- `ordered_through` is the newest event the user's order was about: later parts up to it belong to the order too.
-- `paid` counts the requests that were or may have been paid, `smaller` how often it had to shrink.
CREATE TABLE batches (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id         INTEGER NOT NULL REFERENCES turns (id),
    session_id      INTEGER NOT NULL REFERENCES sessions (id),
    part            INTEGER NOT NULL,
    after_event     INTEGER NOT NULL,
    through_event   INTEGER,
    asked           INTEGER NOT NULL CHECK (asked IN (0, 1)),
    ordered_model   TEXT,
    ordered_through INTEGER,
    state           TEXT NOT NULL
                    CHECK (state IN ('waiting', 'leased', 'answered', 'done', 'skipped', 'parked')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    paid            INTEGER NOT NULL DEFAULT 0,
    smaller         INTEGER NOT NULL DEFAULT 0,
    due_at          INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    settled_at      INTEGER,
    reason          TEXT,
    CHECK ((settled_at IS NULL) = (state IN ('waiting', 'leased', 'answered')))
) STRICT;
CREATE INDEX batches_unsettled ON batches (turn_id) WHERE settled_at IS NULL;
CREATE INDEX batches_unsettled_by_session ON batches (session_id) WHERE settled_at IS NULL;
CREATE INDEX batches_by_turn ON batches (turn_id);
CREATE INDEX batches_by_state ON batches (state, due_at);

-- The ledger: one row for each request, written before it is sent, never deleted. Money is in millionths of a US
-- dollar. The numbers are unknown (NULL) until there is an answer; then the estimate counts, unless `paid` says that
-- nothing was taken. A trial (by `doctor`) has no batch, session and project. `proof` and `reply` are what is needed to weigh the answer after a crash.
CREATE TABLE requests (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    batch_id      INTEGER REFERENCES batches (id),
    session_id    INTEGER REFERENCES sessions (id),
    project_id    INTEGER REFERENCES projects (id),
    at            INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'answered', 'settled', 'failed', 'lost')),
    model         TEXT NOT NULL,
    run           TEXT NOT NULL,
    through_event INTEGER NOT NULL,
    est_tokens    INTEGER NOT NULL,
    est_money     INTEGER NOT NULL,
    paid          INTEGER NOT NULL DEFAULT 1 CHECK (paid IN (0, 1)),
    input         INTEGER,
    output        INTEGER,
    cache_read    INTEGER,
    cache_write   INTEGER,
    money         INTEGER,
    priced        TEXT NOT NULL DEFAULT 'estimate',
    ended_at      INTEGER,
    cut           INTEGER NOT NULL DEFAULT 0 CHECK (cut IN (0, 1)),
    model_session TEXT,
    outcome       TEXT,
    said          TEXT,
    proof         BLOB,
    reply_bytes   INTEGER,
    reply         BLOB
) STRICT;
CREATE INDEX requests_by_time ON requests (at);
CREATE INDEX requests_by_batch ON requests (batch_id);

-- Small facts that survive a restart.
CREATE TABLE marks (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `newest_event` is the highest event of the turn, `model_through` the highest that the observer has settled: a turn
-- waits for it while the one is above the other.
ALTER TABLE turns ADD COLUMN newest_event INTEGER NOT NULL DEFAULT 0;
ALTER TABLE turns ADD COLUMN model_through INTEGER NOT NULL DEFAULT 0;
UPDATE turns SET newest_event = coalesce((SELECT max(id) FROM events WHERE turn_id = turns.id), 0);
CREATE INDEX turns_unobserved ON turns (last_at)
    WHERE newest_event > model_through AND changed_seq <= distilled_seq AND pruned_at IS NULL;

-- When it last started or was resumed.
ALTER TABLE sessions ADD COLUMN begun_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET begun_at = started_at;
CREATE INDEX sessions_open ON sessions (last_at) WHERE ended_at IS NULL;

-- The request a memory was made by; none for what our own rules made.
ALTER TABLE observations ADD COLUMN request_id INTEGER REFERENCES requests (id);
ALTER TABLE summaries ADD COLUMN request_id INTEGER REFERENCES requests (id);
ALTER TABLE summaries ADD COLUMN superseded_by INTEGER REFERENCES summaries (id) ON DELETE SET NULL;
DROP INDEX summaries_newest;
CREATE INDEX summaries_newest ON summaries (project_id, at DESC, id DESC) WHERE superseded_by IS NULL;
CREATE INDEX summaries_superseding ON summaries (superseded_by) WHERE superseded_by IS NOT NULL;
