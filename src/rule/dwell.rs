//! *Dwell*: too long in one place: in the bathroom, in bed, out of the house. By day and by night
//! the limits differ.

use std::fmt;
use std::str::FromStr;

use crate::domain::time::Window;
use crate::domain::{Place, Property, Reason, Span, Time, Whereabouts, both};
use crate::form::Form;

use super::{Judgement, Reach, Verdict, View};

/// What sees somebody who passes, or arrives. The outer door sees nobody who stays at home.
const STIRS: [Property; 3] = [Property::Motion, Property::Presence, Property::InBed];

/// `dwell = { in = "bathroom", longer_than = "60m", at_night = "30m", night = "22:00-06:00" }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dwell {
    /// Where.
    pub whereabouts: Where,
    /// The limit; by day, if there is another for the night.
    pub longer_than: Span,
    /// The limit of a stay that begins at night, and when night is.
    pub at_night: Option<(Span, Window)>,
}

/// Where somebody may stay for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In a kind of room.
    Room(Place),
    /// In bed.
    Bed,
    /// Out of the house.
    Out,
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(place) => place.fmt(f),
            Self::Bed => f.write_str("bed"),
            Self::Out => f.write_str("out"),
        }
    }
}

impl FromStr for Where {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "bed" => Ok(Self::Bed),
            "out" => Ok(Self::Out),
            room => match room.parse() {
                Ok(place) => Ok(Self::Room(place)),
                Err(why) => Err(format!("{why}, or bed, or out")),
            },
        }
    }
}

impl Dwell {
    /// Reads it from a rule.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let whereabouts = form.needs::<Where>("in");
        let longer_than = form.needs::<Span>("longer_than");
        let at_night = form.may::<Span>("at_night");
        let night = form.may::<Window>("night");
        if at_night.is_some() != night.is_some() {
            form.wrong(both!(
                "`at_night` 和 `night` 须同填或都不填",
                "`at_night` and `night` go together: how long, and when night is"
            ));
        }
        if [longer_than, at_night].into_iter().flatten().any(|span| span < Span::minutes(1)) {
            form.wrong(both!("停留时长至少一分钟", "a stay of less than a minute is none"));
        }
        form.done();
        let at_night = at_night.zip(night);
        Some(Self { whereabouts: whereabouts?, longer_than: longer_than?, at_night })
    }

    /// The longer of its limits.
    pub fn longest(&self) -> Span {
        self.at_night.map_or(self.longer_than, |(night, _)| night.max(self.longer_than))
    }

    /// The properties whose reports may change the verdict.
    pub const fn concerns(&self) -> &'static [Property] {
        match self.whereabouts {
            Where::Room(_) => &[Property::Presence],
            Where::Bed => &[Property::InBed],
            Where::Out => &[],
        }
    }

    /// Why nobody could be seen to stay there: what sees a person who keeps still is enough, else
    /// something must see her come and something else see her leave.
    pub fn lacks(&self, reach: &Reach<'_>) -> Option<String> {
        if let Some(why) = reach.lacks_customs() {
            return Some(why);
        }
        let eyes = [Property::Motion, Property::Presence];
        match self.whereabouts {
            Where::Bed => reach.lacks_all(&[(Property::InBed, None)]),
            Where::Out => {
                let door = reach.lacks_all(&[(Property::Open, Some(Place::Hall))]);
                door.or_else(|| reach.lacks_all(&eyes.map(|eye| (eye, None))))
            }
            Where::Room(place) => {
                if reach.has(Property::Presence, Some(place)) {
                    return None;
                }
                let here = reach.lacks_all(&eyes.map(|eye| (eye, Some(place))));
                let ways = || WAYS.into_iter().filter(|way| *way != place);
                let leaves = || ways().any(|w| STIRS.iter().any(|stir| reach.has(*stir, Some(w))));
                let unseen = || {
                    let ways: Vec<_> = ways().map(Place::name).collect();
                    format!(
                        "nothing sees anybody leave the {place}, in the {}",
                        ways.join(" or the ")
                    )
                };
                here.or_else(|| (!leaves()).then(unseen))
            }
        }
    }

    /// Holds since the stay began, once it has been too long.
    pub fn judge(&self, view: &View<'_>) -> Judgement {
        let since = match self.stay(view) {
            Stay::Since(since) => since,
            Stay::Elsewhere => return Verdict::Normal.into(),
            Stay::Unknown => return Verdict::Unknown.into(),
        };
        let due = since + self.limit(view, since);
        if view.now < due {
            return Judgement { verdict: Verdict::Normal, again: Some(due) };
        }
        let has_company = view.customs.is_some_and(|c| view.presence.has_company(c, view.now));
        if has_company && self.whereabouts != Where::Out {
            // Whoever helps her in the bath sees for themselves.
            let again = view.customs.map(|customs| view.now + customs.visits);
            return Judgement { verdict: Verdict::Resting, again };
        }
        Verdict::Holds { since, live: true }.into()
    }

    /// Names where and since when.
    pub fn reason(&self, view: &View<'_>, since: Time) -> Reason {
        let place = match self.whereabouts {
            Where::Room(place) => Some(place),
            Where::Bed => return Reason::InBed { since: view.clock(since) },
            Where::Out => None,
        };
        Reason::Stays { place, since: view.clock(since) }
    }

    fn limit(&self, view: &View<'_>, since: Time) -> Span {
        let night = self.at_night.filter(|(_, n)| n.place(view.wall(since), view.zone).is_ok());
        night.map_or(self.longer_than, |(limit, _)| limit)
    }

    fn stay(&self, view: &View<'_>) -> Stay {
        if view.customs.is_none() {
            return Stay::Unknown;
        }
        match self.whereabouts {
            Where::Bed => match view.presence.in_bed() {
                Some(since) => Stay::Since(since),
                None => Stay::Elsewhere,
            },
            Where::Out => match view.presence.whereabouts() {
                (Whereabouts::Out, _) if view.presence.away().is_some() => Stay::Elsewhere,
                (Whereabouts::Out, since) => Stay::Since(since),
                (Whereabouts::Home, _) => Stay::Elsewhere,
                (Whereabouts::Unknown, _) => Stay::Unknown,
            },
            Where::Room(place) => in_room(view, place),
        }
    }
}

/// Whoever leaves a room goes through the hall, or to bed. In a home where neither is seen, a visit to the
/// bathroom at night would last until morning.
const WAYS: [Place; 2] = [Place::Hall, Place::Bedroom];

enum Stay {
    Since(Time),
    Elsewhere,
    Unknown,
}

/// What sees a person who keeps still says so itself; else she is where she stirred last, if there
/// are eyes that would have seen her leave.
fn in_room(view: &View<'_>, place: Place) -> Stay {
    let placed = |device| view.home.device(device).and_then(|d| d.place);
    let sees = view.situation.facts(Property::Presence);
    let mut here = sees.filter(|(d, _)| placed(d) == Some(place) && view.is_alive(d)).peekable();
    if here.peek().is_some() {
        let inside = here.filter(|(_, fact)| fact.value.is_true()).map(|(_, fact)| fact.since);
        return inside.min().map_or(Stay::Elsewhere, Stay::Since);
    }
    let stirs = STIRS.iter().flat_map(|property| view.situation.facts(*property));
    let on_the_way = |device| placed(device).is_some_and(|o| o != place && WAYS.contains(&o));
    let eyes = stirs.into_iter().any(|(device, _)| on_the_way(device) && view.is_alive(device));
    match view.presence.place() {
        Some((is, since)) if is == place && eyes => Stay::Since(since),
        Some((is, _)) if is == place => Stay::Unknown,
        Some(_) => Stay::Elsewhere,
        None if view.presence.is_out() => Stay::Elsewhere,
        None => Stay::Unknown,
    }
}
