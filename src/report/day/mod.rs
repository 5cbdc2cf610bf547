//! A day of the resident's: where she was, as far as it can be guessed, and what moved. It is made of the
//! journal by the same presence and situation as the engine's, so that it says of a past hour what was known then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::presence::Trail;
use crate::domain::walk::WalkAct;
use crate::domain::{
    Act, Customs, Device, DeviceId, Home, Input, Link, Observation, Place, Presence, Property,
    Said, Situation, Span, Time, Visit, Whereabouts,
};

/// The diary is read from so long before, so that it is known where the day finds her.
const BEFORE: Span = Span::hours(24);
/// What changes without a word, such as a sensor that has been silent for too long, shows so soon.
const STEP: Span = Span::minutes(1);
/// A hub tells of itself every hour; with nothing on record for longer than this it did not run.
const SILENT: Span = Span::minutes(90);

/// Where she was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stay {
    /// In bed.
    Bed,
    /// In a room of this kind, or in no other since.
    In(Place),
    /// At home, and no sensor tells in which room.
    Home,
    /// Out of the house, or said to be.
    Out,
    /// Nobody can tell.
    Unknown,
}

/// She was in one place for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// From when,
    pub from: Time,
    /// until when.
    pub to: Time,
    /// Where.
    pub is: Stay,
}

/// Somebody moved, once in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stir {
    /// When.
    pub at: Time,
    /// In which kind of room.
    pub place: Option<Place>,
    /// People who were called were there: it need not have been she.
    pub visited: bool,
}

/// The outer door moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// When.
    pub at: Time,
    /// Whether it was opened.
    pub opens: bool,
}

/// What is known of some time. All in hub time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// From when,
    pub from: Time,
    /// until when.
    pub to: Time,
    /// Where she was, without a gap, from the beginning up to the end or to now.
    pub stretches: Vec<Stretch>,
    /// When somebody moved.
    pub stirs: Vec<Stir>,
    /// When the outer door moved.
    pub doors: Vec<Door>,
    /// In which kinds of room a sensor was heard that sees somebody move: of others nothing is known.
    pub seen: BTreeSet<Place>,
    /// Whether the outer door was heard: else nobody knows whether she went out.
    pub has_door: bool,
}

/// Reads the journal, row by row, and follows the resident.
#[derive(Debug)]
pub struct Diary {
    home: Arc<Home>,
    customs: Option<Customs>,
    day: Day,
    situation: Situation,
    presence: Presence,
    /// Who is on the scene of which incident, since when.
    scenes: BTreeMap<u32, Time>,
    scene: Option<Visit>,
    /// Since when the hub listens, if it did not before.
    listening: Option<Time>,
    row: Option<Time>,
    looked: Time,
    is: Stay,
    since: Time,
}

impl Diary {
    /// Of a home as it is now, for the time between these in hub time.
    pub fn new(home: Arc<Home>, customs: Option<Customs>, (from, to): (Time, Time)) -> Self {
        let (stretches, stirs, doors) = (Vec::new(), Vec::new(), Vec::new());
        let (seen, has_door) = (BTreeSet::new(), false);
        Self {
            home,
            customs,
            day: Day { from, to, stretches, stirs, doors, seen, has_door },
            situation: Situation::default(),
            presence: Presence::default(),
            scenes: BTreeMap::new(),
            scene: None,
            listening: None,
            row: None,
            looked: from - BEFORE,
            is: Stay::Unknown,
            since: from - BEFORE,
        }
    }

    /// From when on it wants to read.
    pub fn wants(day: Time) -> Time {
        day - BEFORE
    }

    /// Takes note of a row of the journal, in order; `input` is what it says of this home, if it does.
    pub fn note(&mut self, at: Time, input: Option<&Input>) {
        if at < self.looked || self.day.to <= at {
            return;
        }
        if self.row.is_some_and(|row| row + SILENT < at) {
            self.lose_track();
            (self.listening, self.looked) = (Some(at), at);
        }
        self.go_on(at);
        self.row = Some(at);
        if let Some(input) = input {
            self.take(at, input);
            self.look(at);
        }
    }

    /// All that is known, up to `now` if that comes first.
    pub fn end(mut self, now: Time) -> Day {
        let end = now.min(self.day.to);
        // A hub that runs now has not missed anything since; of a day that is over nobody knows.
        if self.row.is_none_or(|row| row + SILENT < self.day.to) && self.day.to < now {
            self.lose_track();
        } else {
            self.go_on(end);
        }
        self.close(end);
        let home = Arc::clone(&self.home);
        let places = |property| {
            let heard = self.situation.facts(property);
            heard.filter_map(|(device, _)| home.device(device)?.place)
        };
        self.day.seen = places(Property::Motion).chain(places(Property::Presence)).collect();
        self.day.has_door = places(Property::Open).any(|place| place == Place::Hall);
        self.day
    }

    /// Nothing was on record since the latest row: the hub did not run.
    fn lose_track(&mut self) {
        let at = self.row.unwrap_or(self.looked);
        self.turn(Stay::Unknown, at);
    }

    fn go_on(&mut self, to: Time) {
        while self.looked + STEP < to {
            self.looked = self.looked + STEP;
            self.look(self.looked);
        }
        self.looked = to;
        self.pass(to);
    }

    /// Whatever falls due by itself.
    fn pass(&mut self, now: Time) {
        self.situation.clear_due(now);
        for device in self.situation.tests_done(now) {
            self.situation.end_walk(&device);
        }
        let Some(customs) = self.customs else { return };
        self.scenes.retain(|_, since| now < *since + customs.stays);
        Visit::go_on(&mut self.scene, !self.scenes.is_empty(), now);
        if self.presence.next(&customs).is_some_and(|due| due <= now) {
            let empty = self.situation.looks_empty(|device| self.sees(device, now));
            self.presence.pass(&customs, empty, now);
        }
    }

    fn take(&mut self, at: Time, input: &Input) {
        match input {
            Input::Heard { device, observations, retained } => {
                self.hear(at, device, observations, *retained);
            }
            Input::Said { by, what: Said::Away { lasts } } => {
                self.presence.go_away(by.clone(), at + *lasts);
            }
            Input::Said { what: Said::Back, .. } => self.presence.come_back(at),
            Input::Move { incident, act: Act::OnScene, .. } => {
                self.scenes.insert(*incident, at);
            }
            Input::Move {
                incident,
                act: Act::Resolve { .. } | Act::Return { .. } | Act::HandOver { .. },
                ..
            } => drop(self.scenes.remove(incident)),
            Input::Walk { device, by, act: WalkAct::Begin { steps, lasts } } => {
                self.situation.begin_walk(device, by.clone(), steps.clone(), *lasts, at);
            }
            Input::Walk { device, act: WalkAct::End, .. } => {
                drop(self.situation.end_walk(device));
            }
            Input::Home { home, .. } => self.home = Arc::clone(home),
            Input::Said { .. }
            | Input::Move { .. }
            | Input::Tick
            | Input::Delivery { .. }
            | Input::Clock { .. } => {}
        }
    }

    fn hear(&mut self, at: Time, device: &DeviceId, said: &[Observation], retained: bool) {
        let mounted = self.home.device(device);
        let (quiet, place) = (mounted.and_then(|d| d.quiet_after), mounted.and_then(|d| d.place));
        // What a broker says about a device's connection is not the device speaking.
        let spoke = said.is_empty() || said.iter().any(|o| o.property != Property::Online);
        if spoke && !retained {
            self.situation.heard(device, quiet, said, Span::ZERO, at);
        }
        for observation in said {
            let before = self.situation.fact(device, observation.property).map(|f| f.value);
            let is_news = self.situation.note(device, observation, retained, at);
            if !is_news || retained || self.situation.is_under_test(device) {
                continue;
            }
            let is_change = before.is_some_and(|before| before != observation.value);
            let Observation { property, value, .. } = *observation;
            if let Some(trail) = Trail::of(place, property, value, is_change) {
                self.follow(at, trail, is_change);
            }
        }
    }

    fn follow(&mut self, at: Time, trail: Trail, is_change: bool) {
        let Some(customs) = self.customs else { return };
        let visited = self.scene.is_some_and(|scene| scene.covers(at, &customs));
        self.presence.note(trail, visited, &customs, at);
        if at < self.day.from {
            return;
        }
        let place = match trail {
            Trail::Door(opens) => {
                self.day.doors.push(Door { at, opens });
                return;
            }
            Trail::Stir { place, .. } => place,
            Trail::Bed(_) if is_change => Some(Place::Bedroom),
            Trail::Bed(_) | Trail::Gone | Trail::Company => return,
        };
        let minute = |at: Time| at.0.div_euclid(STEP.0);
        let stir = Stir { at, place, visited };
        let lately = self.day.stirs.iter().rev().take_while(|s| minute(s.at) == minute(at));
        if !lately.clone().any(|s| s.place == place && s.visited == visited) {
            self.day.stirs.push(stir);
        }
    }

    /// Whether a device can be heard, and has spoken since the hub listens.
    fn sees(&self, device: &DeviceId, now: Time) -> bool {
        let Some(mounted) = self.home.device(device) else { return false };
        self.hears(mounted, now)
    }

    fn hears(&self, device: &Device, now: Time) -> bool {
        let sight = self.situation.sight(&device.id);
        let since_then = sight
            .and_then(|s| s.heard)
            .is_some_and(|heard| self.listening.is_none_or(|listening| listening <= heard));
        let (link, _) = Link::of(device, sight, self.listening, now);
        since_then && link == Link::Online && !self.situation.is_under_test(&device.id)
    }

    fn stay(&self, now: Time) -> Stay {
        let living = |property: Property| {
            let facts = self.situation.facts(property);
            facts.filter(|(device, _)| self.sees(device, now)).map(|(_, fact)| fact)
        };
        let tells = [Property::Motion, Property::Presence, Property::InBed, Property::Vibration];
        if !tells.into_iter().any(|property| living(property).next().is_some()) {
            return Stay::Unknown;
        }
        if self.presence.is_out() {
            return Stay::Out;
        }
        match (self.presence.whereabouts().0, self.presence.in_bed(), self.presence.place()) {
            (Whereabouts::Unknown, ..) => Stay::Unknown,
            (_, Some(_), _) if living(Property::InBed).any(|f| f.value.is_true()) => Stay::Bed,
            // Her bed has fallen silent while she lay in it.
            (_, Some(_), _) => Stay::Unknown,
            (_, None, Some((place, _))) => Stay::In(place),
            (_, None, None) => Stay::Home,
        }
    }

    fn look(&mut self, now: Time) {
        self.pass(now);
        let is = self.stay(now);
        // That she went out by the door shows only some time after.
        let (where_, since) = self.presence.whereabouts();
        let went = is == Stay::Out && self.is != Stay::Out && where_ == Whereabouts::Out;
        self.turn(is, if went { since } else { now });
    }

    fn turn(&mut self, is: Stay, at: Time) {
        if self.is == is {
            return;
        }
        if self.since < at {
            self.close(at);
        } else {
            while self.day.stretches.pop_if(|last| at <= last.from).is_some() {}
            if let Some(last) = self.day.stretches.last_mut() {
                last.to = last.to.min(at.max(self.day.from));
            }
        }
        (self.is, self.since) = (is, at);
    }

    fn close(&mut self, at: Time) {
        let (from, to) = (self.since.max(self.day.from), at.min(self.day.to));
        if to <= from {
            return;
        }
        match self.day.stretches.last_mut().filter(|last| last.is == self.is) {
            Some(last) => last.to = to,
            None => self.day.stretches.push(Stretch { from, to, is: self.is }),
        }
    }
}

#[cfg(test)]
mod tests;
