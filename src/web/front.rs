//! `/`: what is open, the most urgent first; below it what was closed, and whether the hub is well.

use std::cmp::Reverse;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::domain::Home;
use crate::inbox::Look;
use crate::store::views::{Filter, Shown};

use super::ask::Trouble;
use super::card::{Card, Maker};
use super::lang::{Lang, Visitor};
use super::{Web, layout, resident};

/// How many closed ones are shown.
const CLOSED_MAX: u32 = 20;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/", get(front))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("进行中的事件", "Open incidents") }}{% if !open.is_empty() %} <span class="count">{{ open.len() }}</span>{% endif %}</h1>
{% if open.is_empty() %}<p class="calm">{{ lang.say("没有进行中的事件", "Nothing is open") }}</p>{% endif %}
{% for card in open %}<article class="card {{ card.level }}">
<p class="level"><span class="mark" aria-hidden="true"></span>{{ card.level_word }}<span class="stage">{{ card.stage }}</span></p>
<h2><a href="{{ card.href }}">{{ card.title }}</a></h2>
<p class="place">{{ card.place }}</p>
{% if let Some(resident) = card.resident %}<p class="resident">{{ resident }}</p>{% endif %}
<p class="since">{{ lang.say("自", "since") }} {{ card.since }} · <time>{{ card.ago }}</time></p>
<p class="holder">{% if let Some(holder) = card.holder %}{{ lang.say("处理人", "with") }} <strong>{{ holder }}</strong>{% else %}<strong>{{ lang.say("无人签收", "nobody has it") }}</strong>{% endif %}</p>
{% if let Some(next) = card.next %}<p class="next {{ next.light }}">{{ next.what }} <time data-left="{{ next.left }}">{{ next.clock }}</time>{% if !next.late.is_empty() %} · {{ next.late }}{% endif %}</p>{% endif %}
{% if let Some(tap) = card.tap %}<form method="post" action="{{ card.href }}">
<input type="hidden" name="by" value="{{ tap.by }}"><input type="hidden" name="back" value="list">
<button class="main" name="move" value="{{ tap.act }}">{{ tap.word }}</button>
</form>{% else %}<p><a class="button{% if card.look.1 %} main{% endif %}" href="{{ card.href }}">{{ card.look.0 }}</a></p>{% endif %}
</article>
{% endfor %}
<p class="health {% if is_well %}well{% else %}unwell{% endif %}"><span class="mark" aria-hidden="true"></span>{{ health }}</p>
{% if !closed.is_empty() %}<h2 class="part">{{ lang.say("最近结案", "Recently closed") }}</h2>
<ul class="closed">
{% for card in closed %}<li class="{{ card.level }}"><a href="{{ card.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ card.title }}<small>{{ card.place }} · {{ card.since }}</small></span><span class="outcome">{% if let Some(outcome) = card.outcome %}{{ outcome }}{% endif %}</span></a></li>
{% endfor %}</ul>{% endif %}"#
)]
struct Front {
    lang: Lang,
    open: Vec<Card>,
    closed: Vec<Card>,
    health: String,
    is_well: bool,
}

async fn front(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    match make(&web, &visitor).await {
        Ok(main) => {
            let title = visitor.lang.say("事件", "Incidents");
            let title = match main.open.len() {
                0 => title.to_owned(),
                n => format!("({n}) {title}"),
            };
            layout::page(&web, &visitor, StatusCode::OK, &title, &main)
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn make(web: &Web, visitor: &Visitor) -> Result<Front, Trouble> {
    let read = web.read(|reader| {
        let open = reader.incidents(&Filter { open: Some(true), ..Filter::default() })?;
        let most = Some(CLOSED_MAX);
        let closed = reader.incidents(&Filter { open: Some(false), most, ..Filter::default() })?;
        Ok((open, closed))
    });
    let (mut open, closed) = read.await?;
    // Among those of one level, first those that nobody has.
    open.sort_by_key(|s| (Reverse(s.incident.level), s.incident.accepted.is_some()));
    let looks = web.look_everywhere().await;
    let (health, is_well) = health(web, &looks, visitor.lang);
    let maker = Maker::new(web, visitor);
    let in_its_home = |shown: &Shown| {
        let look = looks.iter().find(|(home, _)| home.id == shown.id.home);
        let look = look.and_then(|(_, look)| look.as_ref());
        Card { resident: look.map(|look| resident::line(&maker, look)), ..maker.card(shown) }
    };
    Ok(Front {
        lang: visitor.lang,
        open: open.iter().map(in_its_home).collect(),
        closed: closed.iter().map(|shown| maker.card(shown)).collect(),
        health,
        is_well,
    })
}

/// One line: how many sensors speak, and whether the hub is ready.
fn health(web: &Web, looks: &[(Arc<Home>, Option<Look>)], lang: Lang) -> (String, bool) {
    let now = web.site.clock.now();
    let (mut all, mut alive, mut tested) = (0_usize, 0_usize, 0_usize);
    let mut is_known = true;
    for (home, look) in looks {
        all += home.devices.len();
        let Some(look) = look else {
            is_known = false;
            continue;
        };
        let now = now.max(look.now);
        alive += home.devices.iter().filter(|d| look.situation.is_alive(d, now)).count();
        tested += home.devices.iter().filter(|d| look.situation.is_under_test(&d.id)).count();
    }
    let is_ready = web.site.health.is_ready();
    let hub = if is_ready {
        lang.say("网关正常", "hub ready")
    } else {
        lang.say("网关未就绪", "hub not ready")
    };
    let sensors = match (is_known, lang) {
        (false, _) => lang.say("传感器状态不明", "sensors: unknown").to_owned(),
        (true, Lang::Zh) => format!("传感器 {alive}/{all} 在线"),
        (true, Lang::En) => format!("{alive} of {all} sensors speak"),
    };
    let sensors = match (tested, lang) {
        (0, _) => sensors,
        (_, Lang::Zh) => format!("{sensors} · {tested} 个测试中"),
        (_, Lang::En) => format!("{sensors} · {tested} under test"),
    };
    (format!("{sensors} · {hub}"), is_known && is_ready && alive == all)
}
