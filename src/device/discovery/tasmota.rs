//! Tasmota: `tasmota/discovery/<mac>/config` says what it is and where it speaks, `…/sensors` what
//! its sensors told last.

use serde_json::Value;

use super::{Announced, Dialect, Exposed, clean, json, step, text, words};
use crate::domain::Property;
use crate::domain::observation::Kind;

/// How deep its sensors' values may lie.
const DEPTH_MAX: usize = 4;

/// `None`: not a topic of its discovery.
pub(super) fn read(levels: &[&str], payload: &[u8]) -> Option<Result<Vec<Announced>, String>> {
    let [.., "discovery", mac, which @ ("config" | "sensors")] = levels else { return None };
    if mac.len() != 12 || !mac.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    if payload.is_empty() {
        return Some(Ok(Vec::new()));
    }
    let told = match json(payload) {
        Ok(told) => told,
        Err(why) => return Some(Err(why)),
    };
    let mut device = Announced::new(Dialect::Tasmota, mac);
    if *which == "config" {
        if let Err(why) = config(&mut device, &told) {
            return Some(Err(why));
        }
    } else if let Some(sensors) = told.get("sn") {
        let unit = text(sensors, "TempUnit");
        add(&mut device, "", sensors, &unit, 0);
    }
    Some(Ok(vec![device]))
}

fn config(device: &mut Announced, told: &Value) -> Result<(), String> {
    let (own, full) = (text(told, "t"), text(told, "ft"));
    let tele = told.get("tp").and_then(|tp| tp.get(2)).and_then(Value::as_str);
    if own.is_empty() || !full.contains("%topic%") {
        return Err("it does not say its topic: `t` and `ft`".to_owned());
    }
    let at = |what: &str| {
        let full = full.replace("%prefix%", tele.unwrap_or("tele")).replace("%topic%", &own);
        clean(&format!("{}/{what}", full.trim_end_matches('/')))
    };
    let state = |key: &str, usual: &str| {
        let word = text(told, key);
        if word.is_empty() { usual.to_owned() } else { word }
    };
    device.vendor = "Tasmota".to_owned();
    device.models = vec![text(told, "md")];
    device.models.retain(|model| !model.is_empty());
    device.name = text(told, "dn");
    device.speaks_at(&at("SENSOR"));
    device.add(Exposed {
        label: "LWT".to_owned(),
        topic: at("LWT"),
        property: Some(Property::Online),
        values: vec![(state("onln", "Online"), true), (state("ofln", "Offline"), false)],
        ..Exposed::default()
    });
    device.address = Some(own);
    Ok(())
}

fn add(device: &mut Announced, at: &str, told: &Value, degrees: &str, depth: usize) {
    let Some(all) = told.as_object().filter(|_| depth < DEPTH_MAX) else { return };
    for (key, value) in all {
        let below = format!("{at}{}", step(key));
        match value {
            Value::Object(_) => add(device, &below, value, degrees, depth + 1),
            Value::Number(_) => {
                let word = words::of_key(key);
                let property = word.map(|w| w.property);
                let is_number = |p: &Property| matches!(p.kind(), Kind::Number { .. });
                let is_degrees = property == Some(Property::Temperature);
                device.add(Exposed {
                    label: clean(key),
                    pointer: below,
                    property: property.filter(is_number),
                    unit: if is_degrees { degrees.to_owned() } else { String::new() },
                    ..Exposed::default()
                });
            }
            Value::String(word)
                if key.starts_with("Switch") && matches!(word.as_str(), "ON" | "OFF") =>
            {
                device.add(Exposed {
                    label: clean(key),
                    pointer: below,
                    values: vec![("ON".to_owned(), true), ("OFF".to_owned(), false)],
                    doubt: Some("what is wired to the switch?".to_owned()),
                    ..Exposed::default()
                });
            }
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) => {}
        }
    }
}
