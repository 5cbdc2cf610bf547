//! The plan of a day, from getting up to going to bed: drawn the evening before, and lived as far as
//! nothing comes between.

use std::collections::VecDeque;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::domain::{Span, Time};

use super::{Dice, Household};

/// What she means to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Do {
    /// The cuff, the thermometer, the oximeter.
    Measure,
    Bathe,
    /// Cooks and eats.
    Meal(Span),
    Eat(Span),
    /// Lies or sits asleep.
    Nap(Span),
    /// Out of the house, and back then.
    Out(Time),
    /// Somebody comes, and goes then.
    Visit(Time),
}

impl Do {
    pub(super) const fn is_eating(self) -> bool {
        matches!(self, Self::Eat(_))
    }
}

/// A day.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) date: Date,
    pub(super) up: Time,
    pub(super) bed: Time,
    pub(super) agenda: VecDeque<(Time, Do)>,
}

/// Midnight at the beginning of a day.
pub(super) fn midnight(date: Date, zone: &TimeZone) -> Time {
    Time::of_civil(date.to_datetime(jiff::civil::Time::MIN), zone)
}

impl Plan {
    /// Draws the plan of this day. `ill`: she has a cold, and stays at home.
    pub(super) fn draw(
        date: Date,
        ill: bool,
        who: &Household,
        zone: &TimeZone,
        dice: &mut Dice,
    ) -> Self {
        let begin = midnight(date, zone);
        let at = |minutes: i64| begin + Span::minutes(minutes);
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        // It is dark for longer in winter.
        let dark = i64::from((i32::from(date.month()) - 7).abs()) * 4;
        let late = dark + if weekend { who.weekend } else { 0 } + if ill { 50 } else { 0 };
        let up = at(dice.about(who.up, who.spread) + late);
        let bed = at(dice.about(who.bed, who.spread) + late / 2 - if ill { 60 } else { 0 });
        let mut agenda = vec![
            (up + dice.minutes(15, 30), Do::Measure),
            (up + dice.minutes(20, 50), Do::Meal(dice.minutes(20, 40))),
            (at(dice.about(11 * 60 + 45, 40)), Do::Meal(dice.minutes(40, 70))),
            (at(dice.about(18 * 60, 45)), Do::Meal(dice.minutes(35, 60))),
        ];
        let bath =
            if dice.percent(50) { up + dice.minutes(40, 90) } else { bed - Span::minutes(70) };
        if dice.percent(60) {
            agenda.push((bath, Do::Bathe));
        }
        if ill {
            agenda.push((at(dice.about(10 * 60, 40)), Do::Nap(dice.minutes(60, 120))));
            agenda.push((at(dice.about(14 * 60, 40)), Do::Nap(dice.minutes(90, 170))));
        } else {
            goes_out(&mut agenda, begin, who, dice);
            if dice.percent(who.naps) {
                agenda.push((at(dice.about(13 * 60 + 20, 30)), Do::Nap(dice.minutes(25, 95))));
            }
        }
        if dice.percent(who.visits) {
            let comes = at(dice.about(15 * 60, 120));
            agenda.push((comes, Do::Visit(comes + dice.minutes(40, 180))));
        }
        if !weekend && dice.percent(who.home_help) {
            let comes = at(dice.about(9 * 60, 30));
            agenda.push((comes, Do::Visit(comes + dice.minutes(45, 120))));
        }
        agenda.sort_by_key(|(at, _)| *at);
        Self { date, up, bed, agenda: agenda.into() }
    }
}

fn goes_out(agenda: &mut Vec<(Time, Do)>, begin: Time, who: &Household, dice: &mut Dice) {
    let at = |minutes: i64| begin + Span::minutes(minutes);
    let mut out = |leaves: Time, back: Time| agenda.push((leaves, Do::Out(back)));
    if dice.permille(who.nights_away) {
        let back = begin + Span::hours(24 * dice.between(1, 4)) + dice.minutes(10 * 60, 19 * 60);
        return out(at(dice.about(11 * 60, 120)), back);
    }
    if dice.permille(who.day_trips) {
        let leaves = at(dice.about(8 * 60 + 30, 60));
        return out(leaves, leaves + dice.minutes(6 * 60, 11 * 60));
    }
    if dice.percent(who.mornings_out) {
        let leaves = at(dice.about(9 * 60, 75));
        out(leaves, leaves + dice.minutes(20, 140));
    }
    if dice.percent(who.afternoons_out) {
        let leaves = at(dice.about(15 * 60 + 30, 75));
        out(leaves, leaves + dice.minutes(30, 180));
    }
}
