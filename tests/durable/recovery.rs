//! P2, P7: life, recovery and replay are the same, whatever happens in between.

use std::sync::Arc;

use careloop::domain::{Act, Entry, IncidentId, Span, Time};
use careloop::engine::Effect;
use careloop::gateway::Follower;
use careloop::store::states::Saved;
use proptest::prelude::*;

use crate::hub::{Hub, heard, input, moved};
use crate::years::{happen, live};

/// What befalls the second hub, and not the first.
#[derive(Debug, Clone)]
enum Fault {
    Killed,
    Saved,
    /// All that is older than so many minutes is folded.
    Folded(i64),
    /// The latest state of the nth home cannot be read at the next start.
    Garbled(usize),
    /// The base of the nth home cannot be read at the next start.
    Baseless(usize),
    /// A newer program has another form of state.
    Reformed,
    /// The next commit fails.
    Refused,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::Killed),
        1 => Just(Fault::Saved),
        4 => (0_i64..600).prop_map(Fault::Folded),
        2 => (0_usize..3).prop_map(Fault::Garbled),
        1 => (0_usize..3).prop_map(Fault::Baseless),
        1 => Just(Fault::Reformed),
        2 => Just(Fault::Refused),
    ]
}

fn befall(hub: &mut Hub, fault: &Fault) {
    let garble = |table: &str, nth: &usize| {
        format!(
            "UPDATE {table} SET state = substr(state, 2) WHERE home IN
             (SELECT home FROM {table} ORDER BY home LIMIT 1 OFFSET {nth})"
        )
    };
    match fault {
        Fault::Killed => drop(hub.reopen()),
        Fault::Saved => hub.gateway().save().expect("it saves"),
        Fault::Folded(minutes) => {
            let before = hub.now - Span::minutes(*minutes);
            hub.gateway().fold(before).expect("it folds");
        }
        Fault::Garbled(nth) => {
            hub.sql(&garble("saved", nth));
            hub.reopen();
        }
        Fault::Baseless(nth) => {
            hub.gateway().save().expect("it saves");
            hub.sql(&garble("base", nth));
            hub.reopen();
        }
        Fault::Reformed => {
            hub.sql("UPDATE saved SET form = 99");
            hub.reopen();
        }
        Fault::Refused => {
            hub.sql(
                "CREATE TRIGGER no BEFORE INSERT ON journal WHEN NEW.input LIKE '%straw%'
                 BEGIN SELECT RAISE(ABORT, 'no'); END",
            );
            let help = input("h1", heard("help-button", "help true"));
            let last = input("h1", moved(1, "wang", Act::Note { text: "straw".to_owned() }));
            assert!(hub.try_handle([help, last]).is_err(), "the last letter cannot be stored");
            hub.sql("DROP TRIGGER no");
        }
    }
}

/// Follows the journal from the base, as `careloop replay --verify` does.
fn replay(hub: &Hub) -> (Follower, Vec<(IncidentId, Entry)>) {
    let (reader, current) = (hub.reader(), (hub.book.1.digest(), Arc::clone(&hub.book.0)));
    let mut follower = Follower::new(&reader, current).expect("a follower");
    for (home, seq, state) in reader.states(Saved::Base).expect("bases") {
        follower.resume(home, seq, state.expect("a base can be read"));
    }
    let mut entries = Vec::new();
    let passed_over = reader.journal(0, |row| {
        for effect in follower.follow(&row) {
            if let Effect::Story { incident, entry, .. } = effect {
                entries.push((IncidentId { home: row.home.clone(), n: incident }, entry));
            }
        }
        Ok(())
    });
    assert_eq!(passed_over.expect("the journal can be read"), 0);
    (follower, entries)
}

pub fn is_replayed(hub: &mut Hub) {
    hub.gateway().save().expect("it saves");
    let (follower, entries) = replay(hub);
    for (home, _, state) in hub.reader().states(Saved::Latest).expect("states") {
        let replayed = follower.engines.get(&home).map(|(engine, _)| engine.state());
        assert_eq!(replayed, state.as_ref(), "{home}: the replay is life");
    }
    let record = hub.reader().record(Time(i64::MIN)).expect("the record");
    let older = record.len().checked_sub(entries.len()).expect("nothing that did not happen");
    assert_eq!(record[older..], entries[..], "the replay is what is on record");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_hub_that_fails_is_as_one_that_does_not(
        seed in any::<u64>(),
        faults in proptest::collection::vec((0_usize..80, fault()), 0..12),
    ) {
        let (mut sound, mut tried) = (Hub::bare(), Hub::bare());
        let years = live(&mut sound, seed, 80);
        for (n, (at, happening)) in years.iter().enumerate() {
            happen(&mut tried, *at, happening);
            for (_, fault) in faults.iter().filter(|(when, _)| *when == n) {
                befall(&mut tried, fault);
            }
        }
        // What is on disk must say it all, to the last digit.
        tried.reopen();
        prop_assert_eq!(sound.disk(), tried.disk());
        let walks = "SELECT * FROM walk";
        prop_assert_eq!(sound.rows(walks), tried.rows(walks));
        let wakes = (sound.gateway().wake(), tried.gateway().wake());
        prop_assert_eq!(wakes.0, wakes.1);
        prop_assert_eq!(sound.gateway().last(), tried.gateway().last());
        prop_assert_eq!(sound.states(), tried.states());
        is_replayed(&mut sound);
        is_replayed(&mut tried);
        prop_assert_eq!(sound.gateway().forgotten(), []);
    }
}
