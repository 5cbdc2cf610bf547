//! Stories on a line without hardware, in time that passes by itself: the far end answers as it is
//! told to.

use std::sync::{Arc, Mutex};

use tokio::io::DuplexStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::*;
use crate::device::modbus::Function;
use crate::device::{
    Catalog, Decoded, FrameError, Parity, Profiles, SHIPPED, Speech, profiles_from,
};
use crate::domain::{Binding, Device, Home, Span};

/// How a unit behaves.
#[derive(Clone)]
enum Answer {
    /// This body, with a sound checksum.
    Sound(&'static str),
    /// These bytes as they are.
    Raw(&'static str),
    /// The same as `Sound`, after so many milliseconds.
    Late(u64, &'static str),
    Nothing,
}

fn bytes(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(hex.replace(' ', "").as_bytes()).unwrap()
}

fn sealed(hex: &str) -> Vec<u8> {
    let mut body = bytes(hex);
    let sum = body.iter().fold(0xFFFF_u16, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |s, _| (s >> 1) ^ if s & 1 == 1 { 0xA001 } else { 0 })
    });
    body.extend(sum.to_le_bytes());
    body
}

/// Questions asked so far, by unit.
type Asked = Arc<Mutex<BTreeMap<u8, usize>>>;
type Answers = Arc<Mutex<BTreeMap<u8, Answer>>>;

async fn far_end(mut line: DuplexStream, answers: Answers, asked: Asked) {
    let mut question = [0; 8];
    while line.read_exact(&mut question).await.is_ok() {
        let unit = question[0];
        *asked.lock().unwrap().entry(unit).or_default() += 1;
        let answer = answers.lock().unwrap().get(&unit).cloned().unwrap_or(Answer::Nothing);
        let reply = match answer {
            Answer::Nothing => continue,
            Answer::Raw(hex) => bytes(hex),
            Answer::Sound(hex) => sealed(hex),
            Answer::Late(wait, hex) => {
                sleep(Duration::from_millis(wait)).await;
                sealed(hex)
            }
        };
        line.write_all(&reply).await.unwrap();
    }
}

/// A line of units, and what is handed on.
struct Bench {
    catalog: Catalog,
    health: watch::Receiver<Health>,
    handed: mpsc::Receiver<RawMessage>,
    answers: Answers,
    asked: Asked,
    _tasks: JoinSet<()>,
}

impl Bench {
    fn new(units: &[(u8, &str, Answer)]) -> Self {
        let profiles: Profiles = profiles_from(SHIPPED.iter().copied()).0;
        let device = |(unit, profile, _): &(u8, &str, Answer)| {
            Device::new(
                format!("unit-{unit}").parse().unwrap(),
                profile,
                Binding::Modbus { port: "bus".to_owned(), unit: *unit },
            )
        };
        let home = Home::new("h1".parse().unwrap(), "UTC", units.iter().map(device).collect());
        let catalog = Catalog::new(&profiles, &[home]).unwrap();
        let Speech::Modbus(bus) = catalog.ports().pop().unwrap().speech else { panic!("a bus") };
        assert_eq!(bus.parity, Parity::None);
        let answers: Answers = Arc::default();
        answers.lock().unwrap().extend(units.iter().map(|(unit, _, a)| (*unit, a.clone())));
        let asked = Asked::default();
        let (ours, theirs) = tokio::io::duplex(1024);
        let (frames, handed) = mpsc::channel(1024);
        let (sender, health) = watch::channel(Health::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(far_end(theirs, Arc::clone(&answers), Arc::clone(&asked)));
        tasks.spawn(async move {
            Poller::new("bus", &bus, &frames, &sender).poll(ours).await;
        });
        Self { catalog, health, handed, answers, asked, _tasks: tasks }
    }

    fn turn(&self, unit: u8, answer: Answer) {
        self.answers.lock().unwrap().insert(unit, answer);
    }

    fn asked(&self, unit: u8) -> usize {
        self.asked.lock().unwrap().get(&unit).copied().unwrap_or(0)
    }

    /// What is handed on within this time, as the catalogue reads it.
    async fn heard(&mut self, within: Span) -> Vec<String> {
        let until = Instant::now() + within.to_std();
        let mut said = Vec::new();
        while let Ok(Some(raw)) = timeout_at(until, self.handed.recv()).await {
            let decoded = self.catalog.decode(&raw);
            let Decoded::Known { device, observations, problems, .. } = decoded else {
                panic!("{decoded:?}")
            };
            let all = observations
                .iter()
                .map(ToString::to_string)
                .chain(problems.iter().map(ToString::to_string));
            said.push(format!("{device}: {}", all.collect::<Vec<_>>().join("; ")));
        }
        said
    }
}

const CLEAR: Answer = Answer::Sound("03 03 02 00 00");
const SMOKE: Answer = Answer::Sound("03 03 02 00 01");
const WARM: Answer = Answer::Sound("01 03 04 01c2 00eb");
const COLD: Answer = Answer::Sound("01 03 04 0292 ff9b");

#[tokio::test(start_paused = true)]
async fn units_of_one_line_are_asked_in_turn_and_each_is_told_apart() {
    let mut bench = Bench::new(&[(1, "modbus/RS-WS", COLD), (3, "modbus/smoke", CLEAR)]);
    let first = bench.heard(Span::seconds(1)).await;
    assert_eq!(first, ["unit-1: humidity 65.8 %; temperature -10.1 °C", "unit-3: smoke false"]);
    bench.turn(3, SMOKE);
    assert_eq!(bench.heard(Span::seconds(3)).await, ["unit-3: smoke true"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_change_is_handed_on_twice_a_minute() {
    let mut bench = Bench::new(&[(3, "modbus/smoke", CLEAR)]);
    let heard = bench.heard(Span::minutes(5)).await;
    assert!((8..=11).contains(&heard.len()), "{heard:?}");
    assert!(140 <= bench.asked(3), "{}", bench.asked(3));
    assert_eq!(bench.health.borrow().frames, u64::try_from(bench.asked(3)).unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_exception_is_a_problem_of_the_unit_and_is_counted() {
    let mut bench = Bench::new(&[(1, "modbus/RS-WS", Answer::Sound("01 83 02"))]);
    let heard = bench.heard(Span::seconds(25)).await;
    assert_eq!(heard, ["unit-1: `holding/0`: modbus exception 2, it has no such register"]);
    let health = bench.health.borrow().clone();
    assert_eq!((health.refusals, health.frames, health.silences), (3, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_damaged_answer_is_a_problem_of_the_unit_and_is_counted_by_kind() {
    let wrong = Answer::Raw("03 03 02 00 01 00 45");
    let mut bench = Bench::new(&[(1, "modbus/RS-WS", WARM), (3, "modbus/smoke", wrong)]);
    let heard = bench.heard(Span::seconds(1)).await;
    assert_eq!(
        heard,
        [
            "unit-1: humidity 45 %; temperature 23.5 °C",
            "unit-3: `holding/3`: the checksum is wrong"
        ]
    );
    bench.turn(3, Answer::Raw("03 03 02 00"));
    let heard = bench.heard(Span::seconds(3)).await;
    assert_eq!(heard, ["unit-3: `holding/3`: the frame stops in the middle"]);
    // It is there, and it may burn: it is not asked any less often.
    bench.turn(3, SMOKE);
    assert_eq!(bench.heard(Span::seconds(4)).await, ["unit-3: smoke true"]);
    let damage = bench.health.borrow().damage.clone();
    assert_eq!(damage, [(FrameError::Checksum, 1), (FrameError::Truncated, 1)].into());
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_does_not_answer_says_nothing_and_does_not_delay_the_others() {
    let mut bench = Bench::new(&[(1, "modbus/RS-WS", WARM), (3, "modbus/smoke", CLEAR)]);
    bench.heard(Span::seconds(5)).await;
    bench.turn(1, Answer::Nothing);
    let (asked, dead) = (bench.asked(3), bench.asked(1));
    let heard = bench.heard(Span::minutes(10)).await;
    // P5: not one word of the dead unit, so that it goes quiet.
    assert!(heard.iter().all(|said| said == "unit-3: smoke false"), "{heard:?}");
    let asked = bench.asked(3) - asked;
    assert!(280 <= asked, "the smoke detector was asked {asked} times in ten minutes");
    let dead = bench.asked(1) - dead;
    assert!((20..=25).contains(&dead), "the dead unit was asked {dead} times");
    assert_eq!(bench.health.borrow().silences, u64::try_from(dead).unwrap());
    bench.turn(1, COLD);
    let heard = bench.heard(Span::seconds(31)).await;
    assert!(heard.contains(&"unit-1: humidity 65.8 %; temperature -10.1 °C".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_not_taken_for_that_to_the_next_question() {
    // Both polls of this model are of one register: 0x0103 (gas) and 0x00FF, whose lowest bit is a
    // fault. The first answer comes when it is no longer waited for.
    for wait in [520, 560, 600] {
        let late = Answer::Late(wait, "05 03 02 00 03");
        let mut bench = Bench::new(&[(5, "modbus/evikon-E2648-CH4", late)]);
        let heard = bench.heard(Span::seconds(30)).await;
        assert!(heard.is_empty(), "{wait} ms: {heard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn noise_an_echo_and_another_units_late_answer_do_not_hide_the_answer() {
    let noisy = Answer::Raw("00 010300000002c40b 0303020000c184 01030401c200eb1a7c");
    let mut bench = Bench::new(&[(1, "modbus/RS-WS", noisy)]);
    let heard = bench.heard(Span::seconds(1)).await;
    assert_eq!(heard, ["unit-1: humidity 45 %; temperature 23.5 °C"]);
}

/// A line with one unit that is asked every 100 ms, whose far end the test holds itself.
struct Bare {
    theirs: DuplexStream,
    health: watch::Receiver<Health>,
    handed: mpsc::Receiver<RawMessage>,
    tasks: JoinSet<io::Error>,
}

fn bare() -> Bare {
    let (ours, theirs) = tokio::io::duplex(1024);
    let (frames, handed) = mpsc::channel(1024);
    let (sender, health) = watch::channel(Health::default());
    let poll = Poll { function: Function::Holding, from: 0, count: 1 };
    let modbus = Modbus { baud: 9600, parity: Parity::None, every: Span(100), poll: vec![poll] };
    let bus = Bus { baud: 9600, parity: Parity::None, units: [(3, modbus)].into() };
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { Poller::new("bus", &bus, &frames, &sender).poll(ours).await });
    Bare { theirs, health, handed, tasks }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_babbles_without_end_is_given_up_and_asked_again() {
    let mut bare = bare();
    for _ in 0..2000 {
        bare.theirs.write_all(&[0x55; 16]).await.unwrap();
        sleep(Duration::from_millis(16)).await;
    }
    assert!(2 < bare.health.borrow().damage[&FrameError::Noise]);
    let mut shown = 0;
    while let Ok(raw) = bare.handed.try_recv() {
        assert!(raw.payload.len() <= HEARD_MAX + 256);
        shown += 1;
    }
    assert!((1..=32).contains(&shown), "{shown} in 32 seconds");
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_is_pulled_out_is_noticed_while_nobody_is_asked() {
    let Bare { mut theirs, mut tasks, health, .. } = bare();
    let mut question = [0; 8];
    theirs.read_exact(&mut question).await.unwrap();
    theirs.write_all(&sealed("03 03 02 00 00")).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    assert_eq!(health.borrow().frames, 1);
    let before = Instant::now();
    drop(theirs);
    let why = tasks.join_next().await.unwrap().unwrap();
    assert_eq!(why.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(Instant::now(), before, "before the next question");
}
