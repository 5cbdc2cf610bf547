//! How soon a stop is found, and how often a limit was passed by a person who was well.

use std::collections::BTreeMap;

use careloop::baseline::{Baseline, Expected, LearnSettings, Learned, Wanted};
use careloop::domain::{Span, Time};
use jiff::tz::TimeZone;

use crate::homes::{Life, Recording, Silence, silences};

/// The fixed limits that the learned one is held against, in hours.
const FIXED: [i64; 4] = [4, 6, 8, 12];
/// What is wanted of the learned limit, in false alarms a week.
const WANTED: [f64; 4] = [0.1, 0.25, 0.5, 1.0];
/// The one that goes on learning through the scoring half.
const SHIPPED: f64 = 0.25;

/// What a limit came to.
#[derive(Clone, Copy)]
pub struct Score {
    pub false_a_week: f64,
    pub mean: f64,
    median: f64,
}

/// One half of a recording.
struct Half {
    life: Vec<Life>,
    silences: Vec<Silence>,
    weeks: f64,
}

/// One row of the table.
struct Row {
    name: String,
    expected: Option<Expected>,
    first: Score,
    second: Score,
}

/// A fixed limit and the learned one that was chosen to be as fast, both on the scoring half.
pub struct Duel {
    pub hours: i64,
    pub fixed: Score,
    pub learned: Score,
}

/// What one home came to.
pub struct Outcome {
    /// A table in Markdown.
    pub table: String,
    pub duels: Vec<Duel>,
}

impl Duel {
    /// In the words of the page, at the precision of the page.
    pub fn verdict(&self) -> &'static str {
        let round = |n: f64, per: f64| (n * per).round();
        let (fixed, learned) = (self.fixed, self.learned);
        let slower = round(fixed.mean, 10.0) < round(learned.mean, 10.0);
        let faster = round(learned.mean, 10.0) < round(fixed.mean, 10.0);
        let (a, b) = (round(fixed.false_a_week, 100.0), round(learned.false_a_week, 100.0));
        match (b < a, a < b) {
            (true, _) if slower => "fewer, but slower",
            (true, _) if faster => "**fewer and faster**",
            (true, _) => "**fewer, as fast**",
            (_, true) if faster => "no: more, though faster",
            (_, true) => "no: more",
            _ if faster => "as many, faster",
            _ if slower => "no: as many, slower",
            _ => "the same",
        }
    }
}

/// Scores a limit: when does a silence since then become an alarm?
fn score(half: &Half, due: impl Fn(Time) -> Time) -> Score {
    let mut wrong = 0;
    let mut delays = Vec::new();
    for silence in &half.silences {
        let due = due(silence.since);
        wrong += i32::from(due < silence.until);
        // Somebody stops for good in every minute of it.
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
    Score { false_a_week: f64::from(wrong) / half.weeks, mean, median }
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

fn live(baseline: &mut Baseline, one: Life, settings: &LearnSettings) {
    match one {
        Life::Sign(at) => baseline.note_sign(at, &TimeZone::UTC, settings),
        Life::Out(at) => baseline.look_away(at, &TimeZone::UTC, settings),
        Life::Back(at) => baseline.look_again(at),
    }
}

/// When each silence of a half becomes an alarm if the home goes on learning, as careloop does: each by
/// the days before it.
fn going_on(mut baseline: Baseline, half: &Half, settings: &LearnSettings) -> BTreeMap<Time, Time> {
    let mut dues = BTreeMap::new();
    let mut known: Option<(Time, Option<Learned>)> = None;
    for one in &half.life {
        live(&mut baseline, *one, settings);
        let at = one.at();
        if known.as_ref().is_none_or(|(until, _)| *until <= at) {
            let until = baseline.same_until(at, &TimeZone::UTC, settings);
            let wanted = Wanted::FalseAWeek(SHIPPED);
            known = Some((until, baseline.learn(at, &TimeZone::UTC, settings, wanted).ok()));
        }
        let own = known.as_ref().and_then(|(_, own)| own.as_ref());
        dues.insert(at, own.map_or(at + settings.ceiling, |own| own.due(at, &TimeZone::UTC)));
    }
    dues
}

/// One home, with absences as given.
pub fn evaluate(home: &Recording, out: &[(Time, Time)], settings: &LearnSettings) -> Outcome {
    let (first, second, middle) = halves(home, out);
    let mut baseline = Baseline::default();
    first.life.iter().for_each(|one| live(&mut baseline, *one, settings));
    // The last day of the half is final some hours later; nothing is noted in between.
    let then = middle + settings.ceiling;
    let learn = |wanted| baseline.learn(then, &TimeZone::UTC, settings, wanted);
    let of = |own: &Learned, half: &Half| score(half, |since| own.due(since, &TimeZone::UTC));
    let (mut rows, mut learned, mut duels) = (Vec::new(), Vec::new(), Vec::new());
    for hours in FIXED {
        let limit = Span::hours(hours);
        let fixed = |half: &Half| score(half, |since| since + limit);
        let (a, b) = (fixed(&first), fixed(&second));
        let expected = baseline.expect(limit, then, &TimeZone::UTC, settings);
        // As fast as this on the learning half; what the scoring half makes of it is not looked at.
        let as_fast = Span((expected.hours_to_detect * 3_600_000.0) as i64);
        let expected = (0 < expected.days).then_some(expected);
        rows.push(Row { name: format!("fixed {hours} h"), expected, first: a, second: b });
        if let Ok(own) = learn(Wanted::Within(as_fast)) {
            duels.push(Duel { hours, fixed: b, learned: of(&own, &second) });
            learned.push((format!("learned, as fast as {hours} h"), own));
        }
    }
    for times in WANTED {
        if let Ok(own) = learn(Wanted::FalseAWeek(times)) {
            learned.push((format!("learned, {times} a week"), own));
        }
    }
    for (name, own) in learned {
        let expected = Some(own.expected);
        rows.push(Row { name, expected, first: of(&own, &first), second: of(&own, &second) });
    }
    let rolling = |from: Baseline, half: &Half| {
        let dues = going_on(from, half, settings);
        score(half, |since| dues.get(&since).copied().unwrap_or(since + settings.ceiling))
    };
    let name = format!("learned, {SHIPPED} a week, going on learning");
    let (early, late) = (rolling(Baseline::default(), &first), rolling(baseline.clone(), &second));
    rows.push(Row { name, expected: None, first: early, second: late });
    let learning = learn(Wanted::FalseAWeek(SHIPPED)).err().map_or(String::new(), |learning| {
        format!(
            "Only {} usable days in the learning half, {} are needed: nothing is learnt there.\n\n",
            learning.days, learning.needed
        )
    });
    Outcome { table: learning + &table(&rows, &first, &second), duels }
}

fn table(rows: &[Row], first: &Half, second: &Half) -> String {
    let days = |half: &Half| half.weeks * 7.0;
    let mut text = format!(
        "Learning half {:.1} days, scoring half {:.1} days.\n\n\
         | limit | expected: false/week | h | learning half: false/week | mean h | scoring half: false/week | mean h | median h |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
        days(first),
        days(second)
    );
    for Row { name, expected, first, second } in rows {
        let expected = expected.map_or("| ".to_owned(), |e| {
            format!("{:.2} | {:.1}", e.false_a_week, e.hours_to_detect)
        });
        text += &format!(
            "| {name} | {expected} | {:.2} | {:.1} | **{:.2}** | **{:.1}** | {:.1} |\n",
            first.false_a_week, first.mean, second.false_a_week, second.mean, second.median
        );
    }
    text
}
