//! The judge: which alarms were right, which false, what was missed, and how long it took.

use std::collections::BTreeMap;

use crate::domain::{Group, Level, Span, Time};
use crate::engine::Book;

use super::mishap::{Path, Sure};
use super::{Alarm, Harm, Lived, Mishap, Set, Terms};

/// So long after a mishap is over, an alarm of it is none of nothing.
const AFTERMATH: Span = Span::hours(1);

/// What a rule did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfRule {
    /// Alarms that were right to raise.
    pub right: u64,
    /// Alarms when nothing of the kind was wrong.
    pub wrong: u64,
    /// Mishaps that it ought to have found, and that nobody found in time.
    pub missed: u64,
    /// From the beginning to its alarm, of mishaps that it found.
    pub took: Vec<Span>,
    /// Whether a false alarm of it is one of a life: not of a device, and not merely a notice.
    pub life: bool,
    /// Whether it is about a device.
    pub equipment: bool,
}

/// What became of one kind of mishap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfHarm {
    /// How many there were that ended, or ought to have been found, before the end.
    pub happened: u64,
    /// Those that the rules could see with the sensors of the home.
    pub in_sight: u64,
    /// Those of them that were found in time.
    pub found: u64,
    /// Those that were found, and too late.
    pub late: u64,
    /// Those that were over before a rule had to find them: somebody came for something else.
    pub over: u64,
    /// Those of all, in sight or not, that this rule was the first to find.
    pub found_by: BTreeMap<String, u64>,
}

/// What became of the homes with one set of sensors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfSet {
    /// How many.
    pub homes: u64,
    /// Lived by all of them together.
    pub days: u64,
    /// False alarms about the resident or the flat.
    pub false_life: u64,
    /// Those of them that were raised while she was out.
    pub false_out: u64,
    /// Mishaps in sight.
    pub in_sight: u64,
    /// Those of them that nobody found in time.
    pub missed: u64,
}

/// What became of many homes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Rule by rule, in the order of their names.
    pub rules: BTreeMap<String, OfRule>,
    /// Kind by kind.
    pub harms: BTreeMap<Harm, OfHarm>,
    /// Set by set.
    pub sets: BTreeMap<Set, OfSet>,
    /// How often an open incident had no deadline.
    pub forgotten: u64,
    /// Incidents that were open at the end.
    pub open: u64,
    /// Inputs that the engines took.
    pub inputs: u64,
    /// The mishaps that were missed: the home, what, and when it began.
    pub missed: Vec<(u64, Harm, Time)>,
    /// The first false life alarms: the home, the rule, and when.
    pub wolves: Vec<(u64, String, Time)>,
}

impl Tally {
    /// Judges one home, the `nth` of its kind.
    pub fn add(&mut self, nth: u64, set: Set, lived: &Lived, book: &Book, terms: &Terms) {
        let of_set = self.sets.entry(set).or_default();
        of_set.homes += 1;
        of_set.days += u64::try_from(terms.days).unwrap_or(0);
        self.forgotten += count(lived.forgotten);
        self.open += count(lived.open);
        self.inputs += lived.inputs;
        for alarm in &lived.alarms {
            let of_rule = self.rule(alarm.rule.as_str(), book);
            let life = of_rule.life;
            if lived.mishaps.iter().any(|m| explains(m, alarm, terms.until())) {
                of_rule.right += 1;
                continue;
            }
            of_rule.wrong += 1;
            if life {
                let of_set = self.sets.entry(set).or_default();
                of_set.false_life += 1;
                of_set.false_out += u64::from(alarm.out);
                self.wolves.push((nth, alarm.rule.to_string(), alarm.at));
            }
        }
        for mishap in &lived.mishaps {
            self.judge(nth, set, mishap, lived, book, terms.until());
        }
    }

    /// What a rule did so far, and what its alarms count as.
    fn rule(&mut self, name: &str, book: &Book) -> &mut OfRule {
        let of_rule = self.rules.entry(name.to_owned()).or_default();
        if let Some(rule) = book.rules.iter().find(|r| r.name.as_str() == name) {
            of_rule.equipment = rule.group == Group::Equipment;
            of_rule.life = !of_rule.equipment && Level::Normal <= rule.level;
        }
        of_rule
    }

    fn judge(
        &mut self,
        nth: u64,
        set: Set,
        mishap: &Mishap,
        lived: &Lived,
        book: &Book,
        until: Time,
    ) {
        let sure = first_sure(mishap, book);
        if sure.as_ref().map_or(mishap.end.unwrap_or(until), |(by, _)| *by) >= until {
            return;
        }
        let first = lived.alarms.iter().find(|alarm| explains(mishap, alarm, until));
        if let Some(alarm) = first {
            self.rule(alarm.rule.as_str(), book).took.push(alarm.at - mishap.at);
        }
        let of_harm = self.harms.entry(mishap.harm).or_default();
        of_harm.happened += 1;
        if let Some(alarm) = first {
            *of_harm.found_by.entry(alarm.rule.to_string()).or_default() += 1;
        }
        let Some((by, rule)) = sure else { return };
        let of_set = self.sets.entry(set).or_default();
        if first.is_none() && mishap.end.is_some_and(|end| end <= by) {
            of_harm.over += 1;
            return;
        }
        of_harm.in_sight += 1;
        of_set.in_sight += 1;
        if first.is_some_and(|alarm| alarm.at <= by) {
            of_harm.found += 1;
            return;
        }
        of_harm.late += u64::from(first.is_some());
        of_set.missed += 1;
        self.rule(rule, book).missed += 1;
        self.missed.push((nth, mishap.harm, mishap.at));
    }

    /// Adds what became of other homes. The order matters only to lists.
    pub fn merge(&mut self, other: Self) {
        for (name, of) in other.rules {
            let own = self.rules.entry(name).or_default();
            own.right += of.right;
            own.wrong += of.wrong;
            own.missed += of.missed;
            own.took.extend(of.took);
            own.life |= of.life;
            own.equipment |= of.equipment;
        }
        for (harm, of) in other.harms {
            let own = self.harms.entry(harm).or_default();
            own.happened += of.happened;
            own.in_sight += of.in_sight;
            own.found += of.found;
            own.late += of.late;
            own.over += of.over;
            for (rule, n) in of.found_by {
                *own.found_by.entry(rule).or_default() += n;
            }
        }
        for (set, of) in other.sets {
            let own = self.sets.entry(set).or_default();
            own.homes += of.homes;
            own.days += of.days;
            own.false_life += of.false_life;
            own.false_out += of.false_out;
            own.in_sight += of.in_sight;
            own.missed += of.missed;
        }
        self.forgotten += other.forgotten;
        self.open += other.open;
        self.inputs += other.inputs;
        self.missed.extend(other.missed);
        self.wolves.extend(other.wolves);
    }

    /// Days lived, all homes together.
    pub fn days(&self) -> u64 {
        self.sets.values().map(|of| of.days).sum()
    }
}

impl OfRule {
    /// How long it took for so many in a hundred of what it found.
    pub fn took(&self, percent: usize) -> Option<Span> {
        let mut took = self.took.clone();
        took.sort_unstable();
        took.get((took.len() * percent / 100).min(took.len().saturating_sub(1))).copied()
    }
}

/// By when a rule of the book must have found it for certain, and which.
fn first_sure<'a>(mishap: &'a Mishap, book: &Book) -> Option<(Time, &'a str)> {
    let has = |name: &str| book.rules.iter().find(|r| r.name.as_str() == name);
    let by = |path: &'a Path| {
        let rule = has(path.rule)?;
        let relied_on = match path.sure {
            Sure::Yes => true,
            Sure::No => false,
            Sure::Unless(other) => has(other).is_none(),
        };
        let takes = Span(rule.found_within().0 + path.slack.0 + waits(rule.level, book).0);
        let in_time = takes < mishap.harm.lasts();
        (relied_on && in_time).then_some((mishap.since + takes, path.rule))
    };
    mishap.paths.iter().filter_map(by).min()
}

/// How long a warning beyond the day's budget may wait until it is told with others.
fn waits(level: Level, book: &Book) -> Span {
    let may_wait = level == Level::Info && book.warnings.is_some();
    if may_wait { Span::hours(24) } else { Span::ZERO }
}

/// Whether this alarm is about this mishap.
fn explains(mishap: &Mishap, alarm: &Alarm, until: Time) -> bool {
    let right = mishap.paths.iter().any(|path| alarm.rule.as_str() == path.rule);
    let end = mishap.end.unwrap_or(until) + AFTERMATH;
    let its = mishap.device.is_none() || alarm.device.is_none() || alarm.device == mishap.device;
    right && its && mishap.at <= alarm.at && alarm.at <= end
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
