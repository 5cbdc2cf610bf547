//! From bytes to observations: framings, profiles, and the catalogue of who is who.

use crate::domain::{DeviceId, HomeId, Observation};

pub mod discovery;
pub mod frame;
pub mod identify;
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

pub use catalog::{Catalog, Port};
pub use commissioning::Commissioning;
pub use coverage::{Cover, Coverage, Gap};
pub use discovery::{Announced, Announcement, Newcomer};
pub use frame::{Deframer, Found, FrameError, Framing};
pub use profile::{
    Command, Deed, KnownBy, Limits, Line, Parity, Profile, Profiles, Words, profiles_from,
};
pub use shipped::SHIPPED;

/// A message as a source received it, before anybody looked inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMessage {
    /// Where it came in.
    pub origin: Origin,
    /// What it carries; for a serial port one whole frame or line, without what is around it.
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
    /// Read from this serial port, as the register names it.
    Serial(String),
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
        /// What could not be understood, one sentence each, with what was wrong where (P10).
        problems: Vec<String>,
    },
    /// Devices tell of themselves, or a bridge tells of them.
    Announced(Announcement),
    /// Nobody of the register. `why` says what was looked for.
    Unknown {
        /// One sentence.
        why: String,
    },
}
