//! Whom an alarm reaches, by rota, calendar and leave: a year in miniature, against a model that knows
//! nothing of rotas.

use std::collections::BTreeSet;
use std::sync::Arc;

use careloop::domain::{Act, Home, Input, Observation, PersonId, Property, Span, Time};
use careloop::engine::{Book, Effect, Engine, Tell, next_told};
use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::TimeZone;

use crate::watched::shipped;

/// The holidays of 2026, and the weekends worked for them (State Council, 4 November 2025).
const HOLIDAYS: [(i8, i8, i8); 8] = [
    (1, 1, 3),
    (2, 15, 23),
    (4, 4, 6),
    (5, 1, 5),
    (6, 19, 21),
    (9, 25, 27),
    (10, 1, 7),
    (12, 31, 31),
];
const WORKED: [(i8, i8); 6] = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)];

fn person(id: &str) -> PersonId {
    id.parse().expect("a name")
}

/// The shipped home, in which each is on duty by these lines.
fn home(rotas: &[(&str, &[&str])]) -> Home {
    let mut home = Home::clone(&shipped().home);
    for (who, lines) in rotas {
        let responder = home.responders.iter_mut().find(|r| r.id.as_str() == *who);
        let duty = lines.iter().map(|line| line.parse().expect("a duty")).collect();
        responder.expect("they are there").rota.duty = duty;
    }
    home
}

struct Hub {
    engine: Engine,
}

impl Hub {
    fn new(home: &Home, book: &Arc<Book>, at: Time) -> Self {
        let mut engine = Engine::new(Arc::clone(book));
        let input = Input::Home { home: Arc::new(home.clone()), rules: String::new() };
        engine.step(at, &input);
        Self { engine }
    }

    fn hears(&mut self, now: Time, property: Property) -> Vec<Tell> {
        let device = "fall-radar".parse().expect("a name");
        let observations = vec![Observation::flag(property, true)];
        tells(self.engine.step(now, &Input::Heard { device, observations, retained: false }))
    }

    /// Who people are told is next, and whom the ladder then tells.
    fn ahead(&mut self, home: &Home, book: &Book) -> (BTreeSet<String>, BTreeSet<String>) {
        let incident = self.engine.incidents().values().next().expect("it is open").clone();
        let plan = book.plan(&incident.plan).expect("its plan");
        let (ahead, _) = next_told(plan, home, &incident, Span::ZERO);
        let ahead = ahead.iter().map(|who| who.id.to_string()).collect();
        let due = incident.due.expect("a deadline");
        (ahead, names(&tells(self.engine.step(due, &Input::Tick))))
    }
}

fn tells(effects: Vec<Effect>) -> Vec<Tell> {
    let told = |effect| if let Effect::Story { tell, .. } = effect { tell } else { Vec::new() };
    effects.into_iter().flat_map(told).collect()
}

fn names(tells: &[Tell]) -> BTreeSet<String> {
    tells.iter().filter_map(|tell| Some(tell.to.as_ref()?.to_string())).collect()
}

fn works(day: Date) -> bool {
    let (month, of_month) = (day.month(), day.day());
    let is_off =
        |(m, first, last): &(i8, i8, i8)| *m == month && (*first..=*last).contains(&of_month);
    let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    WORKED.contains(&(month, of_month)) || (!is_weekend && !HOLIDAYS.iter().any(is_off))
}

/// Who is told first at that instant: the first rung of which anybody is on duty.
fn first_told(at: DateTime) -> BTreeSet<String> {
    let (day, hour) = (at.date(), at.hour());
    let before = day.yesterday().expect("a day before");
    let is_weekday = |d: Date| !matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday);
    let night = (20 <= hour && is_weekday(day)) || (hour < 8 && is_weekday(before));
    let on = |who: &str| match who {
        "daughter" => !works(day),
        "wang" => works(day) && (8..18).contains(&hour),
        "zhao" => night,
        // In the first week of August Li is away.
        "li" => (7..20).contains(&hour) && !(day.month() == 8 && day.day() <= 7),
        _ => true,
    };
    let rungs: [&[&str]; 4] = [&["daughter", "wang"], &["zhao"], &["li"], &["chen"]];
    let told = rungs.iter().map(|rung| rung.iter().filter(|w| on(w)).map(|w| (*w).to_owned()));
    told.map(Iterator::collect::<BTreeSet<_>>).find(|all| !all.is_empty()).expect("Chen, always")
}

#[test]
fn a_year_in_miniature_tells_those_who_are_on_duty() {
    let mut home = home(&[
        ("daughter", &["restdays 00:00-24:00"]),
        ("wang", &["workdays 08:00-18:00"]),
        ("zhao", &["mon-fri 20:00-08:00"]),
        ("li", &["daily 07:00-20:00"]),
    ]);
    let days = |all: &mut dyn Iterator<Item = (i8, i8)>| -> BTreeSet<Date> {
        all.map(|(month, day)| date(2026, month, day)).collect()
    };
    let off = |(month, first, last): &(i8, i8, i8)| {
        let (month, days) = (*month, *first..=*last);
        days.map(move |day| (month, day))
    };
    home.calendar.holidays = days(&mut HOLIDAYS.iter().flat_map(off));
    home.calendar.workdays = days(&mut WORKED.into_iter());
    let li = home.responders.iter_mut().find(|r| r.id.as_str() == "li").expect("she is there");
    li.rota.leaves.push(careloop::domain::Leave {
        from: date(2026, 8, 1).at(0, 0, 0, 0),
        to: date(2026, 8, 8).at(0, 0, 0, 0),
        why: "by the sea".to_owned(),
        noted: None,
    });
    let zone = TimeZone::get(&home.zone).expect("a zone");
    let (book, mut seen) = (shipped().book, BTreeSet::new());
    for n in 0..365_i32 {
        let day = date(2026, 1, 1).checked_add(jiff::Span::new().days(n)).expect("a day");
        // Another hour each day, and the minutes around each change of shift.
        let hour = i8::try_from(n * 7 % 24).expect("an hour");
        for at in [day.at(hour, 30, 0, 0), day.at(7, 59, 59, 0), day.at(20, 0, 0, 0)] {
            let now = Time::of_civil(at, &zone);
            let mut hub = Hub::new(&home, &book, now);
            let told = names(&hub.hears(now, Property::Help));
            assert_eq!(told, first_told(at), "{at}");
            seen.extend(told);
            // What people are told beforehand is what comes.
            for _ in 0..5 {
                let (ahead, comes) = hub.ahead(&home, &book);
                assert_eq!(ahead, comes, "{at}");
            }
        }
    }
    assert_eq!(seen.len(), 5, "everybody had their turn: {seen:?}");
}

#[test]
fn who_has_it_is_told_of_a_second_fall_although_the_shift_has_ended() {
    let home = home(&[("wang", &["daily 08:00-20:00"]), ("daughter", &["daily 08:00-20:00"])]);
    let zone = TimeZone::get(&home.zone).expect("a zone");
    let evening = Time::of_civil(date(2026, 1, 15).at(19, 55, 0, 0), &zone);
    let at = |minutes: i64| evening + Span::minutes(minutes);
    for has_it in [true, false] {
        let mut hub = Hub::new(&home, &shipped().book, evening);
        hub.hears(evening, Property::Fall);
        let alarm = hub.engine.step(evening + Span::seconds(30), &Input::Tick);
        assert_eq!(names(&tells(alarm)).len(), 2);
        let by = person(if has_it { "wang" } else { "chen" });
        hub.engine.step(at(1), &Input::Move { incident: 1, by, act: Act::Accept });
        let device = "fall-radar".parse().expect("a name");
        let observations = vec![Observation::flag(Property::Fall, false)];
        hub.engine.step(at(2), &Input::Heard { device, observations, retained: false });
        let told = names(&hub.hears(at(9), Property::Fall));
        assert_eq!(told.contains("wang"), has_it, "{told:?}");
        assert!(!told.contains("daughter"), "she is off and does not have it");
    }
}
