//! Five hundred people look at the list, and several incidents a second come in: how long until every page shows each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use super::figures::{Times, median, processor, resident};
use super::mqtt::{Client, publish};
use super::server::{self, Server};

const PAGES: usize = 500;
/// All of them come to all homes, so every page shows everything.
const PEOPLE: usize = 10;
const HOMES: usize = 100;
const INCIDENTS: usize = 90;
const A_SECOND: u32 = 3;
/// How long to wait for what is still to be shown.
const PATIENCE: Duration = Duration::from_secs(20);
/// As `app.js` has it: so long after it was told, and so long after, if it is fetching already.
const SOON: Duration = Duration::from_millis(100);
const LATER: Duration = Duration::from_millis(300);

/// When each home called, and what every page heard and showed of it.
#[derive(Default)]
struct Seen {
    called: BTreeMap<usize, Instant>,
    told: Times,
    shown: Times,
    missing: usize,
    reads: usize,
}

type All = Arc<Mutex<Seen>>;
/// A page under way.
type Reading = std::pin::Pin<Box<dyn Future<Output = String> + Send>>;

pub fn run(rounds: usize) {
    println!(
        "\n### {PAGES} open pages of {HOMES} homes, {A_SECOND} calls for help a second for {} s\n",
        INCIDENTS as u32 / A_SECOND
    );
    println!(
        "| of {rounds} runs | told, ms: median | p99 | shown, ms: median | p99 | most | pages a second | resident before | with {PAGES} open | most | % of one processor |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let all: Vec<[f64; 10]> = (0..rounds).map(|_| measure()).collect();
    let of = |n: usize| median(all.iter().map(|run| run[n]).collect());
    let [told, told_99, shown, shown_99, most, reads, before, open, after, busy] =
        std::array::from_fn(of);
    println!(
        "| median | {told:.0} | {told_99:.0} | {shown:.0} | {shown_99:.0} | {most:.0} | {reads:.0} | \
         {before:.1} MB | {open:.1} MB | {after:.1} MB | {busy:.0} |"
    );
}

fn measure() -> [f64; 10] {
    let (careloop, base) = start();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let seen = All::default();
        let before = resident(careloop.pid());
        let client =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let client = client
            .tls_backend_preconfigured(careloop::tls::client(None).expect("TLS"))
            .build()
            .expect("a client");
        let mut pages = JoinSet::new();
        for page in 0..PAGES {
            let cookie = log_in(&client, &base, &format!("p{}", page % PEOPLE)).await;
            let (client, base, seen) = (client.clone(), base.clone(), Arc::clone(&seen));
            pages.spawn(look(client, base, cookie, seen));
        }
        sleep(Duration::from_secs(3)).await;
        let open = resident(careloop.pid());
        let (spent, begun) = (processor(careloop.pid()), Instant::now());
        seen.lock().expect("a list").reads = 0;
        calls(&careloop, &seen).await;
        let took = begun.elapsed().as_secs_f64();
        let (busy, reads) = (processor(careloop.pid()) - spent, seen.lock().expect("a list").reads);
        let deadline = Instant::now() + PATIENCE;
        while 0 < seen.lock().expect("a list").missing && Instant::now() < deadline {
            sleep(Duration::from_millis(100)).await;
        }
        pages.abort_all();
        let seen = seen.lock().expect("a list");
        assert_eq!(seen.missing, 0, "every page shows every incident");
        let of =
            |times: &Times| (times.percentile(0.5), times.percentile(0.99), times.percentile(1.0));
        let ((told, told_99, _), (shown, shown_99, most)) = (of(&seen.told), of(&seen.shown));
        let after = resident(careloop.pid());
        [
            told,
            told_99,
            shown,
            shown_99,
            most,
            reads as f64 / took,
            before,
            open,
            after,
            100.0 * busy / took,
        ]
    })
}

/// A program on the same machine invites them, and they come in. Their cookie.
pub async fn log_in(client: &reqwest::Client, base: &str, person: &str) -> String {
    let invite = client.post(format!("{base}/api/v1/people/{person}/invitation")).send().await;
    let said = invite.expect("an answer").text().await.expect("a text");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let link = said["link"].as_str().unwrap_or_else(|| panic!("{said}"));
    let (_, code) = link.split_once("/invite/").expect("a link");
    let entered = client
        .post(format!("{base}/invite/{code}"))
        .header("sec-fetch-site", "same-origin")
        .send()
        .await;
    let entered = entered.expect("an answer");
    let cookie = entered.headers().get("set-cookie").expect("a cookie").to_str().expect("a text");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

/// A page as a browser has it open: when it is told that something changed, it reads the list again.
async fn look(client: reqwest::Client, base: String, cookie: String, seen: All) {
    let get = |path: &str| client.get(format!("{base}{path}")).header("cookie", &cookie);
    let mut live = get("/live").send().await.expect("a stream");
    let mut line = String::new();
    let (mut heard, mut waits) = (BTreeMap::<usize, bool>::new(), None::<Instant>);
    let mut read: Option<Reading> = None;
    loop {
        let due = waits.filter(|_| read.is_none());
        tokio::select! {
            chunk = live.chunk() => {
                let Ok(Some(chunk)) = chunk else { return };
                line.push_str(&String::from_utf8_lossy(&chunk));
            }
            () = sleep_until(due.unwrap_or_else(Instant::now).into()), if due.is_some() => {
                waits = None;
                let page = get("/").header("accept-encoding", "gzip").send();
                read = Some(Box::pin(async move { text(page.await.expect("a page")).await }));
            }
            html = async { read.as_mut().expect("it reads").await }, if read.is_some() => {
                read = None;
                let now = Instant::now();
                let mut seen = seen.lock().expect("a list");
                seen.reads += 1;
                for (home, is_shown) in heard.iter_mut().filter(|(_, is_shown)| !**is_shown) {
                    if html.contains(&format!("/incidents/h{home}-1\"")) {
                        *is_shown = true;
                        let called = seen.called[home];
                        seen.shown.add(now - called);
                        seen.missing -= 1;
                    }
                }
            }
        }
        while let Some(end) = line.find('\n') {
            let rest = line.split_off(end + 1);
            let said = std::mem::replace(&mut line, rest);
            if said.starts_with("event: ") {
                waits = Some(Instant::now() + if read.is_some() { LATER } else { SOON });
            }
            let home = said
                .strip_prefix("data: h")
                .and_then(|id| id.trim_end().strip_suffix("-1")?.parse().ok());
            if let Some(home) = home
                && !heard.contains_key(&home)
            {
                heard.insert(home, false);
                let mut seen = seen.lock().expect("a list");
                let called = seen.called[&home];
                seen.told.add(called.elapsed());
            }
        }
    }
}

async fn text(page: reqwest::Response) -> String {
    let (body, mut text) = (page.bytes().await.expect("a body"), String::new());
    GzDecoder::new(&*body).read_to_string(&mut text).expect("a text");
    text
}

/// In each home somebody calls for help, one after the other.
async fn calls(careloop: &Server, seen: &All) {
    let mut client = Client::connect(careloop.port, "callers").await;
    let begun = Instant::now();
    for home in 0..INCIDENTS {
        sleep_until((begun + Duration::from_secs(1) * home as u32 / A_SECOND).into()).await;
        let (packet, _) = publish(
            &format!("zigbee2mqtt/h{home}-button"),
            r#"{"action":"single","linkquality":120}"#,
        );
        {
            let mut seen = seen.lock().expect("a list");
            seen.called.insert(home, Instant::now());
            seen.missing += PAGES;
        }
        client.send(&packet).await;
        while client.acknowledged().await == 0 {}
    }
}

fn start() -> (Server, String) {
    let folder = server::folder();
    let (port, http) = (server::configure(folder.path(), 0), server::free_port());
    let file = folder.path().join("gateway.toml");
    let gateway = std::fs::read_to_string(&file)
        .expect("a file")
        .replace("127.0.0.1:0", &format!("127.0.0.1:{http}"));
    std::fs::write(file, gateway).expect("a file");
    let mut register = String::new();
    let names: Vec<String> = (0..PEOPLE).map(|n| format!("p{n}")).collect();
    for name in &names {
        write!(register, "[[responder]]\nid = \"{name}\"\nname = \"{name}\"\nrole = \"community\"\ncontacts = [{{ channel = \"radio\", to = \"{name}\" }}]\n").expect("a text");
    }
    for home in 0..HOMES {
        write!(register, "\n[[home]]\nid = \"h{home}\"\nname = \"{home}\"\nzone = \"Asia/Shanghai\"\nresponders = {names:?}\n").expect("a text");
        for (device, profile) in
            [("button", "zigbee2mqtt/heiman-HS1EB"), ("smoke", "zigbee2mqtt/heiman-HS1SA")]
        {
            write!(register, "[[home.device]]\nid = \"{device}\"\nprofile = \"{profile}\"\nmqtt = \"h{home}-{device}\"\n").expect("a text");
        }
    }
    std::fs::write(folder.path().join("register.toml"), register).expect("a file");
    (server::start(folder, port), format!("http://127.0.0.1:{http}"))
}
