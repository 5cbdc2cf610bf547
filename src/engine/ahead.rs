//! Whom the ladder tells next, if nobody moves: for those who look at an incident and wonder whether to
//! get up. The ladder itself does not ask here; `tests/engine/duty.rs` holds the two together.

use jiff::tz::TimeZone;

use crate::domain::{Home, Incident, Level, Responder, Role, Span, Stage};

use super::Plan;

/// Those who are told when the deadline comes, of the lowest rung above that has anybody on duty then; and
/// whether they hear it not for the first time. Nobody, where something else comes first: somebody has
/// it, it waits, or a warning may be held back for the digest.
pub fn next_told<'h>(
    plan: &Plan,
    home: &'h Home,
    incident: &Incident,
    offset: Span,
) -> (Vec<&'h Responder>, bool) {
    let none = (Vec::new(), false);
    let Some(due) = incident.due.filter(|_| incident.desk.parked.is_none()) else { return none };
    let is_before = incident.stage < Stage::Alarmed && due == incident.alarm_at;
    if incident.level == Level::Info || !(is_before || incident.stage == Stage::Alarmed) {
        return none;
    }
    let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
    let on_duty = |roles: &[Role]| -> Vec<&'h Responder> {
        let can = |who: &&Responder| {
            let is_on = who.rota.is_on(due + offset, home.reckoning(&zone));
            roles.contains(&who.role) && is_on && !who.contacts.is_empty()
        };
        home.responders.iter().filter(can).collect()
    };
    let first = if is_before { 0 } else { incident.rung + 1 };
    let above = (first..=plan.last()).map(|n| on_duty(&plan.rung(n).tell));
    if let Some(told) = above.into_iter().find(|told| !told.is_empty()) {
        return (told, false);
    }
    // The last rung again; and if it has nobody, everybody else.
    let last = on_duty(&plan.rung(plan.last()).tell);
    (if last.is_empty() { on_duty(Role::ALL) } else { last }, true)
}
