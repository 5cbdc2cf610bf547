//! Who is out, as careloop itself would guess it from doors, motion and beds.

use careloop::domain::presence::Trail;
use careloop::domain::{Customs, Place, Presence, Time};

use crate::homes::{Recording, Sign};

/// Parts of the names of doors that lead outside; the sensors of `kasteren_B` have numbers, and people
/// came and went by 4.
const OUTER: [&str; 4] = ["front", "foyer_door", "entrance", "outer"];

/// When nobody is at home, as guessed.
pub fn guessed(home: &Recording, customs: &Customs) -> Vec<(Time, Time)> {
    let mut presence = Presence::default();
    let mut out: Vec<(Time, Option<Time>)> = Vec::new();
    let watch = |presence: &Presence, out: &mut Vec<(Time, Option<Time>)>, now: Time| {
        let (_, since) = presence.whereabouts();
        let open = out.last_mut().filter(|(_, to)| to.is_none());
        match (presence.is_out(), open) {
            (true, None) => out.push((since, None)),
            (false, Some((_, to))) => *to = Some(now),
            (true, Some(_)) | (false, None) => {}
        }
    };
    for sign in &home.signs {
        while let Some(due) = presence.next(customs).filter(|due| *due < sign.at) {
            presence.pass(customs, true, due);
            watch(&presence, &mut out, due);
        }
        if let Some(trail) = trail(home, sign) {
            presence.note(trail, false, customs, sign.at);
            watch(&presence, &mut out, sign.at);
        }
    }
    while let Some(due) = presence.next(customs).filter(|due| *due <= home.ends()) {
        presence.pass(customs, true, due);
        watch(&presence, &mut out, due);
    }
    out.into_iter().map(|(from, to)| (from, to.unwrap_or(home.ends()))).collect()
}

fn trail(home: &Recording, sign: &Sign) -> Option<Trail> {
    let name = &sign.sensor;
    if is_outer(home, name) {
        return Some(Trail::Door(sign.on));
    }
    if is_bed(name) {
        return Some(Trail::Bed(sign.on));
    }
    let stir = Trail::Stir { place: None::<Place>, sure: false };
    (!is_motion(name) || sign.on).then_some(stir)
}

/// Whether it is a door to the outside.
pub fn is_outer(home: &Recording, sensor: &str) -> bool {
    let name = sensor.to_lowercase();
    OUTER.iter().any(|part| name.contains(part)) || home.name == "kasteren_B" && name == "4"
}

/// Whether somebody lies on it.
pub fn is_bed(sensor: &str) -> bool {
    sensor.to_lowercase().contains("press_bed")
}

/// Whether it sees people move.
pub fn is_motion(sensor: &str) -> bool {
    let name = sensor.to_lowercase();
    name.starts_with("pir") || name.contains("motion")
}
