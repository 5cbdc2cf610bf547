//! The waiting list: one entry a device, none for what is registered, a bridge, or Home Assistant.

use std::collections::BTreeSet;

use careloop::device::waiting::Waiting;
use careloop::domain::{Binding, Time};

use crate::{SHIPPED, device, file, list, seen, told};

fn names(all: &[Waiting]) -> BTreeSet<&str> {
    all.iter().map(|w| w.name.as_str()).collect()
}

#[test]
fn all_topics_and_all_announcements_of_one_device_are_one_entry() {
    let announced = [
        told(device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003")),
        told(device("home-assistant.txt", "home-assistant zigbee2mqtt_0x00158d0002a10003")),
    ];
    let heard = [
        seen("zigbee2mqtt/aqara_door", &[r#"{"contact":false,"linkquality":9}"#]),
        seen("zigbee2mqtt/aqara_door/availability", &[r#"{"state":"online"}"#]),
        seen("zigbee2mqtt/aqara_door/contact", &["false", "true"]),
    ];
    let all = list(&heard, &announced);
    assert_eq!(all.len(), 1, "{all:#?}");
    let door = &all[0];
    assert_eq!(
        (door.name.as_str(), door.vendor.as_str(), door.model.as_str()),
        ("aqara_door", "Aqara", "MCCGQ11LM")
    );
    assert_eq!((door.count, door.announced.len(), door.heard.len()), (4, 2, 4));
    let best = door.guesses.first().expect("its model is known");
    assert_eq!(best.profile, "zigbee2mqtt/aqara-MCCGQ11LM");
    assert_eq!(best.binding, Some(Binding::Mqtt("aqara_door".to_owned())));
    let home = &SHIPPED.homes[0].id;
    assert_eq!(
        door.adopt,
        format!(
            "careloop devices adopt {} --home {home} --room ROOM --as aqara-door --profile zigbee2mqtt/aqara-MCCGQ11LM",
            door.key
        )
    );
    assert!(
        door.key.len() == 5
            && door.key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    );
}

#[test]
fn a_key_stays_the_same_before_and_after_the_announcement_and_whatever_else_waits() {
    let heard = [seen("zigbee2mqtt/aqara_door", &["{}"])];
    let door = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003");
    let radar = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a1000c");
    let before = list(&heard, &[])[0].key.clone();
    for after in [list(&heard, &[told(door.clone())]), list(&[], &[told(radar), told(door)])] {
        let found = after.iter().find(|w| w.name == "aqara_door").expect("it waits");
        assert_eq!(found.key, before);
    }
}

#[test]
fn what_is_registered_does_not_wait_nor_does_what_bridges_and_home_assistant_say() {
    // `front-door` is a device of the shipped household.
    let heard = [
        seen("zigbee2mqtt/front-door/contact", &["true"]),
        seen("zigbee2mqtt/front-door/set", &["{}"]),
        seen("zigbee2mqtt/bridge/response/permit_join", &["{}"]),
        seen("homeassistant/status", &["online"]),
        seen("homeassistant/sensor/x/config", &["{"]),
        seen("careloop/incidents/h1-1/moves", &["x"]),
        seen("$SYS/broker/uptime", &["7"]),
        seen("home/gateway/LWT", &["online"]),
        seen("home/gateway/SYStoMQTT", &["{}"]),
    ];
    let mut door = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003");
    door.topics = vec!["zigbee2mqtt/front-door".to_owned()];
    let mut bridge = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003");
    bridge.topics = vec!["zigbee2mqtt/bridge/info".to_owned()];
    bridge.key = "home-assistant zigbee2mqtt_bridge_0x1".to_owned();
    let all = list(&heard, &[told(door), told(bridge)]);
    assert_eq!(all, []);
}

#[test]
fn a_bridge_waits_as_itself_and_takes_no_device_with_it() {
    let heard = [
        seen("zigbee2mqtt/bridge/state", &[r#"{"state":"online"}"#]),
        seen("rtl_433/attic/availability", &["online"]),
    ];
    let told_by = ["zigbee2mqtt.txt", "home-assistant.txt"].map(|name| {
        let all = file(name).0.into_values();
        all.map(|n| told(n.whole().expect("whole"))).collect::<Vec<_>>()
    });
    let alone = list(&heard, &[]);
    let profiles: BTreeSet<_> = alone.iter().map(|w| (w.name.as_str(), w.profile())).collect();
    let wanted = [("attic", Some("rtl_433/receiver")), ("bridge", Some("zigbee2mqtt/bridge"))];
    assert_eq!(profiles, BTreeSet::from(wanted));
    let all = list(&heard, &told_by.concat());
    let bridge = all.iter().find(|w| w.topics == ["zigbee2mqtt/bridge/state"]).expect("it waits");
    assert_eq!(bridge.profile(), Some("zigbee2mqtt/bridge"), "{bridge:#?}");
    let door = all.iter().find(|w| w.name == "aqara_door").expect("it waits");
    assert_eq!(door.announced.len(), 2, "{door:#?}");
}

#[test]
fn a_radio_sensor_waits_once_with_its_model_also_when_only_its_fields_are_left() {
    let event = r#"{"time":"2026-11-23 01:27:09","model":"Kerui-Security","id":251297,"cmd":5,"water":1,"state":"water"}"#;
    let alarm = r#"{"model":"Smoke-GS558","id":17109,"unit":28,"learn":0,"code":"585abc"}"#;
    let again = r#"{"model":"Smoke-GS558","id":17109,"unit":28,"learn":0,"code":"a85abc"}"#;
    let field = |name: &str, value: &'static str| {
        seen(&format!("rtl_433/vm/devices/Kerui-Security/251297/{name}"), &[value])
    };
    let fields = [
        field("id", "251297"),
        field("cmd", "5"),
        field("motion", "1"),
        field("state", "water"),
        field("time", "2026-11-23 01:27:09"),
    ];
    for events in [&[alarm, again, event][..], &[alarm, again]] {
        let mut heard = fields.to_vec();
        heard.push(seen("rtl_433/vm/events", events));
        let all = list(&heard, &[]);
        assert_eq!(names(&all), BTreeSet::from(["Kerui-Security/251297", "Smoke-GS558/17109"]));
        let water = all.iter().find(|w| w.name.starts_with("Kerui")).expect("it waits");
        assert_eq!(water.profile(), Some("rtl_433/kerui-leak"), "{water:#?}");
        assert_eq!(
            water.guesses[0].binding,
            Some(Binding::Mqtt("Kerui-Security/251297".to_owned()))
        );
    }
}

#[test]
fn devices_of_a_shared_topic_are_told_apart_by_their_payloads() {
    let heard = [seen(
        "R60AFD1/live",
        &[
            r#"{"device_id":"r60-07","device_type":"R60AFD1","presence":true}"#,
            r#"{"device_id":"r60-08","device_type":"R60AFD1","fall_alarm":true}"#,
            r#"{"device_id":"r60-07","device_type":"R60AFD1","fall_alarm":false}"#,
            "rubbish",
        ],
    )];
    let all = list(&heard, &[]);
    assert_eq!(names(&all), BTreeSet::from(["r60-07", "r60-08"]));
    let one = all.iter().find(|w| w.name == "r60-07").expect("it waits");
    assert_eq!((one.count, one.heard.len()), (2, 2));
    assert_eq!(
        one.guesses.first().map(|g| &*g.profile),
        Some("generic/r60-json-lines"),
        "{one:#?}"
    );
    assert_eq!(one.guesses[0].binding, Some(Binding::Mqtt("r60-07".to_owned())));
}

#[test]
fn everything_in_the_samples_waits_once() {
    let (shellies, messages) = file("shelly.txt");
    let announced: Vec<_> =
        shellies.into_values().map(|n| told(n.whole().expect("whole"))).collect();
    let heard: Vec<_> = messages
        .iter()
        .map(|h| {
            seen(
                h.topic.as_deref().expect("topic"),
                &[std::str::from_utf8(&h.payload).expect("text")],
            )
        })
        .collect();
    let all = list(&heard, &announced);
    assert_eq!(names(&all), BTreeSet::from(["shellyflood-445566", "shellysmoke-7A1B2C"]));
    let smoke = all.iter().find(|w| w.name == "shellysmoke-7A1B2C").expect("it waits");
    assert_eq!(smoke.guesses[0].profile, "shelly/SHSM-01", "{:#?}", smoke.guesses);
    assert_eq!(smoke.guesses[0].binding, Some(Binding::Mqtt("shellysmoke-7A1B2C".to_owned())));
}

#[test]
fn the_latest_comes_first_and_a_device_nobody_knows_wants_a_draft() {
    let mut old = seen("flat3/bedmat-7/data", &[r#"{"bedstate":"x"}"#]);
    old.last_at = Time(5);
    let all = list(&[old, seen("flat3/other", &["x"])], &[]);
    assert_eq!(all.iter().map(|w| w.name.as_str()).collect::<Vec<_>>(), ["other", "bedmat-7"]);
    assert!(all[1].guesses.is_empty() && all[1].adopt.ends_with("--profile PROFILE"));
}

#[test]
fn a_homie_device_and_what_it_says_are_one_entry_and_a_bare_will_is_none() {
    let (homies, messages) = file("homie.txt");
    let announced: Vec<_> = homies.into_values().map(|n| told(n.whole().expect("whole"))).collect();
    let heard: Vec<_> = messages
        .iter()
        .map(|h| {
            seen(
                h.topic.as_deref().expect("topic"),
                &[std::str::from_utf8(&h.payload).expect("text")],
            )
        })
        .collect();
    let all = list(&heard, &announced);
    assert_eq!(names(&all), BTreeSet::from(["Bed node", "Bedroom", "Front door"]));
    let bedroom = all.iter().find(|w| w.name == "Bedroom").expect("it waits");
    assert_eq!(bedroom.count, 3, "{bedroom:#?}");
    assert_eq!(list(&[seen("somebody/lwt", &["online"])], &[]), []);
}

#[test]
fn a_model_that_is_known_but_speaks_elsewhere_says_so() {
    let mut door = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003");
    door.topics = vec!["aqara_door".to_owned()];
    let all = list(&[seen("aqara_door", &[r#"{"contact":true}"#])], &[told(door)]);
    assert_eq!(all[0].profile(), None);
    let why =
        "zigbee2mqtt/aqara-MCCGQ11LM is its model, but `aqara_door` is not `zigbee2mqtt/{device}`";
    assert!(all[0].remarks.iter().any(|r| r == why), "{:#?}", all[0].remarks);
}

#[test]
fn one_of_several_look_alikes_is_never_proposed_nor_one_that_reads_only_the_battery() {
    let contact = seen("zigbee2mqtt/new", &[r#"{"contact":false,"linkquality":9}"#]);
    let all = list(&[contact], &[]);
    assert!(1 < all[0].guesses.len(), "{:#?}", all[0].guesses);
    assert_eq!(all[0].profile(), None);
    assert!(all[0].adopt.ends_with("--profile PROFILE"));
    let odd = seen("zigbee2mqtt/odd", &[r#"{"alarm_of_tomorrow":true,"linkquality":9}"#]);
    let all = list(&[odd], &[]);
    assert_eq!(
        all[0].guesses.iter().map(|g| g.profile.as_str()).collect::<Vec<_>>(),
        ["zigbee2mqtt/any"]
    );
    assert_eq!(all[0].profile(), None);
}
