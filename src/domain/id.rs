//! Names of things. Each is a short text that can stand in a topic, a file name and an address line.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Sentence, both};

/// The longest name, in bytes.
pub const NAME_MAX: usize = 64;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Letters, digits, `-`, `_`, `.` and `:`, beginning with a letter or digit, at most 64 bytes.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Sentence;
            fn from_str(text: &str) -> Result<Self, Sentence> {
                check(text).map(|()| Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
}

name!(
    /// A home, and the one resident who lives in it.
    HomeId
);
name!(
    /// A device, unique within its home.
    DeviceId
);
name!(
    /// A responder, unique on this hub.
    PersonId
);
name!(
    /// A rule, a plan, a channel: whatever is named in `config/`.
    Name
);

fn check(text: &str) -> Result<(), Sentence> {
    let (legal, bytes) = (|c: char| c.is_alphanumeric() || "-_.:".contains(c), text.len());
    if text.is_empty() {
        return Err(both!("没有填写", "a name has 1 to {NAME_MAX} bytes, `{text}` has {bytes}"));
    }
    if NAME_MAX < bytes {
        return Err(both!(
            "“{text}”太长：最多 {NAME_MAX} 个字母，或 21 个汉字",
            "a name has 1 to {NAME_MAX} bytes, `{text}` has {bytes}"
        ));
    }
    if !text.starts_with(char::is_alphanumeric) || !text.chars().all(legal) {
        return Err(both!(
            "“{text}”不能用：只能有字母、汉字、数字和 - _ . :，并以字母、汉字或数字开头",
            "`{text}` is not a name: letters, digits, `-`, `_`, `.`, `:`, beginning with a letter or digit"
        ));
    }
    Ok(())
}

/// An incident: the home and a number that counts up within it, `h1-7`.
///
/// It is made by the home's own engine, so that a replay gives the same incident the same name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IncidentId {
    /// Where it happened.
    pub home: HomeId,
    /// Which one, counted from 1.
    pub n: u32,
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.home, self.n)
    }
}

impl FromStr for IncidentId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an incident such as `h1-7`");
        let (home, n) = text.rsplit_once('-').ok_or_else(wrong)?;
        Ok(Self {
            home: home.parse().map_err(|_no_name: Sentence| wrong())?,
            n: n.parse().map_err(|_no_number: std::num::ParseIntError| wrong())?,
        })
    }
}

/// One promise to tell one person of one incident by one channel: `h1-7/3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeliveryId {
    /// What it tells of.
    pub incident: IncidentId,
    /// Which delivery of this incident, counted from 1.
    pub k: u32,
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.incident, self.k)
    }
}

impl FromStr for DeliveryId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a delivery such as `h1-7/3`");
        let (incident, k) = text.rsplit_once('/').ok_or_else(wrong)?;
        Ok(Self {
            incident: incident.parse()?,
            k: k.parse().map_err(|_no_number: std::num::ParseIntError| wrong())?,
        })
    }
}
