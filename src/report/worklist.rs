//! The worklist of visits (探访清单): whom somebody has to see, in the order of what hangs on it. Made of
//! what the engines know of visits; nothing of it is decided here.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use crate::domain::grid::{Grid, lies_in};
use crate::domain::{
    Group, Home, How, Incident, IncidentId, Light, Name, PersonId, Rounds, Span, Stage, Standing,
    Time, Title, visits_zh,
};
use crate::engine::Book;
use crate::rule::visit::{Due, Visit};
use crate::rule::{Kind, Rule};

use super::shift::Seen;

/// So far ahead visits are named before they are due.
const AHEAD: Span = Span::hours(14 * 24);

/// Whose homes: those that somebody comes to, those of a grid and the grids in it; else all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Whose {
    /// Who comes.
    pub by: Option<PersonId>,
    /// In which grid.
    pub grid: Option<Name>,
}

/// A resident whom somebody should see. Times are wall time, in files RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WantedVisit {
    /// Where.
    pub home: String,
    /// What people call it.
    pub place: String,
    /// In which grid.
    pub grid: Option<Name>,
    /// How often somebody visits.
    pub tier: Option<Named>,
    /// How it stands.
    pub standing: Standing,
    /// Since when somebody should go, or from when.
    #[serde(serialize_with = "instant")]
    pub due_at: Option<Time>,
    /// When somebody saw or spoke to the resident last; none: never since visits are wanted.
    #[serde(serialize_with = "instant")]
    pub last: Option<Time>,
    /// How that was.
    pub how: Option<How>,
    /// How often in a row nobody has opened since.
    pub unanswered: u32,
    /// Why somebody should go out of turn.
    pub calls: Vec<Named>,
    /// What the latest visit found wrong.
    pub wrong: Vec<Named>,
    /// The resident is out now: nobody is missed by it.
    pub is_out: bool,
    /// The open incidents that it is done by.
    pub incidents: Vec<OpenVisit>,
    /// The words by which somebody can call for it.
    #[serde(skip)]
    pub words: Vec<Name>,
    /// Days between two visits of the tier.
    #[serde(skip)]
    every: u16,
}

/// A word of the rule book, and what people read; the word itself where the book has no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// In the rule book.
    pub name: Name,
    /// For people.
    pub title: Title,
}

/// An open incident that somebody's visit ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenVisit {
    /// Which.
    pub id: String,
    /// What it is.
    pub title: Title,
    /// How far it has come.
    pub stage: Stage,
    /// How its present step stands to its limit.
    pub light: Light,
    /// Who has it.
    pub holder: Option<PersonId>,
}

/// An instant in RFC 3339.
#[expect(clippy::ref_option, reason = "serde calls it with a reference")]
pub(super) fn instant<S: Serializer>(at: &Option<Time>, to: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.to_string()).serialize(to)
}

impl Whose {
    /// What is wrong with it, by the word that says it: nobody, and no grid, by that name.
    pub fn wrong(&self, homes: &[Arc<Home>], grids: &[Grid]) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if let Some(by) = &self.by
            && !homes.iter().any(|home| home.responder(by).is_some())
        {
            wrong.push(("by", format!("nobody called `{by}` comes to any home of the register")));
        }
        if let Some(grid) = &self.grid
            && !homes.iter().any(|home| is_in(home, grid, grids))
        {
            wrong.push(("grid", format!("no home of the register lies in a grid `{grid}`")));
        }
        wrong
    }

    /// Whether the home is one of them.
    pub fn has(&self, home: &Home, grids: &[Grid]) -> bool {
        self.by.as_ref().is_none_or(|by| home.responder(by).is_some())
            && self.grid.as_ref().is_none_or(|grid| is_in(home, grid, grids))
    }
}

fn is_in(home: &Home, grid: &Name, grids: &[Grid]) -> bool {
    home.grid.as_ref().is_some_and(|at| lies_in(at, grid, grids))
}

/// The visits that are wanted at these homes, or soon will be. `open`: open incidents, of these homes among
/// others.
pub fn worklist<'s>(
    seen: impl IntoIterator<Item = Seen<'s>>,
    open: &[(IncidentId, Incident)],
) -> Vec<WantedVisit> {
    let wanted = seen.into_iter().filter_map(|seen| WantedVisit::of(&seen, open));
    let mut all: Vec<WantedVisit> = wanted.collect();
    all.sort_by(|a, b| a.rank().cmp(&b.rank()));
    all
}

impl WantedVisit {
    /// The visit that is wanted at this home, if one is, soon enough.
    fn of(seen: &Seen<'_>, open: &[(IncidentId, Incident)]) -> Option<Self> {
        let Seen { home, book, rounds, .. } = *seen;
        if !home.is_ordinary() {
            return None;
        }
        let rules = book.rules_of(home);
        let visits = || rules.iter().filter_map(|rule| Some((rule, visit_of(rule)?)));
        let is_about =
            |i: &Incident| i.group == Group::Visit || visits().any(|(rule, _)| rule.name == i.rule);
        let here = open.iter().filter(|(id, i)| id.home == home.id && i.is_open() && is_about(i));
        let open: Vec<&(IncidentId, Incident)> = here.collect();
        let turn = visits().find_map(|(rule, visit)| match visit {
            Visit::Due(due) if home.visits.as_ref() == Some(&due.tier) => Some((due, &rule.title)),
            Visit::Due(_) | Visit::After(_) | Visit::Unanswered(_) | Visit::Found => None,
        });
        let (turn, title) = turn.unzip();
        let due = turn.and_then(|due| next(due, seen, &open));
        let is_unreachable = visits()
            .any(|(_, v)| matches!(v, Visit::Unanswered(times) if *times <= rounds.unanswered));
        let standing = standing(seen, &open, due, is_unreachable)?;
        let called = rounds.calls.iter().map(|(_, since)| *since).min();
        let last = rounds.last.filter(|_| !rounds.none_yet);
        let how = if rounds.was_remote { How::Remote } else { How::Met };
        let words = visits().flat_map(|(_, visit)| visit.words());
        let is_a_rule = |word: &Name| book.rules.iter().any(|rule| rule.name == *word);
        Some(Self {
            home: home.id.to_string(),
            place: home.name.clone(),
            grid: home.grid.clone(),
            tier: home.visits.as_ref().map(|tier| Named::new(tier, title)),
            standing,
            due_at: match standing {
                Standing::Unreachable => rounds.unanswered_at,
                Standing::Finding => rounds.found.as_ref().map(|(_, since)| *since),
                Standing::Called => called,
                Standing::Overdue | Standing::Due | Standing::Coming => due.or(called),
            },
            last,
            how: last.map(|_| how),
            unanswered: rounds.unanswered,
            calls: rounds.calls.iter().map(|(why, _)| Named::rule(book, why)).collect(),
            wrong: wrong(book, rounds),
            is_out: seen.presence.is_out(),
            incidents: open.iter().map(|(id, i)| OpenVisit::new(id, i, seen.now)).collect(),
            words: words.filter(|word| !is_a_rule(word)).cloned().collect(),
            every: turn.map_or(u16::MAX, |due| due.every),
        })
    }

    /// What hangs on it, then how often somebody should go, then since when.
    fn rank(&self) -> (Standing, u16, Option<Time>, &str) {
        (self.standing, self.every, self.due_at, &self.home)
    }
}

fn visit_of(rule: &Rule) -> Option<&Visit> {
    if let Kind::Visit(visit) = &rule.kind { Some(visit) } else { None }
}

/// How the visit stands; `None` where nobody need go soon. `due`: when it is their turn.
fn standing(
    seen: &Seen<'_>,
    open: &[&(IncidentId, Incident)],
    due: Option<Time>,
    is_unreachable: bool,
) -> Option<Standing> {
    let (rounds, wall, zone) = (seen.rounds, seen.now + seen.offset, zone(seen.home));
    let is_late = open.iter().any(|(_, incident)| incident.light(seen.now) == Light::Red);
    let is_past = due.is_some_and(|due| due.civil(&zone).date() < wall.civil(&zone).date());
    let is_open = open.iter().any(|(_, incident)| incident.desk.parked.is_none());
    Some(if is_unreachable {
        Standing::Unreachable
    } else if rounds.found.is_some() {
        Standing::Finding
    } else if is_late || is_past {
        Standing::Overdue
    } else if !rounds.calls.is_empty() {
        Standing::Called
    } else if is_open || due.is_some_and(|due| due <= wall) {
        Standing::Due
    } else if due.is_some_and(|due| due < wall + AHEAD) {
        Standing::Coming
    } else {
        return None;
    })
}

/// When it is their turn; a visit that waits, on grant, is due when it no longer does.
fn next(due: &Due, seen: &Seen<'_>, open: &[&(IncidentId, Incident)]) -> Option<Time> {
    let turn = due.due(seen.rounds.last?, &seen.home.calendar, &zone(seen.home));
    let visits = open.iter().filter(|(_, incident)| incident.group == Group::Visit);
    let parked = visits.filter_map(|(_, incident)| incident.desk.parked).max();
    Some(parked.map_or(turn, |until| turn.max(until + seen.offset)))
}

fn zone(home: &Home) -> TimeZone {
    TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC)
}

fn wrong(book: &Book, rounds: &Rounds) -> Vec<Named> {
    let found = rounds.found.iter().flat_map(|(items, _)| items);
    found.map(|item| Named::item(book, item)).collect()
}

impl Named {
    fn rule(book: &Book, name: &Name) -> Self {
        let rule = book.rules.iter().find(|rule| rule.name == *name);
        Self::new(name, rule.map(|rule| &rule.title))
    }

    fn item(book: &Book, name: &Name) -> Self {
        let item = book.checklists.iter().flat_map(|list| &list.items).find(|i| i.name == *name);
        Self::new(name, item.map(|item| &item.title))
    }

    fn new(name: &Name, title: Option<&Title>) -> Self {
        let itself = || Title::new(visits_zh(name.as_str()).to_owned(), name.to_string());
        Self { name: name.clone(), title: title.cloned().unwrap_or_else(itself) }
    }
}

impl OpenVisit {
    fn new(id: &IncidentId, incident: &Incident, now: Time) -> Self {
        Self {
            id: id.to_string(),
            title: incident.title.clone(),
            stage: incident.stage,
            light: incident.light(now),
            holder: incident.accepted.as_ref().map(|(by, _)| by.clone()),
        }
    }
}
