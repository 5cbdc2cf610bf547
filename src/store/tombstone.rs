//! What a row of a chain says is deleted, and its seal stays. The deed that deleted it proves which rows those
//! are: each one's place, seal and the seal before, one after the other. So nothing can be blanked without a
//! deed that says so, and who changes anything around a row whose seal cannot be made anew is found.

use std::collections::BTreeMap;

use rusqlite::{Params, params};

use crate::domain::{DeedOnRecord, Tombstones};

use super::chain::{Chain, DEEDS, Line, hash, parse_mark};
use super::{Reader, StoreError, Writing, failed, from_text, readable};

/// Rows of which only the seals are left, as one deed left them.
#[derive(Debug, Clone)]
pub(super) struct Proof(Tombstones);

impl Proof {
    fn begin() -> Self {
        Self(Tombstones { lines: 0, proof: "careloop forgotten".to_owned() })
    }

    /// One row more; `before`: the seal before it.
    pub(super) fn add(&mut self, before: &str, line: &Line) {
        let Line { id, home, n, at, hash: seal, .. } = line;
        let (id, n, at) = (id.to_string(), n.to_string(), at.to_string());
        self.0.proof = hash([&self.0.proof, before, &id, home, &n, &at, seal]);
        self.0.lines += 1;
    }

    /// As noted when rows were cut from the beginning of a chain.
    fn parse(noted: &str) -> Option<Self> {
        let (lines, proof) = noted.split_once(' ')?;
        Some(Self(Tombstones { lines: lines.parse().ok()?, proof: proof.to_owned() }))
    }
}

/// Noted: what was cut already of the rows that a deed left.
fn cut_key(chain: &Chain, deed: i64) -> String {
    format!("{}-forgotten {deed}", chain.table)
}

impl Writing<'_> {
    /// The deed that is put on record next.
    pub(super) fn next_deed(&self) -> Result<i64, StoreError> {
        Ok(self.last_of(&DEEDS)?.0 + 1)
    }

    /// Deletes what the rows `which` say, by this deed. `which` is SQL over the row `x`.
    pub(super) fn bury(
        &self,
        chain: &Chain,
        deed: i64,
        which: &str,
        params: impl Params,
    ) -> Result<Tombstones, StoreError> {
        let lines = self.lines(chain, which, params)?;
        let sql = format!(
            "UPDATE {} SET {} = '', salt = NULL, digest = ?2, forgotten = ?3 WHERE id = ?1",
            chain.table, chain.column
        );
        let mut update = self.tx.prepare_cached(&sql).map_err(failed("prepare to forget"))?;
        let mut proof = Proof::begin();
        for (before, line) in lines.iter().filter(|(_, line)| line.forgotten.is_none()) {
            proof.add(before, line);
            update
                .execute(params![line.id, line.digest(), deed])
                .map_err(failed("forget what is on record"))?;
        }
        Ok(proof.0)
    }

    /// Takes note of the tombstones among the rows that are about to be cut.
    pub(super) fn cut_tombstones(&self, chain: &Chain, cut: i64) -> Result<(), StoreError> {
        let mut proofs: BTreeMap<i64, Proof> = BTreeMap::new();
        for (before, line) in self.lines(chain, "x.forgotten IS NOT NULL AND x.id < ?1", [cut])? {
            let Some(deed) = line.forgotten else { continue };
            let proof = match proofs.remove(&deed) {
                Some(proof) => Some(proof),
                None => self.noted_cut(chain, deed)?,
            };
            let mut proof = proof.unwrap_or_else(Proof::begin);
            proof.add(&before, &line);
            proofs.insert(deed, proof);
        }
        for (deed, Proof(Tombstones { lines, proof })) in proofs {
            self.note(&cut_key(chain, deed), &format!("{lines} {proof}"))?;
        }
        Ok(())
    }

    /// What was noted of tombstones is of no use once the deeds before `cut` are gone.
    pub(super) fn forget_cut_tombstones(&self, cut: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM meta WHERE key LIKE '%-forgotten %'
            AND CAST(substr(key, instr(key, ' ') + 1) AS INTEGER) < ?1";
        self.tx.execute(sql, [cut]).map(drop).map_err(failed("forget what was cut"))
    }

    fn noted_cut(&self, chain: &Chain, deed: i64) -> Result<Option<Proof>, StoreError> {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let noted = readable(&self.tx, sql, [cut_key(chain, deed)], |r| {
            Proof::parse(r.get_ref(0).ok()?.as_str().ok()?)
        });
        Ok(noted.map_err(failed("read what was cut"))?.pop())
    }

    /// The rows `which` in order, each with the seal before it.
    fn lines(
        &self,
        chain: &Chain,
        which: &str,
        params: impl Params,
    ) -> Result<Vec<(String, Line)>, StoreError> {
        let begin =
            readable(&self.tx, "SELECT value FROM meta WHERE key = ?1", [chain.begins], |r| {
                parse_mark(Some(r.get_ref(0).ok()?.as_str().ok()?))
            });
        let begin = begin.map_err(failed("read where the record begins"))?.pop();
        let begin = begin.map_or_else(|| chain.beginning.to_owned(), |(_, seal)| seal);
        let table = chain.table;
        let sql = format!(
            "SELECT x.*, (SELECT hash FROM {table} b WHERE b.id = x.id - 1) FROM {table} x
            WHERE {which} ORDER BY x.id"
        );
        let read = || {
            let mut select = self.tx.prepare_cached(&sql)?;
            let rows = select.query_map(params, |row| {
                let before: Option<String> = row.get(9)?;
                Ok((before.unwrap_or_else(|| begin.clone()), Line::read(row)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("read what is to be forgotten"))
    }
}

impl Reader {
    /// What is wrong with the tombstones of a chain, which were found to be these.
    pub(super) fn disproved(
        &self,
        chain: &Chain,
        found: BTreeMap<i64, Vec<(String, Line)>>,
    ) -> Result<Option<String>, StoreError> {
        for (deed, lines) in found {
            let noted = self.noted(&cut_key(chain, deed))?;
            let mut proof = noted.as_deref().and_then(Proof::parse).unwrap_or_else(Proof::begin);
            for (before, line) in &lines {
                proof.add(before, line);
            }
            let said = self.deed(deed)?.and_then(|deed| deed.deletion);
            let said = said.and_then(|deletion| deletion.tombstones.get(chain.table).cloned());
            if said.as_ref() != Some(&proof.0) {
                let of: Vec<_> = lines.iter().map(|(_, line)| line.id.to_string()).collect();
                let (table, of) = (chain.table, of.join(", "));
                return Ok(Some(format!(
                    "what {table} {of} said is gone, and deed {deed} does not say that"
                )));
            }
        }
        Ok(None)
    }

    /// One deed in full.
    fn deed(&self, id: i64) -> Result<Option<DeedOnRecord>, StoreError> {
        if !self.has_deeds()? {
            return Ok(None);
        }
        let sql = "SELECT deed FROM deed WHERE id = ?1";
        let found = readable(self.db(), sql, [id], |row| from_text(row, 0));
        Ok(found.map_err(failed("read a deed"))?.pop())
    }
}
