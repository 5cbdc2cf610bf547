//! `/rota/{who}`: when somebody is on duty every week, and when not for once. `/account/leave`: one's own leaves.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::DateTime;

use crate::domain::{Duty, Leave, PersonId, Responder};
use crate::registrar::Edit;
use crate::web::lang::{Lang, Visitor};
use crate::web::layout::Frame;
use crate::web::moves::Mistake;
use crate::web::settle::{Labels, Reply, Sent, Typed};
use crate::web::{Web, layout};

use super::{gaps, in_short};

/// What the fields of the forms are called.
const LABELS: Labels = &[
    ("from", "从", "From"),
    ("to", "到", "To"),
    ("why", "原因", "Why"),
    ("at", "从何时起", "Since when"),
    ("duty", "每周班次", "Every week"),
];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/rota/{who}", get(show).post(change))
        .route("/account/leave", get(own).post(change_own))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb">{% if is_own %}<a href="/account">← {{ lang.say("我的账户", "My account") }}</a>{% else %}<a href="/rota">← {{ lang.say("值班表", "Who is on duty") }}</a>{% endif %}</p>
<h1>{{ name }} <small>{{ role }}</small></h1>
{{ reply|safe }}
<section><h2>{{ lang.say("请假", "Leave") }}</h2>
{% if leaves.is_empty() %}<p class="hint">{{ lang.say("没有登记请假", "None is on record") }}</p>{% endif %}
<ul class="facts">{% for leave in leaves %}<li><span class="what">{{ leave }}</span></li>{% endfor %}</ul>
{% if let Some(me) = me %}<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("从", "From") }}<input type="datetime-local" name="from" value="{{ typed.at("from") }}" required></label>
<label>{{ lang.say("到", "To") }}<input type="datetime-local" name="to" value="{{ typed.at("to") }}" required></label>
<label>{{ lang.say("原因", "Why") }}<input name="why" value="{{ typed.at("why") }}" maxlength="200" required></label>
<button class="main" name="do" value="leave">{{ lang.say("登记请假", "Put the leave on record") }}</button></form>
{% if !leaves.is_empty() %}<details{% if typed.is("do", "back") %} open{% endif %}><summary>{{ lang.say("提前返岗", "Back before it ends") }}</summary><form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("从何时起", "Since when") }}<input type="datetime-local" name="at" value="{% if typed.at("at").is_empty() %}{{ now }}{% else %}{{ typed.at("at") }}{% endif %}" required></label>
<button name="do" value="back">{{ lang.say("已返岗", "On duty again") }}</button></form></details>{% endif %}</section>
{% if !is_own %}<section><h2>{{ lang.say("每周班次", "Every week") }}</h2>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("每行一个时段；留空：一直在岗", "One line for each stretch; none: always on duty") }}<textarea name="duty" rows="4" spellcheck="false" autocapitalize="none">{{ duty }}</textarea></label>
<p class="hint">{{ lang.say("例如", "Such as") }} <code>workdays 08:00-18:00</code>, <code>restdays 09:00-17:00</code>, <code>daily 20:00-08:00</code>, <code>mon-wed,fri 00:00-24:00</code>. {{ lang.say("workdays 为工作日（含调休），restdays 为休息日；跨午夜的时段属于开始的那一天。", "Workdays and restdays go by the calendar; hours that cross midnight belong to the day they begin.") }}</p>
<button name="do" value="duty">{{ lang.say("保存班次", "Save the hours") }}</button></form></section>{% endif %}{% endif %}"#
)]
struct Page {
    lang: Lang,
    is_own: bool,
    name: String,
    role: &'static str,
    reply: Reply,
    me: Option<String>,
    /// Those that are not over.
    leaves: Vec<String>,
    now: String,
    duty: String,
    typed: Typed,
}

type Named = Result<Path<String>, PathRejection>;

/// Somebody who comes to a home that whoever looks sees.
fn of_theirs(web: &Web, visitor: &Visitor, who: Named) -> Option<Responder> {
    let who: PersonId = who.ok()?.0.parse().ok()?;
    web.people_of(visitor).remove(&who)
}

fn myself(web: &Web, visitor: &Visitor) -> Option<Responder> {
    web.people_of(visitor).remove(visitor.me.as_ref()?)
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, who: Named) -> Response {
    match of_theirs(&web, &visitor, who) {
        Some(person) => page(&web, &visitor, &person, false, (Reply::none(), Typed::default())),
        None => layout::not_found(&visitor),
    }
}

async fn own(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    match myself(&web, &visitor) {
        Some(person) => page(&web, &visitor, &person, true, (Reply::none(), Typed::default())),
        None => layout::not_found(&visitor),
    }
}

async fn change(State(web): State<Arc<Web>>, visitor: Visitor, who: Named, form: Sent) -> Response {
    match of_theirs(&web, &visitor, who) {
        Some(person) => changed(&web, &visitor, person, false, Typed::read(form)).await,
        None => layout::not_found(&visitor),
    }
}

async fn change_own(State(web): State<Arc<Web>>, visitor: Visitor, form: Sent) -> Response {
    match myself(&web, &visitor) {
        Some(person) => changed(&web, &visitor, person, true, Typed::read(form)).await,
        None => layout::not_found(&visitor),
    }
}

async fn changed(
    web: &Web,
    visitor: &Visitor,
    person: Responder,
    is_own: bool,
    typed: Typed,
) -> Response {
    let who = person.id.clone();
    let edit = |by: &PersonId, now: DateTime| edit(&who, is_own, &typed, by, now);
    let mut reply = web.edit(visitor, (LABELS, &typed), edit).await;
    if !reply.is_done() {
        return page(web, visitor, &person, is_own, (reply, typed));
    }
    let (zone, now) = (web.zone(), web.site.clock.wall());
    let from = if typed.is("do", "back") { typed.moment("at") } else { typed.moment("from") };
    let until = gaps::last_leave(&person).filter(|_| typed.is("do", "back"));
    let to = until.map_or_else(|| typed.moment("to"), |to| to.to_string());
    let within = gaps::stretch(&from, &to, &zone, now);
    reply.lines.extend(gaps::left(web, visitor, &who, within).await);
    let person = web.people_of(visitor).remove(&who).unwrap_or(person);
    page(web, visitor, &person, is_own, (reply, Typed::default()))
}

/// What a form says. Nobody sets their own hours.
fn edit(
    who: &PersonId,
    is_own: bool,
    typed: &Typed,
    by: &PersonId,
    now: DateTime,
) -> Result<Edit, Vec<Mistake>> {
    let (who, by, on) = (who.clone(), by.clone(), now.date());
    match typed.at("do") {
        "leave" => {
            let why = typed.words(|words| words.text("why", false))?;
            let (from, to) = (typed.moment("from"), typed.moment("to"));
            Ok(Edit::Leave { who, from, to, why, by, on })
        }
        "back" => Ok(Edit::Back { who, at: typed.moment("at"), by, on }),
        "duty" if !is_own => {
            let lines = typed.at("duty").lines().map(str::trim).filter(|line| !line.is_empty());
            let read = |line: &str| line.parse::<Duty>().map_err(|e| Mistake::new("duty", e));
            let (right, wrong): (Vec<_>, Vec<_>) = lines.map(read).partition(Result::is_ok);
            let wrong: Vec<Mistake> = wrong.into_iter().filter_map(Result::err).collect();
            if !wrong.is_empty() {
                return Err(wrong);
            }
            let duty = Some(right.into_iter().filter_map(Result::ok).collect());
            Ok(responder(who, duty, by, now))
        }
        other => {
            let why = format!("`{other}` cannot be done here: one of leave, back, duty");
            Err(vec![Mistake::new("do", why)])
        }
    }
}

fn responder(who: PersonId, duty: Option<Vec<Duty>>, by: PersonId, now: DateTime) -> Edit {
    Edit::Responder {
        who,
        name: None,
        role: None,
        language: None,
        duty,
        contacts: Vec::new(),
        homes: Vec::new(),
        by: Some(by),
        on: Some(now.date()),
    }
}

fn page(
    web: &Web,
    visitor: &Visitor,
    person: &Responder,
    is_own: bool,
    (reply, typed): (Reply, Typed),
) -> Response {
    let lang = visitor.lang;
    let now = web.site.clock.wall().civil(&web.zone());
    let goes_on = |leave: &&Leave| now < leave.to;
    let duty = person.rota.duty.iter().map(Duty::to_string).collect::<Vec<_>>().join("\n");
    let told = |leave: &Leave| {
        let by = leave.noted.as_ref().map(|noted| web.names().of(&noted.by).to_owned());
        by.map_or_else(|| in_short(lang, leave), |by| format!("{} · {by}", in_short(lang, leave)))
    };
    let status = reply.status;
    let main = Page {
        lang,
        is_own,
        name: person.name.clone(),
        role: lang.say(person.role.zh(), person.role.name()),
        reply,
        me: visitor.me.as_ref().map(ToString::to_string),
        leaves: person.rota.leaves.iter().filter(goes_on).map(told).collect(),
        now: now.strftime("%Y-%m-%dT%H:%M").to_string(),
        duty: if typed.is("do", "duty") { typed.at("duty").to_owned() } else { duty },
        typed,
    };
    layout::framed(web, visitor, (status, Frame::Form), &person.name, &main)
}
