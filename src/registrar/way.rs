//! How to reach somebody.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A way to reach somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// A channel of `gateway.toml`.
    pub channel: String,
    /// What the channel needs to find them.
    #[serde(default)]
    pub to: String,
}

impl Way {
    /// `sms=13800000000`, or a channel alone.
    pub fn of(text: &str) -> Self {
        let (channel, to) = text.split_once('=').unwrap_or((text, ""));
        Self { channel: channel.trim().to_owned(), to: to.trim().to_owned() }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, to } = self;
        if to.is_empty() { f.pad(channel) } else { f.pad(&format!("{channel}={to}")) }
    }
}
