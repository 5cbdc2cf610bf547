//! `/rota`: who is on duty when in the coming seven days, where nobody is, and who is to come then.

mod gaps;
mod person;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::domain::grid::Within;
use crate::domain::{Home, Leave, Name, PersonId, Responder, Role, Time, both};
use crate::engine::Book;
use crate::engine::rota::{Gap, Team, Turns, teams};
use crate::registrar::Edit;

use super::card::Maker;
use super::lang::{Lang, Visitor, encode};
use super::layout::Frame;
use super::moves::{Mistake, missing};
use super::paper::asked;
use super::settle::{Labels, Reply, Sent, Typed};
use super::signpost::Signpost;
use super::{Web, layout};

/// So many days from the beginning of today.
const DAYS: i64 = 7;
/// So many teams on one page; the others by their grid.
const TEAMS_MAX: usize = 20;
/// So many homes of a team are named.
const NAMED_MAX: usize = 12;
/// So many stretches of a gap lead to the form each.
const LED_MAX: usize = 14;

/// What the fields of the form are called.
const LABELS: Labels = &[
    ("who", "谁来", "Who comes"),
    ("from", "从", "From"),
    ("to", "到", "To"),
    ("instead_of", "顶替谁", "Instead of whom"),
];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/rota", get(show).post(shift)).merge(person::routes())
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ desk|safe }}
<h1>{{ lang.say("值班表：未来七天", "Who is on duty: the next seven days") }}</h1>
{% if !grids.is_empty() %}<form method="get" action="/rota" class="filter">
<label>{{ lang.say("网格", "Grid") }}<select name="grid"><option value="">{{ lang.say("全部", "all") }}</option>{% for (grid, called, is_on) in grids %}<option value="{{ grid }}"{% if is_on %} selected{% endif %}>{{ called }}</option>{% endfor %}</select></label>
<button>{{ lang.say("显示", "Show") }}</button></form>{% endif %}
{{ reply|safe }}
{% if !is_known %}<p class="banner">{{ lang.say("预案暂时读不到：空缺未标出", "The plans cannot be read now: gaps are not marked") }}</p>{% endif %}
{% for team in teams %}<article class="card rota">
<h2>{{ team.name }}</h2><p class="hint">{{ team.homes }}</p>
<div class="week days" aria-hidden="true"><span></span>{% for day in team.days %}<span>{{ day }}</span>{% endfor %}</div>
{% for row in team.rows %}<div class="week"><a class="what" href="{{ row.href }}">{{ row.name }}<small> {{ row.role }}</small></a><svg class="strip" viewBox="0 0 7000 100" preserveAspectRatio="none" role="img" aria-label="{{ row.told }}"><rect class="all" width="7000" height="100"/>{% for (x, width) in row.bars %}<rect x="{{ x }}" width="{{ width }}" y="15" height="70"/>{% endfor %}{% for n in 1..7 %}<line x1="{{ n * 1000 }}" x2="{{ n * 1000 }}" y1="0" y2="100"/>{% endfor %}</svg></div>
{% endfor %}
{% for gap in team.gaps %}<div class="week gap"><span class="what"><span class="mark" aria-hidden="true"></span>{{ lang.say("空缺", "nobody") }}<small> {{ gap.roles }}</small></span><svg class="strip" viewBox="0 0 7000 100" preserveAspectRatio="none" role="img" aria-label="{{ gap.told }}"><rect class="all" width="7000" height="100"/>{% for (x, width) in gap.bars %}<rect x="{{ x }}" width="{{ width }}" y="0" height="100"/>{% endfor %}{% for n in 1..7 %}<line x1="{{ n * 1000 }}" x2="{{ n * 1000 }}" y1="0" y2="100"/>{% endfor %}</svg></div>
<p class="chips">{% for (href, told) in gap.fills %}<a href="{{ href }}">{{ lang.say("安排人：", "fill ") }}{{ told }}</a>{% endfor %}</p>
{% endfor %}
{% if team.gaps.is_empty() && is_known %}<p class="well"><span class="mark" aria-hidden="true"></span>{{ lang.say("没有空缺", "no gap") }}</p>{% endif %}
<details><summary>{{ lang.say("逐条列出", "In words") }}</summary>
{% for gap in team.gaps %}<h3>{{ lang.say("无人在岗", "Nobody on duty of") }} {{ gap.roles }}</h3><p class="hint">{{ lang.say("预案", "plans") }} {{ gap.plans }}</p><p>{{ gap.told }}</p>{% endfor %}
{% for row in team.rows %}<h3>{{ row.name }}</h3><p>{{ row.told }}</p>{% for leave in row.leaves %}<p class="hint">{{ leave }}</p>{% endfor %}{% endfor %}</details>
</article>
{% endfor %}
{% if let Some(more) = more %}<p class="hint">{{ more }}</p>{% endif %}
{% if let Some(me) = me %}<section id="shift"><h2>{{ lang.say("顶班或换班", "Somebody comes, once") }}</h2>
<p class="hint">{{ lang.say("一次性的班次。请假、返岗和固定班次在各人的页面上：点姓名。", "For once. Leaves, and the hours of every week, are on each one's own page: tap the name.") }}</p>
<form method="post" action="/rota#shift"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("谁来", "Who comes") }}<select name="who" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (id, name) in people %}<option value="{{ id }}"{% if typed.is("who", id) %} selected{% endif %}>{{ name }}</option>{% endfor %}</select></label>
<label>{{ lang.say("从", "From") }}<input type="datetime-local" name="from" value="{{ typed.at("from") }}" required></label>
<label>{{ lang.say("到", "To") }}<input type="datetime-local" name="to" value="{{ typed.at("to") }}" required></label>
<label>{{ lang.say("顶替谁（对方同时不在岗）", "Instead of whom (who is off as long)") }}<select name="instead_of"><option value="">{{ lang.say("不顶替，增加一人", "nobody: one more") }}</option>{% for (id, name) in people %}<option value="{{ id }}"{% if typed.is("instead_of", id) %} selected{% endif %}>{{ name }}</option>{% endfor %}</select></label>
<button class="main">{{ lang.say("排入值班表", "Put it into the rota") }}</button></form></section>{% endif %}"#
)]
struct Page {
    lang: Lang,
    desk: Signpost,
    reply: Reply,
    /// Who sends the form; nobody is known who could.
    me: Option<String>,
    typed: Typed,
    people: Vec<(String, String)>,
    /// With what each is called.
    grids: Vec<(String, String, bool)>,
    is_known: bool,
    teams: Vec<Week>,
    more: Option<String>,
}

/// One team's week.
struct Week {
    name: String,
    homes: String,
    days: Vec<String>,
    rows: Vec<Row>,
    gaps: Vec<Hole>,
}

struct Row {
    name: String,
    href: String,
    role: &'static str,
    /// Where each bar begins, and how long it is: a day is a thousand.
    bars: Vec<(i64, i64)>,
    told: String,
    leaves: Vec<String>,
}

/// Every gap of the same roles.
struct Hole {
    roles: String,
    plans: String,
    bars: Vec<(i64, i64)>,
    told: String,
    /// Where each stretch of it can be filled.
    fills: Vec<(String, String)>,
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri) -> Response {
    let of = |field: &str| Some((field.to_owned(), asked(&uri, field)?));
    // As a gap leads here.
    let typed = Typed(["from", "to", "roles"].into_iter().filter_map(of).collect());
    let grid = asked(&uri, "grid").and_then(|grid| grid.parse::<Name>().ok());
    page(&web, &visitor, grid, (Reply::none(), typed)).await
}

/// Somebody comes, beyond the rota or instead of somebody.
async fn shift(State(web): State<Arc<Web>>, visitor: Visitor, form: Sent) -> Response {
    let mut typed = Typed::read(form);
    let edit = |by: &PersonId, now: jiff::civil::DateTime| {
        let who = one_of(&web, &visitor, &typed, "who")?;
        let who = who.ok_or_else(|| vec![Mistake::new("who", missing("who"))])?;
        let instead_of = one_of(&web, &visitor, &typed, "instead_of")?;
        let (from, to) = (typed.moment("from"), typed.moment("to"));
        Ok(Edit::Shift { who, from, to, instead_of, by: by.clone(), on: now.date() })
    };
    let mut reply = web.edit(&visitor, (LABELS, &typed), edit).await;
    if reply.is_done() {
        let (from, to, now) = (typed.moment("from"), typed.moment("to"), web.site.clock.wall());
        if let Ok(Some(who)) = typed.choice::<PersonId>("who") {
            let within = gaps::stretch(&from, &to, &web.zone(), now);
            reply.lines.extend(gaps::left(&web, &visitor, &who, within).await);
        }
        typed = Typed::default();
    }
    page(&web, &visitor, None, (reply, typed)).await
}

/// Somebody who comes to a home that whoever asks sees.
fn one_of(
    web: &Web,
    visitor: &Visitor,
    typed: &Typed,
    field: &str,
) -> Result<Option<PersonId>, Vec<Mistake>> {
    match typed.choice::<PersonId>(field)? {
        Some(who) if !web.people_of(visitor).contains_key(&who) => {
            let why = both!("{who} 不负责您的住户", "`{who}` is nobody who comes to your homes");
            Err(vec![Mistake::new(field, why)])
        }
        who => Ok(who),
    }
}

async fn page(
    web: &Web,
    visitor: &Visitor,
    grid: Option<Name>,
    (reply, typed): (Reply, Typed),
) -> Response {
    let lang = visitor.lang;
    let homes = web.homes_of(visitor);
    let grids = web.grids_of(&homes).into_iter();
    let grids = grids.map(|(id, called)| {
        let is_on = Some(&id) == grid.as_ref();
        (id.to_string(), called, is_on)
    });
    let book = web.book().await;
    let week = &Draft::new(&Maker::new(web, visitor), web.zone());
    let tree = web.grids();
    let within = grid.as_ref().map(|grid| Within { grid, grids: &tree });
    let is_of = |home: &&Home| within.is_none_or(|within| within.has(home.grid.as_ref()));
    let of_grid = homes.iter().map(|home| &**home).filter(is_of);
    let found = match &book {
        Some(book) => teams(book, of_grid, week.from, week.to),
        None => Vec::new(),
    };
    let rest = found.len().saturating_sub(TEAMS_MAX);
    let more = (0 < rest).then(|| match lang {
        Lang::Zh => format!("另有 {rest} 组未显示，请选择网格"),
        Lang::En => format!("{rest} more are not shown: choose a grid"),
    });
    let drawn = |book| found.iter().take(TEAMS_MAX).map(move |team| week.of(team, book));
    let people = web.people_of(visitor);
    let status = reply.status;
    let main = Page {
        lang,
        desk: Signpost::new(web, visitor),
        reply,
        me: visitor.me.as_ref().map(ToString::to_string),
        people: choices(lang, &people, typed.at("roles")),
        typed,
        grids: grids.collect(),
        is_known: book.is_some(),
        teams: book.iter().flat_map(|book| drawn(book)).collect(),
        more,
    };
    let title = lang.say("值班表", "Who is on duty");
    layout::framed(web, visitor, (status, Frame::Paper), title, &main)
}

/// Whom one can choose, those of the roles that are wanted first.
fn choices(
    lang: Lang,
    people: &BTreeMap<PersonId, Responder>,
    wanted: &str,
) -> Vec<(String, String)> {
    let is_wanted = |role: Role| wanted.split(',').any(|name| name == role.name());
    let mut all: Vec<&Responder> = people.values().collect();
    all.sort_by_key(|person| (!is_wanted(person.role), person.role));
    let named = |person: &Responder| {
        let role = lang.say(person.role.zh(), person.role.name());
        (person.id.to_string(), format!("{} · {role}", person.name))
    };
    all.into_iter().map(named).collect()
}

/// By what weeks are drawn.
struct Draft {
    lang: Lang,
    zone: TimeZone,
    from: Time,
    to: Time,
}

impl Draft {
    fn new(maker: &Maker<'_>, zone: TimeZone) -> Self {
        let today = maker.wall(maker.now()).civil(&zone).date();
        let last = today.checked_add(DAYS.days()).unwrap_or(today);
        let at = |day: Date| Time::of_civil(day.at(0, 0, 0, 0), &zone);
        let (from, to) = (at(today), at(last));
        Self { lang: maker.visitor.lang, from, to, zone }
    }

    fn of(&self, team: &Team<'_>, book: &Book) -> Week {
        let lang = self.lang;
        let first = self.from.civil(&self.zone).date();
        let days = (0..DAYS).filter_map(|n| first.checked_add(n.days()).ok());
        let named = team.homes.iter().take(NAMED_MAX).map(|home| home.name.as_str());
        let mut homes = named.collect::<Vec<_>>().join(", ");
        if let Some(rest) = team.homes.len().checked_sub(NAMED_MAX).filter(|rest| 0 < *rest) {
            homes.push_str(&match lang {
                Lang::Zh => format!(" 等另外 {rest} 户"),
                Lang::En => format!(" and {rest} more"),
            });
        }
        let grid = team.homes.first().and_then(|home| home.grid.as_ref());
        let none = lang.say("不属于网格", "in no grid").to_owned();
        Week {
            name: grid.map_or(none, ToString::to_string),
            homes,
            days: days.map(|day| format!("{} {}", self.weekday(day), day.day())).collect(),
            rows: team.people.iter().map(|(person, turns)| self.row(person, turns)).collect(),
            gaps: self.holes(&team.gaps, book),
        }
    }

    fn row(&self, person: &Responder, turns: &Turns) -> Row {
        let lang = self.lang;
        let told = match turns {
            Turns { is_always: true, .. } => lang.say("一直在岗", "always on duty").to_owned(),
            Turns { held, .. } if held.is_empty() => {
                lang.say("这七天不在岗", "not on duty in these days").to_owned()
            }
            Turns { held, .. } => self.stretches(held),
        };
        let leave =
            |leave: &Leave| format!("{} {}", lang.say("请假", "off"), in_short(lang, leave));
        Row {
            name: person.name.clone(),
            href: format!("/rota/{}", encode(person.id.as_str())),
            role: lang.say(person.role.zh(), person.role.name()),
            bars: self.bars(&turns.held),
            told,
            leaves: person.rota.leaves.iter().map(leave).collect(),
        }
    }

    /// Of each lot of roles one, with all its stretches.
    fn holes(&self, gaps: &[Gap], book: &Book) -> Vec<Hole> {
        let mut lots: Vec<(&Gap, Vec<(Time, Time)>)> = Vec::new();
        for gap in gaps {
            match lots.iter_mut().find(|(first, _)| first.roles == gap.roles) {
                Some((_, all)) => all.push((gap.from, gap.to)),
                None => lots.push((gap, vec![(gap.from, gap.to)])),
            }
        }
        let hole = |(gap, all): (&Gap, Vec<(Time, Time)>)| {
            let roles = gap.roles.iter().map(|role| self.lang.say(role.zh(), role.name()));
            Hole {
                roles: roles.collect::<Vec<_>>().join(", "),
                plans: book.plan_titles(&gap.plans, self.lang),
                bars: self.bars(&all),
                told: self.stretches(&all),
                fills: all.iter().take(LED_MAX).map(|held| self.fill(gap, *held)).collect(),
            }
        };
        lots.into_iter().map(hole).collect()
    }

    /// The form, with the times of this stretch of a gap in it.
    fn fill(&self, gap: &Gap, (from, to): (Time, Time)) -> (String, String) {
        let at = |at: Time| at.civil(&self.zone).strftime("%Y-%m-%dT%H:%M").to_string();
        let roles = gap.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(",");
        let href = format!("/rota?from={}&to={}&roles={roles}#shift", at(from), at(to));
        (href, self.stretches(&[(from, to)]))
    }

    fn bars(&self, held: &[(Time, Time)]) -> Vec<(i64, i64)> {
        let whole = (self.to - self.from).0.max(1);
        let place = |at: Time| (at - self.from).0 * 1000 * DAYS / whole;
        held.iter().map(|(from, to)| (place(*from), (place(*to) - place(*from)).max(1))).collect()
    }

    fn stretches(&self, held: &[(Time, Time)]) -> String {
        let at = |at: Time| {
            let at = at.civil(&self.zone);
            format!("{} {}", self.weekday(at.date()), at.strftime("%m-%d %H:%M"))
        };
        let all = held.iter().map(|(from, to)| format!("{} – {}", at(*from), at(*to)));
        all.collect::<Vec<_>>().join("; ")
    }

    fn weekday(&self, day: Date) -> &'static str {
        let lang = self.lang;
        match day.weekday() {
            Weekday::Monday => lang.say("周一", "Mon"),
            Weekday::Tuesday => lang.say("周二", "Tue"),
            Weekday::Wednesday => lang.say("周三", "Wed"),
            Weekday::Thursday => lang.say("周四", "Thu"),
            Weekday::Friday => lang.say("周五", "Fri"),
            Weekday::Saturday => lang.say("周六", "Sat"),
            Weekday::Sunday => lang.say("周日", "Sun"),
        }
    }
}

/// When somebody is off, and why.
fn in_short(lang: Lang, leave: &Leave) -> String {
    let at = |at: jiff::civil::DateTime| at.strftime("%m-%d %H:%M").to_string();
    format!("{} – {}: {}", at(leave.from), at(leave.to), leave.told().say(lang))
}
