//! Pages that look back: a home whose sensors write half a million rows a month, and a hub with twenty thousand
//! incidents behind it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use careloop::config;
use careloop::domain::{Act, HomeId, Input, Observation, Outcome, Property, Span, Time, Value};
use careloop::gateway::Gateway;
use careloop::inbox::{Arrival, Letter};
use careloop::store::Store;
use tempfile::TempDir;

use super::figures::median;
use super::pages::log_in;
use super::{server, size};

const HOMES: usize = 100;
const EACH: i64 = 200;
const DAYS: i64 = 180;

pub fn run(rounds: usize) {
    println!("\n### Pages that look back\n");
    println!("| | ms, median | kB, not compressed |");
    println!("|---|---:|---:|");
    let folder = server::folder();
    size::thirty_days(folder.path());
    let of_a_home = [
        ("a home: its charts of 24 h", "/homes/h0"),
        ("of 7 days", "/homes/h0?span=7d"),
        ("of 30 days", "/homes/h0?span=30d"),
    ];
    look(folder, 1, &of_a_home, rounds);
    let folder = server::folder();
    incidents(&folder);
    let of_the_hub = [
        ("20,000 incidents in six months: the list", "/"),
        ("the report of a month, and of the five before", "/reports"),
        ("the shift", "/shift"),
        ("the rules", "/rules"),
    ];
    look(folder, HOMES, &of_the_hub, rounds);
}

/// A supervisor opens each.
fn look(folder: TempDir, homes: usize, pages: &[(&str, &str)], rounds: usize) {
    let (port, http) = (server::configure(folder.path(), homes), server::free_port());
    let put = |file: &str, change: &dyn Fn(String) -> String| {
        let file = folder.path().join(file);
        let text = std::fs::read_to_string(&file).expect("a file");
        std::fs::write(file, change(text)).expect("a file");
    };
    put("gateway.toml", &|text| text.replace("127.0.0.1:0", &format!("127.0.0.1:{http}")));
    put("register.toml", &|text| supervised(&text));
    let _careloop = server::start(folder, port);
    let base = format!("http://127.0.0.1:{http}");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(120));
        let client = client.redirect(reqwest::redirect::Policy::none());
        let tls = careloop::tls::client(None).expect("TLS");
        let client = client.tls_backend_preconfigured(tls).build().expect("a client");
        let cookie = log_in(&client, &base, "boss").await;
        for (what, path) in pages {
            let (mut took, mut bytes) = (Vec::new(), 0);
            for _ in 0..rounds {
                let begun = Instant::now();
                let page = client.get(format!("{base}{path}")).header("cookie", &cookie).send();
                let page = page.await.expect("an answer");
                assert!(page.status().is_success(), "{path}: {}", page.status());
                bytes = page.bytes().await.expect("a page").len();
                took.push(begun.elapsed().as_secs_f64() * 1000.0);
            }
            println!("| {what} | {:.0} | {:.1} |", median(took), bytes as f64 / 1000.0);
        }
    });
}

fn supervised(register: &str) -> String {
    let mut text = register.replace("responders = [\"wang\"]", "responders = [\"wang\", \"boss\"]");
    write!(
        text,
        "\n[[responder]]\nid = \"boss\"\nname = \"Boss\"\nrole = \"supervisor\"\n\
         contacts = [{{ channel = \"radio\", to = \"boss\" }}]\n"
    )
    .expect("a text");
    text
}

/// In each home somebody calls for help about once a day; somebody comes, and somebody checks.
fn incidents(folder: &TempDir) {
    server::configure(folder.path(), HOMES);
    let file = folder.path().join("register.toml");
    let register = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(file, supervised(&register)).expect("a file");
    let config = config::load(folder.path()).expect("a configuration");
    let until = careloop::clock::Clock::start(None).now();
    let from = until - Span::hours(24 * DAYS);
    let (store, _) = Store::open(&server::database(folder.path()), from).expect("a store");
    let mut gateway =
        Gateway::open(store, Arc::clone(&config.book), &config.book_texts).expect("a gateway");
    gateway.register(from, &config.homes).expect("homes");
    let every = Span::hours(24 * DAYS).0 / EACH;
    for nth in 0..EACH {
        let begins = Time(from.0 + every * nth);
        let act = |by: &str, act: Act| Input::Move {
            incident: u32::try_from(nth + 1).expect("a number"),
            by: by.parse().expect("a name"),
            act,
        };
        let resolve = Act::Resolve { outcome: Outcome::Assisted, note: String::new() };
        let pressed = Observation::new(Property::Help, Value::Flag(true)).expect("what can be");
        let happens = [
            (
                0,
                Input::Heard {
                    device: "button".parse().expect("a device"),
                    observations: vec![pressed],
                    retained: false,
                },
            ),
            (1, act("wang", Act::Accept)),
            (12, act("wang", Act::OnScene)),
            (30, act("wang", resolve)),
            (60, act("boss", Act::Verify)),
        ];
        for (minutes, input) in happens {
            let letters: Vec<Letter> = (0..HOMES).map(|n| letter(n, &input)).collect();
            gateway.handle(begins + Span::minutes(minutes), &letters).expect("room on the disk");
        }
    }
}

fn letter(home: usize, input: &Input) -> Letter {
    let home: HomeId = format!("h{home}").parse().expect("a home");
    let (receipt, _) = tokio::sync::oneshot::channel();
    Letter { arrival: Arrival::Input { home, input: input.clone() }, receipt }
}
