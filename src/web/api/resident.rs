//! What is known of a resident: where, what is usual, and what is otherwise for them.

use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::baseline::Usual;
use crate::domain::{Change, Consent, Span, Time, Whereabouts};
use crate::inbox::{Habit, Look, OwnLimit};

use super::views::Both;

/// Where the resident is, as far as can be guessed; only rules about silence go by it
#[derive(Serialize, ToSchema)]
pub(super) struct PresenceView {
    /// home, out, unknown
    is: &'static str,
    /// Since when, where that is known.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Somebody said that nobody is at home.
    away: Option<AwayView>,
    /// In which kind of room they stirred last: bathroom, bedroom, kitchen, living, hall.
    room: Option<&'static str>,
    /// Since when nowhere else.
    #[schema(format = DateTime)]
    room_since: Option<String>,
    #[schema(format = DateTime)]
    in_bed_since: Option<String>,
    /// As far as a bed can tell.
    asleep: bool,
    /// Several people were seen not long ago.
    company: bool,
}

/// Who said that nobody is at home
#[derive(Serialize, ToSchema)]
pub(super) struct AwayView {
    by: String,
    #[schema(format = DateTime)]
    until: String,
}

/// A rule that somebody silenced for a while
#[derive(Serialize, ToSchema)]
pub(super) struct SilenceView {
    rule: String,
    by: String,
    why: String,
    #[schema(format = DateTime)]
    until: String,
}

/// A rule that is otherwise for this resident
#[derive(Serialize, ToSchema)]
pub(super) struct ChangeView {
    rule: String,
    by: String,
    /// The day on which that was decided.
    on: String,
    why: String,
    /// It is not looked for at all.
    off: bool,
    /// What is otherwise, as a table of `rules.toml`.
    set: String,
}

/// What a resident agreed to
#[derive(Serialize, ToSchema)]
pub(super) struct ConsentView {
    /// health, location, family-sharing, remote-visit
    scope: &'static str,
    purpose: String,
    /// Who gave it.
    by: String,
    /// On which day.
    on: String,
    /// On which day it was withdrawn.
    withdrawn: Option<String>,
}

/// A limit of inactivity that is learnt from the home's own days
#[derive(Serialize, ToSchema)]
pub(super) struct OwnLimitView {
    /// What it is to keep to: `0.25 a week`, false alarms; or `6h`, found within so long.
    wanted: String,
    /// Whether it is in force; until then the fixed limits watch alone.
    learnt: bool,
    /// How many days it is learnt from, or there are.
    days: usize,
    /// So many are needed.
    needed: usize,
    /// How long a silence may last at each full hour of the day, from 0 to 23, in seconds.
    limits_s: Option<Vec<i64>>,
    /// So many false alarms a week are to be expected, as far as those days tell.
    false_a_week: Option<f64>,
    /// So many hours from a stop until the alarm, on average, as far as those days tell.
    hours_to_detect: Option<f64>,
}

/// What is usual of one number a day, or a night
#[derive(Serialize, ToSchema)]
pub(super) struct HabitView {
    /// night_rises, bathroom_visits, minutes_in_bed, longest_silence, heart_rate, …
    metric: &'static str,
    title: Both,
    /// Half of the days are above it; none while there are too few days.
    median: Option<f64>,
    /// Half of the days are no farther from the median.
    mad: Option<f64>,
    /// From so many days.
    days: Option<usize>,
    /// What the day or the night has come to so far.
    today: Option<f64>,
}

impl PresenceView {
    /// `now` is hub time.
    pub(super) fn new(look: &Look, now: Time) -> Self {
        let wall = |at: Time| (at + look.offset).to_string();
        let presence = &look.presence;
        let (is, since) = presence.whereabouts();
        let since = (is != Whereabouts::Unknown).then_some(since);
        let place = presence.place();
        Self {
            is: is.name(),
            since: since.map(wall),
            away: presence
                .away()
                .map(|away| AwayView { by: away.by.to_string(), until: wall(away.until) }),
            room: place.map(|(place, _)| place.name()),
            room_since: place.map(|(_, since)| wall(since)),
            in_bed_since: presence.in_bed().map(wall),
            asleep: look.is_asleep(now),
            company: look.has_company(now),
        }
    }
}

impl SilenceView {
    /// Those that are not over `now`, in hub time.
    pub(super) fn all(look: &Look, now: Time) -> Vec<Self> {
        let one = |silence: &crate::domain::Silence| Self {
            rule: silence.rule.to_string(),
            by: silence.by.to_string(),
            why: silence.why.clone(),
            until: (silence.until + look.offset).to_string(),
        };
        look.silent(now).map(one).collect()
    }
}

impl ChangeView {
    pub(super) fn new(change: &Change) -> Self {
        Self {
            rule: change.rule.to_string(),
            by: change.by.to_string(),
            on: change.on.clone(),
            why: change.why.clone(),
            off: change.off,
            set: change.set.trim_end().to_owned(),
        }
    }
}

impl ConsentView {
    pub(super) fn new(consent: &Consent) -> Self {
        Self {
            scope: consent.scope.name(),
            purpose: consent.purpose.clone(),
            by: consent.by.clone(),
            on: consent.on.to_string(),
            withdrawn: consent.withdrawn.map(|day| day.to_string()),
        }
    }
}

impl OwnLimitView {
    /// As of the day of `now`, in hub time.
    pub(super) fn all(look: &Look, now: Time) -> Vec<Self> {
        let zone = TimeZone::get(&look.home.zone).unwrap_or(TimeZone::UTC);
        let today = (look.at(now) + look.offset).civil(&zone).date();
        let at = |hour| Time::of_civil(today.at(hour, 0, 0, 0), &zone);
        let one = |own: &OwnLimit| {
            let OwnLimit { wanted, needed, learned } = own;
            let days = learned.as_ref().map_or_else(|not| not.days, |yes| yes.expected.days);
            let learned = learned.as_ref().ok();
            let limits = |of: &crate::baseline::Learned| -> Vec<i64> {
                let limits = (0..24).map(|hour| of.limit_at(at(hour), &zone));
                limits.map(|Span(ms)| ms / 1000).collect()
            };
            Self {
                wanted: wanted.to_string(),
                learnt: learned.is_some(),
                days,
                needed: *needed,
                limits_s: learned.map(limits),
                false_a_week: learned.map(|of| of.expected.false_a_week),
                hours_to_detect: learned.map(|of| of.expected.hours_to_detect),
            }
        };
        look.limits.iter().map(one).collect()
    }
}

impl HabitView {
    pub(super) fn new(habit: &Habit) -> Self {
        let usual = habit.usual.as_ref();
        let of = |number: fn(&Usual) -> f64| usual.map(number);
        Self {
            metric: habit.metric.name(),
            title: Both::new(habit.metric.zh().to_owned(), habit.metric.en()),
            median: of(|usual| usual.median),
            mad: of(|usual| usual.mad),
            days: usual.map(|usual| usual.days),
            today: habit.today,
        }
    }
}
