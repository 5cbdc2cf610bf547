//! Writes what the corpus begins with: every example of every shipped profile, the shipped
//! configuration, and what a client of the listener says on a good day. `cargo run --example seed`

use std::fs;
use std::path::Path;

use careloop::device::{Framing, Origin, SHIPPED};

#[path = "targets/mod.rs"]
#[allow(dead_code, reason = "only what seeds are made of is wanted")]
mod targets;

use targets::payload;

fn main() {
    for (n, stream) in streams().into_iter().enumerate() {
        put("framings", &format!("example-{n}"), &stream);
    }
    for (n, message) in messages().into_iter().enumerate() {
        put("payload", &format!("example-{n}"), &message);
    }
    for (name, text) in SHIPPED {
        put("profile", &name.replace('/', "-"), &[&[0], text.as_bytes()].concat());
    }
    put("profile", "rules", &[&[1], include_bytes!("../config/rules.toml").as_slice()].concat());
    put("profile", "plans", &[&[2], include_bytes!("../config/plans.toml").as_slice()].concat());
    for (name, packets) in talks() {
        for how in 0..8 {
            put(
                "listener",
                &format!("{name}-{how}"),
                &[&[how, how], packets.concat().as_slice()].concat(),
            );
        }
    }
}

fn put(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("the corpus can be made");
    fs::write(folder.join(name), bytes).expect("a seed can be written");
}

/// The bytes of an example, if it is one of a serial line.
fn bytes(example: &toml::Table) -> Option<Vec<u8>> {
    let digits: String = example.get("hex")?.as_str()?.split_whitespace().collect();
    data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()
}

fn streams() -> Vec<Vec<u8>> {
    let mut streams = Vec::new();
    for (_, text) in SHIPPED {
        let table: toml::Table = text.parse().expect("a shipped profile is TOML");
        let framing = table.get("serial").and_then(|s| s.get("framing")).and_then(|f| f.as_str());
        let framing: Option<Framing> = framing.and_then(|f| f.parse().ok());
        let Some(which) = Framing::ALL.iter().position(|f| Some(*f) == framing) else { continue };
        let which = u8::try_from(which).expect("there are not so many");
        for example in payload::examples(text) {
            let line = |e: &toml::Table| Some([e.get("payload")?.as_str()?, "\n"].concat().into());
            let Some(bytes) = bytes(&example).or_else(|| line(&example)) else { continue };
            streams.push([&[which, 1], bytes.as_slice()].concat());
            // Twice, with the first cut off: what is whole is found all the same.
            let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
            streams.push([&[which, 2], half, &bytes, &[0], &bytes].concat());
        }
    }
    streams
}

fn messages() -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    for (which, desk) in payload::desks() {
        let (_, text) =
            SHIPPED.iter().find(|(name, _)| *name == desk.profile).expect("it is shipped");
        for example in payload::examples(text) {
            let text =
                example.get("payload").and_then(|p| p.as_str()).map(|p| p.as_bytes().to_vec());
            let Some(content) = bytes(&example).or(text) else { continue };
            for (topic, origin) in desk.origins.iter().enumerate() {
                let is_port = matches!(origin, Origin::Serial(_));
                if is_port == example.contains_key("payload") && desk.origins.len() != 1 {
                    continue;
                }
                let topic = u8::try_from(topic).unwrap_or(0);
                messages.push([&which.to_be_bytes()[..], &[topic], &content].concat());
            }
        }
    }
    messages
}

/// One packet.
fn packet(first: u8, body: &[&[u8]]) -> Vec<u8> {
    let body = body.concat();
    let length = u8::try_from(body.len()).expect("a short one");
    assert!(length < 128, "a short one");
    [&[first, length], body.as_slice()].concat()
}

/// What clients of both versions say.
fn talks() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let connect_3 = packet(0x10, &[b"\0\x04MQTT\x04\x02\0\x3c\0\x01a"]);
    let with_will = packet(0x10, &[b"\0\x04MQTT\x04\x2e\0\x3c\0\x01a\0\x01w\0\x04gone"]);
    let connect_5 = packet(0x10, &[b"\0\x04MQTT\x05\0\0\x3c\x05\x11\0\0\0\x3c\0\x01b"]);
    let (ping, leave) = (packet(0xc0, &[]), packet(0xe0, &[]));
    let hash = packet(0x82, &[b"\0\x01\0\x01#\x02"]);
    let hash_5 = packet(0x82, &[b"\0\x01\x02\x0b\x07\0\x01#\x2e"]);
    let plus_5 = packet(0x82, &[b"\0\x02\0\0\x05a/+/b\x09\0\x07a/x/b/#\x10"]);
    let (none, once, twice) = (
        packet(0x30, &[b"\0\x05a/x/b{}"]),
        packet(0x33, &[b"\0\x05a/x/b\0\x07{\"a\":1}"]),
        packet(0x34, &[b"\0\x05a/x/b\0\x08{\"b\":2}"]),
    );
    let twice_5 =
        packet(0x3d, &[b"\0\x05a/x/b\0\x09\x10\x01\x01\x02\0\0\0\x05\x26\0\x01k\0\x01v\x03\0\0{}"]);
    let done = packet(0x62, &[b"\0\x08"]);
    let done_5 = packet(0x62, &[b"\0\x09\x92\0"]);
    let acknowledged = packet(0x40, &[b"\0\x01"]);
    let received = packet(0x50, &[b"\0\x01"]);
    let completed = packet(0x70, &[b"\0\x01"]);
    let stop = packet(0xa2, &[b"\0\x05\0\x01#"]);
    let stop_5 = packet(0xa2, &[b"\0\x05\0\0\x05a/+/b"]);
    let leave_5 = packet(0xe0, &[b"\x04\x05\x11\0\0\0\0"]);
    let cleared = packet(0x31, &[b"\0\x05a/x/b"]);
    vec![
        (
            "publish-3",
            vec![connect_3.clone(), none.clone(), once.clone(), ping.clone(), leave.clone()],
        ),
        (
            "twice-3",
            vec![connect_3.clone(), twice.clone(), twice.clone(), done.clone(), done.clone()],
        ),
        (
            "hear-3",
            vec![
                connect_3.clone(),
                once.clone(),
                hash.clone(),
                once.clone(),
                acknowledged.clone(),
                twice.clone(),
                received.clone(),
                completed.clone(),
                stop,
                leave.clone(),
            ],
        ),
        ("will-3", vec![with_will, hash, cleared]),
        (
            "publish-5",
            vec![connect_5.clone(), none, twice_5.clone(), done_5.clone(), leave_5.clone()],
        ),
        (
            "hear-5",
            vec![
                connect_5.clone(),
                plus_5,
                hash_5,
                twice_5,
                done_5,
                acknowledged,
                received,
                completed,
                stop_5,
                ping,
                leave_5,
            ],
        ),
        ("again", vec![connect_3.clone(), connect_3]),
        ("late", vec![once, connect_5]),
    ]
}
