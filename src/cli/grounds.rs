//! What an incident rests on, below the line of its story that says that it was detected.

use jiff::tz::TimeZone;

use crate::domain::{Grounds, Happening, Sample, Time};

/// The lines; none for what else happened.
pub(super) fn lines(what: &Happening, zone: &TimeZone) -> Vec<String> {
    let Happening::Detected { grounds: Some(grounds), .. } = what else { return Vec::new() };
    let Grounds {
        rules,
        looks_for,
        source,
        chart,
        hold,
        warn_after,
        alarm_after,
        since,
        set_by,
        samples,
    } = &**grounds;
    let at = |at: Time| at.civil(zone).strftime("%m-%d %H:%M:%S").to_string();
    let mut lines = vec![format!("looks for {looks_for}")];
    let warn = warn_after.map_or(String::new(), |after| format!(", warns after {after}"));
    lines.push(format!("since {}, for {hold}{warn}, alarms after {alarm_after}", at(*since)));
    if !source.is_empty() {
        lines.push(format!("numbers from: {source} (presets, not medical advice)"));
    }
    if let Some(chart) = chart {
        lines.push(chart.clone());
        lines.push("supports a decision, no diagnosis".to_owned());
    }
    if let Some((by, on)) = set_by {
        lines.push(format!("changed for this home by {by} on {on}"));
    }
    lines.push(format!("rule book {rules}"));
    for Sample { device, property, value, since, seen, alive } in samples {
        let alive = if *alive { "alive" } else { "not heard" };
        let (since, seen) = (at(*since), at(*seen));
        lines.push(format!("{device}: {property} {value}, since {since}, seen {seen}, {alive}"));
    }
    lines
}
