//! A sensor that counts on QoS 1: what is not acknowledged it sends again, with the flag that says so.

use std::collections::BTreeMap;
use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many messages a device has on their way.
const WINDOW: usize = 16;

pub struct Device {
    name: String,
    line: Option<TcpStream>,
    read: Vec<u8>,
    next: u16,
    /// Sent and not acknowledged: what comes again after a reconnect.
    unsure: BTreeMap<u16, (String, String)>,
    /// Topic and payload of all that the broker has acknowledged.
    pub acknowledged: Vec<(String, String)>,
    /// How many were sent a second time.
    pub repeated: usize,
}

impl Device {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            line: None,
            read: Vec::new(),
            next: 0,
            unsure: BTreeMap::new(),
            acknowledged: Vec::new(),
            repeated: 0,
        }
    }

    pub fn is_named(&self, name: &str) -> bool {
        self.name.starts_with(name)
    }

    /// Connects, and sends again what is not known to have arrived.
    pub async fn connect(&mut self, port: u16) -> io::Result<()> {
        (self.line, self.read) = (None, Vec::new());
        let mut line = TcpStream::connect(("127.0.0.1", port)).await?;
        line.set_nodelay(true)?;
        // MQTT 3.1.1, clean session, no keep-alive.
        let mut body = b"\0\x04MQTT\x04\x02\0\0".to_vec();
        body.extend(text(&self.name));
        line.write_all(&packet(0x10, &body)).await?;
        let mut welcome = [0; 4];
        line.read_exact(&mut welcome).await?;
        assert_eq!(welcome, [0x20, 2, 0, 0], "the broker lets us in");
        for (id, (topic, payload)) in &self.unsure {
            line.write_all(&publish(*id, topic, payload, true)).await?;
        }
        self.repeated += self.unsure.len();
        self.line = Some(line);
        Ok(())
    }

    /// Sends one more, once there is room among those on their way.
    pub async fn send(&mut self, topic: &str, payload: &str) -> io::Result<()> {
        // Before anything can fail: what may have gone out is never forgotten.
        self.next = self.next.checked_add(1).unwrap_or(1);
        let id = self.next;
        self.unsure.insert(id, (topic.to_owned(), payload.to_owned()));
        self.line()?.write_all(&publish(id, topic, payload, false)).await?;
        while WINDOW <= self.unsure.len() {
            self.hear().await?;
        }
        Ok(())
    }

    /// Waits until everything is acknowledged.
    pub async fn settle(&mut self) -> io::Result<()> {
        while !self.unsure.is_empty() {
            self.hear().await?;
        }
        Ok(())
    }

    async fn hear(&mut self) -> io::Result<()> {
        let line = self.line.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        if line.read_buf(&mut self.read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        while let Some([0x40, 2, high, low]) = self.read.first_chunk() {
            let sent = self.unsure.remove(&u16::from_be_bytes([*high, *low]));
            self.acknowledged.push(sent.expect("an acknowledgement of something sent"));
            self.read.drain(..4);
        }
        Ok(())
    }

    fn line(&mut self) -> io::Result<&mut TcpStream> {
        self.line.as_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    [&length.to_be_bytes(), text.as_bytes()].concat()
}

fn publish(id: u16, topic: &str, payload: &str, again: bool) -> Vec<u8> {
    let body = [&text(topic), id.to_be_bytes().as_slice(), payload.as_bytes()].concat();
    packet(if again { 0x3a } else { 0x32 }, &body)
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut all = vec![kind];
    let mut rest = body.len();
    loop {
        let digit = u8::try_from(rest % 128).unwrap();
        rest /= 128;
        all.push(if rest == 0 { digit } else { digit | 128 });
        if rest == 0 {
            break;
        }
    }
    all.extend(body);
    all
}
