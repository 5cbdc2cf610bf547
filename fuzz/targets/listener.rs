//! One client of the MQTT listener, from its first byte to its last, over a pipe. First byte: what
//! becomes of its messages and who listens; second: how its stream is cut.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use careloop::device::{Catalog, Origin};
use careloop::inbox::{Answer, Arrival, Inbox, Letter, Outlet};
use careloop::source::mqtt::{self, Listener, Rights, Settings};
use careloop::store::keep::Kept;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio_util::sync::CancellationToken;

use super::pieces;

/// Nothing it sends is stored.
const FAILS: u8 = 1;
/// A client that hears everything is there.
const WATCHED: u8 = 2;
/// The pipe is so narrow that answers have to wait.
const NARROW: u8 = 4;

/// A client of version 3.1.1 that subscribes to `#`.
const WATCHER: &[u8] =
    b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01w\x82\x06\x00\x01\x00\x01#\x01";

/// What came of a stream.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    /// Messages that were handed on, in order.
    messages: Vec<(String, Vec<u8>)>,
    /// PUBACKs that the client got.
    acknowledged: usize,
}

pub fn run(bytes: &[u8]) {
    let Some((&[how, seed], stream)) = bytes.split_first_chunk() else { return };
    let whole = serve(how, vec![stream]);
    let cut = serve(how, pieces(stream, seed));
    if how & FAILS == 0 {
        assert_eq!(whole.messages, cut.messages, "what is understood does not depend on the cut");
    } else {
        // How much is read before the first failure is known does depend on it.
        let acknowledged = whole.acknowledged + cut.acknowledged;
        assert_eq!(acknowledged, 0, "what is not stored is not acknowledged");
    }
}

fn serve(how: u8, pieces: Vec<&[u8]>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without sockets");
    runtime.block_on(async {
        let (inbox, mut outlet, _change) = Inbox::new(Arc::new(Catalog::default()));
        let rights = || Rights {
            publish: vec!["#".parse().expect("a filter")],
            subscribe: vec!["#".parse().expect("a filter")],
        };
        let settings = Settings {
            anonymous: Some(rights()),
            max_packet: 64 * 1024,
            max_queued: 100,
            max_retained: 100,
            ..Settings::default()
        };
        let listener =
            mqtt::bind(settings, Kept::default(), inbox).await.expect("no socket to open");
        let mut outcome = Outcome::default();
        let clients = clients(&listener, how, pieces);
        tokio::pin!(clients);
        loop {
            tokio::select! {
                biased;
                letter = next(&mut outlet) => take(letter, how, &mut outcome),
                () = listener.keep_up() => {}
                heard = &mut clients => {
                    outcome.acknowledged = heard;
                    return outcome;
                }
            }
        }
    })
}

async fn next(outlet: &mut Outlet) -> Letter {
    let letter = tokio::select! {
        biased;
        letter = outlet.life.recv() => letter,
        letter = outlet.ordinary.recv() => letter,
    };
    letter.expect("the listener holds the door")
}

fn take(letter: Letter, how: u8, outcome: &mut Outcome) {
    let fails = how & FAILS != 0;
    if let Arrival::Message { raw, .. } = letter.arrival {
        if let Origin::Mqtt(topic) = raw.origin {
            outcome.messages.push((topic, raw.payload));
        }
        if fails {
            return;
        }
    }
    drop(letter.receipt.send(Answer::Done));
}

/// Serves the client, and the watcher if there is one, until both are gone. How many PUBACKs the
/// client got.
async fn clients(listener: &Listener, how: u8, pieces: Vec<&[u8]>) -> usize {
    let stop = CancellationToken::new();
    let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let (near, far) = duplex(if how & NARROW == 0 { 256 * 1024 } else { 16 });
    let (mut reader, mut writer) = tokio::io::split(near);
    let say = async {
        for piece in pieces {
            // Fails once the listener has hung up.
            if writer.write_all(piece).await.is_err() {
                break;
            }
            // All that can be done with this piece is done before the next comes.
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
        }
        drop(writer.shutdown().await);
    };
    let mut heard = Vec::new();
    let hear = async { drop(reader.read_to_end(&mut heard).await) };
    let client = async { tokio::join!(say, hear, listener.serve(far, from, &stop)) };
    if how & WATCHED == 0 {
        client.await;
        return packets(&heard).filter(|first| first >> 4 == 4).count();
    }
    let gone = CancellationToken::new();
    let (near, far) = duplex(256 * 1024);
    let (mut reader, mut writer) = tokio::io::split(near);
    let mut told = Vec::new();
    let watcher = async {
        tokio::join!(
            async {
                drop(writer.write_all(WATCHER).await);
                gone.cancelled().await;
                drop(writer.shutdown().await);
            },
            async { drop(reader.read_to_end(&mut told).await) },
            listener.serve(far, from, &stop),
        );
    };
    let client = async {
        client.await;
        gone.cancel();
    };
    tokio::join!(watcher, client);
    assert!(2 <= packets(&told).count(), "the watcher was let in");
    packets(&heard).filter(|first| first >> 4 == 4).count()
}

/// The first bytes of the broker's packets. What a broker sends is whole, but for the last.
fn packets(mut bytes: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (&first, rest) = bytes.split_first()?;
        assert!(
            matches!(first >> 4, 2..=7 | 9 | 11 | 13 | 14),
            "a broker does not say {first:02x}"
        );
        let (mut length, mut used) = (0, 0);
        for (n, byte) in rest.iter().take(4).enumerate() {
            length |= usize::from(byte & 0x7f) << (7 * n);
            used = n + 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let body = rest.get(used..).unwrap_or_default();
        bytes = body.get(length..).unwrap_or_default();
        Some(first)
    })
}
