//! A far side: it reads one request, keeps it, and does what it is told to.

use std::collections::BTreeMap;
use std::time::Duration;

use careloop::channel::fill::Place;
use careloop::channel::{Channel, Notice, Verdict};
use careloop::template::Template;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What a far side does with a request once it has read it.
#[derive(Clone, Copy)]
pub enum Does<'a> {
    /// Answers with these bytes.
    Answer(&'a str),
    /// Answers `200 OK` with this body.
    Says(&'a str),
    /// Says nothing and keeps the line open.
    Wait,
    HangUp,
}

pub struct Request {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Request {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// As the settings read it.
pub fn template(text: &str) -> Template<Place> {
    Template::read(text, Place::ALL, Place::name).unwrap()
}

/// Somebody to post to.
pub struct FarSide(TcpListener);

impl FarSide {
    pub async fn open() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    /// One attempt, and what was read.
    pub async fn hears(
        &self,
        channel: &Channel,
        notice: &Notice,
        does: Does<'_>,
    ) -> (Verdict, Request) {
        let far_side = async {
            let (mut line, _) = self.0.accept().await.unwrap();
            let request = read(&mut line).await;
            let said = match does {
                Does::Answer(answer) => answer.to_owned(),
                Does::Says(body) => ok(body),
                Does::Wait | Does::HangUp => String::new(),
            };
            line.write_all(said.as_bytes()).await.unwrap();
            // The line stays open while somebody holds it.
            (request, matches!(does, Does::Wait).then_some(line))
        };
        let (verdict, (request, _line)) = tokio::join!(soon(channel.tell(notice)), far_side);
        (verdict, request)
    }
}

impl FarSide {
    /// One attempt that wants several answers, and what was read for each.
    pub async fn hears_all(
        &self,
        channel: &Channel,
        notice: &Notice,
        says: &[&str],
    ) -> (Verdict, Vec<Request>) {
        let far_side = async {
            let mut all = Vec::new();
            for body in says {
                let (mut line, _) = self.0.accept().await.unwrap();
                all.push(read(&mut line).await);
                line.write_all(ok(body).as_bytes()).await.unwrap();
            }
            all
        };
        tokio::join!(soon(channel.tell(notice)), far_side)
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("an attempt ends")
}

pub async fn read(line: &mut (impl AsyncRead + Unpin)) -> Request {
    let mut read = Vec::new();
    loop {
        assert_ne!(line.read_buf(&mut read).await.unwrap(), 0, "the request is whole");
        let text = String::from_utf8_lossy(&read);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lines = head.lines();
        let first = lines.next().unwrap().to_owned();
        let headers: BTreeMap<_, _> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        if length == body.len() {
            return Request { line: first, headers, body: body.to_owned() };
        }
    }
}
