//! The only writer. It takes a batch of letters and, in one transaction, journals them, steps the
//! engines, and writes incidents, record and outbox; only when that is on disk do the receipts go
//! out (P1). A commit that fails acknowledges nothing, and the engines are rebuilt from disk.

mod recover;
mod promise;
mod strangers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::device::Decoded;
use crate::domain::{Happening, Home, HomeId, IncidentId, Input, Outcome, Refusal, Span, Time};
use crate::engine::{Book, BookTexts, Effect, Engine};
use crate::inbox::{Answer, Arrival, Letter, Look};
use crate::store::keep::Keep;
use crate::store::states::Saved;
use crate::store::{Store, StoreError, Writing};

pub use recover::Follower;
use strangers::Strangers;

/// An engine's state is saved after so many inputs: recovery replays at most these.
const SAVE_AFTER: u32 = 4096;

/// All engines, and the store they are kept in.
#[derive(Debug)]
pub struct Gateway {
    store: Store,
    book: Arc<Book>,
    digest: String,
    engines: BTreeMap<HomeId, Running>,
    /// When each engine wants to be woken; the earliest first.
    wakes: BTreeSet<(Time, HomeId)>,
    strangers: Strangers,
    /// Wall time minus hub time, as of the latest clock input.
    offset: Span,
    /// The greatest hub time on disk.
    last: Option<Time>,
}

#[derive(Debug)]
struct Running {
    engine: Engine,
    wake: Option<Time>,
    /// The journal row of the latest input.
    seq: i64,
    unsaved: u32,
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
}

/// One batch on its way to disk.
struct Batch<'g> {
    writing: Writing<'g>,
    book: &'g Arc<Book>,
    engines: &'g mut BTreeMap<HomeId, Running>,
    strangers: &'g mut Strangers,
    offset: Span,
    now: Time,
    handled: Handled,
    touched: BTreeSet<HomeId>,
}

impl Gateway {
    /// Opens the store and rebuilds every engine: its saved state, and the journal since.
    ///
    /// # Errors
    /// When the store cannot be opened or read.
    pub fn open(store: Store, book: Arc<Book>, texts: &BookTexts) -> Result<Self, StoreError> {
        let strangers = Strangers::new(store.reader().strangers()?);
        let mut gateway = Self {
            store,
            book,
            digest: texts.digest(),
            engines: BTreeMap::new(),
            wakes: BTreeSet::new(),
            strangers,
            offset: Span::ZERO,
            last: None,
        };
        let writing = gateway.store.write()?;
        writing.keep_book(&gateway.digest, &texts.rules, &texts.plans)?;
        writing.commit()?;
        gateway.recover()?;
        Ok(gateway)
    }

    /// The greatest hub time on disk, and the clock's offset then; the clock goes on from here.
    pub const fn last(&self) -> Option<(Time, Span)> {
        match self.last {
            Some(last) => Some((last, self.offset)),
            None => None,
        }
    }

    /// When to call [`Self::handle`] although nothing came in, in hub time.
    pub fn wake(&self) -> Option<Time> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// Registers these homes and puts the rule book in force. A home that is no longer there keeps
    /// its people and loses its devices, so that what is open there can still be closed.
    ///
    /// # Errors
    /// Nothing was stored.
    pub fn register(&mut self, now: Time, homes: &[Arc<Home>]) -> Result<Handled, StoreError> {
        let mut inputs = Vec::new();
        for home in homes {
            let running = self.engines.get(&home.id).map(|r| &r.engine);
            let same = running.is_some_and(|engine| {
                engine.home().is_some_and(|h| h == home) && engine.rules() == self.digest
            });
            if !same {
                inputs.push(Arc::clone(home));
            }
        }
        for (id, running) in &self.engines {
            let gone = !homes.iter().any(|h| h.id == *id);
            if let Some(home) = running.engine.home().filter(|h| gone && !h.devices.is_empty()) {
                let devices = Vec::new();
                inputs.push(Arc::new(Home { devices, ..(**home).clone() }));
            }
        }
        let rules = self.digest.clone();
        let input = |home: Arc<Home>| (home.id.clone(), Input::Home { home, rules: rules.clone() });
        self.handle_inputs(now, inputs.into_iter().map(input).collect())
    }

    /// Tells every home that the wall clock now differs from hub time by `offset`.
    ///
    /// # Errors
    /// Nothing was stored.
    pub fn set_clock(&mut self, now: Time, offset: Span) -> Result<Handled, StoreError> {
        self.offset = offset;
        let homes = self.engines.keys().cloned();
        self.handle_inputs(now, homes.map(|home| (home, Input::Clock { offset })).collect())
    }

    fn handle_inputs(
        &mut self,
        now: Time,
        inputs: Vec<(HomeId, Input)>,
    ) -> Result<Handled, StoreError> {
        self.in_one_transaction(now, |batch| {
            inputs.iter().try_for_each(|(home, input)| batch.take(home, input).map(drop))
        })
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
        let due: Vec<HomeId> =
            self.wakes.iter().take_while(|(at, _)| *at <= now).map(|(_, h)| h.clone()).collect();
        let done = {
            let mut batch = Batch {
                writing: self.store.write()?,
                book: &self.book,
                engines: &mut self.engines,
                strangers: &mut self.strangers,
                offset: self.offset,
                now,
                handled: Handled::default(),
                touched: BTreeSet::new(),
            };
            work(&mut batch)
                .and_then(|()| batch.tick(&due))
                .and_then(|()| batch.save_busy())
                .and_then(|()| {
                    let Batch { writing, handled, touched, .. } = batch;
                    writing.commit().map(|()| (handled, touched))
                })
        };
        match done {
            Ok((handled, touched)) => {
                self.last = self.last.max(Some(now));
                touched.iter().for_each(|home| self.set_wake(home));
                Ok(handled)
            }
            Err(error) => {
                self.recover()?;
                Err(error)
            }
        }
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

    /// Saves every state, so that the next start replays nothing.
    ///
    /// # Errors
    /// When SQLite cannot; the journal still has everything.
    pub fn save(&mut self) -> Result<(), StoreError> {
        let writing = self.store.write()?;
        for (home, running) in self.engines.iter_mut().filter(|(_, r)| 0 < r.unsaved) {
            writing.save(Saved::Latest, home, running.seq, running.engine.state())?;
        }
        writing.commit()?;
        self.engines.values_mut().for_each(|r| r.unsaved = 0);
        Ok(())
    }

    /// Forgets incidents closed before `before` in wall time, with their record.
    ///
    /// # Errors
    /// When SQLite cannot; then nothing was forgotten.
    pub fn forget(&mut self, before: Time) -> Result<(), StoreError> {
        let writing = self.store.write()?;
        writing.forget_incidents(before)?;
        writing.commit()
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

impl Batch<'_> {
    fn arrive(&mut self, arrival: &Arrival) -> Result<Answer, StoreError> {
        match arrival {
            Arrival::Message { raw, decoded, keep } => {
                self.keep(keep)?;
                match decoded {
                    Decoded::Known { home, device, observations, problems } => {
                        if !problems.is_empty() {
                            let known = Some(format!("{home}/{device}"));
                            self.strange(raw, known, problems.clone())?;
                        }
                        if observations.is_empty() && !problems.is_empty() {
                            // Rubbish does not prove that the device is alive.
                            return Ok(Answer::Done);
                        }
                        self.handled.observations += observations.len();
                        let (device, observations) = (device.clone(), observations.clone());
                        let retained = raw.retained;
                        self.take(home, &Input::Heard { device, observations, retained })
                    }
                    Decoded::Unknown { why } => {
                        self.strange(raw, None, vec![why.clone()])?;
                        Ok(Answer::Unknown(why.clone()))
                    }
                }
            }
            Arrival::Input { home, input } => self.take(home, input),
            Arrival::Attempt { home, incident, k, report, again_in } => {
                let wall = self.now + self.offset;
                let (incident, k) = (*incident, *k);
                self.writing.attempted(home, incident, k, report, wall, *again_in)?;
                self.take(home, &Input::Delivery { incident, k, report: report.clone() })
            }
            Arrival::Keep(keep) => {
                self.keep(keep)?;
                Ok(Answer::Done)
            }
            Arrival::Look(home) => Ok(self.look(home)),
        }
    }

    fn keep(&self, keep: &[Keep]) -> Result<(), StoreError> {
        keep.iter().try_for_each(|keep| self.writing.keep(keep))
    }

    fn look(&self, home: &HomeId) -> Answer {
        let engine = self.engines.get(home).map(|r| &r.engine);
        match engine.and_then(|e| Some((e, e.home()?))) {
            Some((engine, home)) => Answer::Looked(Box::new(Look {
                home: Arc::clone(home),
                situation: engine.situation().clone(),
                now: engine.now(),
                offset: engine.offset(),
            })),
            None => no_home(home),
        }
    }

    /// Journals one input, steps the engine, and writes what follows.
    fn take(&mut self, home: &HomeId, input: &Input) -> Result<Answer, StoreError> {
        if !self.engines.contains_key(home) {
            if !matches!(input, Input::Home { .. }) {
                return Ok(no_home(home));
            }
            let engine = Engine::new(Arc::clone(self.book));
            // Saved with this very batch: every home has a state to go on from.
            let running = Running { engine, wake: None, seq: 0, unsaved: SAVE_AFTER };
            self.engines.insert(home.clone(), running);
        }
        let Some(running) = self.engines.get_mut(home) else { return Ok(Answer::Done) };
        running.seq = self.writing.record(self.now, home, input)?;
        running.unsaved += 1;
        if matches!(input, Input::Home { .. }) {
            running.engine.turn_to(Arc::clone(self.book));
        }
        let effects = running.engine.step(self.now, input);
        if !self.touched.contains(home) {
            self.touched.insert(home.clone());
        }
        let refused = self.follow(home, effects)?;
        Ok(refused.map_or(Answer::Done, Answer::Refused))
    }

    /// Writes what a step led to. Returns why a move was refused, if it was.
    fn follow(
        &mut self,
        home: &HomeId,
        effects: Vec<Effect>,
    ) -> Result<Option<Refusal>, StoreError> {
        let Some(running) = self.engines.get(home) else { return Ok(None) };
        let engine = &running.engine;
        let offset = engine.offset();
        let mut refused = None;
        let mut closed: BTreeMap<u32, (Time, Outcome)> = BTreeMap::new();
        let mut changed = BTreeSet::new();
        for effect in &effects {
            match effect {
                Effect::Refused { why, .. } => refused = Some(why.clone()),
                Effect::Story { incident: n, entry, tell, .. } => {
                    self.writing.put_entry(home, *n, entry)?;
                    if answers(&entry.what) {
                        self.writing.supersede(home, *n)?;
                    }
                    if let Happening::Closed { outcome, .. } = entry.what {
                        closed.insert(*n, (entry.at, outcome));
                    }
                    changed.insert(*n);
                    let Some(incident) = engine.incidents().get(n) else { continue };
                    for tell in tell {
                        let promise = promise::promise(engine, incident, tell, self.now + offset);
                        if let Some(promise) = promise {
                            self.writing.post(&promise)?;
                            self.handled.posted = true;
                        }
                    }
                }
            }
        }
        for n in changed {
            if let Some(incident) = engine.incidents().get(&n) {
                self.writing.put_incident(home, incident, offset, closed.get(&n).copied())?;
            }
            self.handled.changed.insert(IncidentId { home: home.clone(), n });
        }
        self.handled.effects.extend(effects.into_iter().map(|e| (home.clone(), e)));
        Ok(refused)
    }

    /// Ticks every engine that is due and has not been stepped in this batch already.
    fn tick(&mut self, due: &[HomeId]) -> Result<(), StoreError> {
        for home in due {
            let wake = self.engines.get(home).and_then(|r| r.engine.wake());
            if wake.is_some_and(|wake| wake <= self.now) {
                self.take(home, &Input::Tick)?;
            }
        }
        Ok(())
    }

    /// Saves the states of engines that took many inputs.
    fn save_busy(&mut self) -> Result<(), StoreError> {
        for home in &self.touched {
            let Some(running) = self.engines.get_mut(home) else { continue };
            if SAVE_AFTER <= running.unsaved {
                self.writing.save(Saved::Latest, home, running.seq, running.engine.state())?;
                running.unsaved = 0;
            }
        }
        Ok(())
    }
}

fn no_home(home: &HomeId) -> Answer {
    Answer::Unknown(format!("there is no home `{home}`"))
}

/// Whether this means that nobody more need be told: a person has answered, or it is over.
const fn answers(what: &Happening) -> bool {
    matches!(
        what,
        Happening::Accepted { .. }
            | Happening::EnRoute { .. }
            | Happening::OnScene { .. }
            | Happening::Resolved { .. }
            | Happening::Cancelled { .. }
            | Happening::Closed { .. }
    )
}
