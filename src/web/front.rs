//! `/`: what is open, the most urgent first; below it what was closed, and whether the hub is well.

use std::cmp::Reverse;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;

use crate::domain::{Group, Home};
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
{% if chips.len() > 1 %}<nav class="chips">{% for chip in chips %}<a href="{{ chip.href }}"{% if chip.is_on %} aria-current="page"{% endif %}>{{ chip.word }} {{ chip.count }}</a>{% endfor %}</nav>{% endif %}
{% if open.is_empty() %}<p class="calm">{{ lang.say("没有进行中的事件", "Nothing is open") }}</p>{% endif %}
{% for card in open %}<article class="card {{ card.level }}"{% if card.calls %} data-calls{% endif %}>
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
    chips: Vec<Chip>,
    open: Vec<Card>,
    closed: Vec<Card>,
    health: String,
    is_well: bool,
}

/// What of the list is shown.
struct Chip {
    href: &'static str,
    word: &'static str,
    count: usize,
    is_on: bool,
}

/// Part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Everything,
    Alarms,
    Visits,
    Requests,
    Equipment,
}

impl Part {
    const ALL: [(Self, &'static str, &'static str, &'static str); 5] = [
        (Self::Everything, "/", "全部", "all"),
        (Self::Alarms, "/?show=alarms", "报警", "alarms"),
        (Self::Visits, "/?show=visits", "巡访", "visits"),
        (Self::Requests, "/?show=requests", "诉求", "requests"),
        (Self::Equipment, "/?show=equipment", "设备", "equipment"),
    ];

    /// The part that an address asks for; all of it, if it asks for none that there is.
    fn of(uri: &Uri) -> Self {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let found = Self::ALL.iter().find(|(_, href, ..)| *href == path);
        found.map_or(Self::Everything, |(part, ..)| *part)
    }

    const fn has(self, group: Group) -> bool {
        match self {
            Self::Everything => true,
            Self::Alarms => !matches!(group, Group::Visit | Group::Request | Group::Equipment),
            Self::Visits => matches!(group, Group::Visit),
            Self::Requests => matches!(group, Group::Request),
            Self::Equipment => matches!(group, Group::Equipment),
        }
    }
}

/// One for everything, and one for each part that there is something of.
fn chips(lang: Lang, shown: Part, open: &[Shown]) -> Vec<Chip> {
    let chip = |(part, href, zh, en): (Part, &'static str, &'static str, &'static str)| {
        let count = open.iter().filter(|s| part.has(s.incident.group)).count();
        Chip { href, word: lang.say(zh, en), count, is_on: part == shown }
    };
    let all = Part::ALL.into_iter().map(chip);
    let all: Vec<Chip> = all.filter(|c| 0 < c.count || c.is_on).collect();
    // One part alone is everything.
    if all.iter().filter(|c| c.href != "/").count() < 2 && shown == Part::Everything {
        return Vec::new();
    }
    all
}

async fn front(State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri) -> Response {
    match make(&web, &visitor, Part::of(&uri)).await {
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

async fn make(web: &Web, visitor: &Visitor, part: Part) -> Result<Front, Trouble> {
    let read = web.read(|reader| {
        let open = reader.incidents(&Filter { open: Some(true), ..Filter::default() })?;
        let most = Some(CLOSED_MAX);
        let closed = reader.incidents(&Filter { open: Some(false), most, ..Filter::default() })?;
        Ok((open, closed))
    });
    let (mut open, mut closed) = read.await?;
    for all in [&mut open, &mut closed] {
        all.retain(|shown| web.shows_home(visitor, &shown.id.home));
    }
    // Among those of one level, alarms before visits and requests, and first those that nobody has.
    open.sort_by_key(|s| {
        let is_alarm = Part::Alarms.has(s.incident.group);
        (Reverse(s.incident.level), !is_alarm, s.incident.accepted.is_some())
    });
    let chips = chips(visitor.lang, part, &open);
    open.retain(|s| part.has(s.incident.group));
    let looks = web.look_at(web.homes_of(visitor)).await;
    let (health, is_well) = health(web, &looks, visitor.lang);
    let maker = Maker::new(web, visitor);
    let in_its_home = |shown: &Shown| {
        let look = looks.iter().find(|(home, _)| home.id == shown.id.home);
        let look = look.and_then(|(_, look)| look.as_ref());
        Card { resident: look.map(|look| resident::line(&maker, look)), ..maker.card(shown) }
    };
    Ok(Front {
        lang: visitor.lang,
        chips,
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
