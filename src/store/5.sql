-- Form 5: what lets people and programs in. Of a secret only the SHA-256 is kept, of a password the salted hash.
-- Times are hub time.
CREATE TABLE pass (
    digest BLOB    PRIMARY KEY,
    kind   TEXT    NOT NULL,
    who    TEXT    NOT NULL,
    about  TEXT    NOT NULL,
    made   INTEGER NOT NULL,
    until  INTEGER NOT NULL,
    seen   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE password (person TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- What people tapped, by the name that the phone gave it: it counts once, however often it comes.
CREATE TABLE tap (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX tap_at ON tap (at);
