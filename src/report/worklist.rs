//! Worklists (探访清单): whom each grid worker has to see, in the order of what hangs on it. Made of what
//! the engines know of visits; nothing of it is decided here.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use crate::domain::{
    Group, Home, How, Incident, IncidentId, Light, Name, PersonId, Role, Span, Stage, Standing,
    Time, Title,
};
use crate::rule::Kind;
use crate::rule::visit::{Due, Visit};

use super::shift::Seen;

/// So far ahead visits are named before they are due.
const AHEAD: Span = Span::hours(14 * 24);
/// Who goes: those nearest to the resident, where there are any.
const WORKERS: [Role; 2] = [Role::MicroGrid, Role::Grid];

/// What one person has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Worklist {
    /// Whose it is; none: nobody goes to these homes.
    pub who: Option<PersonId>,
    /// In what order to go.
    pub visits: Vec<WantedVisit>,
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
    pub tier: Option<Name>,
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
    pub calls: Vec<Name>,
    /// What the latest visit found wrong.
    pub wrong: Vec<Name>,
    /// The resident is out now: nobody is missed by it.
    pub is_out: bool,
    /// The open incidents that it is done by.
    pub incidents: Vec<OpenVisit>,
    /// Days between two visits of the tier.
    #[serde(skip)]
    every: u16,
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

impl Worklist {
    /// The worklists of everybody who goes to one of these homes; of `by` alone, every home they come to.
    /// `open`: the open incidents of these homes.
    pub fn all(
        seen: &[Seen<'_>],
        open: &[(IncidentId, Incident)],
        by: Option<&PersonId>,
    ) -> Vec<Self> {
        let mut lists: BTreeMap<(bool, Option<PersonId>), Vec<WantedVisit>> = BTreeMap::new();
        if let Some(by) = by {
            lists.insert((false, Some(by.clone())), Vec::new());
        }
        for seen in seen {
            let here = open.iter().filter(|(id, _)| id.home == seen.home.id);
            let Some(visit) = WantedVisit::of(seen, here) else { continue };
            let who = match by {
                Some(by) if seen.home.responder(by).is_none() => continue,
                Some(by) => vec![Some(by.clone())],
                None => workers(seen.home, &visit),
            };
            for who in who {
                lists.entry((who.is_none(), who)).or_default().push(visit.clone());
            }
        }
        let list = |((_, who), mut visits): ((bool, Option<PersonId>), Vec<WantedVisit>)| {
            visits.sort_by(|a, b| a.rank().cmp(&b.rank()));
            Self { who, visits }
        };
        lists.into_iter().map(list).collect()
    }
}

/// Who goes: whoever has it, else everybody nearest to the resident.
fn workers(home: &Home, visit: &WantedVisit) -> Vec<Option<PersonId>> {
    if let Some(holder) = visit.incidents.iter().find_map(|i| i.holder.clone()) {
        return vec![Some(holder)];
    }
    let of = |role: &Role| -> Vec<Option<PersonId>> {
        let all = home.responders.iter().filter(|r| r.role == *role);
        all.map(|r| Some(r.id.clone())).collect()
    };
    WORKERS.iter().map(of).find(|all| !all.is_empty()).unwrap_or_else(|| vec![None])
}

impl WantedVisit {
    /// The visit that is wanted at this home, if one is, soon enough.
    fn of<'i>(
        seen: &Seen<'_>,
        open: impl Iterator<Item = &'i (IncidentId, Incident)>,
    ) -> Option<Self> {
        let Seen { home, rounds, .. } = *seen;
        if home.is_hub() || home.is_area {
            return None;
        }
        let wall = seen.now + seen.offset;
        let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        let rules = seen.book.rules_of(home);
        let visits: Vec<(&Name, &Visit)> = rules
            .iter()
            .filter_map(|rule| {
                let Kind::Visit(visit) = &rule.kind else { return None };
                Some((&rule.name, visit))
            })
            .collect();
        let is_about = |incident: &Incident| {
            incident.group == Group::Visit || visits.iter().any(|(name, _)| **name == incident.rule)
        };
        let open: Vec<_> = open.filter(|(_, i)| i.is_open() && is_about(i)).collect();
        let turn = visits.iter().find_map(|(_, visit)| match visit {
            Visit::Due(due) if home.visits.as_ref() == Some(&due.tier) => Some(due),
            Visit::Due(_) | Visit::After(_) | Visit::Unanswered(_) | Visit::Found => None,
        });
        let due_at = turn.and_then(|due| next(due, seen, &zone, &open));
        let is_unreachable = visits.iter().any(
            |(_, visit)| matches!(visit, Visit::Unanswered(times) if *times <= rounds.unanswered),
        );
        let called = rounds.calls.iter().map(|(_, since)| *since).min();
        let is_red = open.iter().any(|(_, incident)| incident.light(seen.now) == Light::Red);
        let is_over = due_at.is_some_and(|due| due.civil(&zone).date() < wall.civil(&zone).date());
        let standing = if is_unreachable {
            Standing::Unreachable
        } else if rounds.found.is_some() {
            Standing::Finding
        } else if is_red || is_over {
            Standing::Overdue
        } else if called.is_some() {
            Standing::Called
        } else if due_at.is_some_and(|due| due <= wall) || !open.is_empty() {
            Standing::Due
        } else if due_at.is_some_and(|due| due < wall + AHEAD) {
            Standing::Coming
        } else {
            return None;
        };
        let last = rounds.last.filter(|_| !rounds.none_yet);
        let how = if rounds.was_remote { How::Remote } else { How::Met };
        Some(Self {
            home: home.id.to_string(),
            place: home.name.clone(),
            grid: home.grid.clone(),
            tier: home.visits.clone(),
            standing,
            due_at: match standing {
                Standing::Unreachable => rounds.unanswered_at,
                Standing::Finding => rounds.found.as_ref().map(|(_, since)| *since),
                Standing::Called => called,
                Standing::Overdue | Standing::Due | Standing::Coming => due_at.or(called),
            },
            last,
            how: last.map(|_| how),
            unanswered: rounds.unanswered,
            calls: rounds.calls.iter().map(|(why, _)| why.clone()).collect(),
            wrong: rounds.found.iter().flat_map(|(items, _)| items.clone()).collect(),
            is_out: seen.presence.is_out(),
            incidents: open.iter().map(|(id, i)| OpenVisit::new(id, i, seen.now)).collect(),
            every: turn.map_or(u16::MAX, |due| due.every),
        })
    }

    /// What hangs on it, then how often somebody should go, then since when.
    fn rank(&self) -> (Standing, u16, Option<Time>, &str) {
        (self.standing, self.every, self.due_at, &self.home)
    }
}

/// When it is their turn; what waits, on grant, is due when it no longer does.
fn next(
    due: &Due,
    seen: &Seen<'_>,
    zone: &TimeZone,
    open: &[&(IncidentId, Incident)],
) -> Option<Time> {
    let turn = due.due(seen.rounds.last?, &seen.home.calendar, zone);
    let parked = open.iter().filter_map(|(_, incident)| incident.desk.parked).max();
    Some(parked.map_or(turn, |until| turn.max(until + seen.offset)))
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
