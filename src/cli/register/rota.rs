//! `careloop register rota`: who is on duty when, and where nobody is.

use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::json;

use super::super::{Failure, load, print_json};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{Calendar, Home, Reckoning, Responder, Role, Span, Time};
use crate::engine::rota::{Gap, Turns, gaps};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// So many days from now on
    #[arg(long, value_name = "N", default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=400))]
    days: u16,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(folder: &Path, args: &Args) -> Result<(), Failure> {
    let config = load(folder)?;
    let from = Clock::start(None).wall();
    let to = from + Span::hours(24 * i64::from(args.days));
    let people: Vec<(&Responder, OnDuty)> = config
        .people
        .iter()
        .map(|person| (person, OnDuty::of(person, &config, from, to)))
        .collect();
    let holes: Vec<(&Home, Gap)> =
        config.homes.iter().flat_map(|home| of_home(&config, home, from, to)).collect();
    if args.json {
        let people: Vec<_> = people.iter().map(|(person, on)| on.json(person)).collect();
        let gaps: Vec<_> = holes.iter().map(|(home, gap)| json_of(home, gap)).collect();
        let (from, to) = (from.to_string(), to.to_string());
        return print_json(&json!({ "from": from, "to": to, "people": people, "gaps": gaps }));
    }
    for role in Role::ALL {
        let mut of_role = people.iter().filter(|(person, _)| person.role == *role).peekable();
        if of_role.peek().is_some() {
            line!("{role}");
        }
        for (person, on) in of_role {
            on.tell(person);
        }
    }
    let none = if holes.is_empty() { ": none" } else { "" };
    line!("nobody on duty within {} days{none}", args.days);
    for (home, gap) in &holes {
        line!("  home {}: {}", home.id, in_words(home, gap));
    }
    Ok(())
}

fn of_home<'c>(
    config: &'c Config,
    home: &'c Home,
    from: Time,
    to: Time,
) -> impl Iterator<Item = (&'c Home, Gap)> {
    gaps(&config.book, home, from, to).into_iter().map(move |gap| (home, gap))
}

/// `grid from Fri 2026-11-20 18:00 to Sat 2026-11-21 08:00 (plans grid, urgent)`
pub(in crate::cli) fn in_words(home: &Home, gap: &Gap) -> String {
    let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
    let (from, to) = (on_wall(gap.from, &zone), on_wall(gap.to, &zone));
    let roles: Vec<&str> = gap.roles.iter().map(|role| role.name()).collect();
    let plans: Vec<&str> = gap.plans.iter().map(|plan| plan.as_str()).collect();
    format!("{} from {from} to {to} (plans {})", roles.join(", "), plans.join(", "))
}

fn json_of(home: &Home, gap: &Gap) -> serde_json::Value {
    json!({
        "home": home.id,
        "roles": gap.roles,
        "plans": gap.plans,
        "from": gap.from.to_string(),
        "to": gap.to.to_string(),
    })
}

fn on_wall(at: Time, zone: &TimeZone) -> String {
    at.civil(zone).strftime("%a %Y-%m-%d %H:%M").to_string()
}

/// When somebody is on duty, by the clock of the first home they come to.
struct OnDuty {
    zone: TimeZone,
    turns: Turns,
}

impl OnDuty {
    fn of(person: &Responder, config: &Config, from: Time, to: Time) -> Self {
        let home = config.homes.iter().find(|home| home.responder(&person.id).is_some());
        let zone = home.or(config.homes.first()).and_then(|home| TimeZone::get(&home.zone).ok());
        let (zone, calendar): (_, &Calendar) = (zone.unwrap_or(TimeZone::UTC), &config.calendar);
        let turns = Turns::of(person, Reckoning { calendar, zone: &zone }, from, to);
        Self { zone, turns }
    }

    fn json(&self, person: &Responder) -> serde_json::Value {
        let stretch =
            |(from, to): &(Time, Time)| json!({ "from": from.to_string(), "to": to.to_string() });
        json!({
            "id": person.id,
            "role": person.role,
            "language": person.language,
            "always": self.turns.is_always,
            "on_duty": self.turns.held.iter().map(stretch).collect::<Vec<_>>(),
        })
    }

    fn tell(&self, person: &Responder) {
        if self.turns.is_always {
            line!("  {}: always", person.id);
        } else if self.turns.held.is_empty() {
            line!("  {}: never", person.id);
        } else {
            line!("  {}", person.id);
            for (from, to) in &self.turns.held {
                line!("    {} to {}", on_wall(*from, &self.zone), on_wall(*to, &self.zone));
            }
        }
        for leave in &person.rota.leaves {
            line!("    off {} to {}: {}", leave.from, leave.to, leave.why);
        }
    }
}
