//! A stretch of the journal, as pages about a home read it.

use careloop::domain::{Input, Span, Time};

use crate::hub::{Hub, START, heard, id, input};

/// Minutes after the start at which the home said something within the stretch, and when the stretch begins.
fn read(hub: &Hub, from: i64, to: i64, most: i64) -> (Vec<i64>, Option<i64>) {
    let minute = |at: Time| (at - START).0 / 60_000;
    let at = |minute: i64| START + Span::minutes(minute);
    let mut said = Vec::new();
    let begins = hub.reader().journal_of(&id("h1"), (at(from), at(to)), most, |at, input| {
        if matches!(input, Some(Input::Heard { .. })) {
            said.push(minute(at));
        }
    });
    (said, begins.expect("it can be read").map(minute))
}

#[test]
fn a_stretch_of_the_journal_is_found_without_reading_what_is_before() {
    let mut hub = Hub::with_homes(2);
    for minute in 1..=40 {
        hub.now = START + Span::minutes(minute);
        let home = if minute % 2 == 0 { "h1" } else { "h2" };
        hub.handle([input(home, heard("bed-pad", "heart_rate 60"))]);
    }
    assert_eq!(read(&hub, 10, 15, 1000), (vec![10, 12, 14], Some(10)));
    assert_eq!(read(&hub, 11, 14, 1000), (vec![12], Some(11)), "another home's row is a row");
    assert_eq!(read(&hub, 39, 900, 1000), (vec![40], Some(39)));
    assert_eq!(read(&hub, 41, 900, 1000), (vec![], None));
    let (all, begins) = read(&hub, -900, 900, 1000);
    assert_eq!((all.len(), begins), (20, Some(0)));
    // Of too many, the latest.
    assert_eq!(read(&hub, 0, 900, 4).0, [38, 40]);
}
