//! Homie 4 tells one fact a topic, `<base>/<device>/<node>/<property>/$unit`; Homie 5 all of them in
//! `<base>/5/<device>/$description`.

use serde_json::Value;

use super::{Announced, Dialect, Exposed, clean, json, text, words};
use crate::domain::Property;

/// How many properties of one node, or nodes of one device, are read.
const MANY: usize = 64;

/// `None`: no level begins with `$`.
pub(super) fn read(
    topic: &str,
    levels: &[&str],
    payload: &[u8],
) -> Option<Result<Vec<Announced>, String>> {
    let at = levels.iter().position(|level| level.starts_with('$')).filter(|at| 2 <= *at)?;
    let (path, attribute) = (levels.get(..at)?, levels.get(at..)?);
    let base = topic.split("/$").next()?;
    if attribute == ["$description"] {
        if payload.is_empty() {
            return Some(Ok(Vec::new()));
        }
        return Some(json(payload).map(|told| vec![described(base, path, &told)]));
    }
    let Ok(value) = std::str::from_utf8(payload) else {
        return Some(Err("the attribute is not text".to_owned()));
    };
    let value = clean(value);
    if value.is_empty() {
        return Some(Ok(Vec::new()));
    }
    let device_level = if path.get(1) == Some(&"5") { 3 } else { 2 };
    let id = path.get(..device_level)?.join("/");
    let own = |id: &str| {
        let mut device = Announced::new(Dialect::Homie, id);
        device.address = path.get(device_level - 1).map(|id| clean(id));
        device.speaks_at(&clean(id));
        device
    };
    let mut device = own(&id);
    match (path.len() - device_level, attribute) {
        (0, ["$name"]) => device.name = value,
        (0, ["$state"]) => device.add(state(&format!("{base}/$state"))),
        (1, ["$properties"]) => {
            for name in value.split(',').map(str::trim).filter(|n| !n.is_empty()).take(MANY) {
                // `temperature[]` is a list in the older convention.
                let name = name.trim_end_matches("[]");
                device.add(told(&format!("{base}/{name}"), name, "", "boolean"));
            }
        }
        (2, ["$unit"]) => {
            let topic = base.to_owned();
            device.add(Exposed { topic, unit: value, ..Exposed::default() });
        }
        // Statistics, firmware, extensions: nothing of ours, and nothing strange.
        _ => return Some(Ok(Vec::new())),
    }
    Some(Ok(vec![device]))
}

fn described(base: &str, path: &[&str], told_all: &Value) -> Announced {
    let mut device = Announced::new(Dialect::Homie, &path.join("/"));
    device.address = path.last().map(|id| clean(id));
    device.name = text(told_all, "name");
    device.speaks_at(&clean(base));
    let all = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_object).cloned().unwrap_or_default()
    };
    for (node, node_told) in all(told_all, "nodes").iter().take(MANY) {
        for (name, property) in all(node_told, "properties").iter().take(MANY) {
            let topic = clean(&format!("{base}/{node}/{name}"));
            device.add(told(&topic, name, &text(property, "unit"), &text(property, "datatype")));
        }
    }
    device.add(state(&format!("{base}/$state")));
    device
}

fn told(topic: &str, name: &str, unit: &str, kind: &str) -> Exposed {
    let word = words::of_key(name);
    let is_contact = word.is_some_and(|w| w.invert);
    let is_other = !matches!(kind, "boolean" | "float" | "integer");
    let doubt = if is_contact {
        Some("Homie does not say whether true is open or closed".to_owned())
    } else if is_other {
        Some(format!("its datatype is `{kind}`: what means what?"))
    } else {
        None
    };
    Exposed {
        label: clean(name),
        topic: topic.to_owned(),
        property: word.map(|w| w.property),
        unit: unit.to_owned(),
        doubt,
        ..Exposed::default()
    }
}

fn state(topic: &str) -> Exposed {
    let word = |w: &str, is| (w.to_owned(), is);
    Exposed {
        label: "$state".to_owned(),
        topic: topic.to_owned(),
        property: Some(Property::Online),
        values: vec![word("ready", true), word("lost", false), word("disconnected", false)],
        // `init`, `alert` and `sleeping` say nothing of being there or not.
        is_open: true,
        ..Exposed::default()
    }
}
