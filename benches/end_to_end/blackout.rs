//! The power of a whole city quarter fails: ten thousand homes go silent, and some hundred people call for help
//! in the midst of it. How long until those are told, and what else is told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::figures::Times;
use super::load::SAID;
use super::mqtt::{Client, publish};
use super::server::{self, Server};

const HOMES: usize = 10_000;
const GRIDS: usize = 100;
const BRIDGES: usize = 20;
/// People call in as many waves, all of a wave at once, each when so many homes are dark.
const WAVES: [usize; 3] = [HOMES / 3, HOMES / 2, HOMES * 2 / 3];
const WAVE: usize = 100;
/// Those who call go dark last.
const CALLERS_FROM: usize = HOMES - 3 * WAVE;
/// How long to wait for what is still to be told.
const PATIENCE: Duration = Duration::from_secs(60);
const MINUTE: Duration = Duration::from_secs(60);

/// Device, topic before the home's number, what it says when all is well, and when not.
const DEVICES: [(&str, &str, &str, &str); 3] = [
    ("button", "zigbee2mqtt", r#"{"linkquality":120}"#, r#"{"action":"single","linkquality":120}"#),
    ("smoke", "zigbee2mqtt", SAID[3].2, r#"{"smoke":true,"linkquality":120}"#),
    ("fall", "careloop/devices", r#"{"fall":false}"#, r#"{"fall":true}"#),
];
const PROFILES: [&str; 3] =
    ["zigbee2mqtt/heiman-HS1EB", "zigbee2mqtt/heiman-HS1SA", "generic/json"];

/// What the far side has read: when, whether by the robot, and what.
type Read = Arc<Mutex<Vec<(Instant, bool, String)>>>;

pub fn run() {
    println!(
        "\n### {HOMES} homes of {GRIDS} grids go silent, {} calls in the midst of it\n",
        3 * WAVE
    );
    println!(
        "| all silent within | ms to the first person: median | p99 | most | to everybody: p99 | area incidents | of single devices | robot: most in a minute |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for within in [Duration::from_secs(100), Duration::ZERO] {
        measure(within);
    }
}

fn measure(within: Duration) {
    let read = Read::default();
    let far_side = far_side(Arc::clone(&read));
    let careloop = start(far_side);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (called, took) = runtime.block_on(async {
        everybody_says(&careloop, Duration::ZERO, false, &Arc::default()).await;
        let dark = Arc::new(AtomicUsize::new(0));
        let begun = Instant::now();
        let ((), called) = tokio::join!(
            everybody_says(&careloop, within, true, &dark),
            calls(&careloop, Arc::clone(&dark))
        );
        let took = begun.elapsed();
        let deadline = Instant::now() + PATIENCE;
        while told(&read, &called).1.len() < 2 * called.len() && Instant::now() < deadline {
            sleep(Duration::from_millis(100)).await;
        }
        // Nothing more is to come of the grids, or of single devices.
        sleep(Duration::from_secs(10)).await;
        (called, took)
    });
    let (first, everybody) = told(&read, &called);
    let (mut to_first, mut to_all) = (Times::default(), Times::default());
    // A fall is asked of the resident for half a minute before anybody is told.
    let at_once = |home: &usize| DEVICES.get(home % DEVICES.len()).is_some_and(|d| d.0 != "fall");
    first.iter().filter(|(home, _)| at_once(home)).for_each(|(_, time)| to_first.add(*time));
    let all = everybody.iter().filter(|((home, _), _)| at_once(home));
    all.for_each(|(_, time)| to_all.add(*time));
    let untold = 2 * called.len() - everybody.len();
    assert_eq!((first.len(), untold), (called.len(), 0), "everybody is told");
    let open = incidents(&careloop);
    let count = |rules: &[&str]| rules.iter().filter_map(|rule| open.get(*rule)).sum::<usize>();
    let single = open.values().sum::<usize>() - count(&["area-silent", "help", "smoke", "fall"]);
    println!(
        "| {:.0} s | {:.0} | {:.0} | {:.0} | {:.0} | {} | {single} | {} |",
        took.as_secs_f64(),
        to_first.percentile(0.5),
        to_first.percentile(0.99),
        to_first.percentile(1.0),
        to_all.percentile(0.99),
        count(&["area-silent"]),
        most_in_a_minute(&read),
    );
}

/// How long it took until the first person was told of each call, and until each person was.
type Delays = (BTreeMap<usize, Duration>, BTreeMap<(usize, String), Duration>);

fn told(read: &Read, called: &BTreeMap<usize, Instant>) -> Delays {
    let (mut first, mut each) = Delays::default();
    for (at, is_robot, body) in read.lock().expect("a list").iter() {
        let said: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let text = |at: &str| said.pointer(at).and_then(|v| v.as_str()).unwrap_or_default();
        // The robot says the case within a text, and tells nobody of these homes but the neighbour.
        let (case, person) =
            if *is_robot { (body.as_str(), "sun") } else { (text("/incident"), text("/to")) };
        let Some(home) = home_in(case) else { continue };
        if let Some(called) = called.get(&home) {
            first.entry(home).or_insert(*at - *called);
            // Whom the ladder tells in a minute, when nobody has answered, is not counted.
            if ["wang", "sun"].contains(&person) {
                each.entry((home, person.to_owned())).or_insert(*at - *called);
            }
        }
    }
    (first, each)
}

/// The home of a case such as `h12-1`. A case of a grid is none.
fn home_in(text: &str) -> Option<usize> {
    let home = |part: &str| part.strip_suffix("-1")?.strip_prefix('h')?.parse().ok();
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').find_map(home)
}

fn most_in_a_minute(read: &Read) -> usize {
    let read = read.lock().expect("a list");
    let all: Vec<Instant> =
        read.iter().filter(|(_, robot, _)| *robot).map(|(at, ..)| *at).collect();
    let from = |at: &Instant| all.iter().filter(|t| *at <= **t && **t < *at + MINUTE).count();
    all.iter().map(from).max().unwrap_or_default()
}

/// The open incidents of each rule.
fn incidents(careloop: &Server) -> BTreeMap<String, usize> {
    let db = rusqlite::Connection::open(server::database(careloop.folder())).expect("a database");
    let sql =
        "SELECT incident ->> 'rule', count(*) FROM incident WHERE closed_at IS NULL GROUP BY 1";
    let mut select = db.prepare(sql).expect("a query");
    let rows = select
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize)))
        .expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

fn start(far_side: u16) -> Server {
    let folder = server::folder();
    let port = server::configure(folder.path(), 0);
    let file = folder.path().join("gateway.toml");
    let mut gateway = std::fs::read_to_string(&file).expect("a file");
    write!(
        gateway,
        "\n[[channel]]\nname = \"platform\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{far_side}/hook\"\n\
         \n[[channel]]\nname = \"robot\"\nkind = \"wecom-robot\"\nkey_file = \"key\"\nurl = \"http://127.0.0.1:{far_side}\"\n"
    )
    .expect("a text");
    std::fs::write(file, gateway).expect("a file");
    std::fs::write(folder.path().join("key"), "k").expect("a file");
    std::fs::write(folder.path().join("register.toml"), register()).expect("a file");
    server::start(folder, port)
}

/// The family is told by a platform; the neighbour and the technician by a robot first.
fn register() -> String {
    let mut text = String::new();
    for (id, role, ways) in [
        ("wang", "family", r#"{ channel = "platform", to = "wang" }"#),
        ("sun", "micro-grid", r#"{ channel = "robot" }, { channel = "platform", to = "sun" }"#),
        ("wu", "technician", r#"{ channel = "robot" }, { channel = "platform", to = "wu" }"#),
    ] {
        write!(
            text,
            "[[responder]]\nid = \"{id}\"\nname = \"{id}\"\nrole = \"{role}\"\ncontacts = [{ways}]\n"
        )
        .expect("a text");
    }
    for home in 0..HOMES {
        write!(
            text,
            "\n[[home]]\nid = \"h{home}\"\nname = \"{home}\"\nzone = \"Asia/Shanghai\"\ngrid = \"g{}\"\n\
             responders = [\"wang\", \"sun\", \"wu\"]\n",
            home % GRIDS
        )
        .expect("a text");
        for ((device, ..), profile) in DEVICES.iter().zip(PROFILES) {
            write!(text, "[[home.device]]\nid = \"{device}\"\nprofile = \"{profile}\"\nmqtt = \"h{home}-{device}\"\n")
                .expect("a text");
        }
    }
    text
}

/// Every device of every home says that all is well, or that it is gone, as evenly as time allows.
async fn everybody_says(
    careloop: &Server,
    within: Duration,
    is_gone: bool,
    said: &Arc<AtomicUsize>,
) {
    let (mut bridges, begun, port) = (JoinSet::new(), Instant::now(), careloop.port);
    for bridge in 0..BRIDGES {
        let said = Arc::clone(said);
        bridges.spawn(async move {
            let mut client = Client::connect(port, &format!("bridge-{bridge}-{is_gone}")).await;
            for home in (bridge..HOMES).step_by(BRIDGES) {
                let at = begun + within.mul_f64(home as f64 / HOMES as f64);
                sleep(at.saturating_duration_since(Instant::now())).await;
                for (device, base, well, _) in DEVICES {
                    let topic = format!("{base}/h{home}-{device}");
                    let (packet, _) = match (is_gone, base) {
                        (false, _) => publish(&topic, well),
                        (true, "zigbee2mqtt") => {
                            publish(&format!("{topic}/availability"), r#"{"state":"offline"}"#)
                        }
                        (true, _) => publish(&topic, r#"{"online":false}"#),
                    };
                    client.send(&packet).await;
                }
                let mut acknowledged = 0;
                while acknowledged < DEVICES.len() {
                    acknowledged += client.acknowledged().await;
                }
                said.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(done) = bridges.join_next().await {
        done.expect("a bridge");
    }
}

/// People call for help by what they have; says when each did.
async fn calls(careloop: &Server, dark: Arc<AtomicUsize>) -> BTreeMap<usize, Instant> {
    let mut caller = Client::connect(careloop.port, "callers").await;
    let (mut called, mut home) = (BTreeMap::new(), CALLERS_FROM);
    for wave in WAVES {
        while dark.load(Ordering::Relaxed) < wave {
            sleep(Duration::from_millis(1)).await;
        }
        for _ in 0..WAVE {
            let (device, base, _, call) = DEVICES[home % DEVICES.len()];
            let (packet, _) = publish(&format!("{base}/h{home}-{device}"), call);
            called.insert(home, Instant::now());
            caller.send(&packet).await;
            home += 1;
        }
        let mut acknowledged = 0;
        while acknowledged < WAVE {
            acknowledged += caller.acknowledged().await;
        }
    }
    called
}

/// Takes all that is posted, on a thread of its own. Returns its port.
fn far_side(read: Read) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).expect("a socket");
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(answer(line, Arc::clone(&read)));
            }
        });
    });
    port
}

async fn answer(mut line: TcpStream, all: Read) -> Option<()> {
    const YES: &str = r#"{"errcode":0,"errmsg":"ok"}"#;
    let mut read = Vec::new();
    loop {
        let (is_robot, body) = loop {
            let text = String::from_utf8_lossy(&read);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|l| l.strip_prefix("content-length: "))?;
                if length.parse::<usize>().ok()? <= body.len() {
                    break (!head.starts_with("POST /hook"), body.to_owned());
                }
            }
            if line.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        };
        read.clear();
        all.lock().expect("a list").push((Instant::now(), is_robot, body));
        let yes = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{YES}", YES.len());
        line.write_all(yes.as_bytes()).await.ok()?;
    }
}
