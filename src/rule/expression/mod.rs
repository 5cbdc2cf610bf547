//! *Expression*: a condition over properties in words of its own, for what no other kind covers. What it
//! says is true, false or unknown: it never takes what nobody reports for false.

mod lex;
mod number;
mod parse;
#[cfg(test)]
mod tests;
mod tree;

use crate::domain::observation::Kind;
use crate::domain::{Fact, Place, Property, Reason, Span, Time, Value, both};
use crate::form::Form;

use super::{Judgement, Verdict, View};
use tree::{Atom, Tree};

/// `expression = { when = "power > 50 W and not presence in kitchen", fresh = "10m" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// As it is written.
    pub when: String,
    /// A number older than this is unknown, and a moment is over. Flags have no age.
    pub fresh: Option<Span>,
    tree: Tree,
    of: Vec<Property>,
}

/// What is known of one atom.
#[derive(Debug, Default)]
struct Reading {
    value: Option<Value>,
    /// Since when it is so, as far as one can tell.
    since: Option<Time>,
    /// When it goes stale.
    stale_at: Option<Time>,
    live: bool,
}

impl Expression {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let read = |text: &str| Ok((parse::parse(text)?, one_line(text)));
        let read = form.grammar("when", read);
        let fresh = form.may::<Span>("fresh");
        let ages = |property: &Property| property.kind() != Kind::Flag;
        let of: Option<Vec<Property>> = read.as_ref().map(|(tree, _)| tree.properties());
        match (of.as_ref().map(|of| of.iter().find(|p| ages(p))), fresh) {
            (Some(Some(aging)), None) => {
                form.wrong(both!(
                    "`fresh` 没有填写：{aging} 的读数多久有效",
                    "`fresh` is missing: how old `{aging}` may be"
                ));
                return None;
            }
            (Some(None), Some(_)) => {
                let why = both!("`fresh` 不能填", "flags have no age: leave out `fresh`");
                form.wrong_at("when", why);
            }
            (Some(Some(_)), Some(_)) | (Some(None), None) | (None, _) => {}
        }
        form.done();
        let (tree, when) = read?;
        Some(Self { when, fresh, tree, of: of? })
    }

    /// Holds since the latest of what makes it hold.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let readings = self.readings(view);
        let values: Vec<_> = readings.iter().map(|reading| reading.value).collect();
        let latest = readings.iter().filter_map(|reading| reading.since).max();
        let verdict = match self.tree.root.of(&values) {
            None => Verdict::Unknown,
            Some(false) => Verdict::Normal,
            Some(true) => Verdict::Holds {
                since: view.standing.or(latest).unwrap_or(view.now),
                live: readings.iter().any(|reading| reading.live),
            },
        };
        Judgement { verdict, again: readings.iter().filter_map(|r| r.stale_at).min() }
    }

    /// Names the condition, and what the properties in it are.
    pub fn reason(&self, view: &View<'_>, since: Time) -> Reason {
        let readings = self.readings(view);
        let known = self.tree.atoms.iter().zip(&readings);
        let values = known.filter_map(|(atom, reading)| match atom {
            Atom::Property(property, _) => Some((*property, reading.value?)),
        });
        let (when, values) = (self.when.clone(), values.collect());
        Reason::Expression { when, values, since: view.clock(since) }
    }

    /// The properties in it, each once.
    pub fn concerns(&self) -> &[Property] {
        &self.of
    }

    /// What it looks at, and in which kind of room.
    pub fn atoms(&self) -> impl Iterator<Item = (Property, Option<Place>)> {
        self.tree.atoms.iter().map(|atom| match atom {
            Atom::Property(property, place) => (*property, *place),
        })
    }

    /// Whether it could ever hold, if `reports` says which properties a home has, and where.
    pub fn could_hold(&self, reports: impl Fn(Property, Option<Place>) -> bool) -> bool {
        let known: Vec<bool> = self
            .tree
            .atoms
            .iter()
            .map(|atom| match atom {
                Atom::Property(property, place) => reports(*property, *place),
            })
            .collect();
        self.tree.root.could(true, &known)
    }

    fn readings(&self, view: &View<'_>) -> Vec<Reading> {
        let read = |atom: &Atom| match atom {
            Atom::Property(property, place) => self.reading(view, *property, *place),
        };
        self.tree.atoms.iter().map(read).collect()
    }

    /// What the living devices say, in that kind of room if one is named.
    fn reading(&self, view: &View<'_>, property: Property, place: Option<Place>) -> Reading {
        let facts = view.situation.facts(property).filter(|(device, _)| {
            let own = view.home.device(device).and_then(|d| d.place);
            view.is_alive(device) && place.is_none_or(|place| own == Some(place))
        });
        let facts = facts.map(|(_, fact)| fact);
        match property.kind() {
            Kind::Flag => Reading::of_flags(&facts.collect::<Vec<_>>()),
            Kind::Moment | Kind::Number { .. } => {
                let latest = facts.max_by_key(|fact| fact.seen);
                let fresh = self.fresh.unwrap_or(Span::ZERO);
                latest.map_or_else(Reading::default, |fact| Reading::latest(fact, fresh, view.now))
            }
        }
    }
}

impl Reading {
    /// Set if one device says so: since the first of them. Else not, since the last let it fall.
    fn of_flags(facts: &[&Fact]) -> Self {
        let set = facts.iter().filter(|fact| fact.value.is_true());
        let first = set.map(|fact| fact.since).min();
        let last = facts.iter().map(|fact| fact.since).max();
        Self {
            value: last.map(|_| Value::Flag(first.is_some())),
            since: first.or(last),
            stale_at: None,
            live: facts.iter().any(|fact| fact.live),
        }
    }

    /// A number is unknown when it is stale. Of a moment it is known that it is over.
    fn latest(fact: &Fact, fresh: Span, now: Time) -> Self {
        let stale_at = fact.seen + fresh + Span(1);
        let is_fresh = now < stale_at;
        let is_moment = fact.property.kind() == Kind::Moment;
        let value = match (is_moment, is_fresh) {
            (true, _) => Some(Value::Flag(is_fresh)),
            (false, true) => Some(fact.value),
            (false, false) => None,
        };
        let since = if is_fresh { fact.seen } else { stale_at };
        Self {
            value,
            since: value.map(|_| since),
            stale_at: Some(stale_at).filter(|_| is_fresh),
            live: fact.live,
        }
    }
}

impl Tree {
    fn properties(&self) -> Vec<Property> {
        let mut properties = Vec::new();
        for atom in &self.atoms {
            match atom {
                Atom::Property(property, _) if properties.contains(property) => {}
                Atom::Property(property, _) => properties.push(*property),
            }
        }
        properties
    }
}

/// Written over several lines, told in one.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
