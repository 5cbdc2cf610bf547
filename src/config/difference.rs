//! What one register says and the other does not, in words: `+` new, `~` changed, `-` gone.

use std::collections::BTreeMap;

use crate::domain::{Binding, Contact, Device, Home, PersonId, Responder};

use super::{Config, Credential};

/// The lines that lead from `old` to `new`: people, then homes with their devices. No line: both
/// mean the same.
pub fn difference(old: Option<&Config>, new: &Config) -> Vec<String> {
    let mut lines = Vec::new();
    let people =
        |config: &Config| config.people.iter().map(|p| (p.id.clone(), p.clone())).collect();
    let before: BTreeMap<PersonId, Responder> = old.map(people).unwrap_or_default();
    compare(&mut lines, &before, &people(new), "person", said_of_person);
    let homes = |config: &Config| -> BTreeMap<String, Home> {
        config.homes.iter().map(|h| (h.id.to_string(), (**h).clone())).collect()
    };
    let (before, after) = (old.map(homes).unwrap_or_default(), homes(new));
    compare(&mut lines, &before, &after, "home", said_of_home);
    let devices = |homes: &BTreeMap<String, Home>| -> BTreeMap<String, Device> {
        let all = homes.iter().flat_map(|(home, h)| h.devices.iter().map(move |d| (home, d)));
        all.map(|(home, d)| (format!("{home}/{}", d.id), d.clone())).collect()
    };
    compare(&mut lines, &devices(&before), &devices(&after), "device", said_of_device);
    let passwords = |config: &Config| -> BTreeMap<String, Credential> {
        let all = config.credentials.iter();
        all.map(|c| (format!("{}/{}", c.home, c.device), c.clone())).collect()
    };
    let before = old.map(passwords).unwrap_or_default();
    compare(&mut lines, &before, &passwords(new), "password of", |c: &Credential| {
        vec![("user", c.user()), ("digest", c.digest.to_string())]
    });
    lines
}

/// What is said of a thing: a word for what it is about, and the text.
type Said = Vec<(&'static str, String)>;

fn compare<K: Ord + std::fmt::Display, V>(
    lines: &mut Vec<String>,
    old: &BTreeMap<K, V>,
    new: &BTreeMap<K, V>,
    kind: &str,
    said: impl Fn(&V) -> Said,
) {
    // A digest is of no use to a reader.
    let shown = |of: &str, text: &str| if of == "digest" { "new" } else { text }.to_owned();
    for (id, value) in old.iter().filter(|(id, _)| !new.contains_key(id)) {
        lines.push(format!("- {kind} {id}{}", in_short(&said(value))));
    }
    for (id, value) in new {
        let now = said(value);
        let Some(before) = old.get(id).map(&said) else {
            lines.push(format!("+ {kind} {id}{}", in_short(&now)));
            continue;
        };
        let pairs = before.iter().zip(&now).filter(|(a, b)| a != b);
        let words: Vec<String> = pairs
            .map(|((of, a), (_, b))| match (a.is_empty(), b.is_empty()) {
                (true, _) => format!("{of} {}", shown(of, b)),
                (false, true) => format!("no {of}"),
                (false, false) if *of == "digest" => "new".to_owned(),
                (false, false) => format!("{of} {a} → {b}"),
            })
            .collect();
        if !words.is_empty() {
            lines.push(format!("~ {kind} {id}: {}", words.join(", ")));
        }
    }
}

fn in_short(said: &Said) -> String {
    let words: Vec<String> = said
        .iter()
        .filter(|(of, text)| !text.is_empty() && *of != "digest")
        .map(|(of, text)| format!("{of} {text}"))
        .collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}

fn said_of_person(person: &Responder) -> Said {
    vec![
        ("role", person.role.to_string()),
        ("name", person.name.clone()),
        ("contacts", said_of_contacts(&person.contacts)),
    ]
}

fn said_of_contacts(contacts: &[Contact]) -> String {
    let one = |c: &Contact| match c.to.is_empty() {
        true => c.channel.to_string(),
        false => format!("{} {}", c.channel, c.to),
    };
    contacts.iter().map(one).collect::<Vec<_>>().join(" + ")
}

fn said_of_home(home: &Home) -> Said {
    let people: Vec<&str> = home.responders.iter().map(|r| r.id.as_str()).collect();
    vec![
        ("name", home.name.clone()),
        ("address", home.address.clone()),
        ("zone", home.zone.clone()),
        ("responders", people.join(" + ")),
        ("ask", said_of_contacts(&home.ask)),
    ]
}

fn said_of_device(device: &Device) -> Said {
    let (mut mqtt, mut serial, mut unit) = (String::new(), String::new(), String::new());
    match &device.binding {
        Binding::Mqtt(address) => mqtt.clone_from(address),
        Binding::Serial(port) => serial.clone_from(port),
        Binding::Modbus { port, unit: at } => {
            (serial, unit) = (port.clone(), at.to_string());
        }
        Binding::Direct => {}
    }
    let text = |value: Option<String>| value.unwrap_or_default();
    vec![
        ("profile", device.profile.clone()),
        ("room", device.room.clone()),
        ("mqtt", mqtt),
        ("base", device.base.clone().unwrap_or_default()),
        ("serial", serial),
        ("unit", unit),
        ("mount", text(device.mount.map(|m| m.to_string()))),
        ("height", text(device.height.map(|cm| format!("{cm} cm")))),
        ("quiet after", text(device.quiet_after.map(|s| s.to_string()))),
    ]
}
