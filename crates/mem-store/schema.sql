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

CREATE INDEX batches_by_state ON batches (state, due_at);

CREATE INDEX batches_by_turn ON batches (turn_id);

CREATE INDEX batches_unsettled ON batches (turn_id) WHERE settled_at IS NULL;

CREATE INDEX batches_unsettled_by_session ON batches (session_id) WHERE settled_at IS NULL;

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

CREATE INDEX commits_by_session ON commits (session_id);

CREATE INDEX commits_by_turn ON commits (turn_id);

CREATE INDEX commits_newest ON commits (project_id, at DESC, id DESC);

CREATE TABLE drained (
    frame TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id    INTEGER NOT NULL REFERENCES sessions (id),
    turn_id       INTEGER REFERENCES turns (id),
    project_id    INTEGER NOT NULL REFERENCES projects (id),
    key           TEXT NOT NULL,
    ordinal       INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    tool          TEXT,
    at            INTEGER NOT NULL,
    stored_at     INTEGER NOT NULL,
    cwd           TEXT NOT NULL,
    branch        TEXT,
    worktree      TEXT,
    prompt_id     TEXT,
    subagent_id   TEXT,
    subagent_kind TEXT,
    payload_bytes INTEGER NOT NULL,
    payload       BLOB NOT NULL,
    UNIQUE (session_id, key, ordinal)
) STRICT;

CREATE INDEX events_answers ON events (project_id, at DESC, id DESC)
    WHERE kind IN ('answered', 'subagent_stopped', 'compacted');

CREATE INDEX events_by_turn ON events (turn_id, at) WHERE turn_id IS NOT NULL;

CREATE INDEX events_to_prune ON events (at) WHERE kind NOT IN ('answered', 'subagent_stopped', 'compacted');

CREATE TABLE faults (
    kind     TEXT PRIMARY KEY,
    said     TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    count    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE index_due (
    doc INTEGER PRIMARY KEY,
    at  INTEGER NOT NULL
) STRICT;

CREATE INDEX index_due_in_order ON index_due (at, doc);

CREATE TABLE index_state (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    version    INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    changes    INTEGER NOT NULL,
    gaps       INTEGER NOT NULL,
    passages   INTEGER NOT NULL,
    building   INTEGER NOT NULL
) STRICT;

CREATE TABLE marks (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE observation_files (
    observation_id INTEGER NOT NULL REFERENCES observations (id) ON DELETE CASCADE,
    modified       INTEGER NOT NULL CHECK (modified IN (0, 1)),
    position       INTEGER NOT NULL,
    path           TEXT NOT NULL,
    PRIMARY KEY (observation_id, modified, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX observation_files_by_path ON observation_files (path);

CREATE TABLE observation_sources (
    observation_id INTEGER NOT NULL REFERENCES observations (id) ON DELETE CASCADE,
    position       INTEGER NOT NULL,
    event_id       INTEGER NOT NULL,
    PRIMARY KEY (observation_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE observations (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid          TEXT NOT NULL UNIQUE,
    project_id    INTEGER NOT NULL REFERENCES projects (id),
    session_id    INTEGER NOT NULL REFERENCES sessions (id),
    turn_id       INTEGER NOT NULL REFERENCES turns (id),
    slot          TEXT NOT NULL,
    by            TEXT NOT NULL,
    at            INTEGER NOT NULL,
    branch        TEXT,
    written_at    INTEGER NOT NULL,
    superseded_by INTEGER REFERENCES observations (id) ON DELETE SET NULL,
    pinned        INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    content_hash  BLOB NOT NULL,
    kind          TEXT NOT NULL,
    title         TEXT NOT NULL,
    subtitle      TEXT NOT NULL,
    narrative     TEXT NOT NULL,
    facts         TEXT NOT NULL,
    concepts      TEXT NOT NULL, request_id INTEGER REFERENCES requests (id),
    UNIQUE (turn_id, by, slot)
) STRICT;

CREATE INDEX observations_by_session ON observations (session_id);

CREATE INDEX observations_newest ON observations (project_id, at DESC, id DESC) WHERE superseded_by IS NULL;

CREATE INDEX observations_superseding ON observations (superseded_by) WHERE superseded_by IS NOT NULL;

CREATE TABLE places (
    cwd        TEXT PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES projects (id),
    top        TEXT NOT NULL,
    worktree   TEXT,
    branch     TEXT,
    looked_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE project_keys (
    key        TEXT PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES projects (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX project_keys_by_project ON project_keys (project_id);

CREATE TABLE projects (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    last_event_at INTEGER
) STRICT;

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

CREATE INDEX requests_by_batch ON requests (batch_id);

CREATE INDEX requests_by_time ON requests (at);

CREATE TABLE sessions (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    agent         TEXT NOT NULL,
    agent_session TEXT NOT NULL,
    project_id    INTEGER NOT NULL REFERENCES projects (id),
    cwd           TEXT NOT NULL,
    transcript    TEXT,
    started_at    INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    ended_at      INTEGER,
    end_reason    TEXT,
    events        INTEGER NOT NULL DEFAULT 0,
    event_bytes   INTEGER NOT NULL DEFAULT 0, begun_at INTEGER NOT NULL DEFAULT 0,
    UNIQUE (agent, agent_session)
) STRICT;

CREATE INDEX sessions_by_last ON sessions (last_at);

CREATE INDEX sessions_open ON sessions (last_at) WHERE ended_at IS NULL;

CREATE TABLE summaries (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid         TEXT NOT NULL UNIQUE,
    project_id   INTEGER NOT NULL REFERENCES projects (id),
    session_id   INTEGER NOT NULL REFERENCES sessions (id),
    turn_id      INTEGER NOT NULL REFERENCES turns (id),
    by           TEXT NOT NULL,
    at           INTEGER NOT NULL,
    branch       TEXT,
    written_at   INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    request      TEXT NOT NULL,
    investigated TEXT NOT NULL,
    learned      TEXT NOT NULL,
    completed    TEXT NOT NULL,
    next_steps   TEXT NOT NULL,
    notes        TEXT NOT NULL, request_id INTEGER REFERENCES requests (id), superseded_by INTEGER REFERENCES summaries (id) ON DELETE SET NULL,
    UNIQUE (turn_id, by)
) STRICT;

CREATE INDEX summaries_by_session ON summaries (session_id);

CREATE INDEX summaries_newest ON summaries (project_id, at DESC, id DESC) WHERE superseded_by IS NULL;

CREATE INDEX summaries_superseding ON summaries (superseded_by) WHERE superseded_by IS NOT NULL;

CREATE TABLE tallies (
    name TEXT PRIMARY KEY,
    n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE turns (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id    INTEGER NOT NULL REFERENCES sessions (id),
    ordinal       INTEGER NOT NULL,
    prompt_id     TEXT,
    project_id    INTEGER NOT NULL REFERENCES projects (id),
    branch        TEXT,
    started_at    INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    closed_at     INTEGER,
    changed_seq   INTEGER NOT NULL DEFAULT 0,
    distilled_seq INTEGER NOT NULL DEFAULT 0,
    distilled_at  INTEGER,
    pruned_at     INTEGER,
    prompt        TEXT NOT NULL, newest_event INTEGER NOT NULL DEFAULT 0, model_through INTEGER NOT NULL DEFAULT 0,
    UNIQUE (session_id, ordinal)
) STRICT;

CREATE INDEX turns_by_prompt_id ON turns (session_id, prompt_id, ordinal) WHERE prompt_id IS NOT NULL;

CREATE INDEX turns_by_start ON turns (session_id, started_at, ordinal);

CREATE INDEX turns_newest ON turns (project_id, started_at DESC, id DESC);

CREATE INDEX turns_open ON turns (session_id) WHERE closed_at IS NULL;

CREATE INDEX turns_unobserved ON turns (last_at)
    WHERE newest_event > model_through AND changed_seq <= distilled_seq AND pruned_at IS NULL;

CREATE INDEX turns_waiting ON turns (last_at) WHERE changed_seq > distilled_seq AND pruned_at IS NULL;

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

CREATE TABLE vectors (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    model INTEGER NOT NULL REFERENCES vector_models (id),
    text  INTEGER NOT NULL,
    scale REAL NOT NULL,
    vals  BLOB NOT NULL,
    UNIQUE (model, text)
) STRICT;
