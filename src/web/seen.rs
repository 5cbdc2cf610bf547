//! What each device of a home tells, as rows of a page.

use askama::Template;

use crate::domain::observation::Kind;
use crate::domain::{Fact, Incident, Link, Time};
use crate::inbox::Look;

use super::card::{Maker, coarse};
use super::known::{self, Known};
use super::lang::Lang;
use super::told;

/// What each device tells.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if devices.is_empty() %}<p class="hint">{{ lang.say("现在不知道家中的情况", "Nothing is known of the home now") }}</p>{% endif %}
{% for device in devices %}<div class="device {{ device.tone }}"><h3><span class="mark" aria-hidden="true"></span>{{ device.room }} <small>{{ device.id }} · <time>{{ device.heard }}</time></small></h3>
{% if !device.facts.is_empty() %}<ul class="facts">{% for fact in device.facts %}<li class="{{ fact.known.name() }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ fact.what }} <strong>{{ fact.value }}</strong></span><small>{{ fact.word }} · {{ fact.at }}</small></li>{% endfor %}</ul>{% endif %}</div>
{% endfor %}"#
)]
pub(super) struct Devices {
    lang: Lang,
    devices: Vec<Row>,
}

struct Row {
    id: String,
    room: String,
    tone: &'static str,
    heard: String,
    facts: Vec<FactRow>,
}

struct FactRow {
    what: String,
    value: String,
    known: Known,
    word: &'static str,
    at: String,
}

impl Devices {
    /// `open` are the open incidents of the home. Without a look nothing is known.
    pub(super) fn new(maker: &Maker<'_>, look: Option<&Look>, open: &[&Incident]) -> Self {
        let lang = maker.visitor.lang;
        let seen = look.map(|look| (look, known::everything(look, open, maker.now())));
        let rows = |(look, seen): (&Look, Vec<known::Seen<'_>>)| {
            // By room, and rooms in the order of the register.
            let rooms: Vec<String> = seen.iter().map(|s| s.device.room.clone()).collect();
            let mut rows: Vec<Row> = seen.into_iter().map(|s| row(maker, look, &s)).collect();
            rows.sort_by_key(|row| rooms.iter().position(|room| *room == row.room));
            rows
        };
        Self { lang, devices: seen.map(rows).unwrap_or_default() }
    }
}

fn row(maker: &Maker<'_>, look: &Look, seen: &known::Seen<'_>) -> Row {
    let lang = maker.visitor.lang;
    let me = maker.visitor.me.as_ref();
    let shows_vitals = me.is_some_and(|me| look.home.shows_vitals_to(me));
    let ago = |at: Time| told::span(coarse(maker.now() - at), lang);
    let heard = match (seen.heard, seen.is_alive) {
        (None, _) => lang.say("从未收到消息", "never heard of").to_owned(),
        (Some(at), true) => {
            format!("{}{}", lang.say("在线，最近 ", "speaks, last heard "), ago(at))
        }
        (Some(at), false) => format!("{}{}", lang.say("失联 ", "quiet for "), ago(at)),
    };
    let heard = match seen.tested {
        Some(until) => {
            let until = maker.clock(maker.wall(until), &look.home.id);
            format!("{heard} · {}{until}", lang.say("测试中，至 ", "under test until "))
        }
        None => heard,
    };
    let facts = seen.facts.iter();
    let facts = facts.filter(|(fact, _)| shows_vitals || !fact.property.is_vital());
    Row {
        id: seen.device.id.to_string(),
        room: seen.device.room.clone(),
        tone: if seen.link.0 == Link::Online { "well" } else { "unwell" },
        heard,
        facts: facts.map(|(fact, known)| fact_row(maker, look, fact, *known)).collect(),
    }
}

fn fact_row(maker: &Maker<'_>, look: &Look, fact: &Fact, known: Known) -> FactRow {
    let lang = maker.visitor.lang;
    let at =
        if matches!(fact.property.kind(), Kind::Number { .. }) { fact.seen } else { fact.since };
    FactRow {
        what: told::property(fact.property, lang),
        value: told::value(fact.property, fact.value, lang),
        known,
        word: known.word(lang),
        at: maker.clock(maker.wall(at), &look.home.id),
    }
}
