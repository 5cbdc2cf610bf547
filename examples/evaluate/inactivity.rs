//! How soon a stop is found, and how often a limit was passed by a person who was well.

use careloop::baseline::{Baseline, Expected, LearnSettings, Learned, Wanted};
use careloop::domain::{Span, Time};
use jiff::tz::TimeZone;

use crate::homes::{Life, Recording, Silence, silences};

/// The fixed limits that the learned one is held against, in hours.
const FIXED: [i64; 4] = [4, 6, 8, 12];

/// What a limit came to.
pub struct Score {
    pub false_a_week: f64,
    pub mean: f64,
    pub median: f64,
}

/// Scores a limit: when does a silence since then become an alarm?
fn score(silences: &[Silence], weeks: f64, due: impl Fn(Time) -> Time) -> Score {
    let mut wrong = 0;
    let mut delays = Vec::new();
    for silence in silences {
        let due = due(silence.since);
        wrong += i32::from(due < silence.until);
        // Somebody stops for good at every minute of it.
        let mut stop = silence.since + Span::seconds(30);
        while stop < silence.until {
            delays.push((due - stop).0.max(0));
            stop = stop + Span::minutes(1);
        }
    }
    delays.sort_unstable();
    let hours = |ms: i64| ms as f64 / 3_600_000.0;
    let mean = hours(delays.iter().sum::<i64>()) / delays.len().max(1) as f64;
    let median = delays.get(delays.len() / 2).copied().map_or(0.0, hours);
    Score { false_a_week: f64::from(wrong) / weeks, mean, median }
}

/// One half of a recording.
struct Half {
    life: Vec<Life>,
    silences: Vec<Silence>,
    weeks: f64,
}

/// Splits at the midnight nearest to the middle.
fn halves(home: &Recording, out: &[(Time, Time)]) -> (Half, Half, Time) {
    let day = Span::hours(24).0;
    let (begins, ends) = (home.begins(), home.ends());
    let middle = Time((begins.0 + (ends - begins).0 / 2 + day / 2) / day * day);
    let life = home.life(out);
    let silences = silences(&life);
    let (first, second) = life.into_iter().partition(|one| one.at() < middle);
    let (before, after) = silences.into_iter().partition(|s| s.since < middle);
    let weeks = |length: Span| length.0 as f64 / (7 * day) as f64;
    let first = Half { life: first, silences: before, weeks: weeks(middle - begins) };
    (first, Half { life: second, silences: after, weeks: weeks(ends - middle) }, middle)
}

/// Lets a baseline live through what happened; calls `with` before each silence ends.
fn live(baseline: &mut Baseline, life: &[Life], settings: &LearnSettings) {
    for one in life {
        match *one {
            Life::Sign(at) => baseline.note_sign(at, &TimeZone::UTC, settings),
            Life::Out(at) => baseline.look_away(at, &TimeZone::UTC, settings),
            Life::Back(at) => baseline.look_again(at),
        }
    }
}

/// One row of the table.
struct Row {
    name: String,
    expected: Expected,
    first: Score,
    second: Score,
}

fn due_of(learned: &Learned) -> impl Fn(Time) -> Time {
    |since| learned.due(since, &TimeZone::UTC)
}

/// The section of one home, in Markdown.
pub fn section(home: &Recording, out: &[(Time, Time)], settings: &LearnSettings) -> String {
    let (first, second, middle) = halves(home, out);
    let mut baseline = Baseline::default();
    live(&mut baseline, &first.life, settings);
    let learn = |wanted| baseline.learn(middle, &TimeZone::UTC, settings, wanted);
    let mut rows = Vec::new();
    let mut learned_rows = Vec::new();
    for hours in FIXED {
        let limit = Span::hours(hours);
        let fixed = |half: &Half| score(&half.silences, half.weeks, |since| since + limit);
        let (a, b) = (fixed(&first), fixed(&second));
        let expected = baseline.expect(limit, middle, &TimeZone::UTC, settings);
        let as_fast = Span((expected.hours_to_detect * 3_600_000.0) as i64);
        rows.push(Row { name: format!("fixed {hours} h"), expected, first: a, second: b });
        if let Ok(learned) = learn(Wanted::Within(as_fast)) {
            learned_rows.push((format!("learned, as fast as {hours} h"), learned));
        }
    }
    for times in [0.1, 0.25, 0.5, 1.0] {
        if let Ok(learned) = learn(Wanted::FalseAWeek(times)) {
            learned_rows.push((format!("learned, {times} a week wanted"), learned));
        }
    }
    for (name, learned) in learned_rows {
        let of = |half: &Half| score(&half.silences, half.weeks, due_of(&learned));
        let (first, second) = (of(&first), of(&second));
        rows.push(Row { name, expected: learned.expected, first, second });
    }
    let mut text = format!("### {}\n\n", home.name);
    if let Err(learning) = learn(Wanted::FalseAWeek(0.25)) {
        text += &format!(
            "Only {} usable days in the learning half, {} needed: nothing is learnt, the fixed limit stands.\n\n",
            learning.days, learning.needed
        );
    }
    text += "| limit | expected: false a week | hours | learning half: false a week | mean h | scoring half: false a week | mean h | median h |\n|---|---|---|---|---|---|---|---|\n";
    for row in &rows {
        let Expected { false_a_week, hours_to_detect, .. } = row.expected;
        let expected = format!("{false_a_week:.2} | {hours_to_detect:.1}");
        text += &format!(
            "| {} | {expected} | {:.2} | {:.1} | **{:.2}** | **{:.1}** | {:.1} |\n",
            row.name,
            row.first.false_a_week,
            row.first.mean,
            row.second.false_a_week,
            row.second.mean,
            row.second.median
        );
    }
    text
}
