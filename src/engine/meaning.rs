//! What a verdict means for a watch, by what it remembers: whether an incident begins, goes on, gets a
//! further sign, or is over.

use crate::domain::{Span, Time};
use crate::rule::{Judgement, Rule, Verdict};

use super::watch::{Spent, Watch};

/// What follows from a verdict.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    /// An incident begins, of a condition that has held since then.
    pub(super) begins: Option<Time>,
    /// The condition is over.
    pub(super) over: bool,
    /// It holds for long enough.
    pub(super) stands: bool,
    /// And began anew: a further sign.
    pub(super) newer: bool,
    /// When to judge again although nothing was heard.
    pub(super) again: Option<Time>,
}

/// By what a verdict is taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    hold: Span,
    recover: Span,
    again_after: Span,
    starts_over: bool,
    /// Somebody was told or asked of it.
    asked: bool,
    /// Until when it begins nothing.
    silent: Option<Time>,
}

impl Terms {
    pub(super) const fn new(rule: &Rule, asked: bool, silent: Option<Time>) -> Self {
        Self {
            hold: rule.hold,
            recover: rule.recover,
            again_after: rule.again_after,
            starts_over: rule.kind.starts_over(),
            asked,
            silent,
        }
    }
}

impl Watch {
    /// Takes a verdict, and remembers what must be.
    pub(super) fn take(&mut self, judgement: Judgement, terms: &Terms, now: Time) -> Meaning {
        let mut meaning = Meaning { again: judgement.again, ..Meaning::default() };
        match judgement.verdict {
            Verdict::Unknown if self.incident.is_none() && self.spent.is_none() => {
                self.standing = None;
            }
            // Unknown changes nothing: it neither begins an incident nor ends one (P5).
            Verdict::Unknown => {}
            Verdict::Resting if terms.asked => {}
            // Back within its limits, and perhaps only for a breath.
            Verdict::Normal if self.incident.is_some() && self.lingers(terms.recover, now) => {
                let calm = *self.calm.get_or_insert(now);
                meaning.ask_again(Some(calm + terms.recover));
            }
            Verdict::Resting | Verdict::Normal => {
                (self.standing, self.spent, self.anew, self.calm) = (None, None, None, None);
                meaning.over = true;
            }
            Verdict::Holds { since, live } => self.holds(since, live, terms, now, &mut meaning),
        }
        meaning
    }

    fn holds(&mut self, since: Time, live: bool, terms: &Terms, now: Time, meaning: &mut Meaning) {
        self.calm = None;
        let is_dealt_with = self.dealt.filter(|dealt| since <= *dealt);
        if let Some(dealt) = is_dealt_with.filter(|_| self.incident.is_none()) {
            let again_at = dealt + terms.again_after;
            self.spent.get_or_insert(Spent { since, again_at });
        }
        if let Some(spent) = self.spent {
            if spent.since < since {
                self.spent = None;
            } else if live && spent.again_at <= now {
                (self.spent, self.anew) = (None, Some(spent.again_at));
            } else {
                meaning.ask_again(live.then_some(spent.again_at));
            }
        }
        let since = self.anew.map_or(since, |anew| anew.max(since));
        let before = self.standing.replace(since);
        if self.spent.is_some() {
            return;
        }
        if now < since + terms.hold {
            meaning.over = terms.starts_over;
            return meaning.ask_again(Some(since + terms.hold));
        }
        (meaning.stands, meaning.newer) = (true, before.is_some_and(|before| before < since));
        match (self.incident, terms.silent) {
            (None, Some(until)) => meaning.again = Some(until),
            (None, None) => meaning.begins = Some(since),
            (Some(_), _) => {}
        }
    }

    /// Whether a condition that is over must stay so for longer before it counts.
    fn lingers(&self, recover: Span, now: Time) -> bool {
        Span::ZERO < recover && self.calm.is_none_or(|calm| now < calm + recover)
    }
}

impl Meaning {
    fn ask_again(&mut self, at: Option<Time>) {
        self.again = [self.again, at].into_iter().flatten().min();
    }
}
