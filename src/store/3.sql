-- Form 3: who saw, took away or changed what. Sealed like the record, in a chain of its own, because it is
-- kept for another time and is nobody's story. `home` is empty where a deed is of several, `n` 0 where no
-- incident was the reason.
CREATE TABLE deed (
    id   INTEGER PRIMARY KEY,
    home TEXT    NOT NULL,
    n    INTEGER NOT NULL,
    at   INTEGER NOT NULL,
    deed TEXT    NOT NULL,
    hash TEXT    NOT NULL
) STRICT;
