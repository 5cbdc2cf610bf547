//! What family is told of a day: from facts only. "All is well" is said where somebody can see that it is, and
//! nowhere else: unknown is not well (P5).

use crate::domain::{Place, Span, Time};

use super::day::{Day, Stay, Stretch};

/// Up from bed for longer than this, a night is over, or has not begun.
const UP_MAX: Span = Span::hours(3);

/// How she is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Something is open about her or her flat.
    Trouble,
    /// Nobody can tell, and why.
    Unknown(Why),
    /// She is out, and nothing is wrong.
    Out,
    /// She was seen, by sensors that work.
    Well,
}

/// Why nobody can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The hub did not say what it knows.
    NoAnswer,
    /// Sensors that must speak are silent.
    SilentSensors,
    /// What sensors see is not shared.
    NotShared,
    /// There was no sign of life for too long, or none at all.
    NoSign,
    /// No rule says how long is too long.
    NoLimit,
}

/// What the verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Whether anything is open about her or her flat.
    pub is_open: bool,
    /// Whether the hub said what it knows.
    pub is_asked: bool,
    /// How many sensors that must speak do not.
    pub silent: usize,
    /// Whether what sensors see may be told.
    pub is_shared: bool,
    /// Whether she is out, where that may be told.
    pub is_out: bool,
    /// The latest sign of life.
    pub last: Option<Time>,
    /// So long without one is too long, by the rules of her home.
    pub limit: Option<Span>,
}

impl Verdict {
    /// Whatever is worse goes first.
    pub fn of(known: &Known, now: Time) -> Self {
        let is_long = |limit: Span| known.last.is_none_or(|last| last + limit <= now);
        if known.is_open {
            return Self::Trouble;
        }
        if !known.is_asked {
            return Self::Unknown(Why::NoAnswer);
        }
        if 0 < known.silent {
            return Self::Unknown(Why::SilentSensors);
        }
        match known.limit {
            _ if !known.is_shared => Self::Unknown(Why::NotShared),
            _ if known.is_out => Self::Out,
            None => Self::Unknown(Why::NoLimit),
            Some(limit) if is_long(limit) => Self::Unknown(Why::NoSign),
            Some(_) => Self::Well,
        }
    }
}

/// A night in bed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    /// When she went to bed,
    pub from: Time,
    /// and got up for good; none: she still lies there.
    pub to: Option<Time>,
    /// How often she was up meanwhile.
    pub ups: usize,
    /// Part of it nobody could see.
    pub is_patchy: bool,
}

/// What a day came to so far, in hub time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    /// The latest sign of life.
    pub last: Option<Time>,
    /// The last night; none: no bed told of one.
    pub night: Option<Night>,
    /// When she was out today; none: no door tells.
    pub out: Option<Vec<Stretch>>,
    /// When she went to the kitchen today; none: no sensor there tells.
    pub kitchen: Option<Vec<Time>>,
    /// In how many hours of today, begun ones too, she moved.
    pub hours_moved: usize,
    /// Of how many.
    pub hours: usize,
    /// For how long nobody could tell today where she was.
    pub blind: Span,
}

impl Daily {
    /// Of a stretch of days that begins before the last night; `today` is when the last of them begins.
    pub fn new(day: &Day, today: Time, now: Time) -> Self {
        let hour = |at: Time| (at - today).0.div_euclid(Span::hours(1).0);
        let hers = || day.stirs.iter().filter(|stir| !stir.visited);
        let mut moved: Vec<i64> = hers().filter(|s| today <= s.at).map(|s| hour(s.at)).collect();
        moved.dedup();
        let since = |s: &Stretch| Stretch { from: s.from.max(today), ..*s };
        let of_today = || day.stretches.iter().filter(|s| today < s.to).map(since);
        let kitchen = of_today().filter(|s| s.is == Stay::In(Place::Kitchen));
        let blind = of_today().filter(|s| s.is == Stay::Unknown).map(|s| (s.to - s.from).0);
        Self {
            last: hers().next_back().map(|stir| stir.at),
            night: night(day, now),
            out: day.has_door.then(|| of_today().filter(|s| s.is == Stay::Out).collect()),
            kitchen: day.seen.contains(&Place::Kitchen).then(|| kitchen.map(|s| s.from).collect()),
            hours_moved: moved.len(),
            hours: usize::try_from(hour(now).max(0) + 1).unwrap_or(1),
            blind: Span(blind.sum()),
        }
    }
}

/// The longest time in bed, with what interrupts it for a while.
fn night(day: &Day, now: Time) -> Option<Night> {
    let mut nights: Vec<(Night, Time, Span)> = Vec::new();
    for bed in day.stretches.iter().filter(|s| s.is == Stay::Bed) {
        let length = bed.to - bed.from;
        match nights.last_mut().filter(|(_, to, _)| bed.from - *to <= UP_MAX) {
            Some((night, to, lain)) => {
                let is_blind =
                    |s: &&Stretch| s.is == Stay::Unknown && *to <= s.from && s.to <= bed.from;
                night.is_patchy |= day.stretches.iter().any(|s| is_blind(&s));
                night.ups += 1;
                (*to, *lain) = (bed.to, Span(lain.0 + length.0));
            }
            None => {
                let night = Night { from: bed.from, to: None, ups: 0, is_patchy: false };
                nights.push((night, bed.to, length));
            }
        }
    }
    let (night, to, _) = nights.into_iter().max_by_key(|(_, _, lain)| *lain)?;
    Some(Night { to: (to < now.min(day.to)).then_some(to), ..night })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::day::Stir;
    use super::*;

    const KNOWN: Known = Known {
        is_open: false,
        is_asked: true,
        silent: 0,
        is_shared: true,
        is_out: false,
        last: Some(Time(0)),
        limit: Some(Span::hours(11)),
    };

    fn at(hour: i64, minute: i64) -> Time {
        Time(0) + Span::minutes(hour * 60 + minute)
    }

    #[test]
    fn well_is_said_only_where_somebody_can_see_it() {
        let of = |known: Known| Verdict::of(&known, at(10, 0));
        assert_eq!(of(KNOWN), Verdict::Well);
        let unknown = Verdict::Unknown;
        for (known, verdict) in [
            (Known { is_open: true, is_out: true, ..KNOWN }, Verdict::Trouble),
            (Known { is_asked: false, ..KNOWN }, unknown(Why::NoAnswer)),
            (Known { silent: 1, ..KNOWN }, unknown(Why::SilentSensors)),
            (Known { silent: 1, is_out: true, ..KNOWN }, unknown(Why::SilentSensors)),
            (Known { is_shared: false, ..KNOWN }, unknown(Why::NotShared)),
            (Known { is_shared: false, is_out: true, ..KNOWN }, unknown(Why::NotShared)),
            (Known { last: None, ..KNOWN }, unknown(Why::NoSign)),
            (Known { limit: None, ..KNOWN }, unknown(Why::NoLimit)),
            (Known { limit: Some(Span::hours(10)), ..KNOWN }, unknown(Why::NoSign)),
            (Known { last: None, is_out: true, ..KNOWN }, Verdict::Out),
        ] {
            assert_eq!(of(known), verdict, "{known:?}");
        }
    }

    /// From yesterday's noon; midnight is hour 12.
    fn lived(
        stretches: &[(i64, i64, Stay)],
        stirs: &[(i64, bool)],
        (now, is_seen): (i64, bool),
    ) -> Daily {
        let stretch = |(from, to, is): &(i64, i64, Stay)| Stretch {
            from: at(*from, 0),
            to: at(*to, 0),
            is: *is,
        };
        let stir = |(hour, visited): &(i64, bool)| Stir {
            at: at(*hour, 5),
            place: None,
            visited: *visited,
        };
        let day = Day {
            from: at(0, 0),
            to: at(36, 0),
            stretches: stretches.iter().map(stretch).collect(),
            stirs: stirs.iter().map(stir).collect(),
            doors: Vec::new(),
            seen: if is_seen { BTreeSet::from([Place::Kitchen]) } else { BTreeSet::new() },
            has_door: is_seen,
        };
        Daily::new(&day, at(12, 0), at(now, 30))
    }

    #[test]
    fn a_day_is_told_from_what_was_seen() {
        let daily = lived(
            &[
                (0, 1, Stay::Home),
                (1, 2, Stay::Bed),
                (2, 10, Stay::In(Place::Kitchen)),
                (10, 14, Stay::Bed),
                (14, 15, Stay::In(Place::Bathroom)),
                (15, 19, Stay::Bed),
                (19, 21, Stay::In(Place::Kitchen)),
                (21, 23, Stay::Out),
                (23, 24, Stay::Unknown),
                (24, 25, Stay::In(Place::Kitchen)),
            ],
            &[(9, false), (14, false), (19, false), (19, false), (24, true)],
            (24, true),
        );
        let night = Night { from: at(10, 0), to: Some(at(19, 0)), ups: 1, is_patchy: false };
        assert_eq!(daily.night, Some(night), "a nap is no night");
        assert_eq!(daily.last, Some(at(19, 5)), "what stirred in company need not be her");
        assert_eq!(daily.kitchen, Some(vec![at(19, 0), at(24, 0)]));
        assert_eq!((daily.hours_moved, daily.hours), (2, 13));
        let out = daily.out.map(|out| out.iter().map(|s| s.from).collect::<Vec<_>>());
        assert_eq!(out, Some(vec![at(21, 0)]));
        assert_eq!(daily.blind, Span::hours(1));
    }

    #[test]
    fn who_still_lies_in_bed_is_not_up_and_a_night_nobody_saw_is_patchy() {
        let daily = lived(
            &[(10, 14, Stay::Bed), (14, 15, Stay::Unknown), (15, 20, Stay::Bed)],
            &[],
            (19, false),
        );
        let night = Night { from: at(10, 0), to: None, ups: 1, is_patchy: true };
        assert_eq!((daily.night, daily.last), (Some(night), None));
        let nothing_tells = (None, None);
        assert_eq!((daily.out, daily.kitchen), nothing_tells, "not seen is not `not out`");
        assert_eq!(lived(&[(0, 20, Stay::Home)], &[], (20, false)).night, None);
    }
}
