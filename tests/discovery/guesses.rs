//! Which profiles match, best first, and why others do not.

use careloop::device::identify::{Guess, Heard, messages, stream};

use crate::{SHIPPED, device, heard};

fn guesses(heard: &[Heard]) -> Vec<Guess> {
    messages(&SHIPPED.profiles, None, heard)
}

#[test]
fn the_model_that_is_announced_comes_first_and_generic_ones_after_specific_ones() {
    let door = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003");
    let message = heard("zigbee2mqtt/aqara_door", r#"{"contact":false,"linkquality":120}"#);
    let all = messages(&SHIPPED.profiles, Some(&door), std::slice::from_ref(&message));
    let fitting: Vec<&str> = all.iter().filter(|g| g.fits).map(|g| g.profile.as_str()).collect();
    assert_eq!(fitting, ["zigbee2mqtt/aqara-MCCGQ11LM", "zigbee2mqtt/any"]);
    assert_eq!(all[0].reads, ["open true", "link_quality 120 lqi"]);
    let binding = serde_json::to_value(&all[0].binding).expect("it has one");
    assert_eq!(binding, serde_json::json!({"mqtt": "aqara_door"}));
    assert_eq!(all, messages(&SHIPPED.profiles, Some(&door), &[message]), "always the same");
}

#[test]
fn before_a_device_has_said_anything_its_announcement_is_enough() {
    let door = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003");
    let all = messages(&SHIPPED.profiles, Some(&door), &[]);
    assert!(all[0].fits && all[0].profile == "zigbee2mqtt/aqara-MCCGQ11LM", "{all:#?}");
    let flood = device("shelly.txt", "shelly shellyflood-445566");
    let all = messages(&SHIPPED.profiles, Some(&flood), &[]);
    assert_eq!((all[0].fits, all[0].profile.as_str()), (true, "shelly/SHWT-1"), "{all:#?}");
    assert!(all[0].binding.is_some());
}

#[test]
fn without_an_announcement_a_model_must_tell_something_of_its_own() {
    let all = guesses(&[heard("zigbee2mqtt/x", r#"{"water_leak":true,"battery":80}"#)]);
    let fitting: Vec<&str> = all.iter().filter(|g| g.fits).map(|g| g.profile.as_str()).collect();
    assert!(fitting.contains(&"zigbee2mqtt/aqara-SJCGQ11LM"), "{all:#?}");
    assert!(!fitting.contains(&"zigbee2mqtt/heiman-HS1SA"), "smoke is not in it");
    assert_eq!(fitting.last(), Some(&"zigbee2mqtt/any"));
    let other = guesses(&[heard("flat/x", r#"{"water_leak":true}"#)]);
    let leak = other.iter().find(|g| g.profile == "zigbee2mqtt/aqara-SJCGQ11LM");
    assert!(leak.is_none(), "it speaks elsewhere, and nothing else is known");
}

#[test]
fn a_near_miss_says_why() {
    let door = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003");
    let other = careloop::device::Announced { models: vec!["SNZB-04".to_owned()], ..door };
    let message = heard("zigbee2mqtt/aqara_door", r#"{"contact":false}"#);
    let all = messages(&SHIPPED.profiles, Some(&other), &[message]);
    let near = all.iter().find(|g| g.profile == "zigbee2mqtt/aqara-MCCGQ11LM").expect("it is near");
    assert!(!near.fits);
    assert_eq!(near.why_not, ["it is announced as `SNZB-04`, and this is `MCCGQ11LM`"]);
}

#[test]
fn a_payload_that_shows_its_model_is_sure_and_one_that_shows_another_is_not_it() {
    let text = r#"
vendor = "V"
model = "M"
about = "a"
source = "s"
[known_by]
payload = { "/id" = "M7" }
[mqtt]
topic = "x/{device}"
[[report]]
at = "/leak"
property = "leak"
[[report]]
topic = "x/{device}/lwt"
at = "/state"
property = "online"
values = { up = true }
[[example]]
about = "e"
from = "constructed"
payload = '{"leak":true}'
means = ["leak true"]
[[example]]
about = "e"
from = "constructed"
topic = "x/1/lwt"
payload = '{"state":"up"}'
means = ["online true"]
"#;
    let (profiles, wrong) = careloop::device::profiles_from([("v/m", text)].into_iter());
    assert_eq!(wrong, []);
    let of = |id: &str| {
        let said = heard("x/1", &format!(r#"{{"id":"{id}","leak":true}}"#));
        messages(&profiles, None, &[heard("x/1/lwt", r#"{"state":"up"}"#), said])
    };
    assert!(of("M7")[0].fits && of("M7")[0].is_sure);
    let other = &of("M8")[0];
    assert!(!other.fits && !other.is_sure);
    assert_eq!(other.why_not, ["`/id` is not `M7`"]);
}

#[test]
fn a_payload_alone_is_tried_by_every_topic() {
    let heard = Heard { topic: None, payload: br#"{"fall":true,"battery":80}"#.to_vec() };
    let all = guesses(&[heard]);
    let own = all.iter().find(|g| g.profile == "generic/json").expect("it reads it");
    assert!(own.fits && own.reads == ["fall true", "battery 80 %"], "{own:#?}");
}

#[test]
fn a_serial_capture_is_tried_in_every_framing() {
    let fall = [0x53, 0x59, 0x83, 0x01, 0, 1, 1, 0x32, 0x54, 0x43];
    let bytes: Vec<u8> = [&fall[3..], &fall[..], &fall[..]].concat();
    let (framed, all) = stream(&SHIPPED.profiles, &bytes);
    assert_eq!((framed[0].framing, framed[0].frames), ("micradar", 2));
    assert!(framed[0].damaged >= 1, "it was joined in the middle");
    // Other makers' radars speak the same frames: one capture cannot tell them apart.
    assert_eq!((all[0].fits, &*all[0].reads), (true, &["fall true".to_owned()][..]));
    let own = all.iter().find(|g| g.profile == "micradar/R60AFD1").expect("it is tried");
    assert_eq!((own.fits, &own.reads), (true, &all[0].reads));
    let (framed, all) = stream(&SHIPPED.profiles, &[0xFF; 300]);
    assert!(framed.iter().all(|f| f.frames == 0) && all.is_empty(), "{framed:?} {all:?}");
}

#[test]
fn a_model_whose_topic_is_all_address_fits_only_what_shows_the_model() {
    let text = r#"
vendor = "V"
model = "M"
about = "a"
source = "s"
[known_by]
model = ["M"]
[mqtt]
topic = "{device}"
[[report]]
at = "/rssi"
property = "signal"
[[example]]
about = "e"
from = "constructed"
payload = '{"rssi":-60}'
means = ["signal -60 dBm"]
"#;
    let (profiles, wrong) = careloop::device::profiles_from([("v/m", text)].into_iter());
    assert_eq!(wrong, []);
    let all = messages(&profiles, None, &[heard("home/gw/x", r#"{"rssi":-60}"#)]);
    assert!(all.iter().all(|guess| !guess.fits), "{all:#?}");
    let mut told = device("zigbee2mqtt.txt", "zigbee2mqtt 0x00158d0002a10003");
    told.models = vec!["M".to_owned()];
    let all = messages(&profiles, Some(&told), &[heard("home/gw/x", r#"{"rssi":-60}"#)]);
    assert!(all[0].fits && all[0].is_sure, "{all:#?}");
}
