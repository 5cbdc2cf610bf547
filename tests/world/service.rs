//! As a service: signals, and what systemd is told.

use std::time::{Duration, Instant};

use tokio::net::{TcpListener, UnixDatagram};
use tokio::time::timeout;

use crate::house::{House, until};
use crate::programs::{PRESSED, Subscriber, publish};

/// The end of systemd.
struct Systemd {
    socket: UnixDatagram,
    path: String,
}

impl Systemd {
    fn new(house: &House) -> Self {
        let path = house.folder.path().join("notify").display().to_string();
        Self { socket: UnixDatagram::bind(&path).unwrap(), path }
    }

    async fn told(&self, within: Duration) -> Option<String> {
        let mut text = [0; 512];
        let length = timeout(within, self.socket.recv(&mut text)).await.ok()?.unwrap();
        Some(String::from_utf8(text[..length].to_vec()).unwrap())
    }
}

#[tokio::test]
async fn told_to_end_it_ends_within_five_seconds_though_a_far_side_says_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let house = House::with(|texts| texts.webhook(&url, "secret"));
    let daemon = house.start().await;
    let _subscriber = Subscriber::start(daemon.mqtt, "#").await;
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    let _line = silent.accept().await.unwrap();
    let begun = Instant::now();
    let (status, said) = daemon.end("-TERM").await;
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{said}");
    house.verify().await;
}

#[tokio::test]
async fn systemd_is_told_when_it_is_ready_alive_and_ending() {
    let house = House::new();
    let systemd = Systemd::new(&house);
    let env = [("NOTIFY_SOCKET", systemd.path.as_str()), ("WATCHDOG_USEC", "200000")];
    let daemon = house.start_with(&env).await;
    let soon = Duration::from_secs(5);
    assert_eq!(systemd.told(soon).await.unwrap().trim(), "READY=1");
    for _ in 0..2 {
        assert_eq!(systemd.told(soon).await.unwrap().trim(), "WATCHDOG=1");
    }
    daemon.end("-INT").await;
    let mut last = String::new();
    while let Some(told) = systemd.told(Duration::from_millis(10)).await {
        last = told;
    }
    assert_eq!(last.trim(), "STOPPING=1");
}

#[tokio::test]
async fn the_watchdog_starves_when_nothing_can_be_stored_and_eats_when_it_can() {
    let house = House::new();
    let systemd = Systemd::new(&house);
    let env = [("NOTIFY_SOCKET", systemd.path.as_str()), ("WATCHDOG_USEC", "1000000")];
    let daemon = house.start_with(&env).await;
    let lock = rusqlite::Connection::open(house.database()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let wait = async {
        // Nobody acknowledges it, so it comes again.
        let mut button = crate::device::Device::new("button");
        button.connect(daemon.mqtt).await.unwrap();
        button.send("zigbee2mqtt/help-button", PRESSED).await.unwrap();
        while systemd.told(Duration::from_secs(3)).await.is_some() {}
        button
    };
    let button = timeout(Duration::from_secs(50), wait).await.expect("the watchdog starves");
    assert!(button.acknowledged.is_empty());
    assert!(daemon.said().contains("hangs"), "{}", daemon.said());
    lock.execute_batch("ROLLBACK").unwrap();
    drop(lock);
    let fed = timeout(Duration::from_secs(20), async {
        while !systemd.told(Duration::from_secs(20)).await.unwrap().contains("WATCHDOG") {}
    });
    fed.await.expect("it goes on");
    publish(daemon.mqtt, "zigbee2mqtt/help-button", PRESSED, &[]).await;
    house.incident("help").await;
    until("told", || daemon.said().contains("> help alarmed").then_some(())).await;
}

#[tokio::test]
async fn of_two_certificates_the_one_that_soon_runs_out_is_told_of() {
    let shown = |port: u16, name: &str| {
        let old = format!(
            "# tls = {{ listen = \"0.0.0.0:{port}\", certificate = \"cert.pem\", key = \"key.pem\" }}"
        );
        let new = format!(
            "tls = {{ listen = \"127.0.0.1:0\", certificate = \"{name}.pem\", key = \"{name}.key\" }}"
        );
        (old, new)
    };
    let house = House::with(|texts| {
        for (old, new) in [shown(8883, "mqtt"), shown(8443, "pages")] {
            texts.swap("gateway.toml", &old, &new);
        }
        texts.swap("gateway.toml", "# url = \"https://care", "url = \"https://care");
    });
    for (name, days) in [("mqtt", "60"), ("pages", "3")] {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let made = std::process::Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
            ])
            .args(["-keyout", &key, "-out", &certificate, "-subj", "/CN=hub", "-days", days])
            .current_dir(house.folder.path().join("config"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let daemon = house.start().await;
    let told = house.incident("certificate-ends").await;
    assert_eq!(told.id.home.as_str(), "hub");
    let story = house.lines(&told.id).join("\n");
    assert!(story.contains("validity 2.9 below 7 by certificate-pages"), "{story}");
    daemon.end("-TERM").await;
    let journal = house.journal();
    assert!(journal.contains("certificate-mqtt"), "{journal}");
    assert_eq!(house.incidents_of("certificate-ends").len(), 1);
}
