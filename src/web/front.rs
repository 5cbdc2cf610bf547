//! `/`: what is open, the most urgent first, and of that what somebody wants to see; below it what was closed, and
//! whether the hub is well.

use std::cmp::Reverse;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;

use crate::domain::{HomeId, Level, Name, Stage};
use crate::inbox::Look;
use crate::store::views::{Filter, Shown};

use super::ask::{Looks, Trouble};
use super::card::{Card, Maker};
use super::lang::{Lang, Visitor};
use super::layout::Frame;
use super::sieve::{Holder, Known, Part, Sieve};
use super::signpost::Signpost;
use super::status::Pulse;
use super::{Web, layout};

/// How many open ones are read; beyond that nobody reads them one by one.
const OPEN_MAX: u32 = 1000;
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
{% if let Some(form) = form %}{{ form|safe }}{% endif %}
{% if let Some(hidden) = hidden %}<p class="banner hidden {{ hidden.level }}"{% if hidden.calls %} data-calls{% endif %}><a href="/">{{ hidden.says }}</a></p>{% endif %}
{% if open.is_empty() %}<p class="calm">{% if hidden.is_some() %}{{ lang.say("筛选结果为空", "Nothing of what you look for is open") }}{% else %}{{ lang.say("没有进行中的事件", "Nothing is open") }}{% endif %}</p>{% endif %}
<div class="inbox">{% for card in open %}<article class="card {{ card.level }}"{% if card.calls %} data-calls{% endif %}>
<p class="level"><span class="mark" aria-hidden="true"></span>{{ card.level_word }}<span class="stage">{{ card.stage }}</span></p>
<h2><a href="{{ card.href }}">{{ card.title }}</a></h2>
<p class="place{% if card.resident.is_none() %} alone{% endif %}">{{ card.place }}</p>
{% if let Some(resident) = card.resident %}<p class="resident">{{ resident }}</p>{% endif %}
<p class="since">{{ lang.say("自", "since") }} {{ card.since }} · <time>{{ card.ago }}</time></p>
<p class="holder">{% if let Some(holder) = card.holder %}{{ lang.say("处理人", "with") }} <strong>{{ holder }}</strong>{% else %}<strong>{{ lang.say("无人签收", "nobody has it") }}</strong>{% if let Some(assigned) = card.assigned %} · {{ assigned }}{% endif %}{% endif %}</p>
{% if let Some(next) = card.next %}<p class="next {{ next.light }}">{{ next.what }} <time data-left="{{ next.left }}">{{ next.clock }}</time>{% if !next.late.is_empty() %} <span class="light"><span class="mark" aria-hidden="true"></span>{{ next.late }}</span>{% endif %}</p>{% endif %}
{% if let Some(tap) = card.tap %}<form method="post" action="{{ card.href }}">
<input type="hidden" name="by" value="{{ tap.by }}"><input type="hidden" name="back" value="list"><input type="hidden" name="list" value="{{ list }}">
<button class="main" name="move" value="{{ tap.act }}">{{ tap.word }}</button>
</form>{% else %}<p class="look"><a class="button{% if card.look.1 %} main{% endif %}" href="{{ card.href }}">{{ card.look.0 }}</a></p>{% endif %}
</article>
{% endfor %}</div>
<p class="health {% if is_well %}well{% else %}unwell{% endif %}"><span class="mark" aria-hidden="true"></span>{{ health }}</p>
{{ desk|safe }}
{% if !closed.is_empty() %}<h2 class="part">{{ lang.say("最近结案", "Recently closed") }}</h2>
<ul class="closed">
{% for card in closed %}<li class="{{ card.level }}"><a href="{{ card.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ card.title }}<small>{{ card.place }} · {{ card.since }}</small></span><span class="outcome">{% if let Some(outcome) = card.outcome %}{{ outcome }}{% endif %}</span></a></li>
{% endfor %}</ul>{% endif %}"#
)]
struct Front {
    lang: Lang,
    chips: Vec<Chip>,
    /// What can be looked for, where there is something to look in.
    form: Option<Form>,
    /// What is open and not shown.
    hidden: Option<Hidden>,
    /// What is asked for, to come back to.
    list: String,
    open: Vec<Card>,
    closed: Vec<Card>,
    health: String,
    is_well: bool,
    desk: Signpost,
}

/// What of the list is shown.
struct Chip {
    href: String,
    word: &'static str,
    count: usize,
    is_on: bool,
}

/// The filters. They combine, and work without a script.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<details id="filter"{% if sieve.is_set() %} open{% endif %}><summary>{{ lang.say("筛选", "Filter") }}</summary>
<form method="get" action="/" class="filter">{% if !show.is_empty() %}<input type="hidden" name="show" value="{{ show }}">{% endif %}
{% if !grids.is_empty() %}<label>{{ lang.say("网格", "Grid") }}<select name="grid"><option value="">{{ lang.say("全部", "all") }}</option>{% for (is_on, grid, name) in grids %}<option value="{{ grid }}"{% if is_on %} selected{% endif %}>{{ name }}</option>{% endfor %}</select></label>{% endif %}
<label>{{ lang.say("处理人", "Who has it") }}<select name="who"><option value="">{{ lang.say("全部", "all") }}</option>{% for (value, word, is_on) in holders %}<option value="{{ value }}"{% if is_on %} selected{% endif %}>{{ word }}</option>{% endfor %}</select></label>
<label>{{ lang.say("文字（事件、户、编号）", "Text (what, home, number)") }}<input class="line" name="q" maxlength="100" value="{{ sieve.text }}"></label>
<label class="choice"><input type="checkbox" name="overdue" value="1"{% if sieve.overdue %} checked{% endif %}><span>{{ lang.say("仅超时", "Only overdue") }}</span></label>
<button>{{ lang.say("筛选", "Filter") }}</button></form></details>"#
)]
struct Form {
    lang: Lang,
    sieve: Sieve,
    show: &'static str,
    grids: Vec<(bool, Name, String)>,
    holders: Vec<(&'static str, &'static str, bool)>,
}

/// What a filter leaves out must not be forgotten: how much it is, and whether somebody must take some of it.
struct Hidden {
    says: String,
    /// Of the most urgent of it.
    level: &'static str,
    calls: bool,
}

/// One for everything, and one for each part that there is something of.
fn chips(lang: Lang, sieve: &Sieve, open: &[Shown]) -> Vec<Chip> {
    let chip = |(part, _, zh, en): (Part, &'static str, &'static str, &'static str)| {
        let count = open.iter().filter(|s| part.has(s.incident.group)).count();
        let is_on = part == sieve.part;
        (part, Chip { href: sieve.of_part(part).href(), word: lang.say(zh, en), count, is_on })
    };
    let all = Part::ALL.into_iter().map(chip);
    let all: Vec<_> = all.filter(|(_, c)| 0 < c.count || c.is_on).collect();
    // One part alone is everything.
    let parts = all.iter().filter(|(part, _)| *part != Part::Everything).count();
    if parts < 2 && sieve.part == Part::Everything {
        return Vec::new();
    }
    all.into_iter().map(|(_, chip)| chip).collect()
}

impl Form {
    fn new(web: &Web, visitor: &Visitor, sieve: &Sieve) -> Self {
        let lang = visitor.lang;
        let homes = web.homes_of(visitor);
        let grids = web.grids_of(&homes).into_iter();
        let holder =
            |(holder, value, zh, en): (Holder, &'static str, &'static str, &'static str)| {
                (value, lang.say(zh, en), sieve.holder == Some(holder))
            };
        let show = Part::ALL.iter().find(|(part, ..)| *part == sieve.part);
        Self {
            lang,
            sieve: sieve.clone(),
            show: show.map_or("", |(_, word, ..)| word),
            grids: grids.map(|(id, name)| (Some(&id) == sieve.grid.as_ref(), id, name)).collect(),
            holders: Holder::ALL.map(holder).to_vec(),
        }
    }
}

impl Hidden {
    /// Of a part somebody chose they know that there are others: then it is said only if somebody must take one.
    fn of(lang: Lang, left_out: &[Shown], sieve: &Sieve) -> Option<Self> {
        let waits =
            |s: &&Shown| s.incident.stage == Stage::Alarmed && s.incident.accepted.is_none();
        let (n, waiting) = (left_out.len(), left_out.iter().filter(waits).count());
        if n == 0 || (waiting == 0 && !sieve.is_set()) {
            return None;
        }
        let of = |all: Option<Level>| all.map_or("info", Level::name);
        let calling = left_out.iter().filter(waits).map(|s| s.incident.level).max();
        let level = of(calling.or_else(|| left_out.iter().map(|s| s.incident.level).max()));
        let says = match lang {
            Lang::Zh => format!("另有 {n} 件未显示，其中 {waiting} 件无人签收：显示全部"),
            Lang::En => {
                format!("{n} more are open and not shown, {waiting} of them with nobody: show all")
            }
        };
        Some(Self { says, level, calls: 0 < waiting })
    }
}

async fn front(State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri) -> Response {
    match make(&web, &visitor, &Sieve::read(&uri)).await {
        Ok(main) => {
            let title = visitor.lang.say("事件", "Incidents");
            let title = match main.open.len() {
                0 => title.to_owned(),
                n => format!("({n}) {title}"),
            };
            layout::framed(&web, &visitor, (StatusCode::OK, Frame::Wide), &title, &main)
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

/// What is open: among those of one level, alarms before visits and requests, and first those that nobody has; and what
/// was closed of late.
#[derive(Debug)]
pub(super) struct List {
    open: Vec<Shown>,
    closed: Vec<Shown>,
}

/// As it is on disk, of the homes that somebody sees. All who ask for these at once are told by one reading.
async fn list(web: &Arc<Web>, visitor: &Visitor) -> Result<Arc<List>, Trouble> {
    let homes = web.sees(visitor);
    let read = async |web: &Web, homes: Option<Vec<HomeId>>| {
        let filter = move |open, most| Filter {
            open: Some(open),
            homes: homes.clone(),
            most: Some(most),
            ..Filter::default()
        };
        web.read(move |reader| {
            let mut open = reader.incidents(&filter(true, OPEN_MAX))?;
            open.sort_by_key(|s| {
                let is_alarm = Part::Alarms.has(s.incident.group);
                (Reverse(s.incident.level), !is_alarm, s.incident.accepted.is_some())
            });
            Ok(List { open, closed: reader.incidents(&filter(false, CLOSED_MAX))? })
        })
        .await
    };
    let (own, of) = (Arc::clone(web), homes.clone());
    match web.lists.read(homes.clone(), async move { read(&own, of).await.ok() }).await {
        Some(list) => Ok(list),
        // Whatever went wrong is told to each.
        None => read(web, homes).await.map(Arc::new),
    }
}

/// What is open in the homes that somebody sees.
pub(super) async fn open(web: &Arc<Web>, visitor: &Visitor) -> Result<Vec<Shown>, Trouble> {
    Ok(list(web, visitor).await?.open.clone())
}

/// How things stand where it is.
pub(super) fn look_of<'l>(looks: &'l Looks, shown: &Shown) -> Option<&'l Look> {
    looks.iter().find(|(home, _)| home.id == shown.id.home)?.1.as_ref()
}

async fn make(web: &Arc<Web>, visitor: &Visitor, sieve: &Sieve) -> Result<Front, Trouble> {
    let list = list(web, visitor).await?;
    let all = list.open.clone();
    let (homes, grids, now) = (web.homes(), web.grids(), web.site.clock.now());
    // Who has it, and whether it is late, is asked of what is open.
    let of_closed = sieve.holder.is_none() && !sieve.overdue;
    let by = Known { homes: &homes, grids: &grids, me: visitor.me.as_ref(), now };
    let closed = list.closed.iter().filter(|shown| of_closed && sieve.is_about(shown, by));
    let lang = visitor.lang;
    let form = (!all.is_empty() || sieve.is_set()).then(|| Form::new(web, visitor, sieve));
    let (open, mut left_out): (Vec<_>, Vec<_>) = all.into_iter().partition(|s| sieve.passes(s, by));
    let chips = chips(lang, sieve, &open);
    let (open, others): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|s| sieve.part.has(s.incident.group));
    left_out.extend(others);
    let looks = web.look_together(web.homes_of(visitor)).await;
    let pulse = Pulse::of(web, &looks);
    let maker = Maker::new(web, visitor);
    Ok(Front {
        lang,
        chips,
        form,
        hidden: Hidden::of(lang, &left_out, sieve),
        list: sieve.query(),
        open: open.iter().map(|s| maker.card_in(s, look_of(&looks, s))).collect(),
        closed: closed.map(|shown| maker.card(shown)).collect(),
        health: pulse.line(lang),
        is_well: pulse.is_well(),
        desk: Signpost::new(web, visitor),
    })
}
