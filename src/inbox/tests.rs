//! What a flood of one device does to it, to the others, and to what is known in the end.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use tokio::task::JoinSet;
use tokio::time::{advance, sleep};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::device::{SHIPPED, profiles_from};
use crate::domain::{Device, Home, Property, Value};

const BUDGET: Budget = Budget { per_second: 5, burst: 5 };

/// The inbox, its porter at work, and the loop's end.
struct House {
    inbox: Inbox,
    outlet: Outlet,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl House {
    fn new() -> Self {
        let (profiles, _) = profiles_from(SHIPPED.iter().copied());
        let device = |id: &str| Device {
            room: "hall".to_owned(),
            ..Device::new(
                id.parse().unwrap(),
                "generic/json",
                crate::domain::Binding::Mqtt(id.to_owned()),
            )
        };
        let home = Home::new("h1".parse().unwrap(), "UTC", ["a", "b"].map(device).to_vec());
        let catalog = Catalog::new(&profiles, &[home]).unwrap();
        let (inbox, outlet, _) = Inbox::new(Arc::new(catalog));
        let (inbox, porter) = inbox.with_budget(BUDGET);
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        tasks.spawn(porter.run(stop.clone()));
        Self { inbox, outlet, stop, tasks }
    }

    async fn says(&self, device: &str, payload: &str) -> Receipt {
        self.publishes(&format!("careloop/devices/{device}"), payload).await
    }

    async fn publishes(&self, topic: &str, payload: &str) -> Receipt {
        let origin = Origin::Mqtt(topic.to_owned());
        let raw = RawMessage { origin, payload: payload.into(), retained: false };
        self.inbox.receive(raw, Vec::new()).await
    }

    /// What is in the lanes now, life first.
    fn letters(&mut self) -> Vec<Letter> {
        let Outlet { life, ordinary } = &mut self.outlet;
        let life = std::iter::from_fn(|| life.try_recv().ok());
        life.chain(std::iter::from_fn(|| ordinary.try_recv().ok())).collect()
    }
}

/// `temperature 20 °C, humidity 40 % +2`: what it says, and for how many others it stands.
fn said(letter: &Letter) -> String {
    let Arrival::Message { decoded, replaced, .. } = &letter.arrival else { panic!("{letter:?}") };
    let said = match decoded {
        Decoded::Known { observations, .. } => {
            observations.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        Decoded::Unknown { .. } | Decoded::Announced(_) => "?".to_owned(),
    };
    if *replaced == 0 { said } else { format!("{said} +{replaced}") }
}

fn all_said(letters: &[Letter]) -> Vec<String> {
    letters.iter().map(said).collect()
}

#[tokio::test(start_paused = true)]
async fn who_keeps_to_the_budget_is_never_held_back() {
    let mut house = House::new();
    for n in 0..100 {
        drop(house.says("a", &format!("{{\"temperature\":{n}}}")).await);
        assert_eq!(all_said(&house.letters()), [format!("temperature {n} °C")]);
        advance(Duration::from_millis(200)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_flood_the_latest_is_stored_and_nobody_is_answered_before_it_is() {
    let mut house = House::new();
    let mut receipts = Vec::new();
    for n in 0..8 {
        receipts.push(house.says("a", &format!("{{\"temperature\":{n}}}")).await);
    }
    drop(house.says("b", "{\"temperature\":30}").await);
    let at_once = house.letters();
    assert_eq!(at_once.len(), 6, "the burst, and the other device");
    assert_eq!(said(&at_once[5]), "temperature 30 °C", "it is not harmed");
    for letter in at_once {
        letter.receipt.send(Answer::Done).unwrap_or_default();
    }
    let mut held = receipts.split_off(5);
    for receipt in receipts {
        assert_eq!(receipt.await, Ok(Answer::Done));
    }
    sleep(Duration::from_millis(201)).await;
    let mut later = house.letters();
    assert_eq!(all_said(&later), ["temperature 7 °C +2"]);
    sleep(Duration::from_secs(10)).await;
    let unanswered = |r: &mut Receipt| futures_util::FutureExt::now_or_never(r).is_none();
    assert!(held.iter_mut().all(unanswered), "it is not on disk yet");
    later.remove(0).receipt.send(Answer::Done).unwrap();
    for receipt in held {
        assert_eq!(receipt.await, Ok(Answer::Done));
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_stored_is_acknowledged_to_nobody_who_gave_way_to_it() {
    let mut house = House::new();
    let mut receipts = Vec::new();
    for n in 0..8 {
        receipts.push(house.says("a", &format!("{{\"temperature\":{n}}}")).await);
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(house.letters().len(), 6);
    for receipt in receipts {
        assert_eq!(receipt.await, Err(NotStored));
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_life_may_hang_on_is_never_held_back() {
    let mut house = House::new();
    for n in 0..500 {
        drop(house.says("a", &format!("{{\"temperature\":{n}}}")).await);
        drop(house.says("a", "{\"help\":true}").await);
        let help = house.outlet.life.try_recv().unwrap();
        assert_eq!(said(&help), "help true", "the {n}th");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_does_not_undo_what_a_life_message_says_later() {
    let mut house = House::new();
    for _ in 0..5 {
        drop(house.says("a", "{\"presence\":true}").await);
    }
    house.letters();
    drop(house.says("a", "{\"presence\":false,\"temperature\":20}").await);
    drop(house.says("a", "{\"presence\":true,\"fall\":true}").await);
    assert_eq!(house.letters().len(), 1);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(all_said(&house.letters()), ["temperature 20 °C"]);
}

#[tokio::test(start_paused = true)]
async fn so_few_are_held_back_that_no_source_has_to_stop_reading() {
    let mut house = House::new();
    let (mut waiting, mut stored) = (Vec::new(), 0);
    for n in 0..2000 {
        let payload = format!("{{\"temperature\":{}}}", n % 50);
        waiting.push(house.publishes(&format!("nobody/{}", n % 7), &payload).await);
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        for letter in house.letters() {
            stored += 1;
            drop(letter.receipt.send(Answer::Unknown(String::new())));
        }
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        waiting.retain_mut(|r| futures_util::FutureExt::now_or_never(r).is_none());
        assert!(waiting.len() <= HELD_MAX, "{} wait", waiting.len());
    }
    assert!(stored < 600, "{stored} of 2000 are stored");
    sleep(Duration::from_millis(201)).await;
    for letter in house.letters() {
        drop(letter.receipt.send(Answer::Unknown(String::new())));
    }
    sleep(Duration::from_millis(1)).await;
    waiting.retain_mut(|r| futures_util::FutureExt::now_or_never(r).is_none());
    assert_eq!(waiting.len(), 0, "and nobody has to pay later for what was let out early");
}

#[tokio::test(start_paused = true)]
async fn strangers_without_number_share_one_budget_and_all_are_answered() {
    let mut house = House::new();
    let mut receipts = Vec::new();
    for n in 0..6000 {
        receipts.push(house.publishes(&format!("nobody/{n}"), "x").await);
        for letter in house.letters() {
            drop(letter.receipt.send(Answer::Unknown(String::new())));
        }
        tokio::task::yield_now().await;
    }
    while let Some(mut receipt) = receipts.pop() {
        while futures_util::FutureExt::now_or_never(&mut receipt).is_none() {
            sleep(Duration::from_millis(10)).await;
            for letter in house.letters() {
                drop(letter.receipt.send(Answer::Unknown(String::new())));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_end_all_that_is_held_back_is_let_out() {
    let mut house = House::new();
    let mut receipts = Vec::new();
    for n in 0..8 {
        receipts.push(house.says("a", &format!("{{\"temperature\":{n}}}")).await);
    }
    house.stop.cancel();
    tokio::task::yield_now().await;
    let letters = house.letters();
    assert_eq!(said(letters.last().unwrap()), "temperature 7 °C +2");
    letters.into_iter().for_each(|letter| drop(letter.receipt.send(Answer::Done)));
    house.tasks.join_next().await.unwrap().unwrap();
    for receipt in receipts {
        assert_eq!(receipt.await, Ok(Answer::Done));
    }
    for n in 0..20 {
        drop(house.says("a", &format!("{{\"temperature\":{n}}}")).await);
    }
    assert_eq!(house.letters().len(), 20, "nobody would let it out any more");
}

/// A message: who, what, and how long after the one before, in milliseconds.
fn messages() -> impl Strategy<Value = Vec<(bool, String, u64)>> {
    let properties = ["temperature", "humidity", "battery"];
    let one = (any::<bool>(), prop::sample::subsequence(properties.to_vec(), 1..=3), 0..50_u32);
    let gap = prop_oneof![8 => Just(0), 2 => 0..300_u64];
    let payload = |properties: Vec<&str>, value| {
        let parts: Vec<String> = properties.iter().map(|p| format!("\"{p}\":{value}")).collect();
        format!("{{{}}}", parts.join(","))
    };
    let message = (one, any::<bool>(), gap).prop_map(move |((is_a, names, value), help, gap)| {
        let payload = payload(names, value);
        let with_help = payload.replace('}', ",\"help\":true}");
        (is_a, if help && value < 5 { with_help } else { payload }, gap)
    });
    prop::collection::vec(message, 1..300)
}

type Known = BTreeMap<(String, Property), Value>;

fn note(known: &mut Known, decoded: &Decoded) {
    let Decoded::Known { device, observations, .. } = decoded else { return };
    for o in observations {
        known.insert((device.to_string(), o.property), o.value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However fast they come: what was said last is what is known in the end, everybody is answered,
    /// and no more is stored than the budget allows.
    #[test]
    fn the_last_value_of_a_flood_is_the_one_that_is_known(messages in messages()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut house = House::new();
            let (mut expected, mut known) = (Known::new(), Known::new());
            let (mut receipts, mut ordinary, mut took) = (Vec::new(), 0_u64, 0);
            for (is_a, payload, gap) in messages {
                let device = if is_a { "a" } else { "b" };
                let origin = Origin::Mqtt(format!("careloop/devices/{device}"));
                let raw = RawMessage { origin, payload: payload.into(), retained: false };
                note(&mut expected, &house.inbox.catalog.borrow().decode(&raw));
                receipts.push(house.inbox.receive(raw, Vec::new()).await);
                sleep(Duration::from_millis(gap)).await;
                took += gap;
                take(&mut house, &mut known, &mut ordinary);
            }
            sleep(Duration::from_millis(250)).await;
            take(&mut house, &mut known, &mut ordinary);
            assert_eq!(known, expected);
            for receipt in receipts {
                assert_eq!(receipt.await, Ok(Answer::Done));
            }
            // Two devices, each with its burst, and one more after each lull; and what had to make
            // room.
            let most = 2 * (5 + (took + 250) / 50 + 1) + 2 * 300 / 16;
            assert!(ordinary <= most, "{ordinary} are stored, {most} at most in {took} ms");
        });
    }
}

/// Stores what is there.
fn take(house: &mut House, known: &mut Known, ordinary: &mut u64) {
    for letter in house.letters() {
        if let Arrival::Message { decoded, .. } = &letter.arrival {
            note(known, decoded);
            *ordinary += u64::from(!is_life_message(decoded));
        }
        drop(letter.receipt.send(Answer::Done));
    }
}

/// A change of the register waits for what was understood by the old one.
#[tokio::test(start_paused = true)]
async fn whoever_passes_waits_for_what_is_held_back() {
    let mut house = House::new();
    let mut receipts = Vec::new();
    for n in 0..7 {
        receipts.push(house.says("a", &format!(r#"{{"temperature":{n}}}"#)).await);
    }
    assert_eq!(house.letters().len(), 5, "the last two are held back");
    let inbox = house.inbox.clone();
    let mut passing = JoinSet::new();
    passing.spawn(async move { inbox.pass().await });
    let Some(held) = house.outlet.ordinary.recv().await else { panic!("it is let out") };
    assert_eq!(said(&held), "temperature 6 °C +1");
    assert!(house.letters().is_empty(), "the mark comes when that is stored, not before");
    drop(held.receipt.send(Answer::Done));
    let Some(mark) = house.outlet.ordinary.recv().await else { panic!("then the mark comes") };
    assert!(matches!(mark.arrival, Arrival::Keep(_)));
    drop(mark.receipt.send(Answer::Done));
    assert_eq!(passing.join_next().await.unwrap().unwrap(), Ok(()));
}
