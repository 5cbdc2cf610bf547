//! `/wall`: what is open, for a screen on the wall of the duty room: to be read from four metres, touched by nobody.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::domain::{Light, Stage};
use crate::store::views::Shown;

use super::ask::Trouble;
use super::card::{Card, Maker};
use super::lang::{Lang, Visitor};
use super::layout::Frame;
use super::sieve::Part;
use super::status::Pulse;
use super::{Web, front, layout};

/// So many fit on the screen, large enough.
const TILES_MAX: usize = 8;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/wall", get(wall))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1 class="asof"><span class="fresh">{{ lang.say("截至", "As of") }} {{ made }}</span><span class="gone">{{ lang.say("未连接，自", "NOT CONNECTED since") }} {{ made }}</span></h1>
<ul class="numbers">
{% for number in numbers %}<li class="{{ number.tone }}"><strong><span class="mark" aria-hidden="true"></span>{{ number.value }}</strong> {{ number.word }}</li>
{% endfor %}</ul>
<div class="tiles">
{% for card in tiles %}<article class="tile {{ card.level }}"{% if card.calls %} data-calls{% endif %}>
<p class="level"><span class="mark" aria-hidden="true"></span>{{ card.level_word }}</p>
<h2>{{ card.title }}</h2>
<p class="stage">{{ card.stage }}</p>
<p class="place">{{ card.place }}<small> {{ lang.say("自", "since") }} {{ card.since }}</small></p>
<p class="holder">{% if let Some(holder) = card.holder %}{{ holder }}{% else %}<strong>{{ lang.say("无人签收", "nobody has it") }}</strong>{% endif %}</p>
{% if let Some(next) = card.next %}<p class="next {{ next.light }}">{{ next.what }} <time data-left="{{ next.left }}">{{ next.clock }}</time>{% if !next.late.is_empty() %} <span class="light"><span class="mark" aria-hidden="true"></span>{{ next.late }}</span>{% endif %}</p>{% endif %}
</article>
{% endfor %}</div>
{% if tiles.is_empty() %}<p class="calm">{{ lang.say("没有报警", "No alarm") }}</p>{% endif %}
{% if let Some(more) = more %}<p class="more">{{ more }}</p>{% endif %}"#
)]
struct Wall {
    lang: Lang,
    /// When this was so, by the clock of the homes.
    made: String,
    numbers: Vec<Number>,
    tiles: Vec<Card>,
    /// How many more there are.
    more: Option<String>,
}

/// A figure, its word, and whether it is as it should be.
struct Number {
    value: String,
    word: String,
    tone: &'static str,
}

async fn wall(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    match make(&web, &visitor).await {
        Ok(main) => {
            let title = visitor.lang.say("大屏", "Wall");
            layout::framed(&web, &visitor, (StatusCode::OK, Frame::Wall), title, &main)
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn make(web: &Arc<Web>, visitor: &Visitor) -> Result<Wall, Trouble> {
    let open = front::open(web, visitor).await?;
    let homes = web.homes_of(visitor);
    let looks = web.look_together(homes).await;
    let pulse = Pulse::of(web, &looks);
    let (lang, maker) = (visitor.lang, Maker::new(web, visitor));
    let is_late = |s: &&Shown| s.incident.light(maker.now()) == Light::Red;
    // Visits, requests and devices have their time, unless it is over.
    let on_wall = open.iter().filter(|s| Part::Alarms.has(s.incident.group) || is_late(s));
    let on_wall: Vec<&Shown> = on_wall.collect();
    let rest = on_wall.get(TILES_MAX..).unwrap_or_default();
    let made = maker.clock_in(maker.wall(maker.now()), &web.zone());
    Ok(Wall {
        lang,
        made,
        numbers: numbers(lang, &open, open.iter().filter(is_late).count(), pulse),
        tiles: on_wall.iter().take(TILES_MAX).map(|shown| maker.card(shown)).collect(),
        more: (!rest.is_empty()).then(|| {
            let (n, waiting) = (rest.len(), rest.iter().filter(|s| waits(s)).count());
            match lang {
                Lang::Zh => format!("另有 {n} 件，其中 {waiting} 件无人签收"),
                Lang::En => format!("and {n} more, {waiting} of them with nobody"),
            }
        }),
    })
}

fn waits(shown: &Shown) -> bool {
    shown.incident.stage == Stage::Alarmed && shown.incident.accepted.is_none()
}

fn numbers(lang: Lang, open: &[Shown], late: usize, pulse: Pulse) -> Vec<Number> {
    let waiting = open.iter().filter(|s| waits(s)).count();
    let number = |value: usize, zh, en, tone| Number {
        value: value.to_string(),
        word: lang.say(zh, en).to_owned(),
        tone: if value == 0 { "well" } else { tone },
    };
    let silent = pulse.all - pulse.alive;
    let sensors = Number {
        value: if pulse.is_known { format!("{silent}/{}", pulse.all) } else { "?".to_owned() },
        word: lang.say("传感器失联", "sensors silent").to_owned(),
        tone: if pulse.is_known && silent == 0 { "well" } else { "serious" },
    };
    let hub = Number {
        value: String::new(),
        word: pulse.hub(lang).to_owned(),
        tone: if pulse.is_ready { "well" } else { "urgent" },
    };
    vec![
        number(open.len(), "进行中", "open", "info"),
        number(waiting, "无人签收", "with nobody", "urgent"),
        number(late, "超时", "overdue", "serious"),
        sensors,
        hub,
    ]
}
