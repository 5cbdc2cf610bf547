//! How often a rule found something, and how often people called that false: for whoever looks at the rules.

use std::collections::BTreeMap;

use crate::domain::{HomeId, Name, Outcome};

use super::Share;

/// Incidents of one rule in one home that came as far and ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Where.
    pub home: HomeId,
    /// By which rule.
    pub rule: Name,
    /// Whether people were alarmed.
    pub is_alarm: bool,
    /// How it ended, if it has.
    pub outcome: Option<Outcome>,
    /// How many.
    pub count: usize,
}

/// What a rule did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fired {
    /// What it found.
    pub found: usize,
    /// Of that, people were alarmed.
    pub alarms: usize,
    /// Of the alarms that are closed, tests and those set aside left out: those that people called false. As in
    /// the figures of a month.
    pub false_alarms: Share,
}

impl Fired {
    /// Rule by rule.
    pub fn by_rule(all: impl Iterator<Item = Ended>) -> BTreeMap<Name, Self> {
        let mut rules: BTreeMap<Name, Self> = BTreeMap::new();
        for Ended { rule, is_alarm, outcome, count, .. } in all {
            let fired = rules.entry(rule).or_default();
            fired.found += count;
            if !is_alarm {
                continue;
            }
            fired.alarms += count;
            let counts = |o: &Outcome| *o != Outcome::Test && !o.is_set_aside();
            if let Some(outcome) = outcome.filter(counts) {
                fired.false_alarms.of += count;
                let is_false = outcome == Outcome::FalseAlarm;
                fired.false_alarms.hits += if is_false { count } else { 0 };
            }
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_alarms_that_people_closed_are_true_or_false() {
        let ended = |outcome: Option<Outcome>, is_alarm, count| Ended {
            home: "h1".parse().unwrap(),
            rule: "fall".parse().unwrap(),
            is_alarm,
            outcome,
            count,
        };
        let all = [
            ended(Some(Outcome::FalseAlarm), true, 2),
            ended(Some(Outcome::Assisted), true, 3),
            ended(Some(Outcome::Test), true, 5),
            ended(Some(Outcome::Merged), true, 7),
            ended(Some(Outcome::Cancelled), false, 11),
            ended(None, true, 13),
        ];
        let rules = Fired::by_rule(all.into_iter());
        let false_alarms = Share { hits: 2, of: 5 };
        let fall: Name = "fall".parse().unwrap();
        assert_eq!(rules[&fall], Fired { found: 41, alarms: 30, false_alarms });
    }
}
