//! The packets we send, written by hand: there are few and they are short.

use super::wire::{Message, Version};

/// PUBACK
pub const PUBACK: u8 = 0x40;
/// PUBREC
pub const PUBREC: u8 = 0x50;
/// PUBREL
pub const PUBREL: u8 = 0x62;
/// PUBCOMP
pub const PUBCOMP: u8 = 0x70;

/// An answer to the packet of this identifier: all is well. It is the same in both versions.
pub fn acknowledge(out: &mut Vec<u8>, kind: u8, id: u16) {
    out.extend([kind, 2]);
    out.extend(id.to_be_bytes());
}

/// PUBACK or PUBREC that says: you may not. Version 3.1.1 has no word for it.
pub fn refuse(out: &mut Vec<u8>, version: Version, kind: u8, id: u16) {
    match version {
        Version::Three => acknowledge(out, kind, id),
        Version::Five => {
            out.extend([kind, 3]);
            out.extend(id.to_be_bytes());
            out.push(0x87);
        }
    }
}

/// PINGRESP
pub fn pong(out: &mut Vec<u8>) {
    out.extend([0xd0, 0]);
}

/// SUBACK
pub fn suback(out: &mut Vec<u8>, version: Version, id: u16, codes: &[u8]) {
    answers(out, version, 0x90, id, codes);
}

/// UNSUBACK; version 3.1.1 has no codes.
pub fn unsuback(out: &mut Vec<u8>, version: Version, id: u16, codes: &[u8]) {
    let codes = if version == Version::Three { &[] } else { codes };
    answers(out, version, 0xb0, id, codes);
}

fn answers(out: &mut Vec<u8>, version: Version, kind: u8, id: u16, codes: &[u8]) {
    let properties: &[u8] = if version == Version::Three { &[] } else { &[0] };
    out.push(kind);
    number(out, 2 + properties.len() + codes.len());
    out.extend(id.to_be_bytes());
    out.extend(properties);
    out.extend(codes);
}

/// Why a client is not let in, in the words of both versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A version we do not speak.
    Version,
    /// An identifier we do not take.
    Identifier,
    /// No room.
    Full,
    /// Wrong user name or password.
    Password,
    /// Not allowed.
    NotAllowed,
    /// Too many have failed.
    TooOften,
}

/// CONNACK that says no.
pub fn refused(out: &mut Vec<u8>, version: Version, refusal: Refusal) {
    let (three, five) = match refusal {
        Refusal::Version => (1, 0x84),
        Refusal::Identifier => (2, 0x85),
        Refusal::Full => (3, 0x89),
        Refusal::Password => (4, 0x86),
        Refusal::NotAllowed => (5, 0x87),
        Refusal::TooOften => (5, 0x9f),
    };
    match version {
        Version::Three => out.extend([0x20, 2, 0, three]),
        Version::Five => out.extend([0x20, 3, 0, five, 0]),
    }
}

/// CONNACK that says yes. `given`: the identifier we gave it.
pub fn connack(
    out: &mut Vec<u8>,
    version: Version,
    present: bool,
    (window, max_packet): (u16, usize),
    given: Option<&str>,
) {
    if version == Version::Three {
        out.extend([0x20, 2, u8::from(present), 0]);
        return;
    }
    let mut properties = vec![0x21];
    properties.extend(window.to_be_bytes());
    properties.push(0x27);
    properties.extend(u32::try_from(max_packet).unwrap_or(u32::MAX).to_be_bytes());
    // No shared subscriptions.
    properties.extend([0x2a, 0]);
    if let Some(given) = given {
        properties.push(0x12);
        text(&mut properties, given);
    }
    out.push(0x20);
    number(out, 3 + properties.len());
    out.extend([u8::from(present), 0]);
    number(out, properties.len());
    out.extend(properties);
}

/// DISCONNECT with a reason; version 3.1.1 is just cut off.
pub fn disconnect(out: &mut Vec<u8>, version: Version, reason: u8) {
    if version == Version::Five {
        out.extend([0xe0, 1, reason]);
    }
}

/// How a message goes to one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manner {
    /// 0 to 2; above 0 there is a packet identifier.
    pub qos: u8,
    /// The packet identifier.
    pub id: u16,
    /// It was sent before.
    pub again: bool,
    /// With the retain flag.
    pub retain: bool,
    /// For how many more seconds it is worth anything.
    pub lives: Option<u32>,
    /// The client's numbers of the subscriptions that matched.
    pub numbers: Vec<u32>,
}

/// PUBLISH. Writes nothing and says `false` when it would be longer than `max`.
pub fn publish(
    out: &mut Vec<u8>,
    version: Version,
    message: &Message,
    manner: &Manner,
    max: usize,
) -> bool {
    let mut properties = Vec::new();
    if version == Version::Five {
        if let Some(lives) = manner.lives {
            properties.push(0x02);
            properties.extend(lives.to_be_bytes());
        }
        for n in &manner.numbers {
            properties.push(0x0b);
            number(&mut properties, usize::try_from(*n).unwrap_or_default());
        }
        let ours = properties.len();
        number(&mut properties, ours + message.properties.len());
        // The length stands first.
        properties.rotate_left(ours);
    }
    let passed: &[u8] = if version == Version::Five { &message.properties } else { &[] };
    let payload = message.payload.as_slice();
    let id = if manner.qos == 0 { 0 } else { 2 };
    let length = 2 + message.topic.len() + id + properties.len() + passed.len() + payload.len();
    if max < length + 5 {
        return false;
    }
    let flags = u8::from(manner.again) << 3 | manner.qos << 1 | u8::from(manner.retain);
    out.push(0x30 | flags);
    number(out, length);
    text(out, &message.topic);
    if manner.qos != 0 {
        out.extend(manner.id.to_be_bytes());
    }
    out.extend(properties);
    out.extend(passed);
    out.extend(payload);
    true
}

/// A text with its length; topics and identifiers are never longer than that can say.
fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(text.as_bytes());
}

/// A number of one to four bytes, seven bits in each.
fn number(out: &mut Vec<u8>, mut n: usize) {
    loop {
        let low = u8::try_from(n & 0x7f).unwrap_or_default();
        n >>= 7;
        if n == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}
