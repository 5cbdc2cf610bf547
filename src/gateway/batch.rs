//! One batch on its way to disk: every letter of it journalled, stepped, and written out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::device::Decoded;
use crate::domain::{
    DeedOnRecord, DeviceId, Happening, Home, HomeId, Incident, IncidentId, Input, Observation,
    Outcome, PassDeed, Property, Refusal, Span, Time,
};
use crate::engine::{Book, BookTexts, Effect, Engine};
use crate::inbox::{Answer, Arrival};
use crate::store::keep::Keep;
use crate::store::{StoreError, Writing};
use crate::wording::Wording;

use super::altered::{Hand, Registered};
use super::forget::is_forgotten;
use super::look::look;
use super::misread::Misreads;
use super::newcomers::Newcomers;
use super::strangers::Strangers;
use super::{Handled, InForce, Running, promise};

/// What a step closed: when in wall time, and how.
type Closed = BTreeMap<u32, (Time, Outcome)>;

/// One batch on its way to disk.
pub(super) struct Batch<'g> {
    pub(super) writing: Writing<'g>,
    /// As of the end of the batch, once it is on disk.
    pub(super) in_force: InForce,
    pub(super) engines: &'g mut BTreeMap<HomeId, Running>,
    pub(super) seq: &'g mut i64,
    pub(super) unsaved: &'g mut BTreeSet<(i64, HomeId)>,
    pub(super) strangers: &'g mut Strangers,
    pub(super) newcomers: &'g mut Newcomers,
    pub(super) misreads: &'g mut Misreads,
    pub(super) offset: Span,
    pub(super) now: Time,
    pub(super) handled: Handled,
    /// A home is forgotten, and not all of it is gone yet.
    pub(super) forgets: bool,
    pub(super) touched: BTreeSet<HomeId>,
}

/// What holds once a batch is on disk.
pub(super) struct Committed {
    pub(super) handled: Handled,
    /// Whose engines were stepped.
    pub(super) touched: BTreeSet<HomeId>,
    /// The clock's.
    pub(super) offset: Span,
    pub(super) in_force: InForce,
    pub(super) forgets: bool,
}

impl Batch<'_> {
    pub(super) fn arrive(&mut self, arrival: &Arrival) -> Result<Answer, StoreError> {
        match arrival {
            Arrival::Message { raw, decoded, keep, replaced } => {
                self.keep(keep)?;
                match decoded {
                    Decoded::Known { home, device, observations, problems } => {
                        if !problems.is_empty() {
                            let known = Some(format!("{home}/{device}"));
                            let why: Vec<&str> = problems.iter().map(|p| p.text.as_str()).collect();
                            self.strange(raw, known, &why, 1)?;
                        }
                        self.misread(home, device, problems, *replaced)?;
                        if observations.is_empty() && !problems.is_empty() {
                            // Rubbish does not prove that the device is alive.
                            return Ok(Answer::Done);
                        }
                        self.handled.observations += observations.len();
                        let (device, observations) = (device.clone(), observations.clone());
                        let retained = raw.retained;
                        self.take(home, &Input::Heard { device, observations, retained })
                    }
                    Decoded::Announced(announcement) => {
                        self.announce(announcement)?;
                        Ok(Answer::Done)
                    }
                    Decoded::Unknown { why } => {
                        self.strange(raw, None, &[why], u64::from(*replaced) + 1)?;
                        Ok(Answer::Unknown(why.clone()))
                    }
                }
            }
            Arrival::Input { home, input } => self.take(home, input),
            Arrival::Tap { name, home, input } => self.tap(name, home, input),
            Arrival::Sending(deliveries) => {
                self.writing.begin(deliveries)?;
                Ok(Answer::Done)
            }
            Arrival::Attempt { home, incident, k, report, again_in } => {
                let wall = self.now + self.offset;
                let (incident, k) = (*incident, *k);
                self.writing.attempted(home, incident, k, report, wall, *again_in)?;
                self.take(home, &Input::Delivery { incident, k, report: report.clone() })
            }
            Arrival::Register { homes, book, texts, wording, deeds } => {
                self.turn_to(book, texts, wording)?;
                self.register(homes, deeds).map(|()| Answer::Done)
            }
            Arrival::Keep(keep) => {
                self.keep(keep)?;
                Ok(Answer::Done)
            }
            Arrival::Deed(deed) => {
                self.writing.put_deed(deed, self.now + self.offset)?;
                Ok(Answer::Done)
            }
            Arrival::Passes(deeds) => self.passes(deeds),
            Arrival::Forget(wish) => self.forget(wish),
            Arrival::Look(home) => Ok(self.look(home)),
        }
    }

    /// Makes what somebody tapped, if it was not made before.
    fn tap(&mut self, name: &str, home: &HomeId, input: &Input) -> Result<Answer, StoreError> {
        if self.writing.has_tap(name)? {
            return Ok(Answer::Done);
        }
        let answer = self.take(home, input)?;
        // What was refused may be tried again.
        if answer == Answer::Done {
            self.writing.put_tap(name, self.now)?;
        }
        Ok(answer)
    }

    /// Changes what lets people in. Whoever shows a pass that is good no more changes nothing.
    fn passes(&self, deeds: &[PassDeed]) -> Result<Answer, StoreError> {
        for deed in deeds {
            if let PassDeed::End(digest) = deed
                && !self.writing.has_pass(digest, self.now)?
            {
                return Ok(Answer::Unknown("this pass is good no more".to_owned()));
            }
        }
        deeds.iter().try_for_each(|deed| self.writing.put_pass(deed, self.now))?;
        Ok(Answer::Done)
    }

    /// Puts it on disk. Returns what it led to, and what holds from now on.
    pub(super) fn commit(self) -> Result<Committed, StoreError> {
        let Self { writing, handled, touched, offset, in_force, forgets, .. } = self;
        writing.commit().map(|()| Committed { handled, touched, offset, in_force, forgets })
    }

    /// Another rule book is in force for every home that is registered from here on, and people are told in these words.
    /// The texts of the book go to disk with the first input that names it, so that a replay finds them.
    fn turn_to(
        &mut self,
        book: &Arc<Book>,
        texts: &BookTexts,
        wording: &Arc<Wording>,
    ) -> Result<(), StoreError> {
        let digest = texts.digest();
        self.writing.keep_book(&digest, &texts.rules, &texts.plans)?;
        let (book, wording) = (Arc::clone(book), Arc::clone(wording));
        self.in_force = InForce { book, digest: digest.into(), wording };
        Ok(())
    }

    fn keep(&self, keep: &[Keep]) -> Result<(), StoreError> {
        keep.iter().try_for_each(|keep| self.writing.keep(keep))
    }

    fn look(&self, home: &HomeId) -> Answer {
        let known = self.engines.get(home).and_then(|running| look(&running.engine));
        known.map_or_else(|| no_home(home), |look| Answer::Looked(Box::new(look)))
    }

    /// Tells every home that is not as `homes` say, or goes by another rule book. One that is no
    /// longer there keeps its people and loses its devices.
    pub(super) fn register(
        &mut self,
        homes: &[Arc<Home>],
        deeds: &[DeedOnRecord],
    ) -> Result<(), StoreError> {
        for deed in deeds {
            self.writing.put_in_full(deed, self.now + self.offset)?;
        }
        let mut changed = Vec::new();
        for home in homes {
            let engine = self.engines.get(&home.id).map(|r| &r.engine);
            let same = engine.is_some_and(|engine| {
                engine.home().is_some_and(|h| h == home) && engine.rules() == &*self.in_force.digest
            });
            if !same {
                changed.push(Arc::clone(home));
            }
        }
        let there: BTreeSet<&HomeId> = homes.iter().map(|h| &h.id).collect();
        for (id, running) in &*self.engines {
            let gone = !there.contains(id);
            if let Some(home) = running.engine.home().filter(|h| gone && !h.devices.is_empty()) {
                let devices = Vec::new();
                changed.push(Arc::new(Home { devices, ..(**home).clone() }));
            }
        }
        for home in changed {
            let (id, rules) = (home.id.clone(), self.in_force.digest.to_string());
            self.take(&id, &Input::Home { home, rules })?;
        }
        Ok(())
    }

    /// What of these homes, and of the rules, is not as it was known. A home that nobody knew moves in; one
    /// that lost its devices has gone already.
    pub(super) fn found_changed(&self, homes: &[Arc<Home>]) -> Vec<DeedOnRecord> {
        let known = self.engines.values().map(|running| &running.engine);
        let engine = known.clone().find(|engine| engine.home().is_some());
        let Some(rules) = engine.map(Engine::rules) else { return Vec::new() };
        let there: BTreeSet<&HomeId> = homes.iter().map(|home| &home.id).collect();
        let known = known.filter_map(|engine| engine.home()).map(|home| &**home);
        let known = known.filter(|home| there.contains(&home.id) || !home.devices.is_empty());
        let mut before = Registered::of(known, rules);
        let mut after = Registered::of(homes.iter().map(|home| &**home), &self.in_force.digest);
        before.book = engine.map(|engine| &**engine.book());
        after.book = Some(&self.in_force.book);
        let hand = Hand { by: "register.toml", why: "found at the start" };
        before.changed(&after, hand)
    }

    /// Journals one input, steps the engine, and writes what follows.
    pub(super) fn take(&mut self, home: &HomeId, input: &Input) -> Result<Answer, StoreError> {
        if !self.engines.contains_key(home) {
            if !matches!(input, Input::Home { .. }) {
                return Ok(no_home(home));
            }
            let engine = Engine::new(Arc::clone(&self.in_force.book));
            self.engines.insert(home.clone(), Running::new(engine, 0));
            if self.offset != Span::ZERO {
                // It moves in with the wall clock that all others go by.
                self.take(home, &Input::Clock { offset: self.offset })?;
            }
        }
        let Some(running) = self.engines.get_mut(home) else { return Ok(no_home(home)) };
        // Of a home that was forgotten nothing is kept again before somebody lives there.
        if is_forgotten(&running.engine)
            && !matches!(input, Input::Home { .. } | Input::Clock { .. })
        {
            return Ok(no_home(home));
        }
        self.writing.record(*self.seq + 1, self.now, home, input)?;
        *self.seq += 1;
        running.seq = *self.seq;
        if running.unsaved.is_none() {
            running.unsaved = Some(running.seq);
            self.unsaved.insert((running.seq, home.clone()));
        }
        let before = running.engine.incidents().clone();
        if let Input::Home { home: now, .. } = input {
            for old in running.engine.home().into_iter().flat_map(|home| &home.devices) {
                if now.device(&old.id).is_none_or(|new| !new.is_as(old)) {
                    self.writing.forget_walk(home, &old.id)?;
                }
            }
            running.engine.turn_to(Arc::clone(&self.in_force.book));
        }
        let effects = running.engine.step(self.now, input);
        if !self.touched.contains(home) {
            self.touched.insert(home.clone());
        }
        let stepped = matches!(input, Input::Clock { .. });
        if effects.is_empty() && before.is_empty() {
            return self.tell_area(home).map(|()| Answer::Done);
        }
        let (closed, refused) = self.follow(home, &effects)?;
        self.write_incidents(home, &before, stepped, &closed)?;
        self.handled.effects.extend(effects.into_iter().map(|e| (home.clone(), e)));
        self.tell_area(home)?;
        Ok(refused.map_or(Answer::Done, Answer::Refused))
    }

    /// A home that falls silent, or is heard again, is told to its grid; a grid's incident to all of
    /// its homes. Both are inputs like any other, in the same transaction.
    fn tell_area(&mut self, home: &HomeId) -> Result<(), StoreError> {
        let Some(running) = self.engines.get_mut(home) else { return Ok(()) };
        let Some(registered) = running.engine.home() else { return Ok(()) };
        let (grid, is_area) = (registered.grid.clone(), registered.is_area);
        if grid.is_none() && !is_area {
            return Ok(());
        }
        let silent = running.engine.is_silent();
        if std::mem::replace(&mut running.told_silent, silent) == silent {
            return Ok(());
        }
        let name = if is_area { Home::AREA } else { home.as_str() };
        let Ok(device) = name.parse::<DeviceId>() else { return Ok(()) };
        let observations = vec![Observation::flag(Property::Online, !silent)];
        let said = Input::Heard { device, observations, retained: false };
        let hears = |other: &Home| match &grid {
            Some(grid) => other.is_area && other.id.as_str() == grid.as_str(),
            None => other.grid.as_ref().is_some_and(|of| of.as_str() == home.as_str()),
        };
        let all = self.engines.values().filter_map(|running| running.engine.home());
        let others: Vec<HomeId> = all.filter(|h| hears(h)).map(|h| h.id.clone()).collect();
        others.iter().try_for_each(|other| self.take(other, &said).map(drop))
    }

    /// Writes the record and the outbox of a step. Returns what closed, and why a move was refused.
    fn follow(
        &mut self,
        home: &HomeId,
        effects: &[Effect],
    ) -> Result<(Closed, Option<Refusal>), StoreError> {
        let (mut closed, mut refused) = (Closed::new(), None);
        let Some(engine) = self.engines.get(home).map(|r| &r.engine) else {
            return Ok((closed, refused));
        };
        for effect in effects {
            let (n, entry, tell) = match effect {
                Effect::Refused { why, .. } => {
                    refused = Some(why.clone());
                    continue;
                }
                Effect::Walked { device, result } => {
                    self.writing.put_walk(home, device, result)?;
                    continue;
                }
                Effect::Story { incident, entry, tell, .. } => (*incident, entry, tell),
            };
            self.writing.put_entry(home, n, entry)?;
            let is_over = matches!(entry.what, Happening::Closed { .. });
            if is_over || answers(&entry.what) && !engine.still_wanted(n) {
                self.writing.supersede(home, n, is_over)?;
            }
            if let Happening::Closed { outcome, .. } = entry.what {
                closed.insert(n, (entry.at, outcome));
            }
            self.handled.changed.insert(IncidentId { home: home.clone(), n });
            let Some(incident) = engine.incidents().get(&n) else { continue };
            for tell in tell {
                let wall = self.now + engine.offset();
                let wording = &self.in_force.wording;
                if let Some(promise) =
                    promise::promise(wording, engine, incident, &entry.what, tell, wall)
                {
                    self.writing.post(&promise)?;
                    self.handled.posted = true;
                }
            }
        }
        Ok((closed, refused))
    }

    /// Writes every incident that is not as it was `before` the step; and all of them when the wall
    /// clock was stepped, because their rows are in wall time.
    fn write_incidents(
        &mut self,
        home: &HomeId,
        before: &BTreeMap<u32, Incident>,
        stepped: bool,
        closed: &Closed,
    ) -> Result<(), StoreError> {
        let Some(engine) = self.engines.get(home).map(|r| &r.engine) else { return Ok(()) };
        for (n, incident) in engine.incidents() {
            if stepped || before.get(n) != Some(incident) {
                let closed = closed.get(n).copied();
                self.writing.put_incident(home, incident, engine.offset(), closed)?;
                self.handled.changed.insert(IncidentId { home: home.clone(), n: *n });
            }
        }
        Ok(())
    }

    /// Ticks every engine that is due and has not been stepped in this batch already.
    pub(super) fn tick(&mut self, due: &[HomeId]) -> Result<(), StoreError> {
        for home in due {
            let wake = self.engines.get(home).and_then(|r| r.engine.wake());
            if wake.is_some_and(|wake| wake <= self.now) {
                self.take(home, &Input::Tick)?;
            }
        }
        Ok(())
    }
}

pub(super) fn no_home(home: &HomeId) -> Answer {
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
            | Happening::Joined { .. }
            | Happening::ReportedIn { .. }
    )
}
