//! What a sample's author expects, in our words.

use std::collections::BTreeSet;

use careloop::domain::{Observation, Property, Value};
use serde_json::Value as Any;

/// What came of reading a sample.
#[derive(Debug, Default)]
pub struct Said {
    pub observations: Vec<Observation>,
    pub problems: Vec<String>,
}

/// What should come of it.
#[derive(Debug)]
pub struct Expected {
    /// One of each of these.
    any_of: Vec<Vec<Observation>>,
    is_error: bool,
}

impl Expected {
    pub fn of(sample: &Any) -> Self {
        let expect = &sample["expect"];
        let observations = expect["observations"].as_array().into_iter().flatten();
        Self {
            any_of: observations.flat_map(in_our_words).collect(),
            is_error: expect.get("error").is_some(),
        }
    }

    /// More than expected may be said (illuminance, signal), but nothing that a life hangs on.
    pub fn compare(&self, said: &Said) -> Result<(), String> {
        let has = |o: &Observation| {
            said.observations.iter().any(|s| s.property == o.property && is_near(s.value, o.value))
        };
        for one in &self.any_of {
            if !one.iter().any(has) {
                return Err(format!("`{}` is missing in {}", one[0], show(said)));
            }
        }
        let wanted: BTreeSet<Property> =
            self.any_of.iter().flatten().map(|observation| observation.property).collect();
        let sets = |o: &&Observation| o.property.is_life() && o.value == Value::Flag(true);
        if let Some(extra) =
            said.observations.iter().filter(sets).find(|o| !wanted.contains(&o.property))
        {
            return Err(format!("`{extra}` is not expected in {}", show(said)));
        }
        if self.is_error && said.problems.is_empty() {
            return Err(format!("no problem is found in {}", show(said)));
        }
        Ok(())
    }
}

fn show(said: &Said) -> String {
    let all: Vec<String> = said.observations.iter().map(ToString::to_string).collect();
    format!("[{}], problems {:?}", all.join(", "), said.problems)
}

/// A number may be written in fewer digits.
fn is_near(a: Value, b: Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => (a - b).abs() <= 0.051,
        (a, b) => a == b,
    }
}

/// What the author calls it → our property; nothing for what we have no property for.
fn in_our_words(observation: &Any) -> Vec<Vec<Observation>> {
    let value = &observation["value"];
    let one = |property: Property| vec![read(property, value)];
    match observation["kind"].as_str().unwrap_or_default() {
        // A suspicion is no fall: the device says so when it is sure.
        "fall" if observation["state"] == "suspected" => Vec::new(),
        "bed_occupancy" => vec![one(Property::InBed)],
        "target_count" => vec![one(Property::Targets)],
        "water_leak" => vec![one(Property::Leak)],
        "co" => vec![one(Property::CarbonMonoxide)],
        "co_ppm" => vec![one(Property::CoLevel)],
        "door" => vec![vec![flag(Property::Open, value == "open")]],
        "device_status" if value == "removed" => Vec::new(),
        "device_status" => vec![vec![flag(Property::Online, value == "online")]],
        "help_button" => vec![vec![flag(Property::Help, true), flag(Property::Press, true)]],
        "blood_pressure" => vec![
            vec![read(Property::Systolic, &value["systolic"])],
            vec![read(Property::Diastolic, &value["diastolic"])],
        ],
        "link_quality" if observation["unit"] == "lqi" => vec![one(Property::LinkQuality)],
        "link_quality" if observation["unit"] == "dBm" => vec![one(Property::Signal)],
        "test_mode" if value == true => vec![vec![flag(Property::SelfTest, true)]],
        // No rule uses these: signal-to-noise, a gateway's own state, what it is powered by, gases
        // that smell before they harm.
        "link_quality" | "test_mode" | "gateway_status" | "power_source" | "h2s_ppm"
        | "nh3_ppm" | "alarm" => Vec::new(),
        kind => vec![one(kind.parse().unwrap_or_else(|e| panic!("{kind}: {e}")))],
    }
}

fn flag(property: Property, flag: bool) -> Observation {
    Observation { property, value: Value::Flag(flag), observed_at: None, clears_after: None }
}

fn read(property: Property, value: &Any) -> Observation {
    let value = match value {
        Any::Bool(flag) => Value::Flag(*flag),
        Any::Null | Any::Number(_) | Any::String(_) | Any::Array(_) | Any::Object(_) => {
            Value::Number(value.as_f64().unwrap_or_else(|| panic!("{property}: {value}")))
        }
    };
    Observation { property, value, observed_at: None, clears_after: None }
}
