//! Picks the wanted values out of a JSON text in one pass, borrowing what it can. Whole messages are
//! several times larger than what a profile wants of them, and most of the hub's work is reading them.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// One value of a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'m> {
    /// The message has no such place.
    Absent,
    /// It says that there is no value.
    Null,
    Flag(bool),
    Number(f64),
    Text(Cow<'m, str>),
    /// Something else, in words.
    Other(&'static str),
}

/// What stands at the root of a JSON text with an object or a list.
pub(super) const OBJECT: Scalar<'static> = Scalar::Other("an object");
pub(super) const LIST: Scalar<'static> = Scalar::Other("a list");
pub(super) const TOO_LARGE: Scalar<'static> = Scalar::Other("a number too large to be one");

/// The places wanted, as a tree; each has a slot.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    slot: Option<usize>,
    children: Vec<(String, Self)>,
}

impl Tree {
    /// Wants the place of this JSON pointer in this slot.
    pub(super) fn want(&mut self, pointer: &str, slot: usize) {
        let mut tree = self;
        for key in pointer.split('/').skip(1) {
            let key = key.replace("~1", "/").replace("~0", "~");
            let at = match tree.children.binary_search_by(|(k, _)| k.as_str().cmp(&key)) {
                Ok(at) => at,
                Err(at) => {
                    tree.children.insert(at, (key, Self::default()));
                    at
                }
            };
            let Some((_, child)) = tree.children.get_mut(at) else { return };
            tree = child;
        }
        tree.slot = Some(slot);
    }

    fn child(&self, key: &str) -> Option<&Self> {
        let at = self.children.binary_search_by(|(k, _)| k.as_str().cmp(key)).ok()?;
        self.children.get(at).map(|(_, tree)| tree)
    }

    /// Forgets what an earlier value of the same key said: of duplicate keys the last counts.
    fn clear(&self, slots: &mut [Scalar<'_>]) {
        if let Some(slot) = self.slot.and_then(|n| slots.get_mut(n)) {
            *slot = Scalar::Absent;
        }
        for (_, child) in &self.children {
            child.clear(slots);
        }
    }
}

/// Fills the slots of a tree from a JSON text.
///
/// # Errors
/// The text is not JSON; the slots then mean nothing.
pub(super) fn pick<'m>(
    text: &'m str,
    tree: &Tree,
    slots: &mut [Scalar<'m>],
) -> Result<(), serde_json::Error> {
    let mut too_large: Vec<usize> = Vec::new();
    loop {
        slots.fill(Scalar::Absent);
        let mut at = None;
        let mut json = serde_json::Deserializer::from_str(text);
        let walk = Walk { tree, slots, at: &mut at, too_large: &too_large };
        let error = match walk.deserialize(&mut json).and_then(|()| json.end()) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        // `1e400` is JSON but no number of ours: that one place is given up, not the message.
        let Some(at) = at.filter(|at| !too_large.contains(at)) else { return Err(error) };
        if serde_json::from_str::<IgnoredAny>(text).is_err() {
            return Err(error);
        }
        too_large.push(at);
    }
}

struct Walk<'t, 's, 'm> {
    tree: &'t Tree,
    slots: &'s mut [Scalar<'m>],
    /// The slot being read.
    at: &'s mut Option<usize>,
    too_large: &'s [usize],
}

impl<'m> Walk<'_, '_, 'm> {
    fn put(self, value: Scalar<'m>) {
        if let Some(slot) = self.tree.slot.and_then(|n| self.slots.get_mut(n)) {
            *slot = value;
        }
    }
}

impl<'m> DeserializeSeed<'m> for Walk<'_, '_, 'm> {
    type Value = ();

    fn deserialize<D: Deserializer<'m>>(self, json: D) -> Result<(), D::Error> {
        self.tree.clear(self.slots);
        *self.at = self.tree.slot;
        if self.tree.slot.is_some_and(|slot| self.too_large.contains(&slot)) {
            IgnoredAny::deserialize_from(json)?;
            self.put(TOO_LARGE);
            return Ok(());
        }
        json.deserialize_any(self)
    }
}

trait Ignore<'m>: Sized {
    fn deserialize_from<D: Deserializer<'m>>(json: D) -> Result<Self, D::Error>;
}

impl<'m> Ignore<'m> for IgnoredAny {
    fn deserialize_from<D: Deserializer<'m>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_ignored_any(Self)
    }
}

impl<'m> Visitor<'m> for Walk<'_, '_, 'm> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put(Scalar::Null);
        Ok(())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.put(Scalar::Flag(flag));
        Ok(())
    }

    #[expect(clippy::as_conversions, reason = "whole numbers beyond 2^53 measure nothing")]
    fn visit_i64<E>(self, n: i64) -> Result<(), E> {
        self.put(Scalar::Number(n as f64));
        Ok(())
    }

    #[expect(clippy::as_conversions, reason = "whole numbers beyond 2^53 measure nothing")]
    fn visit_u64<E>(self, n: u64) -> Result<(), E> {
        self.put(Scalar::Number(n as f64));
        Ok(())
    }

    fn visit_f64<E>(self, n: f64) -> Result<(), E> {
        self.put(Scalar::Number(n));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'m str) -> Result<(), E> {
        self.put(Scalar::Text(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(Scalar::Text(Cow::Owned(text.to_owned())));
        Ok(())
    }

    fn visit_map<A: MapAccess<'m>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(child) = map.next_key_seed(Key(self.tree))? {
            *self.at = None;
            match child {
                Some(tree) => map.next_value_seed(Walk {
                    tree,
                    slots: self.slots,
                    at: self.at,
                    too_large: self.too_large,
                })?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        *self.at = None;
        self.put(OBJECT);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'m>>(self, mut list: A) -> Result<(), A::Error> {
        let mut n = 0_usize;
        loop {
            *self.at = None;
            let place = (!self.tree.children.is_empty()).then(|| self.tree.child(&n.to_string()));
            let more = match place.flatten() {
                Some(tree) => list
                    .next_element_seed(Walk {
                        tree,
                        slots: self.slots,
                        at: self.at,
                        too_large: self.too_large,
                    })?
                    .is_some(),
                None => list.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                break;
            }
            n += 1;
        }
        *self.at = None;
        self.put(LIST);
        Ok(())
    }
}

/// Reads a key and finds its tree.
struct Key<'t>(&'t Tree);

impl<'m, 't> DeserializeSeed<'m> for Key<'t> {
    type Value = Option<&'t Tree>;

    fn deserialize<D: Deserializer<'m>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'t> Visitor<'_> for Key<'t> {
    type Value = Option<&'t Tree>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.child(key))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::default();
        for (slot, pointer) in ["", "/a", "/b/c", "/l/1", "/x~1y"].into_iter().enumerate() {
            tree.want(pointer, slot);
        }
        tree
    }

    fn picked(text: &str) -> Result<Vec<Scalar<'_>>, serde_json::Error> {
        let mut slots = vec![Scalar::Absent; 5];
        pick(text, &tree(), &mut slots).map(|()| slots)
    }

    #[test]
    fn of_duplicate_keys_the_last_counts_also_with_all_that_is_below() {
        let slots = picked(r#"{"a":1,"b":{"c":1},"a":"é\n","b":{}}"#).unwrap();
        assert_eq!(slots[1], Scalar::Text("é\n".into()));
        assert_eq!(slots[2], Scalar::Absent);
    }

    #[test]
    fn a_number_too_large_spoils_only_its_own_place() {
        let slots = picked(r#"{"a":1e400,"b":{"c":true},"l":[0,-1e999],"z":1e400}"#).unwrap();
        assert_eq!(slots[1..4], [TOO_LARGE, Scalar::Flag(true), TOO_LARGE]);
        assert!(picked(r#"{"a":1e400,"b":}"#).is_err());
    }

    #[test]
    fn nesting_without_end_is_read_or_refused_and_nothing_breaks() {
        let deep = |n| format!(r#"{{"a":true,"z":{}{}}}"#, "[".repeat(n), "]".repeat(n));
        assert_eq!(picked(&deep(100)).unwrap()[1], Scalar::Flag(true));
        drop(picked(&deep(200_000)));
        assert!(picked(&format!(r#"{{"l":{}"#, "[".repeat(200_000))).is_err());
    }

    proptest! {
        /// The reference is serde_json's own tree.
        #[test]
        fn picks_what_a_whole_reading_finds(text in r#"\{("(a|b|x/y|z)":(1|-2\.5|true|null|"t"|\{"c":(3|\[\])\}),){0,5}"l":\[(0,)?[0-9]\]\}"#) {
            let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
            let slots = picked(&text).unwrap();
            for (slot, pointer) in slots.iter().zip(["", "/a", "/b/c", "/l/1", "/x~1y"]) {
                match (slot, whole.pointer(pointer)) {
                    (Scalar::Absent, None) => {}
                    (Scalar::Null, Some(found)) => prop_assert!(found.is_null()),
                    (Scalar::Flag(flag), Some(found)) => prop_assert_eq!(found.as_bool(), Some(*flag)),
                    (Scalar::Number(n), Some(found)) => prop_assert_eq!(found.as_f64(), Some(*n)),
                    (Scalar::Text(text), Some(found)) => prop_assert_eq!(found.as_str(), Some(&**text)),
                    (Scalar::Other(_), Some(found)) => prop_assert!(found.is_object() || found.is_array()),
                    other => prop_assert!(false, "{:?}", other),
                }
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            prop_assert_eq!(picked(&text).is_ok(), serde_json::from_str::<IgnoredAny>(&text).is_ok());
        }
    }
}
