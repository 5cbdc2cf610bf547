//! What one register says and the other does not, key by key, as it goes on record. Secrets stay out of it.

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use crate::domain::{
    Altered, Calendar, Deed, DeedOnRecord, DeviceId, Doing, Grid, Home, HomeId, PersonId, Responder,
};
use crate::engine::Book;
use crate::rule::dial::written;

/// What a register says.
#[derive(Debug, Default)]
pub struct Registered<'r> {
    /// Without the hub's own, and grids.
    pub homes: BTreeMap<&'r HomeId, &'r Home>,
    /// Those who come to no home too, where they are known.
    pub people: BTreeMap<&'r PersonId, &'r Responder>,
    /// Which days are worked.
    pub calendar: Option<&'r Calendar>,
    /// Which grid lies in which.
    pub grids: &'r [Grid],
    /// Digest of the rule book.
    pub rules: &'r str,
    /// The rule book, where it is known.
    pub book: Option<&'r Book>,
    /// What devices log in with, as digests.
    pub passwords: BTreeMap<(&'r HomeId, &'r DeviceId), String>,
    /// What messages say, where that is known.
    pub texts: BTreeMap<String, String>,
}

/// Who changed it, and how.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'h> {
    /// Who.
    pub by: &'h str,
    /// On what occasion.
    pub why: &'h str,
}

impl<'r> Registered<'r> {
    /// What is known of it by its homes alone.
    pub fn of(homes: impl Iterator<Item = &'r Home>, rules: &'r str) -> Self {
        let mut registered = Self { rules, ..Self::default() };
        for home in homes.filter(|home| home.is_ordinary()) {
            registered.people.extend(home.responders.iter().map(|person| (&person.id, person)));
            registered.calendar = registered.calendar.or(Some(&home.calendar));
            registered.homes.insert(&home.id, home);
        }
        registered
    }

    /// A deed for each home and person of whom `after` says something else, and for what is everybody's.
    pub fn changed(&self, after: &Self, hand: Hand<'_>) -> Vec<DeedOnRecord> {
        let mut deeds = Vec::new();
        let mut differ = |of: String, home: Option<&HomeId>, before: Value, after: Value| {
            let altered = differences(&before, &after);
            if !altered.is_empty() {
                deeds.push(hand.deed(of, home, altered));
            }
        };
        for (id, (a, b)) in both(&self.people, &after.people) {
            if a != b {
                differ(format!("person {id}"), None, as_value(a), as_value(b));
            }
        }
        for (id, (a, b)) in both(&self.homes, &after.homes) {
            if a != b || self.passwords_of(id) != after.passwords_of(id) {
                differ("home".to_owned(), Some(id), self.value(id), after.value(id));
            }
        }
        if let (Some(was), Some(is)) = (self.book, after.book) {
            for ((kind, name), (a, b)) in both(&was.written(), &is.written()) {
                if a != b {
                    let value = |table: Option<&toml::Table>| table.map(plain).unwrap_or_default();
                    differ(format!("{kind} {name}"), None, value(a), value(b));
                }
            }
        }
        for (key, was) in &self.texts {
            if let Some(is) = after.texts.get(key).filter(|is| *is != was) {
                let value = |text: &str| serde_json::json!({ "text": text });
                differ(format!("text {key}"), None, value(was), value(is));
            }
        }
        let of_all = |of: &Self| serde_json::json!({ "calendar": of.calendar, "grids": of.grids, "rules": of.rules });
        differ("register".to_owned(), None, of_all(self), of_all(after));
        deeds
    }

    fn passwords_of(&self, home: &HomeId) -> Vec<(&DeviceId, &str)> {
        let all = self.passwords.iter().filter(|((of, _), _)| *of == home);
        all.map(|((_, device), digest)| (*device, digest.as_str())).collect()
    }

    /// A home: people by their names only, who are said for themselves.
    fn value(&self, id: &HomeId) -> Value {
        let Some(home) = self.homes.get(id) else { return Value::Null };
        let Value::Object(mut fields) = as_value(Some(home)) else { return Value::Null };
        fields.remove("calendar");
        let people: Vec<&str> = home.responders.iter().map(|person| person.id.as_str()).collect();
        fields.insert("responders".to_owned(), people.join(", ").into());
        let known: Map<String, Value> = self
            .passwords_of(id)
            .into_iter()
            .map(|(device, digest)| (device.to_string(), hidden("set", digest).into()))
            .collect();
        fields.insert("passwords".to_owned(), known.into());
        Value::Object(fields)
    }
}

impl Hand<'_> {
    fn deed(&self, of: String, home: Option<&HomeId>, altered: Vec<Altered>) -> DeedOnRecord {
        let (by, why) = (self.by.to_owned(), self.why.to_owned());
        let home = home.cloned();
        let deed = Deed { deed: Doing::Changed, of, home, incident: None, by, why };
        DeedOnRecord { altered, ..deed.into() }
    }
}

/// Whatever is in the one or the other.
fn both<'b, K: Ord + Copy, V: Copy>(
    before: &'b BTreeMap<K, V>,
    after: &'b BTreeMap<K, V>,
) -> BTreeMap<K, (Option<V>, Option<V>)> {
    let keys = before.keys().chain(after.keys());
    keys.map(|key| (*key, (before.get(key).copied(), after.get(key).copied()))).collect()
}

fn as_value<T: serde::Serialize>(value: Option<&T>) -> Value {
    value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_default()
}

/// As it is written: a list of words or times is one thing, in which each is not known by its place.
fn plain(table: &toml::Table) -> Value {
    let of = |(key, value): (&String, &toml::Value)| (key.clone(), plain_value(value));
    Value::Object(table.iter().map(of).collect())
}

fn plain_value(value: &toml::Value) -> Value {
    match value {
        toml::Value::Table(below) => plain(below),
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            Value::Array(items.iter().map(plain_value).collect())
        }
        toml::Value::String(_)
        | toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_) => written(value).into(),
    }
}

fn differences(before: &Value, after: &Value) -> Vec<Altered> {
    let (before, after) = (leaves(before), leaves(after));
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let of = |key: &String| {
        let (a, b) = (before.get(key).cloned(), after.get(key).cloned());
        (a != b).then(|| Altered { key: key.clone(), before: a, after: b })
    };
    keys.into_iter().filter_map(of).collect()
}

/// Every key with its value, `devices/kitchen-leak/room`.
fn leaves(value: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    gather(&mut all, "", value);
    all
}

fn gather(all: &mut BTreeMap<String, String>, key: &str, value: &Value) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}/{name}") };
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(name, v)| gather(all, &below(name), v)),
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                // What has a name is known by it, wherever it stands in the list.
                let name =
                    ["id", "rule", "scope", "channel"].iter().find_map(|k| item.get(k)?.as_str());
                let name = name.map_or_else(|| (n + 1).to_string(), str::to_owned);
                let name = below(&name);
                let is_taken = all.keys().any(|k| *k == name || k.starts_with(&format!("{name}/")));
                gather(all, &if is_taken { format!("{name}.{}", n + 1) } else { name }, item);
            }
        }
        // The subscription of a browser: whoever has it can send to it. A text of messages may begin so, and is none.
        Value::String(text)
            if text.starts_with('{') && serde_json::from_str::<Value>(text).is_ok() =>
        {
            all.insert(key.to_owned(), hidden("set", text));
        }
        Value::String(text) => drop(all.insert(key.to_owned(), text.clone())),
        Value::Bool(_) | Value::Number(_) => drop(all.insert(key.to_owned(), value.to_string())),
    }
}

/// Tells one secret from another, and neither of them.
fn hidden(word: &str, secret: &str) -> String {
    let digest = digest(&SHA256, secret.as_bytes());
    let short = digest.as_ref().get(..4).unwrap_or_default();
    format!("{word} ({})", data_encoding::HEXLOWER.encode(short))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_key_is_told_with_what_it_was_and_is_and_no_secret() {
        let before = json!({ "name": "1", "devices": [{ "id": "a", "room": "hall" }, { "id": "b", "room": "bed" }],
            "contacts": [{ "channel": "sms", "to": "138" }, { "channel": "push", "to": "{\"auth\":\"x\"}" }] });
        let after = json!({ "name": "1", "devices": [{ "id": "b", "room": "bath" }],
            "contacts": [{ "channel": "sms", "to": "139" }, { "channel": "push", "to": "{\"auth\":\"y\"}" }] });
        let told: Vec<_> = differences(&before, &after)
            .into_iter()
            .map(|a| (a.key, a.before.unwrap_or_default(), a.after.unwrap_or_default()))
            .collect();
        let keys: Vec<&str> = told.iter().map(|(key, _, _)| key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "contacts/push/to",
                "contacts/sms/to",
                "devices/a/id",
                "devices/a/room",
                "devices/b/room"
            ]
        );
        assert_eq!((told[1].1.as_str(), told[1].2.as_str()), ("138", "139"));
        assert_eq!((told[4].1.as_str(), told[4].2.as_str()), ("bed", "bath"));
        assert!(told[0].1.starts_with("set (") && !told[0].2.contains("auth"), "{:?}", told[0]);
    }
}
