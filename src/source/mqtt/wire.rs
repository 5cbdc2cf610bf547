//! Bytes to packets and back. What clients send is read by `mqtt-protocol-core`; its packets are
//! turned into ours, which are the same for both versions. What we send is short and written here.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of their many properties concern us")]

use std::time::Duration;

use mqtt_protocol_core::mqtt::ArcPayload;
use mqtt_protocol_core::mqtt::packet::{Property, Qos, RetainHandling, SubEntry, v3_1_1, v5_0};
use mqtt_protocol_core::mqtt::result_code::{DisconnectReasonCode, MqttError};
use tokio::time::Instant;

/// A session that never expires, as version 5 writes it.
pub const FOREVER: u32 = u32::MAX;

/// The version a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 3.1.1
    Three,
    /// 5
    Five,
}

/// Why what came cannot be understood. The connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Not MQTT.
    #[error("a packet is malformed")]
    Malformed,
    /// MQTT, but not now or not like this.
    #[error("a packet breaks the protocol")]
    Protocol,
    /// Longer than allowed.
    #[error("a packet is too long")]
    TooLong,
    /// A version other than 3.1.1 and 5.
    #[error("the version is not supported")]
    Version,
}

/// A message on its way. Shared by all it goes to.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// Where it was published.
    pub topic: String,
    /// What it carries; shares the memory it was received in.
    pub payload: ArcPayload,
    /// As published, 0 to 2.
    pub qos: u8,
    /// As published.
    pub retain: bool,
    /// What version 5 passes on unchanged, as on the wire.
    pub properties: Vec<u8>,
    /// After this nobody wants it any more.
    pub expires: Option<Instant>,
}

impl Message {
    /// What it counts for in a queue, in bytes.
    pub fn weight(&self) -> usize {
        self.topic.len() + self.payload.len() + self.properties.len() + 64
    }
}

/// One wish of a SUBSCRIBE.
#[derive(Debug)]
pub struct Wish {
    /// As written; not yet examined.
    pub filter: String,
    /// At most.
    pub qos: u8,
    /// Not its own messages.
    pub no_local: bool,
    /// Keep the retain flag as published.
    pub as_published: bool,
    /// 0: send what is retained, 1: only if the subscription is new, 2: never.
    pub retained: u8,
}

/// What a client says.
#[derive(Debug)]
pub enum Packet {
    /// CONNECT
    Connect(Box<super::connect::Connect>),
    /// PUBLISH, and its packet identifier if it has one.
    Publish(Message, Option<u16>),
    /// PUBACK
    Puback(u16),
    /// PUBREC, and whether it says that the message was taken.
    Pubrec(u16, bool),
    /// PUBREL
    Pubrel(u16),
    /// PUBCOMP
    Pubcomp(u16),
    /// SUBSCRIBE: packet identifier, wishes, subscription identifier.
    Subscribe(u16, Vec<Wish>, Option<u32>),
    /// UNSUBSCRIBE: packet identifier, filters.
    Unsubscribe(u16, Vec<String>),
    /// PINGREQ
    Ping,
    /// DISCONNECT: whether the will is to be published, and a new expiry of the session.
    Disconnect(bool, Option<u32>),
}

/// The first packet in these bytes: its first byte, where its body begins, and where it ends.
/// `None`: there is more to come.
///
/// # Errors
/// It is longer than `max`, which its first five bytes tell, or no packet at all.
pub fn frame(bytes: &[u8], max: usize) -> Result<Option<(u8, usize, usize)>, Broken> {
    let Some((first, rest)) = bytes.split_first() else { return Ok(None) };
    let mut length = 0;
    for (n, byte) in (0..4).zip(rest) {
        length |= usize::from(byte & 0x7f) << (7 * n);
        if byte & 0x80 == 0 {
            let body = n + 2;
            let end = body + length;
            if max < end {
                return Err(Broken::TooLong);
            }
            return Ok((end <= bytes.len()).then_some((*first, body, end)));
        }
    }
    if rest.len() < 4 { Ok(None) } else { Err(Broken::Malformed) }
}

/// Reads one packet. `version` is that of the connection, `None` before CONNECT.
///
/// # Errors
/// It cannot be understood.
pub fn parse(
    version: Option<Version>,
    first: u8,
    body: &[u8],
    now: Instant,
) -> Result<Packet, Broken> {
    let flags = first & 0x0f;
    let Some(version) = version else {
        return if first == 0x10 { super::connect::read(body, now) } else { Err(Broken::Protocol) };
    };
    match (first >> 4, flags) {
        (3, _) => publish(version, flags, body, now),
        (4, 0) => Ok(Packet::Puback(acknowledged(version, body)?.0)),
        (5, 0) => acknowledged(version, body).map(|(id, taken)| Packet::Pubrec(id, taken)),
        (6, 2) => Ok(Packet::Pubrel(acknowledged(version, body)?.0)),
        (7, 0) => Ok(Packet::Pubcomp(acknowledged(version, body)?.0)),
        (8, 2) => subscribe(version, body),
        (10, 2) => unsubscribe(version, body),
        (12, 0) if body.is_empty() => Ok(Packet::Ping),
        (14, 0) => disconnect(version, body),
        (1 | 2 | 9 | 11 | 13 | 15, _) => Err(Broken::Protocol),
        _ => Err(Broken::Malformed),
    }
}

/// In our words.
pub fn broken(error: MqttError) -> Broken {
    if error == MqttError::ProtocolError { Broken::Protocol } else { Broken::Malformed }
}

fn publish(version: Version, flags: u8, body: &[u8], now: Instant) -> Result<Packet, Broken> {
    let (message, id) = match version {
        Version::Three => {
            let (p, _) = v3_1_1::Publish::parse(flags, body.into()).map_err(broken)?;
            let message = Message {
                topic: p.topic_name().to_owned(),
                payload: p.payload().clone(),
                qos: level(p.qos()),
                retain: p.retain(),
                ..Message::default()
            };
            (message, p.packet_id())
        }
        Version::Five => {
            let (p, _) = v5_0::Publish::parse(flags, body.into()).map_err(broken)?;
            let (properties, lives) = passed_on(p.props())?;
            let message = Message {
                topic: p.topic_name().to_owned(),
                payload: p.payload().clone(),
                qos: level(p.qos()),
                retain: p.retain(),
                properties,
                expires: lives.map(|lives| now + lives),
            };
            (message, p.packet_id())
        }
    };
    if id == Some(0) || !super::topic::is_name(&message.topic) {
        return Err(Broken::Malformed);
    }
    Ok(Packet::Publish(message, id))
}

/// What a message of version 5 keeps on its way, and for how long it is worth anything.
pub fn passed_on(properties: &[Property]) -> Result<(Vec<u8>, Option<Duration>), Broken> {
    let (mut kept, mut lives) = (Vec::new(), None);
    for property in properties {
        match property {
            Property::PayloadFormatIndicator(_)
            | Property::ContentType(_)
            | Property::ResponseTopic(_)
            | Property::CorrelationData(_)
            | Property::UserProperty(_) => kept.extend(property.to_continuous_buffer()),
            Property::MessageExpiryInterval(p) => {
                lives = Some(Duration::from_secs(u64::from(p.val())));
            }
            // We offer no aliases, and a subscription identifier is the broker's to send.
            Property::TopicAlias(_) | Property::SubscriptionIdentifier(_) => {
                return Err(Broken::Protocol);
            }
            _ => {}
        }
    }
    Ok((kept, lives))
}

/// The packet identifier, and whether the reason, if there is one, says yes.
fn acknowledged(version: Version, body: &[u8]) -> Result<(u16, bool), Broken> {
    let (id, yes) = match (version, body) {
        (_, [a, b]) => (u16::from_be_bytes([*a, *b]), true),
        (Version::Five, [a, b, reason, ..]) => (u16::from_be_bytes([*a, *b]), *reason < 0x80),
        _ => return Err(Broken::Malformed),
    };
    if id == 0 { Err(Broken::Malformed) } else { Ok((id, yes)) }
}

fn subscribe(version: Version, body: &[u8]) -> Result<Packet, Broken> {
    let (id, wishes, number) = match version {
        Version::Three => {
            let (p, read) = v3_1_1::Subscribe::parse(body).map_err(broken)?;
            whole(body, read)?;
            (p.packet_id(), p.entries().iter().map(wish).collect(), None)
        }
        Version::Five => {
            let (p, read) = v5_0::Subscribe::parse(body).map_err(broken)?;
            whole(body, read)?;
            let number = p.props().iter().find_map(|p| match p {
                Property::SubscriptionIdentifier(n) => Some(n.val()),
                _ => None,
            });
            (p.packet_id(), p.entries().iter().map(wish).collect(), number)
        }
    };
    if id == 0 { Err(Broken::Malformed) } else { Ok(Packet::Subscribe(id, wishes, number)) }
}

fn wish(entry: &SubEntry) -> Wish {
    let options = entry.sub_opts();
    Wish {
        filter: entry.topic_filter().to_owned(),
        qos: level(options.qos()),
        no_local: options.nl(),
        as_published: options.rap(),
        retained: match options.rh() {
            RetainHandling::SendRetained => 0,
            RetainHandling::SendRetainedIfNotExists => 1,
            RetainHandling::DoNotSendRetained => 2,
        },
    }
}

fn unsubscribe(version: Version, body: &[u8]) -> Result<Packet, Broken> {
    let (id, filters): (u16, Vec<String>) = match version {
        Version::Three => {
            let (p, read) = v3_1_1::Unsubscribe::parse(body).map_err(broken)?;
            whole(body, read)?;
            (p.packet_id(), p.entries().iter().map(|f| f.as_str().to_owned()).collect())
        }
        Version::Five => {
            let (p, read) = v5_0::Unsubscribe::parse(body).map_err(broken)?;
            whole(body, read)?;
            (p.packet_id(), p.entries().iter().map(|f| f.as_str().to_owned()).collect())
        }
    };
    if id == 0 { Err(Broken::Malformed) } else { Ok(Packet::Unsubscribe(id, filters)) }
}

fn disconnect(version: Version, body: &[u8]) -> Result<Packet, Broken> {
    if body.is_empty() {
        return Ok(Packet::Disconnect(false, None));
    }
    if version == Version::Three {
        return Err(Broken::Malformed);
    }
    let (p, read) = v5_0::Disconnect::parse(body).map_err(broken)?;
    whole(body, read)?;
    let will = p.reason_code() == Some(DisconnectReasonCode::DisconnectWithWillMessage);
    let expiry = p.props().iter().flatten().find_map(|p| match p {
        Property::SessionExpiryInterval(n) => Some(n.val()),
        _ => None,
    });
    Ok(Packet::Disconnect(will, expiry))
}

/// Nothing may follow.
pub const fn whole(body: &[u8], read: usize) -> Result<(), Broken> {
    if read == body.len() { Ok(()) } else { Err(Broken::Malformed) }
}

/// As a number.
pub const fn level(qos: Qos) -> u8 {
    match qos {
        Qos::AtMostOnce => 0,
        Qos::AtLeastOnce => 1,
        Qos::ExactlyOnce => 2,
    }
}
