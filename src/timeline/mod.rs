//! The one text notation for inputs and effects: a story is a test, a replay report, the demo's
//! script and a page of the manual.
//!
//! ```text
//! 02:10  bed-pad: in_bed false
//! 02:20  > night-bed-exit detected: out of bed since 02:10
//! 02:41  night-bed-exit accepted by wang
//! ```
//!
//! Lines without `>` are what happened, lines with `>` what careloop did. Times are hub time on the
//! home's wall clock; one smaller than the line before belongs to the next day, and a line that is
//! a date sets the day. What careloop repeats at an even pace is written as its first and last line,
//! with how often in between: `> fall repeated: tell street (356 more, every 1m)`.

mod read;
mod fold;
mod play;
mod said;
mod people;

use jiff::tz::TimeZone;

use crate::domain::{
    Act, Climb, Entry, Happening, Incident, Input, Observation, PersonId, Report, Role, Said, Span,
    Step, Time, WalkAct, Wish,
};
use crate::engine::Effect;

pub use play::{Stage, play};
pub use read::{Line, Spoken, read_line};

/// `02:10`, with seconds and milliseconds only where there are any.
pub fn clock(at: Time, zone: &TimeZone) -> String {
    let civil = at.civil(zone);
    let short = at.hour_minute(zone);
    let millis = civil.subsec_nanosecond() / 1_000_000;
    match (civil.second(), millis) {
        (0, 0) => short,
        (seconds, 0) => format!("{short}:{seconds:02}"),
        (seconds, millis) => format!("{short}:{seconds:02}.{millis:03}"),
    }
}

/// One effect, as behind `>`.
pub fn effect(effect: &Effect) -> String {
    match effect {
        Effect::Refused { why, .. } => format!("refused: {why}"),
        Effect::Story { key, entry, tell, .. } => {
            let mut line = format!("{key} {}", entry_text(entry));
            if let (Happening::Told { .. }, Some(next)) = (&entry.what, tell.first()) {
                line.push_str(&format!("; now by {}", next.contact.channel));
            }
            line
        }
        Effect::Walked { device, result } => {
            let missing = result.missing();
            let unseen = if missing.is_empty() {
                String::new()
            } else {
                format!(": no {}", missing.join(", "))
            };
            format!("walk {device} {}{unseen}", result.finding.name())
        }
    }
}

/// Whether an effect only repeats the move that caused it, so that a story need not say it twice.
pub const fn is_echo(effect: &Effect) -> bool {
    let Effect::Story { entry, .. } = effect else { return false };
    matches!(
        entry.what,
        Happening::Accepted { .. }
            | Happening::EnRoute { .. }
            | Happening::OnScene { .. }
            | Happening::Resolved { .. }
            | Happening::Verified { .. }
            | Happening::Reworked { .. }
            | Happening::HandedOver { .. }
            | Happening::Returned { .. }
            | Happening::Noted { .. }
            | Happening::Assigned { .. }
            | Happening::Asked { .. }
            | Happening::Granted { .. }
            | Happening::Denied { .. }
            | Happening::Merged { .. }
            | Happening::TakenUp { .. }
            | Happening::Whistled { .. }
            | Happening::ReportedIn { overdue: None, .. }
            | Happening::Finished { .. }
            | Happening::Supervised { by: Some(_), .. }
            | Happening::Called { .. }
            | Happening::Checked { .. }
            | Happening::Reviewed { .. }
    )
}

/// One line of an incident's story, without its time and key.
pub fn entry_text(entry: &Entry) -> String {
    let late = entry.late.map_or(String::new(), |late| format!(" ({late} late)"));
    match &entry.what {
        Happening::Detected { reason, .. } => format!("detected{late}: {}", reason.en()),
        Happening::Reopened { reason } => format!("reopened{late}: {}", reason.en()),
        Happening::Raised { reason, level, tell } => {
            let whom =
                if tell.is_empty() { String::new() } else { format!(": tell {}", roles(tell)) };
            format!("raised, {level}: {}{whom}", reason.en())
        }
        Happening::HeldBack { until } => format!("held back until {until}"),
        Happening::Warned { ask: true } => format!("warned{late}: ask resident"),
        Happening::Warned { ask: false } => format!("warned{late}"),
        Happening::Alarmed { tell } => format!("alarmed{late}: tell {}", roles(tell)),
        Happening::Escalated { why, tell } => {
            format!("escalated{late}, {}: tell {}", climb(why), roles(tell))
        }
        Happening::Repeated { tell } => format!("repeated{late}: tell {}", roles(tell)),
        Happening::Evidence { reason } => format!("again: {}", reason.en()),
        Happening::ConditionOver => "condition over".to_owned(),
        Happening::ConditionBack => "condition back".to_owned(),
        Happening::Told { to, channel, report } => {
            format!("telling {to} by {channel} {}", report_text(report))
        }
        Happening::Cancelled { device } => format!("cancelled by the resident on {device}"),
        Happening::Closed { outcome, accepted_in, on_scene_in } => {
            let said = |what: &str, span: &Option<Span>| {
                span.map_or(String::new(), |span| format!(", {what} in {span}"))
            };
            let accepted = said("accepted", accepted_in);
            format!("closed: {outcome}{accepted}{}", said("on scene", on_scene_in))
        }
        Happening::Accepted { by } => format!("accepted by {by}"),
        Happening::EnRoute { by } => format!("en-route by {by}"),
        Happening::OnScene { by } => format!("on-scene by {by}"),
        Happening::Resolved { by, outcome, note } => {
            format!("resolved {outcome} by {by}{}", words(note))
        }
        Happening::Verified { by } => format!("verified by {by}"),
        Happening::Reworked { by, why } => format!("sent back by {by}{}", words(why)),
        Happening::HandedOver { by, to } => format!("handed over to {to} by {by}"),
        Happening::Returned { by, why } => format!("returned by {by}{}", words(why)),
        Happening::Noted { by, text } => format!("noted by {by}{}", words(text)),
        Happening::Assigned { by, to } => format!("assigned to {to} by {by}"),
        Happening::Joined { by } => format!("joined by {by}"),
        Happening::Asked { by, wish, why } => {
            format!("asked to {} by {by}{}", wish_text(wish), words(why))
        }
        Happening::Granted { by, wish } => format!("granted to {} by {by}", wish_text(wish)),
        Happening::Denied { by, why } => format!("denied by {by}{}", words(why)),
        Happening::Unparked => format!("due again{late}"),
        Happening::Merged { by, into } => format!("merged into {into} by {by}"),
        Happening::TakenUp { by, why } => format!("reopened by {by}{}", words(why)),
        Happening::Whistled { by, lead, with, why } => {
            format!("whistled for {} by {by}{}", departments(lead, with), words(why))
        }
        Happening::ReportedIn { by, overdue } => {
            let overdue = overdue.map_or(String::new(), |span| format!(", {span} too late"));
            format!("reported-in by {by}{overdue}")
        }
        Happening::Finished { by, note } => format!("finished by {by}{}", words(note)),
        Happening::Supervised { by: None, .. } => format!("supervised{late}: open for too long"),
        Happening::Supervised { by: Some(by), why } => {
            format!("supervised by {by}{}", words(why))
        }
        Happening::Called { by, number, said } => format!("called {number} by {by}{}", words(said)),
        Happening::Checked { by, item, found } => format!("checked {item} {found} by {by}"),
        Happening::Reviewed { by, score, text } => {
            format!("reviewed {score} by {by}{}", words(text))
        }
    }
}

/// `extend 4h`, `park 7d`, `void`
fn wish_text(wish: &Wish) -> String {
    match wish {
        Wish::Extend { lasts } => format!("extend {lasts}"),
        Wish::Park { lasts } => format!("park {lasts}"),
        Wish::Void => "void".to_owned(),
    }
}

/// The lead first.
fn departments(lead: &PersonId, with: &[PersonId]) -> String {
    let all: Vec<_> = std::iter::once(lead).chain(with).map(PersonId::as_str).collect();
    all.join(", ")
}

/// One input, as in a story. `incident` finds what a move or delivery is about.
pub fn input<'a>(input: &Input, incident: impl Fn(u32) -> Option<&'a Incident>) -> String {
    let key = |n: u32| incident(n).map_or_else(|| format!("#{n}"), |i| format!("{}#{n}", i.key()));
    match input {
        Input::Tick => "tick".to_owned(),
        Input::Heard { device, observations, retained } => {
            let said: Vec<_> = observations.iter().map(observation).collect();
            let retained = if *retained { " retained" } else { "" };
            format!("{device}{retained}: {}", said.join(", "))
        }
        Input::Move { incident, by, act } => format!("{} {}", key(*incident), act_text(act, by)),
        Input::Delivery { incident, k, report } => {
            format!("{}/{k} {}", key(*incident), report_text(report))
        }
        Input::Clock { offset } if offset.0 < 0 => format!("clock {offset}"),
        Input::Clock { offset } => format!("clock +{offset}"),
        Input::Home { home, rules } => {
            format!("home {} with {} devices, rules {rules}", home.id, home.devices.len())
        }
        Input::Said { by, what } => said_text(what, by),
        Input::Walk { device, by, act: WalkAct::End } => format!("walk {device} ends by {by}"),
        Input::Walk { device, by, act: WalkAct::Begin { steps, lasts } } => {
            let steps: Vec<_> = steps.iter().map(Step::to_string).collect();
            format!("walk {device} begins by {by} for {lasts}: {}", steps.join(", "))
        }
    }
}

fn said_text(what: &Said, by: &PersonId) -> String {
    match what {
        Said::Away { lasts } => format!("home away for {lasts} by {by}"),
        Said::Back => format!("home back by {by}"),
        Said::Silence { rule, lasts, why } => {
            format!("silence {rule} for {lasts} by {by}{}", words(why))
        }
        Said::Speak { rule } => format!("silence {rule} ends by {by}"),
        Said::Report { rule, from, text, code } => {
            let code = code.as_ref().map_or(String::new(), |code| format!(" as {code}"));
            format!("report {rule} from {from}{code} by {by}{}", words(text))
        }
        Said::Visit { why } => format!("visit after {why} by {by}"),
    }
}

fn observation(observation: &Observation) -> String {
    let at = observation.observed_at.map_or(String::new(), |at| format!(" @{at}"));
    let clears = observation.clears_after.map_or(String::new(), |span| format!(" clears {span}"));
    format!("{observation}{at}{clears}")
}

fn act_text(act: &Act, by: &PersonId) -> String {
    match act {
        Act::Accept => format!("accepted by {by}"),
        Act::EnRoute => format!("en-route by {by}"),
        Act::OnScene => format!("on-scene by {by}"),
        Act::Resolve { outcome, note } => format!("resolved {outcome} by {by}{}", words(note)),
        Act::Verify => format!("verified by {by}"),
        Act::Rework { why } => format!("sent back by {by}{}", words(why)),
        Act::HandOver { to } => format!("handed over to {to} by {by}"),
        Act::Return { why } => format!("returned by {by}{}", words(why)),
        Act::Note { text } => format!("noted by {by}{}", words(text)),
        Act::Assign { to } => format!("assigned to {to} by {by}"),
        Act::Ask { wish, why } => format!("asked to {} by {by}{}", wish_text(wish), words(why)),
        Act::Grant => format!("granted by {by}"),
        Act::Deny { why } => format!("denied by {by}{}", words(why)),
        Act::Merge { into } => format!("merged into {into} by {by}"),
        Act::Reopen { why } => format!("reopened by {by}{}", words(why)),
        Act::Whistle { lead, with, why } => {
            format!("whistled for {} by {by}{}", departments(lead, with), words(why))
        }
        Act::ReportIn => format!("reported-in by {by}"),
        Act::Finish { note } => format!("finished by {by}{}", words(note)),
        Act::Supervise { why } => format!("supervised by {by}{}", words(why)),
        Act::Called { number, said } => format!("called {number} by {by}{}", words(said)),
        Act::Check { item, found } => format!("checked {item} {found} by {by}"),
        Act::Review { score, text } => format!("reviewed {score} by {by}{}", words(text)),
    }
}

fn report_text(report: &Report) -> String {
    match report {
        Report::Sent => "sent".to_owned(),
        Report::Delivered => "delivered".to_owned(),
        Report::Seen => "seen".to_owned(),
        Report::Failed { why, last: false } => format!("failed: {why}"),
        Report::Failed { why, last: true } => format!("refused: {why}"),
        Report::Unknown { why } => format!("unknown: {why}"),
    }
}

fn climb(why: &Climb) -> String {
    match why {
        Climb::Unanswered => "nobody answered".to_owned(),
        Climb::Undelivered => "nobody could be told".to_owned(),
        Climb::NobodyHolds => "nobody holds that role".to_owned(),
        Climb::NobodyOnDuty => "nobody of that role is on duty".to_owned(),
        Climb::NotArrived { by } => format!("{by} has not arrived"),
        Climb::NotResolved { by } => format!("{by} has not resolved it"),
        Climb::NotVerified => "nobody verified it".to_owned(),
        Climb::Returned => "it was returned".to_owned(),
        Climb::TooFew => "more people are wanted".to_owned(),
        Climb::NotReported { by } => format!("{by} has not reported in"),
    }
}

fn roles(roles: &[Role]) -> String {
    if roles.is_empty() {
        return "nobody".to_owned();
    }
    let names: Vec<_> = roles.iter().map(|r| r.name()).collect();
    names.join(", ")
}

fn words(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {}", text.replace('\n', " ")) }
}
