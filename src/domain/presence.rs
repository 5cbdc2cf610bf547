//! Where the resident is: at home, out, or nobody knows; in which room; in bed; with company.
//!
//! The way out is told by the door and by what comes after it: the outer door moved and nobody has
//! stirred since. The way back is the door and a stir, or, because a sensor in an empty home may see
//! ghosts, several stirs. Whoever is out for too long is no longer known to be out. All of it is
//! guessed, so only rules about *silence* may rest on it (P6).

use serde::{Deserialize, Serialize};

use super::id::PersonId;
use super::place::Place;
use super::time::{Span, Time};

/// The same sensor sees the same ghost again and again; what comes sooner is one sign.
const APART: Span = Span::seconds(30);

/// By which customs people come and go: `[presence]` in `rules.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Customs {
    /// The door moved and nobody stirred for so long since: out.
    pub leaves: Span,
    /// What stirs so soon after the door does not tell who is left inside.
    pub settles: Span,
    /// So many stirs, within `returns_within`, in a home that should be empty: somebody is there.
    pub returns: usize,
    /// See `returns`.
    pub returns_within: Span,
    /// In bed for so long: asleep.
    pub asleep_after: Span,
    /// Several people were seen no longer ago than this: company.
    pub visits: Span,
    /// Out for longer than this, nobody knows.
    pub forgotten_after: Span,
}

/// Where the resident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whereabouts {
    /// Nobody can tell.
    #[default]
    Unknown,
    /// At home.
    Home,
    /// Out of the house.
    Out,
}

impl Whereabouts {
    /// Its name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Home => "home",
            Self::Out => "out",
        }
    }
}

/// Somebody said that nobody is at home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// Who.
    pub by: PersonId,
    /// Until when, in hub time.
    pub until: Time,
}

/// What is guessed of the resident's whereabouts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Presence {
    is: Whereabouts,
    since: Time,
    /// The outer door moved, and it is not decided yet what that meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    door: Option<Time>,
    /// Stirs in a home that should be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ghosts: Vec<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    away: Option<Away>,
    /// Where somebody stirred last, and since when nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<(Place, Time)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bed: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    company: Option<Time>,
}

/// All that rules may go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// Nobody need be missed at home.
    pub is_out: bool,
    /// Where she is.
    pub is: Whereabouts,
    /// Where she stirred last, and since when nowhere else.
    pub place: Option<(Place, Time)>,
    /// Since when she lies in bed.
    pub bed: Option<Time>,
}

/// What tells of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
    /// The door to the outside moved.
    Door,
    /// Somebody stirred. `sure`: no sensor makes that up, as it takes a hand.
    Stir {
        /// In which kind of room.
        place: Option<Place>,
        /// Whether it takes a person.
        sure: bool,
    },
    /// Somebody lay down, or the bed is empty.
    Bed(bool),
    /// Several people at once.
    Company,
}

impl Presence {
    /// Takes note of a trail.
    pub fn note(&mut self, trail: Trail, customs: &Customs, now: Time) {
        match trail {
            Trail::Door => self.door = Some(now),
            Trail::Company => self.company = Some(now),
            Trail::Bed(lies) => {
                // A pad that only says again that somebody lies there saw nobody move.
                if lies && self.bed.is_some() {
                    return;
                }
                self.bed = lies.then_some(now);
                self.stir(Some(Place::Bedroom), false, customs, now);
            }
            Trail::Stir { place, sure } => self.stir(place, sure, customs, now),
        }
    }

    fn stir(&mut self, place: Option<Place>, sure: bool, customs: &Customs, now: Time) {
        if let Some(place) = place
            && self.place.is_none_or(|(last, _)| last != place)
        {
            self.place = Some((place, now));
        }
        let by_door = self.door.filter(|door| now <= *door + customs.leaves);
        if self.is == Whereabouts::Out || self.away.is_some() {
            self.ghosts.retain(|at| now <= *at + customs.returns_within);
            if self.ghosts.last().is_none_or(|last| *last + APART <= now) {
                self.ghosts.push(now);
            }
            if !sure && by_door.is_none() && self.ghosts.len() < customs.returns {
                return;
            }
            self.away = None;
        }
        self.ghosts.clear();
        // Who lets somebody out is still there a minute later.
        if self.door.is_some_and(|door| door + customs.settles < now)
            || self.is != Whereabouts::Home
        {
            self.door = None;
        }
        self.turn(Whereabouts::Home, now);
    }

    fn turn(&mut self, is: Whereabouts, since: Time) {
        if self.is != is {
            (self.is, self.since) = (is, since);
        }
    }

    /// Decides what falls due by `now`. `eyes`: whether any sensor could have seen somebody stir.
    pub fn pass(&mut self, customs: &Customs, eyes: bool, now: Time) {
        if self.away.as_ref().is_some_and(|away| away.until <= now) {
            self.away = None;
        }
        if let Some(door) = self.door.filter(|door| *door + customs.leaves <= now) {
            self.door = None;
            if self.is != Whereabouts::Out && self.bed.is_none() && eyes {
                self.turn(Whereabouts::Out, door);
                self.place = None;
            }
        }
        if self.is == Whereabouts::Out && self.since + customs.forgotten_after <= now {
            self.turn(Whereabouts::Unknown, now);
        }
    }

    /// When to look again although nobody left a trail.
    pub fn next(&self, customs: &Customs) -> Option<Time> {
        let away = self.away.as_ref().map(|away| away.until);
        let door = self.door.map(|door| door + customs.leaves);
        let out = (self.is == Whereabouts::Out).then(|| self.since + customs.forgotten_after);
        [away, door, out].into_iter().flatten().min()
    }

    /// Somebody says that nobody is at home until then.
    pub fn go_away(&mut self, by: PersonId, until: Time) {
        self.ghosts.clear();
        self.away = Some(Away { by, until });
    }

    /// Somebody says that the resident is back.
    pub fn come_back(&mut self, now: Time) {
        (self.away, self.door) = (None, None);
        self.ghosts.clear();
        self.turn(Whereabouts::Home, now);
    }

    /// All that rules may go by, to be compared with what it was before.
    pub fn outline(&self) -> Outline {
        Outline { is_out: self.is_out(), is: self.is, place: self.place, bed: self.bed }
    }

    /// Where she is, and since when.
    pub const fn whereabouts(&self) -> (Whereabouts, Time) {
        (self.is, self.since)
    }

    /// Whether nobody need be missed at home: she went out, or somebody said so.
    pub fn is_out(&self) -> bool {
        self.is == Whereabouts::Out || self.away.is_some()
    }

    /// Who said that nobody is at home, and until when.
    pub const fn away(&self) -> Option<&Away> {
        self.away.as_ref()
    }

    /// In which kind of room she stirred last, and since when nowhere else; not while she is out.
    pub fn place(&self) -> Option<(Place, Time)> {
        self.place.filter(|_| !self.is_out())
    }

    /// Since when she lies in bed.
    pub const fn in_bed(&self) -> Option<Time> {
        self.bed
    }

    /// Whether she sleeps, as far as a bed can tell.
    pub fn is_asleep(&self, customs: &Customs, now: Time) -> bool {
        self.bed.is_some_and(|since| since + customs.asleep_after <= now)
    }

    /// Whether several people were seen not long ago.
    pub fn has_company(&self, customs: &Customs, now: Time) -> bool {
        self.company.is_some_and(|at| now < at + customs.visits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUSTOMS: Customs = Customs {
        leaves: Span::minutes(10),
        settles: Span::minutes(1),
        returns: 2,
        returns_within: Span::minutes(5),
        asleep_after: Span::minutes(15),
        visits: Span::hours(1),
        forgotten_after: Span::hours(36),
    };

    fn at(minute: i64) -> Time {
        Time(0) + Span::minutes(minute)
    }

    fn stir(place: Place) -> Trail {
        Trail::Stir { place: Some(place), sure: false }
    }

    /// Notes trails by the minute, letting time pass in between, and says where she is at the end.
    fn lived(trails: &[(i64, Trail)], until: i64) -> Presence {
        let mut presence = Presence::default();
        for (minute, trail) in trails {
            while let Some(due) = presence.next(&CUSTOMS).filter(|due| *due < at(*minute)) {
                presence.pass(&CUSTOMS, true, due);
            }
            presence.note(*trail, &CUSTOMS, at(*minute));
        }
        while let Some(due) = presence.next(&CUSTOMS).filter(|due| *due <= at(until)) {
            presence.pass(&CUSTOMS, true, due);
        }
        presence
    }

    #[test]
    fn who_goes_out_is_out_since_the_door_and_back_by_the_door() {
        let goes = [(0, stir(Place::Living)), (5, stir(Place::Hall)), (6, Trail::Door)];
        assert!(!lived(&goes, 15).is_out());
        assert_eq!(lived(&goes, 16).whereabouts(), (Whereabouts::Out, at(6)));
        let back = [&goes[..], &[(120, Trail::Door), (121, stir(Place::Hall))]].concat();
        assert_eq!(lived(&back, 200).whereabouts(), (Whereabouts::Home, at(121)));
    }

    #[test]
    fn who_lets_somebody_out_is_still_at_home() {
        let stays = [(0, stir(Place::Hall)), (6, Trail::Door), (8, stir(Place::Kitchen))];
        assert_eq!(lived(&stays, 60).whereabouts(), (Whereabouts::Home, at(0)));
        let sleeps = [(0, Trail::Bed(true)), (6, Trail::Door)];
        assert!(!lived(&sleeps, 60).is_out(), "somebody else left");
    }

    #[test]
    fn a_ghost_brings_nobody_home_and_two_do() {
        let out = [(0, stir(Place::Hall)), (1, Trail::Door), (60, stir(Place::Living))];
        assert!(lived(&out, 100).is_out());
        let apart = [&out[..], &[(70, stir(Place::Living)), (80, stir(Place::Living))]].concat();
        assert!(lived(&apart, 100).is_out());
        let two = [&out[..], &[(62, stir(Place::Living))]].concat();
        assert!(!lived(&two, 100).is_out());
        let hand = [&out[..], &[(90, Trail::Stir { place: None, sure: true })]].concat();
        assert!(!lived(&hand, 100).is_out());
    }

    #[test]
    fn who_is_out_for_too_long_is_not_known_to_be_out() {
        let goes = [(0, stir(Place::Hall)), (1, Trail::Door)];
        assert!(lived(&goes, 60 * 36).is_out());
        assert_eq!(lived(&goes, 60 * 37).whereabouts().0, Whereabouts::Unknown);
    }

    #[test]
    fn away_ends_by_itself_and_by_whoever_is_there() {
        let mut presence = Presence::default();
        presence.note(stir(Place::Hall), &CUSTOMS, at(0));
        presence.go_away("daughter".parse().unwrap(), at(600));
        presence.note(stir(Place::Hall), &CUSTOMS, at(10));
        assert!(presence.is_out(), "one sign is a ghost");
        presence.note(stir(Place::Hall), &CUSTOMS, at(12));
        assert!(!presence.is_out());
        presence.go_away("daughter".parse().unwrap(), at(600));
        presence.pass(&CUSTOMS, true, at(600));
        assert!(!presence.is_out());
    }

    #[test]
    fn nobody_is_out_where_no_sensor_could_have_seen_them_stay() {
        let mut presence = lived(&[(0, stir(Place::Hall)), (1, Trail::Door)], 5);
        presence.pass(&CUSTOMS, false, at(11));
        assert!(!presence.is_out());
    }
}
