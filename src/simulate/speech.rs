//! What the devices of the flat say of all that: as such devices do, with what they miss, repeat and
//! make up.

use crate::domain::{Input, Observation, Place, Property, Said, Span, Time};

use super::flat::Sense;
use super::mishap::of_device;
use super::walk::Mode;
use super::{Harm, Life, Mishap, is, measures};

/// How long after its last sign a motion sensor says that nobody moves.
const MOTION_CLEARS: Span = Span::seconds(90);
/// A motion sensor that has seen somebody sees nobody for so long.
const MOTION_BLIND: Span = Span::seconds(60);
/// So many movements in a hundred are not seen.
const MISSED: i64 = 8;
/// So many messages in a hundred come twice.
const TWICE: i64 = 1;
/// In a thousand pieces of life, so many begin with a device out of reach for minutes.
const LOSSES: i64 = 1;
/// In a hundred absences of three hours, so many in which a sensor sees somebody who is not there.
const GHOSTS: i64 = 4;
/// A battery of which no more is left is to be changed; what is left is told to the per cent.
const EMPTY: f64 = 15.0;
/// What is seen so soon after the door may be whoever leaves by it.
const SETTLES: Span = Span::seconds(20);
/// How warm it is by the month, from winter (0) to summer (1), in per cent.
const SEASON: [i32; 12] = [0, 0, 10, 35, 60, 85, 100, 100, 70, 40, 15, 0];

/// Of so many nights away in a hundred somebody says so before.
const SAID_BEFORE: i64 = 70;
/// Out for longer than this is a night away.
const NIGHT_AWAY: Span = Span::hours(18);

impl Life {
    /// Of most nights away somebody says so before.
    pub(super) fn say_before(&mut self, back: Time) {
        let lasts = back - self.clock;
        let Some(by) = self.family.clone() else { return };
        if NIGHT_AWAY < lasts && self.dice.percent(SAID_BEFORE) {
            let what = Said::Away { lasts: Span(lasts.0 + Span::hours(3).0) };
            self.nth += 1;
            self.said.insert((self.clock, self.nth), Input::Said { by, what });
        }
    }

    /// A device says this; of one that is out of reach nothing arrives.
    pub(super) fn say(&mut self, ix: usize, at: Time, observations: Vec<Observation>) {
        let Some(thing) = self.flat.things.get(ix) else { return };
        if at < thing.lost {
            return;
        }
        let device = thing.id.clone();
        let said = Input::Heard { device, observations, retained: false };
        if self.dice.percent(TWICE) {
            self.nth += 1;
            self.said.insert((at, self.nth), said.clone());
        }
        self.nth += 1;
        self.said.insert((at, self.nth), said);
    }

    /// The first device of this kind says this.
    pub(super) fn any_says(&mut self, sense: Sense, at: Time, observations: Vec<Observation>) {
        if let Some(ix) = self.flat.any(sense) {
            self.say(ix, at, observations);
        }
    }

    /// A flag of a device changes, and is repeated from then on.
    pub(super) fn flag(&mut self, ix: usize, at: Time, value: bool) {
        let Some(thing) = self.flat.things.get_mut(ix) else { return };
        let Some(property) = thing.sense.flag() else { return };
        if thing.flag != value {
            thing.flag = value;
            self.say(ix, at, vec![is(property, value)]);
        }
    }

    /// Somebody moves there.
    pub(super) fn moves(&mut self, place: Place, at: Time) {
        let Some(ix) = self.flat.at(Sense::Motion, place) else { return };
        let Some(thing) = self.flat.things.get_mut(ix) else { return };
        if at < thing.moved + MOTION_BLIND || self.dice.percent(MISSED) {
            return;
        }
        thing.moved = at;
        self.seen = at;
        let seen = Observation { clears_after: Some(MOTION_CLEARS), ..is(Property::Motion, true) };
        self.say(ix, at, vec![seen]);
    }

    /// She goes to another room, past whatever is on the way.
    pub(super) fn enter(&mut self, place: Place, at: Time) {
        if self.place == Some(place) {
            return;
        }
        let was = self.place.replace(place);
        if was.is_some() && self.dice.percent(60) {
            self.moves(Place::Hall, at);
        }
        self.radars(was, at + Span::seconds(2), false);
        self.radars(Some(place), at + Span::seconds(1), true);
        self.moves(place, at + Span::seconds(4));
    }

    /// She is out: nobody is anywhere.
    pub(super) fn nowhere(&mut self, at: Time) {
        let was = self.place.take();
        self.radars(was, at, false);
    }

    fn radars(&mut self, place: Option<Place>, at: Time, there: bool) {
        let Some(place) = place else { return };
        for sense in [Sense::Radar, Sense::Fall] {
            let Some(ix) = self.flat.at(sense, place) else { continue };
            // A radar takes some time to be sure that nobody is there any more.
            let at = if there { at } else { at + self.dice.seconds(5, 40) };
            self.flag(ix, at, there);
            if there {
                self.seen = at;
            }
        }
    }

    /// Whether nothing has seen her since the door was shut, and nothing sees her now.
    pub(super) fn is_unseen(&self) -> bool {
        let at = |sense| self.place.and_then(|place| self.flat.at(sense, place));
        let in_sight = at(Sense::Radar).or(at(Sense::Fall)).is_some();
        !in_sight && self.seen <= self.shut + SETTLES
    }

    pub(super) fn targets(&mut self, at: Time, people: f64) {
        self.any_says(Sense::Radar, at, vec![measures(Property::Targets, people)]);
    }

    /// She goes through the door, or a guest does.
    pub(super) fn door(&mut self, at: Time) {
        self.shut = self.passes(at);
    }

    /// Somebody goes through the door. Returns when it shuts behind them.
    pub(super) fn passes(&mut self, at: Time) -> Time {
        let shuts = at + self.dice.seconds(5, 20);
        self.any_says(Sense::Door, at, vec![is(Property::Open, true)]);
        self.any_says(Sense::Door, shuts, vec![is(Property::Open, false)]);
        self.moves(Place::Hall, at + Span::seconds(4));
        shuts
    }

    pub(super) fn lie_in_bed(&mut self, yes: bool, at: Time) {
        if let Some(ix) = self.flat.any(Sense::Bed) {
            self.flag(ix, at, yes);
        }
        self.next_vitals = self.next_vitals.max(at + Span::minutes(2));
        self.moves(Place::Bedroom, at + Span::seconds(1));
    }

    /// The night's small signs: she turns, and the pad loses her for a moment.
    pub(super) fn turn_in_bed(&mut self, now: Time, to: Time) {
        if self.dice.percent(40) {
            let at = self.dice.within(now, to);
            self.moves(Place::Bedroom, at);
        }
        if let Some(ix) = self.flat.any(Sense::Bed).filter(|_| self.dice.percent(4)) {
            let at = self.dice.within(now, to);
            let back = at + self.dice.seconds(10, 60);
            if back < to {
                self.say(ix, at, vec![is(Property::InBed, false)]);
                self.say(ix, back, vec![is(Property::InBed, true)]);
            }
        }
    }

    /// Heart and breath of who lies in bed.
    pub(super) fn breathe(&mut self, now: Time, to: Time) {
        let bed = if self.dense { self.flat.any(Sense::Bed) } else { None };
        let Some(ix) = self.flat.any(Sense::Pulse).or(bed) else { return };
        let mut at = self.next_vitals.max(now);
        while at < to {
            let ill = if self.is_ill() { 9 } else { 0 };
            let pulse = self.who.pulse + ill;
            let (pulse, breath) = if self.is_troubled(Harm::FastHeart) {
                (self.dice.number(136, 158), self.dice.number(22, 26))
            } else {
                let breath = self.who.breath + ill / 4;
                (self.dice.number(pulse - 4, pulse + 8), self.dice.number(breath - 1, breath + 2))
            };
            let heart = measures(Property::HeartRate, pulse);
            self.say(ix, at, vec![heart, measures(Property::RespiratoryRate, breath)]);
            at = at + self.vitals;
        }
        self.next_vitals = at;
    }

    /// What devices say of themselves every hour or so.
    pub(super) fn hum(&mut self, from: Time, to: Time) {
        if self.trouble.is_none() && self.dice.permille(LOSSES) {
            self.lose_one(from);
        }
        for ix in 0..self.flat.things.len() {
            while let Some(at) = self.flat.things.get(ix).map(|t| t.next_hum).filter(|at| *at < to)
            {
                self.hum_once(ix, at);
            }
        }
        if self.dense && from < to {
            self.dense_room(from, to);
        }
    }

    fn hum_once(&mut self, ix: usize, at: Time) {
        let hum = self.flat.things.get(ix).map_or(Span::hours(1), |t| t.hum);
        let pause = self.dice.share(hum, 92, 108).max(Span::seconds(10));
        let mut said = vec![measures(Property::LinkQuality, self.dice.number(60, 180).round())];
        let sense = self.flat.things.get(ix).map_or(Sense::Other, |t| t.sense);
        let climate = if sense == Sense::Climate { self.room() } else { 0.0 };
        let (water, power) = (self.water.round(), self.power);
        let Some(thing) = self.flat.things.get_mut(ix) else { return };
        thing.next_hum = at + pause;
        if thing.quiet_after.is_none() {
            return;
        }
        if let Some(property) = thing.sense.flag() {
            said.push(is(property, thing.flag));
        }
        if thing.sense == Sense::Climate {
            thing.next_hum = at + Span(pause.0 / 2);
            said.push(measures(Property::Temperature, climate));
        }
        if thing.sense == Sense::Meter {
            said.push(measures(Property::Water, water));
        }
        if thing.sense == Sense::Stove {
            said.push(measures(Property::Power, power));
        }
        let mut empty = false;
        if let Some((left, a_day)) = thing.battery.as_mut().filter(|_| thing.lost <= at) {
            let before = left.floor();
            *left = (*left - *a_day / 24.0 * minutes(pause) / 60.0).max(1.0);
            empty = left.floor() < EMPTY && EMPTY <= before;
            said.push(measures(Property::Battery, left.floor()));
        }
        let device = thing.id.clone();
        if empty {
            let paths = of_device(&self.flat, Harm::BatteryLow, Span::minutes(70));
            let (since, place, device) = (at, None, Some(device));
            let (harm, end) = (Harm::BatteryLow, None);
            self.mishaps.push(Mishap { harm, at, since, place, device, paths, end });
        }
        self.say(ix, at, said);
    }

    fn dense_room(&mut self, from: Time, to: Time) {
        let Some(ix) = self.flat.any(Sense::Fall) else { return };
        let whole = |at: Time| Time(at.0 / 60_000 * 60_000);
        let mut at = whole(from) + Span::seconds(67);
        while at < to {
            if from <= at {
                let light = measures(Property::Illuminance, self.dice.number(0, 400));
                let room = measures(Property::Temperature, self.room());
                self.say(ix, at, vec![room, light]);
            }
            at = at + Span::minutes(1);
        }
    }

    /// How warm it is, in tenths.
    fn room(&mut self) -> f64 {
        let month = usize::try_from(self.date().month() - 1).unwrap_or(0);
        let share = f64::from(SEASON.get(month).copied().unwrap_or(0)) / 100.0;
        let winter = f64::from(self.who.warmth);
        let warm = winter + (27.0 - winter) * share + self.dice.number(0, 1) - 0.5 + self.warmer;
        (warm * 10.0).round() / 10.0
    }

    /// One device is out of reach for some minutes: shorter than anybody would mind.
    fn lose_one(&mut self, now: Time) {
        let last = i64::try_from(self.flat.things.len()).unwrap_or(0) - 1;
        let ix = usize::try_from(self.dice.between(0, last)).unwrap_or(0);
        let back = now + self.dice.minutes(2, 50);
        if let Some(thing) = self.flat.things.get_mut(ix) {
            thing.lost = thing.lost.max(back);
        }
    }

    /// A sensor sees somebody in the empty flat: the sun, a curtain, a fly.
    pub(super) fn ghosts(&mut self, now: Time, to: Time) {
        let quiet = self.trouble.is_none() && now + Span::minutes(20) < to;
        if quiet && self.dice.percent(GHOSTS) {
            let at = self.dice.within(now + Span::minutes(10), to);
            let place = self.dice.one_of(Place::ALL).copied().unwrap_or(Place::Living);
            self.moves(place, at);
        }
    }

    /// The morning's cuff, thermometer and oximeter; not every morning.
    pub(super) fn measure(&mut self) {
        let now = self.clock;
        let (upper, ill) = (self.who.systolic, self.is_ill());
        if self.dice.percent(70) {
            let upper = self.dice.number(upper - 8, upper + 10).round();
            let lower = self.dice.number(68, 86).round();
            let heart = measures(Property::HeartRate, self.dice.number(62, 84).round());
            let said = vec![
                measures(Property::Systolic, upper),
                measures(Property::Diastolic, lower),
                heart,
            ];
            self.any_says(Sense::Cuff, now + Span::minutes(2), said);
        }
        if ill || self.dice.percent(10) {
            let warm = if ill { self.dice.number(37, 38) - 0.2 } else { 36.5 };
            self.thermometer(now + Span::minutes(4), (warm * 10.0).round() / 10.0);
        }
        if ill || self.dice.percent(30) {
            self.oximeter(now + Span::minutes(6), 94, 98);
        }
    }

    pub(super) fn thermometer(&mut self, at: Time, warm: f64) {
        self.any_says(Sense::Thermometer, at, vec![measures(Property::BodyTemperature, warm)]);
    }

    /// On the finger for some minutes.
    pub(super) fn oximeter(&mut self, at: Time, from: i32, to: i32) {
        for nth in 0..12 {
            let said = measures(Property::Spo2, self.dice.number(from, to).round());
            self.any_says(Sense::Oximeter, at + Span::seconds(20 * nth), vec![said]);
        }
    }

    /// So many litres a minute, for a while.
    pub(super) fn use_water(&mut self, at: Time, lasts: Span, flow: f64) {
        if self.flat.has(Sense::Meter) {
            self.any_says(Sense::Meter, at, vec![measures(Property::WaterFlow, flow)]);
            self.water += flow * minutes(lasts);
            let total = measures(Property::Water, self.water.round());
            let end = vec![total, measures(Property::WaterFlow, 0.0)];
            self.any_says(Sense::Meter, at + lasts, end);
        }
    }

    pub(super) fn stove(&mut self, power: f64) {
        self.power = power;
        self.any_says(Sense::Stove, self.clock, vec![measures(Property::Power, power)]);
    }

    /// The home asks her whether all is well.
    pub(super) fn asked(&mut self, now: Time) {
        // Whose heart races in bed does not say that all is well.
        let answers = match self.mode {
            _ if self.is_troubled(Harm::FastHeart) => false,
            Mode::Awake => self.dice.percent(self.who.answers),
            Mode::Asleep => self.dice.percent(self.who.answers / 2),
            Mode::Out(_) | Mode::Down { .. } => false,
        };
        if answers {
            let at = now + self.dice.seconds(20, 200);
            self.any_says(Sense::Press, at, vec![is(Property::Press, true)]);
            // Whoever is reminded looks round, and sees the stove.
            if let Some(trouble) = self.trouble.as_mut().filter(|t| t.harm == Harm::StoveOn) {
                trouble.helped.get_or_insert(at);
            }
        }
    }
}

/// A span in minutes.
fn minutes(span: Span) -> f64 {
    f64::from(i32::try_from(span.0 / 1000).unwrap_or(0)) / 60.0
}
