//! A home: where it is, what is mounted in it, who comes.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::consent::{Consent, Scope};
use super::duty::{Calendar, Reckoning};
use super::id::{DeviceId, HomeId, Name, PersonId};
use super::person::{Contact, Responder, Role};
use super::place::Place;
use super::reach::{Phone, Position};
use super::time::Span;

/// Everything the engine needs to know of one home, resolved from the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// Its name in topics and incidents.
    pub id: HomeId,
    /// What people call it. No person's name belongs here: it is shown on pages and in messages.
    pub name: String,
    /// Where to go and how to get in; shown on pages only.
    pub address: String,
    /// How to call whoever is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The same place as `address`, for maps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// IANA time zone, `Asia/Shanghai`. Checked when the register is read.
    pub zone: String,
    /// What is mounted.
    pub devices: Vec<Device>,
    /// Who can come, in the register's order.
    pub responders: Vec<Responder>,
    /// Which days are worked, by which their duty is reckoned.
    #[serde(default, skip_serializing_if = "Calendar::is_empty")]
    pub calendar: Calendar,
    /// How the home itself speaks to the resident: a voice, a light.
    pub ask: Vec<Contact>,
    /// The grid it belongs to: when many homes of one fall silent together, that is one incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<Name>,
    /// It is a grid itself: its devices are homes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_area: bool,
    /// A help post in a public place: nobody lives there, and it is about nobody in particular.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_post: bool,
    /// How often somebody visits: a tier of a rule of kind *visit*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visits: Option<Name>,
    /// What the resident has agreed to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    /// Rules that are otherwise for this resident.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// A rule as it is for one resident: somebody decided that, on some day, for a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which rule.
    pub rule: Name,
    /// What is otherwise, as a table of `rules.toml`.
    pub set: String,
    /// It is not looked for at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
    /// Who decided.
    pub by: PersonId,
    /// When, as a date.
    pub on: String,
    /// Why.
    pub why: String,
}

/// A thing in the home that reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Unique within the home.
    pub id: DeviceId,
    /// Its model's profile, `zigbee2mqtt/aqara-SJCGQ11LM`: a path below `devices/` without `.toml`.
    pub profile: String,
    /// Where in the home, in people's words.
    pub room: String,
    /// Which kind of room that is, if `coverage.toml` knows the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// How its messages are known.
    pub binding: Binding,
    /// What stands in the place of the first level of its profile's topics, if its bridge has another:
    /// `zigbee` for `zigbee2mqtt`, or several levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Silent for longer than this, it counts as gone. `None`: nobody expects it to speak regularly.
    pub quiet_after: Option<Span>,
    /// Whether a life may hang on it: its profile reports a property that [`is_life`].
    ///
    /// [`is_life`]: super::Property::is_life
    #[serde(default)]
    pub is_life: bool,
    /// How it is fixed, if the register says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount: Option<Mount>,
    /// How high above the floor, in cm, if the register says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

super::level::words! {
    /// How a device is fixed. Ceiling: looking down. Corner: where two walls meet. Door: on a door or window and
    /// its frame. Bed: in or under it. Table: also a shelf, a bedside. Worn: on the resident's body.
    Mount, "way to fix a device":
    Ceiling "ceiling" "吸顶";
    Wall    "wall"    "壁挂";
    Corner  "corner"  "墙角";
    Door    "door"    "门窗";
    Bed     "bed"     "床上或床下";
    Floor   "floor"   "地面";
    Table   "table"   "桌面";
    Worn    "worn"    "佩戴";
}

/// How the messages of a device are told from those of all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binding {
    /// What stands for `{device}` in the profile's topic.
    Mqtt(String),
    /// A serial port of its own, `/dev/serial/by-id/…`.
    Serial(String),
    /// A unit on a Modbus line, which several may share.
    Modbus {
        /// The serial port, `/dev/serial/by-id/…`.
        port: String,
        /// The unit's address on the line, 1 to 247.
        unit: u8,
    },
    /// Observations come decoded, over HTTP or in a replay; no profile is needed.
    Direct,
}

impl Device {
    /// Whether both are one and the same piece, wherever it hangs: what the one said, the other did.
    pub fn is_same_piece(&self, other: &Self) -> bool {
        let bound = |d: &Self| (d.binding.clone(), d.base.clone());
        self.id == other.id && bound(self) == bound(other) && self.profile == other.profile
    }

    /// Whether it is the same piece in the same place: a test that it passed still tells.
    pub fn is_as(&self, other: &Self) -> bool {
        let place = |d: &Self| (d.room.clone(), d.mount, d.height);
        self.is_same_piece(other) && place(self) == place(other)
    }
}

impl Device {
    /// A device of which no more is known: in no room, not said to be fixed anywhere, and nobody
    /// expects it to speak.
    pub fn new(id: DeviceId, profile: &str, binding: Binding) -> Self {
        Self {
            id,
            profile: profile.to_owned(),
            room: String::new(),
            place: None,
            binding,
            quiet_after: None,
            is_life: false,
            mount: None,
            height: None,
            base: None,
        }
    }
}

impl Home {
    /// A home with these devices, called by its id, to which nobody comes yet.
    pub fn new(id: HomeId, zone: &str, devices: Vec<Device>) -> Self {
        Self {
            name: id.to_string(),
            id,
            address: String::new(),
            phone: None,
            position: None,
            zone: zone.to_owned(),
            devices,
            responders: Vec::new(),
            calendar: Calendar::default(),
            ask: Vec::new(),
            grid: None,
            is_area: false,
            is_post: false,
            visits: None,
            consents: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// The home that the hub itself is: its store, clock and brokers are its devices.
    pub const HUB: &str = "hub";

    /// The device by whose word a home knows that its whole grid is silent.
    pub const AREA: &str = "area";

    /// Whether it is the hub's own.
    pub fn is_hub(&self) -> bool {
        self.id.as_str() == Self::HUB
    }

    /// Neither the hub's own home nor a grid: somebody lives there, or a help post stands there.
    pub fn is_ordinary(&self) -> bool {
        !self.is_hub() && !self.is_area
    }

    /// Whether the resident agrees to this now. What was never asked is not agreed to.
    pub fn consents_to(&self, scope: Scope) -> bool {
        self.consents.iter().any(|c| c.scope == scope && c.withdrawn.is_none())
    }

    /// Whether this person is shown what is measured of the resident's body: those who come to this home,
    /// and of them family only where that is agreed to. Why somebody must come is told to all who must.
    pub fn shows_vitals_to(&self, who: &PersonId) -> bool {
        self.shows_to(who, &[Scope::FamilySharing])
    }

    /// Whether this person is shown where the resident is and was: those who come to this home, and of them
    /// family only where both is agreed to, that it is known and that they see it.
    pub fn shows_whereabouts_to(&self, who: &PersonId) -> bool {
        self.shows_to(who, &[Scope::FamilySharing, Scope::Location])
    }

    /// Those who come to this home, and of them family only where all of this is agreed to.
    fn shows_to(&self, who: &PersonId, agreed: &[Scope]) -> bool {
        self.responder(who).is_some_and(|person| match person.role {
            Role::Family => agreed.iter().all(|scope| self.consents_to(*scope)),
            Role::MicroGrid
            | Role::Grid
            | Role::Community
            | Role::Street
            | Role::Department
            | Role::Technician
            | Role::Supervisor => true,
        })
    }

    /// By what duty is reckoned here.
    pub const fn reckoning<'r>(&'r self, zone: &'r TimeZone) -> Reckoning<'r> {
        Reckoning { calendar: &self.calendar, zone }
    }

    /// The device of this name.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.iter().find(|d| d.id == *id)
    }

    /// The responder of this name.
    pub fn responder(&self, id: &PersonId) -> Option<&Responder> {
        self.responders.iter().find(|r| r.id == *id)
    }
}
