//! The rota against a model that is slow and cannot be wrong: it walks a clock minute by minute.

use jiff::civil::Weekday;
use proptest::prelude::*;

use super::*;

const MINUTE: Span = Span::minutes(1);

fn calendar() -> Calendar {
    let days = |all: &[&str]| all.iter().map(|d| d.parse().unwrap()).collect();
    Calendar {
        holidays: days(&["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"]),
        workdays: days(&["2026-09-20", "2026-10-10", "2026-03-28", "2026-10-25"]),
    }
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn rota(duty: &[&str]) -> Rota {
    let duty = duty.iter().map(|line| line.parse().unwrap()).collect();
    Rota { duty, ..Rota::default() }
}

fn at(text: &str, zone: &TimeZone) -> Time {
    Time::of_civil(text.parse().unwrap(), zone)
}

/// The first minute at which a clock on the wall shows `wanted` or more.
fn shows(wanted: DateTime, zone: &TimeZone) -> Time {
    let near = wanted.to_zoned(TimeZone::UTC).unwrap().timestamp().as_millisecond();
    let mut now = Time(near) - Span::hours(26);
    while now.civil(zone) < wanted {
        now = now + MINUTE;
    }
    now
}

/// Whether a line is held at `now`, by its text alone.
fn is_held(line: &str, now: Time, calendar: &Calendar, zone: &TimeZone) -> bool {
    let (days, hours) = line.split_once(' ').unwrap();
    let (from, to) = hours.split_once('-').unwrap();
    let today = now.civil(zone).date();
    (-2..=1).any(|n| {
        let day = today.checked_add(jiff::Span::new().days(n)).unwrap();
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let works =
            calendar.workdays.contains(&day) || (!is_weekend && !calendar.holidays.contains(&day));
        let name = day.strftime("%a").to_string().to_lowercase();
        let is_day = match days {
            "daily" => true,
            "workdays" => works,
            "restdays" => !works,
            named => named.split(',').any(|d| d == name),
        };
        let minutes = |text: &str| {
            let (h, m) = text.split_once(':').unwrap();
            h.parse::<i64>().unwrap() * 60 + m.parse::<i64>().unwrap()
        };
        let (from, mut to) = (minutes(from), minutes(to));
        if to <= from {
            to += 24 * 60;
        }
        let shown = |n: i64| {
            let add = jiff::Span::new().days(n / 1440).minutes(n % 1440);
            shows(day.to_datetime(jiff::civil::Time::midnight()).checked_add(add).unwrap(), zone)
        };
        is_day && shown(from) <= now && now < shown(to)
    })
}

fn line() -> impl Strategy<Value = String> {
    let days = prop::sample::select(vec![
        "daily",
        "workdays",
        "restdays",
        "mon",
        "sat,sun",
        "mon,tue,wed,fri",
        "thu",
    ]);
    (days, 0..96_i64, 1..96_i64).prop_map(|(days, from, lasts)| {
        let clock = |quarter: i64| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
        let end = (from + lasts) % 96;
        let end = if end == 0 { "24:00".to_owned() } else { clock(end) };
        format!("{days} {}-{end}", clock(from))
    })
}

/// A stretch around a day on which something is otherwise.
fn days() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("Europe/Amsterdam", "2026-03-28T12:00"),
        ("Europe/Amsterdam", "2026-10-24T12:00"),
        ("America/Santiago", "2026-09-05T12:00"),
        ("America/Santiago", "2026-04-04T12:00"),
        ("Asia/Shanghai", "2026-09-30T06:00"),
        ("Asia/Shanghai", "2026-10-09T18:00"),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whoever_is_on_duty_is_so_by_a_clock_that_is_watched(
        lines in prop::collection::vec(line(), 1..3), (place, from) in days(), minute in 0..60_i64,
    ) {
        let (zone, calendar) = (zone(place), calendar());
        let by = Reckoning { calendar: &calendar, zone: &zone };
        let rota = rota(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        // Every hour of two days, and each minute at which the rota says that something changes.
        let begin = at(from, &zone) + Span::minutes(minute);
        let hours = (0..40).map(|n| begin + Span::hours(n));
        let turns = rota.turns(begin, begin + Span::hours(40), by);
        let edges = turns.iter().flat_map(|t| [*t - MINUTE, *t]);
        for now in hours.chain(edges) {
            let model = lines.iter().any(|line| is_held(line, now, &calendar, &zone));
            prop_assert_eq!(rota.is_on(now, by), model, "{:?} at {}", &lines, now.civil(&zone));
        }
    }

    #[test]
    fn stretches_and_the_next_change_are_those_found_minute_by_minute(
        lines in prop::collection::vec(line(), 0..3), (place, from) in days(),
        off in 0..1500_i64, on in 0..1500_i64,
    ) {
        let (zone, calendar) = (zone(place), calendar());
        let by = Reckoning { calendar: &calendar, zone: &zone };
        let mut rota = rota(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        let begin = at(from, &zone);
        let civil = |minutes: i64| (begin + Span::minutes(minutes)).civil(&zone);
        rota.leaves = vec![Leave { from: civil(off), to: civil(off + 700), why: String::new(), noted: None }];
        rota.shifts = vec![Shift { from: civil(on), to: civil(on + 300), instead_of: None, noted: None }];
        let mut missing = Vec::<(Time, Time)>::new();
        let mut changed = None;
        for n in 0..2000 {
            let now = begin + Span::minutes(n);
            if rota.is_on(now, by) != rota.is_on(begin, by) {
                changed = changed.or(Some(now));
            }
            match missing.last_mut() {
                _ if rota.is_on(now, by) => {}
                Some((_, end)) if *end == now => *end = now + MINUTE,
                Some(_) | None => missing.push((now, now + MINUTE)),
            }
        }
        let end = begin + Span::minutes(2000);
        prop_assert_eq!(by.uncovered(&[&rota], begin, end), missing);
        let next = rota.next_change(begin, by).filter(|at| *at < end);
        prop_assert_eq!(next, changed);
    }
}

#[test]
fn a_night_duty_belongs_to_the_day_it_began_also_when_clocks_change() {
    let (zone, calendar) = (zone("Europe/Amsterdam"), Calendar::default());
    let by = Reckoning { calendar: &calendar, zone: &zone };
    let night = rota(&["sat 22:00-06:00"]);
    let hours = |from: &str, to: &str| {
        let held = by.covered(&[&night], at(from, &zone), at(to, &zone));
        held.iter().map(|(from, to)| (*to - *from).0 / 3_600_000).collect::<Vec<_>>()
    };
    assert_eq!(hours("2026-01-17T12:00", "2026-01-18T12:00"), [8]);
    assert_eq!(hours("2026-03-28T12:00", "2026-03-29T12:00"), [7]);
    assert_eq!(hours("2026-10-24T12:00", "2026-10-25T12:00"), [9]);
    // The morning of Sunday is of Saturday's duty; the evening is nobody's.
    assert!(night.is_on(at("2026-01-18T05:59", &zone), by));
    assert!(!night.is_on(at("2026-01-18T06:00", &zone), by));
    assert!(!night.is_on(at("2026-01-18T22:00", &zone), by));
}

#[test]
fn a_worked_weekend_is_a_workday_and_a_holiday_is_none() {
    let (zone, calendar) = (zone("Asia/Shanghai"), calendar());
    let by = Reckoning { calendar: &calendar, zone: &zone };
    let (work, rest) = (rota(&["workdays 08:00-18:00"]), rota(&["restdays 08:00-18:00"]));
    for (day, works) in [
        ("2026-09-30", true),
        ("2026-10-01", false),
        ("2026-10-08", true),
        ("2026-10-10", true),
        ("2026-10-11", false),
    ] {
        let noon = at(&format!("{day}T12:00"), &zone);
        assert_eq!(work.is_on(noon, by), works, "{day}");
        assert_eq!(rest.is_on(noon, by), !works, "{day}");
    }
}

#[test]
fn a_leave_goes_before_a_shift_and_a_shift_before_the_rota() {
    let (zone, calendar) = (zone("Asia/Shanghai"), Calendar::default());
    let by = Reckoning { calendar: &calendar, zone: &zone };
    let civil = |text: &str| text.parse::<DateTime>().unwrap();
    let mut rota = rota(&["workdays 08:00-18:00"]);
    let evening = at("2026-10-14T20:00", &zone);
    assert!(!rota.is_on(evening, by));
    rota.shifts = vec![Shift {
        from: civil("2026-10-14T18:00"),
        to: civil("2026-10-14T22:00"),
        instead_of: None,
        noted: None,
    }];
    assert!(rota.is_on(evening, by));
    rota.leaves = vec![Leave {
        from: civil("2026-10-14T12:00"),
        to: civil("2026-10-15T12:00"),
        why: "ill".to_owned(),
        noted: None,
    }];
    assert!(!rota.is_on(evening, by));
    assert_eq!(rota.next_change(evening, by), Some(at("2026-10-15T12:00", &zone)));
    // Whoever has no rota is on duty always, and on leave not.
    rota.duty.clear();
    assert!(!rota.is_on(evening, by) && rota.is_on(at("2026-10-16T03:00", &zone), by));
    assert_eq!(Rota::default().next_change(evening, by), None);
}

#[test]
fn a_leave_of_months_is_seen_to_end() {
    let (zone, calendar) = (zone("Asia/Shanghai"), Calendar::default());
    let by = Reckoning { calendar: &calendar, zone: &zone };
    let civil = |text: &str| text.parse::<DateTime>().unwrap();
    let (from, to) = (civil("2026-03-01T00:00"), civil("2026-09-01T00:00"));
    let leave = Leave { from, to, why: "a child".to_owned(), noted: None };
    let rota = Rota { leaves: vec![leave], ..rota(&["daily 20:00-08:00"]) };
    let now = at("2026-03-02T12:00", &zone);
    assert_eq!(rota.next_change(now, by), Some(at("2026-09-01T00:00", &zone)));
}

#[test]
fn a_duty_reads_back_as_it_was_written_and_says_what_is_wrong() {
    for (text, shown) in [
        ("workdays 08:00-18:00", "workdays 08:00-18:00"),
        ("mon-wed,fri 00:00-24:00", "mon,tue,wed,fri 00:00-24:00"),
        ("sat-mon 20:00-08:00", "mon,sat,sun 20:00-08:00"),
        ("daily 20:00-00:00", "daily 20:00-24:00"),
    ] {
        let duty: Duty = text.parse().unwrap();
        assert_eq!(duty.to_string(), shown);
        let kept = serde_json::to_string(&duty).unwrap();
        assert_eq!(serde_json::from_str::<Duty>(&kept).unwrap(), duty);
    }
    for (text, why) in [
        ("08:00-18:00", "is no duty such as"),
        ("werkdays 08:00-18:00", "`werkdays` is no day"),
        ("mon-wed,fry 08:00-18:00", "`fry` is no day"),
        ("daily 8-18", "is no duty such as"),
        ("daily 08:00-08:00", "begins when it ends"),
        ("daily 00:00-00:00", "has no length"),
        ("daily 24:00-08:00", "is no duty such as"),
    ] {
        let said = text.parse::<Duty>().unwrap_err();
        assert!(said.en().contains(why), "{text}: {said}");
    }
}

#[test]
fn of_a_duty_within_the_hour_that_clocks_skip_nothing_is_left() {
    let (zone, calendar) = (zone("Europe/Amsterdam"), calendar());
    let by = Reckoning { calendar: &calendar, zone: &zone };
    let rota = rota(&["daily 02:00-02:15"]);
    let skip = at("2026-03-29T03:00", &zone);
    let held = (-10..30).any(|n| rota.is_on(skip + Span::minutes(n), by));
    assert!(!held);
}
