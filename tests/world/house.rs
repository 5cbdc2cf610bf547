//! A household on disk, and the real program that watches over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use careloop::domain::{Entry, IncidentId};
use careloop::store::Reader;
use careloop::store::views::{Filter, Shown};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The files of `config/`, to be changed before they are written.
pub struct Texts(BTreeMap<&'static str, String>);

impl Texts {
    fn shipped() -> Self {
        let read = |name| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name);
            (name, std::fs::read_to_string(path).unwrap())
        };
        Self(["gateway.toml", "rules.toml", "plans.toml", "register.toml"].map(read).into())
    }

    pub fn swap(&mut self, file: &'static str, from: &str, to: &str) {
        let text = self.0.get_mut(file).unwrap();
        assert!(text.contains(from), "{file} has `{from}`");
        *text = text.replace(from, to);
    }

    pub fn add(&mut self, file: &'static str, more: &str) {
        self.0.get_mut(file).unwrap().push_str(more);
    }

    pub fn put(&mut self, file: &'static str, text: String) {
        self.0.insert(file, text);
    }

    /// Rungs a second apart instead of minutes.
    pub fn hurry(&mut self) {
        for (from, to) in [
            (r#"after = "60s""#, r#"after = "1s""#),
            (r#"after = "2m""#, r#"after = "2s""#),
            (r#"after = "3m""#, r#"after = "2s""#),
            (r#"after = "4m", repeat = "60s""#, r#"after = "3s", repeat = "1s""#),
            (r#"after = "5m", repeat = "60s""#, r#"after = "3s", repeat = "1s""#),
        ] {
            self.swap("plans.toml", from, to);
        }
    }

    /// Every message of every device is stored, however fast they come.
    pub fn no_budget(&mut self) {
        self.swap("gateway.toml", "device_rate = 5 ", "device_rate = 100000 ");
        self.swap("gateway.toml", "device_burst = 50 ", "device_burst = 100000 ");
    }

    /// Everybody is told by this webhook first.
    pub fn webhook(&mut self, url: &str, secret: &str) {
        let channel = "\n[[channel]]\nname = \"platform\"\nkind = \"webhook\"\n";
        self.add("gateway.toml", &format!("{channel}url = \"{url}\"\nsecret_file = \"secret\"\n"));
        self.put("secret", secret.to_owned());
        let (before, after) = ("contacts = [", "contacts = [{ channel = \"platform\" }, ");
        self.swap("register.toml", before, after);
    }
}

/// A configuration and its data.
pub struct House {
    pub folder: TempDir,
}

impl House {
    /// The shipped household, with ports of its own.
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    pub fn with(change: impl FnOnce(&mut Texts)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut texts = Texts::shipped();
        texts.swap("gateway.toml", "127.0.0.1:1883", "127.0.0.1:0");
        texts.swap("gateway.toml", "127.0.0.1:8380", "127.0.0.1:0");
        texts.swap("gateway.toml", "people = \"log-in\"", "people = \"choose\"");
        change(&mut texts);
        std::fs::create_dir(folder.path().join("config")).unwrap();
        for (name, text) in texts.0 {
            std::fs::write(folder.path().join("config").join(name), text).unwrap();
        }
        Self { folder }
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/careloop.db")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_careloop"));
        command
            .arg("--config")
            .arg(self.folder.path().join("config"))
            .args(arguments)
            .env_remove("CARELOOP_LOG")
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub async fn cli(&self, arguments: &[&str]) -> Output {
        soon("a command", self.command(arguments).output()).await.unwrap()
    }

    /// Runs a command that must not fail. Returns what it prints.
    pub async fn ask(&self, arguments: &[&str]) -> String {
        let done = self.cli(arguments).await;
        assert!(done.status.success(), "{arguments:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// The same as JSON.
    pub async fn ask_json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ask(arguments).await).unwrap()
    }

    /// Starts the daemon. It is ready when this returns.
    pub async fn start(&self) -> Daemon {
        self.start_with(&[]).await
    }

    pub async fn start_with(&self, env: &[(&str, &str)]) -> Daemon {
        let child = self.command(&["run"]).envs(env.iter().copied()).spawn().unwrap();
        let mut daemon = Daemon::new(child);
        daemon.ready().await;
        daemon
    }

    /// Starts a command that goes on until it is told to end.
    pub fn spawn(&self, arguments: &[&str]) -> Daemon {
        Daemon::new(self.command(arguments).spawn().unwrap())
    }

    /// Starts a daemon that must not come up. Returns its exit code and what it says.
    pub async fn fail(&self) -> (i32, String) {
        let done = soon("it gives up", self.command(&["run"]).output()).await.unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stderr).unwrap())
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.database()).unwrap()
    }

    /// All incidents, closed ones too.
    pub fn incidents(&self) -> Vec<Shown> {
        self.reader().incidents(&Filter { most: Some(100_000), ..Filter::default() }).unwrap()
    }

    /// Those of one rule.
    pub fn incidents_of(&self, rule: &str) -> Vec<Shown> {
        let mut all = self.incidents();
        all.retain(|shown| shown.incident.rule.as_str() == rule);
        all
    }

    /// Waits for the one incident of this rule.
    pub async fn incident(&self, rule: &str) -> Shown {
        let found = until(rule, || self.incidents_of(rule).into_iter().next()).await;
        assert_eq!(self.incidents_of(rule).len(), 1, "one incident of {rule}");
        found
    }

    pub fn story(&self, id: &IncidentId) -> Vec<Entry> {
        self.reader().entries(id).unwrap()
    }

    /// The story as it is told.
    pub fn lines(&self, id: &IncidentId) -> Vec<String> {
        self.story(id).iter().map(careloop::timeline::entry_text).collect()
    }

    /// All inputs on disk, as they are written there.
    pub fn journal(&self) -> String {
        let mut all = String::new();
        let add = |row: careloop::store::journal::Row| {
            all.push_str(&serde_json::to_string(&row.input).unwrap());
            all.push('\n');
            Ok(())
        };
        self.reader().journal(0, add).unwrap();
        all
    }

    /// Proves that the record is whole, and that the journal leads to it.
    pub async fn verify(&self) {
        self.ask(&["audit", "verify"]).await;
        self.ask(&["replay", "--verify"]).await;
    }
}

/// The running program.
pub struct Daemon {
    child: Child,
    pub mqtt: u16,
    pub http: u16,
    said: Arc<Mutex<String>>,
    readers: JoinSet<()>,
}

impl Daemon {
    fn new(mut child: Child) -> Self {
        let said = Arc::default();
        let mut readers = JoinSet::new();
        read(&mut readers, child.stdout.take().unwrap(), &said);
        read(&mut readers, child.stderr.take().unwrap(), &said);
        Self { child, mqtt: 0, http: 0, said, readers }
    }

    async fn ready(&mut self) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !self.said().lines().any(|line| line.ends_with(" ready")) {
            let end = self.child.try_wait().unwrap();
            assert!(end.is_none(), "it ended with {end:?} and said:\n{}", self.said());
            assert!(tokio::time::Instant::now() < deadline, "it says only:\n{}", self.said());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let said = self.said();
        let port = |after: &str| {
            let address = said.lines().find_map(|line| Some(line.split_once(after)?.1));
            let port = |a: &str| a.trim_end_matches('/').rsplit_once(':').unwrap().1.parse();
            address.map_or(0, |address| port(address).unwrap())
        };
        (self.mqtt, self.http) = (port("listening for MQTT on "), port("pages and API on http://"));
    }

    /// All that it has printed and logged.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until a line contains this.
    pub async fn says(&self, part: &str) -> String {
        let find = || self.said().lines().find(|line| line.contains(part)).map(str::to_owned);
        until(part, find).await
    }

    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends a signal, and waits for the end. Returns all that it said as well.
    pub async fn end(mut self, signal: &str) -> (ExitStatus, String) {
        self.signal(signal);
        let status = soon("its end", self.child.wait()).await.unwrap();
        while self.readers.join_next().await.is_some() {}
        (status, self.said())
    }

    pub fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        let sent = std::process::Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }
}

fn read(
    readers: &mut JoinSet<()>,
    stream: impl AsyncRead + Unpin + Send + 'static,
    said: &Arc<Mutex<String>>,
) {
    let said = Arc::clone(said);
    readers.spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut said = said.lock().unwrap();
            said.push_str(&line);
            said.push('\n');
        }
    });
}

/// Waits until something is there.
pub async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(what, wait).await
}

pub async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never: {what}"))
}
