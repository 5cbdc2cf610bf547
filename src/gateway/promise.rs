//! What is said to whom: the body and the line of a delivery.

use serde_json::{Value, json};

use crate::domain::{
    DeliveryId, Happening, HomeId, Incident, IncidentId, Level, Reason, Time, Title,
};
use crate::engine::{Engine, Purpose, Tell};
use crate::store::outbox::Promise;
use crate::wording::{Filling, Wording};

/// The promise that a tell becomes at `wall` time. `what`: what happened to the incident.
pub(super) fn promise(
    wording: &Wording,
    engine: &Engine,
    incident: &Incident,
    what: &Happening,
    tell: &Tell,
    wall: Time,
) -> Option<Promise> {
    let home = engine.home()?;
    let id = IncidentId { home: home.id.clone(), n: incident.n };
    let (level, title) = (incident.level, &incident.title);
    let weight = incident.group.weight(level);
    // The resident, of whom nobody says what they read, is told in both.
    let reader = tell.to.as_ref().and_then(|to| home.responder(to)).map(|r| r.language);
    let mut body = json!({
        "incident": id.to_string(),
        "home": { "id": home.id, "name": home.name },
        "rule": incident.rule,
        "title": title,
        "level": level,
        "group": incident.group,
        "stage": incident.stage,
        "reason": { "zh": incident.reason.zh(), "en": incident.reason.en() },
        "since": (incident.since + engine.offset()).to_string(),
        "since_local": local(incident.since + engine.offset(), engine),
        "purpose": tell.purpose,
        "to": { "person": tell.to, "address": tell.contact.to, "language": reader },
    });
    let told = match tell.purpose {
        Purpose::Digest => {
            let all = in_digest(engine, incident);
            add(&mut body, "digest", all.iter().map(|i| brief(&home.id, i)).collect());
            &together(&all)
        }
        Purpose::Raised => {
            let news = news(what).unwrap_or(&incident.reason);
            add(&mut body, "news", json!({ "zh": news.zh(), "en": news.en() }));
            title
        }
        Purpose::Ask
        | Purpose::Alarm
        | Purpose::Escalation
        | Purpose::Repeat
        | Purpose::Overdue
        | Purpose::HandOver
        | Purpose::Asked
        | Purpose::Decided
        | Purpose::Whistle => title,
    };
    // What leaves the house on lock screens says what and which: no names, no reasons, no addresses.
    let filling = Filling {
        group: incident.group,
        level,
        what: told,
        case: &id.to_string(),
        since: &(incident.since + engine.offset()).hour_minute(engine.zone()),
        minutes: minutes(incident, tell.purpose, wall - engine.offset()),
    };
    add(&mut body, "heading", wording.heading(reader, &filling).into());
    if let Some(reply) = wording.reply(reader, tell.purpose, &filling) {
        add(&mut body, "reply", reply.into());
    }
    Some(Promise {
        line: wording.line(reader, tell.purpose, &filling),
        id: DeliveryId { incident: id, k: tell.k },
        level: Level::ALL.iter().position(|l| *l == weight).and_then(|l| i64::try_from(l).ok())?,
        person: tell.to.clone(),
        contact: tell.contact.clone(),
        purpose: tell.purpose,
        body,
        at: wall,
        attempts: 0,
        begun: false,
    })
}

/// On the home's clock: `2026-01-31 02:10`.
fn local(wall: Time, engine: &Engine) -> String {
    wall.civil(engine.zone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// For whoever is asked: how long until others are told. For others: how long it has been an alarm.
fn minutes(incident: &Incident, purpose: Purpose, now: Time) -> i64 {
    const MINUTE: i64 = 60_000;
    match purpose {
        Purpose::Ask => ((incident.alarm_at - now).0 + MINUTE - 1).div_euclid(MINUTE).max(1),
        Purpose::Alarm
        | Purpose::Escalation
        | Purpose::Repeat
        | Purpose::Overdue
        | Purpose::HandOver
        | Purpose::Raised
        | Purpose::Digest
        | Purpose::Asked
        | Purpose::Decided
        | Purpose::Whistle => {
            let from = incident.alarmed.unwrap_or(incident.since);
            (now - from).0.div_euclid(MINUTE).max(0)
        }
    }
}

/// The further sign, which is not what the incident began with.
const fn news(what: &Happening) -> Option<&Reason> {
    if let Happening::Raised { reason, .. } = what { Some(reason) } else { None }
}

/// The warnings that are told together, the one that the message is of among them.
fn in_digest<'e>(engine: &'e Engine, incident: &'e Incident) -> Vec<&'e Incident> {
    let mut all: Vec<&Incident> = engine.in_digest().collect();
    if all.iter().all(|i| i.n != incident.n) {
        all.push(incident);
    }
    all.sort_by_key(|i| i.n);
    all
}

fn brief(home: &HomeId, incident: &Incident) -> Value {
    json!({
        "incident": IncidentId { home: home.clone(), n: incident.n }.to_string(),
        "rule": incident.rule,
        "device": incident.device,
        "title": incident.title,
        "reason": { "zh": incident.reason.zh(), "en": incident.reason.en() },
    })
}

/// What they are called, each once.
fn together(all: &[&Incident]) -> Title {
    let mut titles: Vec<(&Title, usize)> = Vec::new();
    for incident in all {
        match titles.iter_mut().find(|(title, _)| **title == incident.title) {
            Some((_, times)) => *times += 1,
            None => titles.push((&incident.title, 1)),
        }
    }
    let list = |of: fn(&Title) -> &str, between: &str| {
        let one = |(title, times): &(&Title, usize)| match times {
            1 => of(title).to_owned(),
            times => format!("{} ×{times}", of(title)),
        };
        titles.iter().map(one).collect::<Vec<_>>().join(between)
    };
    Title { zh: list(|t| &t.zh, "、"), en: list(|t| &t.en, ", ") }
}

fn add(body: &mut Value, key: &str, value: Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}
