//! A seed, and a household's life comes out of it: sleep, meals, the toilet, outings, visitors, seasons,
//! devices that are lost, and now and then a mishap. Whoever watches this home must find every mishap
//! that its sensors can see, and nothing else.
//!
//! [`Life`] is what comes in; [`live`] plays it to an engine, with people who answer; [`Tally`] judges; a
//! [`Town`] is many of them.
//!
//! ```
//! # use careloop::{domain::Time, simulate::{Dice, Life, Set, furnish}};
//! # let home = furnish(Set::Usual, "h1".parse().unwrap(), &mut Dice::new(1));
//! let from: Time = "2026-01-15T00:00:00+08:00".parse().unwrap();
//! let a_day: Vec<_> = Life::new(7, &home, from).take(100).collect();
//! assert_eq!(a_day, Life::new(7, &home, from).take(100).collect::<Vec<_>>());
//! ```

mod dice;
mod household;
mod plan;
mod flat;
mod mishap;
mod walk;
mod speech;
mod trouble;
mod rescue;
mod answer;
mod run;
mod tally;
mod town;

use std::collections::{BTreeMap, VecDeque};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::{Home, Input, Observation, PersonId, Place, Property, Role, Span, Time, Value};

pub use dice::Dice;
pub use flat::{Set, furnish};
pub use mishap::{Harm, Mishap, Path, Sure};
pub use run::{Alarm, Lived, Terms, live};
pub use tally::{OfHarm, OfRule, OfSet, Tally};
pub use town::{Sets, Town};

use flat::Flat;
use household::Household;
use plan::Plan;
use trouble::Trouble;
use walk::{Busy, Mode};

/// An endless life, in the order of time. It has no people but the resident and her guests: who
/// answers an alarm is up to whoever plays it.
#[derive(Debug, Clone)]
pub struct Life {
    dice: Dice,
    zone: TimeZone,
    who: Household,
    flat: Flat,
    /// Who says that nobody will be at home.
    family: Option<PersonId>,
    plan: Plan,
    from: Time,
    /// Lived until here.
    clock: Time,
    mode: Mode,
    /// The room she is in, if she is at home.
    place: Option<Place>,
    home_since: Time,
    /// When she or a guest of hers shut the door last, and when a sensor saw her last.
    shut: Time,
    seen: Time,
    /// Until when she is in hospital.
    in_hospital: Time,
    /// When whoever came to help is gone again.
    alone_from: Time,
    busy: Busy,
    next_move: Time,
    next_toilet: Time,
    /// When she gets up tonight, and for how long beyond the toilet she stays up.
    rises: VecDeque<(Time, Span)>,
    sits_up: Span,
    ill_until: Time,
    trouble: Option<Trouble>,
    /// What is to happen next, and not before when.
    due: Option<(Harm, Time)>,
    mishaps: Vec<Mishap>,
    /// On so many days in a thousand.
    rate: i64,
    /// How often heart and breath are told, and by a bed that is no heart sensor as well.
    vitals: Span,
    dense: bool,
    next_vitals: Time,
    /// What the meter shows, in litres.
    water: f64,
    /// What the stove takes, in W.
    power: f64,
    /// What the room is warmer than it should be, in °C.
    warmer: f64,
    said: BTreeMap<(Time, u64), Input>,
    nth: u64,
}

impl Life {
    /// The life that this seed holds, from this instant on, in a home with these devices. What each is
    /// for is known by its name.
    pub fn new(seed: u64, home: &Home, from: Time) -> Self {
        let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        let mut dice = Dice::new(seed);
        let who = Household::draw(&mut dice);
        let flat = Flat::of(home, from, &mut dice);
        let family = home.responders.iter().find(|r| r.role == Role::Family);
        let family = family.map(|who| who.id.clone());
        let date = from.civil(&zone).date();
        let plan = Plan::draw(date, false, &who, &zone, &mut dice);
        let mut life = Self {
            dice,
            zone,
            who,
            flat,
            family,
            plan,
            from,
            clock: from,
            mode: Mode::Awake,
            place: Some(Place::Bedroom),
            home_since: from,
            shut: from,
            seen: from,
            in_hospital: from,
            alone_from: from,
            busy: Busy::none(from),
            next_move: from,
            next_toilet: from,
            rises: VecDeque::new(),
            sits_up: Span::ZERO,
            ill_until: from,
            trouble: None,
            due: None,
            mishaps: Vec::new(),
            rate: 300,
            vitals: Span::minutes(10),
            dense: false,
            next_vitals: from,
            water: 1000.0,
            power: 0.0,
            warmer: 0.0,
            said: BTreeMap::new(),
            nth: 0,
        };
        life.settle();
        life
    }

    /// With heart and breathing rate every minute in bed, and the room every minute.
    #[must_use]
    pub const fn with_vitals(mut self) -> Self {
        self.vitals = Span::minutes(1);
        self.dense = true;
        self
    }

    /// With a mishap on so many days in a hundred; 30 if nothing is said.
    #[must_use]
    pub const fn with_mishaps(mut self, percent: i64) -> Self {
        (self.rate, self.due) = (percent * 10, None);
        self
    }

    /// All that must be found, of what is lived so far.
    pub fn mishaps(&self) -> &[Mishap] {
        &self.mishaps
    }

    /// What is said next before `until`, and when.
    fn hear_before(&mut self, until: Time) -> Option<(Time, Input)> {
        let first = self.said.first_entry().filter(|first| first.key().0 < until)?;
        let ((at, _), input) = first.remove_entry();
        Some((at, input))
    }

    /// When something is said next, as far as is lived.
    fn next_said(&self) -> Option<Time> {
        self.said.first_key_value().map(|((at, _), _)| *at)
    }

    fn date(&self) -> Date {
        self.clock.civil(&self.zone).date()
    }

    fn is_ill(&self) -> bool {
        self.clock < self.ill_until
    }
}

impl Iterator for Life {
    type Item = (Time, Input);

    fn next(&mut self) -> Option<Self::Item> {
        // Where nothing is mounted nothing is ever heard.
        while !self.flat.things.is_empty() {
            while let Some(next) = self.hear_before(self.clock) {
                if self.from <= next.0 {
                    return Some(next);
                }
            }
            self.live_on();
        }
        None
    }
}

const fn is(property: Property, value: bool) -> Observation {
    Observation { property, value: Value::Flag(value), observed_at: None, clears_after: None }
}

const fn measures(property: Property, value: f64) -> Observation {
    Observation { property, value: Value::Number(value), observed_at: None, clears_after: None }
}
