//! `/homes`: one line for each home that somebody comes to.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::domain::{Home, Level};
use crate::inbox::Look;
use crate::store::views::{Filter, Shown};
use crate::web::card::Maker;
use crate::web::lang::{Lang, Visitor};
use crate::web::{Web, layout, resident};

/// How many open incidents are read, the worst first.
const OPEN_MAX: u32 = 10_000;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/homes", get(show))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("住户", "Homes") }}</h1>
{% if homes.is_empty() %}<p class="calm">{{ lang.say("您没有负责的住户", "There is no home that you come to") }}</p>{% endif %}
<ul class="closed toned">
{% for home in homes %}<li class="{{ home.tone }}"><a href="{{ home.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ home.name }}<small>{{ home.line }}</small></span><span class="outcome">{{ home.open }}</span></a></li>
{% endfor %}</ul>"#
)]
struct Page {
    lang: Lang,
    homes: Vec<Row>,
}

struct Row {
    name: String,
    href: String,
    /// The level of the worst that is open; else whether everything can be heard.
    tone: &'static str,
    line: String,
    open: String,
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    let (homes, most) = (web.sees(&visitor), Some(OPEN_MAX));
    let filter = Filter { open: Some(true), homes, most, ..Filter::default() };
    let open = match web.read(move |reader| reader.incidents(&filter)).await {
        Ok(open) => open,
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let homes = web.homes_of(&visitor).into_iter().filter(|home| home.is_ordinary());
    let looks = web.look_at(homes.collect()).await;
    let maker = Maker::new(&web, &visitor);
    let row = |(home, look): &(Arc<Home>, Option<Look>)| row(&maker, home, look.as_ref(), &open);
    let page = Page { lang: visitor.lang, homes: looks.iter().map(row).collect() };
    let title = visitor.lang.say("住户", "Homes");
    layout::page(&web, &visitor, StatusCode::OK, title, &page)
}

fn row(maker: &Maker<'_>, home: &Home, look: Option<&Look>, open: &[Shown]) -> Row {
    let lang = maker.visitor.lang;
    let open: Vec<&Shown> = open.iter().filter(|shown| shown.id.home == home.id).collect();
    let (sensors, are_all) = sensors(maker, home, look);
    let shows = maker.visitor.me.as_ref().is_some_and(|me| home.shows_whereabouts_to(me));
    let is = look.filter(|_| shows);
    let is = is.map(|look| resident::whereabouts(maker, look, look.at(maker.now())));
    let worst = open.iter().map(|shown| shown.incident.level).max();
    Row {
        name: home.name.clone(),
        href: super::href(home),
        tone: match worst {
            Some(level) => Level::name(level),
            None if are_all => "well",
            None => "unwell",
        },
        line: is.into_iter().chain([sensors]).collect::<Vec<_>>().join(" · "),
        open: match (open.len(), lang) {
            (0, _) => lang.say("无事件", "nothing open").to_owned(),
            (n, Lang::Zh) => format!("{n} 个事件"),
            (n, Lang::En) => format!("{n} open"),
        },
    }
}

/// How many sensors speak, and whether all do. Unknown is not all (P5).
pub(super) fn sensors(maker: &Maker<'_>, home: &Home, look: Option<&Look>) -> (String, bool) {
    let lang = maker.visitor.lang;
    let Some(look) = look else {
        return (lang.say("传感器状态不明", "sensors: unknown").to_owned(), false);
    };
    let now = look.at(maker.now());
    let all = home.devices.len();
    let alive = home.devices.iter().filter(|d| look.situation.is_alive(d, now)).count();
    let text = match lang {
        Lang::Zh => format!("传感器 {alive}/{all} 在线"),
        Lang::En => format!("{alive} of {all} sensors speak"),
    };
    (text, alive == all)
}
