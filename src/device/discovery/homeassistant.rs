//! MQTT discovery of Home Assistant: `<prefix>/<component>/[<node>/]<object>/config` for one thing
//! that a device tells, `<prefix>/device/[<node>/]<id>/config` for all of them at once.

use serde_json::{Map, Value};

use super::{Announced, Dialect, Exposed, clean, json, letters, template, words};
use crate::domain::Property;

/// The components there are; what is no sensor is a device all the same.
const COMPONENTS: &[&str] = &[
    "alarm_control_panel",
    "binary_sensor",
    "button",
    "camera",
    "climate",
    "cover",
    "device_automation",
    "device_tracker",
    "event",
    "fan",
    "humidifier",
    "image",
    "lawn_mower",
    "light",
    "lock",
    "notify",
    "number",
    "scene",
    "select",
    "sensor",
    "siren",
    "switch",
    "tag",
    "text",
    "update",
    "vacuum",
    "valve",
    "water_heater",
];
/// How many components of one device are read.
const COMPONENTS_MAX: usize = 128;

/// `None`: not a topic of discovery.
pub(super) fn read(levels: &[&str], payload: &[u8]) -> Option<Result<Vec<Announced>, String>> {
    if let ["homeassistant", "status"] = levels {
        return Some(Ok(Vec::new()));
    }
    let (last, path) = levels.split_last()?;
    let object = path.last()?;
    let is_component = |level: &&&str| COMPONENTS.contains(*level) || **level == "device";
    // The component stands one or two levels before the object, and something before it.
    let at = [2, 3].into_iter().find_map(|n| {
        path.len()
            .checked_sub(n)
            .filter(|at| 0 < *at && path.get(*at).as_ref().is_some_and(is_component))
    })?;
    let component = *path.get(at)?;
    if *last != "config" {
        return None;
    }
    if payload.is_empty() {
        return Some(Ok(Vec::new()));
    }
    let config = match json(payload) {
        Ok(Value::Object(config)) => config,
        Ok(_) => return Some(Err("the configuration of discovery is an object".to_owned())),
        Err(why) => return Some(Err(why)),
    };
    let root = Part { own: &config, shared: None };
    let device = root.get("device", "dev").and_then(Value::as_object);
    let is_ours = device.is_some()
        || ["state_topic", "stat_t", "topic", "t", "command_topic", "cmd_t", "components", "cmps"]
            .iter()
            .any(|key| config.contains_key(*key));
    if !is_ours {
        return None;
    }
    let mut announced = head(device, &root, object);
    match root.get("components", "cmps").and_then(Value::as_object) {
        Some(all) => {
            for (id, part) in all.iter().take(COMPONENTS_MAX) {
                let Some(own) = part.as_object() else { continue };
                let part = Part { own, shared: Some(&config) };
                let component = part.text("platform", "p");
                // With nothing but its platform it is taken back.
                if own.keys().any(|k| k != "platform" && k != "p") {
                    add(&mut announced, &component, id, &part);
                }
            }
        }
        None if component == "device" => {
            return Some(Err("the device has no `components`".to_owned()));
        }
        None => add(&mut announced, component, object, &root),
    }
    availability(&mut announced, &root);
    Some(Ok(vec![announced]))
}

/// One component, and what the device says for all of them.
struct Part<'c> {
    own: &'c Map<String, Value>,
    shared: Option<&'c Map<String, Value>>,
}

impl<'c> Part<'c> {
    fn get(&self, long: &str, short: &str) -> Option<&'c Value> {
        let of = |map: &'c Map<String, Value>| map.get(long).or_else(|| map.get(short));
        of(self.own).or_else(|| self.shared.and_then(of))
    }

    /// Of this component alone.
    fn own(&self, long: &str, short: &str) -> Option<&'c Value> {
        self.own.get(long).or_else(|| self.own.get(short))
    }

    fn text(&self, long: &str, short: &str) -> String {
        self.own(long, short).and_then(Value::as_str).map(clean).unwrap_or_default()
    }

    /// A topic, with what `~` stands for.
    fn topic(&self, long: &str, short: &str) -> String {
        let topic = self.get(long, short).and_then(Value::as_str).unwrap_or_default();
        self.full(topic)
    }

    fn full(&self, topic: &str) -> String {
        let base = self.get("~", "~").and_then(Value::as_str).unwrap_or_default();
        let full = match (topic.strip_prefix('~'), topic.strip_suffix('~')) {
            (Some(rest), _) => format!("{base}{rest}"),
            (None, Some(rest)) => format!("{rest}{base}"),
            (None, None) => topic.to_owned(),
        };
        clean(&full)
    }
}

fn head(device: Option<&Map<String, Value>>, root: &Part<'_>, object: &str) -> Announced {
    let empty = Map::new();
    let told = Part { own: device.unwrap_or(&empty), shared: None };
    let first = |value: Option<&Value>| match value {
        Some(Value::Array(list)) => list.iter().find_map(letters),
        Some(value) => letters(value),
        None => None,
    };
    let id = first(told.get("identifiers", "ids"))
        .or_else(|| first(told.get("connections", "cns")?.get(0)?.get(1)))
        .or_else(|| first(root.get("unique_id", "uniq_id")))
        .unwrap_or_else(|| object.to_owned());
    let mut announced = Announced::new(Dialect::HomeAssistant, &id);
    announced.vendor = told.text("manufacturer", "mf");
    announced.models = vec![told.text("model_id", "mdl_id"), told.text("model", "mdl")];
    announced.models.retain(|model| !model.is_empty());
    announced.name = told.text("name", "name");
    if announced.name.is_empty() && device.is_none() {
        announced.name = root.text("name", "name");
    }
    if announced.name.is_empty() {
        announced.name = clean(&id);
    }
    announced
}

fn add(announced: &mut Announced, component: &str, id: &str, part: &Part<'_>) {
    if component == "device_automation" {
        return automation(announced, part);
    }
    let topic = part.topic("state_topic", "stat_t");
    if topic.is_empty() || topic.contains('#') {
        return;
    }
    let is_flag = component == "binary_sensor";
    if !is_flag && component != "sensor" && component != "event" {
        return;
    }
    announced.speaks_at(&topic);
    let written = part.own("value_template", "val_tpl").and_then(Value::as_str);
    let pointer = written.map_or(Some(String::new()), template::pointer);
    let key = pointer.as_deref().and_then(|p| p.rsplit('/').next()).unwrap_or_default();
    let label = if key.is_empty() { clean(id) } else { clean(key) };
    let class = part.text("device_class", "dev_cla");
    let by_name = words::of_key(&label).map(|word| word.property);
    let by_class = words::of_class(&class, is_flag);
    let property = match (by_class, by_name) {
        // The class has no word for a bed.
        (Some(Property::Presence), Some(Property::InBed)) => by_name,
        (Some(_), _) => by_class,
        (None, _) => by_name.filter(|_| class.is_empty()),
    };
    let is_number =
        |p: &Property| matches!(p.kind(), crate::domain::observation::Kind::Number { .. });
    let property = property.filter(|p| is_number(p) != is_flag && component != "event");
    let mut exposed = Exposed {
        label,
        topic: topic.clone(),
        pointer: pointer.clone().unwrap_or_default(),
        property,
        unit: part.text("unit_of_measurement", "unit_of_meas"),
        ..Exposed::default()
    };
    if is_flag {
        let code = |long, short, usual: &str| {
            let told = part.own(long, short).and_then(letters);
            clean(&told.unwrap_or_else(|| usual.to_owned()))
        };
        let (on, off) = (code("payload_on", "pl_on", "ON"), code("payload_off", "pl_off", "OFF"));
        match (on.as_str(), off.as_str()) {
            ("true", "false") => {}
            ("false", "true") => exposed.invert = true,
            _ => exposed.values = vec![(on, true), (off, false)],
        }
    }
    if topic.contains('+') {
        exposed.doubt = Some(format!("its topic `{topic}` is of many devices"));
    } else if pointer.is_none() {
        let written = clean(written.unwrap_or_default());
        exposed.doubt = Some(format!("its template does more than naming a place: `{written}`"));
    } else if component == "event" {
        exposed.doubt = Some("it is an event: which of its types means what?".to_owned());
    }
    announced.add(exposed);
}

/// A word on a topic that means that something happens: a button.
fn automation(announced: &mut Announced, part: &Part<'_>) {
    let topic = part.topic("topic", "t");
    let Some(word) = part.own("payload", "pl").and_then(letters).map(|w| clean(&w)) else { return };
    if topic.is_empty() || topic.contains(['+', '#']) {
        return;
    }
    announced.speaks_at(&topic);
    let meant = words::of_words("action", [word.as_str()].into_iter());
    for (property, values) in meant {
        announced.add(Exposed {
            label: "action".to_owned(),
            topic: topic.clone(),
            property: Some(property),
            values,
            is_open: true,
            ..Exposed::default()
        });
    }
}

/// Where the device tells whether it is there: one topic in the configuration itself, or a list.
fn availability(announced: &mut Announced, root: &Part<'_>) {
    let old = ("availability_topic", "avty_t", "availability_template", "avty_tpl");
    let new = ("topic", "t", "value_template", "val_tpl");
    let part = |own| Part { own, shared: None };
    let parts: Vec<(Part<'_>, _)> = match root.get("availability", "avty") {
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_object).map(|own| (part(own), new)).collect()
        }
        Some(Value::Object(own)) => vec![(part(own), new)],
        Some(_) | None => vec![(part(root.own), old)],
    };
    for (part, (topic, t, expression, tpl)) in parts {
        let topic = root.full(part.own(topic, t).and_then(Value::as_str).unwrap_or_default());
        // That of a bridge is not the device's own.
        if topic.is_empty() || topic.contains(['+', '#']) || topic.contains("/bridge/") {
            continue;
        }
        let code = |long, short, usual: &str| {
            let told = part.own(long, short).and_then(letters);
            clean(&told.unwrap_or_else(|| usual.to_owned()))
        };
        let written = part.own(expression, tpl).and_then(Value::as_str);
        let pointer = written.map_or(Some(String::new()), template::pointer);
        let Some(pointer) = pointer else { continue };
        announced.add(Exposed {
            label: "availability".to_owned(),
            topic,
            pointer,
            property: Some(Property::Online),
            values: vec![
                (code("payload_available", "pl_avail", "online"), true),
                (code("payload_not_available", "pl_not_avail", "offline"), false),
            ],
            ..Exposed::default()
        });
        return;
    }
}
