//! One home's life, played to its engine, with people who answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::domain::{DeviceId, Happening, Home, Input, Name, Outcome, Span, Time};
use crate::engine::{Book, Effect, Engine};
use crate::timeline;

use super::answer::answer;
use super::{Dice, Life, Mishap};

/// Who may take longer than this comes by day.
const DAY: Span = Span::hours(24);

/// What is lived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The seed of this one home.
    pub seed: u64,
    /// Where it begins.
    pub from: Time,
    /// And ends.
    pub days: i64,
    /// A mishap on so many days in a hundred.
    pub mishaps: i64,
    /// Whether to write down the story.
    pub story: bool,
}

impl Terms {
    /// Where it ends.
    pub fn until(&self) -> Time {
        self.from + Span::hours(24 * self.days)
    }
}

/// An incident that people were told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// When they were told.
    pub at: Time,
    /// The rule.
    pub rule: Name,
    /// The device, where the rule watches each.
    pub device: Option<DeviceId>,
    /// Whether she was out, and the flat empty.
    pub out: bool,
}

/// What came of a life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lived {
    /// What happened.
    pub mishaps: Vec<Mishap>,
    /// What people were told.
    pub alarms: Vec<Alarm>,
    /// How often an open incident had no deadline (P3).
    pub forgotten: usize,
    /// Incidents that were still open at the end.
    pub open: usize,
    /// How many inputs the engine took.
    pub inputs: u64,
    /// The story in timeline notation, if it was asked for.
    pub story: String,
}

/// Plays a life to an engine with this rule book.
pub fn live(book: &Arc<Book>, home: &Arc<Home>, terms: &Terms) -> Lived {
    let mut run = Run::new(book, home, terms);
    let until = terms.until();
    let home = Input::Home { home: Arc::clone(home), rules: String::new() };
    run.step(terms.from, &home);
    while run.life.clock < until {
        let to = run.life.live_on().min(until);
        run.play_until(to);
    }
    run.lived.open = run.engine.incidents().values().filter(|i| i.is_open()).count();
    run.lived.mishaps = run.life.mishaps().to_vec();
    run.lived
}

struct Run {
    book: Arc<Book>,
    home: Arc<Home>,
    engine: Engine,
    life: Life,
    /// What people will do.
    moves: BTreeMap<(Time, u64), Input>,
    nth: u64,
    dice: Dice,
    zone: TimeZone,
    /// How many mishaps the story has told.
    told: usize,
    /// The day the story has come to, if it is written.
    story: Option<Option<jiff::civil::Date>>,
    lived: Lived,
}

impl Run {
    fn new(book: &Arc<Book>, home: &Arc<Home>, terms: &Terms) -> Self {
        let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        let life = Life::new(terms.seed, home, terms.from).with_mishaps(terms.mishaps);
        Self {
            book: Arc::clone(book),
            home: Arc::clone(home),
            engine: Engine::new(Arc::clone(book)),
            life,
            moves: BTreeMap::new(),
            nth: 0,
            dice: Dice::branch(terms.seed, 1),
            told: 0,
            zone,
            story: terms.story.then_some(None),
            lived: Lived {
                mishaps: Vec::new(),
                alarms: Vec::new(),
                forgotten: 0,
                open: 0,
                inputs: 0,
                story: String::new(),
            },
        }
    }

    /// What was said, what people do, and what falls due, each at its own instant.
    fn play_until(&mut self, to: Time) {
        loop {
            let wake = self.engine.wake();
            let moved = self.moves.first_key_value().map(|((at, _), _)| *at);
            let said = self.life.next_said();
            let Some(now) = [wake, moved, said].into_iter().flatten().min().filter(|at| *at < to)
            else {
                return;
            };
            if wake == Some(now) {
                self.step(now, &Input::Tick);
            } else if moved == Some(now) {
                if let Some((_, input)) = self.moves.pop_first() {
                    self.step(now, &input);
                }
            } else if let Some((at, input)) = self.life.hear_before(to) {
                self.step(at.max(self.engine.now()), &input);
            }
        }
    }

    fn step(&mut self, now: Time, input: &Input) {
        self.lived.inputs += 1;
        self.tell_mishaps(now);
        let effects = self.engine.step(now, input);
        if self.story.is_some() && !matches!(input, Input::Tick) {
            let incidents = self.engine.incidents();
            let text = timeline::input(input, |n| incidents.get(&n));
            self.write(now, &text);
        }
        for effect in &effects {
            if self.story.is_some() && !timeline::is_echo(effect) {
                self.write(now, &format!("> {}", timeline::effect(effect)));
            }
            if let Effect::Story { incident, entry, .. } = effect {
                self.happened(now, *incident, &entry.what);
            }
        }
        self.lived.forgotten += self.engine.forgotten().len();
    }

    fn happened(&mut self, now: Time, n: u32, what: &Happening) {
        let Some(incident) = self.engine.incidents().get(&n) else { return };
        // Of what joined an incident that people have, they are told anew.
        if let Happening::Alarmed { .. } | Happening::Raised { .. } = what {
            let (rule, device) = (incident.rule.clone(), incident.device.clone());
            let out = self.life.is_out();
            self.lived.alarms.push(Alarm { at: now, rule, device, out });
        }
        if let Happening::Warned { ask: true } = what {
            self.life.asked(now);
        }
        if let Happening::OnScene { .. } = what {
            self.life.helped(now);
        }
        if let (Happening::Resolved { outcome, .. }, Some(device)) = (what, &incident.device)
            && *outcome != Outcome::FalseAlarm
        {
            self.life.repaired(device, now);
        }
        // Who comes to a device sees to it.
        let seen_to = incident.device.is_some();
        let found = if seen_to { Outcome::Assisted } else { self.life.found(now) };
        let (home, book, dice) = (&self.home, &self.book, &mut self.dice);
        if let Some(mut next) = answer(what, incident, home, book, now, found, dice) {
            let patient = book.plan(&incident.plan).is_some_and(|p| DAY <= p.arrive_within);
            if patient && !(8..20).contains(&next.at.civil(&self.zone).hour()) {
                next.at = next.at + Span::hours(12);
            }
            self.nth += 1;
            self.moves.insert((next.at, self.nth), next.input);
        }
    }

    /// In the story, what happened stands where it happened, as a comment.
    fn tell_mishaps(&mut self, now: Time) {
        if self.story.is_none() {
            return;
        }
        while let Some(mishap) = self.life.mishaps().get(self.told).filter(|m| m.at <= now) {
            let place = mishap.place.map_or(String::new(), |place| format!(" in the {place}"));
            let of = mishap.device.as_ref().map_or(String::new(), |d| format!(" of {d}"));
            let text = format!("# {}{place}{of} at {}\n", mishap.harm, mishap.at);
            self.told += 1;
            self.lived.story.push_str(&text);
        }
    }

    fn write(&mut self, at: Time, text: &str) {
        let Some(day) = self.story.as_mut() else { return };
        let today = at.civil(&self.zone).date();
        if *day != Some(today) {
            *day = Some(today);
            self.lived.story.push_str(&format!("{today}\n"));
        }
        let clock = timeline::clock(at, &self.zone);
        self.lived.story.push_str(&format!("{clock}  {text}\n"));
    }
}
