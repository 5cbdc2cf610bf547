//! Proves the record: walks the chain and names the first entry that is not what it was.

use rusqlite::{Connection, OptionalExtension};

use super::chain::{Chain, DEEDS, RECORD, parse_mark, seal};
use super::{Reader, StoreError, failed};

/// What the walk found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Audit {
    /// How many entries are sound, from the first.
    pub entries: u64,
    /// The last seal; noted down elsewhere, it proves later that nothing before was changed.
    pub seal: String,
    /// The first thing that is wrong.
    pub broken: Option<String>,
}

impl Reader {
    /// Walks the whole record.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn audit(&self) -> Result<Audit, StoreError> {
        audit(self.db(), &RECORD)
    }

    /// Walks the whole record of deeds.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn audit_deeds(&self) -> Result<Audit, StoreError> {
        if !self.has_deeds()? {
            return Ok(Audit { entries: 0, seal: DEEDS.beginning.to_owned(), broken: None });
        }
        audit(self.db(), &DEEDS)
    }
}

fn audit(db: &Connection, chain: &Chain) -> Result<Audit, StoreError> {
    let noted = |key: &str| -> Result<Option<String>, StoreError> {
        db.query_row("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0))
            .optional()
            .map_err(failed("read where the record begins"))
    };
    let begin = parse_mark(noted(chain.begins)?.as_deref());
    let (mut last, mut before) = begin.unwrap_or_else(|| (0, chain.beginning.to_owned()));
    let Chain { table, column, .. } = chain;
    let sql = format!("SELECT id, home, n, at, {column}, hash FROM {table} ORDER BY id");
    let mut select = db.prepare(&sql).map_err(failed("prepare the record"))?;
    let mut rows = select.query([]).map_err(failed("read the record"))?;
    let mut entries = 0;
    while let Some(row) = rows.next().map_err(failed("read the record"))? {
        let read = || -> rusqlite::Result<(i64, String, i64, i64, String, String)> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        };
        let Ok((id, home, n, at, entry, hash)) = read() else {
            let broken = Some(format!("{table} {} cannot be read", last + 1));
            return Ok(Audit { entries, seal: before, broken });
        };
        let broken = if id != last + 1 {
            Some(format!("{table} {} is missing", last + 1))
        } else if seal(&before, id, &home, n, at, &entry) != hash {
            Some(format!("{table} {id} of {home}-{n} is not what was sealed"))
        } else {
            None
        };
        if broken.is_some() {
            return Ok(Audit { entries, seal: before, broken });
        }
        (last, before) = (id, hash);
        entries += 1;
    }
    let end = parse_mark(noted(chain.ends)?.as_deref());
    let broken = match end {
        Some((id, hash)) if (id, &hash) != (last, &before) => {
            Some(format!("the record ends at {table} {last}, but {id} were sealed"))
        }
        Some(_) => None,
        None if 0 < entries => Some(format!("the mark of the last {table}, {last}, is gone")),
        None => None,
    };
    Ok(Audit { entries, seal: before, broken })
}
