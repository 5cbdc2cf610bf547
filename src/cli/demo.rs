//! `careloop demo`: everything embedded, a simulated household, and a story that waits for you.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::sync::broadcast::error::RecvError;
use tokio_serial::{SerialPort, SerialStream};

use super::{Failure, runtime};
use crate::app::App;
use crate::config::{self, Config};
use crate::domain::{IncidentId, Sentence, Stage, Time};
use crate::secret::Secret;
use crate::source::mqtt_client::{self, Link, LinkState};
use crate::store::Reader;
use crate::timeline;

/// Where the page is, unless somebody else has the port.
const PORT: u16 = 8380;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Let the fall come after so many seconds
    #[arg(long, default_value_t = 15, value_name = "SECONDS")]
    fall_after: u64,
    /// Keep the data in this folder instead of a temporary one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Serve the page on this port instead of 8380
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    super::run::log("warn");
    let temporary = std::env::temp_dir().join(format!("careloop-demo-{}", std::process::id()));
    let folder = args.data.clone().unwrap_or_else(|| temporary.clone());
    let done = runtime()?.block_on(play(args, &folder));
    if args.data.is_none() {
        // What cannot be removed lies in the system's folder for such things.
        drop(std::fs::remove_dir_all(&temporary));
    }
    done
}

async fn play(args: &Args, folder: &Path) -> Result<(), Failure> {
    let (radar, port) = radar()?;
    let page = args.port.unwrap_or_else(free_port);
    let config = configure(folder, &port, page)?;
    let app = App::start(&config).await.map_err(|e| Failure::Cannot(e.to_string()))?;
    let page = app.http.ok_or_else(|| Failure::Cannot("the demo has no page".to_owned()))?;
    let broker = app.mqtt.first().copied();
    let broker =
        broker.ok_or_else(|| Failure::Cannot("the demo has no MQTT listener".to_owned()))?;
    say(&format!(
        "
careloop demo: one home, eight sensors, six people who come. Nothing leaves this machine.

  page     http://{page}/        (open it, and choose who you are)
  broker   {broker}          (any MQTT client may listen: mosquitto_sub -p {} -t 'careloop/#' -v)
  Ctrl-C ends it.

In {} s the radar in the bathroom will see a fall. The home asks the resident for 30 s, and then
the alarm goes to family and micro-grid worker, and on up the ladder until you accept it:
accept → I am here → resolve; then, as somebody else, verify. Only people close it.
",
        broker.port(),
        args.fall_after,
    ));
    let mut tasks = tokio::task::JoinSet::new();
    let mut client = tokio::task::JoinSet::new();
    let (link, report) = mqtt_client::link();
    let stop = tokio_util::sync::CancellationToken::new();
    client.spawn(mqtt_client::run(household(broker)?, app.inbox.clone(), report, stop.clone()));
    tasks.spawn(live(link, radar, Duration::from_secs(args.fall_after)));
    let narrator =
        tasks.spawn(narrate(config.settings.store.path.clone(), app.changes.subscribe(), page));
    let ended = tokio::signal::ctrl_c().await;
    stop.cancel();
    narrator.abort();
    say("\nending …");
    // The household leaves before its broker does, and the radar goes last: a line that breaks is
    // worth a warning.
    drop(tokio::time::timeout(Duration::from_secs(1), client.join_next()).await);
    let stopped = app.stop().await;
    tasks.shutdown().await;
    stopped?;
    say("ended");
    ended.map_err(|e| Failure::Cannot(format!("cannot wait for Ctrl-C: {e}")))
}

/// A pseudo terminal: one end is the radar, the other the port that careloop opens.
fn radar() -> Result<(SerialStream, String), Failure> {
    let cannot =
        |e: &dyn std::fmt::Display| Failure::Cannot(format!("cannot make a pseudo terminal: {e}"));
    let (radar, port) = SerialStream::pair().map_err(|e| cannot(&e))?;
    let path = port.name().ok_or_else(|| cannot(&"it has no name"))?;
    Ok((radar, path))
}

fn free_port() -> u16 {
    let free = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    free(PORT).or_else(|_| free(0)).and_then(|l| l.local_addr()).map_or(PORT, |a| a.port())
}

/// The shipped configuration, with the demo's own places for data, ports and the radar.
fn configure(folder: &Path, radar: &str, page: u16) -> Result<Config, Failure> {
    let change = |file: &str, text: &str| match file {
        "register.toml" => text.replace("/dev/careloop/fall-radar", radar),
        "gateway.toml" => text
            .replace("127.0.0.1:8380", &format!("127.0.0.1:{page}"))
            .replace("127.0.0.1:1883", "127.0.0.1:0")
            .replace("people = \"log-in\"", "people = \"choose\""),
        _ => text.to_owned(),
    };
    Ok(config::shipped(&folder.join("config"), change)?)
}

/// The household's own MQTT client, which stands for zigbee2mqtt.
fn household(broker: SocketAddr) -> Result<mqtt_client::Settings, Failure> {
    let text = |e: Sentence| Failure::Cannot(e.into());
    Ok(mqtt_client::Settings {
        name: "household".parse().map_err(text)?,
        address: broker.to_string().parse().map_err(Failure::Cannot)?,
        tls: false,
        ca_file: None,
        user: None,
        password: None::<Secret>,
        client_id: "zigbee2mqtt".parse().map_err(text)?,
        subscribe: vec!["zigbee2mqtt/bridge/request/#".to_owned()],
        max_packet: 1024 * 1024,
        will: None,
    })
}

/// An afternoon at home: real payloads over MQTT, real frames over the serial line.
async fn live(link: Link, mut radar: SerialStream, fall_after: Duration) {
    let mut state = link.state();
    let up = state.wait_for(|s| matches!(s, LinkState::Up { .. })).await.is_ok();
    if !up {
        return;
    }
    drop(state);
    let begin = [
        ("bed-pad", r#"{"contact":false,"battery_low":false,"tamper":false,"linkquality":116}"#),
        (
            "kitchen-smoke",
            r#"{"smoke":false,"battery_low":false,"battery":97,"tamper":false,"linkquality":92}"#,
        ),
        (
            "kitchen-leak",
            r#"{"water_leak":false,"battery_low":false,"battery":88,"tamper":false,"linkquality":120}"#,
        ),
        ("front-door", r#"{"contact":true,"battery":100,"voltage":3035,"linkquality":105}"#),
        ("hall-motion", r#"{"occupancy":true,"battery":91,"illuminance":120,"linkquality":131}"#),
    ];
    for (device, payload) in begin {
        publish(&link, device, payload).await;
    }
    say("the household is alive: bed pad, door, motion, smoke and leak sensors report over MQTT");
    let presence = [0x01, 0x00, 0x01, 0x00, 0x01, 0x0f, 0x09, 0xf8, 0x01, 0xfe];
    write(&mut radar, &presence).await;
    say("the radar in the bathroom sees somebody (TinyFrame 0F09 over a serial line)");
    tokio::time::sleep(fall_after).await;
    // The vendor's own example of a fall frame, behind some noise and cut in two, as on a real line.
    let fall = [0x55, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x0e, 0x02, 0xf3, 0x01, 0xfe];
    let (first, second) = fall.split_at(7);
    write(&mut radar, first).await;
    write(&mut radar, second).await;
    say("a fall: frame 01 00 00 00 01 0E 02 F3 01 FE on the serial line");
    let mut minute = tokio::time::interval(Duration::from_secs(20));
    loop {
        minute.tick().await;
        publish(
            &link,
            "hall-motion",
            r#"{"occupancy":false,"battery":91,"illuminance":118,"linkquality":128}"#,
        )
        .await;
    }
}

async fn publish(link: &Link, device: &str, payload: &str) {
    if let Err(error) = link.publish(&format!("zigbee2mqtt/{device}"), payload.into(), false).await
    {
        say(&format!("{device} could not report: {error}"));
    }
}

async fn write(radar: &mut SerialStream, bytes: &[u8]) {
    if let Err(error) = AsyncWriteExt::write_all(radar, bytes).await {
        say(&format!("the radar could not report: {error}"));
    }
}

/// Tells the story as it goes on record, and what to click.
async fn narrate(
    store: PathBuf,
    mut changes: tokio::sync::broadcast::Receiver<IncidentId>,
    page: SocketAddr,
) {
    let mut told: std::collections::BTreeMap<IncidentId, usize> = std::collections::BTreeMap::new();
    loop {
        let id = match changes.recv().await {
            Ok(id) => id,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        let (path, asked) = (store.clone(), id.clone());
        let read = move || {
            let reader = Reader::open(&path).ok()?;
            Some((reader.incident(&asked).ok()??, reader.entries(&asked).ok()?))
        };
        let Ok(Some((shown, entries))) = tokio::task::spawn_blocking(read).await else { continue };
        let from = told.insert(id.clone(), entries.len()).unwrap_or(0);
        for entry in entries.iter().skip(from) {
            say(&format!("{}  {id} {}", wall(entry.at), timeline::entry_text(entry)));
        }
        let hint = match shown.stage() {
            Stage::Warned => "the resident is asked now; nobody answers …",
            Stage::Alarmed => "  → accept it",
            Stage::Accepted | Stage::EnRoute => {
                "  → you are on the way: tap “I am here” when you are"
            }
            Stage::OnScene => "  → say how it ended",
            Stage::Resolved => "  → choose to be somebody else, and verify it",
            Stage::Closed => "the loop is closed. The record is on the page.",
            Stage::Detected => continue,
        };
        if from < entries.len() {
            say(&format!("{hint}   http://{page}/incidents/{id}"));
        }
    }
}

fn wall(at: Time) -> String {
    timeline::clock(
        at,
        &jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC),
    )
}

/// Prints a line at once. A terminal that is gone is no reason to stop watching.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}
