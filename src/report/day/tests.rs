use super::*;

use crate::domain::{Binding, Sign, Step, Title};

const CUSTOMS: Customs = Customs {
    leaves: Span::minutes(10),
    settles: Span::minutes(1),
    lingers: Span::minutes(2),
    returns: 2,
    returns_within: Span::minutes(5),
    asleep_after: Span::minutes(15),
    visits: Span::minutes(30),
    stays: Span::hours(1),
    forgotten_after: Span::hours(36),
};

/// Hub time begins at midnight before the day that is asked for; `1d` is that day.
fn at(text: &str) -> Time {
    let (day, clock) = text.split_once(' ').unwrap();
    let (hour, minute) = clock.split_once(':').unwrap();
    let number = |text: &str| text.parse::<i64>().unwrap();
    Time(0) + Span::minutes((number(day) * 24 + number(hour)) * 60 + number(minute))
}

fn home() -> Arc<Home> {
    let device = |id: &str, place, quiet_hours: i64| Device {
        place: Some(place),
        quiet_after: Some(Span::hours(quiet_hours)),
        ..Device::new(id.parse().unwrap(), "", Binding::Direct)
    };
    let devices = vec![
        device("bed", Place::Bedroom, 12),
        device("bath", Place::Bathroom, 30),
        device("kitchen", Place::Kitchen, 30),
        device("hall", Place::Hall, 30),
        device("door", Place::Hall, 30),
    ];
    Arc::new(Home::new("h1".parse().unwrap(), "UTC", devices))
}

/// A row of the journal: `1 07:10 kitchen motion true`, or `1 07:10 -`, a row of another home. `|`: a move.
fn row(text: &str) -> (Time, Option<Input>) {
    let (day, rest) = text.split_once(' ').unwrap();
    let (clock, said) = rest.split_once(' ').unwrap();
    let at = at(&format!("{day} {clock}"));
    let by = || "wang".parse().unwrap();
    let input = match said {
        "-" => return (at, None),
        "on-scene" => Input::Move { incident: 1, by: by(), act: Act::OnScene },
        "returns" => Input::Move { incident: 1, by: by(), act: Act::Return { why: String::new() } },
        "away" => Input::Said { by: by(), what: Said::Away { lasts: Span::hours(5) } },
        heard => {
            let (device, said) = heard.split_once(' ').unwrap();
            let observations = vec![said.parse().unwrap()];
            Input::Heard { device: device.parse().unwrap(), observations, retained: false }
        }
    };
    (at, Some(input))
}

/// The day of these rows; between them the hub says every hour that it is there.
fn day(rows: &[&str], now: &str, is_there: bool) -> Day {
    let mut all: Vec<(Time, Option<Input>)> = rows.iter().map(|text| row(text)).collect();
    if is_there {
        all.extend((0..72).map(|hour| (Time(0) + Span::hours(hour), None)));
        all.sort_by_key(|(at, _)| *at);
    }
    let mut diary = Diary::new(home(), Some(CUSTOMS), (at("1 00:00"), at("2 00:00")));
    for (when, input) in all.into_iter().filter(|(when, _)| *when <= at(now)) {
        diary.note(when, input.as_ref());
    }
    diary.end(at(now))
}

/// `00:00-06:30 bed`, one line a stretch.
fn told(day: &Day) -> Vec<String> {
    let clock = |at: Time| {
        let minutes = (at - day.from).0 / 60_000;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    };
    let word = |is: Stay| match is {
        Stay::Bed => "bed",
        Stay::In(place) => place.name(),
        Stay::Home => "home",
        Stay::Out => "out",
        Stay::Unknown => "unknown",
    };
    let line = |s: &Stretch| format!("{}-{} {}", clock(s.from), clock(s.to), word(s.is));
    day.stretches.iter().map(line).collect()
}

/// From the evening before.
const NIGHT: [&str; 2] = ["0 21:50 bath motion true", "0 22:10 bed in_bed true"];

#[test]
fn a_day_as_it_was() {
    let mut rows = NIGHT.to_vec();
    rows.extend([
        "1 02:00 bed in_bed false",
        "1 02:02 bath motion true",
        "1 02:09 bed in_bed true",
        "1 06:30 bed in_bed false",
        "1 06:40 bath motion true",
        "1 07:05 kitchen motion true",
        "1 07:05 kitchen motion false",
        "1 07:05 kitchen motion true",
        "1 07:06 bed battery 90",
        "1 09:00 hall motion true",
        "1 09:01 door open false",
        "1 09:02 door open true",
        "1 09:03 door open false",
        "1 11:00 door open true",
        "1 11:01 kitchen motion true",
        "1 18:00 bed in_bed true",
    ]);
    let day = day(&rows, "2 08:00", true);
    let expected = [
        "00:00-02:00 bed",
        "02:00-02:02 bedroom",
        "02:02-02:09 bathroom",
        "02:09-06:30 bed",
        "06:30-06:40 bedroom",
        "06:40-07:05 bathroom",
        "07:05-09:00 kitchen",
        "09:00-09:03 hall",
        "09:03-11:01 out",
        "11:01-18:00 kitchen",
        "18:00-24:00 bed",
    ];
    assert_eq!(told(&day), expected);
    let opens: Vec<bool> = day.doors.iter().map(|door| door.opens).collect();
    assert_eq!(opens, [true, false, true]);
    let in_kitchen = day.stirs.iter().filter(|s| s.place == Some(Place::Kitchen)).count();
    let seen: Vec<&str> = day.seen.iter().map(|place| place.name()).collect();
    assert!(day.has_door && seen == ["bathroom", "kitchen", "hall"], "{seen:?}");
    assert_eq!(in_kitchen, 2, "several signs of one minute are one: {:?}", day.stirs);
}

#[test]
fn a_day_that_is_not_over_ends_now() {
    let day = day(&NIGHT, "1 05:00", true);
    assert_eq!(told(&day), ["00:00-05:00 bed"]);
}

#[test]
fn before_anything_was_heard_nobody_knows() {
    let all = day(&["1 08:00 kitchen motion true"], "1 10:00", true);
    assert_eq!(told(&all), ["00:00-08:00 unknown", "08:00-10:00 kitchen"]);
    assert_eq!(told(&day(&[], "1 10:00", true)), ["00:00-10:00 unknown"]);
}

#[test]
fn a_bed_that_fell_silent_does_not_keep_her_in_it() {
    let silent = day(&NIGHT, "1 12:00", true);
    assert_eq!(told(&silent), ["00:00-10:10 bed", "10:10-12:00 unknown"]);
}

#[test]
fn while_the_hub_did_not_run_nobody_knows_and_what_it_knew_before_does_not_count() {
    let rows = [&NIGHT[..], &["1 00:30 -", "1 04:00 -", "1 05:00 bed in_bed true"]].concat();
    let rows: Vec<&str> = [&["0 23:00 -", "0 23:50 -"], &rows[..]].concat();
    let mut rows = rows;
    rows.sort_unstable();
    let off = day(&rows, "1 06:00", false);
    assert_eq!(told(&off), ["00:00-00:30 bed", "00:30-05:00 unknown", "05:00-06:00 bed"]);
    // Of a day that is over, nobody knows how it ended.
    let over = day(&NIGHT, "2 06:00", false);
    assert_eq!(told(&over), ["00:00-24:00 unknown"]);
}

#[test]
fn what_stirs_while_people_are_there_need_not_be_her() {
    let rows = [
        "1 08:00 kitchen motion true",
        "1 08:30 on-scene",
        "1 08:31 bath motion true",
        "1 08:40 returns",
        "1 10:00 hall motion true",
    ];
    let visited: Vec<bool> = day(&rows, "1 11:00", true).stirs.iter().map(|s| s.visited).collect();
    assert_eq!(visited, [false, true, false]);
}

#[test]
fn whoever_is_said_to_be_away_is_out() {
    let rows = ["1 08:00 kitchen motion true", "1 08:30 away"];
    let told = told(&day(&rows, "1 15:00", true));
    assert_eq!(
        told,
        ["00:00-08:00 unknown", "08:00-08:30 kitchen", "08:30-13:30 out", "13:30-15:00 kitchen"]
    );
}

#[test]
fn a_sensor_that_is_tried_out_shows_nobody() {
    let mut diary = Diary::new(home(), Some(CUSTOMS), (at("1 00:00"), at("2 00:00")));
    let (device, by) = ("kitchen".parse().unwrap(), "wu".parse().unwrap());
    let any_of = vec![Sign { property: Property::Press, value: None }];
    let what = Title::new(String::new(), String::new());
    let steps = vec![Step { what, any_of, optional: false, seen: None }];
    let act = WalkAct::Begin { steps, lasts: Span::minutes(5) };
    diary.note(at("1 08:00"), Some(&Input::Walk { device, by, act }));
    diary.note(at("1 08:01"), row("1 08:01 kitchen motion true").1.as_ref());
    let day = diary.end(at("1 08:03"));
    assert_eq!((told(&day).len(), day.stirs.len()), (1, 0), "{day:?}");
}
