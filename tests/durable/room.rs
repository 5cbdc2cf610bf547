//! P6, P11: a full disk drops telemetry first, and a call for help finds room.

use careloop::domain::Span;
use careloop::inbox::{Answer, Arrival};
use careloop::store::{Store, StoreError};

use crate::hub::{Hub, heard, input};

fn chatter(home: usize, n: i32) -> Arrival {
    input(&format!("h{home}"), heard("bed-pad", &format!("temperature {}", 20 + n % 5)))
}

/// Fills the hub until nothing more can be stored, as the one loop would, and returns the error.
fn fill(hub: &mut Hub, bytes: u64) -> StoreError {
    hub.kill();
    let (mut store, _) = Store::open(&hub.path, hub.now).expect("it opens");
    store.limit_size(bytes).expect("a limit");
    hub.take(store);
    let full = (0..10_000).find_map(|n| {
        hub.now = hub.now + Span::seconds(1);
        hub.try_handle(everybody(n)).err()
    });
    full.expect("the disk is full some time")
}

/// Every home says so much, many times over.
fn everybody(n: i32) -> impl Iterator<Item = Arrival> {
    (1..=5).flat_map(move |home| (0..20).map(move |k| chatter(home, n + k)))
}

#[test]
fn telemetry_goes_first_and_then_a_call_for_help_has_room() {
    let mut hub = Hub::with_homes(5);
    hub.tell(heard("kitchen-leak", "leak true"));
    let kept = hub.disk();
    assert!(fill(&mut hub, 1_500_000).is_full());
    let help = || [input("h1", heard("help-button", "help true"))];
    let mut tries = 0;
    let answers = loop {
        match hub.try_handle(help()) {
            Ok((_, answers)) => break answers,
            Err(error) => {
                assert!(error.is_full() && tries < 3, "{error}");
                let now = hub.now;
                assert!(0 < hub.gateway().make_room(now).expect("room is made"), "rows went");
                tries += 1;
            }
        }
    };
    assert_eq!(answers, [Answer::Done]);
    assert!(hub.incidents().iter().any(|i| i.incident.rule.as_str() == "help"));
    let disk = hub.disk();
    for (table, rows) in kept.iter().enumerate().skip(1).take(2) {
        assert!(rows.iter().all(|row| disk[table].contains(row)), "nothing people need is gone");
    }
    let now = hub.now;
    hub.gateway().make_room(now).expect("room for the states");
    let states = hub.states();
    hub.reopen();
    assert_eq!(states, hub.states(), "and it recovers to the same");
}

#[test]
fn a_hub_can_live_on_a_full_disk() {
    let mut hub = Hub::with_homes(5);
    assert!(fill(&mut hub, 1_500_000).is_full());
    for n in 0..2000 {
        hub.now = hub.now + Span::seconds(1);
        if let Err(error) = hub.try_handle(everybody(n)) {
            assert!(error.is_full(), "{error}");
            let now = hub.now;
            hub.gateway().make_room(now).expect("room is made");
            hub.try_handle(everybody(n)).expect("there is room now");
        }
    }
}

#[test]
fn a_start_on_a_full_disk_registers_and_sets_the_clock() {
    let mut hub = Hub::with_homes(5);
    assert!(fill(&mut hub, 1_500_000).is_full());
    // Whatever is free goes as well.
    while hub.try_handle([chatter(1, 1)]).is_ok() {}
    let now = hub.now;
    hub.gateway().set_clock(now, Span::hours(1)).expect("it is told");
    hub.gateway().register(now, &crate::hub::homes(9)).expect("more move in");
}
