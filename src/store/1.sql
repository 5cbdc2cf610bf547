-- Form 1. Times are milliseconds since 1970; `at` in the journal is hub time, all others are wall time.

-- Every input, in order. No index beside the key: one costs four to six times the commit.
CREATE TABLE journal (
    seq   INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,
    home  TEXT    NOT NULL,
    input TEXT    NOT NULL
) STRICT;

-- Where each engine can go on: its state after the journal's row `seq`.
CREATE TABLE saved (
    home  TEXT    PRIMARY KEY,
    seq   INTEGER NOT NULL,
    form  INTEGER NOT NULL,
    state TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Where each engine stood before the oldest row that is still in the journal. A replay begins here.
CREATE TABLE base (
    home  TEXT    PRIMARY KEY,
    seq   INTEGER NOT NULL,
    form  INTEGER NOT NULL,
    state TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- The rule books that were ever in force, as texts.
CREATE TABLE book (
    digest TEXT PRIMARY KEY,
    rules  TEXT NOT NULL,
    plans  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
    home        TEXT    NOT NULL,
    n           INTEGER NOT NULL,
    level       INTEGER NOT NULL,
    stage       TEXT    NOT NULL,
    detected_at INTEGER NOT NULL,
    alarmed_at  INTEGER,
    due_at      INTEGER,
    closed_at   INTEGER,
    outcome     TEXT,
    incident    TEXT    NOT NULL,
    PRIMARY KEY (home, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_open ON incident (detected_at) WHERE closed_at IS NULL;
CREATE INDEX incident_when ON incident (detected_at);

-- The record. Each hash covers the one before it, so that no row can be changed, removed or swapped
-- without a trace.
CREATE TABLE entry (
    id    INTEGER PRIMARY KEY,
    home  TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    entry TEXT    NOT NULL,
    hash  TEXT    NOT NULL
) STRICT;
CREATE INDEX entry_incident ON entry (home, n, id);

-- The outbox: what was promised to whom, and what the far side said.
CREATE TABLE delivery (
    home     TEXT    NOT NULL,
    n        INTEGER NOT NULL,
    k        INTEGER NOT NULL,
    level    INTEGER NOT NULL,
    person   TEXT,
    channel  TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    purpose  TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    line     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    state    TEXT    NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at  INTEGER,
    said     TEXT,
    said_at  INTEGER,
    PRIMARY KEY (home, n, k)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_waiting ON delivery (level DESC, next_at) WHERE next_at IS NOT NULL;

-- Messages from nobody we know, and what could not be understood of those we do (P10). Bounded.
CREATE TABLE strange (
    origin   TEXT    PRIMARY KEY,
    device   TEXT,
    count    INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    samples  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- The memory of our own MQTT listener.
CREATE TABLE retained (topic TEXT PRIMARY KEY, payload BLOB NOT NULL, qos INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE session (client TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE queued (
    client  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    topic   TEXT    NOT NULL,
    payload BLOB    NOT NULL,
    qos     INTEGER NOT NULL,
    retain  INTEGER NOT NULL,
    PRIMARY KEY (client, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE taken (
    client TEXT    NOT NULL,
    packet INTEGER NOT NULL,
    PRIMARY KEY (client, packet)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
