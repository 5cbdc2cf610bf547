//! Water that runs and runs, and no water at all.

use std::path::Path;

use crate::homes::lines_of_gz;

/// The recording: a value for each minute in which water flowed; every other minute it did not.
const FILE: &str = "water_flow_minutes_nonzero.csv.gz";
/// First and last minute of the recording.
const SPAN: (i64, i64) = (1_333_263_600, 1_396_335_540);
/// Less than this is not told apart from nothing.
const FLOWS: f64 = 0.1;

/// A stretch of minutes, from the first to before the last, in which water flowed or did not.
struct Stretch {
    from: i64,
    to: i64,
}

/// The section on water, in Markdown; nothing if there is no recording.
pub fn section(folder: &Path) -> Option<String> {
    let path = folder.join(FILE);
    path.exists().then_some(())?;
    let flows = |line: String| {
        let (at, rate) = line.split_once(',')?;
        let (at, rate): (i64, f64) = (at.parse().ok()?, rate.parse().ok()?);
        (FLOWS < rate).then_some((at - SPAN.0) / 60)
    };
    let flowing: Vec<i64> = lines_of_gz(&path).filter_map(flows).collect();
    let end = (SPAN.1 - SPAN.0) / 60 + 1;
    let (mut runs, mut still): (Vec<Stretch>, Vec<Stretch>) = (Vec::new(), Vec::new());
    for minute in flowing {
        match runs.last_mut().filter(|run| run.to == minute) {
            Some(run) => run.to = minute + 1,
            None => {
                let from = runs.last().map_or(0, |run| run.to);
                still.push(Stretch { from, to: minute });
                runs.push(Stretch { from: minute, to: minute + 1 });
            }
        }
    }
    still.push(Stretch { from: runs.last().map_or(0, |run| run.to), to: end });
    let mut text = "| limit | false alarms a home-week, first year | second year | hours to detect, mean |\n|---|---|---|---|\n".to_owned();
    for (limit, what) in [(60, "water runs for 60 min"), (720, "water runs for 12 h")] {
        // A leak that begins at any minute: it joins what was running, or begins by itself.
        let already: i64 = runs.iter().map(|run| sum_of_elapsed(run, limit)).sum();
        text += &row(what, &runs, limit, end, (limit - already / end) as f64);
    }
    for (limit, what) in [(720, "no water for 12 h"), (1440, "no water for 24 h")] {
        // Somebody stops using water at any minute.
        let already: i64 = still.iter().map(|gap| sum_of_elapsed(gap, limit)).sum();
        text += &row(what, &still, limit, end, (limit - already / end) as f64);
    }
    Some(text)
}

/// Over all minutes of a stretch: for how long it had lasted by then, at most the limit.
fn sum_of_elapsed(stretch: &Stretch, limit: i64) -> i64 {
    let length = stretch.to - stretch.from;
    let rising = length.min(limit);
    rising * rising / 2 + (length - rising) * limit
}

fn row(what: &str, stretches: &[Stretch], limit: i64, end: i64, minutes: f64) -> String {
    let weeks = end as f64 / 2.0 / 10_080.0;
    let count = |from: i64, to: i64| {
        let within = stretches.iter().filter(|s| from <= s.from && s.from < to);
        within.filter(|s| limit <= s.to - s.from).count() as f64 / weeks
    };
    let (first, second) = (count(0, end / 2), count(end / 2, end));
    format!("| {what} | {first:.3} | {second:.3} | {:.1} |\n", minutes / 60.0)
}
