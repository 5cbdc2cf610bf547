//! Whatever comes, nothing panics.

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_util::sync::CancellationToken;

use crate::house::{bare, open_settings};
use crate::peer::{connect_3, publish_bytes, subscribe_bytes};

const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Bytes that look like packets.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let hello = |version: u8| {
        let mut hello = b"\x00\x04MQTT".to_vec();
        hello.extend([version, 2, 0, 60]);
        hello.extend(if version == 5 { &b"\x00\x00\x01a"[..] } else { b"\x00\x01a" });
        hello.insert(0, u8::try_from(hello.len()).unwrap());
        hello.insert(0, 0x10);
        hello
    };
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        prop::collection::vec(0_u8..4, 0..12),
        Just(b"\x00\x01a\x00\x01\x00x".to_vec()),
        Just(b"\x00\x01\x00\x03a/#\x01".to_vec()),
    ];
    let packet = (any::<u8>(), body).prop_map(|(first, body)| {
        let mut packet = vec![first, u8::try_from(body.len()).unwrap()];
        packet.extend(body);
        packet
    });
    let sound = prop_oneof![
        Just(publish_bytes("a", "x", 2, 1, true)),
        Just(subscribe_bytes("#", 2)),
        Just(vec![0x62, 2, 0, 1]),
        Just(vec![0x50, 2, 0, 1]),
        Just(vec![0x70, 2, 0, 1]),
        Just(vec![0x40, 2, 0, 2]),
    ];
    let rest = prop::collection::vec(prop_oneof![packet, sound], 0..12);
    let hello = prop_oneof![Just(hello(4)), Just(hello(5)), Just(Vec::new())];
    (hello, rest, any::<u8>(), 0_usize..200).prop_map(|(mut bytes, rest, flip, at)| {
        bytes.extend(rest.concat());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= flip & (flip >> 1);
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn whatever_bytes_come_nothing_panics_and_the_next_client_is_served(
        bytes in prop_oneof![packets(), prop::collection::vec(any::<u8>(), 0..300)],
        cut in 0_usize..300,
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().start_paused(true).build().unwrap().block_on(async {
            let (listener, _desk, mut tasks) = bare(open_settings()).await;
            for bytes in [bytes.as_slice(), &connect_3("sane", true).bytes()] {
                let (mut near, far) = duplex(1 << 20);
                let (first, second) = bytes.split_at(cut.min(bytes.len()));
                near.write_all(first).await.unwrap();
                let stop = CancellationToken::new();
                let served = listener.serve(far, HERE, &stop);
                let talk = async {
                    tokio::task::yield_now().await;
                    // It may have hung up already.
                    drop(near.write_all(second).await);
                    drop(near.shutdown().await);
                    let mut answers = Vec::new();
                    near.read_to_end(&mut answers).await.unwrap();
                    answers
                };
                let ((), answers) = tokio::join!(served, talk);
                if bytes.ends_with(b"sane") {
                    assert_eq!(answers, [0x20, 2, 0, 0]);
                }
            }
            while let Some(task) = tasks.try_join_next() {
                task.unwrap();
            }
        });
    }
}
