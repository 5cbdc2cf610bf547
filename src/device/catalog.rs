//! Who sent this, and what does it mean?

use super::{Decoded, RawMessage};

/// All profiles, and all devices of the register.
#[derive(Debug, Default)]
pub struct Catalog {}

impl Catalog {
    /// Finds the sender and reads the message by its profile. Never fails: bad input is an outcome (P10).
    pub fn decode(&self, _message: &RawMessage) -> Decoded {
        Decoded::Unknown { why: "the catalogue is empty".to_owned() }
    }
}
