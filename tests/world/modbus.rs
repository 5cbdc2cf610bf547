//! A line that several Modbus units share, answered by a program that is not ours: tokio-modbus.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::task::JoinSet;
use tokio_modbus::server::Service;
use tokio_modbus::server::rtu::Server;
use tokio_modbus::{ExceptionCode, Request, Response, SlaveRequest};
use tokio_serial::SerialStream;

use crate::house::{House, Texts, until};
use crate::programs::Line;

/// What the units do.
#[derive(Default)]
struct State {
    smoke: AtomicBool,
    /// The smoke detector is cut off.
    dead: AtomicBool,
    /// How often the detector was asked.
    asked: AtomicUsize,
    /// How often the door was asked: it is open every other time.
    door: AtomicUsize,
}

/// Unit 1 measures the climate, unit 3 smells smoke, unit 65 has other registers than its profile says,
/// unit 66 is a door that somebody swings.
struct Units(Arc<State>);

impl Service for Units {
    type Request = SlaveRequest<'static>;
    type Response = Option<Response>;
    type Exception = ExceptionCode;
    type Future = Ready<Result<Self::Response, Self::Exception>>;

    fn call(&self, asked: Self::Request) -> Self::Future {
        let registers = |all: &[u16]| Ok(Some(Response::ReadHoldingRegisters(all.to_vec())));
        ready(match (asked.slave, asked.request) {
            (1, Request::ReadHoldingRegisters(0, 2)) => registers(&[658, 0xFF9B]),
            (3, Request::ReadHoldingRegisters(3, 1)) => {
                self.0.asked.fetch_add(1, Ordering::Relaxed);
                if self.0.dead.load(Ordering::Relaxed) {
                    Ok(None)
                } else {
                    registers(&[u16::from(self.0.smoke.load(Ordering::Relaxed))])
                }
            }
            (65, _) => Err(ExceptionCode::IllegalDataAddress),
            (66, Request::ReadHoldingRegisters(0x0AF1, 1)) => {
                registers(&[u16::from(self.0.door.fetch_add(1, Ordering::Relaxed) % 2 == 1)])
            }
            _ => Ok(None),
        })
    }
}

fn devices(texts: &mut Texts, port: &str) {
    for (id, profile, unit) in [
        ("climate", "RS-WS", 1),
        ("detector", "smoke", 3),
        ("hatch", "door-contact", 65),
        ("door", "door-contact", 66),
    ] {
        let device = format!(
            "\n[[home.device]]\nid = \"{id}\"\nprofile = \"modbus/{profile}\"\nroom = \"hall\"\n\
             serial = \"{port}\"\nunit = {unit}\n"
        );
        texts.add("register.toml", &device);
    }
}

#[tokio::test]
async fn units_of_one_line_are_read_and_one_that_refuses_or_dies_leaves_the_others_alone() {
    let line = Line::new().await;
    let state = Arc::new(State::default());
    let mut units = JoinSet::new();
    let open = || SerialStream::open(&tokio_serial::new(line.device(), 9600)).unwrap();
    units.spawn(Server::new(open()).serve_forever(Units(Arc::clone(&state))));
    let house = House::with(|texts| devices(texts, &line.port()));
    let daemon = house.start().await;
    daemon.says("a serial port is open").await;

    let lines = |what: &str| -> Vec<String> {
        let journal = house.journal();
        let heard = journal.lines().filter(|l| l.contains(r#""t":"heard""#) && l.contains(what));
        heard.map(str::to_owned).collect()
    };
    let heard = |what: &str| lines(what).len();
    until("the climate", || (0 < heard(r#""climate""#)).then_some(())).await;
    let climate = &lines(r#""climate""#)[0];
    assert!(climate.contains("65.8") && climate.contains("-10.1"), "{climate}");

    // The one that refuses is a problem of this unit, and nothing that was heard.
    let hatch = format!("serial {}@65", line.port());
    let find = || house.reader().strangers().unwrap().into_iter().find(|s| s.origin == hatch);
    let strange = until("the refusal", find).await;
    assert_eq!(strange.device.as_deref(), Some("h1/hatch"));
    let why = strange.samples[0].why.join("; ");
    assert_eq!(why, "`holding/2801`: modbus exception 2, it has no such register");
    assert_eq!(heard(r#""hatch""#), 0);

    state.smoke.store(true, Ordering::Relaxed);
    let smoke = house.incident("smoke").await;
    assert!(serde_json::to_string(&smoke.incident.reason).unwrap().contains("detector"));

    state.dead.store(true, Ordering::Relaxed);
    daemon.says("a unit does not answer").await;
    let (asked, words) = (state.asked.load(Ordering::Relaxed), heard(r#""detector""#));
    let door = heard(r#""door""#);
    until("the others", || (door + 2 < heard(r#""door""#)).then_some(())).await;
    assert!(state.asked.load(Ordering::Relaxed) <= asked + 1, "it is left alone");
    assert_eq!(heard(r#""detector""#), words, "the dead say nothing, so that they go quiet");
    assert_eq!(house.incidents_of("smoke").len(), 1, "and the alarm stands");
    house.verify().await;
}

#[tokio::test]
async fn a_port_of_a_radar_is_of_no_unit_and_no_two_units_have_one_address() {
    let unit = |id: &str, port: &str| {
        format!(
            "\n[[home.device]]\nid = \"{id}\"\nprofile = \"modbus/smoke\"\nserial = \"{port}\"\nunit = 3\n"
        )
    };
    for (more, why) in [
        (unit("a", "/dev/careloop/fall-radar"), "is no Modbus line"),
        (unit("a", "/dev/bus") + &unit("b", "/dev/bus"), "already bound there"),
    ] {
        let house = House::with(|texts| texts.add("register.toml", &more));
        let (code, said) = house.fail().await;
        assert_ne!(code, 0, "{said}");
        assert!(said.contains(why), "{said}");
    }
}
