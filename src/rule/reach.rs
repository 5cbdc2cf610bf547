//! What the devices of a home could ever tell, and which rules therefore sleep there.

use crate::baseline::LearnSettings;
use crate::domain::{Customs, Place, Property};

use super::{Cue, Kind};

/// What the devices of a home report, as far as their models say, and by what the book goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach<'a> {
    /// Each property, with the kind of room from which it is reported.
    pub reports: Vec<(Property, Option<Place>)>,
    /// How habits are learnt, if they are.
    pub learning: Option<&'a LearnSettings>,
    /// By which customs people come and go, if any.
    pub customs: Option<&'a Customs>,
}

impl Reach<'_> {
    /// Whether anything reports it, in that kind of room if one is named.
    pub fn has(&self, property: Property, place: Option<Place>) -> bool {
        let there = |of: &Option<Place>| place.is_none() || *of == place;
        self.reports.iter().any(|(is, of)| *is == property && there(of))
    }

    /// What is wrong if none of these is reported.
    pub fn lacks_all(&self, wanted: &[(Property, Option<Place>)]) -> Option<String> {
        if wanted.iter().any(|(property, place)| self.has(*property, *place)) {
            return None;
        }
        let names = wanted.iter().map(|(property, place)| match place {
            Some(place) => format!("{property} in the {place}"),
            None => property.to_string(),
        });
        Some(format!("nothing in this home reports {}", names.collect::<Vec<_>>().join(", ")))
    }

    /// What is wrong if this cannot be seen.
    pub fn lacks_cue(&self, cue: &Cue) -> Option<String> {
        self.lacks_all(&[(cue.sign.property, cue.place)])
    }

    /// What is wrong if nobody could be seen to come and go.
    pub fn lacks_customs(&self) -> Option<String> {
        let why = "rules.toml has no [presence], so nobody knows where she is";
        self.customs.is_none().then(|| why.to_owned())
    }

    /// What is wrong if nothing can be learnt of the home's days.
    pub fn lacks_signs(&self) -> Option<String> {
        let Some(learning) = self.learning else {
            return Some("rules.toml has no [learning]".to_owned());
        };
        let signs: Vec<_> = learning.signs.iter().map(|property| (*property, None)).collect();
        let why = self.lacks_all(&signs)?;
        Some(format!("nothing is learnt here, as {why}"))
    }
}

impl Kind {
    /// Why it could never hold in such a home; `None` if it could. Points can come from few findings,
    /// so one is enough.
    pub fn lacks(&self, reach: &Reach<'_>) -> Option<String> {
        let anywhere = |of: &[Property]| {
            reach.lacks_all(&of.iter().map(|property| (*property, None)).collect::<Vec<_>>())
        };
        match self {
            Self::Emergency(_)
            | Self::Threshold(_)
            | Self::Rate(_)
            | Self::Absence(_)
            | Self::Score(_)
            | Self::Supervision(_) => anywhere(self.concerns()),
            Self::Visit(_) | Self::Reported(_) => None,
            Self::Count(kind) => reach.lacks_cue(&kind.of),
            Self::Dwell(kind) => kind.lacks(reach),
            Self::Inactivity(kind) => {
                let learns = kind.own.and_then(|_| reach.lacks_signs());
                anywhere(&kind.of).or(learns)
            }
            Self::Sequence(kind) => kind.lacks(reach),
            Self::Deviation(kind) => kind.lacks(reach),
            Self::Expression(kind) => {
                if kind.could_hold(|property, place| reach.has(property, place)) {
                    return None;
                }
                let silent = |(p, place): &(Property, Option<Place>)| !reach.has(*p, *place);
                reach.lacks_all(&kind.atoms().filter(silent).collect::<Vec<_>>())
            }
        }
    }
}
