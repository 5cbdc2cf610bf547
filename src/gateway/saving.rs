//! Keeps recovery and replay short: saves states now and then, and folds what is too old to keep.

use crate::domain::Time;
use crate::store::StoreError;
use crate::store::states::Saved;

use super::Gateway;
use super::batch::Batch;

/// Noted in the store: up to this row of the journal every home's saved state is complete.
pub(super) const SAVED_UPTO: &str = "saved-upto";
/// Recovery replays at most so many rows of the journal…
const SAVE_AFTER: i64 = 4096;
/// … and so many more for each home: with many homes, saving would cost more than it spares.
const SAVE_AFTER_EACH: i64 = 16;
/// How many rows are folded in one transaction; a larger one would hold up an alarm.
const FOLD_MAX: i64 = 20_000;

impl Batch<'_> {
    /// Saves the states that have fallen far behind, so that recovery stays short.
    pub(super) fn save_old(&mut self) -> Result<(), StoreError> {
        let homes = i64::try_from(self.engines.len()).unwrap_or(i64::MAX);
        let room = SAVE_AFTER.saturating_add(SAVE_AFTER_EACH.saturating_mul(homes));
        let old = *self.seq - room;
        if self.unsaved.first().is_none_or(|(first, _)| old < *first) {
            return Ok(());
        }
        while let Some((_, home)) = self.unsaved.first().filter(|(first, _)| *first <= old) {
            if let Some(running) = self.engines.get_mut(home) {
                self.writing.save(Saved::Latest, home, running.seq, running.engine.state())?;
                running.unsaved = None;
            }
            self.unsaved.pop_first();
        }
        let complete = self.unsaved.first().map_or(*self.seq, |(first, _)| *first - 1);
        self.writing.note(SAVED_UPTO, &complete.to_string())
    }
}

impl Gateway {
    /// Saves every state, so that the next start replays nothing.
    ///
    /// # Errors
    /// When SQLite cannot; the journal still has everything.
    pub fn save(&mut self) -> Result<(), StoreError> {
        self.catch_up()?;
        let writing = self.store.write()?;
        for (home, running) in self.engines.iter().filter(|(_, r)| r.unsaved.is_some()) {
            writing.save(Saved::Latest, home, running.seq, running.engine.state())?;
        }
        writing.note(SAVED_UPTO, &self.seq.to_string())?;
        self.strangers.write_all(&writing)?;
        self.misreads.write_all(&writing)?;
        writing.commit()?;
        self.strangers.are_written();
        self.misreads.are_written();
        self.engines.values_mut().for_each(|r| r.unsaved = None);
        self.unsaved.clear();
        Ok(())
    }

    /// Folds the journal's rows older than `before` (hub time), at most a portion: steps them
    /// through the engines they belong to, whose states become the base that a replay begins with.
    /// So a replay is exact however much is gone. Returns how many rows went; call again while it
    /// is not 0.
    ///
    /// # Errors
    /// When SQLite cannot; then nothing was folded.
    pub fn fold(&mut self, before: Time) -> Result<usize, StoreError> {
        self.catch_up()?;
        let reader = self.store.reader();
        let Some((upto, homes)) = reader.journal_before(before, FOLD_MAX)? else { return Ok(0) };
        let mut follower = self.follower()?;
        for home in &homes {
            match (reader.base(home)?, self.engines.get(home)) {
                (Some((seq, Some(state))), _) => follower.resume(home.clone(), seq, state),
                // A base that cannot be read gives way to how things stand.
                (Some((_, None)), Some(running)) => {
                    let state = running.engine.state().clone();
                    follower.resume(home.clone(), running.seq, state);
                }
                // The journal has this home from its beginning.
                (None, _) | (Some((_, None)), None) => {}
            }
        }
        reader.journal_part(0, upto, |row| {
            follower.follow(&row);
            Ok(())
        })?;
        let writing = self.store.write()?;
        // Cut first: on a full disk the states need the room.
        let cut = writing.cut_journal(upto)?;
        for (home, (engine, seq)) in &follower.engines {
            writing.save(Saved::Base, home, *seq, engine.state())?;
        }
        writing.commit()?;
        Ok(cut)
    }

    /// Makes room on a full disk: gives up the reserve, and folds the oldest part of the journal,
    /// whatever its age. Incidents, record and outbox are never touched.
    ///
    /// # Errors
    /// When even that cannot be done.
    pub fn make_room(&mut self, now: Time) -> Result<usize, StoreError> {
        self.store.give_up_reserve();
        let folded = self.fold(now)?;
        self.store.stop_growing()?;
        Ok(folded)
    }

    /// Sets the reserve aside again, once there is room.
    pub fn renew_reserve(&self) {
        self.store.reserve_room();
    }
}
