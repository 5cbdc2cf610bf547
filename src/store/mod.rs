//! The one database file, and the one writer's hand on it.
//!
//! SQLite in WAL mode with `synchronous = FULL`: a commit is on disk when it returns. All writing
//! goes through [`Store::write`], one transaction each; pages and commands read through a
//! [`Reader`] of their own.

pub mod keep;
pub mod journal;
pub mod states;
pub mod incidents;
pub mod outbox;
pub mod misread;
pub mod strange;
pub mod walk;
pub mod announced;
pub mod audit;
pub mod deeds;
mod passes;
mod taps;
mod chain;
mod tombstone;
pub mod retention;
pub mod forget;
pub mod views;
pub mod cases;
mod salvage;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::domain::Time;

pub(crate) use salvage::CARRIED_OVER;
use salvage::{damage, set_aside};
pub use views::Reader;

/// The form of the database this program writes.
const FORM: i64 = 5;
/// One file per step from form to form.
const STEPS: [&str; 5] = [
    include_str!("1.sql"),
    include_str!("2.sql"),
    include_str!("3.sql"),
    include_str!("4.sql"),
    include_str!("5.sql"),
];
/// SQLite's own limit.
const PAGES_MAX: i64 = 4_294_967_294;
/// Room set aside for alarms on a full disk, in bytes.
const RESERVE: u64 = 8 * 1024 * 1024;

/// How long the writer waits for whoever holds the file.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// The store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("cannot {attempt}: {source}")]
    Sqlite {
        /// What was being attempted, in the imperative.
        attempt: &'static str,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// What is on disk is not what this program writes.
    #[error("cannot read {what}: {why}")]
    Unreadable {
        /// Which row.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A newer program wrote the file.
    #[error("{} was written by a newer careloop (form {found}, this one knows up to {FORM}); it was left alone", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its form.
        found: i64,
    },
    /// The file system refused.
    #[error("cannot {attempt} {}: {source}", path.display())]
    File {
        /// What was being attempted.
        attempt: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Whether there is no room left.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Sqlite { source, .. }
            if source.sqlite_error_code() == Some(ErrorCode::DiskFull))
    }
}

/// For `map_err`: says what was attempted.
pub(crate) fn failed(attempt: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |source| StoreError::Sqlite { attempt, source }
}

/// All rows of a query that `read` can make something of. A row that is damaged in itself is passed
/// over: it costs only itself (P11).
fn readable<T>(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    mut read: impl FnMut(&rusqlite::Row<'_>) -> Option<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query(params)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.extend(read(row));
    }
    Ok(all)
}

/// A text in a row that means something.
fn parsed<T: std::str::FromStr>(row: &rusqlite::Row<'_>, at: usize) -> Option<T> {
    row.get_ref(at).ok()?.as_str().ok()?.parse().ok()
}

/// A value of the on-disk format in a row.
fn from_text<T: serde::de::DeserializeOwned>(row: &rusqlite::Row<'_>, at: usize) -> Option<T> {
    serde_json::from_str(row.get_ref(at).ok()?.as_str().ok()?).ok()
}

/// The writer's connection.
#[derive(Debug)]
pub struct Store {
    reader: Reader,
    path: PathBuf,
    /// How many pages the file may have.
    pages_max: i64,
}

/// One transaction. Dropped without [`Writing::commit`], nothing happened.
#[derive(Debug)]
pub struct Writing<'s> {
    tx: rusqlite::Transaction<'s>,
}

/// What had to be done to start at all (P11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// Where the damaged file was put.
    pub aside: PathBuf,
    /// What was wrong with it.
    pub why: String,
}

impl Store {
    /// Opens the file, makes it if it is not there, and brings it to the current form. A damaged
    /// file is set aside, what can be read of it is carried over, and the setback is reported.
    ///
    /// # Errors
    /// A newer form, a folder or file that cannot be written, a file in use by another careloop.
    pub fn open(path: &Path, now: Time) -> Result<(Self, Option<Setback>), StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::File {
                attempt: "make the folder",
                path: folder.to_owned(),
                source,
            })?;
        }
        let opened = Self::open_sound(path);
        let (store, setback) = match opened {
            Ok(store) => (store, None),
            Err(error) => {
                let Some(why) = damage(&error) else { return Err(error) };
                let aside = set_aside(path, now)?;
                let mut store = Self::open_sound(path)?;
                let carried = store.carry_over(&aside)?;
                (store, Some(Setback { aside, why: format!("{why}; {carried} rows carried over") }))
            }
        };
        store.reserve_room();
        Ok((store, setback))
    }

    fn open_sound(path: &Path) -> Result<Self, StoreError> {
        let db = Connection::open(path).map_err(failed("open the database"))?;
        db.busy_timeout(PATIENCE).map_err(failed("set a time-out"))?;
        db.set_prepared_statement_cache_capacity(64);
        let form: i64 = db
            .query_row("PRAGMA user_version", [], |r| r.get(0))
            .map_err(failed("read the database's form"))?;
        if FORM < form {
            return Err(StoreError::Newer { path: path.to_owned(), found: form });
        }
        // One process writes. A second one would step engines of its own.
        db.execute_batch(
            "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = ON;",
        )
        .map_err(failed("set the database up"))?;
        // The journal has no index; where there is one, it must agree with its table.
        let checks = ["quick_check(1)", "integrity_check(incident)", "integrity_check(delivery)"];
        for check in checks.into_iter().chain(["integrity_check(entry)"]) {
            let sound: String = match db.query_row(&format!("PRAGMA {check}"), [], |r| r.get(0)) {
                // A new file has no tables yet.
                Err(_) if form == 0 => continue,
                sound => sound.map_err(failed("check the database"))?,
            };
            if sound != "ok" {
                return Err(StoreError::Unreadable {
                    what: path.display().to_string(),
                    why: sound,
                });
            }
        }
        let mut store =
            Self { reader: Reader::of(db), path: path.to_owned(), pages_max: PAGES_MAX };
        store.migrate(form)?;
        Ok(store)
    }

    fn migrate(&mut self, form: i64) -> Result<(), StoreError> {
        // On a full disk nothing can be written, and nothing need be (P11).
        if form == FORM {
            return Ok(());
        }
        let done = usize::try_from(form).unwrap_or(0);
        let tx = self.reader.db_mut().transaction().map_err(failed("begin a migration"))?;
        for step in STEPS.iter().skip(done) {
            tx.execute_batch(step).map_err(failed("migrate the database"))?;
        }
        tx.pragma_update(None, "user_version", FORM).map_err(failed("note the form"))?;
        tx.commit().map_err(failed("commit a migration"))
    }

    /// Begins the one transaction.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn write(&mut self) -> Result<Writing<'_>, StoreError> {
        let tx = self
            .reader
            .db_mut()
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed("begin a transaction"))?;
        Ok(Writing { tx })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// For reading within the writer's own thread.
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    const fn db(&self) -> &Connection {
        self.reader.db()
    }

    /// Limits the size of the file, in bytes; for hubs whose disk is shared.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn limit_size(&mut self, bytes: u64) -> Result<(), StoreError> {
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / self.number("page_size")?.max(1);
        self.pages_max = pages;
        self.limit_pages(pages)
    }

    /// On a full disk: what was just freed is used again, and the file grows no more, until there
    /// is room for the reserve. Then the log beside it never needs room that is not there.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub(crate) fn stop_growing(&self) -> Result<(), StoreError> {
        self.number("wal_checkpoint(TRUNCATE)")?;
        self.limit_pages(self.number("page_count")?.min(self.pages_max))
    }

    fn number(&self, pragma: &str) -> Result<i64, StoreError> {
        let sql = format!("PRAGMA {pragma}");
        self.db().query_row(&sql, [], |r| r.get(0)).map_err(failed("ask for the database's size"))
    }

    fn limit_pages(&self, pages: i64) -> Result<(), StoreError> {
        self.db()
            .pragma_update(None, "max_page_count", pages)
            .map_err(failed("limit the database's size"))
    }

    /// Sets room aside for alarms, as long as there is plenty; then the file may grow again.
    pub(crate) fn reserve_room(&self) {
        let path = self.reserve_path();
        if std::fs::metadata(&path).is_ok_and(|m| RESERVE <= m.len()) {
            return;
        }
        // Written, not only lengthened: a hole in a file keeps no room. Failing is no fault: the
        // disk is full already, and what could be had was had.
        let block = vec![0_u8; usize::try_from(RESERVE).unwrap_or(0)];
        if std::fs::write(&path, block).is_err() {
            drop(std::fs::remove_file(&path));
        } else if let Err(error) = self.limit_pages(self.pages_max) {
            tracing::warn!(%error, "the database keeps its size");
        }
    }

    /// Gives up the room that was set aside.
    pub(crate) fn give_up_reserve(&self) -> bool {
        std::fs::remove_file(self.reserve_path()).is_ok()
    }

    fn reserve_path(&self) -> PathBuf {
        self.path.with_extension("reserve")
    }
}

impl Writing<'_> {
    /// Puts it on disk.
    ///
    /// # Errors
    /// Nothing was stored.
    pub fn commit(self) -> Result<(), StoreError> {
        self.tx.commit().map_err(failed("commit"))
    }
}
