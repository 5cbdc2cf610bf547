//! The load: clients that publish with QoS 1 and keep so many messages in flight. One thread, the
//! same program for every server.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::mqtt::{Client, publish};

/// What real sensors say, as zigbee2mqtt writes it. None of it is a reason to alarm.
pub const SAID: [(&str, &str, &str); 6] = [
    (
        "motion",
        "zigbee2mqtt/aqara-RTCGQ11LM",
        r#"{"illuminance":137,"last_seen":"2026-11-22T18:33:49.502Z","linkquality":120,"occupancy":true}"#,
    ),
    (
        "door",
        "zigbee2mqtt/aqara-MCCGQ11LM",
        r#"{"battery":100,"contact":true,"device_temperature":25,"last_seen":"2026-11-22T18:33:50.856Z","linkquality":120,"power_outage_count":110,"trigger_count":0,"voltage":3025}"#,
    ),
    (
        "leak",
        "zigbee2mqtt/tuya-TS0207",
        r#"{"battery_low":false,"last_seen":"2026-11-22T18:34:11.795Z","linkquality":120,"tamper":false,"water_leak":false}"#,
    ),
    (
        "smoke",
        "zigbee2mqtt/heiman-HS1SA",
        r#"{"ac_status":false,"battery":45,"battery_defect":false,"battery_low":false,"last_seen":"2026-11-22T18:34:13.171Z","linkquality":120,"restore_reports":false,"smoke":false,"supervision_reports":false,"tamper":false,"test":false,"trouble":false}"#,
    ),
    (
        "bed",
        "zigbee2mqtt/owon-SPM915",
        r#"{"battery_low":false,"contact":false,"last_seen":"2026-11-22T18:34:22.265Z","linkquality":120,"tamper":false}"#,
    ),
    (
        "radar",
        "zigbee2mqtt/tuya-ZY-M100",
        r#"{"illuminance":1234,"last_seen":"2026-11-22T18:34:05.875Z","linkquality":120,"presence":true,"target_distance":1.5}"#,
    ),
];

/// How much is sent at once.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub clients: usize,
    pub in_flight: usize,
    /// Messages a second of all clients together; `None`: as many as are acknowledged.
    pub rate: Option<f64>,
}

/// Sends for so long to a server whose register has so many homes; says how many messages a second
/// were acknowledged after the warm-up, of a quarter of that time.
pub fn run(port: u16, homes: usize, shape: Shape, time: Duration) -> f64 {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(
        async {
            let mut clients = JoinSet::new();
            let begin = Instant::now() + Duration::from_millis(300) + time / 4;
            for n in 0..shape.clients {
                clients.spawn(one(port, n, homes, shape, (begin, begin + time)));
            }
            let mut count = 0;
            while let Some(done) = clients.join_next().await {
                count += done.expect("a client that works");
            }
            count as f64 / time.as_secs_f64()
        },
    )
}

/// One client, which speaks for every so manieth home.
async fn one(port: u16, n: usize, homes: usize, shape: Shape, time: (Instant, Instant)) -> usize {
    let mut client = Client::connect(port, &format!("load-{n}")).await;
    let mut packets = packets(n, homes, shape.clients);
    let (mut sent, mut acknowledged, mut count) = (0_usize, 0, 0);
    let mut out = Vec::new();
    let pause = shape.rate.map(|rate| Duration::from_secs_f64(shape.clients as f64 / rate));
    let begun = Instant::now();
    loop {
        let now = Instant::now();
        if time.1 <= now {
            break;
        }
        out.clear();
        while sent - acknowledged < shape.in_flight
            && pause.is_none_or(|pause| begun + pause * sent as u32 <= now)
        {
            let at = sent % packets.len();
            let (packet, id) = &mut packets[at];
            packet[*id..*id + 2].copy_from_slice(&((sent % 60_000) as u16 + 1).to_be_bytes());
            out.extend(&*packet);
            sent += 1;
        }
        if !out.is_empty() {
            client.send(&out).await;
        }
        if sent == acknowledged {
            tokio::time::sleep(pause.unwrap_or_default() / 4).await;
            continue;
        }
        let acks = client.acknowledged().await;
        acknowledged += acks;
        let now = Instant::now();
        if time.0 <= now && now < time.1 {
            count += acks;
        }
    }
    while acknowledged < sent {
        acknowledged += client.acknowledged().await;
    }
    count
}

/// What a client says, in turn: home after home, device after device.
fn packets(n: usize, homes: usize, clients: usize) -> Vec<(Vec<u8>, usize)> {
    let mut own: Vec<usize> = (n..homes).step_by(clients).collect();
    if own.is_empty() {
        own.push(n % homes);
    }
    let said = own.iter().flat_map(|home| SAID.iter().map(move |said| (home, said)));
    said.map(|(home, (device, _, payload))| {
        publish(&format!("zigbee2mqtt/h{home}/{device}"), payload)
    })
    .collect()
}
