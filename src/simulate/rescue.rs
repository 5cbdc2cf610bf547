//! How a mishap goes on, and ends when help comes, or by itself.

use crate::domain::{DeviceId, Outcome, Place, Property, Span, Time};

use super::flat::Sense;
use super::mishap::Nature;
use super::walk::Mode;
use super::{Harm, Life, Mishap, is, measures};

/// Whoever comes stays at most for so long, and is there if anything happens.
const STAYS: Span = Span::minutes(100);
/// How many minutes whoever comes stays at the least.
const LOOKS: i64 = 5;
/// So long after help has done its work whoever comes still finds that something was wrong.
const TRACES: Span = Span::minutes(30);

impl Life {
    pub(super) fn end_trouble(&mut self) {
        let now = self.clock;
        let Some(trouble) = self.trouble.as_ref() else { return };
        let (harm, nth, ix, serious) = (trouble.harm, trouble.nth, trouble.ix, trouble.serious);
        if now < trouble.until && trouble.helped.is_none_or(|helped| now < helped) {
            return self.go_on(harm);
        }
        self.trouble = None;
        if let Some(mishap) = self.mishaps.get_mut(nth) {
            mishap.end = Some(now);
        }
        match harm.nature() {
            Nature::Told(_) => ix.into_iter().for_each(|ix| self.flag(ix, now, false)),
            Nature::Flat if harm == Harm::TapRunning => {
                self.any_says(Sense::Meter, now, vec![measures(Property::WaterFlow, 0.0)]);
            }
            Nature::Flat if harm == Harm::StoveOn => self.stove(0.0),
            Nature::Flat => self.warmer = 0.0,
            Nature::Unwell => {}
            Nature::Device => ix.into_iter().for_each(|ix| self.is_back(ix)),
            Nature::Away => self.mode = Mode::Out(now + self.dice.minutes(20, 90)),
            Nature::InBed | Nature::Lies | Nature::Weak if serious => {
                if harm.nature() == Nature::InBed {
                    self.rise();
                }
                self.taken_to_hospital();
            }
            Nature::InBed => {}
            Nature::Lies | Nature::Weak => {
                self.mode = Mode::Awake;
                self.settle();
            }
        }
    }

    fn taken_to_hospital(&mut self) {
        self.leave();
        let days = Span::hours(24 * self.dice.between(1, 6));
        let back = self.clock + days + self.dice.minutes(0, 180);
        (self.mode, self.in_hospital) = (Mode::Out(back), back);
    }

    /// It goes on.
    fn go_on(&mut self, harm: Harm) {
        let now = self.clock;
        let Some(trouble) = self.trouble.as_mut() else { return };
        let (ix, due) = (trouble.ix, trouble.next.is_some_and(|next| next <= now));
        let minutes = f64::from(i32::try_from((now - trouble.seen).0 / 1000).unwrap_or(0)) / 60.0;
        trouble.seen = now;
        if due {
            trouble.next = None;
        }
        match harm.nature() {
            Nature::Told(_) if due => ix.into_iter().for_each(|ix| self.flag(ix, now, false)),
            Nature::Weak if due => self.feels_ill(harm),
            Nature::Flat if harm == Harm::TapRunning => {
                self.water += 7.0 * minutes;
                let total = measures(Property::Water, self.water.round());
                let said = vec![total, measures(Property::WaterFlow, 7.0)];
                self.any_says(Sense::Meter, now, said);
            }
            Nature::Flat if harm == Harm::StoveOn => self.stove(1500.0),
            Nature::Flat if harm == Harm::ColdRoom => {
                self.warmer = (self.warmer - minutes * 0.025).max(-10.0);
            }
            Nature::Flat => self.warmer = (self.warmer + minutes * 0.015).min(8.0),
            Nature::Lies
            | Nature::Away
            | Nature::Weak
            | Nature::InBed
            | Nature::Told(_)
            | Nature::Device
            | Nature::Unwell => {}
        }
    }

    fn is_back(&mut self, ix: usize) {
        let now = self.clock;
        if let Some(thing) = self.flat.things.get_mut(ix) {
            thing.lost = now;
            thing.next_hum = now + Span::minutes(1);
        }
        self.say(ix, now, vec![is(Property::Online, true)]);
    }

    /// Somebody is on the scene.
    pub(super) fn helped(&mut self, now: Time) {
        let takes = self.dice.minutes(4, 20);
        let searches = self.dice.minutes(20, 180);
        self.alone_from = now + STAYS;
        let leaves = now + self.dice.minutes(LOOKS, 40);
        self.comes_and_goes(now, leaves);
        let Some(trouble) = self.trouble.as_mut().filter(|t| t.helped.is_none()) else { return };
        trouble.helped = match trouble.harm.nature() {
            Nature::Away => Some(now + searches),
            Nature::Lies | Nature::Weak => Some(now + takes),
            Nature::InBed | Nature::Told(_) | Nature::Flat => Some(now),
            Nature::Device | Nature::Unwell => None,
        };
    }

    /// Somebody comes in, looks for her, and leaves again.
    fn comes_and_goes(&mut self, now: Time, leaves: Time) {
        self.passes(now);
        let place = self.place.unwrap_or(Place::Living);
        self.moves(place, now + Span::seconds(40));
        self.moves(Place::Hall, leaves - Span::seconds(10));
        self.passes(leaves);
    }

    /// A device is repaired, or has a new battery.
    pub(super) fn repaired(&mut self, device: &DeviceId, now: Time) {
        let of_it = |m: &&mut Mishap| m.end.is_none() && m.device.as_ref() == Some(device);
        let low = |m: &&mut Mishap| m.harm == Harm::BatteryLow;
        self.mishaps.iter_mut().filter(of_it).filter(low).for_each(|m| m.end = Some(now));
        let Some(ix) = self.flat.things.iter().position(|t| t.id == *device) else { return };
        if let Some((left, _)) = self.flat.things.get_mut(ix).and_then(|t| t.battery.as_mut()) {
            *left = 100.0;
        }
        if let Some(trouble) = self.trouble.as_mut()
            && trouble.harm == Harm::DeviceLost
            && trouble.ix == Some(ix)
        {
            trouble.helped = Some(now);
        }
    }

    /// Whether she is out.
    pub(super) const fn is_out(&self) -> bool {
        matches!(self.mode, Mode::Out(_))
    }

    /// What whoever comes now finds, and will say of it.
    pub(super) fn found(&self, now: Time) -> Outcome {
        let recent = |m: &Mishap| m.at <= now && m.end.is_none_or(|end| now < end + TRACES);
        if now < self.in_hospital || self.trouble.as_ref().is_some_and(|t| t.serious) {
            Outcome::Hospital
        } else if self.is_out() && self.trouble.is_none() {
            // A cold is nothing that they would find in an empty flat.
            Outcome::FalseAlarm
        } else if self.mishaps.iter().any(recent) {
            Outcome::Assisted
        } else {
            Outcome::FalseAlarm
        }
    }
}
