//! Rebuilds the engines: saved state, and the journal since.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{HomeId, Span};
use crate::engine::Engine;
use crate::store::incidents::OnRecord;
use crate::store::states::Saved;
use crate::store::{CARRIED_OVER, StoreError};

use super::misread::Misreads;
use super::newcomers::Newcomers;
use super::saving::SAVED_UPTO;
use super::strangers::Strangers;
use super::{Follower, Gateway, Running};

impl Gateway {
    /// Rebuilds everything from disk. Returns whether something is missing there that a state or
    /// the journal should have held.
    pub(super) fn recover(&mut self) -> Result<bool, StoreError> {
        let reader = self.store.reader();
        let mut follower = self.follower()?;
        let noted = reader.noted(SAVED_UPTO)?;
        let mut from = noted.and_then(|seq| seq.parse::<i64>().ok()).unwrap_or(0);
        if reader.noted(CARRIED_OVER)?.is_some() {
            from = 0;
        }
        let (mut is_lost, mut seq) = (false, reader.journal_end()?);
        for furthest in reader.furthest()? {
            if furthest.is_second_choice {
                from = 0;
            }
            is_lost |= furthest.is_baseless;
            seq = seq.max(furthest.seq);
            if let Some(state) = furthest.state {
                follower.resume(furthest.home, furthest.seq, state);
            }
        }
        let resumed: BTreeMap<HomeId, i64> =
            follower.engines.iter().map(|(home, (_, seq))| (home.clone(), *seq)).collect();
        let mut unsaved: BTreeMap<HomeId, i64> = BTreeMap::new();
        let passed_over = reader.journal(from, |row| {
            follower.follow(&row);
            if resumed.get(&row.home).is_none_or(|seq| *seq < row.seq) {
                unsaved.entry(row.home).or_insert(row.seq);
            }
            Ok(())
        })?;
        self.strangers = Strangers::new(reader.strangers()?);
        self.newcomers = Newcomers::new(reader.newcomers()?);
        self.misreads = Misreads::new(reader.misread_everywhere()?);
        self.seq = seq;
        let run = |(home, (engine, seq))| {
            let unsaved = unsaved.get(&home).copied();
            (home, Running { unsaved, ..Running::new(engine, seq) })
        };
        self.engines = follower.engines.into_iter().map(run).collect();
        self.unsaved = unsaved.into_iter().map(|(home, seq)| (seq, home)).collect();
        self.wakes.clear();
        let homes: Vec<HomeId> = self.engines.keys().cloned().collect();
        homes.iter().for_each(|home| self.set_wake(home));
        let latest = self.engines.values().map(|r| &r.engine).max_by_key(|e| e.now());
        self.last = latest.map(Engine::now);
        self.offset = latest.map_or(Span::ZERO, Engine::offset);
        Ok(is_lost || 0 < passed_over)
    }

    /// Makes up for what a damaged file, or a state of another form, has lost: the incidents on
    /// record are taken up (P3), and replays begin with the engines as they now are.
    pub(super) fn make_up(&mut self, is_lost: bool) -> Result<(), StoreError> {
        let mut is_lost = is_lost || self.store.reader().noted(CARRIED_OVER)?.is_some();
        let mut record = self.store.reader().open_incidents()?;
        for home in self.engines.keys() {
            record.entry(home.clone()).or_default();
        }
        let mut follower = self.follower()?;
        for (home, OnRecord { last, open }) in record {
            let running = self.engines.get(&home);
            let mut closed = BTreeSet::new();
            let known = running.into_iter().flat_map(|r| r.engine.incidents().values());
            for n in known.filter(|i| i.is_open() && !open.contains_key(&i.n)).map(|i| i.n) {
                is_lost = true;
                if self.store.reader().is_closed(&home, n)? {
                    closed.insert(n);
                }
            }
            if last == 0 {
                continue;
            }
            let mut state = running.map(|r| r.engine.state().clone()).unwrap_or_default();
            if state.take_up(&open, &closed, last) {
                is_lost = true;
                let engine = Engine::resume(follower.book(state.rules()), state);
                match self.engines.get_mut(&home) {
                    Some(running) => running.engine = engine,
                    None => drop(self.engines.insert(home.clone(), Running::new(engine, self.seq))),
                }
                self.set_wake(&home);
            }
        }
        if !is_lost {
            return Ok(());
        }
        let writing = self.store.write()?;
        for (home, running) in &mut self.engines {
            running.seq = self.seq;
            running.unsaved = None;
            for which in [Saved::Latest, Saved::Base] {
                writing.save(which, home, running.seq, running.engine.state())?;
            }
            for incident in running.engine.incidents().values().filter(|i| i.is_open()) {
                writing.put_incident(home, incident, running.engine.offset(), None)?;
            }
        }
        writing.note(SAVED_UPTO, &self.seq.to_string())?;
        writing.forget_note(CARRIED_OVER)?;
        writing.commit()?;
        self.unsaved.clear();
        Ok(())
    }

    pub(super) fn follower(&self) -> Result<Follower, StoreError> {
        Follower::new(
            self.store.reader(),
            (self.in_force.digest.to_string(), Arc::clone(&self.in_force.book)),
        )
    }
}
