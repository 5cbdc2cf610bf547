//! The programs of Debian's mosquitto.

use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

use crate::house::{soon, until};

/// What zigbee2mqtt 2.14.1 publishes for a Tuya TS0207 with water on the floor.
pub const LEAK: &str = r#"{"battery_low":false,"last_seen":"2026-11-22T18:34:11.344Z","linkquality":120,"tamper":false,"water_leak":true}"#;
/// And for a Heiman HS1EB that is pressed.
pub const PRESSED: &str = r#"{"action":"single","linkquality":120}"#;

/// Publishes with QoS 1: it is acknowledged when this returns.
pub async fn publish(port: u16, topic: &str, payload: &str, more: &[&str]) {
    let run = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-q", "1", "-t", topic, "-m", payload])
        .args(more)
        .kill_on_drop(true)
        .output();
    let said = soon("mosquitto_pub", run).await.expect("mosquitto_pub is installed");
    assert!(said.status.success(), "{said:?}");
}

/// Publishes a file, and does not wait for what becomes of it.
pub fn publish_file(port: u16, topic: &str, file: &Path, more: &[&str]) -> Child {
    Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-q", "1", "-t", topic, "-f"])
        .arg(file)
        .args(more)
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("mosquitto_pub is installed")
}

/// Makes a move, as a program would.
pub async fn make_move(port: u16, incident: &str, body: &str) {
    publish(port, &format!("careloop/incidents/{incident}/moves"), body, &[]).await;
}

pub struct Subscriber {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Subscriber {
    /// Subscribed when this returns.
    pub async fn start(port: u16, topic: &str) -> Self {
        Self::start_as(port, topic, &[]).await
    }

    /// The same, logged in.
    pub async fn start_as(port: u16, topic: &str, login: &[&str]) -> Self {
        let mut child = Command::new("stdbuf")
            .args(["-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", &port.to_string()])
            .args(["-q", "1", "-t", topic, "-F", "=%t %r %p"])
            .args(login)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("mosquitto_sub is installed");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut subscriber = Self { _child: child, lines };
        subscriber.line(|line| line.starts_with("Subscribed")).await;
        subscriber
    }

    async fn line(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let read = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if wanted(&line) {
                    return line;
                }
            }
            panic!("mosquitto_sub ended");
        };
        soon("a message", read).await
    }

    /// The next message: `topic retained payload`.
    pub async fn message(&mut self) -> String {
        self.line(|line| line.starts_with('=')).await.split_off(1)
    }

    /// The next message that contains this.
    pub async fn hears(&mut self, part: &str) -> String {
        self.line(|line| line.starts_with('=') && line.contains(part)).await.split_off(1)
    }
}

/// A broker of its own, which keeps what it has in its folder.
pub struct Mosquitto {
    child: Child,
    folder: TempDir,
    pub port: u16,
}

impl Mosquitto {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let place = folder.path().display();
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nuser root\nmax_queued_messages 0\n\
             persistence true\npersistence_location {place}/\n"
        );
        std::fs::write(folder.path().join("conf"), text).unwrap();
        let broker = Self { child: spawn(&folder), folder, port };
        broker.listening().await;
        broker
    }

    async fn listening(&self) {
        let connect = async {
            while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        soon("mosquitto", connect).await;
    }

    /// Ends it in good order, so that it writes down what waits.
    pub async fn stop(&mut self) {
        let id = self.child.id().unwrap().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        soon("the broker's end", self.child.wait()).await.unwrap();
    }

    /// Ends it if it runs; starts it again.
    pub async fn restart(&mut self) {
        if self.child.id().is_some() {
            self.stop().await;
        }
        self.child = spawn(&self.folder);
        self.listening().await;
    }

    /// The lines for `gateway.toml` that make careloop its client.
    pub fn settings(&self) -> String {
        format!("\n[[broker]]\nname = \"house\"\naddress = \"127.0.0.1:{}\"\n", self.port)
    }
}

fn spawn(folder: &TempDir) -> Child {
    Command::new("/usr/sbin/mosquitto")
        .arg("-c")
        .arg(folder.path().join("conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("Debian's mosquitto is installed")
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Two pseudo terminals, one the far end of the other.
pub struct Line {
    _socat: Child,
    folder: TempDir,
}

impl Line {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let end =
            |name: &str| format!("pty,raw,echo=0,link={}", folder.path().join(name).display());
        let socat = Command::new("socat")
            .args([end("device"), end("port")])
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("socat is installed");
        let line = Self { _socat: socat, folder };
        let both = || ["device", "port"].iter().all(|n| line.folder.path().join(n).exists());
        until("socat", || both().then_some(())).await;
        line
    }

    /// Where careloop opens it.
    pub fn port(&self) -> String {
        self.folder.path().join("port").display().to_string()
    }

    /// Where a sensor that answers opens it.
    pub fn device(&self) -> String {
        self.folder.path().join("device").display().to_string()
    }

    /// What the sensor sends, piece by piece.
    pub async fn send(&self, pieces: &[&[u8]]) {
        use std::io::Write;
        let path = self.folder.path().join("device");
        let mut device = std::fs::File::options().write(true).open(path).unwrap();
        for piece in pieces {
            device.write_all(piece).unwrap();
            device.flush().unwrap();
            tokio::task::yield_now().await;
        }
    }
}
