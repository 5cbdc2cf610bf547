//! The first packet of a client: who it is and how it wants to be served.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of their many properties concern us")]

use mqtt_protocol_core::mqtt::packet::{Property, v3_1_1, v5_0};
use mqtt_protocol_core::mqtt::prelude::*;
use tokio::time::Instant;

use super::topic::is_name;
use super::wire::{Broken, FOREVER, Message, Packet, Version, broken, level, passed_on, whole};

/// Version 3.1.1 of a broker that is a client, as Mosquitto's bridges write it. Version 5 needs no
/// such sign.
const BRIDGE_3: u8 = 0x84;

/// What a client leaves behind for the case that it is cut off.
#[derive(Debug, Clone)]
pub struct Will {
    /// Published then.
    pub message: Message,
    /// Whether it may be spared when the client comes back at once.
    pub delayed: bool,
}

/// The first packet of a client.
#[derive(Debug)]
pub struct Connect {
    /// Which version it speaks from now on.
    pub version: Version,
    /// It is another broker, and says so: it wants nothing back that it sent itself.
    pub bridge: bool,
    /// Its identifier; empty: give it one.
    pub client: String,
    /// Begin anew.
    pub clean: bool,
    /// For how long the session outlives the connection, in seconds.
    pub expiry: u32,
    /// How often it speaks at least, in seconds; 0: as it likes.
    pub keep_alive: u16,
    /// User name.
    pub user: Option<String>,
    /// Password.
    pub password: Option<Vec<u8>>,
    /// For when it is cut off.
    pub will: Option<Will>,
    /// How many messages it takes before it has acknowledged the first.
    pub window: u16,
    /// The longest packet it takes.
    pub max_packet: usize,
}

/// Reads the body of a CONNECT.
///
/// # Errors
/// It cannot be understood.
pub fn read(body: &[u8], now: Instant) -> Result<Packet, Broken> {
    let version = match body {
        [0, 4, b'M', b'Q', b'T', b'T', 4 | BRIDGE_3, ..] => Version::Three,
        [0, 4, b'M', b'Q', b'T', b'T', 5, ..] => Version::Five,
        [0, 4, b'M', b'Q', b'T', b'T', ..] | [0, 6, b'M', b'Q', b'I', b's', b'd', b'p', ..] => {
            return Err(Broken::Version);
        }
        _ => return Err(Broken::Malformed),
    };
    let flags = body.get(7).ok_or(Broken::Malformed)?;
    let (will, will_rest) = (flags & 0x04 != 0, flags & 0x38);
    if flags & 0x01 != 0 || will_rest & 0x18 == 0x18 || (!will && will_rest != 0) {
        return Err(Broken::Malformed);
    }
    let connect = match version {
        Version::Three => connect_3(body)?,
        Version::Five => connect_5(body, now)?,
    };
    if connect.will.as_ref().is_some_and(|w| !is_name(&w.message.topic)) {
        return Err(Broken::Malformed);
    }
    Ok(Packet::Connect(Box::new(connect)))
}

fn connect_3(body: &[u8]) -> Result<Connect, Broken> {
    let mut plain = body.to_vec();
    let spoken = plain.get_mut(6).ok_or(Broken::Malformed)?;
    let bridge = std::mem::replace(spoken, 4) == BRIDGE_3;
    let (packet, read) = v3_1_1::Connect::parse(&plain).map_err(broken)?;
    whole(body, read)?;
    let will = packet.will_topic().map(|topic| Will {
        message: Message {
            topic: topic.to_owned(),
            payload: packet.will_payload().unwrap_or_default().into_payload(),
            qos: level(packet.will_qos()),
            retain: packet.will_retain(),
            ..Message::default()
        },
        delayed: false,
    });
    Ok(Connect {
        version: Version::Three,
        bridge,
        client: packet.client_id().to_owned(),
        clean: packet.clean_session(),
        expiry: if packet.clean_session() { 0 } else { FOREVER },
        keep_alive: packet.keep_alive(),
        user: packet.user_name().map(ToOwned::to_owned),
        password: packet.password().map(ToOwned::to_owned),
        will,
        window: u16::MAX,
        max_packet: usize::MAX,
    })
}

fn connect_5(body: &[u8], now: Instant) -> Result<Connect, Broken> {
    let (packet, read) = v5_0::Connect::parse(body).map_err(broken)?;
    whole(body, read)?;
    let mut connect = Connect {
        version: Version::Five,
        bridge: false,
        client: packet.client_id().to_owned(),
        clean: packet.clean_start(),
        expiry: 0,
        keep_alive: packet.keep_alive(),
        user: packet.user_name().map(ToOwned::to_owned),
        password: packet.password().map(ToOwned::to_owned),
        will: None,
        window: u16::MAX,
        max_packet: usize::MAX,
    };
    for property in packet.props() {
        match property {
            Property::SessionExpiryInterval(p) => connect.expiry = p.val(),
            Property::ReceiveMaximum(p) => connect.window = p.val().max(1),
            Property::MaximumPacketSize(p) => {
                connect.max_packet = usize::try_from(p.val()).unwrap_or(usize::MAX);
            }
            Property::AuthenticationMethod(_) => return Err(Broken::Protocol),
            _ => {}
        }
    }
    if let Some(topic) = packet.will_topic() {
        let (properties, lives) = passed_on(packet.will_props())?;
        let delayed = |p: &Property| matches!(p, Property::WillDelayInterval(d) if 0 < d.val());
        connect.will = Some(Will {
            message: Message {
                topic: topic.to_owned(),
                payload: packet.will_payload().unwrap_or_default().into_payload(),
                qos: level(packet.will_qos()),
                retain: packet.will_retain(),
                properties,
                // Counted from here, not from its publication: a will is short.
                expires: lives.map(|lives| now + lives),
            },
            delayed: packet.will_props().iter().any(delayed),
        });
    }
    Ok(connect)
}
