//! A chain of rows, each sealed with the one before: none can be changed, removed or swapped without a
//! trace. There are two, the record of incidents and that of deeds.

use ring::digest::{Context, SHA256};
use rusqlite::{OptionalExtension, params};

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

impl Writing<'_> {
    /// Adds a row and seals it.
    pub(super) fn append(
        &self,
        chain: &Chain,
        (home, n, at): (&str, u32, Time),
        text: &str,
    ) -> Result<(), StoreError> {
        let (id, before) = match self.end_of(chain)? {
            Some((id, hash)) => (id + 1, hash),
            None => (1, chain.beginning.to_owned()),
        };
        let seal = seal(&before, id, home, n.into(), at.0, text);
        let sql = format!("INSERT INTO {} VALUES (?1, ?2, ?3, ?4, ?5, ?6)", chain.table);
        self.tx
            .prepare_cached(&sql)
            .and_then(|mut s| s.execute(params![id, home, n, at.0, text, seal]))
            .map_err(failed("write the record"))?;
        self.note(chain.ends, &format!("{id} {seal}"))
    }

    /// Cuts a chain from its beginning, up to the row `cut`, which stays.
    pub(super) fn cut_chain(&self, chain: &Chain, cut: i64) -> Result<(), StoreError> {
        let sql = format!("SELECT hash FROM {} WHERE id = ?1", chain.table);
        let seal: rusqlite::Result<String> = self.tx.query_row(&sql, [cut - 1], |r| r.get(0));
        let Ok(seal) = seal else { return Ok(()) };
        self.note(chain.begins, &format!("{} {seal}", cut - 1))?;
        self.tx
            .execute(&format!("DELETE FROM {} WHERE id < ?1", chain.table), [cut])
            .map(drop)
            .map_err(failed("forget the record"))
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
pub(super) fn seal(before: &str, id: i64, home: &str, n: i64, at: i64, text: &str) -> String {
    let mut hash = Context::new(&SHA256);
    for part in [before, &id.to_string(), home, &n.to_string(), &at.to_string(), text] {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    data_encoding::HEXLOWER.encode(hash.finish().as_ref())
}
