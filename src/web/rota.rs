//! `/rota`: who is on duty when in the coming seven days, and where nobody is.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::domain::{Home, Name, Responder, Time};
use crate::engine::rota::{Gap, Team, Turns, teams};

use super::card::Maker;
use super::lang::{Lang, Visitor};
use super::layout::Frame;
use super::paper::asked;
use super::signpost::Signpost;
use super::{Web, layout};

/// So many days from the beginning of today.
const DAYS: i64 = 7;
/// So many teams on one page; the others by their grid.
const TEAMS_MAX: usize = 20;
/// So many homes of a team are named.
const NAMED_MAX: usize = 12;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/rota", get(rota))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ desk|safe }}
<h1>{{ lang.say("值班表：未来七天", "Who is on duty: the next seven days") }}</h1>
{% if !grids.is_empty() %}<form method="get" action="/rota" class="filter">
<label>{{ lang.say("网格", "Grid") }}<select name="grid"><option value="">{{ lang.say("全部", "all") }}</option>{% for (grid, is_on) in grids %}<option value="{{ grid }}"{% if is_on %} selected{% endif %}>{{ grid }}</option>{% endfor %}</select></label>
<button>{{ lang.say("显示", "Show") }}</button></form>{% endif %}
{% if !is_known %}<p class="banner">{{ lang.say("预案暂时读不到：空缺未标出", "The plans cannot be read now: gaps are not marked") }}</p>{% endif %}
{% for team in teams %}<article class="card rota">
<h2>{{ team.name }}</h2><p class="hint">{{ team.homes }}</p>
<div class="week days" aria-hidden="true"><span></span>{% for day in team.days %}<span>{{ day }}</span>{% endfor %}</div>
{% for row in team.rows %}<div class="week"><span class="what">{{ row.name }}<small> {{ row.role }}</small></span><svg class="strip" viewBox="0 0 7000 100" preserveAspectRatio="none" role="img" aria-label="{{ row.told }}"><rect class="all" width="7000" height="100"/>{% for (x, width) in row.bars %}<rect x="{{ x }}" width="{{ width }}" y="15" height="70"/>{% endfor %}{% for n in 1..7 %}<line x1="{{ n * 1000 }}" x2="{{ n * 1000 }}" y1="0" y2="100"/>{% endfor %}</svg></div>
{% endfor %}
{% for gap in team.gaps %}<div class="week gap"><span class="what"><span class="mark" aria-hidden="true"></span>{{ lang.say("空缺", "nobody") }}<small> {{ gap.roles }}</small></span><svg class="strip" viewBox="0 0 7000 100" preserveAspectRatio="none" role="img" aria-label="{{ gap.told }}"><rect class="all" width="7000" height="100"/>{% for (x, width) in gap.bars %}<rect x="{{ x }}" width="{{ width }}" y="0" height="100"/>{% endfor %}{% for n in 1..7 %}<line x1="{{ n * 1000 }}" x2="{{ n * 1000 }}" y1="0" y2="100"/>{% endfor %}</svg></div>
{% endfor %}
{% if team.gaps.is_empty() && is_known %}<p class="well"><span class="mark" aria-hidden="true"></span>{{ lang.say("没有空缺", "no gap") }}</p>{% endif %}
<details><summary>{{ lang.say("逐条列出", "In words") }}</summary>
{% for gap in team.gaps %}<h3>{{ lang.say("无人在岗", "Nobody on duty of") }} {{ gap.roles }}</h3><p class="hint">{{ lang.say("预案", "plans") }} {{ gap.plans }}</p><p>{{ gap.told }}</p>{% endfor %}
{% for row in team.rows %}<h3>{{ row.name }}</h3><p>{{ row.told }}</p>{% for leave in row.leaves %}<p class="hint">{{ leave }}</p>{% endfor %}{% endfor %}</details>
</article>
{% endfor %}
{% if let Some(more) = more %}<p class="hint">{{ more }}</p>{% endif %}"#
)]
struct Page {
    lang: Lang,
    desk: Signpost,
    grids: Vec<(String, bool)>,
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
}

async fn rota(State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri) -> Response {
    let lang = visitor.lang;
    let grid = asked(&uri, "grid").and_then(|grid| grid.parse::<Name>().ok());
    let homes = web.homes_of(&visitor);
    let mut grids: Vec<&Name> = homes.iter().filter_map(|home| home.grid.as_ref()).collect();
    grids.sort();
    grids.dedup();
    let book = web.book().await;
    let week = Draft::new(&Maker::new(&web, &visitor), web.zone());
    let is_of = |home: &&Home| grid.is_none() || home.grid == grid;
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
    let main = Page {
        lang,
        desk: Signpost::new(&web, &visitor),
        grids: grids.iter().map(|g| (g.to_string(), Some(*g) == grid.as_ref())).collect(),
        is_known: book.is_some(),
        teams: found.iter().take(TEAMS_MAX).map(|team| week.of(team)).collect(),
        more,
    };
    let title = lang.say("值班表", "Who is on duty");
    layout::framed(&web, &visitor, (StatusCode::OK, Frame::Paper), title, &main)
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

    fn of(&self, team: &Team<'_>) -> Week {
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
            gaps: self.holes(&team.gaps),
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
        let leave = |leave: &crate::domain::Leave| {
            let (from, to) = (leave.from, leave.to);
            let at = |at: jiff::civil::DateTime| at.strftime("%m-%d %H:%M").to_string();
            format!("{} {} – {}: {}", lang.say("请假", "off"), at(from), at(to), leave.why)
        };
        Row {
            name: person.name.clone(),
            role: lang.say(person.role.zh(), person.role.name()),
            bars: self.bars(&turns.held),
            told,
            leaves: person.rota.leaves.iter().map(leave).collect(),
        }
    }

    /// Of each lot of roles one, with all its stretches.
    fn holes(&self, gaps: &[Gap]) -> Vec<Hole> {
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
                plans: gap.plans.iter().map(Name::as_str).collect::<Vec<_>>().join(", "),
                bars: self.bars(&all),
                told: self.stretches(&all),
            }
        };
        lots.into_iter().map(hole).collect()
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
