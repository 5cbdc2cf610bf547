//! The power of a whole quarter fails, and people call for help in the midst of it (P6): one incident a grid,
//! people before devices, and no more messages than a robot may send.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use careloop::channel::http::{Line, WITHIN};
use careloop::channel::mqtt::Publish;
use careloop::channel::robot::{Account, Kind};
use careloop::channel::sender::{self, Desk};
use careloop::channel::{Channel, Mqtt, Robot};
use careloop::clock::Clock;
use careloop::device::Catalog;
use careloop::domain::{Binding, Device, Home, Name, Span};
use careloop::health::Health;
use careloop::inbox::{Arrival, Inbox, Outlet};
use careloop::metrics::Metrics;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::hub::{Hub, heard, homes, id, input};

/// Homes of one grid: as many as make an area.
const MEMBERS: usize = 3;
/// The sender begins so many at once, and keeps the rest of its places for what is serious.
const ORDINARY_PLACES: usize = 24;
/// A robot of WeCom takes so many a minute, and so many of them are for what is serious.
const A_MINUTE: usize = 20;
const KEPT: usize = 5;

/// So many grids: every home has a bridge, a button and a leak sensor.
fn quarter(grids: usize) -> Hub {
    let mut hub = Hub::bare();
    hub.now = Clock::start(None).now();
    let device = |name: &str| Device::new(id(name), "", Binding::Direct);
    let mut all = Vec::new();
    for (n, home) in homes(grids * MEMBERS).iter().enumerate() {
        let bridge = Device { quiet_after: Some(Span::hours(3)), ..device("bridge") };
        let devices = vec![bridge, device("button"), device("leak")];
        let grid = Some(id(&format!("g{}", n / MEMBERS)));
        all.push(Arc::new(Home { devices, grid, ..(**home).clone() }));
    }
    for (g, members) in all.clone().chunks(MEMBERS).enumerate() {
        let names = members.iter().map(|home| device(home.id.as_str())).collect();
        let area = Home::new(id(&format!("g{g}")), "Asia/Shanghai", names);
        let people = members[0].responders.clone();
        all.push(Arc::new(Home { is_area: true, responders: people, ..area }));
    }
    let now = hub.now;
    hub.gateway().register(now, &all).expect("they move in");
    hub.handle(bridges(grids, "online true"));
    // Who is online need not have said anything.
    hub.handle(bridges(grids, "link_quality 90"));
    hub
}

fn bridges(grids: usize, said: &str) -> Vec<Arrival> {
    (1..=grids * MEMBERS).map(|n| input(&format!("h{n}"), heard("bridge", said))).collect()
}

/// So many call for help, and as many have water on the floor, which is no worse than an area incident.
fn calls(count: usize) -> Vec<Arrival> {
    let both = |n: usize| {
        let call = |device, said| input(&format!("h{n}"), heard(device, said));
        [call("button", "help true"), call("leak", "leak true")]
    };
    (1..=count).flat_map(both).collect()
}

#[test]
fn every_grid_is_one_incident_and_no_call_is_lost_in_it() {
    let mut hub = quarter(8);
    let (mut dark, calls) = (bridges(8, "online false"), calls(5));
    // In the midst of it: some homes are still to go dark.
    let rest = dark.split_off(8 * MEMBERS / 2);
    for part in [dark, calls, rest] {
        hub.wait(Span::seconds(50));
        hub.handle(part);
    }
    let count = |hub: &Hub| {
        let mut count = BTreeMap::new();
        for shown in hub.incidents().iter().filter(|shown| shown.incident.is_open()) {
            *count.entry(shown.incident.rule.to_string()).or_insert(0) += 1;
        }
        count.into_iter().collect::<Vec<_>>()
    };
    let expected = [("area-silent", 8), ("help", 5), ("leak", 5)];
    let expected = expected.map(|(rule, count)| (rule.to_owned(), count));
    assert_eq!(count(&hub), expected);
    hub.wait(Span::minutes(60));
    assert_eq!(count(&hub), expected, "no home is missed by itself meanwhile");
}

/// A hub that runs: its letters are taken, and its sender sends by these channels.
struct Running {
    inbox: Inbox,
    path: std::path::PathBuf,
    taken: Arc<Notify>,
    _tasks: JoinSet<()>,
}

impl Running {
    fn start(mut hub: Hub, channels: impl IntoIterator<Item = (&'static str, Channel)>) -> Self {
        let catalog = Catalog::new(&BTreeMap::new(), &[]).expect("an empty one");
        let (inbox, Outlet { mut life, .. }, _) = Inbox::new(Arc::new(catalog));
        let clock = Clock::start(None);
        let (bell, taken) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let channels = channels.into_iter().map(|(name, channel)| (id::<Name>(name), channel));
        let path = hub.path.clone();
        let desk = Desk {
            channels: Arc::new(channels.collect()),
            store: path.clone(),
            inbox: inbox.clone(),
            clock: clock.clone(),
            bell: Arc::clone(&bell),
            health: Health::new(clock.clone()),
            metrics: Metrics::new(),
            url: None,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(sender::run(desk, CancellationToken::new()));
        let done = Arc::clone(&taken);
        tasks.spawn(async move {
            let mut letters = Vec::new();
            while life.recv_many(&mut letters, 1024).await != 0 {
                let now = clock.now();
                let (handled, answers) = hub.gateway().handle(now, &letters).expect("it is stored");
                for (letter, answer) in letters.drain(..).zip(answers) {
                    drop(letter.receipt.send(answer));
                }
                if handled.posted {
                    bell.notify_one();
                }
                done.notify_one();
            }
        });
        Self { inbox, path, taken, _tasks: tasks }
    }

    async fn post(&self, arrivals: Vec<Arrival>) {
        for arrival in arrivals {
            self.inbox.post(arrival).await.await.expect("it is stored");
        }
    }

    /// Waits until every delivery was tried.
    async fn has_tried_all(&self) {
        let sql = "SELECT home, n, k FROM delivery WHERE attempts = 0";
        while !crate::hub::rows(&self.path, sql).is_empty() {
            soon(self.taken.notified()).await;
        }
    }
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it happens")
}

/// A way to tell people that keeps the groups of what it was told, in order. What is about devices hangs until
/// there is a `gate`.
#[derive(Clone)]
struct Told {
    groups: Arc<Mutex<Vec<String>>>,
    news: Arc<Notify>,
    gate: Arc<Semaphore>,
}

impl Told {
    fn new() -> Self {
        let gate = Arc::new(Semaphore::new(0));
        Self { groups: Arc::default(), news: Arc::default(), gate }
    }

    fn channel(&self) -> Channel {
        let told = self.clone();
        let publish: Publish = Box::new(move |_, payload| {
            let body: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
            let group = body["group"].as_str().expect("a group").to_owned();
            told.groups.lock().expect("a list").push(group.clone());
            told.news.notify_one();
            let gate = Arc::clone(&told.gate);
            Box::pin(async move {
                if group == "equipment" {
                    drop(gate.acquire().await);
                }
                Ok(())
            })
        });
        Channel::Mqtt(Mqtt::new("t", None, publish))
    }

    async fn has(&self, count: usize) {
        while self.groups.lock().expect("a list").len() < count {
            soon(self.news.notified()).await;
        }
    }
}

#[tokio::test]
async fn people_are_told_of_people_while_messages_about_devices_hang_and_wait() {
    const GRIDS: usize = 30;
    let (mut hub, told) = (quarter(GRIDS), Told::new());
    hub.handle(bridges(GRIDS, "online false"));
    let running = Running::start(hub, ["screen", "radio"].map(|name| (name, told.channel())));
    told.has(ORDINARY_PLACES).await;
    running.post(calls(10)).await;
    // Each call and each leak: the daughter, and Wang.
    told.has(ORDINARY_PLACES + 40).await;
    told.gate.add_permits(GRIDS);
    told.has(GRIDS + 40).await;
    running.has_tried_all().await;
    let groups = told.groups.lock().expect("a list").clone();
    let runs: Vec<(&str, usize)> =
        groups.chunk_by(|a, b| a == b).map(|run| (run[0].as_str(), run.len())).collect();
    let late = GRIDS - ORDINARY_PLACES;
    assert_eq!(runs, [("equipment", ORDINARY_PLACES), ("safety", 40), ("equipment", late)]);
}

#[tokio::test]
async fn what_waits_together_leaves_with_people_first() {
    const GRIDS: usize = 12;
    let (mut hub, told) = (quarter(GRIDS), Told::new());
    told.gate.add_permits(GRIDS);
    hub.handle(bridges(GRIDS, "online false"));
    hub.handle(calls(10));
    let running = Running::start(hub, ["screen", "radio"].map(|name| (name, told.channel())));
    running.has_tried_all().await;
    let groups = told.groups.lock().expect("a list").clone();
    let runs: Vec<(&str, usize)> =
        groups.chunk_by(|a, b| a == b).map(|run| (run[0].as_str(), run.len())).collect();
    assert_eq!(runs, [("safety", 40), ("equipment", GRIDS)]);
}

/// A robot's service, which says yes to all it reads.
async fn service(read: Arc<Mutex<Vec<String>>>, tasks: &mut JoinSet<()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tasks.spawn(async move {
        let mut lines = JoinSet::new();
        while let Ok((line, _)) = listener.accept().await {
            lines.spawn(answer(line, Arc::clone(&read)));
        }
    });
    url
}

async fn answer(mut line: TcpStream, all: Arc<Mutex<Vec<String>>>) -> Option<()> {
    const YES: &str = r#"{"errcode":0,"errmsg":"ok"}"#;
    loop {
        let mut read = Vec::new();
        let body = loop {
            if line.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
            let text = String::from_utf8_lossy(&read);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: "))?;
            if length.parse::<usize>().ok()? <= body.len() {
                break body.to_owned();
            }
        };
        all.lock().expect("a list").push(body);
        let yes = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{YES}", YES.len());
        line.write_all(yes.as_bytes()).await.ok()?;
    }
}

#[tokio::test]
async fn a_robot_sends_what_it_may_and_keeps_places_for_people() {
    const GRIDS: usize = 30;
    let (read, mut tasks) = (Arc::default(), JoinSet::new());
    let url = service(Arc::clone(&read), &mut tasks).await;
    let key = Some("k".parse().expect("a key"));
    let account = Account { url: url.parse().expect("an address"), key, secret: None };
    let line = Line::new(None, WITHIN).expect("a line");
    let robot = Robot::new(line, Kind::Wecom, account).expect("a robot");
    let (mut hub, told) = (quarter(GRIDS), Told::new());
    hub.handle(bridges(GRIDS, "online false"));
    let channels = [("screen", Channel::Robot(robot)), ("radio", told.channel())];
    let running = Running::start(hub, channels);
    running.has_tried_all().await;
    running.post(calls(10)).await;
    running.has_tried_all().await;
    let bodies: Vec<String> = read.lock().expect("a list").clone();
    let of_areas = bodies.iter().filter(|body| body.contains("片区设备集体离线")).count();
    assert_eq!((bodies.len(), of_areas), (A_MINUTE, A_MINUTE - KEPT));
    // Wang, who has a second way, hears by it of whatever the robot could not send any more.
    let by_radio = told.groups.lock().expect("a list").len();
    assert!((20 - KEPT..=20).contains(&by_radio), "{by_radio} by radio");
}
