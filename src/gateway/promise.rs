//! What is said to whom: the body and the line of a delivery.

use serde_json::{Value, json};

use crate::domain::{
    DeliveryId, Happening, HomeId, Incident, IncidentId, Language, Level, Reason, Time, Title,
};
use crate::engine::{Engine, Purpose, Tell};
use crate::store::outbox::Promise;

/// The promise that a tell becomes at `wall` time. `what`: what happened to the incident.
pub(super) fn promise(
    engine: &Engine,
    incident: &Incident,
    what: &Happening,
    tell: &Tell,
    wall: Time,
) -> Option<Promise> {
    let home = engine.home()?;
    let id = IncidentId { home: home.id.clone(), n: incident.n };
    let (level, title) = (incident.level, &incident.title);
    let (what_zh, what_en) = purpose(tell.purpose);
    let reader = tell.to.as_ref().and_then(|to| home.responder(to)).map(|r| r.language);
    let mut body = json!({
        "incident": id.to_string(),
        "home": { "id": home.id, "name": home.name },
        "rule": incident.rule,
        "title": title,
        "level": level,
        "stage": incident.stage,
        "reason": { "zh": incident.reason.zh(), "en": incident.reason.en() },
        "since": (incident.since + engine.offset()).to_string(),
        "purpose": tell.purpose,
        "to": { "person": tell.to, "address": tell.contact.to, "language": reader },
    });
    // For lock screens: where and what, no names, no diagnoses, no addresses (china.md §9).
    let told = match tell.purpose {
        Purpose::Digest => {
            let all = in_digest(engine, incident);
            add(&mut body, "digest", all.iter().map(|i| brief(&home.id, i)).collect());
            together(&all)
        }
        Purpose::Raised => {
            let news = news(what).unwrap_or(&incident.reason);
            let news = Title { zh: news.zh(), en: news.en() };
            add(&mut body, "news", json!(news));
            let Title { zh, en } = news;
            Title { zh: format!("{}：{zh}", title.zh), en: format!("{}: {en}", title.en) }
        }
        Purpose::Ask
        | Purpose::Alarm
        | Purpose::Escalation
        | Purpose::Repeat
        | Purpose::Overdue
        | Purpose::HandOver => title.clone(),
    };
    let (since_zh, since_en) = match tell.purpose {
        // Each has its own.
        Purpose::Digest => (String::new(), String::new()),
        Purpose::Ask
        | Purpose::Alarm
        | Purpose::Escalation
        | Purpose::Repeat
        | Purpose::Overdue
        | Purpose::HandOver
        | Purpose::Raised => {
            let since = (incident.since + engine.offset()).hour_minute(engine.zone());
            (format!("{since} 起，"), format!("since {since}, "))
        }
    };
    let zh = format!("{}{what_zh}：{}，{}，{since_zh}编号 {id}", level.zh(), told.zh, home.name);
    let en = format!("{what_en}: {}, {}, {since_en}case {id}", told.en, home.name);
    let line = in_language(reader, zh, &en);
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

/// The line as whoever is told reads it. Of the resident nobody says what they read: both.
fn in_language(reader: Option<Language>, zh: String, en: &str) -> String {
    match reader {
        Some(Language::Zh) => zh,
        Some(Language::En) => en.to_owned(),
        None => format!("{zh} · {en}"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_reads_one_language_is_told_in_it() {
        let line = |reader| in_language(reader, "跌倒".to_owned(), "fall");
        assert_eq!(line(Some(Language::Zh)), "跌倒");
        assert_eq!(line(Some(Language::En)), "fall");
        assert_eq!(line(None), "跌倒 · fall");
    }
}
