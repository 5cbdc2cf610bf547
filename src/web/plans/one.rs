//! `/plans/{name}`: the times, roles and limits of one plan as fields; and, once others are written there, the ladder
//! as it is beside the ladder as it would be, with the gaps in the rota that it would meet.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::{Home, Name, Sentence, Span};
use crate::engine::rota::teams;
use crate::engine::{Book, BookTexts};
use crate::rule::dial::{Dial, Of, Wanted, adjusted, plan_dials};
use crate::web::ask::Trouble;
use crate::web::card::Maker;
use crate::web::lang::{Lang, Visitor};
use crate::web::layout::Frame;
use crate::web::paper::asked;
use crate::web::rules::{InForce, may_force, names};
use crate::web::{Web, layout};

use super::force;
use super::list::{Ladder, ladder};

/// So many gaps are named.
const GAPS_MAX: usize = 20;
/// The rota is looked at for so long from now.
const AHEAD: Span = Span::hours(7 * 24);
/// So many of the latest changes are shown.
const PAST_MAX: u32 = 10;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/plans/{name}", get(show).post(compare))
        .route("/plans/{name}/force", post(force::force))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/plans#{{ name }}">← {{ lang.say("预案", "Plans") }}</a></p>
<h1>{{ lang.say("预案", "Plan") }} {{ name }}</h1>
{% if is_done %}<p class="banner" role="status">{{ lang.say("已启用，并已记录在案", "It is in force, and on record") }}</p>{% endif %}
{% if !mistakes.is_empty() %}<div class="banner refused" role="alert">{% for mistake in mistakes %}<p>{{ mistake }}</p>{% endfor %}</div>{% endif %}
<div class="both"><section><h2>{{ lang.say("现在", "As it is") }}</h2>{{ is|safe }}</section>
{% if let Some(next) = next %}<section><h2>{{ lang.say("改后", "As it would be") }}</h2>{{ next.ladder|safe }}</section>{% endif %}</div>
{% if let Some(next) = next %}<section id="force"><h2>{{ lang.say("值班表中的空缺", "Gaps in the rota") }}</h2>
{% if next.gaps.is_empty() %}<p class="health well"><span class="mark" aria-hidden="true"></span>{{ lang.say("未来七天没有空缺", "No gap in the coming seven days") }}</p>{% endif %}
<ul class="closed toned">{% for gap in next.gaps %}<li class="{% if gap.is_new %}urgent{% else %}serious{% endif %}"><p class="row"><span class="mark" aria-hidden="true"></span><span class="what">{{ gap.what }}<small>{{ gap.more }}</small></span></p></li>{% endfor %}</ul>
{% if may_force %}<form method="post" action="/plans/{{ name }}/force">{% for (key, value) in next.fields %}<input type="hidden" name="{{ key }}" value="{{ value }}">{% endfor %}<input type="hidden" name="shown" value="{{ next.shown }}">
<label>{{ lang.say("为什么（记录在案）", "Why (it goes on record)") }}<textarea name="why" rows="3" maxlength="500" required>{{ why }}</textarea></label>
<button class="main">{{ lang.say("启用", "Put it in force") }}</button></form>{% else %}<p class="hint">{{ lang.say("由值班长启用", "A supervisor puts it in force") }}</p>{% endif %}</section>{% endif %}
<section><h2>{{ lang.say("改动", "Make it otherwise") }}</h2><form method="post" action="/plans/{{ name }}"><div class="filter dials">
{% for field in fields %}<label>{{ field.word }}<input name="{{ field.key }}" value="{{ field.value }}" autocomplete="off" placeholder="{{ lang.say("无", "none") }}"></label>
{% endfor %}</div><p class="hint">{{ lang.say("时长写作 30s、10m、2h、3d；角色以逗号分开：", "Times are written 30s, 10m, 2h, 3d; roles with commas between: ") }}family, micro-grid, grid, community, street, department, technician, supervisor</p>
<button class="main">{{ lang.say("对比", "Show what differs") }}</button></form></section>
<section><h2>{{ lang.say("最近的改动", "What was changed lately") }}</h2>
{% if past.is_empty() %}<p class="hint">{{ lang.say("没有记录", "Nothing is on record") }}</p>{% endif %}
<ul class="facts">{% for (what, turns) in past %}<li><span class="what">{{ what }}<br><small>{{ turns }}</small></span></li>{% endfor %}</ul></section>"#
)]
struct Page {
    lang: Lang,
    name: String,
    is_done: bool,
    mistakes: Vec<String>,
    is: Ladder,
    next: Option<Next>,
    may_force: bool,
    why: String,
    fields: Vec<Field>,
    past: Vec<(String, String)>,
}

/// The plan as it would be.
struct Next {
    ladder: Ladder,
    gaps: Vec<GapRow>,
    fields: Vec<(String, String)>,
    /// Tells this very text from any other.
    shown: String,
}

struct GapRow {
    what: String,
    more: String,
    /// As it is there is none.
    is_new: bool,
}

struct Field {
    key: String,
    word: String,
    value: String,
}

/// What was written in the form, and what is said back.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) wanted: Wanted,
    pub(super) mistakes: Vec<String>,
    pub(super) why: String,
    pub(super) is_done: bool,
}

/// The texts with the plan as it is wanted, and their book.
///
/// # Errors
/// Every mistake, each in a sentence, by what its field is called.
pub(super) fn amended(
    in_force: &InForce,
    plan: &Name,
    wanted: &Wanted,
) -> Result<(BookTexts, Book), Vec<Sentence>> {
    let source = in_force.book.plan_source(plan);
    let dials = source.map(plan_dials).unwrap_or_default();
    let mistyped = names::mistyped(&dials, word, wanted);
    if !mistyped.is_empty() {
        return Err(mistyped);
    }
    let named = |why: &Sentence| names::in_form(&dials, word, why);
    let texts = &in_force.texts;
    let plans = adjusted(&texts.plans, ("plan", plan), &dials, wanted).map_err(|why| vec![why])?;
    let read = Book::read(("rules.toml", &texts.rules), ("plans.toml", &plans));
    let book = read.map_err(|all| all.iter().map(|p| named(&p.message)).collect::<Vec<_>>())?;
    Ok((BookTexts { rules: texts.rules.clone(), plans }, book))
}

async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Response {
    let is_done = asked(&uri, "done").is_some();
    page(&web, &visitor, path, Typed { is_done, ..Typed::default() }).await
}

async fn compare(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    path: Result<Path<String>, PathRejection>,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let wanted = form.map(|Form(form)| form).unwrap_or_default();
    page(&web, &visitor, path, Typed { wanted, ..Typed::default() }).await
}

/// The page with what was written.
pub(super) async fn page(
    web: &Web,
    visitor: &Visitor,
    path: Result<Path<String>, PathRejection>,
    typed: Typed,
) -> Response {
    let name = path.ok().and_then(|Path(name)| name.parse::<Name>().ok());
    let Some(name) = name else { return layout::not_found(visitor) };
    match make(web, visitor, &name, typed).await {
        Ok(Some(page)) => {
            let status = match page.mistakes.is_empty() {
                true => StatusCode::OK,
                false => StatusCode::BAD_REQUEST,
            };
            let title = format!("{} {name}", visitor.lang.say("预案", "Plan"));
            layout::framed(web, visitor, (status, Frame::Paper), &title, &page)
        }
        Ok(None) => layout::not_found(visitor),
        Err(trouble) => layout::trouble(visitor, &trouble),
    }
}

async fn make(
    web: &Web,
    visitor: &Visitor,
    name: &Name,
    typed: Typed,
) -> Result<Option<Page>, Trouble> {
    let lang = visitor.lang;
    let Some(in_force) = web.in_force().await? else { return Ok(None) };
    let book = &in_force.book;
    let plan = book.plans().iter().find(|plan| plan.name == *name);
    let (Some(plan), Some(source)) = (plan, book.plan_source(name)) else { return Ok(None) };
    let (dials, Typed { wanted, mut mistakes, why, is_done }) = (plan_dials(source), typed);
    let mut next = None;
    match amended(&in_force, name, &wanted) {
        Ok((texts, _)) if texts == in_force.texts => {
            if !wanted.is_empty() && mistakes.is_empty() {
                let same = lang.say("没有任何改动", "Nothing would be otherwise");
                mistakes.push(same.to_owned());
            }
        }
        Ok((texts, other)) => {
            let of = other.plans().iter().find(|plan| plan.name == *name).map(Arc::clone);
            next = of.map(|plan| Next {
                ladder: ladder(lang, &other, &plan),
                gaps: gaps(web, visitor, name, (book, &other)),
                fields: dials
                    .iter()
                    .filter_map(|d| Some((d.key.clone(), wanted.get(&d.key)?.clone())))
                    .collect(),
                shown: texts.digest(),
            });
        }
        Err(wrong) => mistakes.extend(wrong.iter().map(|why| why.say(lang).to_owned())),
    }
    let field = |dial: &Dial| Field {
        key: dial.key.clone(),
        word: word(dial, lang),
        value: wanted.get(&dial.key).unwrap_or(&dial.value).clone(),
    };
    Ok(Some(Page {
        lang,
        name: name.to_string(),
        is_done,
        mistakes,
        is: ladder(lang, book, plan),
        next,
        may_force: may_force(web, visitor),
        why,
        fields: dials.iter().map(field).collect(),
        past: past(web, visitor, name).await?,
    }))
}

/// Where nobody of a rung of this plan is on duty, those first that would be new.
fn gaps(web: &Web, visitor: &Visitor, name: &Name, (is, next): (&Book, &Book)) -> Vec<GapRow> {
    let (lang, maker, homes) = (visitor.lang, Maker::new(web, visitor), web.homes_of(visitor));
    let from = maker.wall(maker.now());
    let ordinary = || homes.iter().map(|home| &**home).filter(|home: &&Home| home.is_ordinary());
    let known = teams(is, ordinary(), from, from + AHEAD);
    let known: Vec<_> = known.iter().flat_map(|team| &team.gaps).collect();
    let mut rows = Vec::new();
    for team in teams(next, ordinary(), from, from + AHEAD) {
        for gap in team.gaps.iter().filter(|gap| gap.plans.contains(name)) {
            let roles = gap.roles.iter().map(|role| lang.say(role.zh(), role.name()));
            let roles = roles.collect::<Vec<_>>().join(lang.say("、", ", "));
            let at = |at| maker.clock_in(at, &web.zone());
            let homes = team.homes.len();
            let is_same = |k: &&&crate::engine::rota::Gap| {
                k.roles == gap.roles && k.from == gap.from && k.plans.contains(name)
            };
            let is_new = !known.iter().any(|k| is_same(&k));
            let more = format!("{} – {}", at(gap.from), at(gap.to));
            let more = match lang {
                Lang::Zh => format!("{more} · {homes} 户"),
                Lang::En => format!("{more} · homes: {homes}"),
            };
            let nobody = lang.say("无人在岗：", "nobody on duty of ");
            rows.push(GapRow { what: format!("{nobody}{roles}"), more, is_new });
        }
    }
    rows.sort_by_key(|row| !row.is_new);
    rows.truncate(GAPS_MAX);
    rows
}

/// When, by whom and why; and what.
async fn past(web: &Web, visitor: &Visitor, name: &Name) -> Result<Vec<(String, String)>, Trouble> {
    let of = format!("plan {name}");
    let changes = web.read(move |reader| reader.changes_of(&of, None, PAST_MAX)).await?;
    let maker = Maker::new(web, visitor);
    let row = |(_, at, deed): &(i64, crate::domain::Time, crate::domain::DeedOnRecord)| {
        let by = maker.names.of_deed(&deed.deed.by);
        let turns = deed.altered.iter().map(|altered| {
            let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            format!("{}: {} → {}", altered.key, side(&altered.before), side(&altered.after))
        });
        let turns = turns.collect::<Vec<_>>().join("; ");
        let at = maker.clock_in(*at, &web.zone());
        (format!("{at} · {by} · {}", deed.deed.why), turns)
    };
    Ok(changes.iter().map(row).collect())
}

fn word(dial: &Dial, lang: Lang) -> String {
    let mut path = dial.key.split('.');
    let (first, nth, last) = (path.next(), path.next(), path.next());
    if let (Some("rungs"), Some(nth), Some(last)) = (first, nth, last) {
        let n = nth.parse::<usize>().unwrap_or(0) + 1;
        let what = match (last, dial.of) {
            ("repeat", _) => lang.say("重复间隔", "again every"),
            (_, Of::Words) => lang.say("通知", "tells"),
            (_, _) => lang.say("报警后", "after the alarm"),
        };
        return match lang {
            Lang::Zh => format!("第 {n} 步 {what}"),
            Lang::En => format!("rung {n}: {what}"),
        };
    }
    let (zh, en) = match dial.key.as_str() {
        "arrive_within" => ("到场，自签收", "on the scene within, from acceptance"),
        "resolve_within" => ("办结，自到场", "an outcome within, from then"),
        "verify_within" => ("核查，自办结", "verified within, from then"),
        "report_within" => ("部门报到", "departments report in within"),
        "close_within" => ("超过即督办", "supervisors hear of it after"),
        "answers" => ("须签收人数", "so many must accept"),
        other => (other, other),
    };
    lang.say(zh, en).to_owned()
}
