//! A seed, and a household's life comes out of it: sleep, meals, outings, a night's visits to the
//! bathroom, and now and then a mishap. For the demo, the load test and the benches: whoever watches
//! this home must find every mishap, and nothing else.
//!
//! ```
//! # use careloop::{domain::{Home, Time}, simulate::Life};
//! # let home = Home::new("h1".parse().unwrap(), "Asia/Shanghai", Vec::new());
//! let from: Time = "2026-01-15T00:00:00+08:00".parse().unwrap();
//! let a_day: Vec<_> = Life::new(7, &home, from).take(100).collect();
//! assert_eq!(a_day, Life::new(7, &home, from).take(100).collect::<Vec<_>>());
//! ```

mod day;
mod dice;

use std::collections::VecDeque;

use jiff::civil;
use jiff::tz::TimeZone;

use crate::domain::{DeviceId, Home, Input, Observation, Property, Time, Value};

pub use dice::Dice;

/// An endless life, in the order of time. It has no people but the resident: who answers an alarm
/// is up to whoever plays it.
#[derive(Debug, Clone)]
pub struct Life {
    dice: Dice,
    zone: TimeZone,
    things: Things,
    habits: Habits,
    from: Time,
    day: civil::Date,
    today: VecDeque<(Time, Input)>,
    mishaps: Vec<Mishap>,
}

/// What of it is lived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Habits {
    vitals: bool,
    /// On so many days in a hundred.
    mishaps: i64,
}

/// Something that must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mishap {
    /// When it begins.
    pub at: Time,
    /// The shipped rule that must find it.
    pub rule: &'static str,
    /// The alarm must be there by then.
    pub by: Time,
}

/// The devices by what they are for.
#[derive(Debug, Clone)]
struct Things {
    all: Vec<DeviceId>,
    bed: DeviceId,
    radar: DeviceId,
    motion: DeviceId,
    door: DeviceId,
    smoke: DeviceId,
    leak: DeviceId,
    help: DeviceId,
}

impl Life {
    /// The life that this seed holds, from this instant on. Where the home has no device for
    /// something (known by its name), one that is in no register speaks.
    pub fn new(seed: u64, home: &Home, from: Time) -> Self {
        let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        let day = from.civil(&zone).date();
        Self {
            dice: Dice::new(seed),
            things: Things::of(home),
            habits: Habits { vitals: false, mishaps: 30 },
            from,
            day,
            zone,
            today: VecDeque::new(),
            mishaps: Vec::new(),
        }
    }

    /// With heart and breathing rate every minute in bed, and the room every minute.
    #[must_use]
    pub const fn with_vitals(mut self) -> Self {
        self.habits.vitals = true;
        self
    }

    /// With a mishap on so many days in a hundred; 30 if nothing is said.
    #[must_use]
    pub const fn with_mishaps(mut self, percent: i64) -> Self {
        self.habits.mishaps = percent;
        self
    }

    /// All that must be found, of the days lived so far.
    pub fn mishaps(&self) -> &[Mishap] {
        &self.mishaps
    }
}

impl Iterator for Life {
    type Item = (Time, Input);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while let Some(next) = self.today.pop_front() {
                if self.from <= next.0 {
                    return Some(next);
                }
            }
            self.live_a_day();
            self.day = self.day.tomorrow().ok()?;
        }
    }
}

impl Things {
    fn of(home: &Home) -> Self {
        let find = |word: &str, otherwise: &str| {
            let mounted = home.devices.iter().find(|d| d.id.as_str().contains(word));
            mounted.map(|d| d.id.clone()).or_else(|| otherwise.parse().ok()).unwrap_or_else(nobody)
        };
        Self {
            all: home.devices.iter().map(|d| d.id.clone()).collect(),
            bed: find("bed", "bed-pad"),
            radar: find("fall", "fall-radar"),
            motion: find("motion", "hall-motion"),
            door: find("door", "front-door"),
            smoke: find("smoke", "kitchen-smoke"),
            leak: find("leak", "kitchen-leak"),
            help: find("help", "help-button"),
        }
    }
}

#[expect(clippy::expect_used, reason = "a literal that the test below reads")]
fn nobody() -> DeviceId {
    "nobody".parse().expect("a name")
}

/// A device says this.
fn says(device: &DeviceId, observations: Vec<Observation>) -> Input {
    Input::Heard { device: device.clone(), observations, retained: false }
}

const fn is(property: Property, value: bool) -> Observation {
    Observation { property, value: Value::Flag(value), observed_at: None, clears_after: None }
}

const fn measures(property: Property, value: f64) -> Observation {
    Observation { property, value: Value::Number(value), observed_at: None, clears_after: None }
}
