//! The only writer. It takes a batch of letters and, in one transaction, journals them, steps the
//! engines, and writes incidents, record and outbox; only when that is on disk do the receipts go
//! out (P1). A commit that fails acknowledges nothing, and the engines are rebuilt from disk.

mod altered;
mod batch;
mod forget;
mod look;
mod misread;
mod promise;
mod newcomers;
mod strangers;
mod follower;
mod recover;
mod relive;
mod saving;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::device::Misread;
use crate::domain::{DeviceId, Home, HomeId, IncidentId, Input, Span, Time};
use crate::engine::{Book, BookTexts, Effect, Engine};
use crate::inbox::{Answer, Letter};
use crate::store::forget::Forgetting;
use crate::store::{Store, StoreError};
use crate::wording::Wording;

pub use altered::{Hand, Registered};
use batch::{Batch, Committed};
pub use follower::Follower;
use misread::Misreads;
use newcomers::Newcomers;
pub use relive::{Ask, Passed, relive};
use strangers::Strangers;

/// All engines, and the store they are kept in.
#[derive(Debug)]
pub struct Gateway {
    store: Store,
    in_force: InForce,
    engines: BTreeMap<HomeId, Running>,
    /// When each engine wants to be woken; the earliest first.
    wakes: BTreeSet<(Time, HomeId)>,
    strangers: Strangers,
    newcomers: Newcomers,
    misreads: Misreads,
    /// The journal's last row.
    seq: i64,
    /// Whose state on disk is behind, by the first row that it lacks.
    unsaved: BTreeSet<(i64, HomeId)>,
    /// The engines have seen what the disk has not.
    is_ahead: bool,
    /// Wall time minus hub time, as of the latest clock input.
    offset: Span,
    /// The greatest hub time on disk.
    last: Option<Time>,
    /// Deletions that are on record and not complete.
    forgetting: Vec<Forgetting>,
}

/// The rule book that homes are registered by, and the texts by which people are told.
#[derive(Debug, Clone)]
struct InForce {
    book: Arc<Book>,
    /// Of its texts.
    digest: Arc<str>,
    wording: Arc<Wording>,
}

#[derive(Debug)]
struct Running {
    engine: Engine,
    wake: Option<Time>,
    /// The journal row of the latest input.
    seq: i64,
    /// The first row that the saved state lacks.
    unsaved: Option<i64>,
    /// Whether its grid was told that it is silent; of a grid, whether its homes were.
    told_silent: bool,
}

impl Running {
    fn new(engine: Engine, seq: i64) -> Self {
        let told_silent = engine.is_silent();
        Self { engine, wake: None, seq, unsaved: None, told_silent }
    }
}

/// What a batch led to, for the world to act on.
#[derive(Debug, Default)]
pub struct Handled {
    /// Effects in order, with their home; for the log.
    pub effects: Vec<(HomeId, Effect)>,
    /// Incidents that changed.
    pub changed: BTreeSet<IncidentId>,
    /// Whether the outbox has something new.
    pub posted: bool,
    /// How many letters were taken.
    pub letters: usize,
    /// How many observations were noted.
    pub observations: usize,
    /// How many messages came from nobody known, or were not understood.
    pub strange: u64,
    /// What could not be understood of whom, and how often.
    pub misread: BTreeMap<(HomeId, DeviceId, Misread), u64>,
}

impl Gateway {
    /// Opens the store and rebuilds every engine: its saved state, and the journal since.
    ///
    /// # Errors
    /// When the store cannot be opened or read.
    pub fn open(store: Store, book: Arc<Book>, texts: &BookTexts) -> Result<Self, StoreError> {
        let mut gateway = Self {
            store,
            in_force: InForce {
                book,
                digest: texts.digest().into(),
                wording: Arc::new(Wording::shipped()),
            },
            engines: BTreeMap::new(),
            wakes: BTreeSet::new(),
            strangers: Strangers::default(),
            newcomers: Newcomers::default(),
            misreads: Misreads::default(),
            seq: 0,
            unsaved: BTreeSet::new(),
            is_ahead: false,
            offset: Span::ZERO,
            last: None,
            forgetting: Vec::new(),
        };
        let writing = gateway.store.write()?;
        writing.keep_book(&gateway.in_force.digest, &texts.rules, &texts.plans)?;
        writing.commit()?;
        let is_lost = gateway.recover()?;
        gateway.make_up(is_lost)?;
        gateway.complete()?;
        Ok(gateway)
    }

    /// The same, which tells people in other words than the shipped ones.
    #[must_use]
    pub fn worded(self, wording: Arc<Wording>) -> Self {
        Self { in_force: InForce { wording, ..self.in_force }, ..self }
    }

    /// The greatest hub time on disk, and the clock's offset then; the clock goes on from here.
    pub const fn last(&self) -> Option<(Time, Span)> {
        match self.last {
            Some(last) => Some((last, self.offset)),
            None => None,
        }
    }

    /// Wall time minus hub time, as the engines were last told.
    pub const fn offset(&self) -> Span {
        self.offset
    }

    /// When to call [`Self::handle`] although nothing came in, in hub time.
    pub fn wake(&self) -> Option<Time> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// Registers these homes by the rule book in force. A home that is no longer there keeps
    /// its people and loses its devices, so that what is open there can still be closed. What is not
    /// as it was known is put on record: somebody has changed it by hand.
    ///
    /// # Errors
    /// Nothing was stored.
    pub fn register(&mut self, now: Time, homes: &[Arc<Home>]) -> Result<Handled, StoreError> {
        self.with_room(now, |batch| {
            let deeds = batch.found_changed(homes);
            batch.register(homes, &deeds)
        })
    }

    /// Tells every home that the wall clock now differs from hub time by `offset`.
    ///
    /// # Errors
    /// Nothing was stored, and nobody was told: call again.
    pub fn set_clock(&mut self, now: Time, offset: Span) -> Result<Handled, StoreError> {
        let by = Span(offset.0.saturating_sub(self.offset.0));
        let homes: Vec<HomeId> = self.engines.keys().cloned().collect();
        self.with_room(now, |batch| {
            batch.offset = offset;
            batch.writing.shift_deliveries(by)?;
            let tell = |home| batch.take(home, &Input::Clock { offset }).map(drop);
            homes.iter().try_for_each(tell)
        })
    }

    /// Runs `work` in one transaction, and once more if there was no room on the disk: what must be written at a start has
    /// nobody who could make room for it.
    fn with_room(
        &mut self,
        now: Time,
        work: impl Fn(&mut Batch<'_>) -> Result<(), StoreError>,
    ) -> Result<Handled, StoreError> {
        let done = self.in_one_transaction(now, &work);
        if done.as_ref().is_err_and(StoreError::is_full) && 0 < self.make_room(now)? {
            return self.in_one_transaction(now, &work);
        }
        done
    }

    /// Takes a batch of letters at `now` in hub time, and everything that has fallen due. Returns
    /// the answer to each letter, to be sent because all of it is on disk.
    ///
    /// # Errors
    /// Nothing was stored; the letters may be handed in again.
    pub fn handle(
        &mut self,
        now: Time,
        letters: &[Letter],
    ) -> Result<(Handled, Vec<Answer>), StoreError> {
        let mut answers = Vec::with_capacity(letters.len());
        let handled = self.in_one_transaction(now, |batch| {
            batch.handled.letters = letters.len();
            for letter in letters {
                answers.push(batch.arrive(&letter.arrival)?);
            }
            Ok(())
        })?;
        Ok((handled, answers))
    }

    /// Runs `work` and all that has fallen due, commits, and brings the wake-ups up to date. When
    /// anything fails, the engines have seen what the disk has not: they are rebuilt.
    fn in_one_transaction(
        &mut self,
        now: Time,
        work: impl FnOnce(&mut Batch<'_>) -> Result<(), StoreError>,
    ) -> Result<Handled, StoreError> {
        self.catch_up()?;
        let due: Vec<HomeId> =
            self.wakes.iter().take_while(|(at, _)| *at <= now).map(|(_, h)| h.clone()).collect();
        let mut batch = Batch {
            writing: self.store.write()?,
            in_force: self.in_force.clone(),
            engines: &mut self.engines,
            seq: &mut self.seq,
            unsaved: &mut self.unsaved,
            strangers: &mut self.strangers,
            newcomers: &mut self.newcomers,
            misreads: &mut self.misreads,
            offset: self.offset,
            now,
            handled: Handled::default(),
            forgets: false,
            touched: BTreeSet::new(),
        };
        self.is_ahead = true;
        let done = work(&mut batch)
            .and_then(|()| batch.tick(&due))
            .and_then(|()| batch.save_old())
            .and_then(|()| batch.commit());
        match done {
            Ok(Committed { handled, touched, offset, in_force, forgets }) => {
                self.is_ahead = false;
                (self.offset, self.in_force) = (offset, in_force);
                if !touched.is_empty() {
                    self.last = self.last.max(Some(now));
                }
                touched.iter().for_each(|home| self.set_wake(home));
                if forgets {
                    self.forgetting = self.store.reader().forgetting()?;
                }
                Ok(handled)
            }
            Err(error) => {
                self.catch_up()?;
                Err(error)
            }
        }
    }

    /// Rebuilds the engines, should they be ahead of the disk. Nothing may be done before.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        if self.is_ahead {
            self.recover()?;
            self.is_ahead = false;
        }
        Ok(())
    }

    fn set_wake(&mut self, home: &HomeId) {
        let Some(running) = self.engines.get_mut(home) else { return };
        let wake = running.engine.wake();
        if wake == running.wake {
            return;
        }
        if let Some(old) = running.wake.take() {
            self.wakes.remove(&(old, home.clone()));
        }
        if let Some(at) = wake {
            self.wakes.insert((at, home.clone()));
        }
        running.wake = wake;
    }

    /// Open incidents without a deadline, over all homes (P3). There must be none.
    pub fn forgotten(&self) -> Vec<IncidentId> {
        let all = self.engines.iter();
        let of = |(home, r): (&HomeId, &Running)| {
            let home = home.clone();
            let name = move |n| IncidentId { home: home.clone(), n };
            r.engine.forgotten().into_iter().map(name).collect::<Vec<_>>()
        };
        all.flat_map(of).collect()
    }

    /// Forgets incidents closed before `before` in wall time, with their record.
    ///
    /// # Errors
    /// When SQLite cannot; then nothing was forgotten.
    pub fn forget(&mut self, before: Time) -> Result<(), StoreError> {
        let wall = self.last.map_or(before, |last| last + self.offset);
        let writing = self.store.write()?;
        writing.forget_incidents(before, wall)?;
        writing.commit()
    }

    /// Forgets who saw, took away or changed what before `before`, in wall time.
    ///
    /// # Errors
    /// When SQLite cannot; then nothing was forgotten.
    pub fn forget_deeds(&mut self, before: Time) -> Result<(), StoreError> {
        let writing = self.store.write()?;
        writing.forget_deeds(before)?;
        writing.commit()
    }
}
