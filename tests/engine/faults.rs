//! A broken device is not a broken hub; and a rule that watched the home as a whole, and now each device,
//! keeps what it began.

use std::sync::Arc;

use careloop::domain::{Home, Input, Observation, Span, Time};
use careloop::engine::{Book, BookTexts, Engine};

use crate::watched::{begin, shipped};

/// The shipped rules, and with `old` in force of the hub's faults as it was before.
fn book(old: bool) -> Arc<Book> {
    let new = include_str!("../../config/rules.toml").to_owned();
    let before = "emergency = { of = [\"fault\"] }";
    let rules = match old {
        true => new.replace("supervision = { of = \"fault\", only = \"hub\" }", before),
        false => new.clone(),
    };
    assert_eq!(old, rules != new);
    let texts = BookTexts { rules, plans: include_str!("../../config/plans.toml").to_owned() };
    Arc::new(texts.read().expect("it is right"))
}

fn hub() -> Home {
    let mut home = shipped().home;
    home.devices.truncate(2);
    for (device, id) in home.devices.iter_mut().zip(["store", "clock"]) {
        device.id = id.parse().expect("a name");
        device.is_life = false;
    }
    Home { id: Home::HUB.parse().expect("a name"), ..home }
}

fn says(engine: &mut Engine, now: Time, device: &str, said: &str) {
    let observations = vec![said.parse::<Observation>().expect("an observation")];
    let device = device.parse().expect("a name");
    engine.step(now, &Input::Heard { device, observations, retained: false });
}

/// The open incidents, `rule@device`.
fn open(engine: &Engine) -> Vec<String> {
    let all = engine.incidents().values().filter(|i| i.is_open());
    all.map(|i| i.key()).collect()
}

#[test]
fn the_hub_s_own_fault_says_so_at_once_and_a_device_s_is_no_fault_of_the_hub() {
    let mut engine = Engine::new(book(false));
    let home = Arc::new(hub());
    engine.step(begin(), &Input::Home { home, rules: String::new() });
    says(&mut engine, begin(), "store", "fault true");
    assert_eq!(open(&engine), ["hub-fault@store"]);
    engine.step(begin() + Span::hours(1), &Input::Tick);
    assert_eq!(open(&engine), ["hub-fault@store"], "and it is told once");

    let mut engine = Engine::new(book(false));
    let home = Arc::new(shipped().home);
    engine.step(begin(), &Input::Home { home, rules: String::new() });
    says(&mut engine, begin(), "hall-motion", "fault true");
    engine.step(begin() + Span::minutes(5), &Input::Tick);
    assert_eq!(open(&engine), ["device-fault@hall-motion"]);
}

#[test]
fn an_incident_of_the_home_as_a_whole_goes_on_as_that_of_its_device() {
    let mut engine = Engine::new(book(true));
    let home = Arc::new(hub());
    let registered = Input::Home { home, rules: String::new() };
    engine.step(begin(), &registered);
    says(&mut engine, begin(), "store", "fault true");
    assert_eq!(open(&engine), ["hub-fault"]);
    engine.turn_to(book(false));
    let now = begin() + Span::hours(2);
    engine.step(now, &registered);
    engine.step(now, &Input::Tick);
    assert_eq!(open(&engine), ["hub-fault"], "what it began does not begin twice");
    says(&mut engine, now, "store", "fault false");
    assert!(engine.incidents().values().all(|i| i.over_at.is_some()), "and it is its end");
    says(&mut engine, now, "clock", "fault true");
    assert_eq!(open(&engine), ["hub-fault", "hub-fault@clock"]);
}
