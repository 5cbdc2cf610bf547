//! `/homes/{id}`: what is known of one resident now, what is agreed with them, and who comes.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::tz::TimeZone;

use crate::domain::{Consent, Home, Incident, Responder, Silence, Time};
use crate::inbox::Look;
use crate::rule::Kind;
use crate::rule::visit::Visit;
use crate::store::views::{Filter, Shown};
use crate::web::card::{Card, Maker};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::seen::Devices;
use crate::web::{Web, layout, resident};

use super::{home_of, list};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/homes/{id}", get(show))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/homes">← {{ lang.say("住户", "Homes") }}</a></p>
<h1>{{ name }} <small>{{ id }}</small></h1>
{% if let Some(is) = is %}<p class="place">{{ is }}</p>{% endif %}
<p class="health {% if is_well %}well{% else %}unwell{% endif %}"><span class="mark" aria-hidden="true"></span>{{ sensors }}</p>
<section><h2>{{ lang.say("进行中的事件", "Open incidents") }}</h2>
{% if open.is_empty() %}<p class="calm">{{ lang.say("没有进行中的事件", "Nothing is open") }}</p>{% endif %}
<ul class="closed toned">{% for card in open %}<li class="{{ card.level }}"><a href="{{ card.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ card.title }}<small>{{ card.level_word }} · {{ lang.say("自", "since") }} {{ card.since }} · {% if let Some(holder) = card.holder %}{{ holder }}{% else %}{{ lang.say("无人签收", "nobody has it") }}{% endif %}</small></span><span class="outcome">{{ card.stage }}</span></a></li>{% endfor %}</ul></section>
<section><h2>{{ lang.say("现在所知", "What is known now") }}</h2>
{{ devices|safe }}</section>
<section><h2>{{ lang.say("巡访", "Visits") }}</h2><ul class="facts">{% for (what, is) in visits %}<li><span class="what">{{ what }}</span><span>{{ is }}</span></li>{% endfor %}</ul></section>
{% if !silent.is_empty() %}<section><h2>{{ lang.say("已静默的规则", "Silenced") }}</h2><ul class="facts">{% for (what, more) in silent %}<li><span class="what">{{ what }}<br><small>{{ more }}</small></span></li>{% endfor %}</ul></section>
{% endif %}<section><h2>{{ lang.say("本人同意", "What the resident agreed to") }}</h2>
{% if consents.is_empty() %}<p class="hint">{{ lang.say("没有登记任何同意", "Nothing is on record") }}</p>{% endif %}
<ul class="facts">{% for consent in consents %}<li class="{{ consent.tone }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ consent.what }} · {{ consent.is }}<br><small>{{ consent.more }}</small></span></li>{% endfor %}</ul></section>
<section><h2>{{ lang.say("上门人员", "Who comes") }}</h2><ul class="facts">{% for person in people %}<li class="{{ person.tone }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ person.name }}<small> · {{ person.role }}</small></span><span>{{ person.duty }}</span></li>{% endfor %}</ul></section>"#
)]
struct Page {
    lang: Lang,
    id: String,
    name: String,
    /// Where the resident is; only for whom that is.
    is: Option<String>,
    sensors: String,
    is_well: bool,
    open: Vec<Card>,
    devices: Devices,
    visits: Vec<(&'static str, String)>,
    silent: Vec<(String, String)>,
    consents: Vec<Agreed>,
    people: Vec<Comes>,
}

struct Agreed {
    tone: &'static str,
    what: &'static str,
    is: String,
    more: String,
}

struct Comes {
    tone: &'static str,
    name: String,
    role: &'static str,
    duty: String,
}

async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let home = id.ok().and_then(|Path(id)| home_of(&web, &visitor, &id));
    let Some(home) = home else { return layout::not_found(&visitor) };
    let filter = Filter { open: Some(true), home: Some(home.id.clone()), ..Filter::default() };
    let open = match web.read(move |reader| reader.incidents(&filter)).await {
        Ok(open) => open,
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    // Without it the page still tells who comes; it then says that nothing is known.
    let look = web.look(&home.id).await.ok().flatten();
    let page = make(&Maker::new(&web, &visitor), &home, look.as_ref(), &open);
    layout::page(&web, &visitor, StatusCode::OK, &home.name, &page)
}

fn make(maker: &Maker<'_>, home: &Home, look: Option<&Look>, open: &[Shown]) -> Page {
    let lang = maker.visitor.lang;
    let now = look.map_or_else(|| maker.now(), |look| look.at(maker.now()));
    let shows = maker.visitor.me.as_ref().is_some_and(|me| home.shows_whereabouts_to(me));
    let (sensors, is_well) = list::sensors(maker, home, look);
    let incidents: Vec<&Incident> = open.iter().map(|shown| &shown.incident).collect();
    let silent = look.into_iter().flat_map(|look| look.silent(now));
    Page {
        lang,
        id: home.id.to_string(),
        name: home.name.clone(),
        is: look.filter(|_| shows).map(|look| resident::whereabouts(maker, look, now)),
        sensors,
        is_well,
        open: open.iter().map(|shown| maker.card(shown)).collect(),
        devices: Devices::new(maker, look, &incidents),
        visits: visits(maker, home, look),
        silent: silent.map(|silence| self::silent(maker, home, look, silence)).collect(),
        consents: home.consents.iter().map(|consent| agreed(lang, consent)).collect(),
        people: home.responders.iter().map(|person| comes(maker, home, person)).collect(),
    }
}

/// When somebody saw the resident last, and when somebody should again.
fn visits(maker: &Maker<'_>, home: &Home, look: Option<&Look>) -> Vec<(&'static str, String)> {
    let lang = maker.visitor.lang;
    let clock = |wall: Time| maker.clock(wall, &home.id);
    let (Some(tier), Some(look)) = (&home.visits, look) else {
        let why = match home.visits {
            None => lang.say("未约定", "not agreed on"),
            Some(_) => lang.say("不明", "unknown"),
        };
        return vec![(lang.say("定期巡访", "Regular visits"), why.to_owned())];
    };
    let mut all = vec![(lang.say("档次", "How often"), tier.to_string())];
    if let Some(last) = look.rounds.last {
        let remotely = lang.say("（远程监测）", " (by sensors)");
        let how = if look.rounds.was_remote { remotely } else { "" };
        all.push((lang.say("最近一次", "Last"), format!("{}{how}", clock(last))));
        let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
        let due = look.book.rules_of(home).iter().find_map(|rule| {
            let Kind::Visit(Visit::Due(due)) = &rule.kind else { return None };
            (due.tier == *tier).then(|| due.due(last, &home.calendar, &zone))
        });
        let due = due.map_or_else(|| lang.say("不明", "unknown").to_owned(), clock);
        all.push((lang.say("下一次", "Due"), due));
    }
    if 0 < look.rounds.unanswered {
        let what = lang.say("连续无人应答", "Nobody answered, in a row");
        all.push((what, look.rounds.unanswered.to_string()));
    }
    all
}

/// A rule that somebody silenced: by its title, and by whom, until when and why.
fn silent(
    maker: &Maker<'_>,
    home: &Home,
    look: Option<&Look>,
    silence: &Silence,
) -> (String, String) {
    let lang = maker.visitor.lang;
    let rule = look.and_then(|look| look.book.rules.iter().find(|rule| rule.name == silence.rule));
    let title = rule.map(|rule| lang.say(&rule.title.zh, &rule.title.en).to_owned());
    let until = maker.clock(maker.wall(silence.until), &home.id);
    let by = maker.names.of(&silence.by);
    let more = match lang {
        Lang::Zh => format!("至 {until} · {by}：{}", silence.why),
        Lang::En => format!("until {until} · {by}: {}", silence.why),
    };
    (title.unwrap_or_else(|| silence.rule.to_string()), more)
}

fn agreed(lang: Lang, consent: &Consent) -> Agreed {
    let is = match (consent.withdrawn, lang) {
        (None, _) => lang.say("同意", "agreed").to_owned(),
        (Some(day), Lang::Zh) => format!("{day} 撤回"),
        (Some(day), Lang::En) => format!("withdrawn {day}"),
    };
    Agreed {
        tone: if consent.withdrawn.is_none() { "normal" } else { "unknown" },
        what: lang.say(consent.scope.zh(), consent.scope.name()),
        is,
        more: format!("{} · {} · {}", consent.purpose, consent.by, consent.on),
    }
}

fn comes(maker: &Maker<'_>, home: &Home, person: &Responder) -> Comes {
    let lang = maker.visitor.lang;
    let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
    let (wall, by) = (maker.wall(maker.now()), home.reckoning(&zone));
    let is_on = person.rota.is_on(wall, by);
    let until = person.rota.next_change(wall, by).map(|at| maker.clock(at, &home.id));
    let duty = match (is_on, until, lang) {
        (true, None, _) => lang.say("在岗", "on duty").to_owned(),
        (true, Some(until), Lang::Zh) => format!("在岗至 {until}"),
        (true, Some(until), Lang::En) => format!("on duty until {until}"),
        (false, None, _) => lang.say("不在岗", "off duty").to_owned(),
        (false, Some(until), Lang::Zh) => format!("不在岗，{until} 上岗"),
        (false, Some(until), Lang::En) => format!("off duty until {until}"),
    };
    Comes {
        tone: if is_on { "normal" } else { "unknown" },
        name: person.name.clone(),
        role: lang.say(person.role.zh(), person.role.name()),
        duty,
    }
}

/// Where the page of a home is.
pub(super) fn href(home: &Home) -> String {
    format!("/homes/{}", encode(home.id.as_str()))
}
