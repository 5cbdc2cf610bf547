//! Messages made up to show what a report reads, until a real one takes their place.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::gather::Item;
use crate::domain::observation::Kind;

/// Numbers that sensors tell, likely ones first.
const NUMBERS: &[f64] =
    &[80.0, 21.5, 60.0, 120.0, 5.0, 97.0, 1.0, -60.0, 37.0, 250.0, 1000.0, 20.0, 0.0, 0.5, 100.0];

/// One message for each topic, with as much in it as can stand together.
pub(super) fn together(items: &[Item]) -> Vec<(String, String)> {
    let mut all: BTreeMap<&str, Value> = BTreeMap::new();
    let mut messages = Vec::new();
    for item in items {
        if item.pointer.is_empty() {
            messages.push((item.topic.clone(), alone(item)));
        } else {
            let whole = all.entry(&item.topic).or_insert_with(|| json!({}));
            put(whole, &item.pointer, value(item));
        }
    }
    let whole = all.into_iter().map(|(topic, value)| (topic.to_owned(), value.to_string()));
    messages.extend(whole);
    messages
}

/// A message that says only this.
pub(super) fn alone(item: &Item) -> String {
    let value = value(item);
    if item.pointer.is_empty() {
        return value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    }
    let mut whole = json!({});
    put(&mut whole, &item.pointer, value);
    whole.to_string()
}

fn value(item: &Item) -> Value {
    if let Some((code, _)) = item.values.iter().find(|(_, is)| *is).or_else(|| item.values.first())
    {
        return Value::String(code.clone());
    }
    let Kind::Number { min, max, .. } = item.property.kind() else {
        return Value::Bool(!item.invert);
    };
    let number = |key: &str, usual: f64| {
        let found = item.scale.iter().find(|(k, _)| *k == key);
        found.and_then(|(_, n)| n.parse::<f64>().ok()).unwrap_or(usual)
    };
    let (add, multiply, divide) =
        (number("add", 0.0), number("multiply", 1.0), number("divide", 1.0));
    let fits = |n: &&f64| (min..=max).contains(&((**n + add) * multiply / divide));
    let n = NUMBERS.iter().find(fits).copied().unwrap_or(min);
    if item.is_text { Value::String(n.to_string()) } else { json!(n) }
}

/// Puts a value where the pointer says; whatever is in the way gives way.
fn put(whole: &mut Value, pointer: &str, value: Value) {
    let mut at = whole;
    for key in pointer.split('/').skip(1) {
        let key = key.replace("~1", "/").replace("~0", "~");
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        at = map.entry(key).or_insert(Value::Null);
    }
    *at = value;
}
