//! A chain of rows, each sealed with the one before: none can be changed, removed or swapped without a
//! trace. There are two, the record of incidents and that of deeds. What a row says can be deleted, and its
//! seal stays: see `tombstone`.

use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{OptionalExtension, Row, params};

use crate::domain::Time;

use super::{StoreError, Writing, failed};

/// One chain.
#[derive(Debug)]
pub(super) struct Chain {
    /// The table, and the column in it that holds what is said.
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// What the first row is sealed with.
    pub(super) beginning: &'static str,
    /// Noted: the row before the first that is still there, and the last that was sealed.
    pub(super) begins: &'static str,
    pub(super) ends: &'static str,
}

/// What happened to incidents.
pub(super) const RECORD: Chain = Chain {
    table: "entry",
    column: "entry",
    beginning: "careloop",
    begins: "record-begins",
    ends: "record",
};
/// Who saw, took away or changed what.
pub(super) const DEEDS: Chain = Chain {
    table: "deed",
    column: "deed",
    beginning: "careloop deeds",
    begins: "deeds-begin",
    ends: "deeds",
};

/// One row of a chain.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) home: String,
    pub(super) n: i64,
    pub(super) at: i64,
    /// What it says; nothing, if that was deleted.
    pub(super) text: String,
    pub(super) hash: String,
    salt: Option<String>,
    digest: Option<String>,
    /// The deed by which what it says was deleted.
    pub(super) forgotten: Option<i64>,
}

impl Line {
    /// Reads a row of `SELECT *`, of this form or an earlier one.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let is_salted = 6 < row.as_ref().column_count();
        let may = |at: usize| if is_salted { row.get(at) } else { Ok(None) };
        Ok(Self {
            id: row.get(0)?,
            home: row.get(1)?,
            n: row.get(2)?,
            at: row.get(3)?,
            text: row.get(4)?,
            hash: row.get(5)?,
            salt: may(6)?,
            digest: may(7)?,
            forgotten: if is_salted { row.get(8)? } else { None },
        })
    }

    /// What its seal covers of what it says. `None`: only a proof can tell, if there is one.
    pub(super) fn sealed(&self) -> Option<String> {
        match (self.forgotten, &self.salt) {
            (Some(_), _) => self.digest.clone(),
            (None, Some(salt)) => Some(digest(salt, &self.text)),
            (None, None) => Some(self.text.clone()),
        }
    }

    /// What stays of it when what it says is deleted; nothing of what an earlier program wrote.
    pub(super) fn digest(&self) -> Option<String> {
        self.salt.as_ref().map(|salt| digest(salt, &self.text))
    }

    /// Whether it is what was sealed after `before`.
    pub(super) fn is_sound(&self, before: &str) -> bool {
        let Self { id, home, n, at, hash, .. } = self;
        // One whose seal cannot be made anew must have a proof, which is looked at in the end.
        self.sealed().map_or(self.forgotten.is_some(), |sealed| {
            seal(before, *id, home, *n, *at, &sealed) == *hash
        })
    }
}

impl Writing<'_> {
    /// Adds a row and seals it.
    pub(super) fn append(
        &self,
        chain: &Chain,
        (home, n, at): (&str, u32, Time),
        text: &str,
    ) -> Result<(), StoreError> {
        let (last, before) = self.last_of(chain)?;
        let (id, salt) = (last + 1, fresh_salt()?);
        let seal = seal(&before, id, home, n.into(), at.0, &digest(&salt, text));
        let Chain { table, column, .. } = chain;
        let sql = format!(
            "INSERT INTO {table} (id, home, n, at, {column}, hash, salt) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        );
        self.tx
            .prepare_cached(&sql)
            .and_then(|mut s| s.execute(params![id, home, n, at.0, text, seal, salt]))
            .map_err(failed("write the record"))?;
        self.note(chain.ends, &format!("{id} {seal}"))
    }

    /// Cuts a chain from its beginning, up to the row `cut`, which stays.
    pub(super) fn cut_chain(&self, chain: &Chain, cut: i64) -> Result<(), StoreError> {
        let sql = format!("SELECT hash FROM {} WHERE id = ?1", chain.table);
        let seal: rusqlite::Result<String> = self.tx.query_row(&sql, [cut - 1], |r| r.get(0));
        let Ok(seal) = seal else { return Ok(()) };
        self.cut_tombstones(chain, cut)?;
        self.note(chain.begins, &format!("{} {seal}", cut - 1))?;
        self.tx
            .execute(&format!("DELETE FROM {} WHERE id < ?1", chain.table), [cut])
            .map(drop)
            .map_err(failed("forget the record"))
    }

    /// The number and the seal of the last row; of an empty chain, what its first row is sealed with.
    pub(super) fn last_of(&self, chain: &Chain) -> Result<(i64, String), StoreError> {
        Ok(self.end_of(chain)?.unwrap_or_else(|| (0, chain.beginning.to_owned())))
    }

    /// The last row that was sealed, also where a damaged file has lost it: the audit must find the
    /// gap. Only where even the mark is lost, the last row that is there.
    fn end_of(&self, chain: &Chain) -> Result<Option<(i64, String)>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            let mut select = self.tx.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
            let mark: Option<String> = select.query_row([chain.ends], |r| r.get(0)).optional()?;
            if let Some(mark) = parse_mark(mark.as_deref()) {
                return Ok(Some(mark));
            }
            let sql = format!("SELECT id, hash FROM {} ORDER BY id DESC LIMIT 1", chain.table);
            self.tx.query_row(&sql, [], |r| Ok((r.get(0)?, r.get(1)?))).optional()
        };
        read().map_err(failed("read the end of the record"))
    }
}

/// Reads `ID HASH`.
pub(super) fn parse_mark(mark: Option<&str>) -> Option<(i64, String)> {
    let (id, hash) = mark?.split_once(' ')?;
    Some((id.parse().ok()?, hash.to_owned()))
}

/// The seal of one row: SHA-256 over the seal before and every column, as hex.
fn seal(before: &str, id: i64, home: &str, n: i64, at: i64, sealed: &str) -> String {
    hash([before, &id.to_string(), home, &n.to_string(), &at.to_string(), sealed])
}

/// What a seal covers of what a row says.
fn digest(salt: &str, text: &str) -> String {
    hash([salt, text])
}

/// SHA-256 over all parts, as hex.
pub(super) fn hash<const N: usize>(parts: [&str; N]) -> String {
    let mut hash = Context::new(&SHA256);
    for part in parts {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    data_encoding::HEXLOWER.encode(hash.finish().as_ref())
}

fn fresh_salt() -> Result<String, StoreError> {
    let mut salt = [0; 16];
    SystemRandom::new().fill(&mut salt).map_err(|_unspecified| StoreError::Unreadable {
        what: "random numbers".to_owned(),
        why: "the system has none".to_owned(),
    })?;
    Ok(data_encoding::HEXLOWER.encode(&salt))
}
