//! Stories on pseudo terminals: real opens, reads and disappearances, no hardware.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::*;
use crate::device::{Catalog, Decoded, Profiles, SHIPPED, profiles_from};
use crate::domain::{Binding, Device, Home};
use crate::inbox::{Answer, Arrival, Letter, Outlet};

const FALL: &str = "53598301000101325443";
const UP_AGAIN: &str = "53598301000100315443";

/// What a test may take; nothing waits so long unless it fails.
const SOON: Duration = Duration::from_secs(20);

fn bytes(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(hex.replace(' ', "").as_bytes()).unwrap()
}

/// A port that can be plugged and unplugged, a device on it, and the far end of the inbox.
struct Bench {
    path: PathBuf,
    health: watch::Receiver<Health>,
    outlet: Outlet,
    cancel: CancellationToken,
    tasks: JoinSet<()>,
    _catalog: watch::Sender<Arc<Catalog>>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new(profile: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("radar");
        let (profiles, _): (Profiles, _) = profiles_from(SHIPPED.iter().copied());
        let device = Device {
            room: "bedroom".to_owned(),
            ..Device::new(
                "radar".parse().unwrap(),
                profile,
                Binding::Serial(path.to_str().unwrap().to_owned()),
            )
        };
        let home = Home::new("h1".parse().unwrap(), "UTC", vec![device]);
        let catalog = Catalog::new(&profiles, &[home]).unwrap();
        let port = catalog.ports().pop().unwrap();
        let (inbox, outlet, keep) = Inbox::new(Arc::new(catalog));
        let (sender, health) = watch::channel(Health::default());
        let cancel = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(run(port, inbox, sender, cancel.clone()));
        Self { path, health, outlet, cancel, tasks, _catalog: keep, _folder: folder }
    }

    async fn until(&mut self, what: impl FnMut(&Health) -> bool) -> Health {
        timeout(SOON, self.health.wait_for(what)).await.unwrap().unwrap().clone()
    }

    async fn letter(&mut self) -> Letter {
        let letter = async {
            tokio::select! {
                Some(letter) = self.outlet.life.recv() => letter,
                Some(letter) = self.outlet.ordinary.recv() => letter,
                else => panic!("the inbox is closed"),
            }
        };
        timeout(SOON, letter).await.unwrap()
    }

    /// The next message as `fall true; a problem`, stored.
    async fn next(&mut self) -> String {
        let letter = self.letter().await;
        let text = said(&letter);
        // Nobody may be waiting: those behind a failed one are offered again anyway.
        drop(letter.receipt.send(Answer::Done));
        text
    }

    async fn stop(mut self) {
        self.cancel.cancel();
        drop(self.outlet);
        timeout(SOON, self.tasks.join_next()).await.unwrap().unwrap().unwrap();
    }
}

fn said(letter: &Letter) -> String {
    let Arrival::Message { decoded: Decoded::Known { observations, problems, .. }, .. } =
        &letter.arrival
    else {
        panic!("{letter:?}")
    };
    let said = observations.iter().map(ToString::to_string);
    said.chain(problems.iter().map(ToString::to_string)).collect::<Vec<_>>().join("; ")
}

/// The device's end. Dropping it is unplugging.
fn plug(path: &Path) -> SerialStream {
    let (device, ours) = SerialStream::pair().unwrap();
    drop(std::fs::remove_file(path));
    std::os::unix::fs::symlink(ours.name().unwrap(), path).unwrap();
    device
}

#[tokio::test]
async fn the_documented_bytes_of_a_fall_are_a_fall_whatever_comes_before_between_and_however_cut() {
    for (profile, fall, none) in [
        ("micradar/R60AFD1", FALL, UP_AGAIN),
        ("seeed/MR60FDA2", "01000000010e02f301fe", "01000000010e02f300ff"),
    ] {
        let mut bench = Bench::new(profile);
        let mut device = plug(&bench.path);
        bench.until(|health| health.is_up).await;
        device.write_all(&bytes(fall)).await.unwrap();
        assert_eq!(bench.next().await, "fall true");

        let noisy = bytes(&format!("0053ff 0101 {none} 535359 00 01 {fall} 5359 01"));
        for half in noisy.chunks(7) {
            device.write_all(half).await.unwrap();
            device.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut said = Vec::new();
        while said.len() < 2 {
            let next = bench.next().await;
            // The stray first bytes may also show as a damaged frame.
            if next.starts_with("fall") {
                said.push(next);
            }
        }
        assert_eq!(said, ["fall false", "fall true"], "{profile}");
        bench.stop().await;
    }
}

#[tokio::test]
async fn a_port_may_be_missing_at_start_vanish_and_come_back() {
    let mut bench = Bench::new("micradar/R60AFD1");
    let health = bench.until(|health| !health.why.is_empty()).await;
    assert!(!health.is_up && health.why.contains("cannot open"), "{}", health.why);
    for _ in 0..2 {
        let mut device = plug(&bench.path);
        bench.until(|health| health.is_up).await;
        device.write_all(&bytes(FALL)).await.unwrap();
        assert_eq!(bench.next().await, "fall true");
        drop(device);
        let health = bench.until(|health| !health.is_up).await;
        assert!(health.why.contains("is gone"), "{}", health.why);
    }
    bench.stop().await;
}

#[tokio::test]
async fn a_frame_that_could_not_be_stored_is_offered_again_and_order_is_kept() {
    let mut bench = Bench::new("micradar/R60AFD1");
    let mut device = plug(&bench.path);
    bench.until(|health| health.is_up).await;
    device.write_all(&bytes(&format!("{FALL}{UP_AGAIN}"))).await.unwrap();
    let letter = bench.letter().await;
    assert_eq!(said(&letter), "fall true");
    // The commit fails.
    drop(letter);
    let mut said = Vec::new();
    while said.last().map(String::as_str) != Some("fall false") || said.len() < 2 {
        said.push(bench.next().await);
    }
    // The second may have been stored before the first was tried again; it then comes once more.
    assert!(said.ends_with(&["fall true".to_owned(), "fall false".to_owned()]), "{said:?}");
    assert_eq!(bench.until(|health| 0 < health.repeated).await.repeated, 1);
    bench.stop().await;
}

#[tokio::test]
async fn a_wrong_checksum_is_a_problem_of_the_device_and_is_counted() {
    let mut bench = Bench::new("micradar/R60AFD1");
    let mut device = plug(&bench.path);
    bench.until(|health| health.is_up).await;
    device.write_all(&bytes("53598301000101335443")).await.unwrap();
    assert_eq!(bench.next().await, "micradar frame: the checksum is wrong");
    let health = bench.until(|health| !health.damage.is_empty()).await;
    assert_eq!(health.damage.get(&FrameError::Checksum), Some(&1));
    assert_eq!(health.frames, 0);
    bench.stop().await;
}

#[tokio::test]
async fn an_oximeter_is_asked_and_its_sixty_frames_a_second_are_thinned() {
    let mut bench = Bench::new("contec/CMS50D+");
    let mut device = plug(&bench.path);
    bench.until(|health| health.is_up).await;
    let mut question = [0; 9];
    timeout(SOON, device.read_exact(&mut question)).await.unwrap().unwrap();
    assert_eq!(question.to_vec(), bytes("7d81a1808080808080"));
    device.write_all(&bytes("01e085b396c1e1ffff").repeat(20)).await.unwrap();
    assert_eq!(bench.next().await, "spo2 97 %; heart_rate 65 bpm");
    bench.until(|health| health.frames == 20).await;
    assert!(bench.outlet.ordinary.len() <= 1);
    bench.stop().await;
}

#[tokio::test]
async fn what_was_read_is_still_stored_when_the_port_is_closed_for_good() {
    let mut bench = Bench::new("micradar/R60AFD1");
    let mut device = plug(&bench.path);
    bench.until(|health| health.is_up).await;
    device.write_all(&bytes(FALL)).await.unwrap();
    let letter = bench.letter().await;
    bench.cancel.cancel();
    bench.until(|health| !health.is_up).await;
    letter.receipt.send(Answer::Done).unwrap();
    timeout(SOON, bench.tasks.join_next()).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_port_that_reads_nothing_for_ever_is_unplugged_too() {
    let profiles: Profiles = profiles_from(SHIPPED.iter().copied()).0;
    let line = profiles["micradar/R60AFD1"].line.clone().unwrap();
    let (frames, mut waiting) = mpsc::channel(8);
    let (health, _) = watch::channel(Health::default());
    let (mut device, ours) = tokio::io::duplex(64);
    device.write_all(&bytes(&format!("{FALL}535983"))).await.unwrap();
    drop(device);
    let why = timeout(SOON, Reader::new("gone", &line, &frames, &health).read(ours)).await.unwrap();
    assert_eq!(why.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(waiting.recv().await.unwrap().payload, bytes(FALL));
    // The half frame at the end is shown as what it is.
    assert_eq!(waiting.recv().await.unwrap().payload, bytes("535983"));
}

#[tokio::test(start_paused = true)]
async fn an_oximeter_at_its_real_rate_gives_a_reading_a_second_and_a_finger_that_goes_at_once() {
    const FINGER: &str = "01e085b396c1e1ffff";
    const NONE: &str = "01e280808080ffffff";
    let profiles: Profiles = profiles_from(SHIPPED.iter().copied()).0;
    let line = profiles["contec/CMS50D+"].line.clone().unwrap();
    let (frames, mut waiting) = mpsc::channel(64);
    let (health, seen) = watch::channel(Health::default());
    let (mut device, ours) = tokio::io::duplex(4096);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let why = Reader::new("oximeter", &line, &frames, &health).read(ours).await;
        assert_eq!(why.kind(), io::ErrorKind::UnexpectedEof);
    });
    // Sixty frames a second: ten seconds with a finger, half a second without, ten with it again.
    let mut came = Vec::new();
    for n in 0..1230_u32 {
        let frame = if (600..630).contains(&n) { NONE } else { FINGER };
        device.write_all(&bytes(frame)).await.unwrap();
        sleep(Duration::from_micros(16_667)).await;
        while let Ok(raw) = waiting.try_recv() {
            came.push((n, raw.payload));
        }
    }
    drop(device);
    assert!(tasks.join_next().await.unwrap().is_ok());
    assert_eq!(seen.borrow().frames, 1230, "none is lost");
    let is_at = |frame: &str, at| came.contains(&(at, bytes(frame)));
    assert!(is_at(FINGER, 0) && is_at(NONE, 600) && is_at(FINGER, 630), "{came:?}");
    let readings = came.iter().filter(|(_, frame)| *frame == bytes(FINGER)).count();
    assert!((20..=23).contains(&readings), "{readings} readings in 20 seconds");
    assert!(came.len() <= readings + 2, "{} frames without a finger", came.len() - readings);
}
