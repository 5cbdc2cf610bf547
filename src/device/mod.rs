//! From bytes to observations: framings, profiles, and the catalogue of who is who.

use crate::domain::{DeviceId, HomeId, Observation};

pub mod discovery;
pub mod frame;
pub mod identify;
mod misread;
pub mod modbus;
mod pick;
pub mod profile;
mod decode;
mod shipped;
pub mod catalog;
pub mod draft;
pub mod waiting;
pub mod coverage;
pub mod walk;
pub mod commissioning;

pub use catalog::{Bus, Catalog, Port, Speech};
pub use commissioning::Commissioning;
pub use coverage::{Cover, Coverage, Gap};
pub use discovery::{Announced, Announcement, Newcomer};
pub use frame::{Deframer, Found, FrameError, Framing};
pub use misread::{Misread, Problem};
pub use profile::{
    Command, Deed, KnownBy, Limits, Line, Modbus, Parity, Profile, Profiles, Words, profiles_from,
};
pub use shipped::SHIPPED;

/// A message as a source received it, before anybody looked inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMessage {
    /// Where it came in.
    pub origin: Origin,
    /// What it carries; for a serial port one whole frame or line, without what is around it; for a
    /// unit of a Modbus line the question and all that was heard after it (see [`modbus`]).
    pub payload: Vec<u8>,
    /// A broker kept it and handed it over again: state, not news. False for a message that a
    /// device publishes to our own listener with the retain flag: that one is fresh.
    pub retained: bool,
}

/// Where a message came in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Published to this topic.
    Mqtt(String),
    /// Read from this serial port, as the register names it; from a unit of a shared line
    /// `/dev/ttyUSB0@3` (see [`Self::unit`]).
    Serial(String),
}

impl Origin {
    /// A unit of a line that several share.
    pub fn unit(port: &str, unit: u8) -> Self {
        Self::Serial(format!("{port}@{unit}"))
    }
}

/// What the catalogue makes of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Decoded {
    /// It comes from a device of the register.
    Known {
        /// In which home.
        home: HomeId,
        /// Which device.
        device: DeviceId,
        /// What it says; may be nothing.
        observations: Vec<Observation>,
        /// What could not be understood, with what was wrong where (P10).
        problems: Vec<Problem>,
    },
    /// Devices tell of themselves, or a bridge tells of them.
    Announced(Announcement),
    /// Nobody of the register. `why` says what was looked for.
    Unknown {
        /// One sentence.
        why: String,
    },
}
