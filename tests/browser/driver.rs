//! Just enough of the WebDriver protocol (W3C) to look at a page and touch it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

/// Whatever should appear has appeared by then, or the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A headless Chromium; both it and its driver end when this is dropped.
pub struct Browser {
    client: reqwest::Client,
    session: String,
    driver: Child,
    taps: AtomicUsize,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub async fn open() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed (tests/run does that)");
        let out = driver.stdout.take().expect("it has an output");
        let mut lines = BufReader::new(out).lines();
        let port: u16 = lines
            .find_map(|line| {
                let line = line.ok()?;
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            })
            .expect("chromedriver says its port");
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().expect("a folder");
        let tls = careloop::tls::client(None).expect("TLS can be set up");
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .build()
            .expect("a client can be made");
        let mut browser = Self {
            client,
            session: format!("http://127.0.0.1:{port}/session"),
            driver,
            taps: AtomicUsize::new(0),
            _profile: profile,
        };
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--window-size=360,640".to_owned(),
            format!("--user-data-dir={}", browser._profile.path().display()),
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments } } } });
        let session = browser.post("", wanted).await.expect("a session");
        let id = session.get("sessionId").and_then(Value::as_str).expect("it has a name");
        browser.session = format!("{}/{id}", browser.session);
        browser.screen(360, 640).await;
        browser
    }

    pub async fn go(&self, address: &str) {
        self.post("/url", json!({ "url": address })).await.expect("the page opens");
    }

    /// The size of what is seen, in CSS pixels.
    pub async fn screen(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.tell("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Whether there is a connection.
    pub async fn connect(&self, is_there: bool) {
        let rate = if is_there { -1 } else { 0 };
        let network = json!({ "offline": !is_there, "latency": 0, "downloadThroughput": rate, "uploadThroughput": rate });
        self.tell("Network.enable", json!({})).await;
        self.tell("Network.emulateNetworkConditions", network).await;
    }

    /// Whether pages may run scripts.
    pub async fn scripts(&self, may_run: bool) {
        self.tell("Emulation.setScriptExecutionDisabled", json!({ "value": !may_run })).await;
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

    /// Says something to the browser itself.
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
        let answer = request.send().await.map_err(|e| e.to_string())?;
        let (is_good, text) = (answer.status().is_success(), answer.text().await);
        let text = text.map_err(|e| e.to_string())?;
        let value: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        if is_good { Ok(value.get("value").cloned().unwrap_or_default()) } else { Err(text) }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser with it.
        drop(Command::new("pkill").args(["-P", &self.driver.id().to_string()]).status());
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
