//! Text messages by a modem, against one that is made of a pseudo terminal.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use careloop::channel::modem::{Account, Mailbox};
use careloop::channel::{Channel, Modem, Notice, Verdict};
use careloop::config;
use careloop::device::Catalog;
use careloop::domain::{Act, Input, Observation, Report, Span, Time};
use careloop::gateway::Gateway;
use careloop::inbox::{Answer, Arrival, Inbox, Letter, Outlet};
use careloop::store::{Reader, Store};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_serial::{SerialPort, SerialStream};
use tokio_util::sync::CancellationToken;

use crate::far_side::soon;

/// What the modem is, and what it was told.
#[derive(Default)]
struct Sim {
    wants_pin: bool,
    no_network: bool,
    /// What it says to a message instead of a yes; nothing at all if that is empty.
    refuses: Option<&'static str>,
    stored: Vec<(u32, String)>,
    sent: Vec<String>,
}

/// A modem that answers on its end of a pseudo terminal, and says by itself what it is given to say.
async fn answer(mut line: SerialStream, sim: Arc<Mutex<Sim>>, mut says: mpsc::Receiver<String>) {
    let mut read = Vec::new();
    loop {
        tokio::select! {
            said = says.recv() => match said {
                Some(said) => line.write_all(said.as_bytes()).await.unwrap(),
                None => return,
            },
            more = line.read_buf(&mut read) => {
                if more.unwrap_or(0) == 0 {
                    return;
                }
            }
        }
        while let Some(end) = read.iter().position(|b| matches!(b, b'\r' | 0x1A)) {
            let command: Vec<u8> = read.drain(..=end).collect();
            let said = reply(&String::from_utf8(command).unwrap(), &mut sim.lock().unwrap());
            line.write_all(said.as_bytes()).await.unwrap();
        }
    }
}

fn reply(command: &str, sim: &mut Sim) -> String {
    let ok = |said: &str| format!("\r\n{said}\r\nOK\r\n");
    if let Some(hex) = command.strip_suffix('\x1A') {
        sim.sent.push(hex.to_owned());
        let nth = sim.sent.len();
        return match sim.refuses {
            Some(said) => said.to_owned(),
            None => ok(&format!("+CMGS: {nth}")),
        };
    }
    match command.trim() {
        "AT+CPIN?" if sim.wants_pin => ok("+CPIN: SIM PIN"),
        "AT+CPIN?" => ok("+CPIN: READY"),
        "AT+CREG?" if sim.no_network => ok("+CREG: 0,2"),
        "AT+CREG?" => ok("+CREG: 0,5"),
        "AT+CEREG?" => "\r\nERROR\r\n".to_owned(),
        "AT+CMGL=4" => {
            let one = |(place, hex): &(u32, String)| format!("+CMGL: {place},0,,20\r\n{hex}\r\n");
            format!("\r\n{}OK\r\n", sim.stored.iter().map(one).collect::<String>())
        }
        removed if removed.starts_with("AT+CMGD=") => {
            sim.stored.retain(|(place, _)| removed != format!("AT+CMGD={place}"));
            ok("")
        }
        send if send.starts_with("AT+CMGS=") => "\r\n> ".to_owned(),
        _ => ok(""),
    }
}

struct House {
    folder: tempfile::TempDir,
    gateway: Gateway,
    outlet: Outlet,
    now: Time,
    channel: Channel,
    sim: Arc<Mutex<Sim>>,
    says: mpsc::Sender<String>,
    world: JoinSet<()>,
    _keep: tokio::sync::watch::Sender<Arc<Catalog>>,
}

impl House {
    /// With such a modem in it; `None`: there is none.
    fn with(sim: Option<Sim>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let register = |file: &str, text: &str| match file {
            "register.toml" => text.replace(r#"to = "wang""#, r#"to = "138 0000 0000""#),
            _ => text.to_owned(),
        };
        let config = config::shipped(folder.path(), register).unwrap();
        let path = folder.path().join("careloop.db");
        let now = Time(1_768_460_400_000);
        let (store, _) = Store::open(&path, now).unwrap();
        let mut gateway = Gateway::open(store, config.book, &config.book_texts).unwrap();
        gateway.register(now, &config.homes).unwrap();
        let catalog = Arc::new(Catalog::new(&config.profiles, &[]).unwrap());
        let (inbox, outlet, keep) = Inbox::new(catalog);
        let account =
            Account { port: folder.path().join("modem"), baud: 115_200, country: "86".to_owned() };
        let mailbox = Mailbox { channel: "radio".parse().unwrap(), inbox, store: path };
        let mut world = JoinSet::new();
        let (says, said) = mpsc::channel(8);
        let there = sim.is_some();
        let sim = Arc::new(Mutex::new(sim.unwrap_or_default()));
        if there {
            let (far, ours) = SerialStream::pair().unwrap();
            std::os::unix::fs::symlink(ours.name().unwrap(), &account.port).unwrap();
            let answers = answer(far, Arc::clone(&sim), said);
            world.spawn(async move {
                let _ours = ours;
                answers.await;
            });
        }
        let (modem, operator) = Modem::new(account, mailbox, Duration::from_millis(50));
        world.spawn(operator.run(CancellationToken::new()));
        let channel = Channel::Modem(modem);
        Self { folder, gateway, outlet, now, channel, sim, says, world, _keep: keep }
    }

    /// One attempt, once the modem was found.
    async fn tell(&self, to: &str, text: &str) -> Verdict {
        let notice = Notice {
            delivery: "h1-1/2".parse().unwrap(),
            to: to.to_owned(),
            body: json!({ "level": "urgent", "reply": "回复 1 签收" }),
            text: text.to_owned(),
            at: self.now,
        };
        let found = async {
            loop {
                let verdict = self.channel.tell(&notice).await;
                let is_opening =
                    matches!(&verdict, Verdict::Failed { why, .. } if why.contains("cannot open"));
                if !is_opening {
                    return verdict;
                }
            }
        };
        soon(found).await
    }

    async fn letter(&mut self) -> Letter {
        soon(self.outlet.life.recv()).await.unwrap()
    }

    /// The next letter, taken by the gateway.
    async fn take(&mut self) -> (Arrival, Answer) {
        let letter = self.letter().await;
        let (_, answers) = self.gateway.handle(self.now, std::slice::from_ref(&letter)).unwrap();
        let answer = answers.into_iter().next().unwrap();
        drop(letter.receipt.send(answer.clone()));
        (letter.arrival, answer)
    }

    fn post(&mut self, arrival: Arrival) {
        let (receipt, _) = tokio::sync::oneshot::channel();
        self.gateway.handle(self.now, &[Letter { arrival, receipt }]).unwrap();
    }

    /// A fall that everybody is told of; who is told by `radio` was told of it.
    fn falls(&mut self) {
        let home: careloop::domain::HomeId = "h1".parse().unwrap();
        let observations: Vec<Observation> = vec!["fall true".parse().unwrap()];
        let device = "fall-radar".parse().unwrap();
        let input = Input::Heard { device, observations, retained: false };
        self.post(Arrival::Input { home: home.clone(), input });
        let until = self.now + Span::minutes(3);
        while let Some(at) = self.gateway.wake().filter(|at| *at <= until) {
            self.now = at;
            self.gateway.handle(at, &[]).unwrap();
        }
        // The screens are dark: whoever has another way is told by that.
        loop {
            let reader = Reader::open(&self.path()).unwrap();
            let due = reader.due(self.now, 100).unwrap().0;
            let Some(promise) = due.into_iter().next() else { break };
            let lost = promise.contact.channel.as_str() == "screen";
            let why = "dark".to_owned();
            let report = if lost { Report::Failed { why, last: true } } else { Report::Sent };
            let (incident, k) = (promise.id.incident.n, promise.id.k);
            let home = home.clone();
            self.post(Arrival::Attempt { home, incident, k, report, again_in: None });
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("careloop.db")
    }
}

/// A message of seven-bit letters from this number (semi-octets) that lies in the modem.
fn written(number: &str, user: &str) -> String {
    format!("00040D91{number}000062101301010023{user}")
}
const WANG: &str = "683108000000F0";

#[tokio::test]
async fn a_message_is_sent_in_chinese_and_is_delivered_when_all_of_it_is() {
    let mut house = House::with(Some(Sim::default()));
    let long = "紧急报警，请签收并上门：疑似跌倒".repeat(6);
    assert_eq!(house.tell("13800000000", &long).await, Verdict::Sent);
    let sent = house.sim.lock().unwrap().sent.clone();
    assert_eq!(sent.len(), 2);
    assert!(sent[0].starts_with("0071000B813108000000F00008"), "{sent:?}");
    // 回复 1 签收 stands at the end.
    assert!(
        sent[1].ends_with("56DE590D002000310020 7B7E6536".replace(' ', "").as_str()),
        "{sent:?}"
    );
    let report = |nth: u8, status: &str| {
        format!(
            "\r\n+CDS: 25\r\n0006{nth:02X}0D91{WANG}621013010100236210130101{}23{status}\r\n",
            "10"
        )
    };
    // It still tries; then one part has arrived, which is no message, and the other never will.
    house.says.send(report(1, "30") + &report(1, "00") + &report(2, "46")).await.unwrap();
    let (arrival, _) = house.take().await;
    assert!(
        matches!(&arrival, Arrival::Attempt { report: Report::Failed { last: true, .. }, .. }),
        "{arrival:?}"
    );
    // All of it has, though a part is reported twice.
    assert_eq!(house.tell("13800000000", &long).await, Verdict::Sent);
    house.says.send(report(3, "00") + &report(3, "00") + &report(4, "00")).await.unwrap();
    let (arrival, _) = house.take().await;
    let Arrival::Attempt { incident: 1, k: 2, report: said, .. } = arrival else {
        panic!("{arrival:?}")
    };
    assert_eq!(said, Report::Delivered);
    assert!(house.outlet.life.try_recv().is_err());
}

#[tokio::test]
async fn a_one_from_who_was_told_accepts_and_everything_else_is_left_unread() {
    let mut house = House::with(Some(Sim::default()));
    house.falls();
    let stranger = written("683108000010F0", "0131");
    let note = written(WANG, "05E8329BFD06");
    let one = written(WANG, "0131");
    house.sim.lock().unwrap().stored = vec![(1, stranger), (2, note), (7, one)];
    house.says.send("\r\n+CMTI: \"SM\",7\r\n".to_owned()).await.unwrap();
    // Not stored: it stays where it is, and is read again.
    drop(house.letter().await);
    house.says.send("\r\n+CMTI: \"SM\",7\r\n".to_owned()).await.unwrap();
    let (arrival, answer) = house.take().await;
    let Arrival::Input { home, input: Input::Move { incident, by, act } } = arrival else {
        panic!("{arrival:?}")
    };
    assert_eq!((home.as_str(), incident, by.as_str()), ("h1", 1, "wang"));
    assert_eq!((act, answer), (Act::Accept, Answer::Done));
    let emptied = async {
        while !house.sim.lock().unwrap().stored.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    soon(emptied).await;
    assert!(house.outlet.life.try_recv().is_err());
    assert!(house.sim.lock().unwrap().sent.is_empty(), "nothing is answered");
}

#[tokio::test]
async fn without_modem_sim_or_network_another_way_is_wanted_at_once() {
    let house = House::with(None);
    let notice = Notice {
        delivery: "h1-1/2".parse().unwrap(),
        to: "13800000000".to_owned(),
        body: json!({}),
        text: "短".to_owned(),
        at: house.now,
    };
    let verdict = soon(house.channel.tell(&notice)).await;
    let Verdict::Failed { why, last: false, .. } = &verdict else { panic!("{verdict:?}") };
    assert!(why.contains("cannot open"), "{why}");
    let cases: [(Sim, &str); 3] = [
        (Sim { wants_pin: true, ..Sim::default() }, "wants a PIN"),
        (Sim { no_network: true, ..Sim::default() }, "no network"),
        (Sim { refuses: Some("\r\n+CMS ERROR: 38\r\n"), ..Sim::default() }, "+CMS ERROR: 38"),
    ];
    for (sim, wanted) in cases {
        let verdict = House::with(Some(sim)).tell("13800000000", "短").await;
        let Verdict::Failed { why, last: false, .. } = &verdict else { panic!("{verdict:?}") };
        assert!(why.contains(wanted), "{why}");
    }
    let unassigned = Sim { refuses: Some("\r\n+CMS ERROR: 1\r\n"), ..Sim::default() };
    let verdict = House::with(Some(unassigned)).tell("13800000000", "短").await;
    assert!(matches!(verdict, Verdict::Failed { last: true, .. }), "{verdict:?}");
    let verdict = House::with(Some(Sim::default())).tell("wang", "短").await;
    assert!(matches!(verdict, Verdict::Failed { last: true, .. }), "{verdict:?}");
}

#[tokio::test]
async fn what_the_modem_does_not_say_may_have_gone_out() {
    // A yes without a reference is none, and neither is a modem that goes after it has the message.
    let mumbles = Sim { refuses: Some("\r\nOK\r\n"), ..Sim::default() };
    let house = House::with(Some(mumbles));
    assert!(matches!(house.tell("13800000000", "短").await, Verdict::Unknown { .. }));
    assert!(!house.channel.may_repeat());
    let silent = Sim { refuses: Some(""), ..Sim::default() };
    let mut house = House::with(Some(silent));
    let sim = Arc::clone(&house.sim);
    let mut world = std::mem::take(&mut house.world);
    let told = house.tell("13800000000", "短");
    let unplugged = async {
        while sim.lock().unwrap().sent.is_empty() {
            tokio::task::yield_now().await;
        }
        world.abort_all();
        while world.join_next().await.is_some() {}
    };
    let (verdict, ()) = soon(async { tokio::join!(told, unplugged) }).await;
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
}
