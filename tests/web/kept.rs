//! The whole hub with its keeper, in a folder of its own: for pages that change what is registered.

use std::path::Path;

use careloop::app::App;
use careloop::config;
use careloop::store::Reader;
use reqwest::header::{COOKIE, HeaderName, LOCATION, SET_COOKIE};
use serde_json::Value;
use tempfile::TempDir;

/// Besides the shipped household: a supervisor, and somebody of the community with a few hours.
const MORE: &str = r#"
[[responder]]
id = "ma"
name = "马 (值班长)"
role = "supervisor"
contacts = [{ channel = "screen" }]

[[responder]]
id = "sun"
name = "孙 (社区)"
role = "community"
duty = ["sun 03:00-04:00"]
contacts = [{ channel = "screen" }]
"#;

pub struct Kept {
    app: App,
    base: String,
    client: reqwest::Client,
    pub folder: TempDir,
}

/// What came back.
pub struct Page {
    pub status: u16,
    pub text: String,
}

impl Page {
    /// It was refused with this status, and says this.
    pub fn is_refused(&self, status: u16, why: &str) {
        let is = self.status == status && self.text.contains(why);
        assert!(is, "{status} {why}: {} {}", self.status, self.text);
    }

    /// It is shown, and says all of this.
    pub fn says(&self, all: &[&str]) {
        for part in all {
            assert!(self.status == 200 && self.text.contains(part), "{part}: {}", self.text);
        }
    }
}

impl Kept {
    pub async fn start() -> Self {
        Self::with(|_, text| text.to_owned()).await
    }

    /// With some of its files changed.
    pub async fn with(change: impl Fn(&str, &str) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let own = folder.path().join("config");
        std::fs::create_dir(&own).expect("a folder can be made");
        for file in ["gateway.toml", "rules.toml", "plans.toml", "register.toml"] {
            let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(file);
            let text = std::fs::read_to_string(shipped).expect("it is shipped");
            let text = text
                .replace("127.0.0.1:1883", "127.0.0.1:0")
                .replace("127.0.0.1:8380", "127.0.0.1:0")
                .replace("\"wu\"]", "\"wu\", \"ma\", \"sun\"]");
            let more = if file == "register.toml" { MORE } else { "" };
            let text = change(file, &format!("{text}{more}"));
            std::fs::write(own.join(file), text).expect("there is room");
        }
        std::fs::write(own.join("secret"), "between us").expect("there is room");
        let config = config::load(&own).expect("the config is right");
        let app = App::start(&config).await.expect("the hub starts");
        let base = format!("http://{}", app.http.expect("there are pages"));
        let tls = careloop::tls::client(None).expect("TLS can be set up");
        let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
        let client = client.redirect(reqwest::redirect::Policy::none()).build();
        Self { app, base, client: client.expect("a client can be made"), folder }
    }

    /// What comes back, and one of its headers.
    async fn send(&self, request: reqwest::RequestBuilder, header: HeaderName) -> (Page, String) {
        let answer = request.send().await.expect("it answers");
        let header = answer.headers().get(header).map(|v| v.to_str().expect("it is text"));
        let (header, status) = (header.unwrap_or_default().to_owned(), answer.status().as_u16());
        let text = answer.text().await.expect("it answers to the end");
        (Page { status, text }, header)
    }

    pub async fn get(&self, path: &str, who: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.base)).header(COOKIE, who);
        self.send(request, SET_COOKIE).await.0
    }

    /// A form as a browser sends it from a page of ours.
    pub async fn form(&self, path: &str, who: &str, fields: &[(&str, &str)]) -> Page {
        self.sent_on(path, who, fields).await.0
    }

    /// The same, and where it leads.
    pub async fn sent_on(&self, path: &str, who: &str, fields: &[(&str, &str)]) -> (Page, String) {
        let fields: Vec<String> =
            fields.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
        let request = self.client.post(format!("{}{path}", self.base)).body(fields.join("&"));
        let kind = "application/x-www-form-urlencoded";
        let request = request.header("content-type", kind).header("sec-fetch-site", "same-origin");
        self.send(request.header(COOKIE, who), LOCATION).await
    }

    /// A program on the same machine asks, and is answered somehow.
    pub async fn ask(&self, path: &str, body: &str) -> Page {
        let request = self.client.post(format!("{}/api/v1/{path}", self.base));
        let request = request.header("content-type", "application/json").body(body.to_owned());
        self.send(request, SET_COOKIE).await.0
    }

    /// The same, and it is done.
    pub async fn program(&self, path: &str, body: &str) -> Value {
        let page = self.ask(path, body).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        serde_json::from_str(&page.text).expect("JSON")
    }

    /// Somebody comes in by an invitation: their cookie, with English.
    pub async fn enter(&self, who: &str) -> String {
        let invited = self.program(&format!("people/{who}/invitation"), "").await;
        let link = invited.get("link").and_then(Value::as_str).expect("a link").to_owned();
        let (page, cookie) = self.send(self.client.post(link), SET_COOKIE).await;
        assert_eq!(page.status, 303, "{}", page.text);
        format!("careloop_lang=en; {}", cookie.split(';').next().expect("a cookie"))
    }

    /// A file of the configuration as it is now.
    pub fn file(&self, name: &str) -> String {
        let path = self.folder.path().join("config").join(name);
        std::fs::read_to_string(path).unwrap_or_default()
    }

    /// What is on record as changed: of what, by whom, why, and each key with what it was and is.
    pub fn deeds(&self) -> Vec<String> {
        let config = config::load(&self.folder.path().join("config")).expect("it is right");
        let reader = Reader::open(&config.settings.store.path).expect("it opens");
        let all = reader.deeds_in_full(None).expect("they are read");
        let told = all.into_iter().map(|(_, on_record)| {
            let deed = on_record.deed;
            let keys = on_record.altered.iter().map(|a| {
                let or = |value: &Option<String>| value.clone().unwrap_or_default();
                format!(" | {}: {} -> {}", a.key, or(&a.before), or(&a.after))
            });
            let home = deed.home.map_or(String::new(), |home| format!("{home} "));
            format!("{home}{} by {} ({}){}", deed.of, deed.by, deed.why, keys.collect::<String>())
        });
        told.collect()
    }

    /// Whether a deed that says all of this is on record.
    pub fn has_deed(&self, all: &[&str]) -> bool {
        self.deeds().iter().any(|deed| all.iter().all(|part| deed.contains(part)))
    }

    pub async fn end(self) {
        self.app.stop().await.expect("it ends well");
    }
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
