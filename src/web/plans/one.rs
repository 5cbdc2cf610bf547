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
use crate::rule::dial::{Dial, adjusted, plan_dials};
use crate::web::ask::Trouble;
use crate::web::card::Maker;
use crate::web::lang::{Lang, Visitor};
use crate::web::layout::Frame;
use crate::web::paper::asked;
use crate::web::rules::{InForce, may_force, names};
use crate::web::{Web, layout, told};

use super::fields::{self, Field};
use super::force;
use super::list::{Ladder, ladder};
use super::past::{Past, before, changes};

/// So many gaps are named.
const GAPS_MAX: usize = 20;
/// The rota is looked at for so long from now.
const AHEAD: Span = Span::hours(7 * 24);

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/plans/{name}", get(show).post(compare))
        .route("/plans/{name}/force", post(force::force))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/plans#{{ name }}">← {{ lang.say("预案", "Plans") }}</a></p>
<h1>{{ lang.say("预案", "Plan") }} {{ title }}</h1>
{% if is_done %}<p class="banner" role="status">{{ lang.say("已启用，并已记录在案", "It is in force, and on record") }}</p>{% endif %}
{% if !mistakes.is_empty() %}<div class="banner refused" role="alert">{% for mistake in mistakes %}<p>{{ mistake }}</p>{% endfor %}</div>{% endif %}
{% if let Some(said) = is_put_back %}<p class="hint">{{ said }}</p>{% endif %}
<div class="both"><section><h2>{{ lang.say("现在", "As it is") }}</h2>{{ is|safe }}</section>
{% if let Some(next) = next %}<section><h2>{{ lang.say("改后", "As it would be") }}</h2>{{ next.ladder|safe }}</section>{% endif %}</div>
{% if let Some(next) = next %}<section id="force"><h2>{{ lang.say("值班表中的空缺", "Gaps in the rota") }}</h2>
{% if next.gaps.is_empty() %}<p class="health well"><span class="mark" aria-hidden="true"></span>{{ lang.say("未来七天没有空缺", "No gap in the coming seven days") }}</p>{% endif %}
<ul class="closed toned">{% for gap in next.gaps %}<li class="{% if gap.is_new %}urgent{% else %}serious{% endif %}"><p class="row"><span class="mark" aria-hidden="true"></span><span class="what">{{ gap.what }}<small>{{ gap.more }}</small></span></p></li>{% endfor %}</ul>
{% if may_force %}<form method="post" action="/plans/{{ name }}/force">{% for (key, value) in next.fields %}<input type="hidden" name="{{ key }}" value="{{ value }}">{% endfor %}<input type="hidden" name="shown" value="{{ next.shown }}">
<label>{{ lang.say("为什么（记录在案）", "Why (it goes on record)") }}<textarea name="why" rows="3" maxlength="500" required>{{ why }}</textarea></label>
<button class="main">{{ lang.say("启用", "Put it in force") }}</button></form>{% else %}<p class="hint">{{ lang.say("由值班长启用", "A supervisor puts it in force") }}</p>{% endif %}</section>{% endif %}
<section><h2>{{ lang.say("改动", "Make it otherwise") }}</h2><form method="post" action="/plans/{{ name }}">
{% for (n, fields) in rungs %}<div class="rung"><h3>{{ lang.say("第", "Rung") }} {{ n }}{{ lang.say(" 步", "") }}</h3>{% for field in fields %}{{ field|safe }}{% endfor %}</div>
{% endfor %}<h3>{{ lang.say("时限", "Limits") }}</h3><div class="filter dials">
{% for field in limits %}{{ field|safe }}{% endfor %}</div><p class="hint">{{ lang.say("部门报到：不填为一小时；督办：不填则不督办。", "Departments: an hour where nothing is said. Supervisors: never where nothing is said.") }}</p>
<button class="main">{{ lang.say("对比", "Show what differs") }}</button></form></section>
<section><h2>{{ lang.say("最近的改动", "What was changed lately") }}</h2>
{% if past.is_empty() %}<p class="hint">{{ lang.say("没有记录", "Nothing is on record") }}</p>{% endif %}
{% for change in past %}<article class="card"><h3>{{ change.at }} · {{ change.by }}</h3><p>{{ change.why }}</p>
<ul class="facts">{% for (what, before, after) in change.turns %}<li><span class="what">{{ what }}</span><span>{{ before }} → <strong>{{ after }}</strong></span></li>{% endfor %}</ul>
{% if let Some(href) = change.undo %}<a class="button" href="{{ href }}">{{ lang.say("恢复到改动之前（先对比）", "Put back what it was (shown side by side first)") }}</a>{% endif %}</article>{% endfor %}</section>"#
)]
struct Page {
    lang: Lang,
    name: String,
    title: String,
    is_done: bool,
    mistakes: Vec<String>,
    is_put_back: Option<String>,
    is: Ladder,
    next: Option<Next>,
    may_force: bool,
    why: String,
    /// By the number of the rung.
    rungs: BTreeMap<usize, Vec<Field>>,
    limits: Vec<Field>,
    past: Vec<Past>,
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

/// What was written in the form, and what is said back.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) form: BTreeMap<String, String>,
    pub(super) mistakes: Vec<String>,
    pub(super) why: String,
    /// The change on record that is to be put back.
    pub(super) undo: Option<i64>,
    pub(super) is_done: bool,
}

/// The texts with the plan as it is wanted, and their book.
///
/// # Errors
/// Every mistake, each in a sentence, by what its field is called.
pub(super) fn amended(
    in_force: &InForce,
    plan: &Name,
    form: &BTreeMap<String, String>,
) -> Result<(BookTexts, Book), Vec<Sentence>> {
    let source = in_force.book.plan_source(plan);
    let dials = source.map(plan_dials).unwrap_or_default();
    let wanted = fields::read(&dials, form);
    let wrong = fields::mistakes(&dials, &wanted);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let word = |dial: &Dial, lang| fields::word(&dial.key, lang);
    let named = |why: &Sentence| names::in_form(&dials, word, why);
    let texts = &in_force.texts;
    let plans = adjusted(&texts.plans, ("plan", plan), &dials, &wanted).map_err(|why| vec![why])?;
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
    let undo = asked(&uri, "undo").and_then(|id| id.parse().ok());
    page(&web, &visitor, path, Typed { undo, is_done, ..Typed::default() }).await
}

async fn compare(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    path: Result<Path<String>, PathRejection>,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    page(&web, &visitor, path, Typed { form, ..Typed::default() }).await
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
            let title = format!("{} {}", visitor.lang.say("预案", "Plan"), page.title);
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
    let (dials, Typed { mut form, mut mistakes, why, undo, is_done }) = (plan_dials(source), typed);
    let (changes, maker) = (changes(web, name).await?, Maker::new(web, visitor));
    let undone = changes.iter().find(|(id, ..)| Some(*id) == undo);
    let undone = undone.and_then(|(_, at, deed)| Some((at, before(deed, &dials)?)));
    let is_put_back = undone.map(|(at, was)| {
        form = was;
        let at = maker.clock_in(*at, &web.zone());
        match lang {
            Lang::Zh => format!("“改后”是 {at} 改动之前的样子"),
            Lang::En => format!("As it would be is as it was before the change of {at}"),
        }
    });
    let wanted = fields::read(&dials, &form);
    let mut next = None;
    match amended(&in_force, name, &wanted) {
        Ok((texts, _)) if texts == in_force.texts => {
            if !form.is_empty() && mistakes.is_empty() {
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
        Err(_) if !mistakes.is_empty() => {}
        Err(wrong) => mistakes = wrong.iter().map(|why| why.say(lang).to_owned()).collect(),
    }
    let (mut rungs, mut limits) = (BTreeMap::<_, Vec<Field>>::new(), Vec::new());
    for dial in &dials {
        let field = Field::new(dial, &wanted, lang);
        match fields::rung(&dial.key) {
            Some(n) => rungs.entry(n).or_default().push(field),
            None => limits.push(field),
        }
    }
    Ok(Some(Page {
        lang,
        name: name.to_string(),
        title: plan.title(lang).to_owned(),
        is_done,
        mistakes,
        is_put_back,
        is: ladder(lang, book, plan),
        next,
        may_force: may_force(web, visitor),
        why,
        rungs,
        limits,
        past: changes
            .iter()
            .map(|change| Past::new(change, (name, &dials), (web, &maker), lang))
            .collect(),
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
            let roles = told::roles(&gap.roles, lang);
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
