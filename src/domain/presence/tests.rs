use super::*;

const CUSTOMS: Customs = Customs {
    leaves: Span::minutes(10),
    settles: Span::minutes(1),
    lingers: Span::minutes(2),
    returns: 2,
    returns_within: Span::minutes(5),
    asleep_after: Span::minutes(15),
    visits: Span::hours(1),
    stays: Span::hours(2),
    forgotten_after: Span::hours(36),
};

const OPENS: Trail = Trail::Door(true);
const SHUTS: Trail = Trail::Door(false);

fn at(minute: i64) -> Time {
    Time(0) + Span::minutes(minute)
}

fn stir(place: Place) -> Trail {
    Trail::Stir { place: Some(place), sure: false }
}

/// Notes trails by the minute, letting time pass in between, and says where she is at the end.
fn lived(trails: &[(i64, Trail)], until: i64) -> Presence {
    let mut presence = Presence::default();
    for (minute, trail) in trails {
        while let Some(due) = presence.next(&CUSTOMS).filter(|due| *due < at(*minute)) {
            presence.pass(&CUSTOMS, true, due);
        }
        presence.note(*trail, false, &CUSTOMS, at(*minute));
    }
    while let Some(due) = presence.next(&CUSTOMS).filter(|due| *due <= at(until)) {
        presence.pass(&CUSTOMS, true, due);
    }
    presence
}

#[test]
fn who_goes_out_is_out_since_the_door_and_back_by_the_door() {
    let goes = [(0, stir(Place::Living)), (5, stir(Place::Hall)), (6, SHUTS)];
    assert!(!lived(&goes, 15).is_out());
    assert_eq!(lived(&goes, 16).whereabouts(), (Whereabouts::Out, at(6)));
    let back = [&goes[..], &[(120, SHUTS), (121, stir(Place::Hall))]].concat();
    assert_eq!(lived(&back, 200).whereabouts(), (Whereabouts::Home, at(121)));
}

#[test]
fn who_shuts_the_door_behind_her_and_sits_down_is_at_home() {
    let seconds = |n: i64| at(120) + Span::seconds(n);
    let mut presence = lived(&[(0, stir(Place::Hall)), (1, SHUTS)], 60);
    presence.note(OPENS, false, &CUSTOMS, seconds(0));
    presence.note(stir(Place::Hall), false, &CUSTOMS, seconds(4));
    presence.note(SHUTS, false, &CUSTOMS, seconds(90));
    presence.pass(&CUSTOMS, true, at(150));
    assert_eq!(presence.whereabouts(), (Whereabouts::Home, seconds(4)));
    presence.note(OPENS, false, &CUSTOMS, at(150));
    presence.pass(&CUSTOMS, true, at(160));
    assert_eq!(presence.whereabouts(), (Whereabouts::Out, at(150)), "and out again later");
}

#[test]
fn who_lets_somebody_out_is_still_at_home() {
    let stays = [(0, stir(Place::Hall)), (6, SHUTS), (8, stir(Place::Kitchen))];
    assert_eq!(lived(&stays, 60).whereabouts(), (Whereabouts::Home, at(0)));
    let sleeps = [(0, Trail::Bed(true)), (6, SHUTS)];
    assert!(!lived(&sleeps, 60).is_out(), "somebody else left");
}

#[test]
fn who_is_seen_long_after_the_door_is_at_home() {
    let guest = [(0, stir(Place::Bathroom)), (6, SHUTS)];
    let stays = [&guest[..], &[(12, Trail::Gone)]].concat();
    assert_eq!(lived(&stays, 60).whereabouts(), (Whereabouts::Home, at(0)));
    let goes = [&guest[..], &[(7, Trail::Gone)]].concat();
    assert!(lived(&goes, 60).is_out(), "a radar that is slow to see that she has gone");
}

#[test]
fn a_ghost_brings_nobody_home_and_two_do() {
    let out = [(0, stir(Place::Hall)), (1, SHUTS), (60, stir(Place::Living))];
    assert!(lived(&out, 100).is_out());
    let apart = [&out[..], &[(70, stir(Place::Living)), (80, stir(Place::Living))]].concat();
    assert!(lived(&apart, 100).is_out());
    let two = [&out[..], &[(62, stir(Place::Living))]].concat();
    assert!(!lived(&two, 100).is_out());
    let hand = [&out[..], &[(90, Trail::Stir { place: None, sure: true })]].concat();
    assert!(!lived(&hand, 100).is_out());
}

#[test]
fn who_is_out_for_too_long_is_not_known_to_be_out() {
    let goes = [(0, stir(Place::Hall)), (1, SHUTS)];
    assert!(lived(&goes, 60 * 36).is_out());
    assert_eq!(lived(&goes, 60 * 37).whereabouts().0, Whereabouts::Unknown);
}

#[test]
fn who_comes_to_look_for_her_neither_brings_her_home_nor_takes_her_out() {
    let mut presence = lived(&[(0, stir(Place::Hall)), (1, Trail::Door(false))], 60);
    for (minute, trail) in [(60, OPENS), (61, stir(Place::Hall)), (63, stir(Place::Living))] {
        presence.note(trail, true, &CUSTOMS, at(minute));
    }
    assert_eq!(presence.whereabouts(), (Whereabouts::Out, at(1)));
    let hand = Trail::Stir { place: None, sure: true };
    presence.note(hand, true, &CUSTOMS, at(64));
    presence.note(SHUTS, true, &CUSTOMS, at(70));
    presence.pass(&CUSTOMS, true, at(90));
    assert_eq!(presence.whereabouts(), (Whereabouts::Home, at(64)));
}

#[test]
fn away_ends_by_itself_and_by_whoever_is_there() {
    let mut presence = Presence::default();
    presence.note(stir(Place::Hall), false, &CUSTOMS, at(0));
    presence.go_away("daughter".parse().unwrap(), at(600));
    presence.note(stir(Place::Hall), false, &CUSTOMS, at(10));
    assert!(presence.is_out(), "one sign is a ghost");
    presence.note(stir(Place::Hall), false, &CUSTOMS, at(12));
    assert!(!presence.is_out());
    presence.go_away("daughter".parse().unwrap(), at(600));
    presence.pass(&CUSTOMS, true, at(600));
    assert!(!presence.is_out());
}

#[test]
fn nobody_is_out_where_a_sensor_sees_them_or_none_could() {
    let mut presence = lived(&[(0, stir(Place::Hall)), (1, SHUTS)], 5);
    presence.pass(&CUSTOMS, false, at(11));
    assert!(!presence.is_out());
}
