//! zigbee2mqtt: the retained list of all its devices in `<base>/bridge/devices`.

use serde_json::Value;

use super::{Announced, DEVICES_MAX, Dialect, Exposed, clean, json, letters, step, text, words};
use crate::domain::Property;

/// How deep things exposed may lie inside others: a light has features, and a composite of them.
const DEPTH_MAX: usize = 3;
/// What else the bridge talks of under `bridge/`: of itself, not of one device. Its `state` can be
/// watched over, and waits until somebody does.
const CHATTER: &[&str] = &[
    "info",
    "groups",
    "definitions",
    "converters",
    "extensions",
    "logging",
    "event",
    "health",
    "config",
    "log",
    "request",
    "response",
];

/// Whether `<base>/bridge/<level>` is the bridge's own talk, and not of one device.
pub(in crate::device) fn is_bridges(level: &str) -> bool {
    level == "devices" || CHATTER.contains(&level)
}

/// `None`: not a topic of the bridge.
pub(super) fn read(topic: &str, payload: &[u8]) -> Option<Result<Vec<Announced>, String>> {
    let (base, rest) = topic.split_once("/bridge/")?;
    let first = rest.split('/').next().unwrap_or(rest);
    if CHATTER.contains(&first) {
        return Some(Ok(Vec::new()));
    }
    if rest != "devices" {
        return None;
    }
    if payload.is_empty() {
        return Some(Ok(Vec::new()));
    }
    let list = match json(payload) {
        Ok(Value::Array(list)) => list,
        Ok(_) => return Some(Err("the bridge's devices are a list".to_owned())),
        Err(why) => return Some(Err(why)),
    };
    let is_device =
        |d: &&Value| text(d, "type") != "Coordinator" && !text(d, "ieee_address").is_empty();
    Some(Ok(list.iter().filter(is_device).take(DEVICES_MAX).map(|d| device(base, d)).collect()))
}

fn device(base: &str, told: &Value) -> Announced {
    let ieee = text(told, "ieee_address");
    let mut device = Announced::new(Dialect::Zigbee2mqtt, &ieee);
    let name = text(told, "friendly_name");
    let name = if name.is_empty() { ieee } else { name };
    let topic = format!("{base}/{name}");
    device.speaks_at(&topic);
    device.address = Some(name.clone());
    device.name = name;
    let definition = told.get("definition").filter(|d| d.is_object());
    let zigbee = text(told, "model_id");
    match definition {
        Some(definition) => {
            device.vendor = text(definition, "vendor");
            device.about = text(definition, "description");
            device.models = vec![text(definition, "model"), zigbee];
        }
        None => {
            device.vendor = text(told, "manufacturer");
            device.models = vec![zigbee];
        }
    }
    device.models.retain(|model| !model.is_empty());
    let is = |key: &str| told.get(key).and_then(Value::as_bool);
    let state = text(told, "interview_state");
    let is_known = is("interview_completed") != Some(false) && is("interviewing") != Some(true);
    if !is_known || (!state.is_empty() && state != "SUCCESSFUL") {
        device.remarks.push("the bridge has not finished asking it what it is".to_owned());
    } else if definition.is_none() || is("supported") == Some(false) {
        let model = device.model();
        device.remarks.push(format!("the bridge does not know the model `{model}`"));
    }
    if is("disabled") == Some(true) {
        device.remarks.push("it is disabled at the bridge".to_owned());
    }
    if let Some(exposes) = definition.and_then(|d| d.get("exposes")) {
        add(&mut device, &topic, "", exposes, 0);
    }
    if !device.exposes.is_empty() {
        device.add(Exposed {
            label: "availability".to_owned(),
            topic: format!("{topic}/availability"),
            pointer: "/state".to_owned(),
            property: Some(Property::Online),
            values: vec![("online".to_owned(), true), ("offline".to_owned(), false)],
            ..Exposed::default()
        });
    }
    device
}

fn add(device: &mut Announced, topic: &str, at: &str, exposes: &Value, depth: usize) {
    for told in exposes.as_array().into_iter().flatten() {
        let key = text(told, "property");
        let below = if key.is_empty() { at.to_owned() } else { format!("{at}{}", step(&key)) };
        if let Some(features) = told.get("features").filter(|_| depth < DEPTH_MAX) {
            add(device, topic, &below, features, depth + 1);
            continue;
        }
        // Bit 0: the value is in what the device publishes.
        let is_published = told.get("access").and_then(Value::as_u64).is_some_and(|a| a & 1 == 1);
        if key.is_empty() || !is_published {
            continue;
        }
        let exposed = Exposed {
            label: key.clone(),
            topic: topic.to_owned(),
            pointer: below,
            unit: text(told, "unit"),
            ..Exposed::default()
        };
        sort(device, told, &key, exposed);
    }
}

/// Adds what is exposed as what it is.
fn sort(device: &mut Announced, told: &Value, key: &str, exposed: Exposed) {
    let word = words::of_key(key);
    match text(told, "type").as_str() {
        "enum" => {
            let all = told.get("values").and_then(Value::as_array);
            let all = all.into_iter().flatten().filter_map(Value::as_str);
            let meant = words::of_words(key, all);
            if meant.is_empty() {
                device.add(exposed);
                return;
            }
            for (property, values) in meant {
                let values = values.into_iter().map(|(w, is)| (clean(&w), is)).collect();
                // A button has many more words; of a fall every word counts.
                let is_open = property != Property::Fall;
                device.add(Exposed {
                    property: Some(property),
                    values,
                    is_open,
                    ..exposed.clone()
                });
            }
        }
        "binary" => {
            let of = |key: &str| told.get(key);
            let (on, off) = (of("value_on"), of("value_off"));
            let mut exposed = Exposed { property: word.map(|w| w.property), ..exposed };
            match (on, word) {
                (_, Some(word)) if word.invert => exposed.invert = true,
                (Some(Value::Bool(on)), _) => exposed.invert = !on,
                (Some(on), _) => {
                    let code = |v: &Value, is| letters(v).map(|l| (clean(&l), is));
                    exposed.values.extend(code(on, true));
                    exposed.values.extend(off.and_then(|off| code(off, false)));
                }
                (None, _) => {}
            }
            device.add(exposed);
        }
        "numeric" => device.add(Exposed { property: word.map(|w| w.property), ..exposed }),
        _ => device.add(exposed),
    }
}
