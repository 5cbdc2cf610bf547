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
use crate::domain::Finding;
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
{% if !gaps.is_empty() %}<section><h2>{{ lang.say("还缺什么", "What is missing") }}</h2><ul class="facts">
{% for (what, source) in gaps %}<li><span class="what">{{ what }}<small> {{ source }}</small></span></li>{% endfor %}</ul></section>{% endif %}
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
    gaps: Vec<(String, String)>,
    devices: Vec<Row>,
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
    let gap = |gap: &crate::device::coverage::Gap| {
        (lang.say(&gap.text.zh, &gap.text.en).to_owned(), gap.source.clone())
    };
    Page {
        lang,
        id: report.home.clone(),
        name: report.name.clone(),
        is_done,
        verdict,
        gaps: report.gaps.iter().map(gap).collect(),
        devices: report.devices.iter().map(|device| row(lang, &report.home, device)).collect(),
    }
}

fn row(lang: Lang, home: &str, device: &Mounted) -> Row {
    let finding = device.test.as_ref().map(|test| test.finding);
    let (is_online, is_passed) = (device.state == "online", finding == Some(Finding::Passed));
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
        tone: if is_online && is_passed { "well" } else { "unwell" },
        state: parts.collect::<Vec<_>>().join(" · "),
        test: match finding {
            None => lang.say("未检测", "not tried out"),
            Some(finding) => lang.say(finding.zh(), finding.name()),
        },
        minds: device.limits.iter().map(|mind| lang.say(&mind.zh, &mind.en).to_owned()).collect(),
    }
}
