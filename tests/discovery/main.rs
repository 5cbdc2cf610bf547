//! Devices that nobody registered yet: what they announce, what they may be, the profile drafted for
//! them, and the list of those that wait.

mod announced;
mod bases;
mod drafts;
mod guesses;
mod hostile;
mod lists;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use careloop::config::{self, Config};
use careloop::device::discovery::{self, Announced, Newcomer};
use careloop::device::identify::{Capture, Heard, capture};
use careloop::device::waiting::{Seen, Told, Waiting, waiting};
use careloop::domain::Time;

static SHIPPED: LazyLock<Config> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    config::load(&root.join("config")).expect("the shipped config is right")
});

/// Messages as `mosquitto_sub -v` prints them.
fn printed(text: &str) -> Vec<Heard> {
    match capture(text.as_bytes()) {
        Capture::Messages(messages) => messages,
        Capture::Payload(_) | Capture::Stream(_) => unreachable!("{text}"),
    }
}

/// The announcements of a file in `tests/announcements/`, and the messages that are none.
fn file(name: &str) -> (BTreeMap<String, Newcomer>, Vec<Heard>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/announcements").join(name);
    let text = std::fs::read_to_string(path).expect("it is there");
    let (mut newcomers, mut others) = (BTreeMap::<String, Newcomer>::new(), Vec::new());
    for heard in printed(&text) {
        let topic = heard.topic.clone().expect("each has a topic");
        match discovery::read(&topic, &heard.payload) {
            None => others.push(heard),
            Some(told) => {
                let told = told.expect(&topic);
                for device in &told.devices {
                    newcomers.entry(device.key.clone()).or_default().note(&told.by, device);
                }
            }
        }
    }
    (newcomers, others)
}

fn files() -> Vec<Announced> {
    ["zigbee2mqtt.txt", "home-assistant.txt", "tasmota.txt", "homie.txt", "shelly.txt"]
        .into_iter()
        .flat_map(|name| file(name).0.into_values())
        .map(|newcomer| newcomer.whole().expect("it is not withdrawn"))
        .collect()
}

fn device(name: &str, key: &str) -> Announced {
    let (newcomers, _) = file(name);
    newcomers.get(key).and_then(Newcomer::whole).expect(key)
}

fn seen(topic: &str, payloads: &[&str]) -> Seen {
    Seen {
        topic: topic.to_owned(),
        payloads: payloads.iter().map(|p| p.as_bytes().to_vec()).collect(),
        count: u64::try_from(payloads.len()).expect("few"),
        last_at: Time(1_768_460_400_000),
    }
}

fn told(device: Announced) -> Told {
    Told { device, last_at: Time(1_768_460_400_000) }
}

/// The list beside the shipped household.
fn list(seen: &[Seen], told: &[Told]) -> Vec<Waiting> {
    waiting(seen, told, &SHIPPED.homes, &SHIPPED.profiles)
}

fn heard(topic: &str, payload: &str) -> Heard {
    Heard { topic: Some(topic.to_owned()), payload: payload.as_bytes().to_vec() }
}

/// `contact@zigbee2mqtt/door/contact → open`, one line for each thing that is exposed.
fn exposed(device: &Announced) -> Vec<String> {
    let one = |e: &discovery::Exposed| {
        let property = e.property.map_or("?".to_owned(), |p| p.to_string());
        let not = if e.invert { "not " } else { "" };
        let unit = if e.unit.is_empty() { String::new() } else { format!(" in {}", e.unit) };
        let values: Vec<_> = e.values.iter().map(|(w, is)| format!("{w}={is}")).collect();
        let values =
            if values.is_empty() { String::new() } else { format!(" {{{}}}", values.join(" ")) };
        let doubt = if e.doubt.is_some() { ", in doubt" } else { "" };
        format!("{}{} → {not}{property}{unit}{values}{doubt}", e.topic, e.pointer)
    };
    device.exposes.iter().map(one).collect()
}
