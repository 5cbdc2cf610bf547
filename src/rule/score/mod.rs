//! *Score*: points for several findings together, by a published chart (NEWS2). Three-valued: what is known
//! is the least it can be. There is no total while something is missing.

#[cfg(test)]
mod refused;
pub mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::domain::{Fact, Property, Reason, Sentence, Span, Time, Value, both};
use crate::form::Form;

use super::{Judgement, Verdict, View};

pub use table::{Table, Tables};

/// `score = { table = "news2", at_least = 5, below = 7, fresh = "12h" }` or
/// `score = { table = "news2", any_part = 3, fresh = "12h" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The chart.
    pub table: Arc<Table>,
    /// Which of its scales, where it has several.
    pub scale: u32,
    /// A finding older than this is missing.
    pub fresh: Span,
    wants: Wants,
    /// What the chart is made of.
    of: Vec<Property>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    /// The sum, up to where another rule takes over.
    Sum { at_least: u32, below: Option<u32> },
    /// A single line of the chart.
    Part(u32),
}

/// The chart as far as it can be filled in.
#[derive(Debug, Default)]
struct Chart {
    parts: Vec<(Property, Value, u32)>,
    missing: Vec<Property>,
    /// What is missing or undecided could add.
    could_add: u32,
    /// And the most that a single line of it could give.
    could_be: u32,
    /// When the latest finding came that gives points.
    latest: Option<Time>,
    /// The first finding to go stale.
    stale_at: Option<Time>,
}

impl Score {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>, tables: &Tables) -> Option<Self> {
        let table = form.needs("table").and_then(|name| match tables.find(&name) {
            Ok(table) => table,
            Err(why) => {
                form.wrong_at("table", why);
                None
            }
        });
        let (at_least, below) = (form.may::<u32>("at_least"), form.may::<u32>("below"));
        let any_part = form.may::<u32>("any_part");
        let scale = form.may::<u32>("scale").unwrap_or(1);
        let fresh = form.needs::<Span>("fresh");
        let wants = match (at_least, any_part) {
            (Some(at_least), None) => Some(Wants::Sum { at_least, below }),
            (None, Some(any_part)) => Some(Wants::Part(any_part)),
            (None, None) | (Some(_), Some(_)) => {
                form.wrong(both!(
                    "`at_least` 和 `any_part` 须填且只填一个",
                    "score wants one of `at_least` and `any_part`"
                ));
                None
            }
        };
        if any_part.is_some() && below.is_some() {
            form.wrong(both!("`below` 须与 `at_least` 同填", "`below` goes with `at_least`"));
        }
        if let Some((table, wants)) = table.as_ref().zip(wants) {
            wants.check(table, scale).into_iter().for_each(|why| form.wrong(why));
        }
        form.done();
        let table = table?;
        let of = table.properties();
        Some(Self { table, scale, fresh: fresh?, wants: wants?, of })
    }

    /// Holds as soon as what is known suffices; is normal once what is missing could not suffice.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let chart = self.fill_in(view);
        let (sum, top) = (chart.sum(), chart.top());
        let (reached, reachable) = match self.wants {
            Wants::Sum { at_least, .. } => {
                (at_least <= sum, at_least <= sum.saturating_add(chart.could_add))
            }
            Wants::Part(points) => (points <= top, points <= top.max(chart.could_be)),
        };
        let since = view.standing.or(chart.latest).unwrap_or(view.now);
        let verdict = match (reached, reachable) {
            // Worse than the band is another rule's. It begins nothing here, and by no means ends it.
            (true, _) if self.wants.is_passed_by(sum) => Verdict::Resting,
            (true, _) => Verdict::Holds { since, live: true },
            (false, false) => Verdict::Normal,
            (false, true) => Verdict::Unknown,
        };
        Judgement { verdict, again: chart.stale_at }
    }

    /// Names every finding with its points, and what is missing.
    pub fn reason(&self, view: &View<'_>) -> Reason {
        let chart = self.fill_in(view);
        Reason::Score {
            table: self.table.title.clone(),
            total: chart.sum(),
            complete: chart.missing.is_empty(),
            missing: chart.missing,
            parts: chart.parts,
        }
    }

    /// What the chart is made of.
    pub fn concerns(&self) -> &[Property] {
        &self.of
    }

    fn fill_in(&self, view: &View<'_>) -> Chart {
        let oxygen = self.finding(view, Property::Oxygen).map(|fact| fact.value.is_true());
        let mut chart = Chart::default();
        for part in self.table.parts(self.scale) {
            let Some(fact) = self.finding(view, part.of) else {
                chart.missing.push(part.of);
                chart.lacks(part.most());
                continue;
            };
            let stale_at = fact.seen + self.fresh + Span(1);
            chart.stale_at = Some(chart.stale_at.map_or(stale_at, |first| first.min(stale_at)));
            let given = part.given(fact.value, oxygen);
            if given.least == given.most {
                chart.parts.push((part.of, fact.value, given.most));
                chart.latest = chart.latest.max(Some(fact.seen).filter(|_| 0 < given.most));
            } else {
                // It waits for the oxygen, which is missing itself.
                chart.lacks(given.most);
            }
        }
        chart
    }

    /// The latest that a device itself said and that is not too old. That it has fallen silent since does
    /// not matter: a cuff that is switched off after it measured has measured all the same. A broker's
    /// memory is of no known age, and a device that is tried out tells nothing of the resident.
    fn finding<'a>(&self, view: &View<'a>, property: Property) -> Option<&'a Fact> {
        let facts = view.situation.facts(property);
        let counts = facts.filter(|(device, fact)| {
            let fresh = view.now <= fact.seen + self.fresh;
            fact.live && fresh && !view.situation.is_under_test(device)
        });
        counts.map(|(_, fact)| fact).max_by_key(|fact| fact.seen)
    }
}

impl Wants {
    /// What can never be, or always is.
    fn check(self, table: &Table, scale: u32) -> Option<Sentence> {
        let scales = table.scales();
        if !scales.contains(&scale) {
            let all: Vec<_> = scales.iter().map(u32::to_string).collect();
            let (name, all) = (&table.name, all.join(", "));
            return Some(format!("`{name}` has no scale {scale}: one of {all}").into());
        }
        let most = match self {
            Self::Sum { .. } => table.maximum,
            Self::Part(_) => table.parts(scale).map(table::Part::most).max().unwrap_or(0),
        };
        match self {
            Self::Sum { at_least: points, .. } | Self::Part(points)
                if !(1..=most).contains(&points) =>
            {
                Some(both!(
                    "分数在 1 到 {most} 之间，不能是 {points}",
                    "from 1 to {most} points can be reached, not {points}"
                ))
            }
            Self::Sum { at_least, below: Some(below) } if !(at_least < below && below <= most) => {
                Some(both!(
                    "`below` 须大于 {at_least}，不超过 {most}，不能是 {below}",
                    "`below` is above {at_least} and at most {most}, not {below}"
                ))
            }
            Self::Sum { .. } | Self::Part(_) => None,
        }
    }

    const fn is_passed_by(self, sum: u32) -> bool {
        matches!(self, Self::Sum { below: Some(below), .. } if below <= sum)
    }
}

impl Chart {
    fn lacks(&mut self, most: u32) {
        self.could_add = self.could_add.saturating_add(most);
        self.could_be = self.could_be.max(most);
    }

    fn sum(&self) -> u32 {
        self.parts.iter().fold(0, |sum, (_, _, points)| sum.saturating_add(*points))
    }

    fn top(&self) -> u32 {
        self.parts.iter().map(|(_, _, points)| *points).max().unwrap_or(0)
    }
}
