//! As much of MQTT 3.1.1 as a load needs, byte by byte: the same for every server.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A client that is let in.
pub struct Client {
    stream: TcpStream,
    input: Vec<u8>,
}

/// A packet of the server: its first byte, and its body.
pub type Packet = (u8, Vec<u8>);

impl Client {
    pub async fn connect(port: u16, name: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 60];
        text(&mut body, name);
        let mut client = Self { stream, input: Vec::new() };
        client.send(&packet(0x10, &body)).await;
        assert_eq!(client.packet().await, (0x20, vec![0, 0]), "the server lets {name} in");
        client
    }

    pub async fn subscribe(&mut self, filter: &str) {
        let mut body = vec![0, 1];
        text(&mut body, filter);
        body.push(0);
        self.send(&packet(0x82, &body)).await;
        assert_eq!(self.packet().await.0, 0x90, "the server takes {filter}");
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server reads");
    }

    /// Waits for the next packet.
    pub async fn packet(&mut self) -> Packet {
        loop {
            if let Some(packet) = take(&mut self.input) {
                return packet;
            }
            let n = self.stream.read_buf(&mut self.input).await.expect("the server writes");
            assert_ne!(n, 0, "the server has hung up");
        }
    }

    /// Waits for acknowledgements, and says how many came.
    pub async fn acknowledged(&mut self) -> usize {
        loop {
            let n = self.stream.read_buf(&mut self.input).await.expect("the server writes");
            assert_ne!(n, 0, "the server has hung up");
            let whole = self.input.len() / 4;
            for ack in self.input.chunks_exact(4) {
                assert_eq!(ack[..2], [0x40, 2], "a PUBACK");
            }
            self.input.drain(..whole * 4);
            if whole != 0 {
                return whole;
            }
        }
    }
}

/// PUBLISH with QoS 1; its identifier stands at the offset that is handed back.
pub fn publish(topic: &str, payload: &str) -> (Vec<u8>, usize) {
    let mut body = Vec::new();
    text(&mut body, topic);
    let at = body.len();
    body.extend([0, 1]);
    body.extend(payload.as_bytes());
    let packet = packet(0x32, &body);
    let head = packet.len() - body.len();
    (packet, head + at)
}

/// Topic and payload of a PUBLISH with QoS 0.
pub fn published(body: &[u8]) -> (String, String) {
    let length = usize::from(u16::from_be_bytes([body[0], body[1]]));
    let (topic, payload) = body[2..].split_at(length);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(topic), text(payload))
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    let mut n = body.len();
    while 0x7f < n {
        packet.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    packet.push(n as u8);
    packet.extend(body);
    packet
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u16).to_be_bytes());
    out.extend(text.as_bytes());
}

fn take(input: &mut Vec<u8>) -> Option<Packet> {
    let (mut length, mut head) = (0, 1);
    loop {
        let byte = *input.get(head)?;
        length |= usize::from(byte & 0x7f) << (7 * (head - 1));
        head += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let end = head + length;
    if input.len() < end {
        return None;
    }
    let packet = (input[0], input[head..end].to_vec());
    input.drain(..end);
    Some(packet)
}
