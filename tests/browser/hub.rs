//! A hub where people log in, as a process of its own, and the phones of those who come.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use careloop::clock::Clock;
use careloop::domain::Span;
use careloop::gateway::Gateway;
use careloop::store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::driver::Browser;

/// How often it is looked whether the hub is there.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(20);

/// Killed when dropped.
pub struct Hub {
    child: Child,
    /// `http://127.0.0.1:1234`
    pub base: String,
    mqtt: u16,
    client: reqwest::Client,
    _folder: TempDir,
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it has an address").port()
}

/// A register with one more who comes to the home.
pub fn with_person(register: &str, id: &str, name: &str, role: &str) -> String {
    let comes = register.replace("\nresponders = [", &format!("\nresponders = [\"{id}\", "));
    let contact = "contacts = [{ channel = \"screen\" }]";
    format!(
        "{comes}\n[[responder]]\nid = \"{id}\"\nname = \"{name}\"\nrole = \"{role}\"\n{contact}\n"
    )
}

/// The homes of the register are known since then, and nothing has happened.
fn install(config: &Path, ago: Span) {
    let config = careloop::config::load(config).expect("the configuration is right");
    let (clock, path) = (Clock::start(None), &config.settings.store.path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
    let (store, _) = Store::open(path, clock.wall()).expect("a new store opens");
    let mut gateway = Gateway::open(store, config.book, &config.book_texts).expect("and is empty");
    gateway.register(clock.now() - ago, &config.homes).expect("homes are stored");
}

impl Hub {
    /// The shipped household, with a supervisor, and nothing else changed.
    pub async fn start() -> Self {
        Self::start_with(|register| register).await
    }

    /// The same, with a register that is otherwise.
    pub async fn start_with(change: fn(String) -> String) -> Self {
        Self::start_after(Span::ZERO, change).await
    }

    /// The same, with a hub that was installed so long ago.
    pub async fn start_after(lived: Span, change: fn(String) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("config");
        std::fs::create_dir(&config).expect("a folder can be made");
        let (http, mqtt) = (free_port(), free_port());
        for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("config"))
            .expect("config/")
        {
            let file = file.expect("a file").path();
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let text = text
                .replace("127.0.0.1:1883", &format!("127.0.0.1:{mqtt}"))
                .replace("127.0.0.1:8380", &format!("127.0.0.1:{http}"));
            let text = if file.ends_with("register.toml") {
                change(with_person(&text, "ma", "马 (值班长)", "supervisor"))
            } else {
                text
            };
            let name = file.file_name().expect("it has a name");
            std::fs::write(config.join(name), text).expect("there is room");
        }
        if lived != Span::ZERO {
            install(&config, lived);
        }
        let child = Command::new(env!("CARGO_BIN_EXE_careloop"))
            .arg("--config")
            .arg(&config)
            .arg("run")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the hub starts");
        let tls = careloop::tls::client(None).expect("TLS can be set up");
        let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
        let client = client.build().expect("a client can be made");
        let base = format!("http://127.0.0.1:{http}");
        let hub = Self { child, base, mqtt, client, _folder: folder };
        let ready = async {
            while !hub.is_ready().await {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(PATIENCE, ready).await.expect("the hub gets ready");
        hub
    }

    async fn is_ready(&self) -> bool {
        let answer = self.client.get(format!("{}/readyz", self.base)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// A program on the same machine asks.
    pub async fn ask(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}/api/v1/{path}", self.base));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.expect("the API answers");
        let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// A device says something.
    pub fn publish(&self, topic: &str, payload: &str) {
        let port = self.mqtt.to_string();
        let said = Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port, "-q", "1", "-t", topic, "-m", payload])
            .status();
        assert!(said.expect("mosquitto_pub is installed (tests/run does that)").success());
    }

    /// Somebody presses the help button: `h1-1` is alarmed.
    pub async fn call_for_help(&self) {
        self.sense("help-button", "help", json!(true)).await;
    }

    /// A sensor of hers says something.
    pub async fn sense(&self, device: &str, property: &str, value: Value) {
        let said = json!({"home": "h1", "device": device, "property": property, "value": value});
        self.ask("observations", said).await;
    }

    /// Water where there should be none: serious, where the call for help is urgent.
    pub async fn leak(&self) {
        self.sense("kitchen-leak", "leak", json!(true)).await;
    }

    /// Somebody says by another way what they do: `accept`.
    pub async fn does(&self, who: &str, act: &str, incident: &str) {
        let said = match act {
            "resolve" => json!({ "move": act, "by": who, "outcome": "assisted" }),
            act => json!({ "move": act, "by": who }),
        };
        self.ask(&format!("incidents/{incident}/moves"), said).await;
    }

    /// The link that lets them in.
    pub async fn invitation(&self, who: &str) -> String {
        let invited = self.ask(&format!("people/{who}/invitation"), json!(null)).await;
        invited.get("link").and_then(Value::as_str).expect("a link").to_owned()
    }

    /// A phone of theirs, logged in by an invitation as they would.
    pub async fn phone_of(&self, who: &str) -> Browser {
        let browser = Browser::open().await;
        browser.go(&format!("{}?lang=en", self.invitation(who).await)).await;
        browser.click("main button.main").await;
        browser.wait_for("#sound").await;
        browser.wait_for_text("Where you are logged in").await;
        browser
    }

    /// The address of a page.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}
