//! One day, from midnight to midnight.

use crate::domain::{DeviceId, Input, Observation, Property, Span, Time};

use super::{Life, Mishap, is, measures, says};

/// How long after its last sign a motion sensor says that nobody moves.
const MOTION_CLEARS: Span = Span::seconds(90);

/// The day's frame, chosen first.
#[derive(Debug, Clone, Copy)]
struct Frame {
    begin: Time,
    end: Time,
    /// Gets up for good.
    up: Time,
    /// Goes to bed.
    bed: Time,
    /// Out of the house, if so.
    out: Option<(Time, Time)>,
    /// Lies where she fell; nothing moves.
    down: Option<(Time, Time)>,
    /// The motion sensor is out of reach.
    gone: Option<(Time, Time)>,
}

impl Life {
    /// Lays out the next day.
    pub(super) fn live_a_day(&mut self) {
        let begin = Time::of_civil(self.day.to_datetime(jiff::civil::Time::MIN), &self.zone);
        let next = self.day.tomorrow().unwrap_or(self.day);
        let end = Time::of_civil(next.to_datetime(jiff::civil::Time::MIN), &self.zone);
        let at = |minutes: i64| begin + Span::minutes(minutes);
        let (leaves, stays) = (self.dice.minutes(9 * 60, 13 * 60), self.dice.minutes(40, 200));
        let out = self.dice.percent(60).then_some((begin + leaves, begin + leaves + stays));
        let (up, bed) = (self.dice.minutes(0, 60), self.dice.minutes(0, 60));
        let mut frame = Frame {
            begin,
            end,
            up: at(6 * 60 + 20) + up,
            bed: at(22 * 60 + 5) + bed,
            out,
            down: None,
            gone: None,
        };
        let mut day = Vec::new();
        if self.dice.percent(self.habits.mishaps) {
            self.mishap(&mut frame, &mut day);
        }
        self.sleep(&frame, &mut day);
        self.live(&frame, &mut day);
        self.hum(&frame, &mut day);
        // Stable: what a device says in one instant keeps its order.
        day.sort_by_key(|(at, _)| *at);
        self.today.extend(day);
    }

    fn sleep(&mut self, frame: &Frame, day: &mut Vec<(Time, Input)>) {
        let bed = self.things.bed.clone();
        let mut lies =
            |at: Time, yes: bool| day.push((at, says(&bed, vec![is(Property::InBed, yes)])));
        lies(frame.up, false);
        lies(frame.bed, true);
        // To the bathroom and back, in less time than anybody would ask.
        for hour in [1, 4] {
            let goes = frame.begin + Span::hours(hour) + self.dice.minutes(0, 60);
            let back = goes + self.dice.minutes(2, 17);
            if self.dice.percent(60) && !frame.is_down(goes) && !frame.is_down(back) {
                lies(goes, false);
                lies(back, true);
            }
        }
    }

    fn live(&mut self, frame: &Frame, day: &mut Vec<(Time, Input)>) {
        let mut moves = |at: Time, motion: &DeviceId| {
            let seen =
                Observation { clears_after: Some(MOTION_CLEARS), ..is(Property::Motion, true) };
            day.push((at, says(motion, vec![seen])));
        };
        let motion = self.things.motion.clone();
        let mut at = frame.up + Span::minutes(1);
        while at < frame.bed {
            let out = frame.out.is_some_and(|(from, to)| from <= at && at < to);
            if !out && !frame.is_down(at) && !frame.is_gone(at) {
                moves(at, &motion);
            }
            // Meals are lively.
            let meal = [7, 12, 18].iter().any(|hour| {
                let begins = frame.begin + Span::hours(*hour);
                begins <= at && at < begins + Span::minutes(40)
            });
            at = at + if meal { self.dice.minutes(1, 4) } else { self.dice.minutes(4, 25) };
        }
        let door = self.things.door.clone();
        for at in frame.out.into_iter().flat_map(|(from, to)| [from, to]) {
            day.push((at, says(&door, vec![is(Property::Open, true)])));
            day.push((at + Span::seconds(8), says(&door, vec![is(Property::Open, false)])));
        }
    }

    /// What devices say of themselves every hour, and the pad of the sleeper every minute.
    fn hum(&mut self, frame: &Frame, day: &mut Vec<(Time, Input)>) {
        for device in self.things.all.clone() {
            let mut at = frame.begin + self.dice.minutes(0, 59);
            while at < frame.end {
                let quality = self.dice.between(60, 180);
                let quality = f64::from(i32::try_from(quality).unwrap_or(100));
                if device != self.things.motion || !frame.is_gone(at) {
                    day.push((at, says(&device, vec![measures(Property::LinkQuality, quality)])));
                }
                at = at + Span::hours(1);
            }
        }
        if !self.habits.vitals {
            return;
        }
        let (bed, radar) = (self.things.bed.clone(), self.things.radar.clone());
        let mut at = frame.begin + Span::seconds(30);
        while at < frame.end {
            if at < frame.up || frame.bed < at {
                let vitals = vec![
                    measures(Property::HeartRate, self.dice.number(54, 76)),
                    measures(Property::RespiratoryRate, self.dice.number(11, 18)),
                ];
                day.push((at, says(&bed, vitals)));
            }
            let room = vec![
                measures(Property::Temperature, self.dice.number(19, 24)),
                measures(Property::Illuminance, self.dice.number(0, 400)),
            ];
            day.push((at + Span::seconds(7), says(&radar, room)));
            at = at + Span::minutes(1);
        }
    }

    fn mishap(&mut self, frame: &mut Frame, day: &mut Vec<(Time, Input)>) {
        // Never while she is out: nobody would be there to fall.
        let at = frame.begin + self.dice.minutes(14 * 60, 21 * 60);
        let at = frame.out.map_or(at, |(_, back)| at.max(back + Span::minutes(5)));
        let things = self.things.clone();
        let soon = Span::seconds(31);
        let mut found = |at: Time, rule: &'static str, within: Span| {
            self.mishaps.push(Mishap { at, rule, by: at + within });
        };
        let mut flag = |at: Time, device: &DeviceId, property: Property, ends: Option<Time>| {
            day.push((at, says(device, vec![is(property, true)])));
            day.extend(ends.map(|end| (end, says(device, vec![is(property, false)]))));
        };
        let lasts = self.dice.minutes(1, 12);
        match self.dice.between(0, 5) {
            0 => {
                // The radar takes back its word while she still lies there.
                let ends = at + Span::seconds(self.dice.between(3, 90));
                flag(at, &things.radar, Property::Fall, Some(ends));
                frame.down = Some((at, at + Span::minutes(40)));
                found(at, "fall", soon);
            }
            1 => {
                let at = frame.begin + Span::hours(2) + self.dice.minutes(10, 100);
                let back = at + self.dice.minutes(45, 80);
                frame.down = Some((at - Span::minutes(18), back));
                day.push((at, says(&things.bed, vec![is(Property::InBed, false)])));
                day.push((back, says(&things.bed, vec![is(Property::InBed, true)])));
                found(at, "night-bed-exit", Span::minutes(30));
            }
            2 => {
                flag(at, &things.smoke, Property::Smoke, Some(at + lasts));
                found(at, "smoke", Span::ZERO);
            }
            3 => {
                flag(at, &things.leak, Property::Leak, Some(at + lasts));
                found(at, "leak", Span::ZERO);
            }
            4 => {
                flag(at, &things.help, Property::Help, None);
                found(at, "help", Span::ZERO);
            }
            _ => {
                // A device is gone for an hour, and back.
                day.push((at, says(&things.motion, vec![is(Property::Online, false)])));
                let back = at + Span::hours(1);
                day.push((back, says(&things.motion, vec![is(Property::Online, true)])));
                frame.gone = Some((at, back));
                found(at, "device-quiet", Span::minutes(5));
            }
        }
    }
}

impl Frame {
    /// Lies there, and nothing moves; or is about to, so that the night's visits keep clear of it.
    fn is_down(&self, at: Time) -> bool {
        self.down.is_some_and(|(from, to)| from <= at && at <= to)
    }

    fn is_gone(&self, at: Time) -> bool {
        self.gone.is_some_and(|(from, to)| from <= at && at <= to)
    }
}
