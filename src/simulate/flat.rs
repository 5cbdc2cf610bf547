//! The flat: what is mounted where, and what each device has said of late.

use std::fmt;
use std::str::FromStr;

use crate::domain::{
    Binding, Contact, Device, DeviceId, Home, HomeId, Name, Place, Property, Responder, Role, Span,
    Time,
};

use super::Dice;

/// The sets of sensors that homes usually have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    /// Motion in two rooms, the entrance door, a help button.
    Minimal,
    /// A bed pad, motion in most rooms, the door, a fall radar in the bathroom, smoke, gas, leak, and
    /// two buttons: one for help, one to say that all is well.
    Usual,
    /// And what measures: heart and breath in bed, oximeter, cuff, thermometers, water, the stove.
    Rich,
}

impl Set {
    /// Every one there is.
    pub const ALL: [Self; 3] = [Self::Minimal, Self::Usual, Self::Rich];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Usual => "usual",
            Self::Rich => "rich",
        }
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Set {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|set| set.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no set `{text}`: one of {names}")
        })
    }
}

/// What a device is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    Motion,
    /// Presence, and how many people.
    Radar,
    /// Presence, and a fall.
    Fall,
    Bed,
    /// Heart and breath of who lies in bed.
    Pulse,
    Door,
    Help,
    Press,
    Smoke,
    Gas,
    CarbonMonoxide,
    Leak,
    Climate,
    Oximeter,
    Cuff,
    Thermometer,
    Meter,
    Stove,
    /// Says that it is there, and nothing else.
    Other,
}

/// By which words a registered device is known for what it is; the first that fits.
const WORDS: [(&str, Sense); 20] = [
    ("heart", Sense::Pulse),
    ("fall", Sense::Fall),
    ("radar", Sense::Radar),
    ("motion", Sense::Motion),
    ("pir", Sense::Motion),
    ("bed", Sense::Bed),
    ("door", Sense::Door),
    ("help", Sense::Help),
    ("ok-", Sense::Press),
    ("smoke", Sense::Smoke),
    ("gas", Sense::Gas),
    ("co-", Sense::CarbonMonoxide),
    ("leak", Sense::Leak),
    ("climate", Sense::Climate),
    ("oximeter", Sense::Oximeter),
    ("cuff", Sense::Cuff),
    ("thermometer", Sense::Thermometer),
    ("meter", Sense::Meter),
    ("stove", Sense::Stove),
    ("", Sense::Other),
];

impl Sense {
    fn of(id: &str) -> Self {
        WORDS.iter().find(|(word, _)| id.contains(word)).map_or(Self::Other, |(_, sense)| *sense)
    }

    /// Whether a life may hang on it.
    const fn is_life(self) -> bool {
        matches!(
            self,
            Self::Fall | Self::Help | Self::Smoke | Self::Gas | Self::CarbonMonoxide | Self::Leak
        )
    }

    /// Used now and then, and silent in between.
    const fn is_spot(self) -> bool {
        matches!(self, Self::Oximeter | Self::Cuff | Self::Thermometer)
    }

    /// Whether it runs from a battery that is changed when it is empty.
    const fn has_battery(self) -> bool {
        match self {
            Self::Motion
            | Self::Bed
            | Self::Door
            | Self::Help
            | Self::Press
            | Self::Smoke
            | Self::Leak
            | Self::Climate => true,
            Self::Radar
            | Self::Fall
            | Self::Pulse
            | Self::Gas
            | Self::CarbonMonoxide
            | Self::Oximeter
            | Self::Cuff
            | Self::Thermometer
            | Self::Meter
            | Self::Stove
            | Self::Other => false,
        }
    }

    /// The flag that it repeats whenever it says that it is there.
    pub(super) const fn flag(self) -> Option<Property> {
        match self {
            Self::Bed => Some(Property::InBed),
            Self::Door => Some(Property::Open),
            Self::Radar | Self::Fall => Some(Property::Presence),
            Self::Smoke => Some(Property::Smoke),
            Self::Gas => Some(Property::Gas),
            Self::CarbonMonoxide => Some(Property::CarbonMonoxide),
            Self::Leak => Some(Property::Leak),
            Self::Motion
            | Self::Pulse
            | Self::Help
            | Self::Press
            | Self::Climate
            | Self::Oximeter
            | Self::Cuff
            | Self::Thermometer
            | Self::Meter
            | Self::Stove
            | Self::Other => None,
        }
    }
}

/// A device as it is in this life.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub(super) id: DeviceId,
    pub(super) sense: Sense,
    pub(super) place: Place,
    pub(super) quiet_after: Option<Span>,
    /// How often it says that it is there.
    pub(super) hum: Span,
    pub(super) next_hum: Time,
    /// What is left in per cent, and how much of it goes in a day.
    pub(super) battery: Option<(f64, f64)>,
    /// Nothing of it arrives until then.
    pub(super) lost: Time,
    /// The flag it tells, as it stands.
    pub(super) flag: bool,
    /// When it last saw somebody move.
    pub(super) moved: Time,
}

/// All that is mounted.
#[derive(Debug, Clone)]
pub(super) struct Flat {
    pub(super) things: Vec<Thing>,
}

impl Flat {
    /// As registered: what a device is there for is known by its name, where it is by its place or
    /// else by the words of its room.
    pub(super) fn of(home: &Home, from: Time, dice: &mut Dice) -> Self {
        let mut thing = |device: &Device| {
            let sense = Sense::of(device.id.as_str());
            let hum = device.quiet_after.map_or(Span::hours(1), |q| Span(q.0 / 3));
            let hum = hum.min(Span::hours(1));
            let battery =
                sense.has_battery().then(|| (dice.number(18, 100), dice.number(1, 3) / 10.0));
            Thing {
                id: device.id.clone(),
                sense,
                place: place(device),
                quiet_after: device.quiet_after,
                hum,
                next_hum: dice.within(from, from + hum),
                battery,
                lost: from,
                flag: false,
                moved: Time(0),
            }
        };
        Self { things: home.devices.iter().map(&mut thing).collect() }
    }

    /// The first device of this kind, wherever it is.
    pub(super) fn any(&self, sense: Sense) -> Option<usize> {
        self.things.iter().position(|t| t.sense == sense)
    }

    /// The first device of this kind in this place.
    pub(super) fn at(&self, sense: Sense, place: Place) -> Option<usize> {
        self.things.iter().position(|t| t.sense == sense && t.place == place)
    }

    pub(super) fn has(&self, sense: Sense) -> bool {
        self.any(sense).is_some()
    }
}

fn place(device: &Device) -> Place {
    let words = format!("{} {}", device.id, device.room);
    let named = Place::ALL.iter().copied().find(|place| words.contains(place.name()));
    device.place.or(named).unwrap_or(Place::Living)
}

/// A home with a set of sensors of this kind, and the people who come.
pub fn furnish(set: Set, id: HomeId, dice: &mut Dice) -> Home {
    let mut devices = Vec::new();
    let mut mount = |name: &str, place: Place, quiet: i64| {
        let Ok(id) = name.parse::<DeviceId>() else { return };
        let sense = Sense::of(name);
        devices.push(Device {
            room: place.name().to_owned(),
            place: Some(place),
            quiet_after: (!sense.is_spot()).then_some(Span::hours(quiet)),
            is_life: sense.is_life(),
            ..Device::new(id, "", Binding::Direct)
        });
    };
    mount("front-door", Place::Hall, 3);
    mount("help-button", Place::Living, 6);
    mount("living-motion", Place::Living, 3);
    match set {
        Set::Minimal if dice.percent(50) => mount("hall-motion", Place::Hall, 3),
        Set::Minimal => mount("bathroom-motion", Place::Bathroom, 3),
        Set::Usual | Set::Rich => {
            mount("hall-motion", Place::Hall, 3);
            mount("kitchen-motion", Place::Kitchen, 3);
            mount("bed-pad", Place::Bedroom, 3);
            mount("bathroom-fall", Place::Bathroom, 2);
            mount("kitchen-smoke", Place::Kitchen, 3);
            mount("kitchen-gas", Place::Kitchen, 3);
            mount("bathroom-leak", Place::Bathroom, 3);
            mount("ok-button", Place::Living, 6);
            if dice.percent(50) {
                mount("bathroom-motion", Place::Bathroom, 3);
            }
        }
    }
    match set {
        Set::Minimal => {}
        Set::Usual if dice.percent(50) => mount("living-climate", Place::Living, 3),
        Set::Usual => {}
        Set::Rich => {
            mount("living-climate", Place::Living, 3);
            mount("bedroom-motion", Place::Bedroom, 3);
            mount("living-radar", Place::Living, 2);
            mount("bedside-heart", Place::Bedroom, 2);
            mount("kitchen-co-alarm", Place::Kitchen, 3);
            mount("oximeter", Place::Bedroom, 3);
            mount("cuff", Place::Living, 3);
            mount("thermometer", Place::Bedroom, 3);
            mount("water-meter", Place::Bathroom, 3);
            mount("stove-plug", Place::Kitchen, 3);
        }
    }
    let responders = people();
    let ask = contact("voice").into_iter().collect();
    Home { responders, ask, ..Home::new(id, "Asia/Shanghai", devices) }
}

/// One person of every role, and a second technician: who resolved it cannot verify it.
fn people() -> Vec<Responder> {
    let person = |role: Role, name: &str| {
        let id = name.parse().ok()?;
        let contacts = contact("screen").into_iter().collect();
        Some(Responder::new(id, name, role, contacts))
    };
    let one = |role: &Role| person(*role, role.name());
    Role::ALL.iter().filter_map(one).chain(person(Role::Technician, "technician-2")).collect()
}

fn contact(channel: &str) -> Option<Contact> {
    channel.parse::<Name>().ok().map(|channel| Contact::new(channel, String::new()))
}
