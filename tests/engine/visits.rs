//! A year of visits at 300 residents', with holidays: each falls due on the very day that the calendar says,
//! counted here in another way.

use std::collections::BTreeSet;
use std::sync::Arc;

use careloop::domain::{Act, Home, Input, Name, Outcome, PersonId, Span, Stage, Time};
use careloop::engine::Engine;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::watched::shipped;

const RESIDENTS: usize = 300;
/// The days between two visits, by tier.
const TIERS: [(&str, i64); 3] = [("weekly", 7), ("monthly", 30), ("quarterly", 90)];
/// Public holidays of a year, and weekends that are worked instead; some reach over more than a week.
const HOLIDAYS: [(&str, i64); 5] =
    [("2026-01-01", 3), ("2026-02-15", 9), ("2026-04-04", 3), ("2026-05-01", 5), ("2026-10-01", 8)];
const WORKDAYS: [&str; 5] = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-10-10"];

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn plus(day: Date, n: i64) -> Date {
    day.saturating_add(jiff::Span::new().days(n))
}

/// The last day worked of those that are not too late; the day after the visit where there is none.
fn due(last: Date, every: i64, holidays: &BTreeSet<Date>, workdays: &BTreeSet<Date>) -> Date {
    let is_worked = |day: &Date| {
        let weekend = [Weekday::Saturday, Weekday::Sunday].contains(&day.weekday());
        workdays.contains(day) || !(weekend || holidays.contains(day))
    };
    let days: BTreeSet<Date> = (1..=every).map(|n| plus(last, n)).collect();
    days.into_iter().rfind(is_worked).unwrap_or_else(|| plus(last, 1))
}

fn someone(home: &Home) -> PersonId {
    home.responders.first().expect("somebody").id.clone()
}

#[test]
fn a_year_of_visits_falls_due_on_the_very_days() {
    let shipped = shipped();
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let holidays: BTreeSet<Date> =
        HOLIDAYS.iter().flat_map(|(from, n)| (0..*n).map(|k| plus(day(from), k))).collect();
    let workdays: BTreeSet<Date> = WORKDAYS.iter().map(|text| day(text)).collect();
    let begin: Time = "2026-01-01T08:00:00+08:00".parse().expect("a time");
    let end = begin + Span::hours(365 * 24);
    let (mut visits, mut moved) = (0, 0);
    for nth in 0..RESIDENTS {
        let (tier, every) = TIERS[nth % TIERS.len()];
        let mut home = shipped.home.clone();
        (home.devices, home.visits) = (Vec::new(), Some(tier.parse::<Name>().expect("a tier")));
        home.calendar.holidays.clone_from(&holidays);
        home.calendar.workdays.clone_from(&workdays);
        let by = someone(&home);
        let mut engine = Engine::new(Arc::clone(&shipped.book));
        let begin = begin + Span::hours(24 * i64::try_from(nth % 11).expect("few"));
        engine.step(begin, &Input::Home { home: Arc::new(home), rules: "1".to_owned() });
        let mut last = begin.civil(&zone).date();
        while let Some(at) = engine.wake().filter(|at| *at < end) {
            engine.step(at, &Input::Tick);
            let Some(visit) = engine.incidents().values().find(|i| i.is_open()) else { continue };
            let wanted = due(last, every, &holidays, &workdays);
            assert_eq!(at.civil(&zone), wanted.at(9, 0, 0, 0), "{tier}, last {last}, no. {nth}");
            assert_eq!(visit.stage, Stage::Alarmed);
            (visits, moved) = (visits + 1, moved + i64::from(wanted != plus(last, every)));
            // Somebody goes, sooner or later; a later one moves all that come after.
            let hours = i64::try_from((nth * 7 + visits) % 60).expect("few");
            let (note, outcome) = (String::new(), Outcome::Safe);
            let there = at + Span::hours(hours);
            let act = Act::Resolve { outcome, note };
            engine.step(there, &Input::Move { incident: visit.n, by: by.clone(), act });
            assert!(engine.incidents().values().all(|i| !i.is_open()), "it is over");
            last = there.civil(&zone).date();
        }
    }
    assert!(
        6_000 < visits && 500 < moved,
        "{visits} visits, {moved} of them moved by the calendar"
    );
}
