//! What is done about a damaged file (P11): it is set aside, and what can still be read of it is
//! carried over into a new one.

use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use crate::domain::Time;

use super::{Store, StoreError};

/// Noted when rows were carried over: what is in the journal may have holes.
pub(crate) const CARRIED_OVER: &str = "carried-over";

/// What is carried over, by the key that a table can be read along from either end.
const TABLES: [(&str, &[&str]); 20] = [
    ("meta", &["key"]),
    ("incident", &["home", "n"]),
    ("delivery", &["home", "n", "k"]),
    ("saved", &["home"]),
    ("base", &["home"]),
    ("book", &["digest"]),
    ("entry", &["id"]),
    ("deed", &["id"]),
    ("pass", &["digest"]),
    ("tap", &["name"]),
    ("password", &["person"]),
    ("session", &["client"]),
    ("queued", &["client", "n"]),
    ("taken", &["client", "packet"]),
    ("retained", &["topic"]),
    ("announced", &["key"]),
    ("walk", &["home", "device"]),
    ("misread", &["home", "device", "class"]),
    ("strange", &["origin"]),
    ("journal", &["seq"]),
];

impl Store {
    /// Copies what can still be read from a damaged file, table by table, row by row.
    pub(super) fn carry_over(&mut self, from: &Path) -> Result<usize, StoreError> {
        let writing = self.write()?;
        let mut count = 0;
        // Its log, if there is one, is read with it.
        if let Ok(old) = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY) {
            for (table, key) in TABLES {
                // A damaged page cuts a table in two: each part is read from its own end.
                for direction in ["", " DESC"] {
                    let order: Vec<_> = key.iter().map(|k| format!("{k}{direction}")).collect();
                    let sql = format!("SELECT * FROM {table} ORDER BY {}", order.join(", "));
                    // What cannot be read at all is lost.
                    if let Ok(copied) = copy(&old, &writing.tx, table, &sql) {
                        count += copied;
                    }
                }
            }
        }
        writing.note(CARRIED_OVER, "")?;
        writing.commit()?;
        Ok(count)
    }
}

/// Copies rows until one cannot be read.
fn copy(old: &Connection, new: &Connection, table: &str, sql: &str) -> rusqlite::Result<usize> {
    let mut read = old.prepare(sql)?;
    let columns = read.column_count();
    let names: Vec<_> = read.column_names().collect();
    let names = names.join(", ");
    let marks = vec!["?"; columns].join(", ");
    let mut write =
        new.prepare(&format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"))?;
    let mut rows = read.query([])?;
    let mut count = 0;
    while let Ok(Some(row)) = rows.next() {
        let values: rusqlite::Result<Vec<Value>> = (0..columns).map(|n| row.get(n)).collect();
        // A row that does not fit is left where it is.
        count += values.and_then(|v| write.execute(params_from_iter(v))).unwrap_or(0);
    }
    Ok(count)
}

/// Whether an error says that the file itself is damaged.
pub(super) fn damage(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Unreadable { why, .. } => Some(why.clone()),
        StoreError::Sqlite { source, .. } => match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Some(source.to_string()),
            Some(_) | None => None,
        },
        StoreError::Newer { .. } | StoreError::File { .. } => None,
    }
}

/// Moves a damaged file, and what SQLite keeps beside it, out of the way.
pub(super) fn set_aside(path: &Path, now: Time) -> Result<PathBuf, StoreError> {
    let with = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = with(&format!(".damaged-{}", now.0));
    std::fs::rename(path, &aside).map_err(|source| StoreError::File {
        attempt: "set aside",
        path: path.to_owned(),
        source,
    })?;
    for side in ["-wal", "-shm"] {
        let mut to = aside.as_os_str().to_owned();
        to.push(side);
        // They need not be there.
        drop(std::fs::rename(with(side), to));
    }
    Ok(aside)
}
