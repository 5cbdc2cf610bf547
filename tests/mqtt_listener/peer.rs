//! A client that says exactly what the test wants, packet by packet.

use std::net::SocketAddr;
use std::time::Duration;

use mqtt_protocol_core::mqtt::packet::{
    Property, Qos, SessionExpiryInterval, SubEntry, SubOpts, v3_1_1, v5_0,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(10);

pub struct Peer<S> {
    pub stream: S,
}

/// One packet of the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub first: u8,
    pub body: Vec<u8>,
}

/// A PUBLISH of the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub topic: String,
    pub payload: String,
    pub qos: u8,
    pub id: u16,
    pub dup: bool,
    pub retain: bool,
    pub properties: Vec<Property>,
}

pub fn qos(n: u8) -> Qos {
    [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce][usize::from(n)]
}

fn level(level: Qos) -> u8 {
    (0..3).find(|n| qos(*n) == level).unwrap()
}

/// A CONNECT of version 3.1.1.
#[derive(Debug, Clone, Default)]
pub struct Hello<'a> {
    pub client: &'a str,
    pub clean: bool,
    pub keep_alive: u16,
    pub login: Option<(&'a str, &'a str)>,
    /// Topic and payload; QoS 1, retained.
    pub will: Option<(&'a str, &'a str)>,
}

impl Hello<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let mut builder = v3_1_1::Connect::builder().client_id(self.client).unwrap();
        builder = builder.clean_session(self.clean).keep_alive(self.keep_alive);
        if let Some((user, password)) = self.login {
            builder = builder.user_name(user).unwrap().password(password).unwrap();
        }
        if let Some((topic, payload)) = self.will {
            builder = builder.will_message(topic, payload, qos(1), true).unwrap();
        }
        builder.build().unwrap().to_continuous_buffer()
    }
}

pub fn connect_3(client: &str, clean: bool) -> Hello<'_> {
    Hello { client, clean, ..Hello::default() }
}

pub fn connect_5(client: &str, clean: bool, expiry: u32) -> Vec<u8> {
    let expiry = SessionExpiryInterval::new(expiry).unwrap().into();
    let builder = v5_0::Connect::builder().client_id(client).unwrap().clean_start(clean);
    builder.props(vec![expiry]).build().unwrap().to_continuous_buffer()
}

impl Peer<TcpStream> {
    pub async fn tcp(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap() }
    }

    /// Version 3.1.1, let in; and whether there was a session.
    pub async fn three(address: SocketAddr, client: &str, clean: bool) -> (Self, bool) {
        let mut peer = Self::tcp(address).await;
        let present = peer.enter(connect_3(client, clean)).await;
        (peer, present)
    }

    /// Version 5, let in; and whether there was a session.
    pub async fn five(address: SocketAddr, client: &str, clean: bool, expiry: u32) -> (Self, bool) {
        let mut peer = Self::tcp(address).await;
        peer.raw(&connect_5(client, clean, expiry)).await;
        let connack = peer.next().await;
        assert_eq!((connack.first, connack.body[1]), (0x20, 0), "{connack:?}");
        (peer, connack.body[0] == 1)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub async fn raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub async fn enter(&mut self, connect: Hello<'_>) -> bool {
        self.raw(&connect.bytes()).await;
        let connack = self.next().await;
        assert_eq!((connack.first, connack.body[1]), (0x20, 0), "{connack:?}");
        connack.body[0] == 1
    }

    /// The next packet, or `None`: hung up.
    pub async fn try_next(&mut self) -> Option<Frame> {
        let read = async {
            let first = self.stream.read_u8().await.ok()?;
            let mut length = 0;
            for n in 0..4 {
                let byte = self.stream.read_u8().await.ok()?;
                length |= usize::from(byte & 0x7f) << (7 * n);
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await.ok()?;
            Some(Frame { first, body })
        };
        timeout(PATIENCE, read).await.expect("the broker says nothing")
    }

    pub async fn next(&mut self) -> Frame {
        self.try_next().await.expect("the broker hung up")
    }

    /// Exactly this comes next.
    pub async fn expect(&mut self, first: u8, body: &[u8]) {
        assert_eq!(self.next().await, Frame { first, body: body.to_vec() });
    }

    pub async fn hung_up(&mut self) {
        let next = self.try_next().await;
        assert_eq!(next, None, "not hung up");
    }

    /// Nothing was said before this: the answer to a ping comes first.
    pub async fn nothing(&mut self) {
        self.raw(&[0xc0, 0]).await;
        self.expect(0xd0, &[]).await;
    }

    pub async fn publish(&mut self, topic: &str, payload: &str, level: u8, id: u16, retain: bool) {
        let bytes = publish_bytes(topic, payload, level, id, retain);
        self.raw(&bytes).await;
    }

    pub async fn subscribe_3(&mut self, filter: &str, level: u8) {
        self.raw(&subscribe_bytes(filter, level)).await;
        self.expect(0x90, &[0, 7, level]).await;
    }

    /// Version 5, with options; says the code.
    pub async fn subscribe_5(&mut self, filter: &str, options: SubOpts) -> u8 {
        let entry = SubEntry::new(filter, options).unwrap();
        let subscribe = v5_0::Subscribe::builder().packet_id(7).entries(vec![entry]).build();
        self.raw(&subscribe.unwrap().to_continuous_buffer()).await;
        let suback = self.next().await;
        assert_eq!((suback.first, &suback.body[..3]), (0x90, &[0, 7, 0][..]));
        suback.body[3]
    }

    pub async fn told(&mut self) -> Told {
        told_3(&self.next().await)
    }

    pub async fn told_5(&mut self) -> Told {
        let frame = self.next().await;
        assert_eq!(frame.first >> 4, 3, "{frame:?}");
        let (p, _) = v5_0::Publish::parse(frame.first & 15, frame.body.into()).unwrap();
        Told {
            topic: p.topic_name().into(),
            payload: String::from_utf8(p.payload().as_slice().to_vec()).unwrap(),
            qos: level(p.qos()),
            id: p.packet_id().unwrap_or(0),
            dup: p.dup(),
            retain: p.retain(),
            properties: p.props().clone(),
        }
    }
}

pub fn told_3(frame: &Frame) -> Told {
    assert_eq!(frame.first >> 4, 3, "{frame:?}");
    let (p, _) = v3_1_1::Publish::parse(frame.first & 15, frame.body.clone().into()).unwrap();
    Told {
        topic: p.topic_name().into(),
        payload: String::from_utf8(p.payload().as_slice().to_vec()).unwrap(),
        qos: level(p.qos()),
        id: p.packet_id().unwrap_or(0),
        dup: p.dup(),
        retain: p.retain(),
        properties: Vec::new(),
    }
}

pub fn publish_bytes(topic: &str, payload: &str, level: u8, id: u16, retain: bool) -> Vec<u8> {
    let builder = v3_1_1::Publish::builder().topic_name(topic).unwrap().qos(qos(level));
    let builder = if level == 0 { builder } else { builder.packet_id(id) };
    builder.payload(payload).retain(retain).build().unwrap().to_continuous_buffer()
}

pub fn subscribe_bytes(filter: &str, level: u8) -> Vec<u8> {
    let entry = SubEntry::new(filter, SubOpts::new().set_qos(qos(level))).unwrap();
    let subscribe = v3_1_1::Subscribe::builder().packet_id(7).entries(vec![entry]).build();
    subscribe.unwrap().to_continuous_buffer()
}
