//! How a mishap begins, goes on, and ends when help comes.

use crate::domain::{DeviceId, Place, Property, Span, Time};

use super::flat::Sense;
use super::mishap::{Nature, Told, of_device, paths};
use super::plan::midnight;
use super::walk::Mode;
use super::{Harm, Life, Mishap, is, measures};

/// How often each is drawn. A battery runs out when it does.
const CHANCES: [(Harm, i64); 20] = [
    (Harm::Fall, 14),
    (Harm::Collapse, 7),
    (Harm::BathroomCollapse, 7),
    (Harm::NightFall, 9),
    (Harm::NightOut, 6),
    (Harm::NotReturned, 6),
    (Harm::Help, 8),
    (Harm::Smoke, 4),
    (Harm::Gas, 3),
    (Harm::CarbonMonoxide, 2),
    (Harm::Leak, 4),
    (Harm::TapRunning, 4),
    (Harm::StoveOn, 5),
    (Harm::Fever, 4),
    (Harm::LowOxygen, 3),
    (Harm::HighPressure, 3),
    (Harm::FastHeart, 4),
    (Harm::ColdRoom, 4),
    (Harm::HotRoom, 2),
    (Harm::DeviceLost, 4),
];
/// She has been home for so long before anything happens to her there.
const AT_HOME: Span = Span::minutes(10);
/// What found no occasion for so long does not happen.
const FORGOTTEN: Span = Span::hours(30);

/// What is wrong now.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub(super) harm: Harm,
    /// Which of the life's mishaps.
    pub(super) nth: usize,
    /// It ends by itself then.
    pub(super) until: Time,
    /// Help has done its work then.
    pub(super) helped: Option<Time>,
    /// Whether she is taken to hospital then.
    pub(super) serious: bool,
    /// The device that tells of it, or is in trouble itself.
    pub(super) ix: Option<usize>,
    /// When that tells of it again, or takes back its word.
    pub(super) next: Option<Time>,
    /// Until when it has gone on.
    pub(super) seen: Time,
}

impl Life {
    /// Draws what happens on the coming day, if anything.
    pub(super) fn draw_mishap(&mut self) {
        if self.due.is_some() || self.trouble.is_some() || !self.dice.permille(self.rate) {
            return;
        }
        let sum: i64 = CHANCES.iter().map(|(_, chance)| chance).sum();
        let mut left = self.dice.between(1, sum);
        let drawn = CHANCES.iter().find(|(_, chance)| {
            left -= chance;
            left <= 0
        });
        let harm = drawn.map_or(Harm::Fall, |(harm, _)| *harm);
        let month = self.plan.date.month();
        let warm = harm == Harm::ColdRoom && (4..=10).contains(&month);
        let cool = harm == Harm::HotRoom && !(6..=8).contains(&month);
        let harm = if warm || cool { Harm::Fall } else { harm };
        let day = (self.plan.up + Span::minutes(20), self.plan.bed - Span::minutes(40));
        // Early enough in the night for whoever watches the nights.
        let begin = midnight(self.plan.date, &self.zone);
        let night = (
            (self.clock + Span::hours(1)).max(begin - Span::minutes(115)),
            (self.plan.up - Span::minutes(45)).min(begin + Span::minutes(5 * 60)),
        );
        let (from, to) = if harm.is_of_night() { night } else { day };
        if from < to {
            self.due = Some((harm, self.dice.within(from, to)));
        }
    }

    pub(super) fn begin_trouble(&mut self) {
        let Some((harm, at)) = self.due.filter(|(_, at)| *at <= self.clock) else { return };
        let patience = if harm.is_of_night() { Span::minutes(20) } else { FORGOTTEN };
        if at + patience < self.clock {
            self.due = None;
        } else if self.may_happen(harm) && !matches!(harm, Harm::NotReturned | Harm::StoveOn) {
            self.happen(harm);
        }
    }

    /// She is not herself for a while: nothing that anybody must find, but who does is right.
    pub(super) fn is_unwell(&mut self, harm: Harm, at: Time, until: Time) {
        let (since, end, paths) = (at, Some(until), paths(&self.flat, harm, None, Told::default()));
        let (place, device) = (None, None);
        self.mishaps.push(Mishap { harm, at, since, place, device, paths, end });
    }

    /// Whether it can happen now. While a device is out of reach nothing does, for nobody could say
    /// who must find it.
    fn may_happen(&self, harm: Harm) -> bool {
        let now = self.clock;
        let heard = self.flat.things.iter().all(|t| t.lost <= now);
        let here = self.mode == Mode::Awake && self.plan.up < now && now < self.plan.bed;
        let alone = self.busy.doing != Some(super::walk::Doing::Host);
        let may = match harm {
            Harm::NightFall | Harm::NightOut | Harm::FastHeart => self.mode == Mode::Asleep,
            Harm::Smoke
            | Harm::Gas
            | Harm::CarbonMonoxide
            | Harm::Leak
            | Harm::TapRunning
            | Harm::ColdRoom
            | Harm::HotRoom
            | Harm::DeviceLost => true,
            Harm::NotReturned | Harm::StoveOn => here,
            Harm::Fall
            | Harm::Collapse
            | Harm::BathroomCollapse
            | Harm::Help
            | Harm::Fever
            | Harm::LowOxygen
            | Harm::HighPressure => here && alone && self.home_since + AT_HOME < now,
            Harm::BatteryLow | Harm::Cold | Harm::Sleepless => false,
        };
        may && heard && self.alone_from <= now && self.trouble.is_none()
    }

    fn is_due(&self, harm: Harm) -> bool {
        self.due.is_some_and(|(due, at)| due == harm && at <= self.clock) && self.may_happen(harm)
    }

    /// Out, and something happens to her there: when she would come back if nobody looked for her.
    pub(super) fn does_not_return(&mut self) -> Option<Time> {
        self.is_due(Harm::NotReturned).then(|| self.happen(Harm::NotReturned))
    }

    /// Whether she leaves the kitchen with the stove on.
    pub(super) fn leaves_stove_on(&mut self) -> bool {
        let does = self.is_due(Harm::StoveOn);
        if does {
            self.happen(Harm::StoveOn);
        }
        does
    }

    /// It happens. Returns until when, if nobody comes.
    fn happen(&mut self, harm: Harm) -> Time {
        self.due = None;
        let now = self.clock;
        let until = now + harm.lasts();
        let place = self.where_of(harm);
        let told = self.dice.percent(90);
        let lost = (harm == Harm::DeviceLost).then(|| self.lose_for_days(until)).flatten();
        let device = lost.as_ref().map(|(_, device, _)| device.clone());
        let paths = match &lost {
            Some((_, _, slack)) => of_device(&self.flat, harm, *slack),
            None => paths(&self.flat, harm, place, Told { fall: told, unseen: self.is_unseen() }),
        };
        let (at, since, end) = (now, now, None);
        let nth = self.mishaps.len();
        self.mishaps.push(Mishap { harm, at, since, place, device, paths, end });
        let ix = lost.map(|(ix, _, _)| ix);
        let serious = match harm.nature() {
            Nature::InBed => self.dice.percent(50),
            Nature::Lies | Nature::Weak => self.dice.percent(35),
            Nature::Away | Nature::Told(_) | Nature::Flat | Nature::Device | Nature::Unwell => {
                false
            }
        };
        let (helped, next) = (None, None);
        let trouble = Trouble { harm, nth, until, helped, serious, ix, next, seen: now };
        self.trouble = Some(trouble);
        if harm.is_of_day() {
            self.finish();
        }
        match harm {
            Harm::Fall | Harm::Collapse | Harm::BathroomCollapse => {
                self.lies(place);
                self.falls(harm == Harm::Fall && told, place);
            }
            Harm::NightFall => {
                self.rise();
                self.lies(place);
            }
            Harm::NightOut => {
                self.rise();
                self.leave();
                self.mode = Mode::Out(until);
            }
            Harm::Help => {
                let at = now + Span::seconds(self.dice.between(1, 30));
                self.any_says(Sense::Help, at, vec![is(Property::Help, true)]);
                self.mode = Mode::Down { still: false };
            }
            Harm::Fever | Harm::LowOxygen | Harm::HighPressure => {
                self.mode = Mode::Down { still: false };
                self.feels_ill(harm);
            }
            Harm::Smoke => self.raise(Sense::Smoke),
            Harm::Gas => self.raise(Sense::Gas),
            Harm::CarbonMonoxide => self.raise(Sense::CarbonMonoxide),
            Harm::Leak => self.raise(Sense::Leak),
            Harm::TapRunning => {
                self.any_says(Sense::Meter, now, vec![measures(Property::WaterFlow, 7.0)]);
            }
            Harm::StoveOn => self.plan.agenda.retain(|(_, what)| !what.is_eating()),
            Harm::FastHeart => self.next_vitals = self.next_vitals.min(now + Span::minutes(8)),
            Harm::NotReturned
            | Harm::ColdRoom
            | Harm::HotRoom
            | Harm::DeviceLost
            | Harm::BatteryLow
            | Harm::Cold
            | Harm::Sleepless => {}
        }
        until
    }

    fn where_of(&mut self, harm: Harm) -> Option<Place> {
        let rooms = [Place::Living, Place::Kitchen, Place::Bedroom, Place::Hall];
        let often = self.dice.percent(60);
        let otherwise = self.dice.one_of(&rooms).copied();
        match harm.nature() {
            Nature::Lies if harm == Harm::Collapse => otherwise,
            Nature::Lies if harm == Harm::BathroomCollapse || often => Some(Place::Bathroom),
            Nature::Lies if harm == Harm::NightFall => Some(Place::Hall),
            Nature::Lies => otherwise,
            Nature::Weak => self.place,
            Nature::Away
            | Nature::InBed
            | Nature::Told(_)
            | Nature::Flat
            | Nature::Device
            | Nature::Unwell => None,
        }
    }

    fn lies(&mut self, place: Option<Place>) {
        if let Some(place) = place {
            self.enter(place, self.clock + Span::seconds(20));
        }
        self.mode = Mode::Down { still: true };
    }

    /// The radar says so, and takes back its word while she still lies there.
    fn falls(&mut self, told: bool, place: Option<Place>) {
        let radar = place.and_then(|place| self.flat.at(Sense::Fall, place)).filter(|_| told);
        let Some(ix) = radar else { return };
        let mut at = self.clock + Span::seconds(30);
        let often = if self.dice.percent(15) { 2 } else { 1 };
        for _ in 0..often {
            self.say(ix, at, vec![is(Property::Fall, true)]);
            if self.dice.percent(15) {
                self.say(ix, at + Span::seconds(1), vec![is(Property::Fall, true)]);
            }
            let back = at + self.dice.seconds(3, 90);
            self.say(ix, back, vec![is(Property::Fall, false)]);
            at = back + self.dice.minutes(1, 5);
        }
        if self.dice.percent(20) {
            let at = self.clock + self.dice.minutes(1, 10);
            self.any_says(Sense::Help, at, vec![is(Property::Help, true)]);
        }
    }

    pub(super) fn feels_ill(&mut self, harm: Harm) {
        let at = self.clock + Span::minutes(1);
        if harm == Harm::Fever {
            let warm = self.dice.number(40, 41);
            self.thermometer(at, warm);
            self.thermometer(at + Span::minutes(2), warm);
        } else if harm == Harm::LowOxygen {
            self.oximeter(at, 80, 86);
        } else if harm == Harm::HighPressure {
            let (upper, lower) = (self.dice.number(192, 212), self.dice.number(122, 128));
            let upper = measures(Property::Systolic, upper.round());
            let said = vec![upper, measures(Property::Diastolic, lower.round())];
            self.any_says(Sense::Cuff, at, said);
        }
        let again = self.clock + self.dice.minutes(5, 90);
        if let Some(trouble) = self.trouble.as_mut() {
            trouble.next = Some(again);
        }
    }

    /// A sensor of the flat tells of it, and takes it back after some minutes.
    fn raise(&mut self, sense: Sense) {
        let Some(ix) = self.flat.any(sense) else { return };
        let back = self.clock + self.dice.minutes(1, 12);
        self.flag(ix, self.clock, true);
        if let Some(trouble) = self.trouble.as_mut() {
            (trouble.ix, trouble.next) = (Some(ix), Some(back));
        }
    }

    /// Which device is gone, and how long before anybody can know.
    fn lose_for_days(&mut self, until: Time) -> Option<(usize, DeviceId, Span)> {
        let regular = |(ix, thing): (usize, &super::flat::Thing)| {
            thing
                .quiet_after
                .map(|quiet| (ix, thing.id.clone(), Span(quiet.0 + Span::minutes(2).0)))
        };
        let all: Vec<_> = self.flat.things.iter().enumerate().filter_map(regular).collect();
        let (ix, device, slack) = self.dice.one_of(&all)?.clone();
        if self.dice.percent(50) {
            self.say(ix, self.clock, vec![is(Property::Online, false)]);
        }
        if let Some(thing) = self.flat.things.get_mut(ix) {
            thing.lost = until;
        }
        Some((ix, device, slack))
    }

    pub(super) fn is_troubled(&self, harm: Harm) -> bool {
        self.trouble.as_ref().is_some_and(|t: &Trouble| t.harm == harm)
    }

    /// Who forgot the stove does not see it again before somebody tells her.
    pub(super) fn may_use_kitchen(&self) -> bool {
        !self.is_troubled(Harm::StoveOn)
    }
}
