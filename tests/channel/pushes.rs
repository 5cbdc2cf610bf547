//! Web Push, against a push service that checks who sends; and a browser that opens what it gets.

use std::process::{Command, Stdio};
use std::time::Duration;

use careloop::channel::http::Line;
use careloop::channel::push::Account;
use careloop::channel::{Channel, Notice, Push, Verdict};
use careloop::domain::Time;
use data_encoding::BASE64URL_NOPAD as BASE64;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::far_side::soon;

const BROWSER: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

fn push() -> Push {
    let key = Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let key = String::from_utf8(key.stdout).unwrap().into();
    let line = Line::new(None, Duration::from_millis(600)).unwrap();
    Push::new(line, Account { key, contact: "mailto:care@example.org".to_owned() }).unwrap()
}

fn notice(to: String) -> Notice {
    Notice {
        to,
        body: json!({ "level": "urgent", "heading": "紧急 h1-7" }),
        text: "紧急报警，编号 h1-7".to_owned(),
        at: Time(1_700_000_000_000),
        delivery: "h1-7/3".parse().unwrap(),
    }
}

/// One attempt at a service that answers so; the head and the body that it read.
async fn tell(push: Push, answer: &str) -> (Verdict, String, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/push/CAPABILITY", listener.local_addr().unwrap());
    let keys = json!({ "p256dh": BROWSER, "auth": "BTBZMqHH6r4Tts7J_aSIgg" });
    let to = json!({ "endpoint": endpoint, "expirationTime": null, "keys": keys }).to_string();
    let service = async {
        let (mut line, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        loop {
            assert_ne!(line.read_buf(&mut read).await.unwrap(), 0);
            let Some(end) = read.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let (head, body) = read.split_at(end + 4);
            let head = String::from_utf8(head.to_vec()).unwrap();
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
            if length.parse::<usize>().unwrap() == body.len() {
                line.write_all(answer.as_bytes()).await.unwrap();
                return (head, body.to_vec());
            }
        }
    };
    let (channel, notice) = (Channel::Push(push), notice(to));
    let (verdict, (head, body)) = tokio::join!(soon(channel.tell(&notice)), service);
    (verdict, head, body)
}

#[tokio::test]
async fn a_push_says_who_sends_it_and_only_the_browser_can_read_it() {
    let push = push();
    let public = push.public_key();
    let (verdict, head, body) =
        tell(push, "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(verdict, Verdict::Sent);
    let header = |name: &str| head.lines().find_map(|l| l.strip_prefix(name)).unwrap();
    assert!(head.starts_with("POST /push/CAPABILITY HTTP/1.1"), "{head}");
    assert_eq!((header("content-encoding: "), header("ttl: ")), ("aes128gcm", "14400"));
    assert_eq!((header("urgency: "), header("topic: ").len()), ("high", 22));
    let (token, key) = header("authorization: vapid t=").split_once(", k=").unwrap();
    assert_eq!(key, public);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let read = |text: &str| BASE64.decode(text.as_bytes()).unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, read(key))
        .verify(signed.as_bytes(), &read(signature))
        .unwrap();
    let claims: Value = serde_json::from_slice(&read(signed.split_once('.').unwrap().1)).unwrap();
    assert_eq!(claims["exp"], 1_700_000_000 + 12 * 3600);
    assert_eq!(claims["sub"], "mailto:care@example.org");
    assert!(claims["aud"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(!claims["aud"].as_str().unwrap().contains("CAPABILITY"));
    // Salt, size, the sender's key of 65 octets, and one record.
    assert_eq!((&body[16..21], body[21]), ([0, 0, 16, 0, 65].as_slice(), 4));
    assert!(!String::from_utf8_lossy(&body).contains("h1-7"));
}

#[tokio::test]
async fn who_has_unsubscribed_is_not_tried_again() {
    for (answer, last) in [
        ("404 Not Found", true),
        ("410 Gone", true),
        ("413 Too Large", true),
        ("403 Forbidden", true),
        ("429 Slow", false),
        ("502 Oh", false),
    ] {
        let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
        let (verdict, ..) = tell(push(), &answer).await;
        let Verdict::Failed { last: is, why, .. } = verdict else { panic!("{answer}") };
        assert_eq!(is, last, "{why}");
        assert!(!why.contains("CAPABILITY"), "{why}");
    }
    let channel = Channel::Push(push());
    for wrong in [
        "",
        "{}",
        r#"{"endpoint":"x","keys":{"p256dh":"","auth":""}}"#,
        r#"{"endpoint":"https://push.example/CAPABILITY","keys":{"p256dh":"AAAA","auth":"AAAA"}}"#,
    ] {
        let verdict = channel.tell(&notice(wrong.to_owned())).await;
        let Verdict::Failed { last: true, why, .. } = verdict else { panic!("{wrong}") };
        assert!(!why.contains("CAPABILITY"), "{why}");
    }
    assert!(
        Push::new(
            Line::new(None, Duration::from_millis(600)).unwrap(),
            Account { key: "s3cret".parse().unwrap(), contact: String::new() }
        )
        .is_err_and(|e| !e.to_string().contains("s3cret"))
    );
}
