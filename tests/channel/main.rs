//! A delivery is what the far side says it is (P9): against far sides that refuse, lie, are slow,
//! or hang up.
#![expect(clippy::unwrap_used, reason = "tests")]

mod far_side;
mod mails;
mod devices;
mod modems;
mod phones;
mod platforms;
mod pushes;
mod robots;
mod wechat;
mod wecom;
mod wecom_call;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use careloop::channel::http::Line;
use careloop::channel::mqtt::Publish;
use careloop::channel::webhook::Account;
use careloop::channel::{Channel, Console, Mqtt, Notice, Verdict, Webhook};
use careloop::domain::{Report, Span};
use careloop::source::mqtt_client::PublishError;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use far_side::{Does, FarSide, Request, read, soon};

const SECRET: &str = "共享 secret";

fn notice() -> Notice {
    Notice {
        delivery: "王家-7/3".parse().unwrap(),
        to: "building 4".to_owned(),
        body: json!({ "incident": "王家-7", "title": { "zh": "夜间离床未归", "en": "Out of bed" } }),
        text: "夜间离床未归".to_owned(),
        at: "2026-01-31T02:40:00.900Z".parse().unwrap(),
    }
}

/// One attempt of a webhook at a far side that does this, and what it read.
async fn tell(does: Does<'_>) -> (Verdict, Request) {
    let far_side = FarSide::open().await;
    let channel = webhook_to(&format!("{}/hook?key=K", far_side.url()));
    far_side.hears(&channel, &notice(), does).await
}

fn webhook_to(url: &str) -> Channel {
    webhook_that_trusts(url, None)
}

fn webhook_that_trusts(url: &str, ca_file: Option<&Path>) -> Channel {
    let line = Line::new(ca_file, Duration::from_millis(600)).unwrap();
    let secret = Some(SECRET.parse().unwrap());
    let account =
        Account { url: url.parse().unwrap(), secret, token: None, body: None, code: None };
    Channel::Webhook(Webhook::new(line, account).unwrap())
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_far_side_that_says_yes_has_it_and_can_check_who_wrote() {
    let (verdict, request) = tell(Does::Answer(OK)).await;
    assert_eq!(verdict, Verdict::Delivered);
    assert_eq!(request.line, "POST /hook?key=K HTTP/1.1");
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["careloop-delivery"], "%E7%8E%8B%E5%AE%B6-7/3");
    assert_eq!(request.headers["careloop-timestamp"], "1769827200");
    // Checked by another implementation.
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-r", "-hmac", SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    write!(openssl.stdin.take().unwrap(), "1769827200.{}", request.body).unwrap();
    let hex = String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap();
    let hex = hex.split(' ').next().unwrap();
    assert_eq!(request.headers["careloop-signature"], format!("v1={hex}"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let expected = json!({
        "incident": "王家-7", "title": { "zh": "夜间离床未归", "en": "Out of bed" },
        "delivery": "王家-7/3", "to": "building 4", "text": "夜间离床未归",
        "at": "2026-01-31T02:40:00.900Z",
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn ok_with_an_error_in_the_body_is_a_failure() {
    let answer = concat!(
        "HTTP/1.1 200 OK\r\ncontent-length: 44\r\n\r\n",
        r#"{"errcode":93000,"errmsg":"invalid webhook"}"#
    );
    let (verdict, _) = tell(Does::Answer(answer)).await;
    let Verdict::Failed { why, last: false, again_in: None } = &verdict else {
        panic!("{verdict:?}")
    };
    assert!(why.contains("93000") && why.contains("invalid webhook"), "{why}");
}

#[tokio::test]
async fn a_far_side_in_trouble_is_tried_again_and_one_that_refuses_is_not() {
    for (answer, code, is_last, patience) in [
        ("HTTP/1.1 500 Oh\r\ncontent-length: 4\r\n\r\noops", "HTTP 500: oops", false, None),
        ("HTTP/1.1 503 Oh\r\nretry-after: 7\r\n\r\n", "HTTP 503: ", false, Some(Span::seconds(7))),
        (
            "HTTP/1.1 429 Slow\r\nretry-after: 90\r\n\r\n",
            "HTTP 429: ",
            false,
            Some(Span::seconds(90)),
        ),
        ("HTTP/1.1 408 Late\r\n\r\n", "HTTP 408: ", false, None),
        ("HTTP/1.1 404 No\r\n\r\n", "HTTP 404: ", true, None),
        ("HTTP/1.1 401 No\r\n\r\n", "HTTP 401: ", true, None),
        ("HTTP/1.1 302 Go\r\nlocation: http://127.0.0.1:9/\r\n\r\n", "HTTP 302: ", true, None),
    ] {
        let (verdict, _) = tell(Does::Answer(answer)).await;
        let why = code.to_owned();
        assert_eq!(verdict, Verdict::Failed { why, last: is_last, again_in: patience });
    }
}

#[tokio::test]
async fn what_was_sent_and_not_answered_is_neither_delivered_nor_failed() {
    for does in [
        Does::Wait,
        Does::HangUp,
        Does::Answer("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"errcode\":"),
        Does::Answer("nonsense"),
    ] {
        let (verdict, _) = tell(does).await;
        let Verdict::Unknown { why } = verdict else { panic!("{verdict:?}") };
        assert!(!why.contains("key=K"), "the address may hold a key: {why}");
    }
}

#[tokio::test]
async fn what_never_left_has_failed_and_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let hangs_up = async {
        // Not a partner for TLS.
        let (mut line, _) = listener.accept().await.unwrap();
        line.write_all(b"HTTP/1.1 400 No\r\n\r\n").await.unwrap();
    };
    let tls = webhook_to(&format!("https://{address}/?key=K"));
    let (no_tls, ()) = tokio::join!(async { soon(tls.tell(&notice())).await }, hangs_up);
    drop(listener);
    let nobody = soon(webhook_to(&format!("http://{address}/?key=K")).tell(&notice())).await;
    for verdict in [no_tls, nobody] {
        let Verdict::Failed { why, last: false, .. } = &verdict else { panic!("{verdict:?}") };
        assert!(why.starts_with("cannot connect: ") && !why.contains("key=K"), "{why}");
    }
    assert!(!format!("{tls:?}").contains("key=K"), "{tls:?}");
}

#[tokio::test]
async fn an_encrypted_far_side_is_believed_when_we_trust_its_certificate() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("san"), "subjectAltName=IP:127.0.0.1").unwrap();
    let script = "set -e; ec='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
        openssl req -x509 $ec -keyout ca.key -out ca.pem -subj /CN=ca -days 9
        openssl req $ec -keyout leaf.key -out leaf.csr -subj /CN=hook
        openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
            -extfile san -out leaf.pem -days 9";
    let mut sh = Command::new("sh");
    sh.args(["-c", script]).current_dir(directory.path()).stderr(Stdio::null());
    assert!(sh.stdout(Stdio::null()).status().unwrap().success());
    let file = |name: &str| directory.path().join(name);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(file("leaf.pem")).unwrap()],
            PrivateKeyDer::from_pem_file(file("leaf.key")).unwrap(),
        )
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let far_side = async {
        let refused = acceptor.accept(listener.accept().await.unwrap().0).await;
        assert!(refused.is_err(), "a stranger gets nothing");
        let line = listener.accept().await.unwrap().0;
        let mut line = acceptor.accept(line).await.unwrap();
        read(&mut line).await;
        line.write_all(OK.as_bytes()).await.unwrap();
    };
    let (stranger, known) = (webhook_to(&url), webhook_that_trusts(&url, Some(&file("ca.pem"))));
    let notice = notice();
    let attempts = async { (stranger.tell(&notice).await, known.tell(&notice).await) };
    let ((first, second), ()) = tokio::join!(soon(attempts), far_side);
    assert!(matches!(&first, Verdict::Failed { last: false, .. }), "{first:?}");
    assert_eq!(second, Verdict::Delivered);
}

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_console_shows_one_line_whatever_the_text_holds() {
    let screen = Screen::default();
    let console = Channel::Console(Console::new(Box::new(screen.clone())));
    let text = "up\x1b[2J\nat night".to_owned();
    let verdict = console.tell(&Notice { text, ..notice() }).await;
    assert_eq!(verdict, Verdict::Sent);
    let shown = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
    assert_eq!(shown, "building 4: up [2J at night\n");
}

#[tokio::test]
async fn the_broker_decides_what_became_of_a_message() {
    type Asked = Arc<Mutex<Vec<(String, Value)>>>;
    let (topic, why) = (|| "t".to_owned(), || "so".to_owned());
    for (answer, verdict) in [
        (Ok(()), Verdict::Sent),
        (Err(PublishError::NotSent { topic: topic(), why: why() }), Verdict::later("so")),
        (Err(PublishError::Never { topic: topic(), why: why() }), Verdict::never("so")),
        (
            Err(PublishError::Unknown { topic: topic(), why: why() }),
            Verdict::Unknown { why: why() },
        ),
    ] {
        let asked = Asked::default();
        let noted = Arc::clone(&asked);
        let publish: Publish = Box::new(move |topic, payload| {
            noted.lock().unwrap().push((topic, serde_json::from_slice(&payload).unwrap()));
            let answer = answer.clone();
            Box::pin(async { answer })
        });
        let channel = Channel::Mqtt(Mqtt::new("careloop/tell/{to}", None, publish));
        assert_eq!(channel.tell(&notice()).await, verdict);
        let expected = ("careloop/tell/building 4".to_owned(), notice().to_json());
        assert_eq!(*asked.lock().unwrap(), [expected]);
        let nobody = Notice { to: String::new(), ..notice() };
        assert!(matches!(channel.tell(&nobody).await, Verdict::Failed { last: true, .. }));
    }
}

#[test]
fn a_verdict_is_reported_as_it_was_given() {
    let why = || "so".to_owned();
    assert_eq!(Report::from(Verdict::later("so")), Report::Failed { why: why(), last: false });
    assert_eq!(Report::from(Verdict::never("so")), Report::Failed { why: why(), last: true });
    assert_eq!(Report::from(Verdict::Unknown { why: why() }), Report::Unknown { why: why() });
    assert_eq!(Report::from(Verdict::Delivered), Report::Delivered);
    assert_eq!(Report::from(Verdict::Sent), Report::Sent);
}
