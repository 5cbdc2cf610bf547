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

/// How deep a message may be nested. A sensor needs four levels; who sends more has something in mind.
const DEPTH_MAX: usize = 128;

/// How many members of lists are looked at in one message.
const ROWS_MAX: usize = 64;

/// The places wanted, as a tree; each has a slot.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    slot: Option<usize>,
    children: Vec<(String, Self)>,
    members: Option<Box<Members>>,
}

/// What is wanted of each member of a list or an object: what stands behind a `*`.
#[derive(Debug, Clone, Default)]
struct Members {
    tree: Tree,
    /// The slots below it. The first of them names the group.
    slots: Vec<usize>,
}

/// What one member of a list says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row<'m> {
    /// Which list: the first slot that was wanted of its members.
    pub(super) group: usize,
    values: Vec<(usize, Scalar<'m>)>,
}

/// What the members of lists say, in the order of the message.
#[derive(Debug, Default)]
pub(super) struct Rows<'m> {
    pub(super) rows: Vec<Row<'m>>,
    /// There were more than are looked at.
    pub(super) is_cut: bool,
}

impl<'m> Row<'m> {
    /// The slots of the message, with those of this member.
    pub(super) fn within(&self, slots: &[Scalar<'m>]) -> Vec<Scalar<'m>> {
        let mut slots = slots.to_vec();
        for (slot, value) in &self.values {
            slots.get_mut(*slot).into_iter().for_each(|place| place.clone_from(value));
        }
        slots
    }
}

impl Tree {
    /// Wants the place of this JSON pointer in this slot.
    pub(super) fn want(&mut self, pointer: &str, slot: usize) {
        let mut tree = self;
        for key in pointer.split('/').skip(1) {
            if key == "*" {
                let members = tree.members.get_or_insert_default();
                members.slots.push(slot);
                tree = &mut members.tree;
                continue;
            }
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
    fn clear(&self, slots: &mut [Scalar<'_>], rows: &mut Rows<'_>) {
        if let Some(slot) = self.slot.and_then(|n| slots.get_mut(n)) {
            *slot = Scalar::Absent;
        }
        for (_, child) in &self.children {
            child.clear(slots, rows);
        }
        if let Some(members) = &self.members {
            members.tree.clear(slots, rows);
            rows.rows.retain(|row| Some(&row.group) != members.slots.first());
        }
    }
}

impl Members {
    /// Moves what the slots hold of one member into a row of its own.
    fn keep<'m>(&self, slots: &mut [Scalar<'m>], rows: &mut Rows<'m>) {
        let Some(group) = self.slots.first().copied() else { return };
        let mut values = Vec::new();
        for n in &self.slots {
            let value = slots.get_mut(*n).map(|slot| std::mem::replace(slot, Scalar::Absent));
            values.extend(value.filter(|v| *v != Scalar::Absent).map(|value| (*n, value)));
        }
        if values.is_empty() {
            return;
        }
        if rows.rows.len() < ROWS_MAX {
            rows.rows.push(Row { group, values });
        } else {
            rows.is_cut = true;
        }
    }
}

/// Fills the slots of a tree from a JSON text; of members of lists nothing.
///
/// # Errors
/// The text is not JSON; the slots then mean nothing.
pub(super) fn pick<'m>(
    text: &'m str,
    tree: &Tree,
    slots: &mut [Scalar<'m>],
) -> Result<(), serde_json::Error> {
    pick_rows(text, tree, slots, &mut Rows::default())
}

/// Fills the slots of a tree from a JSON text, and makes a row for each member of the lists wanted.
///
/// # Errors
/// The text is not JSON, or nested without end; the slots and rows then mean nothing.
pub(super) fn pick_rows<'m>(
    text: &'m str,
    tree: &Tree,
    slots: &mut [Scalar<'m>],
    rows: &mut Rows<'m>,
) -> Result<(), serde_json::Error> {
    if is_too_deep(text) {
        let why = format!("it is nested more than {DEPTH_MAX} levels deep");
        return Err(serde::de::Error::custom(why));
    }
    let mut too_large: Vec<usize> = Vec::new();
    loop {
        slots.fill(Scalar::Absent);
        *rows = Rows::default();
        let mut at = None;
        let mut json = serde_json::Deserializer::from_str(text);
        let walk = Walk { tree, slots, rows, at: &mut at, too_large: &too_large };
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

/// Whether brackets are open in brackets beyond measure. Places that nobody wants are skipped by
/// counting, so that the parser's own limit does not hold there.
fn is_too_deep(text: &str) -> bool {
    if text.len() <= DEPTH_MAX {
        return false;
    }
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if DEPTH_MAX < depth {
            return true;
        }
    }
    false
}

struct Walk<'t, 's, 'm> {
    tree: &'t Tree,
    slots: &'s mut [Scalar<'m>],
    rows: &'s mut Rows<'m>,
    /// The slot being read.
    at: &'s mut Option<usize>,
    too_large: &'t [usize],
}

impl<'t, 'm> Walk<'t, '_, 'm> {
    /// The same walk, of a place below this one.
    fn below<'w>(&'w mut self, tree: &'t Tree) -> Walk<'t, 'w, 'm> {
        let (slots, rows, at) = (&mut *self.slots, &mut *self.rows, &mut *self.at);
        Walk { tree, slots, rows, at, too_large: self.too_large }
    }

    fn put(self, value: Scalar<'m>) {
        if let Some(slot) = self.tree.slot.and_then(|n| self.slots.get_mut(n)) {
            *slot = value;
        }
    }
}

impl<'m> DeserializeSeed<'m> for Walk<'_, '_, 'm> {
    type Value = ();

    fn deserialize<D: Deserializer<'m>>(self, json: D) -> Result<(), D::Error> {
        self.tree.clear(self.slots, self.rows);
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

    fn visit_map<A: MapAccess<'m>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(child) = map.next_key_seed(Key(self.tree))? {
            *self.at = None;
            // What is wanted by its name is no member of `*`.
            match (child, &self.tree.members) {
                (Some(tree), _) => map.next_value_seed(self.below(tree))?,
                (None, Some(members)) => {
                    map.next_value_seed(self.below(&members.tree))?;
                    members.keep(self.slots, self.rows);
                }
                (None, None) => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        *self.at = None;
        self.put(OBJECT);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'m>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut n = 0_usize;
        loop {
            *self.at = None;
            let place = (!self.tree.children.is_empty()).then(|| self.tree.child(&n.to_string()));
            let more = match (place.flatten(), &self.tree.members) {
                (Some(tree), _) => list.next_element_seed(self.below(tree))?.is_some(),
                (None, Some(members)) => {
                    let more = list.next_element_seed(self.below(&members.tree))?.is_some();
                    members.keep(self.slots, self.rows);
                    more
                }
                (None, None) => list.next_element::<IgnoredAny>()?.is_some(),
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
mod tests;
