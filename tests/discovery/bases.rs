//! Whoever runs a bridge may choose the first level of its topics, and may run two bridges.

use std::sync::Arc;

use careloop::device::discovery;
use careloop::device::identify::messages;
use careloop::device::waiting::{Told, waiting};
use careloop::device::{Catalog, Decoded, Origin, RawMessage};
use careloop::domain::{Binding, Home};

use crate::{SHIPPED, heard, list, seen, told};

const DOOR: &str = "zigbee2mqtt/aqara-MCCGQ11LM";

/// A bridge's list of one door called `kitchen`.
fn bridge(base: &str, ieee: &str) -> Told {
    let list = format!(
        r#"[{{"type":"EndDevice","ieee_address":"{ieee}","friendly_name":"kitchen","interview_completed":true,
        "supported":true,"model_id":"lumi.sensor_magnet.aq2","definition":{{"vendor":"Aqara","model":"MCCGQ11LM",
        "exposes":[{{"type":"binary","property":"contact","access":1,"value_on":false,"value_off":true}}]}}}}]"#
    );
    let read = discovery::read(&format!("{base}/bridge/devices"), list.as_bytes());
    let mut devices = read.expect("its shape").expect("a list").devices;
    told(devices.remove(0))
}

/// The shipped household with these doors in it, by the name and the base.
fn household(doors: &[(&str, Option<&str>)]) -> Home {
    let mut home = (**SHIPPED.homes.first().expect("there is a home")).clone();
    let known = home.devices.iter().find(|d| d.profile == DOOR).expect("it has a door").clone();
    for (id, base) in doors {
        let mut door = known.clone();
        door.id = id.parse().expect("a name");
        door.binding = Binding::Mqtt("kitchen".to_owned());
        door.base = base.map(str::to_owned);
        home.devices.push(door);
    }
    home
}

#[test]
fn two_doors_of_one_name_behind_two_bridges_wait_are_adopted_and_told_apart() {
    let open = r#"{"contact":false,"linkquality":90}"#;
    let said = [seen("zigbee2mqtt/kitchen", &[open]), seen("home/zigbee 2/kitchen", &[open])];
    let both =
        [bridge("zigbee2mqtt", "0x1"), bridge("zigbee_2", "0x2"), bridge("home/zigbee", "0x3")];
    let all = list(&said[..1], &both);
    let mut lines: Vec<&str> =
        all.iter().map(|w| w.adopt.split_once("--as").expect("it says").1).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            format!(" kitchen --profile {DOOR}"),
            format!(" kitchen --profile {DOOR} --base home/zigbee"),
            format!(" kitchen --profile {DOOR} --base zigbee_2"),
        ]
    );
    let why =
        &all.iter().find(|w| w.topics == ["zigbee_2/kitchen"]).expect("it waits").guesses[0].why;
    assert!(why.iter().any(|w| w.ends_with("on base `zigbee_2`")), "{why:?}");

    let doors = [("one", None), ("two", Some("zigbee_2")), ("three", Some("home/zigbee"))];
    let home = household(&doors);
    let catalog =
        Catalog::new(&SHIPPED.profiles, std::slice::from_ref(&home)).expect("they are apart");
    for (topic, device) in [
        ("zigbee2mqtt/kitchen", "one"),
        ("zigbee_2/kitchen", "two"),
        ("home/zigbee/kitchen", "three"),
    ] {
        let origin = Origin::Mqtt(topic.to_owned());
        let message = RawMessage { origin, payload: open.into(), retained: false };
        let Decoded::Known { device: by, observations, .. } = catalog.decode(&message) else {
            panic!("nobody is known at {topic}");
        };
        assert_eq!((by.as_str(), observations.len()), (device, 2), "{topic}");
        assert!(catalog.topics().iter().any(|t| t == topic), "{topic} is subscribed to");
    }
    let rest = |doors| waiting(&said[..1], &both, &[Arc::new(household(doors))], &SHIPPED.profiles);
    assert_eq!(rest(&doors), []);
    assert_eq!(rest(&doors[..2]).len(), 1, "the third one waits although the name is registered");
    // A base that cannot stand in a command is left to the key, which tells it as well.
    let odd = &list(&said[1..], &[bridge("home/zigbee 2", "0x4")])[0];
    assert!(odd.adopt.ends_with(DOOR), "{}", odd.adopt);
    let place = odd.binding(&SHIPPED.profiles[DOOR], None);
    assert_eq!(
        place,
        Some((Binding::Mqtt("kitchen".to_owned()), Some("home/zigbee 2".to_owned())))
    );
}

#[test]
fn what_is_only_heard_on_another_base_must_show_its_family() {
    let base = |topic: &str, payload: &str| {
        let all = messages(&SHIPPED.profiles, None, &[heard(topic, payload)]);
        let fits = all.into_iter().find(|guess| guess.fits);
        fits.map(|guess| {
            (guess.profile.split('/').next().unwrap_or_default().to_owned(), guess.base)
        })
    };
    let on = |family: &str, base: &str| Some((family.to_owned(), Some(base.to_owned())));
    let smoke = r#"{"smoke":true,"battery_low":false,"linkquality":26}"#;
    assert_eq!(base("zigbee/detector", smoke), on("zigbee2mqtt", "zigbee"));
    assert_eq!(base("zigbee/detector", r#"{"smoke":true}"#), None, "anybody may say that");
    assert_eq!(base("rtl_433/detector", smoke), None, "that first level is another family's");
    let kidde = r#"{"model":"Kidde-RF","id":5,"alarm":1}"#;
    assert!(base("radio/host/events", kidde).is_none_or(|(family, _)| family == "rtl_433"));
    let two = [seen(
        "radio/host/events",
        &[r#"{"model":"Generic-Motion","id":1}"#, r#"{"model":"Generic-Motion","id":2}"#],
    )];
    assert_eq!(list(&two, &[]).len(), 2, "two devices of a shared topic");
}
