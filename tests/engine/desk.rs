//! What the desk can do, and what it must not: hide a life alarm, or close what nobody has seen to.

use careloop::domain::{
    Act, Found, Happening, Incident, Level, Outcome, PersonId, Span, Stage, Time, Wish,
};
use careloop::engine::Engine;
use proptest::prelude::*;

use crate::watched::{End, person};

pub(crate) fn act() -> impl Strategy<Value = Act> {
    let text = String::new;
    let lasts = || (0..400_i64).prop_map(Span::hours);
    let wish = prop_oneof![
        lasts().prop_map(|lasts| Wish::Extend { lasts }),
        lasts().prop_map(|lasts| Wish::Park { lasts }),
        Just(Wish::Void),
    ];
    let whistle = (person(), prop::collection::vec(person(), 0..3));
    prop_oneof![
        2 => person().prop_map(|to| Act::Assign { to }),
        6 => wish.prop_map(move |wish| Act::Ask { wish, why: text() }),
        6 => Just(Act::Grant),
        1 => Just(Act::Deny { why: text() }),
        3 => (0..4_u32).prop_map(|into| Act::Merge { into }),
        3 => Just(Act::Reopen { why: text() }),
        4 => whistle.prop_map(move |(lead, with)| Act::Whistle { lead, with, why: text() }),
        3 => Just(Act::ReportIn),
        2 => Just(Act::Finish { note: text() }),
        1 => Just(Act::Supervise { why: text() }),
        1 => Just(Act::Called { number: "120".to_owned(), said: text() }),
        1 => Just(Act::Check { item: "awake".parse().expect("a name"), found: Found::Fine }),
        1 => (0..7_u8).prop_map(move |score| Act::Review { score, text: text() }),
    ]
}

/// Brings on what the desk has begun with this incident, or begins something.
pub(crate) fn onward(incident: &Incident, by: &PersonId, act: &Act) -> (PersonId, Act) {
    let named = |name: &str| name.parse::<PersonId>().expect("a name");
    if incident.desk.wish.is_some() {
        // Whoever asked may try, and must not.
        let directs = if by.as_str() == "chen" { "chen" } else { "li" };
        return (named(directs), Act::Grant);
    }
    let Some(whistle) = &incident.desk.whistle else {
        return match act {
            Act::Whistle { .. } => {
                let (lead, with) = (named("gas-company"), vec![named("housing")]);
                (named("chen"), Act::Whistle { lead, with, why: String::new() })
            }
            act => (by.clone(), act.clone()),
        };
    };
    match (whistle.missing(), whistle.at_work(), whistle.lead()) {
        (Some(missing), ..) => (missing.clone(), Act::ReportIn),
        (None, Some(at_work), _) => (at_work.clone(), Act::Finish { note: String::new() }),
        (None, None, Some(lead)) => {
            let (outcome, note) = (Outcome::Repaired, String::new());
            (lead.clone(), Act::Resolve { outcome, note })
        }
        (None, None, None) => (by.clone(), act.clone()),
    }
}

/// Follows what the desk did with an incident.
pub(crate) fn witness(end: &mut End, what: &Happening) {
    match what {
        Happening::Asked { by, wish: Wish::Void, .. } => end.asked = Some(by.clone()),
        Happening::Asked { .. } => end.asked = None,
        Happening::Granted { by, wish: Wish::Void } => {
            assert!(end.asked.as_ref().is_some_and(|asker| asker != by), "P4: by a second person");
            end.voided = true;
        }
        Happening::Merged { into, .. } => end.merged = Some(*into),
        Happening::TakenUp { .. } => {
            *end = End { alarmed: true, ..End::default() };
        }
        _ => {}
    }
}

/// Which of what is counted, if it is.
pub(crate) fn kind(what: &Happening) -> Option<usize> {
    match what {
        Happening::Granted { wish: Wish::Void, .. } => Some(0),
        Happening::Merged { .. } => Some(1),
        Happening::TakenUp { .. } => Some(2),
        Happening::ReportedIn { .. } => Some(3),
        _ => None,
    }
}

/// What the desk closed may be closed.
pub(crate) fn closed(engine: &Engine, incident: &Incident, end: &End, outcome: Outcome) {
    match outcome {
        Outcome::Void => assert!(end.voided, "P4: two people struck it out"),
        Outcome::Merged => {
            let into = end.merged.and_then(|into| engine.incidents().get(&into));
            let into = into.expect("it goes on within another");
            assert!(into.is_open() && incident.level <= into.level, "P6: that is no less");
            assert!(Stage::Alarmed <= into.stage, "P6: of which people have heard");
            assert!(into.needs.verified || !incident.needs.verified, "P4: and which wants no less");
        }
        _ => {}
    }
}

/// P6: what a life may hang on does not wait for anybody to come.
pub(crate) fn must_not_wait(engine: &Engine, incident: &Incident, now: Time) {
    if incident.level < Level::Serious || incident.on_scene.is_some() {
        return;
    }
    assert_eq!(incident.desk.parked, None, "P6: it is not put off");
    let plans = ["urgent", "grid"].map(|name| name.parse().expect("a name"));
    if plans.contains(&incident.plan) && (Stage::Alarmed..=Stage::EnRoute).contains(&incident.stage)
    {
        let due = incident.due.expect("P3");
        assert!(due <= now + Span::minutes(15), "P6: the ladder goes on: {due} after {now}");
    }
    assert!(engine.forgotten().is_empty(), "P3");
}
