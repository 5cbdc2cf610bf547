//! Where the rota has holes: stretches in which nobody of a rung is on duty, although somebody holds one
//! of its roles. A rung that nobody holds at all is how the plan is meant there, and no gap.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::domain::{Home, Name, PersonId, Reckoning, Responder, Role, Rota, Time};

use super::{Book, Plan};

/// Nobody of these roles is on duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// From then,
    pub from: Time,
    /// until then, in wall time.
    pub to: Time,
    /// The roles that a rung tells.
    pub roles: Vec<Role>,
    /// The plans that have such a rung.
    pub plans: Vec<Name>,
}

/// The gaps of a home between `from` and `to`, in the order of time.
pub fn gaps(book: &Book, home: &Home, from: Time, to: Time) -> Vec<Gap> {
    let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
    let mut gaps = Vec::new();
    for (roles, plans) in rungs(book, home) {
        let rotas: Vec<&Rota> = holders(home, &roles).map(|person| &person.rota).collect();
        if rotas.is_empty() {
            continue;
        }
        let found = home.reckoning(&zone).uncovered(&rotas, from, to);
        gaps.extend(found.into_iter().map(|(from, to)| {
            let (roles, plans) = (roles.clone(), plans.clone());
            Gap { from, to, roles, plans }
        }));
    }
    gaps.sort_by_key(|gap| (gap.from, gap.to));
    gaps
}

/// Until when somebody of every rung of every home is on duty, as far as `to`. Homes with the same
/// people, as most of a street have, are looked at once.
pub fn covered_until<'h>(
    book: &Book,
    homes: impl Iterator<Item = &'h Home>,
    from: Time,
    to: Time,
) -> Time {
    let mut seen: BTreeMap<(&str, Vec<&PersonId>), Time> = BTreeMap::new();
    let mut until = to;
    for home in homes {
        let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        for (roles, _) in rungs(book, home) {
            let people: Vec<&Responder> = holders(home, &roles).collect();
            if people.iter().any(|person| person.rota.is_empty()) || people.is_empty() {
                continue;
            }
            let key = (home.zone.as_str(), people.iter().map(|p| &p.id).collect());
            let first = seen.entry(key).or_insert_with(|| {
                let rotas: Vec<&Rota> = people.iter().map(|person| &person.rota).collect();
                let gaps = home.reckoning(&zone).uncovered(&rotas, from, to);
                gaps.first().map_or(to, |(begin, _)| *begin)
            });
            until = until.min(*first);
        }
    }
    until
}

/// When somebody is on duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turns {
    /// The stretches, in wall time.
    pub held: Vec<(Time, Time)>,
    /// All the time that was asked for.
    pub is_always: bool,
}

impl Turns {
    /// Between `from` and `to`.
    pub fn of(person: &Responder, by: Reckoning<'_>, from: Time, to: Time) -> Self {
        let held = by.covered(&[&person.rota], from, to);
        let is_always = held == [(from, to)];
        Self { held, is_always }
    }
}

/// The grid, the clock and the people of a home.
type Lot<'h> = (Option<&'h Name>, &'h str, Vec<&'h PersonId>);

/// Homes of one grid to which the same people come, by the same clock.
#[derive(Debug, Clone)]
pub struct Team<'h> {
    /// At least one.
    pub homes: Vec<&'h Home>,
    /// Who is on duty when, in the order of calling.
    pub people: Vec<(&'h Responder, Turns)>,
    /// Where nobody of a rung is, in the order of time.
    pub gaps: Vec<Gap>,
}

/// Who is on duty when between `from` and `to`: one team for each lot of people.
pub fn teams<'h>(
    book: &Book,
    homes: impl Iterator<Item = &'h Home>,
    from: Time,
    to: Time,
) -> Vec<Team<'h>> {
    let mut lots: BTreeMap<Lot<'h>, Vec<&'h Home>> = BTreeMap::new();
    for home in homes.filter(|home| !home.responders.is_empty()) {
        let people = home.responders.iter().map(|person| &person.id).collect();
        lots.entry((home.grid.as_ref(), home.zone.as_str(), people)).or_default().push(home);
    }
    lots.into_values().filter_map(|homes| team(book, homes, from, to)).collect()
}

fn team<'h>(book: &Book, homes: Vec<&'h Home>, from: Time, to: Time) -> Option<Team<'h>> {
    let first = *homes.first()?;
    let zone = TimeZone::get(&first.zone).unwrap_or(TimeZone::UTC);
    let turns =
        |person: &'h Responder| (person, Turns::of(person, first.reckoning(&zone), from, to));
    let mut people: Vec<_> = first.responders.iter().map(turns).collect();
    people.sort_by_key(|(person, _)| person.role);
    // Homes differ in their rungs only where a rule is otherwise for one.
    let others = homes.iter().skip(1).filter(|home| !home.changes.is_empty());
    let mut found: Vec<Gap> = Vec::new();
    for gap in std::iter::once(&first).chain(others).flat_map(|home| gaps(book, home, from, to)) {
        if !found.contains(&gap) {
            found.push(gap);
        }
    }
    found.sort_by_key(|gap| (gap.from, gap.to));
    Some(Team { homes, people, gaps: found })
}

/// What the rungs of a home's plans tell, each once, with the plans that have it.
fn rungs(book: &Book, home: &Home) -> BTreeMap<Vec<Role>, Vec<Name>> {
    let mut rungs: BTreeMap<Vec<Role>, Vec<Name>> = BTreeMap::new();
    for rule in book.rules_of(home) {
        let Some(plan) = book.plan(&rule.plan) else { continue };
        for roles in plan.rungs().map(|rung| rung.tell.clone()) {
            let plans = rungs.entry(roles).or_default();
            if !plans.contains(&plan.name) {
                plans.push(plan.name.clone());
            }
        }
    }
    rungs
}

/// What is left of a home's plans without somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Left {
    /// Rungs that tell nobody then, and told them: their roles, and the plans that have them.
    pub bare: Vec<(Vec<Role>, Vec<Name>)>,
    /// Plans that tell nobody at all then.
    pub silent: Vec<Name>,
}

/// What would be left if somebody came to a home no longer.
pub fn left(book: &Book, home: &Home, who: &PersonId) -> Left {
    let (mut left, mut told): (Left, BTreeMap<Name, bool>) = (Left::default(), BTreeMap::new());
    for (roles, plans) in rungs(book, home) {
        let (theirs, others): (Vec<_>, Vec<_>) =
            holders(home, &roles).partition(|person| person.id == *who);
        for plan in &plans {
            *told.entry(plan.clone()).or_default() |= !others.is_empty();
        }
        if !theirs.is_empty() && others.is_empty() {
            left.bare.push((roles, plans));
        }
    }
    let of_them = |plan: &Name| left.bare.iter().any(|(_, plans)| plans.contains(plan));
    left.silent =
        told.iter().filter(|(plan, is)| !**is && of_them(plan)).map(|(p, _)| p.clone()).collect();
    left
}

fn holders<'h, 'r>(
    home: &'h Home,
    roles: &'r [Role],
) -> impl Iterator<Item = &'h Responder> + use<'h, 'r> {
    home.responders.iter().filter(|person| roles.contains(&person.role))
}

impl Plan {
    /// From the first.
    pub fn rungs(&self) -> impl Iterator<Item = &super::plan::Rung> {
        (0..=self.last()).map(|n| self.rung(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Leave, Span};

    const RULES: &str = "[[rule]]\nname = \"help\"\ntitle = { zh = \"呼救\", en = \"Help\" }\nlevel = \"urgent\"\ngroup = \"safety\"\nsource = \"preset\"\n[rule.detect]\nemergency = { of = [\"help\"] }\n[rule.alarm]\nplan = \"urgent\"\n[rule.close]\nneeds = [\"outcome\", \"verified\"]\nagain_after = \"1h\"\n";
    const PLANS: &str = "[[plan]]\nname = \"urgent\"\nrungs = [{ tell = [\"family\", \"grid\"], after = \"0s\" }, { tell = [\"street\"], after = \"60s\" }, { tell = [\"community\"], after = \"2m\", repeat = \"60s\" }]\narrive_within = \"15m\"\nresolve_within = \"2h\"\nverify_within = \"24h\"\n";

    fn home(people: &[(&str, Role, &[&str])]) -> Home {
        let mut home = Home::new("h1".parse().unwrap(), "Asia/Shanghai", Vec::new());
        for (id, role, lines) in people {
            let mut person = Responder::new(id.parse().unwrap(), id, *role, Vec::new());
            person.rota.duty = lines.iter().map(|line| line.parse().unwrap()).collect();
            home.responders.push(person);
        }
        home
    }

    #[test]
    fn whoever_was_the_only_one_leaves_a_rung_bare_and_the_last_of_a_plan_leaves_it_silent() {
        let book = Book::read(("rules.toml", RULES), ("plans.toml", PLANS)).unwrap();
        let who = |id: &str| id.parse::<PersonId>().unwrap();
        let three = home(&[
            ("son", Role::Family, &[]),
            ("zhao", Role::Grid, &[]),
            ("li", Role::Community, &[]),
        ]);
        assert_eq!(
            left(&book, &three, &who("zhao")),
            Left::default(),
            "the son is of the same rung"
        );
        assert_eq!(left(&book, &three, &who("sun")), Left::default());
        let bare = left(&book, &three, &who("li"));
        let urgent = || vec!["urgent".parse::<Name>().unwrap()];
        assert_eq!(bare.bare, [(vec![Role::Community], urgent())]);
        assert!(bare.silent.is_empty(), "family and grid are told");
        let alone = home(&[("li", Role::Community, &[]), ("ma", Role::Supervisor, &[])]);
        assert_eq!(left(&book, &alone, &who("li")).silent, urgent(), "no plan tells supervisors");
    }

    #[test]
    fn a_gap_is_where_nobody_of_a_rung_is_on_duty_and_is_over_when_it_is_filled() {
        let book = Book::read(("rules.toml", RULES), ("plans.toml", PLANS)).unwrap();
        let mut home = home(&[
            ("son", Role::Family, &["daily 18:00-08:00"]),
            ("zhao", Role::Grid, &["daily 08:00-17:00"]),
            ("li", Role::Community, &[]),
        ]);
        let from: Time = "2026-11-20T09:00:00+08:00".parse().unwrap();
        let at = |hours: i64| from + Span::hours(hours);
        let found = |home: &Home| {
            let found = gaps(&book, home, from, at(24));
            found.iter().map(|g| (g.from, g.to, g.roles.clone())).collect::<Vec<_>>()
        };
        let rung = vec![Role::Family, Role::Grid];
        // The street is a rung that nobody holds; Li is there always.
        assert_eq!(found(&home), [(at(8), at(9), rung.clone())]);
        assert_eq!(covered_until(&book, [&home].into_iter(), from, at(24)), at(8));
        home.responders[1].rota.duty.push("daily 17:00-18:00".parse().unwrap());
        assert_eq!(found(&home), []);
        assert_eq!(covered_until(&book, [&home].into_iter(), from, at(24)), at(24));
        // Li, without a rota, goes away for a day: that is a gap like any other.
        let (begin, end) =
            ("2026-11-20T20:00".parse().unwrap(), "2026-11-21T20:00".parse().unwrap());
        let leave = Leave { from: begin, to: end, why: "ill".to_owned(), noted: None };
        home.responders[2].rota.leaves.push(leave);
        assert_eq!(found(&home), [(at(11), at(24), vec![Role::Community])]);
        let other = Home { id: "h2".parse().unwrap(), ..home.clone() };
        assert_eq!(covered_until(&book, [&home, &other].into_iter(), from, at(24)), at(11));
    }

    #[test]
    fn homes_with_the_same_people_are_one_team_and_who_lies_elsewhere_another() {
        let book = Book::read(("rules.toml", RULES), ("plans.toml", PLANS)).unwrap();
        let people =
            [("li", Role::Community, &[][..]), ("zhao", Role::Grid, &["daily 08:00-17:00"])];
        let one = home(&people);
        let named = |id: &str, grid: &str| {
            let grid = (!grid.is_empty()).then(|| grid.parse().unwrap());
            Home { id: id.parse().unwrap(), grid, ..one.clone() }
        };
        let mut alone = named("h4", "");
        alone.responders.truncate(1);
        let homes = [named("h1", ""), named("h2", "g1"), named("h3", ""), alone];
        let from: Time = "2026-11-20T00:00:00+08:00".parse().unwrap();
        let at = |hours: i64| from + Span::hours(hours);
        let teams = teams(&book, homes.iter(), from, at(24));
        let of = |team: &Team<'_>| team.homes.iter().map(|h| h.id.to_string()).collect::<Vec<_>>();
        assert_eq!(
            teams.iter().map(of).collect::<Vec<_>>(),
            [vec!["h4"], vec!["h1", "h3"], vec!["h2"]]
        );
        let [_, team, _] = &teams[..] else { panic!("three") };
        let held: Vec<_> = team.people.iter().map(|(p, t)| (p.id.as_str(), &*t.held)).collect();
        assert_eq!(held, [("zhao", &[(at(8), at(17))][..]), ("li", &[(at(0), at(24))][..])]);
        let gaps: Vec<_> = team.gaps.iter().map(|gap| (gap.from, gap.to)).collect();
        assert_eq!(gaps, [(at(0), at(8)), (at(17), at(24))]);
    }
}
