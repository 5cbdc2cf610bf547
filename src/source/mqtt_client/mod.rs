//! careloop as a client of somebody else's MQTT broker; one [`run`] for each broker.
//!
//! What the broker promises is the broker's affair: mosquitto acknowledges a sensor from memory,
//! and a broker that is killed may have lost what it acknowledged. Our promise (P1) begins where
//! the broker hands a message over: we acknowledge it when it is on our disk, so it stays in the
//! broker's session until then, and comes again after whatever happens to us.
//!
//! Why one event loop for each connection, and not one for all: packet identifiers are only good
//! for one connection. `rumqttc` keeps buffered messages, acknowledgements and unsent requests
//! across a reconnect; an acknowledgement meant for message 7 of the old session would confirm
//! message 7 of the new one. With a loop of its own, what belongs to a lost connection has nowhere
//! to go.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use rumqttc::{LastWill, MqttOptions, QoS, TlsConfiguration, Transport};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::backoff::{Backoff, dice};
use crate::domain::{Name, Span};
use crate::inbox::Inbox;
use crate::secret::Secret;
use crate::tls;

use link::Standing;

mod connection;
mod hearing;
mod link;

pub use link::{Link, LinkCounts, LinkReport, LinkState, PublishError, link};

/// The largest message that is taken in whole unless the settings say otherwise, in bytes.
pub const MAX_PACKET: usize = 1 << 20;

/// Between two attempts to connect. A home's own broker is back within seconds of a power cut.
const RECONNECT: Backoff = Backoff { first: Span(250), longest: Span::seconds(30) };

/// A connection that lasted this long ends the doubling of delays.
const STABLE: Duration = Duration::from_secs(10);

/// A dead line is noticed after at most twice this time.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// `rumqttc` refuses a larger packet by closing the connection, whereupon the broker sends it again,
/// for ever, and nothing behind it arrives. So it may read whatever MQTT can carry, and we cut off
/// what is beyond our own limit after that. The price is memory while such a message is read; a
/// broker that serves a small hub should have a limit of its own (`message_size_limit`).
const READ_MAX: usize = 268_435_455;

/// Packet identifiers for what we publish: far more than [`link::IN_FLIGHT`], because `rumqttc`
/// sends nothing, not even acknowledgements, while an identifier it wants is still in use.
const IDENTIFIERS: u16 = 1000;

/// One broker.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What people call it.
    pub name: Name,
    /// Where it listens.
    pub address: Address,
    /// Whether the line is encrypted.
    pub tls: bool,
    /// A PEM file with authorities to trust besides the public ones.
    pub ca_file: Option<PathBuf>,
    /// With which name we log in.
    pub user: Option<String>,
    /// With which password.
    pub password: Option<Secret>,
    /// Names our session at the broker; must stay the same, and be ours alone.
    pub client_id: Name,
    /// Topic filters.
    pub subscribe: Vec<String>,
    /// A payload larger than this, in bytes, is counted and cut off, not decoded.
    pub max_packet: usize,
    /// What the broker publishes, retained, when we are gone without a word: topic and payload.
    pub will: Option<(String, String)>,
}

/// Host and port, `broker.local:1883`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an address such as `broker.local:1883`");
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        if host.is_empty() || host.contains(['/', ' ']) {
            return Err(wrong());
        }
        let port = port.parse().map_err(|_no_number: std::num::ParseIntError| wrong())?;
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Keeps up the connection to one broker until cancelled: takes what it hands over to the inbox,
/// and sends what comes from the [`Link`]. Dropping it is safe at any moment.
pub async fn run(
    settings: Settings,
    inbox: Inbox,
    mut report: LinkReport,
    cancel: CancellationToken,
) {
    let mut attempt = 1;
    while !cancel.is_cancelled() {
        let began = Instant::now();
        let why = match options(&settings) {
            Ok(options) => connection::run(&settings, options, &inbox, &mut report, &cancel).await,
            Err(why) => why,
        };
        if cancel.is_cancelled() {
            report.standing.set(LinkState::Down { why });
            return;
        }
        lost(&settings, &report.standing, &why);
        attempt = if STABLE <= began.elapsed() { 2 } else { attempt + 1 };
        tokio::select! {
            () = sleep(RECONNECT.delay(attempt, dice()).to_std()) => {}
            () = cancel.cancelled() => {}
        }
    }
}

fn lost(settings: &Settings, standing: &Standing, why: &str) {
    let why = format!("broker `{}` at `{}`: {why}", settings.name, settings.address);
    if standing.set(LinkState::Down { why: why.clone() }) {
        warn!("{why}");
    }
}

/// Read anew for each attempt, so that a certificate put right is taken without a restart.
fn options(settings: &Settings) -> Result<MqttOptions, String> {
    let Address { host, port } = &settings.address;
    let mut options = MqttOptions::new(settings.client_id.as_str(), host, *port);
    options
        .set_clean_session(false)
        .set_manual_acks(true)
        .set_keep_alive(KEEP_ALIVE)
        .set_inflight(IDENTIFIERS)
        .set_max_packet_size(READ_MAX, READ_MAX);
    if let Some(user) = &settings.user {
        options.set_credentials(user, settings.password.as_ref().map_or("", Secret::reveal));
    }
    if let Some((topic, payload)) = &settings.will {
        let payload = payload.clone().into_bytes();
        options.set_last_will(LastWill::new(topic, payload, QoS::AtLeastOnce, true));
    }
    if settings.tls {
        let config = tls::client(settings.ca_file.as_deref()).map_err(|e| tls::in_full(&e))?;
        let config = TlsConfiguration::Rustls(config.into());
        options.set_transport(Transport::tls_with_config(config));
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        let address: Address = "[::1]:1883".parse().unwrap();
        assert_eq!(address, Address { host: "[::1]".to_owned(), port: 1883 });
        for wrong in ["", "host", ":1883", "host:99999", "mqtt://host:1883", "host:"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
