//! `/homes/{id}`: what is known of one resident now, what is agreed with them, and who comes.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::{Home, Incident, Metric, Responder, Span, Time, visits_zh};
use crate::inbox::Look;
use crate::report::Series;
use crate::rule::Kind;
use crate::rule::visit::Visit;
use crate::store::views::Shown;
use crate::web::card::{Card, Maker};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::rules::OffRules;
use crate::web::seen::Devices;
use crate::web::{Web, layout, resident};

use super::axis::{Axis, Mark};
use super::chart::{Chart, Pen};
use super::consents::Agreed;
use super::day::{Dates, Drawn};
use super::past::{Asked, Past, Reach};
use super::{home_of, list, say};

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
{% if let Some(day) = day %}{{ day|safe }}{% endif %}
<section id="charts"><h2>{{ lang.say("测量", "What was measured") }}</h2>
<nav class="chips">{% for (href, word, is_on) in reaches %}<a href="{{ href }}"{% if is_on %} aria-current="page"{% endif %}>{{ word }}</a>{% endfor %}</nav>
{% for hint in hints %}<p class="hint">{{ hint }}</p>{% endfor %}
{% for chart in charts %}{{ chart|safe }}{% endfor %}
{% if !charts.is_empty() && !marks.is_empty() %}<h3>▼ {{ lang.say("图中的事件", "Incidents in the charts") }}</h3><ul class="closed toned">{% for mark in marks %}<li class="{{ mark.tone }}"><a href="{{ mark.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ mark.title }}</span><span class="outcome">{{ mark.at }}</span></a></li>{% endfor %}</ul>{% endif %}</section>
<section><h2>{{ lang.say("巡访", "Visits") }}</h2><ul class="facts">{% for (what, is) in visits %}<li><span class="what">{{ what }}</span><span>{{ is }}</span></li>{% endfor %}</ul></section>
{{ off|safe }}
{% if !silent.is_empty() %}<section><h2>{{ lang.say("已静默的规则", "Silenced") }}</h2><ul class="facts">{% for (what, more) in silent %}<li><span class="what">{{ what }}<br><small>{{ more }}</small></span></li>{% endfor %}</ul></section>
{% endif %}<p><a class="button" href="{{ href }}/say">{{ lang.say("外出、回家、静默规则", "Away, back, quiet rules") }}</a></p>
<section><h2>{{ lang.say("本人同意", "What the resident agreed to") }}</h2>
{% if consents.is_empty() %}<p class="hint">{{ lang.say("没有登记任何同意", "Nothing is on record") }}</p>{% endif %}
<ul class="facts">{% for consent in consents %}<li class="{{ consent.tone }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ consent.what }} · {{ consent.is }}<br><small>{{ consent.more }}</small></span></li>{% endfor %}</ul>
{% if directs %}<p><a class="button" href="{{ href }}/consents">{{ lang.say("登记或撤回同意", "Write down a consent, or that one is withdrawn") }}</a></p>{% endif %}</section>
<section><h2>{{ lang.say("上门人员", "Who comes") }}</h2><ul class="facts">{% for person in people %}<li class="{{ person.tone }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ person.name }}<small> · {{ person.role }}</small></span><span>{{ person.duty }}</span></li>{% endfor %}</ul></section>
{% if let Some(href) = rules %}<p><a class="button" href="{{ href }}">{{ lang.say("只为此户改动规则", "Rules that are to be otherwise for this home") }}</a></p>{% endif %}"#
)]
struct Page {
    lang: Lang,
    href: String,
    /// Whether whoever looks writes down what the resident agrees to.
    directs: bool,
    id: String,
    name: String,
    /// Where the resident is; only for whom that is.
    is: Option<String>,
    sensors: String,
    is_well: bool,
    open: Vec<Card>,
    devices: Devices,
    day: Option<Drawn>,
    reaches: Vec<(String, &'static str, bool)>,
    hints: Vec<String>,
    charts: Vec<Chart>,
    marks: Vec<Mark>,
    visits: Vec<(&'static str, String)>,
    off: OffRules,
    silent: Vec<(String, String)>,
    consents: Vec<Agreed>,
    people: Vec<Comes>,
    /// Where those who direct make a rule otherwise for this home.
    rules: Option<String>,
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
    uri: Uri,
) -> Response {
    let home = id.ok().and_then(|Path(id)| home_of(&web, &visitor, &id));
    let Some(home) = home else { return layout::not_found(&visitor) };
    // Without it the page still tells who comes; it then says that nothing is known.
    let look = web.look(&home.id).await.ok().flatten();
    let maker = Maker::new(&web, &visitor);
    let asked = Asked::read(&maker, &home, &uri);
    let customs = look.as_ref().and_then(|look| look.book.customs);
    let past = match asked.past(&web, Arc::clone(&home), customs).await {
        Ok(past) => past,
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let page = make(&maker, &home, look.as_ref(), asked, past);
    layout::page(&web, &visitor, StatusCode::OK, &home.name, &page)
}

fn make(maker: &Maker<'_>, home: &Home, look: Option<&Look>, asked: Asked, mut past: Past) -> Page {
    let lang = maker.visitor.lang;
    let now = look.map_or_else(|| maker.now(), |look| look.at(maker.now()));
    let me = maker.visitor.me.as_ref();
    let shows = me.is_some_and(|me| home.shows_whereabouts_to(me));
    let hints = hints(maker, home, asked, &mut past);
    let (sensors, is_well) = list::sensors(maker, home, look);
    let open: Vec<&Shown> = past.incidents.iter().filter(|s| s.incident.is_open()).collect();
    let incidents: Vec<&Incident> = open.iter().map(|shown| &shown.incident).collect();
    let silent = look.into_iter().flat_map(|look| look.silent(now));
    let (pieces, hours) = asked.reach.pieces();
    let axis = Axis::new(home, asked.charts, pieces, hours);
    let marks = axis.marks(maker, &past.incidents);
    let directs = me.and_then(|me| home.responder(me)).is_some_and(|me| me.role.directs());
    let book = look.map(|look| &*look.book);
    Page {
        lang,
        off: OffRules::new((lang, &maker.names), book, std::iter::once(home), directs),
        href: super::href(home),
        directs: directs && !home.is_post,
        id: home.id.to_string(),
        name: home.name.clone(),
        is: look.filter(|_| shows).map(|look| resident::whereabouts(maker, look, now)),
        sensors,
        is_well,
        open: open.iter().map(|shown| maker.card(shown)).collect(),
        devices: Devices::new(maker, look, &incidents),
        day: shows.then(|| Drawn::new(maker, home, &past.day, dates(asked), &past.incidents)),
        reaches: reaches(lang, asked),
        hints,
        charts: charts(&Pen { maker, home, axis: &axis, marks: &marks }, look, &past.series),
        marks,
        visits: visits(maker, home, look),
        silent: silent.map(|silence| say::quiet(maker, home, look, silence)).collect(),
        consents: home.consents.iter().map(|consent| Agreed::new(lang, consent)).collect(),
        people: home.responders.iter().map(|person| comes(maker, home, person)).collect(),
        rules: me.and_then(|me| home.responder(me)).filter(|_| home.is_ordinary()).and_then(|me| {
            me.role.directs().then(|| format!("/rules?home={}", encode(home.id.as_str())))
        }),
    }
}

/// What is not in the charts, and why; from now on it is not there either.
fn hints(maker: &Maker<'_>, home: &Home, asked: Asked, past: &mut Past) -> Vec<String> {
    let lang = maker.visitor.lang;
    let mut hints = Vec::new();
    if maker.visitor.me.as_ref().is_none_or(|me| !home.shows_vitals_to(me)) {
        past.without_vitals();
        let zh = "体征不向您显示：未登记“与家属共享”的同意，或您不是此户人员";
        let en = "Vital signs are not shown to you: there is no consent to family sharing, or you do not come here";
        hints.push(lang.say(zh, en).to_owned());
    } else if !past.has_vitals() {
        let none = lang.say("这段时间没有测量体征", "No vital sign was measured in this time");
        hints.push(none.to_owned());
    }
    if let Some(begins) = past.begins.filter(|begins| asked.charts.0 + Span::hours(1) < *begins) {
        let at = maker.clock(maker.wall(begins), &home.id);
        hints.push(match lang {
            Lang::Zh => format!("记录从 {at} 开始"),
            Lang::En => format!("On record from {at}"),
        });
    }
    hints
}

fn reaches(lang: Lang, asked: Asked) -> Vec<(String, &'static str, bool)> {
    let one =
        |reach: Reach| (asked.href(reach, asked.date), reach.word(lang), reach == asked.reach);
    Reach::ALL.map(one).to_vec()
}

/// The day that is shown, and its neighbours; of tomorrow nothing is known.
fn dates(asked: Asked) -> Dates {
    let to = |date: Date| (date.to_string(), format!("{}#day", asked.href(asked.reach, date)));
    let before = asked.date.yesterday().unwrap_or(asked.date);
    let after = asked.date.tomorrow().ok().filter(|next| *next <= asked.today);
    Dates { date: asked.date.to_string(), before: to(before), after: after.map(to) }
}

fn charts(pen: &Pen<'_>, look: Option<&Look>, all: &[Series]) -> Vec<Chart> {
    let usual = |series: &Series| {
        let metric = Metric::of(series.property)?;
        look?.habits.iter().find(|habit| habit.metric == metric)?.usual.as_ref()
    };
    all.iter().filter_map(|series| Chart::new(pen, series, usual(series))).collect()
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
    let mut all = vec![(
        lang.say("档次", "How often"),
        lang.say(visits_zh(tier.as_str()), tier.as_str()).to_owned(),
    )];
    if let Some(last) = look.rounds.last {
        let remotely = lang.say("（远程监测）", " (by sensors)");
        let how = if look.rounds.was_remote { remotely } else { "" };
        all.push((
            lang.say("最近一次，或约定之时", "Last, or agreed on"),
            format!("{}{how}", clock(last)),
        ));
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
