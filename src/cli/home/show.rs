//! `careloop home [ID]`: what is known of homes, as the gateway that runs tells it.

use std::path::Path;

use jiff::tz::TimeZone;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value as Any;

use crate::cli::{Failure, api, load, print_json, runtime};
use crate::domain::{HomeId, Span, Time};

/// A home as the gateway tells it.
#[derive(Deserialize)]
pub(super) struct Home {
    id: String,
    name: String,
    zone: String,
    post: bool,
    presence: Presence,
    silences: Vec<Silence>,
    changes: Vec<Change>,
    own_limits: Vec<OwnLimit>,
    habits: Vec<Habit>,
}

#[derive(Deserialize)]
struct Presence {
    is: String,
    since: Option<String>,
    away: Option<Away>,
    room: Option<String>,
    room_since: Option<String>,
    in_bed_since: Option<String>,
    asleep: bool,
    company: bool,
}

#[derive(Deserialize)]
struct Away {
    by: String,
    until: String,
}

#[derive(Deserialize)]
struct Silence {
    rule: String,
    by: String,
    why: String,
    until: String,
}

#[derive(Deserialize)]
struct Change {
    rule: String,
    by: String,
    on: String,
    why: String,
    off: bool,
    set: String,
}

#[derive(Deserialize)]
struct OwnLimit {
    wanted: String,
    days: usize,
    needed: usize,
    limits_s: Option<Vec<i64>>,
    false_a_week: Option<f64>,
    hours_to_detect: Option<f64>,
}

#[derive(Deserialize)]
struct Habit {
    metric: String,
    median: Option<f64>,
    mad: Option<f64>,
    days: Option<usize>,
    today: Option<f64>,
}

pub(super) fn run(folder: &Path, home: Option<&HomeId>, json: bool) -> Result<(), Failure> {
    let config = load(folder)?;
    let homes: Vec<String> = match home {
        Some(home) => vec![home.to_string()],
        None => config.homes.iter().map(|home| home.id.to_string()).collect(),
    };
    let answers = runtime()?.block_on(async {
        let mut answers = Vec::new();
        for id in homes {
            let nothing = ("application/json", String::new());
            let path = format!("homes/{id}");
            let answer = api::ask(&config.settings, Method::GET, &path, nothing).await?;
            answers.push(api::heed(answer)?);
        }
        Ok::<_, Failure>(answers)
    })?;
    if json {
        let all: Vec<Any> = answers.iter().map(|answer| read(answer)).collect::<Result<_, _>>()?;
        return match (home, all.as_slice()) {
            (Some(_), [one]) => print_json(one),
            (Some(_) | None, all) => print_json(&all),
        };
    }
    for answer in answers {
        print(&read(&answer)?);
    }
    Ok(())
}

pub(super) fn read<T: for<'a> Deserialize<'a>>(answer: &str) -> Result<T, Failure> {
    serde_json::from_str(answer)
        .map_err(|e| Failure::Cannot(format!("cannot read the gateway's answer: {e}")))
}

pub(super) fn print(home: &Home) {
    line!("{}  {}", home.id, home.name);
    for line in lines(home) {
        line!("  {line}");
    }
}

fn lines(home: &Home) -> Vec<String> {
    let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
    let at = |text: &String| match text.parse::<Time>() {
        Ok(at) => at.civil(&zone).strftime("%m-%d %H:%M").to_string(),
        Err(_) => text.clone(),
    };
    let mut lines = match home.post {
        true => vec!["a help post: nobody lives there".to_owned()],
        false => vec![presence(&home.presence, at)],
    };
    if let Some(Away { by, until }) = &home.presence.away {
        lines.push(format!("away until {}, says {by}", at(until)));
    }
    for Silence { rule, by, why, until } in &home.silences {
        lines.push(format!("{rule} is silent until {}, by {by}: {why}", at(until)));
    }
    for Change { rule, by, on, why, off, set } in &home.changes {
        let what = if *off { "off".to_owned() } else { set.replace('\n', " ") };
        lines.push(format!("{rule} is otherwise, by {by} on {on}: {what} ({why})"));
    }
    for limit in &home.own_limits {
        own_limit(limit, &mut lines);
    }
    for Habit { metric, median, mad, days, today } in home.habits.iter().filter(|_| !home.post) {
        let usual = match (median, mad, days) {
            (Some(median), Some(mad), Some(days)) => {
                format!("usually {median:.1} ± {mad:.1} ({days} days)")
            }
            _ => "not known yet".to_owned(),
        };
        let today = today.map_or(String::new(), |today| format!(", so far today {today:.1}"));
        lines.push(format!("{metric}: {usual}{today}"));
    }
    lines
}

fn presence(presence: &Presence, at: impl Fn(&String) -> String) -> String {
    let since = presence.since.as_ref().map_or(String::new(), |s| format!(" since {}", at(s)));
    let mut line = match presence.is.as_str() {
        "home" => format!("at home{since}"),
        "out" => format!("out{since}"),
        _ => "nobody can tell whether she is at home".to_owned(),
    };
    if let Some((room, since)) = presence.room.as_ref().zip(presence.room_since.as_ref()) {
        line.push_str(&format!(", last stirred in the {room}, there since {}", at(since)));
    }
    if let Some(since) = &presence.in_bed_since {
        line.push_str(&format!(", in bed since {}", at(since)));
    }
    if presence.asleep {
        line.push_str(", asleep");
    }
    if presence.company {
        line.push_str(", with company");
    }
    line
}

fn own_limit(limit: &OwnLimit, lines: &mut Vec<String>) {
    let OwnLimit { wanted, days, needed, limits_s, false_a_week, hours_to_detect } = limit;
    let (Some(hours), Some(wrong), Some(late)) = (limits_s, false_a_week, hours_to_detect) else {
        lines.push(format!(
            "own limit of inactivity ({wanted}): learning, {days} of {needed} days; the fixed limits watch"
        ));
        return;
    };
    lines.push(format!(
        "own limit of inactivity ({wanted}): from {days} days; to expect: {wrong:.2} false alarms a week, \
         {late:.1} hours to detect"
    ));
    let mut from = 0;
    for (hour, limit) in hours.iter().enumerate() {
        let next = hours.get(hour + 1);
        if next != Some(limit) {
            lines.push(format!("  {from:02}-{:02}  {}", hour + 1, Span::seconds(*limit)));
            from = hour + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_reads_like_a_note() {
        let limits = [vec![28_800; 8], vec![10_800; 16]].concat();
        let home = serde_json::json!({
            "id": "h1", "name": "3-2-501", "zone": "Asia/Shanghai", "post": false,
            "presence": {
                "is": "out", "since": "2026-01-15T00:00:00Z", "room": null, "room_since": null,
                "in_bed_since": null, "asleep": false, "company": false,
                "away": { "by": "daughter", "until": "2026-01-18T00:00:00Z" },
            },
            "silences": [{ "rule": "cold", "by": "wang", "why": "airing", "until": "2026-01-15T08:00:00Z" }],
            "changes": [{ "rule": "heat", "by": "li", "on": "2026-01-01", "why": "sauna", "off": true, "set": "" }],
            "own_limits": [
                { "wanted": "0.25 a week", "days": 3, "needed": 7 },
                { "wanted": "6h", "days": 9, "needed": 7, "false_a_week": 0.5, "hours_to_detect": 4.25,
                  "limits_s": limits },
            ],
            "habits": [
                { "metric": "night_rises", "median": 1.0, "mad": 0.0, "days": 9, "today": 2.0 },
                { "metric": "weight", "median": null, "mad": null, "days": null, "today": 60.0 },
            ],
        });
        let home: Home = read(&home.to_string()).unwrap();
        assert_eq!(
            lines(&home),
            [
                "out since 01-15 08:00",
                "away until 01-18 08:00, says daughter",
                "cold is silent until 01-15 16:00, by wang: airing",
                "heat is otherwise, by li on 2026-01-01: off (sauna)",
                "own limit of inactivity (0.25 a week): learning, 3 of 7 days; the fixed limits watch",
                "own limit of inactivity (6h): from 9 days; to expect: 0.50 false alarms a week, 4.2 hours to detect",
                "  00-08  8h",
                "  08-24  3h",
                "night_rises: usually 1.0 ± 0.0 (9 days), so far today 2.0",
                "weight: not known yet, so far today 60.0",
            ]
        );
    }
}
