//! Who she is: the habits that her days are drawn from.

use crate::domain::Span;

use super::Dice;

/// Habits. Minutes are of the day, from midnight; shares are in a hundred.
#[derive(Debug, Clone)]
pub(super) struct Household {
    /// Gets up, and how much that differs from day to day.
    pub(super) up: i64,
    pub(super) bed: i64,
    pub(super) spread: i64,
    /// How much later on Saturdays and Sundays.
    pub(super) weekend: i64,
    /// On so many days a nap in bed, or else in the chair.
    pub(super) naps: i64,
    pub(super) nap_in_bed: i64,
    /// On so many days out in the morning, and in the afternoon.
    pub(super) mornings_out: i64,
    pub(super) afternoons_out: i64,
    /// In a thousand days: out for the whole day; away for nights; the first day of a cold; a night
    /// without sleep.
    pub(super) day_trips: i64,
    pub(super) nights_away: i64,
    pub(super) colds: i64,
    pub(super) sleepless: i64,
    /// Up at night, at most so often.
    pub(super) rises: i64,
    /// Minutes between visits to the toilet by day, and how long one takes.
    pub(super) toilet_every: i64,
    pub(super) toilet_takes: i64,
    pub(super) bath_takes: i64,
    /// On so many days a visitor; on so many weekdays a home help in the morning.
    pub(super) visits: i64,
    pub(super) home_help: i64,
    /// How still she sits: the longest pause between two movements, in minutes.
    pub(super) sits: i64,
    /// Presses the button when the home asks whether all is well.
    pub(super) answers: i64,
    /// Beats and breaths in a minute, asleep.
    pub(super) pulse: i32,
    pub(super) breath: i32,
    pub(super) systolic: i32,
    /// The room in winter, in °C.
    pub(super) warmth: i32,
}

impl Household {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let small = |n: i64| i32::try_from(n).unwrap_or(0);
        let goes_out = dice.percent(80);
        let travels = dice.percent(60);
        let frail = dice.percent(30);
        let habit = |yes: bool, n: i64| if yes { n } else { 0 };
        Self {
            up: dice.about(6 * 60 + 30, 90),
            bed: dice.about(22 * 60, 80),
            spread: dice.between(10, 45),
            weekend: dice.between(0, 45),
            naps: dice.between(0, 90),
            nap_in_bed: dice.between(0, 100),
            mornings_out: habit(goes_out, dice.between(20, 85)),
            afternoons_out: habit(goes_out, dice.between(0, 40)),
            day_trips: habit(travels, dice.between(10, 60)),
            nights_away: habit(travels, dice.between(3, 25)),
            colds: dice.between(5, 20),
            sleepless: dice.between(0, 25),
            rises: dice.between(0, 3),
            toilet_every: dice.between(110, 240),
            toilet_takes: if frail { dice.between(8, 14) } else { dice.between(4, 9) },
            bath_takes: dice.between(14, 32),
            visits: dice.between(2, 40),
            home_help: habit(frail, dice.between(20, 100)),
            sits: dice.between(15, 60),
            answers: dice.between(75, 98),
            pulse: small(dice.between(54, 70)),
            breath: small(dice.between(12, 16)),
            systolic: small(dice.between(118, 146)),
            warmth: small(dice.between(19, 22)),
        }
    }

    /// How long one visit to the toilet takes.
    pub(super) fn toilet(&self, dice: &mut Dice) -> Span {
        Span::seconds(dice.about(self.toilet_takes * 60, self.toilet_takes * 30))
    }
}
