//! `/people/{id}/going`: somebody is taken off a home, or out of the register; what that leaves open is said before.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use crate::domain::{Home, HomeId, Incident, PersonId, Responder, Role};
use crate::engine::Book;
use crate::engine::rota::left;
use crate::registrar::{Change, Edit};
use crate::store::views::{Filter, Shown};
use crate::web::ask::Trouble;
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::layout::Frame;
use crate::web::settle::{Labels, Reply, Sent, Typed};
use crate::web::{Web, layout, told};

use super::person::of_theirs;
use super::{LoggedIn, people};

/// What the fields of the forms are called.
const LABELS: Labels = &[("home", "住户", "Home")];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/people/{id}/going", get(show).post(go))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/people/{{ path }}">← {{ name }}</a></p>
<h1>{{ lang.say("离开：", "Going: ") }}{{ name }} <small>{{ id }}</small></h1>
{{ reply|safe }}
<p class="hint">{{ lang.say("此人做过的一切仍以其姓名留在记录中。", "What they did stays on record under their name.") }}</p>
{% for home in homes %}<section><h2>{{ home.name }}</h2>
{% if home.open.is_empty() %}<p class="calm">{{ lang.say("不留下空缺", "Nothing is left open") }}</p>{% endif %}
<ul class="closed toned">{% for (what, href) in home.open %}<li class="serious">{% if href.is_empty() %}<p class="row"><span class="mark" aria-hidden="true"></span><span class="what">{{ what }}</span></p>{% else %}<a href="{{ href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ what }}</span></a>{% endif %}</li>{% endfor %}</ul>
<form method="post"><button name="home" value="{{ home.id }}">{{ lang.say("不再负责：", "Take them off ") }}{{ home.name }}</button></form></section>{% endfor %}
<section><h2>{{ lang.say("移出登记", "Out of the register") }}</h2>
{% if comes_elsewhere %}<p class="hint">{{ lang.say("此人还负责您看不到的住户：须由那里的值班长先将其移出。", "They come to homes that are not yours as well: a supervisor there takes them off those first.") }}</p>
{% else %}<p>{{ lang.say("此人不再负责任何住户，不再收到消息；班次和请假一并删去，已登录的手机立即退出，密码、邀请和推送作废。编号不再给别人使用。", "They come to no home and are told of nothing any more. Their shifts and leaves go, their phones are logged out at once, and password, invitations and pushes are void. Nobody else gets their id.") }}</p>
<details><summary>{{ lang.say("移出登记", "Out of the register") }}</summary><form method="post"><button name="do" value="depart">{{ lang.say("确定移出", "Yes: out of the register") }}</button></form></details>{% endif %}</section>"#
)]
struct Page {
    lang: Lang,
    id: String,
    path: String,
    name: String,
    reply: Reply,
    homes: Vec<Place>,
    comes_elsewhere: bool,
}

/// A home that they come to.
struct Place {
    id: String,
    name: String,
    /// What would be left open, and where it is dealt with.
    open: Vec<(String, String)>,
}

type Named = Result<Path<String>, PathRejection>;

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, _me: LoggedIn, id: Named) -> Response {
    match of_theirs(&web, &visitor, id) {
        Some(person) => page(&web, &visitor, &person, Reply::none()).await,
        None => layout::not_found(&visitor),
    }
}

async fn go(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    me: LoggedIn,
    id: Named,
    form: Sent,
) -> Response {
    let Some(person) = of_theirs(&web, &visitor, id) else { return layout::not_found(&visitor) };
    let (typed, told) = (Typed::read(form), (visitor.lang, LABELS));
    let on = web.site.clock.wall().civil(&web.zone()).date();
    let (who, by) = (person.id.clone(), me.person.clone());
    let is_for_good = typed.is("do", "depart") && !comes_elsewhere(&web, &visitor, &person.id);
    let edit = match typed.words(|words| words.parsed::<HomeId>("home")) {
        _ if is_for_good => Edit::Depart { who, by, on },
        Ok(home) if web.homes_of(&visitor).iter().any(|of| of.id == home) => {
            Edit::Release { who, home, by, on }
        }
        Ok(_) => return layout::not_found(&visitor),
        Err(mistakes) => {
            let reply = Reply::mistaken(told, &mistakes);
            return page(&web, &visitor, &person, reply).await;
        }
    };
    let reply = web.settle(told, &me.person, Change::Edits(vec![edit])).await;
    if reply.is_done()
        && is_for_good
        && let Err(trouble) = web.shut_out(&person.id, me.person.as_str()).await
    {
        // Whoever is in no register is let in nowhere; what is left is only not tidied up.
        tracing::warn!(%trouble, "what let in somebody who has left is still there");
    }
    match web.people_of(&visitor).remove(&person.id) {
        Some(person) => page(&web, &visitor, &person, reply).await,
        None => people::page(&web, &visitor, reply, Typed::default()).await,
    }
}

/// Whether they come to a home that whoever looks does not.
fn comes_elsewhere(web: &Web, visitor: &Visitor, who: &PersonId) -> bool {
    let homes = web.homes();
    let mut theirs =
        homes.iter().filter(|home| home.is_ordinary() && home.responder(who).is_some());
    theirs.any(|home| !web.shows(visitor, home))
}

async fn page(web: &Web, visitor: &Visitor, person: &Responder, reply: Reply) -> Response {
    match make(web, visitor, person, reply).await {
        Ok(page) => {
            let title = page.name.clone();
            layout::framed(web, visitor, (page.reply.status, Frame::Form), &title, &page)
        }
        Err(trouble) => layout::trouble(visitor, &trouble),
    }
}

async fn make(
    web: &Web,
    visitor: &Visitor,
    person: &Responder,
    reply: Reply,
) -> Result<Page, Trouble> {
    let comes = |home: &Arc<Home>| home.is_ordinary() && home.responder(&person.id).is_some();
    let homes: Vec<Arc<Home>> = web.homes_of(visitor).into_iter().filter(comes).collect();
    let of = Some(homes.iter().map(|home| home.id.clone()).collect());
    let filter = Filter { open: Some(true), homes: of, ..Filter::default() };
    let open = web.read(move |reader| reader.incidents(&filter)).await?;
    let (book, mut places) = (web.book().await, Vec::new());
    for home in &homes {
        let here = open.iter().filter(|shown| shown.id.home == home.id);
        let mut left_open = without(book.as_deref(), visitor.lang, home, person);
        left_open.extend(here.filter_map(|shown| theirs(visitor.lang, shown, &person.id)));
        let (id, name) = (home.id.to_string(), home.name.clone());
        places.push(Place { id, name, open: left_open });
    }
    Ok(Page {
        lang: visitor.lang,
        id: person.id.to_string(),
        path: encode(person.id.as_str()),
        name: person.name.clone(),
        reply,
        homes: places,
        comes_elsewhere: comes_elsewhere(web, visitor, &person.id),
    })
}

/// The rungs that would tell nobody, and who administers the home.
fn without(
    book: Option<&Book>,
    lang: Lang,
    home: &Home,
    person: &Responder,
) -> Vec<(String, String)> {
    let mut open = Vec::new();
    let Some(book) = book else {
        let unknown = "预案暂时读不到：不知道会留下什么空缺";
        return vec![(lang.say(unknown, "The plans cannot be read now").to_owned(), String::new())];
    };
    let left = left(book, home, &person.id);
    for plan in &left.silent {
        let plan = book.plan_title(plan.as_str(), lang);
        open.push((
            match lang {
                Lang::Zh => format!("预案 {plan} 将无人可通知：请先为此户加人"),
                Lang::En => format!("nobody would be told by the plan {plan}: add somebody first"),
            },
            String::new(),
        ));
    }
    for (roles, plans) in &left.bare {
        let roles = told::roles(roles, lang);
        let plans = book.plan_titles(plans, lang);
        let told = match lang {
            Lang::Zh => format!("此户不再有{roles}（预案 {plans}）"),
            Lang::En => format!("no {roles} comes here any more (plans {plans})"),
        };
        open.push((told, String::new()));
    }
    let supervises = |other: &Responder| other.role == Role::Supervisor && other.id != person.id;
    if person.role == Role::Supervisor && !home.responders.iter().any(supervises) {
        let told = lang.say("此户不再有值班长", "no supervisor comes here any more");
        open.push((told.to_owned(), String::new()));
    }
    open
}

/// What of an open incident is somebody's.
fn theirs(lang: Lang, shown: &Shown, who: &PersonId) -> Option<(String, String)> {
    let Incident { accepted, desk, title, .. } = &shown.incident;
    let has = |of: Option<&PersonId>| of == Some(who);
    let word = if has(accepted.as_ref().map(|(who, _)| who)) {
        lang.say("已由其签收，离开后继续通知他人：", "they have it; others are told when they go: ")
    } else if has(desk.assigned.as_ref()) {
        lang.say("已派给此人：", "assigned to them: ")
    } else if desk.with.contains(who) {
        lang.say("此人一同处置：", "they come along: ")
    } else if has(desk.wish.as_ref().map(|(who, _)| who)) {
        lang.say("此人的申请待审批：", "they asked for something: ")
    } else if desk.whistle.iter().flat_map(|w| &w.called).any(|called| called.who == *who) {
        lang.say("已对其吹哨：", "they were called: ")
    } else {
        return None;
    };
    let told = format!("{word}{} {}", lang.say(&title.zh, &title.en), shown.id);
    Some((told, format!("/incidents/{}", encode(&shown.id.to_string()))))
}
