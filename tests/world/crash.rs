//! `kill -9` at any instant: nothing acknowledged is lost, nothing happens twice, no timer is
//! forgotten (P1, P3, P7). `CRASH_ROUNDS` sets how often; see `tests/crash.sh`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::{Duration, Instant};

use careloop::domain::{Happening, IncidentId, Input, Value};
use tokio::task::JoinSet;

use crate::device::Device;
use crate::house::{Daemon, House, until};
use crate::programs::{LEAK, PRESSED, make_move};

/// Homes that call for help in one round; one of them by a leak.
const HOMES: usize = 3;
/// Away for so long, every rung that was next (a second after the one before) is late by more than
/// a second.
const LONG_MS: u64 = 2200;
/// Readings that a talker sends at a time, every few milliseconds.
const BURST: u32 = 16;
/// Devices that send readings all the time.
const TALKERS: usize = 3;

/// The next number of a sequence that looks random and is the same each time (xorshift).
pub fn dice(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// As many homes as the rounds need, with a button, a leak sensor, and a thermometer each.
fn register(rounds: usize) -> String {
    let mut text = String::new();
    for (id, role) in [
        ("daughter", "family"),
        ("zhao", "grid"),
        ("li", "community"),
        ("chen", "street"),
        ("wu", "technician"),
    ] {
        let contact = r#"contacts = [{ channel = "screen" }]"#;
        write!(
            text,
            "[[responder]]\nid = \"{id}\"\nname = \"{id}\"\nrole = \"{role}\"\n{contact}\n"
        )
        .unwrap();
    }
    for n in 0..rounds * HOMES {
        let people = r#"responders = ["daughter", "zhao", "li", "chen", "wu"]"#;
        write!(
            text,
            "[[home]]\nid = \"h{n}\"\nname = \"{n}\"\nzone = \"Asia/Shanghai\"\n{people}\n"
        )
        .unwrap();
        for (id, profile) in [
            ("button", "zigbee2mqtt/heiman-HS1EB"),
            ("leak", "zigbee2mqtt/tuya-TS0207"),
            ("reading", "generic/json"),
        ] {
            let device = format!("id = \"{id}\"\nprofile = \"{profile}\"\nmqtt = \"{id}-{n}\"");
            write!(text, "[[home.device]]\n{device}\n").unwrap();
        }
    }
    text
}

/// What came of all rounds.
#[derive(Debug, Default)]
struct Figures {
    rounds: usize,
    acknowledged: usize,
    sent_again: usize,
    journalled_twice: usize,
    incidents: usize,
    late: usize,
    slowest_start: Duration,
}

struct Siege {
    house: House,
    seed: u64,
    /// Readings are numbered, so that each can be found in the journal.
    readings: u32,
    talkers: Vec<Device>,
    callers: Vec<Device>,
    figures: Figures,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_instant_loses_nothing_and_doubles_no_incident() {
    let asked = std::env::var("CRASH_ROUNDS").ok();
    let rounds = asked.map_or(6, |rounds| rounds.parse().unwrap());
    let house = House::with(|texts| {
        texts.hurry();
        texts.no_budget();
        texts.put("register.toml", register(rounds));
    });
    let callers = (0..rounds * HOMES).map(|n| Device::new(&format!("caller-{n}"))).collect();
    let talkers = (0..TALKERS).map(|n| Device::new(&format!("talker-{n}"))).collect();
    let figures = Figures::default();
    let mut siege = Siege { house, seed: 0x5eed, readings: 0, talkers, callers, figures };
    let mut daemon = siege.house.start().await;
    for round in 0..rounds {
        daemon = siege.round(round, daemon).await;
    }
    daemon.end("-TERM").await;
    siege.house.verify().await;
    println!("{:#?}", siege.figures);
    assert_eq!(siege.figures.rounds, rounds);
    assert_eq!(siege.figures.incidents, rounds * HOMES);
}

impl Siege {
    /// Load, a kill in the middle of it, a start; then everything is looked at.
    async fn round(&mut self, round: usize, daemon: Daemon) -> Daemon {
        let port = daemon.mqtt;
        let instant = Duration::from_micros(dice(&mut self.seed) % 400_000);
        let mut load = JoinSet::new();
        for talker in std::mem::take(&mut self.talkers) {
            let from = self.readings;
            self.readings += 100_000;
            load.spawn(talk(talker, port, round * HOMES, from));
        }
        let homes = round * HOMES..(round + 1) * HOMES;
        for (n, caller) in homes.clone().zip(self.callers.drain(..HOMES)) {
            let wait = Duration::from_micros(dice(&mut self.seed) % 300_000);
            load.spawn(call(caller, port, n, wait));
        }
        tokio::time::sleep(instant).await;
        daemon.kill().await;
        let mut all = load.join_all().await;
        // Some time passes, or none: alarms that were on their way up fall due meanwhile.
        let away = Duration::from_millis(dice(&mut self.seed) % 3 / 2 * LONG_MS);
        tokio::time::sleep(away).await;

        let due = self.due_soon();
        let begun = Instant::now();
        let daemon = self.house.start().await;
        self.figures.slowest_start = self.figures.slowest_start.max(begun.elapsed());
        self.timers_went_on(&due, away).await;
        for device in &mut all {
            device.connect(daemon.mqtt).await.unwrap();
            device.settle().await.unwrap();
            self.figures.sent_again += device.repeated;
            device.repeated = 0;
        }
        self.everybody_called_is_told(homes.clone()).await;
        self.nothing_is_lost(&all);
        self.house.verify().await;
        for n in homes {
            self.quieten(&daemon, n).await;
        }
        all.retain(|device| device.is_named("talker"));
        self.talkers = all;
        self.figures.rounds += 1;
        daemon
    }

    /// Open alarms and how much of their story was told before the start.
    fn due_soon(&self) -> BTreeMap<IncidentId, usize> {
        let alarmed = self.house.incidents().into_iter().filter(|s| s.due_at.is_some());
        let unaccepted = alarmed.filter(|shown| shown.incident.accepted.is_none());
        unaccepted.map(|s| (s.id.clone(), self.house.story(&s.id).len())).collect()
    }

    /// What fell due while careloop was away has happened by now, and says how late it is; what is
    /// still to come comes.
    async fn timers_went_on(&mut self, due: &BTreeMap<IncidentId, usize>, away: Duration) {
        let begun = Instant::now();
        for (id, told) in due {
            let next = || self.house.story(id).get(*told).cloned();
            let next = until("the alarm goes on", next).await;
            let climbs = matches!(
                next.what,
                Happening::Escalated { .. } | Happening::Repeated { .. } | Happening::Told { .. }
            );
            assert!(climbs, "{id}: {next:?}");
            let escalated = || {
                let story = self.house.story(id);
                let new = story.into_iter().skip(*told);
                new.into_iter().find(|e| !matches!(e.what, Happening::Told { .. }))
            };
            let escalated = until("it climbs", escalated).await;
            if Duration::ZERO < away {
                assert!(begun.elapsed() < Duration::from_secs(1), "what was due fires at once");
                assert!(escalated.late.is_some(), "{id} says how late: {escalated:?}");
                self.figures.late += 1;
            }
        }
    }

    async fn everybody_called_is_told(&mut self, homes: std::ops::Range<usize>) {
        for n in homes {
            let of_home = || {
                let all = self.house.incidents();
                let own = all.into_iter().filter(|s| s.id.home.as_str() == format!("h{n}"));
                Some(own.collect::<Vec<_>>()).filter(|own| !own.is_empty())
            };
            let own = until("an incident", of_home).await;
            assert_eq!(own.len(), 1, "one call, one incident: {own:?}");
            assert!(own[0].alarmed_at.is_some(), "{own:?}");
            self.figures.incidents += 1;
        }
    }

    /// Every acknowledged message is in the journal.
    fn nothing_is_lost(&mut self, devices: &[Device]) {
        let mut readings: BTreeMap<u64, usize> = BTreeMap::new();
        let mut calls = BTreeSet::new();
        let see = |row: careloop::store::journal::Row| {
            let Input::Heard { device, observations, .. } = row.input else { return Ok(()) };
            match (device.as_str(), observations.first().map(|o| o.value)) {
                ("reading", Some(Value::Number(number))) => {
                    *readings.entry(number.to_bits()).or_default() += 1;
                }
                ("reading", _) => panic!("a reading without a number"),
                _ => {
                    let home = row.home.as_str().trim_start_matches('h');
                    calls.extend([format!("zigbee2mqtt/{device}-{home}")]);
                }
            }
            Ok(())
        };
        self.house.reader().journal(0, see).unwrap();
        self.figures.acknowledged = 0;
        for (topic, payload) in devices.iter().flat_map(|d| &d.acknowledged) {
            let number = payload.strip_prefix(r#"{"power":"#).and_then(|p| p.strip_suffix('}'));
            match number {
                Some(number) => {
                    let number: f64 = number.parse().unwrap();
                    assert!(readings.contains_key(&number.to_bits()), "{payload} is lost");
                }
                None => assert!(calls.contains(topic), "{topic} is lost"),
            }
            self.figures.acknowledged += 1;
        }
        self.figures.journalled_twice = readings.values().map(|n| n - 1).sum();
    }

    /// Somebody takes it, so that it need not climb any more.
    async fn quieten(&self, daemon: &Daemon, n: usize) {
        let id = format!("h{n}-1");
        make_move(daemon.mqtt, &id, r#"{"move":"accept","by":"daughter"}"#).await;
        let id: IncidentId = id.parse().unwrap();
        let accepted = || self.house.reader().incident(&id).unwrap()?.incident.accepted;
        until("it is accepted", accepted).await;
    }
}

/// Sends readings until the line breaks.
async fn talk(mut talker: Device, port: u16, home: usize, from: u32) -> Device {
    let topic = format!("careloop/devices/reading-{home}");
    if talker.connect(port).await.is_ok() {
        for n in from..from + 100_000 {
            let reading = format!(r#"{{"power":{}}}"#, f64::from(n) / 1000.0);
            if talker.send(&topic, &reading).await.is_err() {
                break;
            }
            if n % BURST == 0 {
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
        }
    }
    talker
}

/// Calls for help once: by the button, or by a leak.
async fn call(mut caller: Device, port: u16, home: usize, wait: Duration) -> Device {
    tokio::time::sleep(wait).await;
    let (device, payload) =
        if home.is_multiple_of(HOMES) { ("leak", LEAK) } else { ("button", PRESSED) };
    // The line may be cut at any of these; what was sent in vain is sent again after the start.
    drop(caller.connect(port).await);
    drop(caller.send(&format!("zigbee2mqtt/{device}-{home}"), payload).await);
    drop(caller.settle().await);
    caller
}
