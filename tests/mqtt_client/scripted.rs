//! Against a broker whose every byte the test decides.

use std::time::Duration;

use careloop::inbox::Answer;
use careloop::source::mqtt_client::{LinkState, PublishError};
use rumqttc::{
    ConnAck, Connect, ConnectReturnCode, Packet, PubAck, Publish, QoS, SubAck, SubscribeReasonCode,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::bytes::BytesMut;

use super::{Side, settings, soon, text};

struct Broker {
    listener: TcpListener,
}

/// The broker's end of one connection.
struct Line {
    socket: TcpStream,
    read: BytesMut,
    connect: Connect,
}

impl Broker {
    async fn open() -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (Self { listener }, port)
    }

    /// Lets the client in and grants what it subscribes to.
    async fn accept(&self, session_present: bool) -> Line {
        let mut line = self.accept_only(session_present).await;
        let Some(Packet::Subscribe(asked)) = line.next().await else { panic!("a subscription") };
        let granted = SubscribeReasonCode::Success(QoS::AtLeastOnce);
        let codes = vec![granted; asked.filters.len()];
        line.say(Packet::SubAck(SubAck::new(asked.pkid, codes))).await;
        line
    }

    async fn accept_only(&self, session_present: bool) -> Line {
        let (socket, _) = soon("a connection", self.listener.accept()).await.unwrap();
        let mut line = Line { socket, read: BytesMut::new(), connect: Connect::new("") };
        let Some(Packet::Connect(connect)) = line.next().await else { panic!("CONNECT first") };
        line.connect = connect;
        let code = ConnectReturnCode::Success;
        line.say(Packet::ConnAck(ConnAck::new(code, session_present))).await;
        line
    }
}

impl Line {
    async fn say(&mut self, packet: Packet) {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes, usize::MAX).unwrap();
        self.socket.write_all(&bytes).await.unwrap();
    }

    async fn hand_over(&mut self, id: u16, payload: &str) {
        let mut publish = Publish::new("home/sensor", QoS::AtLeastOnce, payload);
        publish.pkid = id;
        self.say(Packet::Publish(publish)).await;
    }

    /// What the client says next but pings; `None` when it has hung up.
    async fn next(&mut self) -> Option<Packet> {
        soon("the client", self.whatever_comes()).await
    }

    async fn whatever_comes(&mut self) -> Option<Packet> {
        loop {
            match Packet::read(&mut self.read, usize::MAX) {
                Ok(Packet::PingReq) => self.say(Packet::PingResp).await,
                Ok(packet) => return Some(packet),
                Err(rumqttc::Error::InsufficientBytes(_)) => {
                    if self.socket.read_buf(&mut self.read).await.unwrap_or(0) == 0 {
                        return None;
                    }
                }
                Err(e) => panic!("{e}"),
            }
        }
    }

    async fn acknowledged(&mut self) -> u16 {
        match self.next().await {
            Some(Packet::PubAck(ack)) => ack.pkid,
            other => panic!("an acknowledgement is due, not {other:?}"),
        }
    }

    /// Whatever the client had to say before, it has said by the time its own message comes.
    async fn next_is_a_message(&mut self) -> u16 {
        match self.next().await {
            Some(Packet::Publish(publish)) => publish.pkid,
            other => panic!("nothing is due but the client's own message, not {other:?}"),
        }
    }
}

#[tokio::test]
async fn it_acknowledges_after_the_receipt_and_in_the_order_of_arrival() {
    let (broker, port) = Broker::open().await;
    let mut side = Side::start(settings(port, &["home/#"]));
    let mut line = broker.accept(false).await;
    for id in 1..=3 {
        line.hand_over(id, "x").await;
    }
    let (first, second, third) = (side.letter().await, side.letter().await, side.letter().await);
    second.receipt.send(Answer::Done).unwrap();
    third.receipt.send(Answer::Done).unwrap();

    let link = side.link.clone();
    side.tasks.spawn(async move { link.publish("careloop/a", vec![], false).await.unwrap() });
    let id = line.next_is_a_message().await;
    line.say(Packet::PubAck(PubAck::new(id))).await;

    first.receipt.send(Answer::Done).unwrap();
    assert_eq!([line.acknowledged().await, line.acknowledged().await], [1, 2]);
    assert_eq!(line.acknowledged().await, 3);
}

#[tokio::test]
async fn what_could_not_be_stored_is_not_acknowledged_nor_anything_behind_it() {
    let (broker, port) = Broker::open().await;
    let mut side = Side::start(settings(port, &["home/#"]));
    let mut line = broker.accept(false).await;
    for id in 1..=3 {
        line.hand_over(id, "x").await;
    }
    let (first, second, third) = (side.letter().await, side.letter().await, side.letter().await);
    third.receipt.send(Answer::Done).unwrap();
    drop(second);
    first.receipt.send(Answer::Done).unwrap();
    // It hangs up, so that the broker sends them again.
    let mut heard = Vec::new();
    while let Some(packet) = line.next().await {
        heard.push(packet);
    }
    assert!(heard.iter().all(|p| *p == Packet::PubAck(PubAck::new(1))), "{heard:?}");
    broker.accept(true).await;
}

#[tokio::test]
async fn an_acknowledgement_of_a_lost_connection_does_not_confirm_a_message_of_the_next() {
    let (broker, port) = Broker::open().await;
    let mut side = Side::start(settings(port, &["home/#"]));
    let mut line = broker.accept(false).await;
    line.hand_over(1, "old").await;
    let old = side.letter().await;
    assert_eq!(text(&old), "old");
    drop(line);
    side.state("the loss", |s| matches!(s, LinkState::Down { .. })).await;
    old.receipt.send(Answer::Done).unwrap();

    // The broker has lost the session, and counts from 1 again.
    let mut line = broker.accept(false).await;
    line.hand_over(1, "new").await;
    let new = side.letter().await;
    assert_eq!(text(&new), "new");
    let link = side.link.clone();
    side.tasks.spawn(async move { drop(link.publish("careloop/a", vec![], false).await) });
    line.next_is_a_message().await;
    new.receipt.send(Answer::Done).unwrap();
    assert_eq!(line.acknowledged().await, 1);
}

#[tokio::test]
async fn messages_read_together_with_the_end_of_the_line_are_taken_in() {
    let (broker, port) = Broker::open().await;
    let mut side = Side::start(settings(port, &["home/#"]));
    let mut line = broker.accept(false).await;
    side.up().await;
    // With QoS 0 they would not come again.
    for n in 0..7 {
        let publish = Publish::new("home/sensor", QoS::AtMostOnce, n.to_string());
        line.say(Packet::Publish(publish)).await;
    }
    drop(line);
    for n in 0..7 {
        let letter = side.letter().await;
        assert_eq!(text(&letter), n.to_string());
        letter.receipt.send(Answer::Done).unwrap();
    }
    broker.accept(true).await;
}

#[tokio::test]
async fn a_flood_after_a_reconnect_does_not_lock_reader_and_storer() {
    const FLOOD: u16 = 20_000;
    let (broker, port) = Broker::open().await;
    let mut side = Side::start(settings(port, &["home/#"]));
    drop(broker.accept(false).await);
    let mut line = broker.accept(true).await;
    // All at once and not reading a single acknowledgement meanwhile.
    let storer = async {
        for _ in 0..FLOOD {
            side.stored().await;
        }
    };
    let flood = async {
        for id in 1..=FLOOD {
            line.hand_over(id, "x").await;
        }
    };
    tokio::join!(soon("the flood to be stored", storer), flood);
    for id in 1..=FLOOD {
        assert_eq!(line.acknowledged().await, id);
    }
}

#[tokio::test]
async fn it_keeps_its_session_and_subscribes_on_every_connection() {
    let (broker, port) = Broker::open().await;
    let mut settings = settings(port, &["a/#", "b/+"]);
    settings.will = Some(("careloop/status".to_owned(), "offline".to_owned()));
    let _side = Side::start(settings);
    for session_present in [false, true] {
        let mut line = broker.accept_only(session_present).await;
        assert!(!line.connect.clean_session);
        assert_eq!(line.connect.client_id, "careloop");
        let will = line.connect.last_will.clone().unwrap();
        assert_eq!(
            (will.topic.as_str(), &will.message[..], will.retain),
            ("careloop/status", &b"offline"[..], true)
        );
        let Some(Packet::Subscribe(asked)) = line.next().await else { panic!("a subscription") };
        let filters: Vec<_> = asked.filters.iter().map(|f| (f.path.as_str(), f.qos)).collect();
        assert_eq!(filters, [("a/#", QoS::AtLeastOnce), ("b/+", QoS::AtLeastOnce)]);
    }
}

#[tokio::test]
async fn topics_that_the_broker_keeps_from_us_are_named() {
    let (broker, port) = Broker::open().await;
    let side = Side::start(settings(port, &["open/#", "locked/#", "wr#ng"]));
    let mut line = broker.accept_only(false).await;
    let Some(Packet::Subscribe(asked)) = line.next().await else { panic!("a subscription") };
    let codes = vec![SubscribeReasonCode::Success(QoS::AtLeastOnce), SubscribeReasonCode::Failure];
    line.say(Packet::SubAck(SubAck::new(asked.pkid, codes))).await;
    let state = side.state("the connection", |s| matches!(s, LinkState::Up { .. })).await;
    let refused = vec!["locked/#".to_owned(), "wr#ng".to_owned()];
    assert_eq!(state, LinkState::Up { refused });
}

#[tokio::test]
async fn published_means_that_the_broker_said_so_for_this_very_message() {
    let (broker, port) = Broker::open().await;
    let side = Side::start(settings(port, &["home/#"]));
    let mut line = broker.accept(false).await;
    side.up().await;
    let publish = |topic| side.link.publish(topic, b"1".to_vec(), true);
    let script = async {
        let mut ids = std::collections::BTreeMap::new();
        for _ in 0..3 {
            let Some(Packet::Publish(publish)) = line.next().await else { panic!("a message") };
            assert!(publish.retain && publish.qos == QoS::AtLeastOnce);
            ids.insert(publish.topic, publish.pkid);
        }
        // Out of order; `a` is never acknowledged.
        line.say(Packet::PubAck(PubAck::new(ids["c"]))).await;
        line.say(Packet::PubAck(PubAck::new(ids["b"]))).await;
        drop(line);
    };
    let (a, b, c, ()) = tokio::join!(publish("a"), publish("b"), publish("c"), script);
    assert!(matches!(a, Err(PublishError::Unknown { .. })), "{a:?}");
    assert_eq!((b, c), (Ok(()), Ok(())));
    // And what was unknown is not sent again behind the caller's back.
    let mut line = broker.accept(true).await;
    line.hand_over(9, "x").await;
    let mut side = side;
    side.stored().await;
    assert_eq!(line.acknowledged().await, 9);
}

#[tokio::test]
async fn a_broker_that_turns_us_away_is_not_called_again_at_once() {
    let (broker, port) = Broker::open().await;
    let _side = Side::start(settings(port, &["home/#"]));
    drop(broker.listener.accept().await.unwrap());
    let began = Instant::now();
    for _ in 0..3 {
        drop(soon("the next attempt", broker.listener.accept()).await.unwrap());
    }
    // At least half of 250, 500 and 1000 ms.
    assert!(Duration::from_millis(125 + 250 + 500) <= began.elapsed(), "{:?}", began.elapsed());
}

#[tokio::test]
async fn it_takes_leave_when_cancelled() {
    let (broker, port) = Broker::open().await;
    let mut side = Side::start(settings(port, &["home/#"]));
    let mut line = broker.accept(false).await;
    side.up().await;
    side.cancel.cancel();
    assert_eq!(line.next().await, Some(Packet::Disconnect));
    drop(line);
    soon("the end", side.tasks.join_next()).await.unwrap().unwrap();
    assert!(matches!(&*side.link.state().borrow(), LinkState::Down { .. }));
}
