-- Form 2: what devices say of themselves before anybody registered them, and what was tried out.

-- Devices that bridges and devices announced, by where they speak. Bounded.
CREATE TABLE announced (
    key     TEXT    PRIMARY KEY,
    last_at INTEGER NOT NULL,
    device  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Walk tests that ended, the latest of each device.
CREATE TABLE walk (
    home     TEXT    NOT NULL,
    device   TEXT    NOT NULL,
    ended_at INTEGER NOT NULL,
    result   TEXT    NOT NULL,
    PRIMARY KEY (home, device)
) STRICT, WITHOUT ROWID;

-- What could not be understood of each device of the register, counted by class.
CREATE TABLE misread (
    home    TEXT    NOT NULL,
    device  TEXT    NOT NULL,
    class   TEXT    NOT NULL,
    count   INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (home, device, class)
) STRICT, WITHOUT ROWID;
