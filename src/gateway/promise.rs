//! What is said to whom: the body and the line of a delivery.

use serde_json::json;

use crate::domain::{DeliveryId, Incident, IncidentId, Level, Time};
use crate::engine::{Engine, Purpose, Tell};
use crate::store::outbox::Promise;

/// The promise that a tell becomes at `wall` time.
pub(super) fn promise(
    engine: &Engine,
    incident: &Incident,
    tell: &Tell,
    wall: Time,
) -> Option<Promise> {
    let home = engine.home()?;
    let id = IncidentId { home: home.id.clone(), n: incident.n };
    let since = (incident.since + engine.offset()).hour_minute(engine.zone());
    let (level, title) = (incident.level, &incident.title);
    let (what_zh, what_en) = purpose(tell.purpose);
    let body = json!({
        "incident": id.to_string(),
        "home": { "id": home.id, "name": home.name },
        "rule": incident.rule,
        "title": title,
        "level": level,
        "stage": incident.stage,
        "reason": { "zh": incident.reason.zh(), "en": incident.reason.en() },
        "since": (incident.since + engine.offset()).to_string(),
        "purpose": tell.purpose,
        "to": { "person": tell.to, "address": tell.contact.to },
    });
    // For lock screens: where and what, no names, no diagnoses, no addresses (china.md §9).
    let line = format!(
        "{}{what_zh}：{}，{}，{since} 起，编号 {id} · {what_en}: {}, {}, since {since}, case {id}",
        level.zh(),
        title.zh,
        home.name,
        title.en,
        home.name,
    );
    Some(Promise {
        id: DeliveryId { incident: id, k: tell.k },
        level: Level::ALL.iter().position(|l| *l == level).and_then(|l| i64::try_from(l).ok())?,
        person: tell.to.clone(),
        contact: tell.contact.clone(),
        purpose: tell.purpose,
        body,
        line,
        at: wall,
        attempts: 0,
    })
}

const fn purpose(purpose: Purpose) -> (&'static str, &'static str) {
    match purpose {
        Purpose::Ask => {
            ("询问，您还好吗？没事请按一下按钮", "are you all right? If so, press the button")
        }
        Purpose::Alarm => ("报警，请签收并上门", "alarm, please accept and go"),
        Purpose::Escalation => ("报警无人签收，转您处理", "nobody accepted, now yours"),
        Purpose::Repeat => ("报警仍无人签收", "still nobody accepted"),
        Purpose::Overdue => ("处置超时，请跟进", "overdue, please follow up"),
        Purpose::HandOver => ("移交给您", "handed over to you"),
        Purpose::Raised => ("情况加重，请尽快处理", "it has got worse, please act now"),
        Purpose::Digest => ("今日提示汇总", "today's notices together"),
    }
}
