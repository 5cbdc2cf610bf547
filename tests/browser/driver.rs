//! Just enough of the WebDriver protocol (W3C) to look at a page and touch it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kind::{Driver, Kind, MIDDLE};
use crate::line::Line;

/// Whatever should appear has appeared by then, or the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the viewport of Firefox is made as small as a phone's, and how its pages are kept from running scripts.
const FIREFOX_SCREEN: &str = "const page = gBrowser.selectedBrowser.style; page.flex = 'none';
    page.width = arguments[0] + 'px'; page.height = arguments[1] + 'px';";
const FIREFOX_SCRIPTS: &str =
    "gBrowser.selectedBrowser.browsingContext.allowJavascript = arguments[0];";

/// A browser that nobody sees; both it and its driver end when this is dropped.
pub struct Browser {
    pub kind: Kind,
    client: reqwest::Client,
    session: String,
    line: Line,
    taps: AtomicUsize,
    _driver: Driver,
    _folder: tempfile::TempDir,
}

impl Browser {
    pub async fn open() -> Self {
        let (kind, folder) = (Kind::wanted(), tempfile::tempdir().expect("a folder"));
        let (driver, line) = (kind.drive(folder.path()), Line::lay().await);
        let tls = careloop::tls::client(None).expect("TLS can be set up");
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .build()
            .expect("a client can be made");
        let mut browser = Self {
            kind,
            client,
            session: format!("http://127.0.0.1:{}/session", driver.port),
            line,
            taps: AtomicUsize::new(0),
            _driver: driver,
            _folder: folder,
        };
        browser.wait_for_driver().await;
        let wanted = kind.session(browser._folder.path(), &browser.line.address);
        let session = browser.post("", wanted).await.expect("a session");
        let id = session.get("sessionId").and_then(Value::as_str).expect("it has a name");
        browser.session = format!("{}/{id}", browser.session);
        browser.screen(360, 640).await;
        browser
    }

    async fn wait_for_driver(&self) {
        let status = self.session.replace("/session", "/status");
        let ready = async {
            while self.client.get(&status).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ready).await.expect("the driver listens");
    }

    pub async fn go(&self, address: &str) {
        self.post("/url", json!({ "url": address })).await.expect("the page opens");
    }

    /// The size of what is seen, in CSS pixels.
    pub async fn screen(&self, width: u32, height: u32) {
        match self.kind {
            Kind::Chromium => {
                let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
                self.tell("Emulation.setDeviceMetricsOverride", size).await;
                return;
            }
            Kind::Firefox => self.tell_firefox(FIREFOX_SCREEN, json!([width, height])).await,
            Kind::WebKit => {
                let around = "return [outerWidth - innerWidth, outerHeight - innerHeight];";
                let around = self.see(around, json!([])).await;
                let more = |n: usize| around.get(n).and_then(Value::as_u64).unwrap_or_default();
                let size = json!({
                    "x": MIDDLE.0 - width / 2, "y": MIDDLE.1 - height / 2,
                    "width": u64::from(width) + more(0), "height": u64::from(height) + more(1) });
                self.post("/window/rect", size).await.expect("the window has a size");
            }
        }
        // A window takes a while to become so.
        let is = "return innerWidth === arguments[0] && innerHeight === arguments[1];";
        self.until(is, json!([width, height]), "the size of the screen").await;
    }

    /// Whether there is a connection.
    pub fn connect(&self, is_there: bool) {
        self.line.connect(is_there);
    }

    /// Whether pages may run scripts.
    pub async fn scripts(&self, may_run: bool) {
        if self.kind == Kind::Firefox {
            self.tell_firefox(FIREFOX_SCRIPTS, json!([may_run])).await;
        } else {
            self.tell("Emulation.setScriptExecutionDisabled", json!({ "value": !may_run })).await;
        }
    }

    /// Goes where there is no connection to.
    pub async fn go_offline(&self, address: &str) {
        drop(self.post("/url", json!({ "url": address })).await);
    }

    /// Touches the middle of an element as a finger does, once it is there.
    pub async fn tap(&self, selector: &str) {
        let find = json!({ "using": "css selector", "value": selector });
        for _try in 0..10 {
            self.wait_for(selector).await;
            let Ok(found) = self.post("/element", find.clone()).await else { continue };
            let id = found.as_object().and_then(|o| o.values().next()).and_then(Value::as_str);
            let id = id.expect("an element has a name").to_owned();
            match self.post(&format!("/element/{id}/click"), json!({})).await {
                Ok(_) => {
                    self.taps.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                // The page was refreshed in between.
                Err(error) if error.contains("stale element") => {}
                Err(error) => panic!("`{selector}` cannot be touched: {error}"),
            }
        }
        panic!("`{selector}` does not hold still");
    }

    /// Writes into a field, once it is there.
    pub async fn write(&self, selector: &str, text: &str) {
        let script = "const e = document.querySelector(arguments[0]); if (!e) return false;
            e.value = arguments[1]; return true;";
        self.until(script, json!([selector, text]), &format!("`{selector}` to write into")).await;
    }

    /// Unfolds what stands under this id.
    pub async fn unfold(&self, id: &str) {
        self.tap(&format!("#{id}:not([open]) > summary")).await;
        self.wait_for(&format!("#{id}[open]")).await;
    }

    /// How often it was touched since this was asked last.
    pub fn taps(&self) -> usize {
        self.taps.swap(0, Ordering::Relaxed)
    }

    /// Presses keys one after the other, all of them at once if `together`.
    pub async fn press(&self, keys: &str, together: bool) {
        let act = |kind: &str, key: char| json!({ "type": kind, "value": key });
        let mut acts = Vec::new();
        for key in keys.chars() {
            acts.push(act("keyDown", key));
            if !together {
                acts.push(act("keyUp", key));
            }
        }
        acts.extend(keys.chars().rev().filter(|_| together).map(|key| act("keyUp", key)));
        let body = json!({ "actions": [{ "type": "key", "id": "keys", "actions": acts }] });
        self.post("/actions", body).await.expect("the keys go down");
    }

    /// Chooses what a list offers, by its value, as a finger or the arrows do.
    pub async fn choose(&self, selector: &str, value: &str) {
        let option = format!("{selector} option[value='{value}']");
        self.tap(&option).await;
    }

    /// Waits until the page at this path is open.
    pub async fn wait_for_page(&self, path: &str) {
        let script =
            "return location.pathname === arguments[0] && document.readyState === 'complete';";
        self.until(script, json!([path]), &format!("the page `{path}`")).await;
    }

    /// Has Firefox itself run a script, and not its page.
    async fn tell_firefox(&self, script: &str, arguments: Value) {
        let turn = async |to: &str| self.post("/moz/context", json!({ "context": to })).await;
        turn("chrome").await.expect("geckodriver was let in");
        self.see(script, arguments).await;
        turn("content").await.expect("it was there before");
    }

    /// Says something to Chromium itself.
    pub async fn tell(&self, what: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": what, "params": parameters });
        self.post("/goog/cdp/execute", body).await.expect("the browser understands")
    }

    /// What a script says of the page.
    pub async fn see(&self, script: &str, arguments: Value) -> Value {
        let body = json!({ "script": script, "args": arguments });
        self.post("/execute/sync", body).await.expect("the script runs")
    }

    /// What a script says that takes its time: it calls its last argument.
    pub async fn see_later(&self, script: &str, arguments: Value) -> Value {
        let body = json!({ "script": script, "args": arguments });
        self.post("/execute/async", body).await.expect("the script runs")
    }

    /// Clicks the first element of this selector, once it is there.
    pub async fn click(&self, selector: &str) {
        let script = "const e = document.querySelector(arguments[0]); if (!e) return false; e.click(); return true;";
        self.until(script, json!([selector]), &format!("`{selector}` to click")).await;
    }

    pub async fn wait_for(&self, selector: &str) {
        let script = "return !!document.querySelector(arguments[0]);";
        self.until(script, json!([selector]), &format!("`{selector}`")).await;
    }

    pub async fn wait_for_text(&self, text: &str) {
        let script = "return document.body.innerText.includes(arguments[0]);";
        self.until(script, json!([text]), &format!("the text `{text}`")).await;
    }

    /// Says who is at the phone, and waits until the page knows.
    pub async fn be(&self, person: &str) {
        let script =
            "const e = document.querySelector(\"select[name='me']\"); if (!e) return false;
            e.value = arguments[0]; e.form.requestSubmit(); return true;";
        self.until(script, json!([person]), "the form that says who I am").await;
        let made_for = format!("input[name='by'][value='{person}']");
        self.wait_for(&made_for).await;
    }

    /// Runs a script until it returns true.
    pub async fn until(&self, script: &str, arguments: Value, what: &str) {
        let wait = async {
            loop {
                let body = json!({ "script": script, "args": arguments });
                // While a page is being replaced there is nothing to run it in.
                if self.post("/execute/sync", body).await == Ok(Value::Bool(true)) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            let body = json!({ "script": "return document.body.innerText;", "args": [] });
            let page = self.post("/execute/sync", body).await;
            panic!("waited in vain for {what}; the page says: {page:?}");
        }
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        let request = self.client.post(format!("{}{path}", self.session)).body(body.to_string());
        let request = request.header("content-type", "application/json");
        let answer = request.send().await.map_err(|e| e.to_string())?;
        let (is_good, text) = (answer.status().is_success(), answer.text().await);
        let text = text.map_err(|e| e.to_string())?;
        let value: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        if is_good { Ok(value.get("value").cloned().unwrap_or_default()) } else { Err(text) }
    }
}
