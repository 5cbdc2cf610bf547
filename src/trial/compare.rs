//! Which incidents two runs have in common, and which only the one or the other has.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::{Entry, Happening, HomeId, IncidentId, Outcome, Reason, Span, Time};
use crate::engine::Effect;

/// Further apart, two incidents of one rule are not the same one moved.
const MOVED_MAX: Span = Span::hours(12);

/// One incident, as far as a comparison cares.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Where.
    pub home: HomeId,
    /// The rule, and the device where it watches each: `battery-low@bed-pad`.
    pub key: String,
    /// Its number within the home, in its own run.
    pub n: u32,
    /// Why.
    pub reason: Reason,
    /// In wall time.
    pub detected: Time,
    /// When people were told, if they were.
    pub alarmed: Option<Time>,
    /// How it ended, if somebody has said so.
    pub outcome: Option<Outcome>,
}

/// All incidents of one run, in the order in which they were detected.
#[derive(Debug, Default)]
pub struct Ledger {
    /// See above.
    pub found: Vec<Found>,
    places: BTreeMap<IncidentId, usize>,
}

/// What of an incident is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// People were told.
    Alarmed,
    /// It was found.
    Detected,
}

/// What becomes of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It was not there before.
    Appears,
    /// It is no longer there.
    Disappears,
    /// It comes at another time.
    Moves,
}

/// An incident that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What becomes of it.
    pub fate: Fate,
    /// Where.
    pub home: HomeId,
    /// As [`Found::key`].
    pub key: String,
    /// When it was before; when it is now, if it was not there before.
    #[serde(serialize_with = "in_words")]
    pub at: Time,
    /// How much later it is now, in ms.
    #[serde(rename = "later_ms", skip_serializing_if = "Option::is_none")]
    pub later: Option<Span>,
    /// Why, in English.
    pub reason: String,
    /// Its places in both runs.
    #[serde(skip)]
    pub pair: (Option<usize>, Option<usize>),
}

/// As everywhere people and programs read it: RFC 3339.
fn in_words<S: serde::Serializer>(at: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// How many of a rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// As it was.
    pub before: u32,
    /// By the other rules.
    pub after: u32,
    /// Only by the other rules.
    pub appear: u32,
    /// Only as it was.
    pub disappear: u32,
    /// At another time.
    pub moved: u32,
}

/// What is different at one moment of the incidents.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// In the order of time.
    pub differences: Vec<Difference>,
    /// By rule.
    pub rules: BTreeMap<String, Count>,
}

impl Found {
    /// By which rule.
    pub fn rule(&self) -> &str {
        self.key.split_once('@').map_or(&self.key, |(rule, _)| rule)
    }

    const fn at(&self, moment: Moment) -> Option<Time> {
        match moment {
            Moment::Alarmed => self.alarmed,
            Moment::Detected => Some(self.detected),
        }
    }
}

impl Ledger {
    /// Notes what a step of a home's engine led to.
    pub fn note(&mut self, home: &HomeId, effects: &[Effect]) {
        for effect in effects {
            let Effect::Story { incident, key, entry, .. } = effect else { continue };
            self.note_entry(IncidentId { home: home.clone(), n: *incident }, key, entry);
        }
    }

    fn note_entry(&mut self, id: IncidentId, key: &str, entry: &Entry) {
        if let Happening::Detected { reason, .. } = &entry.what {
            let (home, n) = (id.home.clone(), id.n);
            let (key, reason, detected) = (key.to_owned(), reason.clone(), entry.at);
            self.places.insert(id, self.found.len());
            let (alarmed, outcome) = (None, None);
            self.found.push(Found { home, key, n, reason, detected, alarmed, outcome });
            return;
        }
        // One that was there before the run began is the same in both.
        let Some(found) = self.places.get(&id).and_then(|at| self.found.get_mut(*at)) else {
            return;
        };
        if let Happening::Alarmed { .. } = &entry.what {
            found.alarmed.get_or_insert(entry.at);
        } else if let Happening::Resolved { outcome, .. } | Happening::Closed { outcome, .. } =
            &entry.what
        {
            found.outcome = Some(*outcome);
        } else if let Happening::Reworked { .. } = &entry.what {
            found.outcome = None;
        }
    }
}

/// Compares two runs at one moment of their incidents, as far as it lies in the range.
pub fn compare(
    before: &[Found],
    after: &[Found],
    moment: Moment,
    (from, until): (Time, Time),
) -> Comparison {
    let mut comparison = Comparison::default();
    let in_range = |at: Time| from <= at && at < until;
    for pair in match_up(&marks(before, moment), &marks(after, moment)) {
        let of = |all: &'_ [Found], n: Option<usize>| n.and_then(|n| all.get(n)).cloned();
        let (was, is) = (of(before, pair.0), of(after, pair.1));
        let at = |found: &Option<Found>| found.as_ref().and_then(|f| f.at(moment));
        let (old, new) = (at(&was), at(&is));
        let Some(found) = is.or(was) else { continue };
        if ![old, new].into_iter().flatten().any(in_range) {
            continue;
        }
        let count = comparison.rules.entry(found.rule().to_owned()).or_default();
        count.before += u32::from(old.is_some_and(in_range));
        count.after += u32::from(new.is_some_and(in_range));
        let (fate, at, later) = match (old, new) {
            (Some(old), Some(new)) if old == new => continue,
            (Some(old), Some(new)) => (Fate::Moves, old, Some(new - old)),
            (Some(old), None) => (Fate::Disappears, old, None),
            (None, Some(new)) => (Fate::Appears, new, None),
            (None, None) => continue,
        };
        *match fate {
            Fate::Appears => &mut count.appear,
            Fate::Disappears => &mut count.disappear,
            Fate::Moves => &mut count.moved,
        } += 1;
        let Found { home, key, reason, .. } = found;
        let reason = reason.en();
        comparison.differences.push(Difference { fate, home, key, at, later, reason, pair });
    }
    comparison.differences.sort_by(|a, b| (a.at, &a.home, &a.key).cmp(&(b.at, &b.home, &b.key)));
    comparison
}

/// What an incident is known by, its instant, and its place.
type Marks<'f> = BTreeMap<(&'f HomeId, &'f str), Vec<(Time, usize)>>;

fn marks(all: &[Found], moment: Moment) -> Marks<'_> {
    let mut marks = Marks::new();
    for (n, found) in all.iter().enumerate() {
        if let Some(at) = found.at(moment) {
            marks.entry((&found.home, &found.key)).or_default().push((at, n));
        }
    }
    marks.values_mut().for_each(|list| list.sort());
    marks
}

/// The same key at the same instant is the same one; else the nearest that is left is the same one
/// moved, unless that is too far; what is left then has no counterpart.
fn match_up(before: &Marks<'_>, after: &Marks<'_>) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pairs = Vec::new();
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let list = |marks: &Marks<'_>| marks.get(key).cloned().unwrap_or_default();
        let (old, new) = (list(before), list(after));
        let mut near = Vec::new();
        for (at, was) in &old {
            let begin = new.partition_point(|(then, _)| *then < *at - MOVED_MAX);
            let rest = new.get(begin..).unwrap_or_default();
            for (then, is) in rest.iter().take_while(|(then, _)| *then <= *at + MOVED_MAX) {
                near.push(((*then - *at).0.abs(), *at, *then, *was, *is));
            }
        }
        near.sort_unstable();
        let (mut used_old, mut used_new) = (BTreeSet::new(), BTreeSet::new());
        for (_, _, _, was, is) in near {
            if !used_old.contains(&was) && !used_new.contains(&is) {
                used_old.insert(was);
                used_new.insert(is);
                pairs.push((Some(was), Some(is)));
            }
        }
        let gone = old.iter().filter(|(_, n)| !used_old.contains(n));
        pairs.extend(gone.map(|(_, n)| (Some(*n), None)));
        let come = new.iter().filter(|(_, n)| !used_new.contains(n));
        pairs.extend(come.map(|(_, n)| (None, Some(*n))));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALWAYS: (Time, Time) = (Time(i64::MIN), Time(i64::MAX));

    /// Detected at so many hours; people told an hour later, or not at all.
    fn found(key: &str, hours: i64, told: bool) -> Found {
        let detected = Time(0) + Span::hours(hours);
        let alarmed = told.then_some(detected + Span::hours(1));
        let home = "h1".parse().unwrap();
        let (key, outcome) = (key.to_owned(), None);
        let reason = Reason::Inactive { since: hours.to_string() };
        Found { home, key, n: 1, reason, detected, alarmed, outcome }
    }

    fn said(comparison: &Comparison) -> Vec<String> {
        let one = |d: &Difference| {
            let later = d.later.map_or(String::new(), |by| format!(" by {by}"));
            format!("{} {:?}{later} from {}", d.key, d.fate, (d.at - Time(0)).0 / 3_600_000)
        };
        comparison.differences.iter().map(one).collect()
    }

    #[test]
    fn the_same_instant_is_the_same_one_and_the_nearest_is_the_same_one_moved() {
        let before = [found("fall", 0, true), found("fall", 10, true), found("fall", 30, true)];
        let after = [found("fall", 3, true), found("fall", 10, true), found("fall", 50, true)];
        let compared = compare(&before, &after, Moment::Detected, ALWAYS);
        assert_eq!(
            said(&compared),
            ["fall Moves by 3h from 0", "fall Disappears from 30", "fall Appears from 50"]
        );
        let count = Count { before: 3, after: 3, appear: 1, disappear: 1, moved: 1 };
        assert_eq!(compared.rules, BTreeMap::from([("fall".to_owned(), count)]));
        // What stays is no difference, and each is matched once, the nearest first.
        assert_eq!(compare(&before, &before, Moment::Alarmed, ALWAYS).differences, []);
        let two = [found("fall", 5, true), found("fall", 8, true)];
        let one = [found("fall", 9, true)];
        let compared = compare(&two, &one, Moment::Detected, ALWAYS);
        assert_eq!(said(&compared), ["fall Disappears from 5", "fall Moves by 1h from 8"]);
        let far = [found("fall", 22, true)];
        let compared = compare(&one, &far, Moment::Detected, ALWAYS);
        assert_eq!(said(&compared), ["fall Disappears from 9", "fall Appears from 22"]);
    }

    #[test]
    fn devices_and_homes_are_told_apart_and_rules_are_counted_together() {
        let before = [found("battery-low@a", 0, true), found("battery-low@b", 0, true)];
        let mut other = found("battery-low@a", 0, true);
        other.home = "h2".parse().unwrap();
        let compared = compare(&before, &[other], Moment::Alarmed, ALWAYS);
        let count = Count { before: 2, after: 1, appear: 1, disappear: 2, moved: 0 };
        assert_eq!(compared.rules, BTreeMap::from([("battery-low".to_owned(), count)]));
    }

    #[test]
    fn being_told_is_another_matter_than_being_found() {
        let (before, after) = ([found("fall", 0, true)], [found("fall", 0, false)]);
        assert_eq!(compare(&before, &after, Moment::Detected, ALWAYS).differences, []);
        let told = compare(&before, &after, Moment::Alarmed, ALWAYS);
        assert_eq!(said(&told), ["fall Disappears from 1"]);
    }

    #[test]
    fn only_what_lies_in_the_range_counts_but_all_is_matched() {
        let hour = |n| Time(0) + Span::hours(n);
        let before = [found("fall", 0, true), found("fall", 9, true)];
        let after = [found("fall", 11, true), found("fall", 90, true)];
        let compared = compare(&before, &after, Moment::Detected, (hour(10), hour(80)));
        assert_eq!(said(&compared), ["fall Moves by 2h from 9"]);
        let count = Count { before: 0, after: 1, appear: 0, disappear: 0, moved: 1 };
        assert_eq!(compared.rules, BTreeMap::from([("fall".to_owned(), count)]));
    }
}
