//! A recorded home through the whole engine, with the shipped rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use careloop::domain::{
    Act, Binding, Change, Device, DeviceId, Happening, Home, Input, Observation, Outcome, PersonId,
    Place, Property, Reason, Responder, Role, Span, Time, Value,
};
use careloop::engine::{Book, Effect, Engine};

use crate::homes::{Recording, Sign};
use crate::whereabouts::{is_bed, is_motion, is_outer};

pub const HEAD: &str = "\
| home | rules | learning half: false/week | scoring half: false/week | stop: mean h | missed |
|---|---|--:|--:|--:|--:|
";

/// The rules that miss somebody who is silent.
const SILENCE: [&str; 2] = ["no-activity", "no-activity-own"];
/// Who was not found by then is missed.
const GIVEN_UP: Span = Span::hours(24);

/// The lines of one home.
pub fn lines(home: &Recording, book: &Arc<Book>) -> String {
    let ways = [("fixed 12 h alone", true), ("with the home's own limit", false)];
    ways.map(|(name, off)| line(home, book, name, off)).concat()
}

fn line(home: &Recording, book: &Arc<Book>, name: &str, off: bool) -> String {
    let day = Span::hours(24).0;
    let (begins, ends) = (home.begins(), home.ends());
    let middle = Time((begins.0 + (ends - begins).0 / 2 + day / 2) / day * day);
    let weeks = |length: Span| length.0 as f64 / (7 * day) as f64;
    let mut life = Life::new(home, book, off);
    let (mut early, mut late) = (0, 0);
    let (mut delays, mut missed) = (Vec::new(), 0);
    let mut stop = middle;
    for sign in &home.signs {
        while stop < sign.at {
            let at_home = !home.out.iter().any(|(from, to)| *from <= stop && stop < *to);
            if at_home && stop < ends {
                life.run_until(stop);
                match life.clone().found(stop) {
                    Some(delay) => delays.push(delay),
                    None => missed += 1,
                }
            }
            stop = stop + Span::hours(1);
        }
        life.hear(sign);
        let count = if sign.at < middle { &mut early } else { &mut late };
        *count += std::mem::take(&mut life.alarms);
    }
    let mean = delays.iter().sum::<i64>() as f64 / 3_600_000.0 / delays.len().max(1) as f64;
    let share = f64::from(missed) / (delays.len() as f64 + f64::from(missed)).max(1.0);
    format!(
        "| {} | {name} | {:.2} | **{:.2}** | **{mean:.1}** | {:.0} % |\n",
        home.name,
        f64::from(early) / weeks(middle - begins),
        f64::from(late) / weeks(ends - middle),
        share * 100.0
    )
}

/// A home that is lived in.
#[derive(Clone)]
struct Life {
    engine: Engine,
    devices: BTreeMap<String, (DeviceId, Property)>,
    /// Alarmed and not closed yet, of whichever rule.
    open: Vec<u32>,
    alarms: i32,
    /// People were told of the silence that is under way.
    silent: bool,
}

impl Life {
    fn new(home: &Recording, book: &Arc<Book>, off: bool) -> Self {
        let mut devices = BTreeMap::new();
        let mut mounted = Vec::new();
        for (n, name) in sensors(home).into_iter().enumerate() {
            let id: DeviceId = format!("s{n}").parse().expect("a name");
            let property = if is_bed(&name) {
                Property::InBed
            } else if is_motion(&name) {
                Property::Motion
            } else {
                Property::Open
            };
            let mut device = Device::new(id.clone(), "recorded/sensor", Binding::Direct);
            device.place = is_outer(home, &name).then_some(Place::Hall);
            mounted.push(device);
            devices.insert(name, (id, property));
        }
        let mut lived = Home::new("home".parse().expect("a name"), "UTC", mounted);
        let person =
            |id: &str, role| Responder::new(id.parse().expect("a name"), id, role, Vec::new());
        lived.responders = vec![person("daughter", Role::Family), person("wang", Role::MicroGrid)];
        if off {
            lived.changes = vec![Change {
                rule: "no-activity-own".parse().expect("a name"),
                set: String::new(),
                off: true,
                by: "wang".parse().expect("a name"),
                on: "2000-01-01".to_owned(),
                why: "to compare".to_owned(),
            }];
        }
        let mut engine = Engine::new(Arc::clone(book));
        let home_input = Input::Home { home: Arc::new(lived), rules: String::new() };
        engine.step(home.begins(), &home_input);
        Self { engine, devices, open: Vec::new(), alarms: 0, silent: false }
    }

    fn step(&mut self, now: Time, input: &Input) {
        for effect in self.engine.step(now, input) {
            let Effect::Story { incident, key, entry, .. } = effect else { continue };
            let alarmed = matches!(entry.what, Happening::Alarmed { .. });
            if alarmed {
                self.open.push(incident);
            }
            // What it finds may belong to an incident that is open already.
            let raised =
                matches!(&entry.what, Happening::Raised { reason, .. } if is_silence(reason));
            let silent = raised || alarmed && SILENCE.contains(&key.as_str());
            self.alarms += i32::from(silent && !self.silent);
            self.silent |= silent;
        }
    }

    fn run_until(&mut self, until: Time) {
        while let Some(wake) = self.engine.wake().filter(|wake| *wake < until) {
            self.step(wake, &Input::Tick);
        }
    }

    /// She moves: whoever was told has found her well.
    fn hear(&mut self, sign: &Sign) {
        self.run_until(sign.at);
        let Some((device, property)) = self.devices.get(&sign.sensor).cloned() else { return };
        let said = Observation::new(property, Value::Flag(sign.on)).expect("a flag");
        let input = Input::Heard { device, observations: vec![said], retained: false };
        self.step(sign.at, &input);
        self.silent = false;
        for incident in std::mem::take(&mut self.open) {
            let resolve = Act::Resolve { outcome: Outcome::FalseAlarm, note: String::new() };
            let moves = [("wang", Act::Accept), ("wang", Act::OnScene), ("wang", resolve)];
            for (by, act) in moves.into_iter().chain([("daughter", Act::Verify)]) {
                let by: PersonId = by.parse().expect("a name");
                self.step(sign.at, &Input::Move { incident, by, act });
            }
        }
    }

    /// How long until an alarm if nothing moves any more; at once, if it stands already.
    fn found(mut self, stop: Time) -> Option<i64> {
        if self.silent {
            return Some(0);
        }
        self.alarms = 0;
        while let Some(wake) = self.engine.wake().filter(|wake| *wake <= stop + GIVEN_UP) {
            self.step(wake, &Input::Tick);
            if 0 < self.alarms {
                return Some((wake - stop).0);
            }
        }
        None
    }
}

const fn is_silence(reason: &Reason) -> bool {
    matches!(reason, Reason::Inactive { .. } | Reason::Unusually { .. })
}

fn sensors(home: &Recording) -> Vec<String> {
    let mut names: Vec<String> = home.signs.iter().map(|sign| sign.sensor.clone()).collect();
    names.sort();
    names.dedup();
    names
}
