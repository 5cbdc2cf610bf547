//! Somebody's HTTP service, which takes what careloop sends and checks who wrote it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ring::hmac;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::house::until;

pub const SECRET: &str = "共享 secret";

#[derive(Clone)]
pub struct Received {
    pub body: Value,
    pub at: Instant,
}

pub struct FarSide {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    _tasks: JoinSet<()>,
}

impl FarSide {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        let all = Arc::clone(&received);
        tasks.spawn(async move {
            let mut lines = JoinSet::new();
            loop {
                let (line, _) = listener.accept().await.unwrap();
                let all = Arc::clone(&all);
                lines.spawn(async move {
                    // A careloop that is killed in the middle leaves half a request.
                    if let Some(one) = take(line).await {
                        all.lock().unwrap().push(one);
                    }
                });
            }
        });
        Self { url, received, _tasks: tasks }
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits for a message that contains this.
    pub async fn gets(&self, part: &str) -> Received {
        until(part, || self.received().into_iter().find(|r| r.body.to_string().contains(part)))
            .await
    }
}

async fn take(mut line: TcpStream) -> Option<Received> {
    let mut read = Vec::new();
    let (head, body) = loop {
        if line.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: "));
        if length.unwrap().parse::<usize>().unwrap() <= body.len() {
            break (head.to_owned(), body.to_owned());
        }
    };
    let headers: BTreeMap<&str, &str> =
        head.lines().skip(1).filter_map(|l| l.split_once(": ")).collect();
    let signed = format!("{}.{body}", headers["careloop-timestamp"]);
    let tag = headers["careloop-signature"].strip_prefix("v1=").unwrap();
    let tag = data_encoding::HEXLOWER.decode(tag.as_bytes()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    hmac::verify(&key, signed.as_bytes(), &tag).expect("careloop has signed it");
    assert!(headers.contains_key("careloop-delivery"), "{head}");
    line.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.ok()?;
    let body = serde_json::from_str(&body).expect("it is JSON");
    Some(Received { body, at: Instant::now() })
}
