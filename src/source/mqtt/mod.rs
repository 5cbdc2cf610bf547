//! careloop's own MQTT broker, for a home that has none: versions 3.1.1 and 5, over TCP and TLS.
//!
//! It differs from other brokers in one thing: PUBACK and PUBREC go out after the transaction that
//! holds the message is on disk (P1), and subscribers see a message no earlier than that.
//!
//! - `wire`, `write`: bytes to packets and back; what is hostile is read by `mqtt-protocol-core`.
//! - [`topic`]: names, filters, and the tree of subscriptions.
//! - `session`, `router`: who wants what and what waits for whom. No IO.
//! - `connection`: one client, from its first byte to its last receipt.
//! - [`access`]: who may log in, and do what.
//! - [`listener`]: the sockets, and the handles for the rest of careloop.
//!
//! Not offered, and said so to clients of version 5: shared subscriptions, topic aliases, `$SYS`,
//! enhanced authentication. The delay of a will is taken as zero unless its client is back before.

pub mod access;
pub mod listener;
pub mod topic;

mod connect;
mod connection;
mod digest;
mod kept;
mod pending;
mod router;
mod routing;
mod session;
mod wire;
mod write;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

pub use access::{Client, OwnDevice, Rights};
pub use listener::{Admission, BadTopic, ListenError, Listener, Publisher, bind};
pub use topic::Filter;

/// How the broker is to work.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen without TLS; port 0 takes any that is free.
    pub listen: Vec<SocketAddr>,
    /// Where to listen with TLS.
    pub tls: Option<TlsSettings>,
    /// What a client without a user name may do; `None`: it is refused.
    pub anonymous: Option<Rights>,
    /// Who may log in.
    pub clients: Vec<Client>,
    /// The longest packet that is taken, in bytes with its header. That before the login is shorter.
    pub max_packet: usize,
    /// How many clients are connected at most.
    pub max_clients: usize,
    /// How many sessions there are at most, connected or not.
    pub max_sessions: usize,
    /// How many messages wait for one client at most.
    pub max_queued: usize,
    /// How many bytes wait for one client at most.
    pub max_queued_bytes: usize,
    /// How many topics have a retained message at most.
    pub max_retained: usize,
    /// Messages per second of one client; what comes faster is read later, not dropped.
    pub max_rate: Option<u32>,
}

impl Default for Settings {
    /// Limits for a hub with 256 MB; nobody may log in.
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            tls: None,
            anonymous: None,
            clients: Vec::new(),
            max_packet: 1024 * 1024,
            max_clients: 200,
            max_sessions: 1000,
            max_queued: 2000,
            max_queued_bytes: 4 * 1024 * 1024,
            max_retained: 20_000,
            max_rate: None,
        }
    }
}

/// Where to listen with TLS, and as whom.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    /// Where.
    pub listen: Vec<SocketAddr>,
    /// The certificate and those that vouch for it, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// What the broker has counted since it started; `clients` goes up and down, the others only up.
#[derive(Debug, Default)]
pub struct Counts {
    /// Clients connected now.
    pub clients: AtomicU64,
    /// Messages taken from clients, and on disk.
    pub received: AtomicU64,
    /// Messages sent to clients, those sent again included.
    pub sent: AtomicU64,
    /// Messages that never reached a client because it did not keep up or was away too long.
    pub dropped: AtomicU64,
    /// Messages and subscriptions that their client has no right to.
    pub refused: AtomicU64,
    /// Logins with a wrong name or password, or without a right to log in.
    pub refused_logins: AtomicU64,
    /// Connections closed because of what the client sent or did not send.
    pub broken: AtomicU64,
    /// Messages that could not be stored; their clients were cut off without an acknowledgement.
    pub not_stored: AtomicU64,
}
