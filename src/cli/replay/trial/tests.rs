use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::config;
use crate::domain::{Act, DeviceId, Home, Observation, Outcome, Span, Time};
use crate::gateway::Gateway;
use crate::inbox::{Arrival, Letter};
use crate::simulate::Life;
use crate::store::Store;
use crate::trial::{Comparison, Fate, Found, Moment, Moves, compare};

/// In the afternoon of the shipped home.
const START: Time = Time(1_768_460_400_000);
const ALWAYS: Range = Range { from: Time(i64::MIN), until: Time(i64::MAX) };

/// A hub that lives, and its journal.
struct Lived {
    folder: TempDir,
    config: Config,
    gateway: Gateway,
    now: Time,
}

impl Lived {
    fn new(homes: usize, rules: impl FnOnce(&str) -> String) -> Self {
        // A commit need not wait for storage that is none.
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = tempfile::tempdir_in(parent).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let mut config = config::load(&shipped).unwrap();
        config.book_texts.rules = rules(&config.book_texts.rules);
        config.book = Arc::new(config.book_texts.read().unwrap());
        let like = (*config.homes[0]).clone();
        let named = |n| Arc::new(Home { id: format!("h{n}").parse().unwrap(), ..like.clone() });
        config.homes = (1..=homes).map(named).collect();
        let (store, _) = Store::open(&folder.path().join("careloop.db"), START).unwrap();
        let mut gateway =
            Gateway::open(store, Arc::clone(&config.book), &config.book_texts).unwrap();
        gateway.register(START, &config.homes).unwrap();
        Self { folder, config, gateway, now: START }
    }

    fn tell(&mut self, home: &HomeId, input: Input) {
        let arrival = Arrival::Input { home: home.clone(), input };
        let letter = Letter { arrival, receipt: tokio::sync::oneshot::channel().0 };
        self.gateway.handle(self.now, &[letter]).unwrap();
    }

    fn hear(&mut self, device: &str, said: &str) {
        let device: DeviceId = device.parse().unwrap();
        let observations = vec![said.parse::<Observation>().unwrap()];
        let home = self.config.homes[0].id.clone();
        self.tell(&home, Input::Heard { device, observations, retained: false });
    }

    fn act(&mut self, incident: u32, by: &str, act: Act) {
        let home = self.config.homes[0].id.clone();
        self.tell(&home, Input::Move { incident, by: by.parse().unwrap(), act });
    }

    fn close(&mut self, n: u32) {
        self.act(n, "wang", Act::OnScene);
        self.act(n, "wang", Act::Resolve { outcome: Outcome::Safe, note: String::new() });
        self.act(n, "li", Act::Verify);
    }

    /// Every deadline at its own instant.
    fn wait(&mut self, until: Time) {
        while let Some(at) = self.gateway.wake().filter(|at| *at < until) {
            self.now = self.now.max(at);
            self.gateway.handle(self.now, &[]).unwrap();
        }
        self.now = until;
    }

    fn relive(&self, rules: impl FnOnce(&str) -> String) -> Runs {
        let texts = BookTexts {
            rules: rules(&self.config.book_texts.rules),
            plans: self.config.book_texts.plans.clone(),
        };
        let (book, digest) = (Arc::new(texts.read().unwrap()), texts.digest());
        let other = Other { rules: String::new(), plans: String::new(), book, digest };
        let reader = Reader::open(&self.folder.path().join("careloop.db")).unwrap();
        relive(&self.config, &reader, &other, None, ALWAYS).unwrap()
    }
}

fn told(runs: &Runs) -> Comparison {
    compare(&runs.before, &runs.after, Moment::Alarmed, (ALWAYS.from, ALWAYS.until))
}

fn said(comparison: &Comparison) -> Vec<(Fate, &str, Option<Span>)> {
    comparison.differences.iter().map(|d| (d.fate, d.key.as_str(), d.later)).collect()
}

fn without(rules: &str, name: &str) -> String {
    let quoted = format!("\"{name}\"\n");
    let kept = rules.split("[[rule]]").filter(|rule| !rule.contains(&quoted));
    kept.collect::<Vec<_>>().join("[[rule]]")
}

#[test]
fn the_same_rules_change_nothing_whatever_befalls_the_hub() {
    for seed in 0..2 {
        let mut hub = Lived::new(2, str::to_owned);
        let homes = hub.config.homes.clone();
        let lives = homes.iter().zip(seed..);
        let lives = lives.map(|(home, seed)| Life::new(seed, home, START).with_mishaps(60));
        let mut all: Vec<(Time, HomeId, Input)> = Vec::new();
        for (home, life) in homes.iter().zip(lives) {
            let days = START + Span::hours(24 * 6);
            let until = life.take_while(|(at, _)| *at < days);
            all.extend(until.map(|(at, input)| (at, home.id.clone(), input)));
        }
        all.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        for (nth, (at, home, input)) in all.into_iter().enumerate() {
            let day = (at - START).0 / 86_400_000;
            let hour = (at - START).0 / 3_600_000 % 24;
            if day % 2 == 1 && (5..12).contains(&hour) {
                // It is down, and hears nobody.
                continue;
            }
            if hour == 12 {
                hub.now = hub.now.max(at);
            } else {
                hub.wait(at);
            }
            hub.tell(&home, input);
            if nth % 50 == 0 {
                (1..60).for_each(|n| hub.close(n));
            }
            if nth == 700 {
                hub.gateway.fold(hub.now - Span::hours(10)).unwrap();
            }
        }
        let runs = hub.relive(str::to_owned);
        // Homes that wake up together are not in the order of life.
        let sorted = |mut all: Vec<Found>| {
            all.sort_by(|a, b| (a.detected, &a.home, &a.key).cmp(&(b.detected, &b.home, &b.key)));
            all
        };
        let (before, after) = (sorted(runs.before), sorted(runs.after));
        assert!(3 < before.len(), "something happened");
        // A deadline that life reached less than a minute late is met on time by the trial.
        let is_same = |(a, b): (&Found, &Found)| {
            let near = (a.detected - b.detected).0.abs() < 60_000;
            near && (&a.home, &a.key, &a.reason) == (&b.home, &b.key, &b.reason)
        };
        let all_same = before.len() == after.len() && before.iter().zip(&after).all(is_same);
        assert!(all_same, "seed {seed}: {before:?}\n{after:?}");
    }
}

#[test]
fn people_move_the_same_incident_and_what_is_gone_is_left_out() {
    let mut hub = Lived::new(1, str::to_owned);
    hub.hear("kitchen-leak", "leak true");
    hub.wait(START + Span::minutes(1));
    hub.hear("help-button", "help");
    hub.wait(START + Span::minutes(5));
    hub.close(1);
    hub.close(2);
    hub.wait(START + Span::minutes(10));
    hub.hear("help-button", "help");
    let runs = hub.relive(|rules| without(rules, "leak"));
    assert_eq!(said(&told(&runs)), [(Fate::Disappears, "leak", None)]);
    // The second call for help is one of its own: the first was closed here as well.
    assert_eq!(told(&runs).rules["help"].after, 2);
    assert_eq!(runs.moves, Moves { made: 3, left_out: 3, closed: 0 });
}

#[test]
fn what_nobody_found_in_life_is_closed_by_made_up_people_and_swallows_nothing() {
    let mut hub = Lived::new(1, |rules| without(rules, "leak"));
    let leak = include_str!("../../../../config/rules.toml");
    let leak = leak.split("[[rule]]").find(|rule| rule.contains("\"leak\"\n")).unwrap();
    for hour in 0..4 {
        hub.wait(START + Span::hours(8 * hour));
        hub.hear("kitchen-leak", "leak true");
        hub.wait(hub.now + Span::minutes(20));
        hub.hear("kitchen-leak", "leak false");
    }
    let runs = hub.relive(|rules| format!("{rules}\n[[rule]]{leak}"));
    assert_eq!(said(&told(&runs)), [(Fate::Appears, "leak", None); 4]);
    assert_eq!(runs.moves, Moves { made: 0, left_out: 0, closed: 3 });
}

#[test]
fn an_alarm_that_comes_later_is_the_same_one_moved() {
    let mut hub = Lived::new(1, str::to_owned);
    hub.hear("fall-radar", "fall true");
    hub.wait(START + Span::minutes(10));
    hub.close(1);
    hub.wait(START + Span::minutes(11));
    hub.hear("fall-radar", "fall false");
    let later = |rules: &str| rules.replacen("after = \"30s\"", "after = \"90s\"", 1);
    let runs = hub.relive(later);
    assert_eq!(said(&told(&runs)), [(Fate::Moves, "fall", Some(Span::minutes(1)))]);
    let found = compare(&runs.before, &runs.after, Moment::Detected, (START, Time(i64::MAX)));
    assert_eq!(said(&found), [], "it is found when it was");
    assert_eq!(runs.moves, Moves { made: 3, left_out: 0, closed: 0 });
}

#[test]
fn what_is_broken_off_says_where_and_what_nobody_asked_for_is_left_out() {
    let mut hub = Lived::new(2, str::to_owned);
    let other = hub.config.homes[1].id.clone();
    for nth in 0..6_000 {
        hub.now = hub.now + Span::seconds(1);
        let device = "bed-pad".parse().unwrap();
        let home = hub.config.homes[nth % 2].id.clone();
        hub.tell(&home, Input::Heard { device, observations: Vec::new(), retained: false });
    }
    hub.hear("kitchen-leak", "leak true");
    let reader = Reader::open(&hub.folder.path().join("careloop.db")).unwrap();
    let run = |homes: Option<&HomeId>, go_on: &mut dyn FnMut(gateway::Passed) -> bool| {
        let current = (hub.config.book_texts.digest(), Arc::clone(&hub.config.book));
        let course = Course::new(Arc::clone(&hub.config.book), current.0.clone());
        let homes = homes.map(|home| [home.clone()].into());
        let ask = gateway::Ask { current, course, homes, range: ALWAYS };
        gateway::relive(&reader, ask, go_on).unwrap()
    };
    let whole = run(None, &mut |_| true);
    let leaks = |runs: &Runs| runs.before.iter().filter(|found| found.key == "leak").count();
    assert_eq!((whole.cut, leaks(&whole), whole.watched.sum().0), (None, 1, 2));
    let mut passed = Vec::new();
    let cut = run(None, &mut |now| {
        passed.push(now);
        false
    });
    let [first] = &*passed else { panic!("{passed:?}") };
    assert!(cut.cut == Some(first.at) && first.at < hub.now && leaks(&cut) == 0);
    let mut last = None;
    let quiet = run(Some(&other), &mut |now| {
        last = Some(now);
        true
    });
    assert!(quiet.before.iter().all(|found| found.home == other) && quiet.watched.sum().0 == 1);
    let last = last.unwrap();
    assert!(last.inputs * 2 <= last.rows + 4, "every second row is of the other home: {last:?}");
}
