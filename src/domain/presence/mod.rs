//! Where the resident is: at home, out, or nobody knows; in which room; in bed; with company.
//!
//! The way out is told by the door and by what comes after it: the outer door moved and nobody has
//! stirred since. The way back is the door and a stir, or, because a sensor in an empty home may see
//! ghosts, several stirs. Whoever is out for too long is no longer known to be out. All of it is
//! guessed, so only rules about *silence* may rest on it (P6).

use serde::{Deserialize, Serialize};

use super::id::PersonId;
use super::observation::{Property, Value};
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
    /// For so long a radar may still see whoever has left.
    pub lingers: Span,
    /// So many stirs, within `returns_within`, in a home that should be empty: somebody is there.
    pub returns: usize,
    /// See `returns`.
    pub returns_within: Span,
    /// In bed for so long: asleep.
    pub asleep_after: Span,
    /// Several people were seen no longer ago than this: company. And who was called is gone so long
    /// after they are done.
    pub visits: Span,
    /// Who is on the scene and does not say that it is done is taken to be there for so long.
    pub stays: Span,
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

/// People who were called may be in the home: what stirs there need not be the resident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Since then, in hub time.
    pub since: Time,
    /// Until then, if they have done what they came for.
    pub until: Option<Time>,
}

impl Visit {
    /// Whether there are people, now: the visit goes on, ends, or a new one begins.
    pub fn go_on(visit: &mut Option<Self>, is: bool, now: Time) {
        match visit {
            Some(Self { until: None, .. }) if is => {}
            Some(Self { until: until @ None, .. }) => *until = Some(now),
            visit if is => *visit = Some(Self { since: now, until: None }),
            Some(Self { until: Some(_), .. }) | None => {}
        }
    }

    /// Whether they may have been there. They leave some time after they are done.
    pub fn covers(&self, at: Time, customs: &Customs) -> bool {
        self.since <= at && self.until.is_none_or(|until| at <= until + customs.visits)
    }
}

/// What is guessed of the resident's whereabouts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Presence {
    is: Whereabouts,
    since: Time,
    /// The outer door moved, and it is not decided yet what that meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    door: Option<Time>,
    /// When she came home by it last, and whether it stands open behind her.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    came: Option<Time>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ajar: bool,
    /// Stirs in a home that should be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ghosts: Vec<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    away: Option<Away>,
    /// From when on she may be missed: she was said to be back, or to be away no longer than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    back: Option<Time>,
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
    /// Until when she was said to be away, and when to be back.
    pub said: (Option<Time>, Option<Time>),
}

/// What tells of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
    /// The door to the outside was opened, or shut.
    Door(bool),
    /// Somebody stirred. `sure`: no sensor makes that up, as it takes a hand.
    Stir {
        /// In which kind of room.
        place: Option<Place>,
        /// Whether it takes a person.
        sure: bool,
    },
    /// A sensor that sees people sees nobody any more, as it did until now.
    Gone,
    /// Somebody lay down, or the bed is empty.
    Bed(bool),
    /// Several people at once.
    Company,
}

impl Trail {
    /// What a device in a room of this kind tells by it. `is_change`: it was something else before.
    pub fn of(
        place: Option<Place>,
        property: Property,
        value: Value,
        is_change: bool,
    ) -> Option<Self> {
        let stir = |sure| Some(Self::Stir { place, sure });
        match (property, value) {
            (Property::Open, Value::Flag(opens)) if is_change && place == Some(Place::Hall) => {
                Some(Self::Door(opens))
            }
            (Property::Open, _) if is_change => stir(false),
            (Property::InBed, Value::Flag(lies)) if is_change || lies => Some(Self::Bed(lies)),
            (Property::Motion | Property::Presence | Property::Vibration, Value::Flag(true)) => {
                stir(false)
            }
            (Property::Presence, Value::Flag(false)) if is_change => Some(Self::Gone),
            (Property::Press | Property::Help, _) => stir(true),
            (Property::Targets, Value::Number(n)) if 2.0 <= n => Some(Self::Company),
            _ => None,
        }
    }
}

impl Presence {
    /// Takes note of a trail. `visited`: people who were called are there, and may have left it. That does
    /// not bring her home from wherever she is, nor does it take her out.
    pub fn note(&mut self, trail: Trail, visited: bool, customs: &Customs, now: Time) {
        match trail {
            Trail::Door(_) if visited => {}
            Trail::Stir { sure: false, .. } if visited && self.is_out() => {}
            // Who shuts the door behind them on the way in, however late, does not leave by that.
            Trail::Door(false) if self.ajar => self.ajar = false,
            Trail::Door(_) => (self.door, self.ajar) = (Some(now), false),
            // Long after the door: somebody was left inside.
            Trail::Gone => self.door = self.door.filter(|door| now <= *door + customs.lingers),
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
            (self.came, self.ajar) = (by_door.map(|_| now), by_door.is_some());
        }
        self.ghosts.clear();
        // Who lets somebody out is still there when the door is shut.
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

    /// Decides what falls due by `now`. `empty`: sensors that would see somebody who stayed see nobody.
    pub fn pass(&mut self, customs: &Customs, empty: bool, now: Time) {
        if let Some(away) = self.away.take_if(|away| away.until <= now) {
            self.back = Some(away.until);
        }
        if let Some(door) = self.door.filter(|door| *door + customs.leaves <= now) {
            self.door = None;
            if self.is != Whereabouts::Out && self.bed.is_none() && empty {
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
        self.doubt(now);
        self.back = Some(now);
    }

    /// Nobody believes any more that she is elsewhere: she may be at home, and have been so all the time.
    pub fn doubt(&mut self, now: Time) {
        (self.away, self.door) = (None, None);
        self.ghosts.clear();
        self.turn(Whereabouts::Home, now);
    }

    /// All that rules may go by, to be compared with what it was before.
    pub fn outline(&self) -> Outline {
        let said = (self.away.as_ref().map(|away| away.until), self.back);
        Outline { is_out: self.is_out(), is: self.is, place: self.place, bed: self.bed, said }
    }

    /// Where she is, and since when.
    pub const fn whereabouts(&self) -> (Whereabouts, Time) {
        (self.is, self.since)
    }

    /// Whether it was she, coming home, who opened the door then.
    pub fn came_by(&self, door: Time, customs: &Customs) -> bool {
        self.came.is_some_and(|came| door <= came && came <= door + customs.leaves)
    }

    /// Whether nobody need be missed at home: she went out, or somebody said so.
    pub fn is_out(&self) -> bool {
        self.is == Whereabouts::Out || self.away.is_some()
    }

    /// She was said to be back then, or to be away no longer: a silence at home begins not before.
    pub const fn said_back(&self) -> Option<Time> {
        self.back
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
mod tests;
