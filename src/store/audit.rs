//! Proves the record: walks the chain and names the first entry that is not what it was.

use std::collections::BTreeMap;

use super::chain::{Chain, DEEDS, Line, RECORD, parse_mark};
use super::{Reader, StoreError, failed};

/// What the walk found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Audit {
    /// How many entries are sound, from the first.
    pub entries: u64,
    /// Of how many of them only the seal is left: what they said was deleted, and a deed says so.
    pub forgotten: u64,
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
        self.walk(&RECORD)
    }

    /// Walks the whole record of deeds.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn audit_deeds(&self) -> Result<Audit, StoreError> {
        if !self.has_deeds()? {
            let seal = DEEDS.beginning.to_owned();
            return Ok(Audit { entries: 0, forgotten: 0, seal, broken: None });
        }
        self.walk(&DEEDS)
    }

    fn walk(&self, chain: &Chain) -> Result<Audit, StoreError> {
        let begin = parse_mark(self.noted(chain.begins)?.as_deref());
        let (mut last, mut before) = begin.unwrap_or_else(|| (0, chain.beginning.to_owned()));
        let table = chain.table;
        let sql = format!("SELECT * FROM {table} ORDER BY id");
        let mut select = self.db().prepare(&sql).map_err(failed("prepare the record"))?;
        let mut rows = select.query([]).map_err(failed("read the record"))?;
        let (mut entries, mut forgotten) = (0, 0);
        let mut tombstones: BTreeMap<i64, Vec<(String, Line)>> = BTreeMap::new();
        while let Some(row) = rows.next().map_err(failed("read the record"))? {
            let Ok(line) = Line::read(row) else {
                let broken = Some(format!("{table} {} cannot be read", last + 1));
                return Ok(Audit { entries, forgotten, seal: before, broken });
            };
            let broken = if line.id != last + 1 {
                Some(format!("{table} {} is missing", last + 1))
            } else if !line.is_sound(&before) {
                let Line { id, home, n, .. } = &line;
                Some(format!("{table} {id} of {home}-{n} is not what was sealed"))
            } else {
                None
            };
            if broken.is_some() {
                return Ok(Audit { entries, forgotten, seal: before, broken });
            }
            entries += 1;
            last = line.id;
            let seal = line.hash.clone();
            if let Some(deed) = line.forgotten {
                forgotten += 1;
                tombstones.entry(deed).or_default().push((before, line));
            }
            before = seal;
        }
        let end = parse_mark(self.noted(chain.ends)?.as_deref());
        let broken = match end {
            Some((id, hash)) if (id, &hash) != (last, &before) => {
                Some(format!("the record ends at {table} {last}, but {id} were sealed"))
            }
            Some(_) => self.disproved(chain, tombstones)?,
            None if 0 < entries => Some(format!("the mark of the last {table}, {last}, is gone")),
            None => None,
        };
        Ok(Audit { entries, forgotten, seal: before, broken })
    }
}
