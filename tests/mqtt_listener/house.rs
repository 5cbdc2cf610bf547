//! A broker with a stand-in for the loop behind it, which stores, holds back or fails on demand.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use careloop::device::{Catalog, Origin};
use careloop::inbox::{Answer, Arrival, Inbox, Letter, Outlet};
use careloop::secret::Secret;
use careloop::source::mqtt::{self, Client, Counts, Listener, Publisher, Rights, Settings};
use careloop::store::keep::{Keep, Kept};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// What the loop does with what it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Store,
    Hold,
    Fail,
}

/// The disk.
#[derive(Debug, Default, Clone)]
pub struct Disk {
    pub messages: Vec<(String, Vec<u8>)>,
    retained: BTreeMap<String, (Vec<u8>, u8)>,
    sessions: BTreeMap<String, String>,
    queued: BTreeMap<(String, i64), Keep>,
    taken: BTreeMap<(String, u16), ()>,
}

impl Disk {
    fn store(&mut self, arrival: Arrival) {
        let keep = match arrival {
            Arrival::Message { raw, keep, .. } => {
                assert!(!raw.retained, "what a device publishes is news");
                if let Origin::Mqtt(topic) = raw.origin {
                    self.messages.push((topic, raw.payload));
                }
                keep
            }
            Arrival::Keep(keep) => keep,
            Arrival::Input { .. }
            | Arrival::Tap { .. }
            | Arrival::Attempt { .. }
            | Arrival::Sending(_)
            | Arrival::Register { .. }
            | Arrival::Look(_)
            | Arrival::Deed(_)
            | Arrival::Passes(_)
            | Arrival::Forget(_) => Vec::new(),
        };
        keep.into_iter().for_each(|keep| self.keep(keep));
    }

    pub fn keep(&mut self, keep: Keep) {
        match keep.clone() {
            Keep::Retain { topic, payload, .. } if payload.is_empty() => {
                self.retained.remove(&topic);
            }
            Keep::Retain { topic, payload, qos } => {
                self.retained.insert(topic, (payload, qos));
            }
            Keep::Session { client, state } => {
                self.sessions.insert(client, state);
            }
            Keep::Forget { client } => {
                self.sessions.remove(&client);
                self.queued.retain(|(c, _), _| *c != client);
                self.taken.retain(|(c, _), ()| *c != client);
            }
            Keep::Queue { client, n, .. } => {
                self.queued.insert((client, n), keep);
            }
            Keep::Unqueue { client, n } => {
                self.queued.remove(&(client, n));
            }
            Keep::Taken { client, packet, done: false } => {
                self.taken.insert((client, packet), ());
            }
            Keep::Taken { client, packet, done: true } => {
                self.taken.remove(&(client, packet));
            }
        }
    }

    pub fn kept(&self) -> Kept {
        Kept {
            retained: self.retained.iter().map(|(t, (p, q))| (t.clone(), p.clone(), *q)).collect(),
            sessions: self.sessions.iter().map(|(c, s)| (c.clone(), s.clone())).collect(),
            queued: self.queued.values().cloned().collect(),
            taken: self.taken.keys().cloned().collect(),
        }
    }
}

#[derive(Debug)]
pub struct Desk {
    pub mode: Mode,
    pub disk: Disk,
    pub held: Vec<Letter>,
}

impl Desk {
    fn take(&mut self, letter: Letter) {
        match self.mode {
            Mode::Store => {
                self.disk.store(letter.arrival);
                drop(letter.receipt.send(Answer::Done));
            }
            Mode::Hold => self.held.push(letter),
            Mode::Fail => {}
        }
    }
}

pub struct House {
    pub address: SocketAddr,
    pub addresses: Vec<SocketAddr>,
    pub publisher: Publisher,
    pub counts: Arc<Counts>,
    pub desk: Arc<Mutex<Desk>>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

pub fn filters(all: &[&str]) -> Vec<mqtt::Filter> {
    all.iter().map(|f| f.parse().unwrap()).collect()
}

pub fn all_rights() -> Rights {
    Rights { publish: filters(&["#"]), subscribe: filters(&["#"]) }
}

/// On any free port, open to all.
pub fn open_settings() -> Settings {
    Settings {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        anonymous: Some(all_rights()),
        ..Settings::default()
    }
}

pub fn client(user: &str, rights: Rights) -> Client {
    Client { user: user.into(), password: Secret::from(format!("{user}'s")), rights }
}

fn desk(outlet: Outlet, tasks: &mut JoinSet<()>) -> Arc<Mutex<Desk>> {
    let desk = Desk { mode: Mode::Store, disk: Disk::default(), held: Vec::new() };
    let desk = Arc::new(Mutex::new(desk));
    let clerk = Arc::clone(&desk);
    let Outlet { mut life, mut ordinary } = outlet;
    tasks.spawn(async move {
        loop {
            let letter = tokio::select! {
                Some(letter) = life.recv() => letter,
                Some(letter) = ordinary.recv() => letter,
                else => return,
            };
            clerk.lock().unwrap().take(letter);
        }
    });
    desk
}

/// A broker without sockets.
pub async fn bare(settings: Settings) -> (Arc<Listener>, Arc<Mutex<Desk>>, JoinSet<()>) {
    let mut tasks = JoinSet::new();
    let (inbox, outlet, _) = Inbox::new(Arc::new(Catalog::default()));
    let desk = desk(outlet, &mut tasks);
    let settings = Settings { listen: Vec::new(), ..settings };
    let listener = Arc::new(mqtt::bind(settings, Kept::default(), inbox).await.unwrap());
    let keeper = Arc::clone(&listener);
    tasks.spawn(async move { keeper.keep_up().await });
    (listener, desk, tasks)
}

impl House {
    pub async fn open(settings: Settings) -> Self {
        Self::after(Disk::default(), settings).await
    }

    /// As after a start with this disk.
    pub async fn after(disk: Disk, settings: Settings) -> Self {
        let mut tasks = JoinSet::new();
        let (inbox, outlet, _) = Inbox::new(Arc::new(Catalog::default()));
        let desk = desk(outlet, &mut tasks);
        desk.lock().unwrap().disk = disk.clone();
        let listener = mqtt::bind(settings, disk.kept(), inbox).await.unwrap();
        let addresses = listener.addresses().to_vec();
        let (publisher, counts) = (listener.publisher(), listener.counts());
        let stop = CancellationToken::new();
        tasks.spawn(listener.run(stop.clone()));
        Self { address: addresses[0], addresses, publisher, counts, desk, stop, tasks }
    }

    /// The process is killed: what is on disk is all that is left.
    pub async fn kill(mut self) -> Disk {
        self.tasks.shutdown().await;
        self.disk()
    }

    /// The process is told to stop.
    pub async fn stop(mut self) -> Disk {
        self.stop.cancel();
        while self.tasks.len() > 1 {
            self.tasks.join_next().await;
        }
        self.disk()
    }

    pub fn mode(&self, mode: Mode) {
        self.desk.lock().unwrap().mode = mode;
    }

    /// Stores all that was held, and from now on at once.
    pub fn release(&self) {
        let mut desk = self.desk.lock().unwrap();
        desk.mode = Mode::Store;
        for letter in std::mem::take(&mut desk.held) {
            desk.take(letter);
        }
    }

    pub fn held(&self) -> usize {
        self.desk.lock().unwrap().held.len()
    }

    pub fn disk(&self) -> Disk {
        self.desk.lock().unwrap().disk.clone()
    }

    pub fn messages(&self) -> Vec<(String, Vec<u8>)> {
        self.disk().messages
    }
}

/// Waits until something is true.
pub async fn until(what: &str, mut true_now: impl FnMut() -> bool) {
    let wait = async {
        while !true_now() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(Duration::from_secs(10), wait).await.unwrap_or_else(|_| panic!("never: {what}"));
}
