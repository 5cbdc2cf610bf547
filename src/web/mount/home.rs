//! `/mount/{home}`: what hangs where, how it is, what was tried out, and what is missing. It prints as the
//! commissioning report.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::device::commissioning::{Commissioning, Mounted};
use crate::device::coverage::{Covered, Wish};
use crate::domain::{Finding, Title};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::{Web, layout};

use super::home_of;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/mount/{home}", get(show))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/mount">← {{ lang.say("安装与检测", "Mounting") }}</a></p>
<h1>{{ name }} <small>{{ id }}</small></h1>
<p class="{% if is_done %}well{% else %}unwell{% endif %} health"><span class="mark" aria-hidden="true"></span>{{ verdict }}</p>
{% if !rooms.is_empty() %}<section><h2>{{ lang.say("覆盖：各房间有什么、缺什么", "Coverage: what each room has and lacks") }}</h2>
<div class="rooms">{% for (room, wishes) in rooms %}<article class="card"><h3>{{ room }}</h3><ul class="closed">
{% for wish in wishes %}<li class="{{ wish.tone }}"><p><span class="mark" aria-hidden="true"></span><span class="what">{{ wish.what }}{% for by in wish.by %}<small>{{ by }}</small>{% endfor %}</span><span class="outcome">{{ wish.word }}</span></p></li>
{% endfor %}</ul></article>{% endfor %}</div>
<details id="sources"><summary>{{ lang.say("建议的来源", "Where these wishes come from") }}</summary><ul class="facts">
{% for (what, source) in sources %}<li><span class="what">{{ what }}<small> {{ source }}</small></span></li>{% endfor %}</ul></details></section>{% endif %}
<section><h2>{{ lang.say("设备", "Devices") }}</h2><ul class="closed">
{% for device in devices %}<li class="{{ device.tone }}"><a href="{{ device.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ device.room }} · {{ device.id }}<small>{{ device.model }}<br>{{ device.state }}</small></span><span class="outcome">{{ device.test }}</span></a>
{% for mind in device.minds %}<p class="hint">{{ mind }}</p>{% endfor %}</li>
{% endfor %}</ul></section>"#
)]
struct Page {
    lang: Lang,
    id: String,
    name: String,
    is_done: bool,
    verdict: String,
    rooms: Vec<(String, Vec<WishRow>)>,
    sources: Vec<(String, String)>,
    devices: Vec<Row>,
}

/// Something that a room should have.
struct WishRow {
    tone: &'static str,
    what: String,
    by: Vec<String>,
    word: &'static str,
}

struct Row {
    id: String,
    room: String,
    model: String,
    href: String,
    tone: &'static str,
    state: String,
    test: &'static str,
    minds: Vec<String>,
}

async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    home: Result<Path<String>, PathRejection>,
) -> Response {
    let home = home.ok().and_then(|Path(id)| home_of(&web, &visitor, &id));
    let Some(home) = home else { return layout::not_found(&visitor) };
    let report = match web.look(&home.id).await {
        Ok(Some(look)) => web.commissioning(&look).await,
        Ok(None) => return layout::not_found(&visitor),
        Err(trouble) => Err(trouble),
    };
    match report {
        Ok(report) => {
            let page = page(visitor.lang, &report);
            let title = page.name.clone();
            layout::page(&web, &visitor, StatusCode::OK, &title, &page)
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

fn page(lang: Lang, report: &Commissioning) -> Page {
    let open = report.untested.len() + report.overdue.len();
    let silent = report.devices.iter().filter(|d| d.state != "online").count();
    let missing = report.gaps.len();
    let is_done = open + silent + missing == 0;
    let verdict = match (is_done, lang) {
        (true, _) => {
            lang.say("全部检测通过，没有缺项", "All tried out, nothing missing").to_owned()
        }
        (false, Lang::Zh) => format!("待检测 {open} · 不在线 {silent} · 缺 {missing} 项"),
        (false, Lang::En) => format!("{open} to try out · {silent} not online · {missing} missing"),
    };
    let rooms = report.rooms.iter().filter(|room| !room.wishes.is_empty());
    let all = report.rooms.iter().flat_map(|room| &room.wishes);
    let source = |wish: &Wish| (say(lang, &wish.title), wish.source.clone());
    let mut sources: Vec<_> = all.map(source).collect();
    sources.dedup();
    Page {
        lang,
        id: report.home.clone(),
        name: report.name.clone(),
        is_done,
        verdict,
        rooms: rooms.map(|room| covered(lang, report, room)).collect(),
        sources,
        devices: report.devices.iter().map(|device| row(lang, &report.home, device)).collect(),
    }
}

fn say(lang: Lang, title: &Title) -> String {
    lang.say(&title.zh, &title.en).to_owned()
}

/// What is there counts once it was tried out and speaks.
fn covered(lang: Lang, report: &Commissioning, room: &Covered) -> (String, Vec<WishRow>) {
    let whole = || lang.say("全屋", "anywhere in the home").to_owned();
    let wish = |wish: &Wish| {
        let by: Vec<&Mounted> = wish.by.iter().filter_map(|at| report.devices.get(*at)).collect();
        let (tone, word) = match () {
            () if by.is_empty() && wish.when.is_some() => ("", lang.say("没有", "none")),
            () if by.is_empty() => ("unwell", lang.say("缺", "missing")),
            () if by.iter().any(|device| counts(device)) => ("well", lang.say("有", "there")),
            () => ("unwell", lang.say("待验证", "unproven")),
        };
        let when = wish.when.as_ref().map(|when| format!(" ({})", say(lang, when)));
        let what = say(lang, &wish.title) + &when.unwrap_or_default();
        WishRow { tone, what, word, by: by.iter().map(|device| device.id.to_string()).collect() }
    };
    let name = room.room.as_ref().map_or_else(whole, |room| say(lang, room));
    (name, room.wishes.iter().map(wish).collect())
}

/// Whether somebody saw that it works, and it can be heard.
fn counts(device: &Mounted) -> bool {
    let finding = device.test.as_ref().map(|test| test.finding);
    device.state == "online" && finding == Some(Finding::Passed)
}

fn row(lang: Lang, home: &str, device: &Mounted) -> Row {
    let finding = device.test.as_ref().map(|test| test.finding);
    let state = match device.state {
        "online" => lang.say("在线", "online"),
        "offline" => lang.say("失联", "offline"),
        _ => lang.say("状态不明", "nobody can tell"),
    };
    let battery = device.battery.map(|left| format!("{} {left} %", lang.say("电量", "battery")));
    let signal = device.signal.map(|dbm| format!("{} {dbm} dBm", lang.say("信号", "signal")));
    let parts = std::iter::once(state.to_owned()).chain(battery).chain(signal);
    Row {
        id: device.id.to_string(),
        room: device.room.clone(),
        model: device.model.clone(),
        href: format!("/mount/{}/{}", encode(home), encode(device.id.as_str())),
        tone: if counts(device) { "well" } else { "unwell" },
        state: parts.collect::<Vec<_>>().join(" · "),
        test: match finding {
            None => lang.say("未检测", "not tried out"),
            Some(finding) => lang.say(finding.zh(), finding.name()),
        },
        minds: device.limits.iter().map(|mind| lang.say(&mind.zh, &mind.en).to_owned()).collect(),
    }
}
