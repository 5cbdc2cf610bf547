//! A device whose piece is replaced keeps its name and its history; what its old piece said last is
//! not taken for the word of the new one.

use std::sync::Arc;

use careloop::domain::{Binding, Home, Input, Observation, Property, Span, Time, Value};
use careloop::engine::{Effect, Engine};

use crate::watched::{begin, shipped};

struct Watch {
    engine: Engine,
    now: Time,
    home: Home,
}

impl Watch {
    fn new() -> Self {
        let shipped = shipped();
        let engine = Engine::new(shipped.book);
        let mut watch = Self { engine, now: begin(), home: shipped.home };
        watch.register();
        watch
    }

    fn register(&mut self) -> Vec<Effect> {
        let input = Input::Home { home: Arc::new(self.home.clone()), rules: String::new() };
        self.engine.step(self.now, &input)
    }

    /// The device says this, a minute later.
    fn says(&mut self, device: &str, property: Property, value: Value) -> Vec<Effect> {
        self.now = self.now + Span::minutes(1);
        let device = device.parse().expect("a name");
        let observation = Observation::new(property, value).expect("it fits");
        let observations = vec![observation];
        self.engine.step(self.now, &Input::Heard { device, observations, retained: false })
    }

    fn change(&mut self, device: &str, change: impl Fn(&mut careloop::domain::Device)) {
        self.now = self.now + Span::minutes(1);
        let found = self.home.devices.iter_mut().find(|d| d.id.as_str() == device);
        change(found.expect("it is there"));
        self.register();
    }

    /// Ticks whenever the engine wants to be woken.
    fn pass(&mut self, until: Time) {
        while let Some(at) = self.engine.wake().filter(|at| *at <= until) {
            self.engine.step(at, &Input::Tick);
        }
        self.now = until;
    }

    fn open(&self, device: &str) -> usize {
        let of_it = self.engine.incidents().values().filter(|i| i.is_open());
        of_it.filter(|i| i.device.as_ref().is_some_and(|d| d.as_str() == device)).count()
    }
}

#[test]
fn of_a_device_that_was_replaced_nothing_is_known() {
    for other in ["model", "address", "base"] {
        let mut watch = Watch::new();
        let device = "kitchen-leak".parse().expect("a name");
        watch.says("kitchen-leak", Property::Battery, Value::Number(90.0));
        watch.change("kitchen-leak", |device| "pantry".clone_into(&mut device.room));
        let sight = watch.engine.situation().sight(&device).expect("it spoke");
        assert!(sight.heard.is_some(), "a piece that hangs elsewhere is the same piece");
        watch.change("kitchen-leak", |device| match other {
            "model" => "generic/json".clone_into(&mut device.profile),
            "address" => device.binding = Binding::Mqtt("another".to_owned()),
            _ => device.base = Some("another".to_owned()),
        });
        let sight = watch.engine.situation().sight(&device).expect("it is expected");
        assert_eq!((sight.heard, sight.facts().len()), (None, 0), "{other}");
        assert_eq!(sight.expected, Some(watch.now), "its time to speak begins now");
        // Two hours (as these tests have it) from now on, not from the old one's last word.
        let quiet = watch.now + Span::hours(2);
        watch.pass(quiet - Span::seconds(1));
        assert_eq!(watch.open("kitchen-leak"), 0);
        watch.pass(quiet + Span::hours(1));
        assert_eq!(
            watch.open("kitchen-leak"),
            1,
            "the new one has never spoken, and that is noticed"
        );
    }
}

#[test]
fn trouble_of_the_old_piece_stays_open_until_people_close_it_and_does_not_hide_that_of_the_new() {
    let mut watch = Watch::new();
    let low = Value::Number(5.0);
    watch.says("kitchen-smoke", Property::Battery, low);
    assert_eq!(watch.open("kitchen-smoke"), 1);
    watch.change("kitchen-smoke", |d| d.binding = Binding::Mqtt("another".to_owned()));
    assert_eq!(watch.open("kitchen-smoke"), 1, "a change of the register ends no incident");
    watch.says("kitchen-smoke", Property::Battery, low);
    assert_eq!(watch.open("kitchen-smoke"), 1, "it is found again");
    // People deal with it; the condition counts as spent, of this piece.
    for act in [
        r#"{"move":"accept"}"#,
        r#"{"move":"on-scene"}"#,
        r#"{"move":"resolve","outcome":"repaired"}"#,
    ] {
        watch.now = watch.now + Span::minutes(1);
        let act = serde_json::from_str(act).expect("a move");
        let by = "wu".parse().expect("a name");
        let incident = *watch.engine.incidents().keys().next().expect("it is open");
        watch.engine.step(watch.now, &Input::Move { incident, by, act });
    }
    watch.says("kitchen-smoke", Property::Battery, low);
    let before = watch.engine.incidents().keys().max().copied();
    watch.change("kitchen-smoke", |d| d.binding = Binding::Mqtt("a third".to_owned()));
    watch.says("kitchen-smoke", Property::Battery, low);
    assert!(before < watch.engine.incidents().keys().max().copied(), "the third is no better");
}
