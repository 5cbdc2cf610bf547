//! Against Debian's mosquitto. What it acknowledges to a publisher it holds in memory; it writes to
//! disk when asked to end (TERM), and what it acknowledged before a `kill -9` may be lost. So the
//! broker is ended here, not killed; killed is our own side, as often as we like.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use careloop::device::Decoded;
use careloop::inbox::{Answer, Arrival};
use careloop::source::mqtt_client::{LinkState, MAX_PACKET, Settings};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::{Side, settings, soon, topic};

struct Mosquitto {
    child: Child,
    directory: TempDir,
    port: u16,
}

impl Mosquitto {
    /// A broker with this besides its ordinary configuration, where `DIR` is its own directory.
    async fn start(more: &str, prepare: impl FnOnce(&Path)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        prepare(directory.path());
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        // As it is written: without these two lines it forgets 4,000 of 5,000 messages that wait.
        let text = format!(
            "listener {port} 127.0.0.1\nuser root\nmax_queued_messages 0\npersistence true\n\
             persistence_location DIR/\n{more}\n"
        );
        let text = text.replace("DIR", directory.path().to_str().unwrap());
        std::fs::write(directory.path().join("conf"), text).unwrap();
        let child = spawn(directory.path());
        let broker = Self { child, directory, port };
        broker.listening().await;
        broker
    }

    async fn open() -> Self {
        Self::start("allow_anonymous true", |_| ()).await
    }

    async fn listening(&self) {
        let connect = async {
            while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        soon("mosquitto", connect).await;
    }

    /// Ended in good order, and started again with what it wrote down.
    async fn restart(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap();
        self.child = spawn(self.directory.path());
        self.listening().await;
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn spawn(directory: &Path) -> Child {
    Command::new("/usr/sbin/mosquitto")
        .arg("-c")
        .arg(directory.join("conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("Debian's mosquitto is installed")
}

/// Somebody who publishes: our own client under another name, which is told when the broker has it.
async fn sensor(port: u16) -> Side {
    let sensor =
        Side::start(Settings { client_id: "sensor".parse().unwrap(), ..settings(port, &[]) });
    sensor.up().await;
    sensor
}

/// Publishes until the broker has acknowledged each, some of them at a time.
async fn publish_all(sensor: &Side, numbers: std::ops::Range<u32>) {
    let publish = |n: u32| async move {
        while sensor.link.publish("home/sensor", n.to_string().into(), false).await.is_err() {}
    };
    let mut under_way = futures_util::stream::FuturesUnordered::new();
    for n in numbers {
        if under_way.len() == 20 {
            futures_util::StreamExt::next(&mut under_way).await;
        }
        under_way.push(publish(n));
    }
    while futures_util::StreamExt::next(&mut under_way).await.is_some() {}
}

fn number(payload: &[u8]) -> u32 {
    std::str::from_utf8(payload).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_times_killed_while_five_thousand_messages_arrive_and_none_is_lost() {
    const ALL: u32 = 5000;
    let broker = Mosquitto::open().await;
    let ours = || settings(broker.port, &["home/#"]);
    let side = Side::start(ours());
    side.up().await;
    side.abort().await;
    let sensor = sensor(broker.port).await;

    // Only what was stored counts: a life's last letter is taken, and never answered.
    let mut seen = BTreeSet::new();
    let survive = async {
        for _ in 0..6 {
            let mut side = Side::start(ours());
            for _ in 0..500 {
                seen.insert(number(&side.stored().await.payload));
            }
            let _unanswered = side.letter().await;
            side.abort().await;
        }
        let mut side = Side::start(ours());
        while seen.len() < usize::try_from(ALL).unwrap() {
            seen.insert(number(&side.stored().await.payload));
        }
    };
    tokio::join!(soon("every message", survive), publish_all(&sensor, 0..ALL));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_in_our_session_while_we_are_away_is_all_there_when_we_come_back() {
    const ALL: u32 = 3000;
    let broker = Mosquitto::open().await;
    let side = Side::start(settings(broker.port, &["home/#"]));
    side.up().await;
    side.abort().await;
    publish_all(&sensor(broker.port).await, 0..ALL).await;
    let mut side = Side::start(settings(broker.port, &["home/#"]));
    let mut seen = BTreeSet::new();
    while seen.len() < usize::try_from(ALL).unwrap() {
        seen.insert(number(&side.stored().await.payload));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_restarts_in_good_order_brings_all_that_it_acknowledged() {
    const ALL: u32 = 2000;
    let mut broker = Mosquitto::open().await;
    let mut side = Side::start(settings(broker.port, &["home/#"]));
    side.up().await;
    let sensor = sensor(broker.port).await;
    let mut seen = BTreeSet::new();
    let take = async {
        for at in [200, 700, usize::try_from(ALL).unwrap()] {
            while seen.len() < at {
                seen.insert(number(&side.stored().await.payload));
            }
            if at < 1000 {
                broker.restart().await;
            }
        }
    };
    tokio::join!(soon("every message", take), publish_all(&sensor, 0..ALL));
    let connections = side.link.counts().connections.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(connections, 3);
}

#[tokio::test]
async fn a_message_that_is_too_large_is_counted_and_does_not_block_those_behind_it() {
    let broker = Mosquitto::open().await;
    let mut side = Side::start(settings(broker.port, &["home/#"]));
    side.up().await;
    let file = broker.directory.path().join("large");
    for size in [20_000, MAX_PACKET, MAX_PACKET + 1, 10 * MAX_PACKET, 5] {
        std::fs::write(&file, vec![b'7'; size]).unwrap();
        let port = broker.port.to_string();
        let mut publish = Command::new("mosquitto_pub");
        publish.args(["-p", &port, "-q", "1", "-t", "home/camera", "-f"]).arg(&file);
        assert!(went_well(&mut publish));
        let letter = side.letter().await;
        letter.receipt.send(Answer::Done).unwrap();
        let Arrival::Message { raw, decoded, .. } = letter.arrival else { panic!("a message") };
        if size <= MAX_PACKET {
            assert_eq!(raw.payload.len(), size);
            continue;
        }
        assert_eq!(raw.payload, vec![b'7'; 1024]);
        let Decoded::Unknown { why } = decoded else { panic!("not decoded") };
        assert!(why.contains(&size.to_string()), "{why}");
    }
    let counts = side.link.counts();
    let count = |n: &std::sync::atomic::AtomicU64| n.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!((count(&counts.connections), count(&counts.received)), (1, 5));
    assert_eq!(count(&counts.too_large), 2);
}

#[tokio::test]
async fn a_kept_message_is_marked_as_kept_and_a_fresh_one_is_not() {
    let broker = Mosquitto::open().await;
    let sensor = sensor(broker.port).await;
    sensor.link.publish("home/kept", b"old".to_vec(), true).await.unwrap();
    let mut side = Side::start(settings(broker.port, &["home/#"]));
    side.up().await;
    let kept = side.stored().await;
    sensor.link.publish("home/fresh", b"new".to_vec(), true).await.unwrap();
    let fresh = side.stored().await;
    assert_eq!((topic(&kept), kept.retained), ("home/kept", true));
    assert_eq!((topic(&fresh), fresh.retained), ("home/fresh", false));
}

#[tokio::test]
async fn a_wrong_password_is_said_in_plain_words_and_not_shown() {
    let more = "allow_anonymous false\npassword_file DIR/passwords";
    let broker = Mosquitto::start(more, |directory| {
        let file = directory.join("passwords");
        let mut made = Command::new("mosquitto_passwd");
        assert!(went_well(made.args(["-c", "-b"]).arg(file).args(["careloop", "right"])));
    })
    .await;
    let with = |password: &str| Settings {
        user: Some("careloop".to_owned()),
        password: Some(password.parse().unwrap()),
        ..settings(broker.port, &["home/#"])
    };
    let side = Side::start(with("wrong"));
    let refused = |s: &LinkState| matches!(s, LinkState::Down { why } if why.contains("refuses our user or password"));
    let state = side.state("the refusal", refused).await;
    assert!(format!("{state:?}").contains("broker `home` at `127.0.0.1"), "{state:?}");
    assert!(!format!("{state:?} {:?}", with("wrong")).contains("wrong"));
    Side::start(with("right")).up().await;
}

fn went_well(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

#[tokio::test]
async fn an_encrypted_line_needs_a_certificate_that_we_trust() {
    let more = "allow_anonymous true\ncertfile DIR/leaf.pem\nkeyfile DIR/leaf.key";
    let broker = Mosquitto::start(more, |directory| {
        std::fs::write(directory.join("san"), "subjectAltName=IP:127.0.0.1").unwrap();
        let script = "set -e; ec='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            openssl req -x509 $ec -keyout ca.key -out ca.pem -subj /CN=home-ca -days 9
            openssl req $ec -keyout leaf.key -out leaf.csr -subj /CN=broker
            openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
                -extfile san -out leaf.pem -days 9";
        assert!(went_well(Command::new("sh").args(["-c", script]).current_dir(directory)));
    })
    .await;
    let tls = |ca: Option<&str>| Settings {
        tls: true,
        ca_file: ca.map(|name| broker.directory.path().join(name)),
        ..settings(broker.port, &["home/#"])
    };
    let down = |part: &'static str| move |s: &LinkState| matches!(s, LinkState::Down { why } if why.contains(part));
    Side::start(tls(None)).state("distrust", down("no encrypted line")).await;
    Side::start(tls(Some("none.pem"))).state("no file", down("none.pem")).await;
    let mut side = Side::start(tls(Some("ca.pem")));
    side.up().await;
    side.link.publish("home/a", b"x".to_vec(), false).await.unwrap();
    assert_eq!(side.stored().await.payload, b"x");
}
