//! Whatever can happen to an engine, and an engine that it happens to, under watch.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use careloop::config;
use careloop::domain::{
    Act, DeviceId, Happening, Home, Input, Observation, Outcome, PersonId, Report, Responder, Role,
    Span, Stage, Time, WalkAct,
};
use careloop::engine::{Book, Effect, Engine};
use careloop::timeline;
use proptest::prelude::*;

use crate::desk;

/// One thing that happens, and how long after the one before.
#[derive(Debug, Clone)]
pub(crate) struct Op {
    pub(crate) after: Span,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Input(Input),
    /// Somebody brings one of the open incidents on, whether they may or not.
    Onward(usize, PersonId),
    /// The desk does something with one of the open incidents, or brings on what it has begun.
    Desk(usize, PersonId, Act),
    /// The register changes: this many responders and devices are left.
    Home(usize, usize),
    /// The rule book changes: without this rule, or the shipped one.
    Book(Option<usize>),
    /// The hub's clock runs backwards, which it must not.
    Back(Span),
}

pub(crate) struct Shipped {
    pub(crate) book: Arc<Book>,
    pub(crate) home: Home,
}

pub(crate) fn shipped() -> Shipped {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = config::load(&root.join("config")).expect("the shipped config is right");
    let mut home = (**config.homes.first().expect("a home")).clone();
    for (nth, device) in home.devices.iter_mut().enumerate() {
        device.quiet_after = (nth % 2 == 0).then_some(Span::hours(2));
    }
    for name in ["gas-company", "housing"] {
        let contacts = home.responders.first().expect("somebody").contacts.clone();
        let (id, name, role) = (name.parse().expect("a name"), name.to_owned(), Role::Department);
        home.responders.push(Responder::new(id, &name, role, contacts));
    }
    Shipped { book: config.book, home }
}

const DEVICES: &[&str] =
    &["fall-radar", "bed-pad", "help-button", "ok-button", "kitchen-smoke", "hall-motion", "ghost"];
// Few, so that their moves meet.
const PEOPLE: &[&str] = &[
    "wang",
    "wang",
    "wang",
    "daughter",
    "daughter",
    "zhao",
    "li",
    "chen",
    "gas-company",
    "housing",
    "stranger",
];
const SAID: &[&str] = &[
    "tamper true",
    "signal -95",
    "link_quality 10",
    "help",
    "press",
    "press",
    "fall true",
    "fall false",
    "smoke true",
    "smoke false",
    "leak true",
    "leak false",
    "in_bed true",
    "in_bed false",
    "motion true",
    "motion false",
    "open true",
    "online true",
    "online false",
    "battery 9",
    "battery 17",
    "battery 90",
    "battery_low true",
    "heart_rate 70",
    "heart_rate 130",
    "heart_rate 113",
    "heart_rate 30",
    "spo2 85",
    "spo2 97",
    "temperature 12",
    "temperature 21",
    "fault true",
    "fault false",
];

pub(crate) fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        3 => (0..2_000_i64).prop_map(Span),
        4 => (1..90_i64).prop_map(Span::seconds),
        4 => (1..40_i64).prop_map(Span::minutes),
        1 => (1..14_i64).prop_map(Span::hours),
    ]
}

pub(crate) fn person() -> impl Strategy<Value = PersonId> {
    prop::sample::select(PEOPLE).prop_map(|p| p.parse().expect("a name"))
}

fn observation() -> impl Strategy<Value = Observation> {
    let claim = prop::option::weighted(0.2, -3_000_000_i64..200_000);
    let clears = prop::option::weighted(0.2, 1..600_i64);
    (prop::sample::select(SAID), claim, clears).prop_map(|(text, claim, clears)| {
        let mut said: Observation = text.parse().expect("an observation");
        said.observed_at = claim.map(|ms| begin() + Span(ms));
        said.clears_after = clears.map(Span::seconds);
        said
    })
}

pub(crate) fn heard() -> impl Strategy<Value = Input> {
    let device = prop::sample::select(DEVICES);
    let said = prop::collection::vec(observation(), 0..3);
    (device, said, prop::bool::weighted(0.15)).prop_map(|(device, observations, retained)| {
        let device: DeviceId = device.parse().expect("a name");
        Input::Heard { device, observations, retained }
    })
}

fn a_move() -> impl Strategy<Value = Input> {
    let all = Outcome::ALL.to_vec();
    let outcome = prop_oneof![2 => Just(Outcome::FalseAlarm), 2 => Just(Outcome::Safe), 1 => prop::sample::select(all)];
    let text = String::new;
    let act = prop_oneof![
        4 => Just(Act::Accept),
        1 => Just(Act::EnRoute),
        4 => Just(Act::OnScene),
        4 => outcome.prop_map(move |outcome| Act::Resolve { outcome, note: text() }),
        4 => Just(Act::Verify),
        1 => Just(Act::Rework { why: text() }),
        1 => person().prop_map(|to| Act::HandOver { to }),
        1 => Just(Act::Return { why: text() }),
        1 => Just(Act::Note { text: text() }),
        16 => desk::act(),
    ];
    (1..4_u32, person(), act).prop_map(|(incident, by, act)| Input::Move { incident, by, act })
}

fn delivery() -> impl Strategy<Value = Input> {
    let why = || "no".to_owned();
    let report = prop_oneof![
        Just(Report::Sent),
        Just(Report::Delivered),
        Just(Report::Failed { why: why(), last: false }),
        Just(Report::Unknown { why: why() }),
    ];
    (1..5_u32, 1..9_u32, report).prop_map(|(incident, k, report)| Input::Delivery {
        incident,
        k,
        report,
    })
}

/// Somebody tries out a device, or stops to.
pub(crate) fn walk() -> impl Strategy<Value = Input> {
    let seen = prop::sample::select(&["smoke true", "help", "in_bed true", "motion true"][..]);
    let act = (seen, 1..700_i64).prop_map(|(seen, lasts)| WalkAct::Begin {
        steps: vec![seen.parse().expect("a step")],
        lasts: Span::seconds(lasts),
    });
    let act = prop_oneof![4 => act, 1 => Just(WalkAct::End)];
    (prop::sample::select(DEVICES), person(), act).prop_map(|(device, by, act)| {
        let device = device.parse().expect("a name");
        Input::Walk { device, by, act }
    })
}

fn what() -> impl Strategy<Value = What> {
    let days = prop::sample::select(&[-20_469_i64, -1, 0, 0, 0, 1][..]);
    let offset = (days, -2..3_i64).prop_map(|(d, h)| Span::hours(24 * d + h));
    prop_oneof![
        20 => heard().prop_map(What::Input),
        12 => a_move().prop_map(What::Input),
        30 => (0..9_usize, person()).prop_map(|(nth, by)| What::Onward(nth, by)),
        14 => (0..9_usize, person(), desk::act()).prop_map(|(n, by, act)| What::Desk(n, by, act)),
        4 => delivery().prop_map(What::Input),
        3 => walk().prop_map(What::Input),
        1 => offset.prop_map(|offset| What::Input(Input::Clock { offset })),
        1 => (2..9_usize, 3..9_usize).prop_map(|(people, devices)| What::Home(people, devices)),
        1 => prop::option::of(0..15_usize).prop_map(What::Book),
        1 => span().prop_map(What::Back),
        2 => Just(What::Input(Input::Tick)),
    ]
}

pub(crate) fn ops() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec((span(), what()).prop_map(|(after, what)| Op { after, what }), 1..40)
}

pub(crate) fn begin() -> Time {
    "2026-01-15T21:00:00+08:00".parse().expect("a time")
}

/// An engine that things happen to.
pub(crate) struct Watched {
    pub(crate) shipped: Arc<Shipped>,
    pub(crate) engine: Engine,
    pub(crate) book: Arc<Book>,
    pub(crate) now: Time,
    pub(crate) effects: Vec<Effect>,
    pub(crate) ends: BTreeMap<u32, End>,
    /// How many were struck out, merged, taken up again, and how often a department reported in.
    pub(crate) desk: [usize; 4],
}

/// What a person did toward the end of an incident.
#[derive(Default)]
pub(crate) struct End {
    pub(crate) alarmed: bool,
    pub(crate) resolved: Option<PersonId>,
    pub(crate) verified: bool,
    /// Who asked to strike it out, whether that was granted, and into what it was merged.
    pub(crate) asked: Option<PersonId>,
    pub(crate) voided: bool,
    pub(crate) merged: Option<u32>,
}

impl Watched {
    pub(crate) fn new(shipped: &Arc<Shipped>) -> Self {
        let book = Arc::clone(&shipped.book);
        let engine = Engine::new(Arc::clone(&book));
        let mut watched = Self {
            shipped: Arc::clone(shipped),
            engine,
            book,
            now: begin(),
            effects: Vec::new(),
            ends: BTreeMap::new(),
            desk: [0; 4],
        };
        watched.step(&Input::Home { home: Arc::new(shipped.home.clone()), rules: "1".to_owned() });
        watched
    }

    /// Time passes, every deadline at its own instant, and then it happens.
    pub(crate) fn live(&mut self, op: &Op) {
        self.pass(op.after);
        self.happens(&op.what);
    }

    pub(crate) fn pass(&mut self, span: Span) {
        let until = self.now + span;
        while let Some(wake) = self.engine.wake().filter(|wake| *wake <= until) {
            self.now = wake;
            self.step(&Input::Tick);
        }
        self.now = until;
    }

    pub(crate) fn happens(&mut self, what: &What) {
        match what {
            What::Input(input) => self.step(input),
            What::Onward(nth, by) => {
                // Those that want a second person first: they have the longest way.
                let mut open: Vec<_> =
                    self.engine.incidents().values().filter(|i| i.is_open()).collect();
                open.sort_by_key(|i| !i.needs.verified);
                let Some(incident) = open.get(nth % open.len().clamp(1, 2)) else { return };
                let resolve = |outcome| Act::Resolve { outcome, note: String::new() };
                let act = match incident.stage {
                    Stage::Detected | Stage::Warned => resolve(Outcome::FalseAlarm),
                    Stage::Alarmed => Act::Accept,
                    Stage::Accepted | Stage::EnRoute => Act::OnScene,
                    Stage::OnScene => resolve(Outcome::Safe),
                    Stage::Resolved | Stage::Closed => Act::Verify,
                };
                self.step(&Input::Move { incident: incident.n, by: by.clone(), act });
            }
            What::Desk(nth, by, act) => {
                let mut open: Vec<_> =
                    self.engine.incidents().values().filter(|i| i.is_open()).collect();
                // What has been before the desk already.
                open.sort_by_key(|i| i.desk.wish.is_none() && i.desk.whistle.is_none());
                let Some(incident) = open.get(nth % open.len().clamp(1, 2)) else { return };
                let (by, act) = desk::onward(incident, by, act);
                self.step(&Input::Move { incident: incident.n, by, act });
            }
            What::Home(people, devices) => {
                let mut home = self.shipped.home.clone();
                home.responders.truncate(*people);
                home.devices.truncate(*devices);
                self.step(&Input::Home { home: Arc::new(home), rules: "2".to_owned() });
            }
            What::Book(without) => {
                let mut book = (*self.shipped.book).clone();
                if let Some(nth) = without.filter(|nth| *nth < book.rules.len()) {
                    book.rules.remove(nth);
                }
                self.book = Arc::new(book);
                self.engine.turn_to(Arc::clone(&self.book));
                let home = self.engine.home().expect("it moved in");
                self.step(&Input::Home { home: Arc::clone(home), rules: "3".to_owned() });
            }
            What::Back(span) => {
                let now = self.now;
                self.now = now - *span;
                self.step(&Input::Tick);
                self.now = now;
            }
        }
    }

    pub(crate) fn step(&mut self, input: &Input) {
        let now = self.now.max(self.engine.now());
        let effects = self.engine.step(self.now, input);
        for effect in &effects {
            self.witness(effect);
        }
        self.effects.extend(effects);
        assert_eq!(self.engine.now(), now, "time stands still or goes on");
        assert_eq!(self.engine.forgotten(), Vec::<u32>::new(), "P3");
        let wake = self.engine.wake();
        assert!(wake.is_none_or(|wake| now < wake), "wake {wake:?} is not after {now:?}");
        for incident in self.engine.incidents().values().filter(|i| i.is_open()) {
            let due = incident.due.expect("P3");
            assert!(wake.is_some_and(|wake| wake <= due), "P3: a tick reaches every deadline");
            desk::must_not_wait(&self.engine, incident, now);
        }
    }

    /// P4: no alarm ends but by people.
    fn witness(&mut self, effect: &Effect) {
        let Effect::Story { incident, entry, .. } = effect else { return };
        let end = self.ends.entry(*incident).or_default();
        desk::witness(end, &entry.what);
        if let Some(count) = desk::kind(&entry.what).and_then(|nth| self.desk.get_mut(nth)) {
            *count += 1;
        }
        match &entry.what {
            Happening::Alarmed { .. } => end.alarmed = true,
            Happening::Resolved { by, .. } => end.resolved = Some(by.clone()),
            Happening::Reworked { .. } => end.resolved = None,
            Happening::Verified { by } => {
                assert_ne!(end.resolved.as_ref(), Some(by), "P4: a second person");
                end.verified = true;
            }
            Happening::Closed { outcome, .. } => {
                let incident = self.engine.incidents().get(incident).expect("just closed");
                if outcome.is_for_people() {
                    assert!(end.resolved.is_some(), "P4: a person said how it ended");
                    assert!(end.verified || !incident.needs.verified, "P4: verified");
                } else if matches!(outcome, Outcome::Void | Outcome::Merged) {
                    desk::closed(&self.engine, incident, end, *outcome);
                } else {
                    assert!(!end.alarmed, "P4: only a person ends an alarm");
                }
            }
            _ => {}
        }
    }

    pub(crate) fn restart(&mut self) {
        let saved = serde_json::to_string(self.engine.state()).expect("it can be saved");
        let state = serde_json::from_str(&saved).expect("it can be read");
        self.engine = Engine::resume(Arc::clone(&self.book), state);
    }

    pub(crate) fn saved(&self) -> serde_json::Value {
        serde_json::to_value(self.engine.state()).expect("it can be saved")
    }

    pub(crate) fn told(&self) -> Vec<String> {
        self.effects.iter().map(timeline::effect).collect()
    }
}
