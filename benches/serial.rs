//! What serial lines cost at full load: `cargo bench --bench serial [SECONDS]`.
//!
//! Eight pseudo terminals, each fed 11,520 bytes a second, as much as 115200 baud carry, with whole
//! frames back to back; every framing there is has its turn on some of them, then all of them side by
//! side. They are read as the program reads them, decoded by their profiles, and acknowledged as by the
//! writer. What is counted is the processor time of this process, user and system, without the thread
//! that feeds it.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a bench measures real time and prints what it measured"
)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use careloop::device::{Catalog, Deframer, Found, Framing, SHIPPED, Speech, profiles_from};
use careloop::domain::{Binding, Device, Home};
use careloop::inbox::{Answer, Inbox, Outlet};
use careloop::source::serial;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_serial::{SerialPort, SerialStream};
use tokio_util::sync::CancellationToken;

const PORTS: usize = 8;
/// The packets of the commonest adapter hold so many bytes …
const PACKET: usize = 62;
/// … and at 115200 baud, with a start and a stop bit to every byte, there are so many in a second.
const PACKETS: u64 = 186;
/// Wanted: less than this much of one processor.
const WANTED: f64 = 10.0;
/// Nothing is measured before everything is under way.
const WARM: Duration = Duration::from_secs(1);

/// A framing, the profile of a model that speaks it, and frames of that model.
struct Voice {
    framing: Framing,
    profile: String,
    frames: Vec<u8>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [feed, voices] = arguments.as_slice()
        && feed == "feed"
    {
        return feeder(voices);
    }
    let seconds = arguments.iter().find_map(|a| a.parse().ok()).unwrap_or(10);
    let voices = voices();
    println!(
        "| 8 lines of | model | frames/s | handed over/s | % of one processor | user | system |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|");
    for voice in &voices {
        let all: Vec<&Voice> = std::iter::repeat_n(voice, PORTS).collect();
        measure((voice.framing.name(), &voice.profile), &all, false, seconds);
    }
    let mixed: Vec<&Voice> = voices.iter().cycle().take(PORTS).collect();
    measure(("all framings", "every frame handed over"), &mixed, false, seconds);
    measure(("all framings", "`at_most_every` as in the profiles"), &mixed, true, seconds);
}

/// One model for each framing, with the frames that its examples hold.
fn voices() -> Vec<Voice> {
    let (profiles, problems) = profiles_from(SHIPPED.iter().copied());
    assert!(problems.is_empty(), "the shipped profiles are right");
    let mut voices = Vec::new();
    for framing in Framing::ALL {
        for (name, text) in SHIPPED {
            let line = profiles.get(*name).and_then(|profile| profile.line.as_ref());
            if line.is_none_or(|line| line.framing != framing) {
                continue;
            }
            let frames = frames(framing, text);
            if !frames.is_empty() {
                voices.push(Voice { framing, profile: (*name).to_owned(), frames });
                break;
            }
        }
    }
    voices
}

/// The whole frames of a profile's examples, one after the other.
fn frames(framing: Framing, text: &str) -> Vec<u8> {
    let table: toml::Table = text.parse().expect("a sound profile");
    let examples = table.get("example").and_then(toml::Value::as_array);
    let mut stream = Vec::new();
    for example in examples.into_iter().flatten() {
        let key = |key: &str| example.get(key).and_then(toml::Value::as_str);
        let bytes = match (key("hex"), key("payload")) {
            (Some(hex), _) => {
                let digits: String = hex.split_whitespace().collect();
                let digits = digits.as_bytes();
                data_encoding::HEXLOWER_PERMISSIVE.decode(digits).expect("hexadecimal")
            }
            (None, Some(payload)) => format!("{payload}\n").into_bytes(),
            (None, None) => Vec::new(),
        };
        let mut deframer = Deframer::new(framing);
        let found = deframer.push(&bytes).into_iter().chain(deframer.end());
        for frame in found.filter_map(|f| if let Found::Frame(f) = f { Some(f) } else { None }) {
            // A line is a frame without its end.
            let is_line = bytes.ends_with(b"\n");
            stream.extend(frame);
            stream.extend(is_line.then_some(b'\n'));
        }
    }
    stream
}

/// What the eight ports are fed with, as the feeder is told: one word of hexadecimal digits a port.
fn words(all: &[&Voice]) -> String {
    let word = |voice: &&Voice| data_encoding::HEXLOWER.encode(&voice.frames);
    all.iter().map(word).collect::<Vec<_>>().join(",")
}

/// The other process: opens the far ends, says their names, and feeds them until nobody wants it.
fn feeder(words: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let mut feeding = JoinSet::new();
        for word in words.split(',') {
            let frames = data_encoding::HEXLOWER.decode(word.as_bytes()).expect("hexadecimal");
            let (mut far, ours) = SerialStream::pair().expect("a pseudo terminal");
            println!("{}", ours.name().expect("it has a name"));
            feeding.spawn(async move {
                let mut bytes = frames.iter().copied().cycle();
                let mut beat =
                    interval(Duration::from_secs(1) / u32::try_from(PACKETS).unwrap_or(1));
                beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
                // The other end opens it first.
                sleep(Duration::from_millis(500)).await;
                loop {
                    beat.tick().await;
                    let packet: Vec<u8> = bytes.by_ref().take(PACKET).collect();
                    far.write_all(&packet).await.expect("it is read");
                }
            });
        }
        // Who started it has ended, or a port is gone.
        let end = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
        tokio::select! {
            _ = end => {}
            _ = feeding.join_next() => {}
        }
        std::process::exit(0);
    });
}

/// The feeder's process, and the names of its ports.
fn feed(all: &[&Voice]) -> (Child, Vec<String>) {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["feed", &words(all)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a second process");
    let lines = BufReader::new(child.stdout.take().expect("its words")).lines();
    let names = lines.take(all.len()).map(|line| line.expect("a name")).collect();
    (child, names)
}

fn measure(title: (&str, &str), all: &[&Voice], is_thinned: bool, seconds: u64) {
    let (mut child, names) = feed(all);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (catalog, homes) = (catalog(all, &names), CancellationToken::new());
        let mut ports = catalog.ports();
        let (inbox, outlet, _keep) = Inbox::new(Arc::new(catalog));
        let (mut tasks, mut seen) = (JoinSet::new(), Vec::new());
        for port in &mut ports {
            if let Speech::Frames(line) = &mut port.speech {
                line.baud = 115_200;
                line.at_most_every = line.at_most_every.filter(|_| is_thinned);
            }
        }
        for port in ports {
            let (sender, health) = watch::channel(serial::Health::default());
            seen.push(health);
            tasks.spawn(serial::run(port, inbox.clone(), sender, homes.clone()));
        }
        let (count, letters) = watch::channel(0_u64);
        tasks.spawn(acknowledge(outlet, count));
        sleep(WARM).await;
        let frames = || seen.iter().map(|health| health.borrow().frames).sum::<u64>();
        let (begun, before) = (Instant::now(), (frames(), *letters.borrow(), processor()));
        sleep(Duration::from_secs(seconds)).await;
        let took = begun.elapsed().as_secs_f64();
        let after = (frames(), *letters.borrow(), processor());
        let rate = |n: u64| f64::from(u32::try_from(n).unwrap_or(u32::MAX)) / took;
        let share = |t: f64| 100.0 * t / took;
        let (user, system) = (share(after.2.0 - before.2.0), share(after.2.1 - before.2.1));
        let mark = if user + system < WANTED { "" } else { " (too much)" };
        println!(
            "| {} | {} | {:.0} | {:.0} | {:.1}{mark} | {user:.1} | {system:.1} |",
            title.0,
            title.1,
            rate(after.0 - before.0),
            rate(after.1 - before.1),
            user + system,
        );
        let damage: u64 =
            seen.iter().flat_map(|h| h.borrow().damage.values().copied().collect::<Vec<_>>()).sum();
        let why = seen.iter().map(|h| h.borrow().why.clone()).collect::<String>();
        assert!(before.0 < after.0 && damage < after.0 / 100, "{damage} damaged frames; {why}");
        homes.cancel();
        tasks.shutdown().await;
    });
    child.kill().expect("it can be ended");
    child.wait().expect("it ends");
}

/// Says of every letter that it is on disk.
async fn acknowledge(mut outlet: Outlet, count: watch::Sender<u64>) {
    loop {
        let letter = tokio::select! {
            biased;
            Some(letter) = outlet.life.recv() => letter,
            Some(letter) = outlet.ordinary.recv() => letter,
            else => return,
        };
        // Nobody waits any more when the ports are closed.
        drop(letter.receipt.send(Answer::Done));
        count.send_modify(|n| *n += 1);
    }
}

fn catalog(all: &[&Voice], names: &[String]) -> Catalog {
    let device = |(n, (voice, name)): (usize, (&&Voice, &String))| {
        Device::new(
            format!("d{n}").parse().expect("a name"),
            &voice.profile,
            Binding::Serial(name.clone()),
        )
    };
    let home = Home::new(
        "h1".parse().expect("a name"),
        "UTC",
        all.iter().zip(names).enumerate().map(device).collect(),
    );
    let profiles = profiles_from(SHIPPED.iter().copied()).0;
    Catalog::new(&profiles, &[home]).expect("a register that fits")
}

/// Processor time of this process so far, user and system, in seconds.
fn processor() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("it is on Linux");
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |n: usize| behind_name.split_whitespace().nth(n)?.parse::<f64>().ok();
    // Fields 14 and 15 of proc(5), in hundredths of a second on every Linux there is.
    let seconds = |n: usize| ticks(n).map_or(f64::NAN, |ticks| ticks / 100.0);
    (seconds(11), seconds(12))
}
