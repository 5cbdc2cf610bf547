//! `kill -9` while people are told: no rung is lost, and what a far side reads twice is on record as unknown
//! before (P3, P9). `CUT_ROUNDS` sets how often; see `tests/crash.sh`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::AddAssign;
use std::time::Duration;

use careloop::domain::{Entry, Happening, Input, Report, Role};
use careloop::store::views::{Sent, Shown};

use crate::crash::dice;
use crate::device::Device;
use crate::far_side::SECRET;
use crate::house::{Daemon, House, until};
use crate::programs::{PRESSED, make_move};
use crate::slow_side::{Moment, SlowSide};

/// Homes that call for help in one round.
const HOMES: usize = 2;
/// Everybody is told by the platform first.
const PEOPLE: [(&str, &str); 5] = [
    ("daughter", "family"),
    ("zhao", "grid"),
    ("li", "community"),
    ("chen", "street"),
    ("wu", "technician"),
];

fn register(homes: usize) -> String {
    let mut text = String::new();
    for (id, role) in PEOPLE {
        let contacts = r#"[{ channel = "platform" }, { channel = "screen" }]"#;
        write!(
            text,
            "[[responder]]\nid = \"{id}\"\nname = \"{id}\"\nrole = \"{role}\"\ncontacts = {contacts}\n"
        )
        .unwrap();
    }
    for n in 0..homes {
        let people = PEOPLE.map(|(id, _)| format!("\"{id}\"")).join(", ");
        write!(
            text,
            "[[home]]\nid = \"h{n}\"\nname = \"{n}\"\nzone = \"Asia/Shanghai\"\nresponders = [{people}]\n\
             [[home.device]]\nid = \"button\"\nprofile = \"zigbee2mqtt/heiman-HS1EB\"\nmqtt = \"button-{n}\"\n"
        )
        .unwrap();
    }
    text
}

/// What came of all rounds.
#[derive(Debug, Default)]
struct Figures {
    kills: BTreeMap<&'static str, usize>,
    deliveries: usize,
    read_once: usize,
    read_again: usize,
    marked_and_never_read_twice: usize,
    withdrawn_unread: usize,
    incidents: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_people_are_told_loses_no_rung_and_marks_whatever_is_told_twice() {
    let asked = std::env::var("CUT_ROUNDS").ok();
    let rounds = asked.map_or(8, |rounds| rounds.parse().unwrap());
    let far = SlowSide::open().await;
    let house = House::with(|texts| {
        texts.hurry();
        texts.put("register.toml", register(rounds * HOMES));
        texts.webhook(&far.url, SECRET);
        // They have it already.
        texts.put("register.toml", register(rounds * HOMES));
    });
    let (mut seed, mut figures) = (0x7e11, Figures::default());
    let mut daemon = house.start().await;
    for round in 0..rounds {
        let homes = round * HOMES..(round + 1) * HOMES;
        let moment = Moment::ALL.get(usize::try_from(dice(&mut seed) % 4).unwrap()).copied();
        let reached = moment.map(|moment| far.hold(moment));
        for n in homes.clone() {
            press(&daemon, n).await;
        }
        // Once the ladder has begun to climb, or at its beginning.
        match reached {
            Some(reached) => {
                let climbed = Duration::from_micros(dice(&mut seed) % 1_500_000);
                drop(tokio::time::timeout(climbed, reached).await);
            }
            None => tokio::time::sleep(Duration::from_micros(dice(&mut seed) % 2_500_000)).await,
        }
        daemon.kill().await;
        figures.kills.entry(moment.map_or("any", Moment::name)).or_default().add_assign(1);
        far.let_go();
        daemon = house.start().await;
        tokio::time::sleep(Duration::from_micros(dice(&mut seed) % 1_500_000)).await;
        for n in homes {
            take(&house, &daemon, n).await;
        }
    }
    until("nothing waits to be told", || still_waiting(&house).is_empty().then_some(())).await;
    judge(&house, &far, &mut figures);
    daemon.end("-TERM").await;
    house.verify().await;
    println!("{figures:#?}");
    assert_eq!(figures.incidents, rounds * HOMES);
}

async fn press(daemon: &Daemon, n: usize) {
    let mut button = Device::new("button");
    button.connect(daemon.mqtt).await.unwrap();
    button.send(&format!("zigbee2mqtt/button-{n}"), PRESSED).await.unwrap();
    button.settle().await.unwrap();
}

/// Somebody takes it: what has not gone out yet need not any more.
async fn take(house: &House, daemon: &Daemon, n: usize) {
    let id = format!("h{n}-1");
    make_move(daemon.mqtt, &id, r#"{"move":"accept","by":"daughter"}"#).await;
    let id = id.parse().unwrap();
    let accepted = || house.reader().incident(&id).unwrap()?.incident.accepted;
    until("it is accepted", accepted).await;
}

fn deliveries(house: &House) -> Vec<(Shown, Vec<Sent>)> {
    let with = |shown: Shown| {
        let all = house.reader().deliveries(&shown.id).unwrap();
        (shown, all)
    };
    house.incidents_of("help").into_iter().map(with).collect()
}

fn still_waiting(house: &House) -> Vec<Sent> {
    let waits = |sent: &Sent| sent.state == "queued" || sent.state == "sending";
    deliveries(house).into_iter().flat_map(|(_, all)| all).filter(waits).collect()
}

/// How often the record says of each delivery that nobody knows what became of it.
fn unknowns(house: &House) -> BTreeMap<String, usize> {
    let mut unknowns = BTreeMap::new();
    let count = |row: careloop::store::journal::Row| {
        if let Input::Delivery { incident, k, report: Report::Unknown { .. } } = row.input {
            *unknowns.entry(format!("{}-{incident}/{k}", row.home)).or_default() += 1;
        }
        Ok(())
    };
    house.reader().journal(0, count).unwrap();
    unknowns
}

/// Compares what the far side has read with what the record says.
fn judge(house: &House, far: &SlowSide, figures: &mut Figures) {
    let (read, unknowns) = (far.read(), unknowns(house));
    for (shown, all) in deliveries(house) {
        figures.incidents += 1;
        every_rung_is_told(house, &shown, &all);
        for sent in all.iter().filter(|sent| sent.channel == "platform") {
            let id = format!("{}/{}", shown.id, sent.k);
            let times = read.get(&id).copied().unwrap_or_default();
            let unknown = unknowns.get(&id).copied().unwrap_or_default();
            let what = format!("{id}, read {times} times, unknown {unknown} times: {sent:?}");
            assert!(times <= 1 + unknown, "told again without a mark: {what}");
            match sent.state.as_str() {
                "delivered" => assert_ne!(times, 0, "it is on record as told: {what}"),
                "superseded" => figures.withdrawn_unread += usize::from(times == 0),
                _ => panic!("it came to nothing: {what}"),
            }
            figures.deliveries += 1;
            figures.read_once += usize::from(times == 1);
            figures.read_again += usize::from(1 < times);
            figures.marked_and_never_read_twice += usize::from(times <= 1 && 0 < unknown);
        }
    }
}

/// Whatever the story says was told has its promises, by number, none left out; and whoever may not have
/// heard it was told by the next way.
fn every_rung_is_told(house: &House, shown: &Shown, all: &[Sent]) {
    let numbers: Vec<u32> = all.iter().map(|sent| sent.k).collect();
    let expected: Vec<u32> = (1..).take(all.len()).collect();
    assert_eq!(numbers, expected, "{}: {all:?}", shown.id);
    let (mut calls, mut next_ways) = (0, 0);
    for Entry { what, .. } in house.story(&shown.id) {
        if let Happening::Told { channel, report: Report::Unknown { .. }, .. } = &what {
            next_ways += usize::from(channel.as_str() == "platform");
        }
        if let Happening::Alarmed { tell }
        | Happening::Escalated { tell, .. }
        | Happening::Repeated { tell } = what
        {
            // Of each role there is one person, but for this one.
            calls += tell.iter().filter(|role| **role != Role::MicroGrid).count();
        }
    }
    let by = |channel: &str| all.iter().filter(|sent| sent.channel == channel).count();
    assert_eq!(by("platform"), calls, "{}: {:?}", shown.id, house.lines(&shown.id));
    assert_eq!(by("screen"), next_ways, "{}: {:?}", shown.id, house.lines(&shown.id));
}
