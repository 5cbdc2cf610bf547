//! What clients may not do, and that none of them harms another.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use mqtt_protocol_core::mqtt::packet::{SubOpts, v5_0};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use careloop::source::mqtt::{self, ListenError, Rights, Settings};

use crate::house::{House, Mode, bare, client, filters, open_settings, until};
use crate::peer::{Hello, Peer, connect_3, publish_bytes, qos, subscribe_bytes};

const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

#[tokio::test]
async fn a_packet_of_300_mb_is_refused_by_its_header() {
    let house = House::open(open_settings()).await;
    // Four times seven bits say at most 256 MB; what says more is no number at all.
    let (most, more) = ([0xff, 0xff, 0xff, 0x7f], [0x80, 0x80, 0x80, 0x96]);
    for (length, entered) in [(most, false), (most, true), (more, true)] {
        let mut peer = Peer::tcp(house.address).await;
        if entered {
            peer.enter(connect_3("big", true)).await;
        }
        peer.raw(&[if entered { 0x30 } else { 0x10 }]).await;
        peer.raw(&length).await;
        peer.hung_up().await;
    }
    // What is within the limit passes, in whatever pieces it comes.
    let (mut peer, _) = Peer::three(house.address, "big", true).await;
    let bytes = publish_bytes("a", &"x".repeat(200 * 1024), 1, 1, false);
    for piece in bytes.chunks(50_000) {
        peer.raw(piece).await;
        tokio::task::yield_now().await;
    }
    peer.expect(0x40, &[0, 1]).await;
}

#[tokio::test]
async fn what_zigbee2mqtt_keeps_about_itself_passes_as_shipped_and_a_long_hello_does_not() {
    let house = House::open(open_settings()).await;
    let (mut bridge, _) = Peer::three(house.address, "zigbee2mqtt", true).await;
    // `bridge/definitions` of 2.14 has 299 945 bytes, whatever devices there are.
    let definitions = "x".repeat(300_000);
    bridge.publish("zigbee2mqtt/bridge/definitions", &definitions, 1, 1, true).await;
    bridge.expect(0x40, &[0, 1]).await;
    bridge.subscribe_3("zigbee2mqtt/#", 0).await;
    let told = bridge.told().await;
    assert_eq!((told.payload.len(), told.retain), (300_000, true));

    let mut stranger = Peer::tcp(house.address).await;
    stranger.raw(&[0x10, 0x80, 0x80, 0x04]).await;
    stranger.hung_up().await;
}

#[tokio::test]
async fn a_socket_is_not_read_further_while_64_messages_wait_for_the_disk() {
    let house = House::open(open_settings()).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    house.mode(Mode::Hold);
    let mut flood = Vec::new();
    for n in 1..=500 {
        flood.extend(publish_bytes("a", "x", 1, n, false));
    }
    pir.raw(&flood).await;
    until("as many as may are held", || house.held() == 64).await;
    // The ping stands behind what is not read.
    pir.raw(&[0xc0, 0]).await;
    let early = timeout(Duration::from_millis(100), pir.next()).await;
    assert!(early.is_err(), "{early:?}");
    assert_eq!(house.held(), 64);
    house.release();
    let mut next = 1_u16;
    while next <= 500 {
        let frame = pir.next().await;
        if frame.first != 0xd0 {
            assert_eq!((frame.first, frame.body), (0x40, next.to_be_bytes().to_vec()));
            next += 1;
        }
    }
    assert_eq!(house.messages().len(), 500, "and none is lost");
}

#[tokio::test]
async fn a_subscriber_that_never_reads_holds_nobody_up() {
    let settings = Settings { max_queued: 100, max_queued_bytes: 300_000, ..open_settings() };
    let house = House::open(settings).await;
    let (mut stuck, _) = Peer::three(house.address, "stuck", true).await;
    stuck.subscribe_3("a", 0).await;
    let (mut lasting, _) = Peer::three(house.address, "lasting", false).await;
    lasting.subscribe_3("a", 1).await;
    let (mut pir, _) = Peer::three(house.address, "pir", true).await;
    let payload = "x".repeat(50_000);
    for n in 1..=400 {
        pir.publish("a", &payload, 1, n, false).await;
        pir.expect(0x40, &n.to_be_bytes()).await;
    }
    assert!(house.counts.dropped.load(Relaxed) > 0);
    // The one that does not acknowledge was cut off; what fits its queue is still there for it.
    until("it is cut off", || house.counts.clients.load(Relaxed) == 2).await;
    until("only what fits is kept", || house.disk().kept().queued.len() <= 5).await;
    let (mut lasting, present) = Peer::three(house.address, "lasting", false).await;
    assert!(present);
    assert_eq!(lasting.told().await.payload, payload);
}

#[tokio::test]
async fn what_a_subscriber_does_not_take_is_dropped_and_counted() {
    let house = House::open(Settings { max_queued: 100, ..open_settings() }).await;
    let (mut stuck, _) = Peer::three(house.address, "stuck", true).await;
    stuck.subscribe_3("a", 0).await;
    // More than the sockets between us hold.
    let payload = vec![b'x'; 100_000];
    for _ in 0..200 {
        house.publisher.publish("a", payload.clone(), false).unwrap();
    }
    until("much is dropped", || house.counts.dropped.load(Relaxed) > 50).await;
    assert_eq!(stuck.told().await.payload.len(), 100_000);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_no_byte_for_long_is_cut_off() {
    let (listener, _desk, _tasks) = bare(open_settings()).await;
    let stop = CancellationToken::new();
    let (near, far) = duplex(1024);
    let serve = listener.serve(far, HERE, &stop);
    let mut stuck = Peer { stream: near };
    let began = Instant::now();
    let talk = async {
        stuck.enter(connect_3("stuck", true)).await;
        stuck.subscribe_3("a", 0).await;
        let payload = vec![b'x'; 5000];
        listener.publisher().publish("a", payload, false).unwrap();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = serve => {}
        () = talk => {}
    }
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert_eq!(listener.counts().broken.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_cut_off_after_one_and_a_half_times_its_keep_alive() {
    let (listener, desk, _tasks) = bare(open_settings()).await;
    let stop = CancellationToken::new();
    let (near, far) = duplex(1024);
    let serve = listener.serve(far, HERE, &stop);
    let mut peer = Peer { stream: near };
    let connect = Hello { keep_alive: 10, will: Some(("lwt", "gone")), ..connect_3("pir", true) };
    let talk = async {
        peer.enter(connect).await;
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_secs(14)).await;
            peer.nothing().await;
        }
        let last = Instant::now();
        assert_eq!(peer.stream.read(&mut [0]).await.unwrap(), 0);
        last.elapsed()
    };
    let ((), silence) = tokio::join!(serve, talk);
    assert_eq!(silence.as_millis() / 100, 150);
    assert_eq!(desk.lock().unwrap().disk.messages, [("lwt".into(), b"gone".to_vec())]);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_introduce_itself_is_cut_off_however_slowly_it_talks() {
    let (listener, _desk, _tasks) = bare(open_settings()).await;
    let (mut near, far) = duplex(1024);
    let began = Instant::now();
    let stop = CancellationToken::new();
    let talk = async {
        for byte in connect_3("slow", true).bytes() {
            near.write_all(&[byte]).await.unwrap();
            tokio::time::sleep(Duration::from_secs(4)).await;
        }
    };
    tokio::select! {
        () = listener.serve(far, HERE, &stop) => {}
        () = talk => panic!("listened to for too long"),
    }
    assert_eq!(began.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn the_answers_to_one_that_does_not_listen_do_not_pile_up() {
    let (listener, _desk, _tasks) = bare(open_settings()).await;
    let (mut near, far) = duplex(4096);
    let stop = CancellationToken::new();
    let mut sent = 0;
    let talk = async {
        near.write_all(&connect_3("deaf", true).bytes()).await.unwrap();
        while sent < 1_000_000 && near.write_all(&[0xc0, 0].repeat(1024)).await.is_ok() {
            sent += 2048;
        }
    };
    tokio::select! {
        () = listener.serve(far, HERE, &stop) => {}
        () = talk => {}
    }
    assert!(sent < 200_000, "{sent}");
}

#[tokio::test]
async fn when_there_are_too_many_sessions_the_one_away_for_longest_makes_room() {
    let house = House::open(Settings { max_sessions: 2, ..open_settings() }).await;
    for name in ["oldest", "newer"] {
        let (mut peer, _) = Peer::three(house.address, name, false).await;
        peer.raw(&[0xe0, 0]).await;
        peer.hung_up().await;
        until("it has left", || house.counts.clients.load(Relaxed) == 0).await;
    }
    let (_third, _) = Peer::three(house.address, "third", false).await;
    until("two are kept", || house.disk().kept().sessions.len() == 2).await;
    let (_newer, present) = Peer::three(house.address, "newer", false).await;
    assert!(present);
    let mut oldest = Peer::tcp(house.address).await;
    oldest.raw(&connect_3("oldest", false).bytes()).await;
    oldest.expect(0x20, &[0, 3]).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_too_fast_is_read_later_and_loses_nothing() {
    let settings = Settings { max_rate: Some(10), ..open_settings() };
    let (listener, desk, _tasks) = bare(settings).await;
    let stop = CancellationToken::new();
    let (near, far) = duplex(100_000);
    let serve = listener.serve(far, HERE, &stop);
    let mut peer = Peer { stream: near };
    let talk = async {
        peer.enter(Hello { keep_alive: 1, ..connect_3("pir", true) }).await;
        for n in 1..=35 {
            peer.publish("a", "x", 1, n, false).await;
        }
        let began = Instant::now();
        for n in 1..=35_u16 {
            peer.expect(0x40, &n.to_be_bytes()).await;
        }
        peer.raw(&[0xe0, 0]).await;
        began.elapsed()
    };
    let ((), took) = tokio::join!(serve, talk);
    assert_eq!(took.as_secs(), 3);
    assert_eq!(desk.lock().unwrap().disk.messages.len(), 35);
}

fn guarded() -> Settings {
    let rights = Rights { publish: filters(&["dev/%c/#"]), subscribe: filters(&["dev/%c/#"]) };
    let clients = vec![client("pir", rights.clone()), client("door", rights)];
    Settings { anonymous: None, clients, ..open_settings() }
}

async fn login(
    house: &House,
    name: &str,
    user: &str,
    password: &str,
) -> (Peer<tokio::net::TcpStream>, u8) {
    let mut peer = Peer::tcp(house.address).await;
    let hello = Hello { login: Some((user, password)), ..connect_3(name, false) };
    peer.raw(&hello.bytes()).await;
    let code = peer.next().await.body[1];
    (peer, code)
}

#[tokio::test]
async fn wrong_passwords_are_refused_and_in_the_end_not_even_looked_at() {
    let house = House::open(guarded()).await;
    assert_eq!(login(&house, "a", "pir", "pir's").await.1, 0);
    let mut nameless = Peer::tcp(house.address).await;
    nameless.raw(&connect_3("x", true).bytes()).await;
    nameless.expect(0x20, &[0, 5]).await;
    nameless.hung_up().await;
    for _ in 0..5 {
        let (mut peer, code) = login(&house, "a", "pir", "guess").await;
        assert_eq!(code, 4);
        peer.hung_up().await;
    }
    assert_eq!(login(&house, "a", "pir", "pir's").await.1, 5);
    assert_eq!(login(&house, "b", "door", "door's").await.1, 0);
    assert_eq!(house.counts.refused_logins.load(Relaxed), 7);
}

#[tokio::test]
async fn a_client_gets_no_further_than_its_rights() {
    let house = House::open(guarded()).await;
    let (mut peer, _) = login(&house, "p1", "pir", "pir's").await;
    // 3.1.1 can only be told yes; it is not stored, and what is allowed still passes.
    peer.publish("dev/p2/state", "forged", 1, 1, false).await;
    peer.expect(0x40, &[0, 1]).await;
    peer.publish("dev/p1/state", "true", 1, 2, false).await;
    peer.expect(0x40, &[0, 2]).await;
    assert_eq!(house.messages(), [("dev/p1/state".into(), b"true".to_vec())]);
    peer.raw(&subscribe_bytes("dev/+/state", 1)).await;
    peer.expect(0x90, &[0, 7, 0x80]).await;
    assert_eq!(house.counts.refused.load(Relaxed), 2);

    let own = Rights { publish: filters(&["a"]), subscribe: filters(&["a"]) };
    let house = House::open(Settings { anonymous: Some(own), ..open_settings() }).await;
    let (mut peer, _) = Peer::five(house.address, "p", true, 0).await;
    assert_eq!(peer.subscribe_5("#", SubOpts::new()).await, 0x87);
    let other = v5_0::Publish::builder();
    let other = other.topic_name("b").unwrap().qos(qos(1)).packet_id(3_u16).build().unwrap();
    peer.raw(&other.to_continuous_buffer()).await;
    peer.expect(0x40, &[0, 3, 0x87]).await;
}

#[tokio::test]
async fn a_session_is_not_handed_to_another_user() {
    let house = House::open(guarded()).await;
    let (mut pir, code) = login(&house, "p1", "pir", "pir's").await;
    assert_eq!(code, 0);
    assert_eq!(login(&house, "p1", "door", "door's").await.1, 5);
    pir.nothing().await;
    // Unless that user is no longer known: then it begins anew.
    let mut settings = guarded();
    settings.clients.retain(|c| c.user != "pir");
    let house = House::after(house.kill().await, settings).await;
    let (mut door, code) = login(&house, "p1", "door", "door's").await;
    assert_eq!(code, 0);
    door.nothing().await;
}

#[tokio::test]
async fn more_clients_than_allowed_are_refused_but_a_known_one_may_come_back() {
    let house = House::open(Settings { max_clients: 2, ..open_settings() }).await;
    let (_a, _) = Peer::three(house.address, "a", true).await;
    let (_b, _) = Peer::three(house.address, "b", true).await;
    let mut c = Peer::tcp(house.address).await;
    c.raw(&connect_3("c", true).bytes()).await;
    c.expect(0x20, &[0, 3]).await;
    let (_b, _) = Peer::three(house.address, "b", true).await;
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let house = House::open(open_settings()).await;
    let settings = Settings { listen: vec![house.address], ..open_settings() };
    let (inbox, _outlet, _) = careloop::inbox::Inbox::new(std::sync::Arc::default());
    let error = mqtt::bind(settings, Default::default(), inbox).await.unwrap_err();
    assert!(matches!(error, ListenError::Bind { .. }));
    assert_eq!(error.to_string(), format!("cannot listen for MQTT on `{}`", house.address));
}

#[tokio::test]
async fn versions_we_do_not_speak_are_told_so() {
    let house = House::open(open_settings()).await;
    for hello in
        [&b"\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x01a"[..], b"\x00\x04MQTT\x06\x02\x00\x3c\x00\x01a"]
    {
        let mut peer = Peer::tcp(house.address).await;
        peer.raw(&[0x10, u8::try_from(hello.len()).unwrap()]).await;
        peer.raw(hello).await;
        peer.expect(0x20, &[0, 1]).await;
        peer.hung_up().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_storm_every_message_is_stored_once_and_acknowledged() {
    let house = House::open(Settings { max_queued: 10_000, ..open_settings() }).await;
    let (mut app, _) = Peer::three(house.address, "app", false).await;
    app.subscribe_3("storm/+", 1).await;
    let mut clients = tokio::task::JoinSet::new();
    let (address, each) = (house.address, 200_u16);
    for c in 0..20 {
        clients.spawn(async move {
            let (mut peer, _) = Peer::three(address, &format!("c{c}"), c % 2 == 0).await;
            let mut bytes = Vec::new();
            for n in 1..=each {
                let level = u8::try_from(n % 2 + 1).unwrap();
                bytes.extend(publish_bytes(&format!("storm/{c}"), &n.to_string(), level, n, false));
            }
            peer.raw(&bytes).await;
            for n in 1..=each {
                let first = if n % 2 == 1 { 0x50 } else { 0x40 };
                peer.expect(first, &n.to_be_bytes()).await;
            }
        });
    }
    for _ in 0..20 * each {
        let told = app.told().await;
        let [a, b] = told.id.to_be_bytes();
        app.raw(&[0x40, 2, a, b]).await;
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    assert_eq!(house.messages().len(), 20 * usize::from(each));
    until("all is written off", || house.disk().kept().queued.is_empty()).await;
}
