//! `/mount/{home}/{device}`: trying a device out, and seeing at once what arrives. While it is tried out it raises
//! no alarm, and the test ends by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use crate::domain::{DeviceId, Fact, Home, Input, Step, WalkAct, Walked};
use crate::inbox::{Answer, Arrival, Look};
use crate::web::ask::Trouble;
use crate::web::card::{Maker, coarse};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::{Web, layout, told};

use super::device_of;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/mount/{home}/{device}", get(show).post(act))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="{{ back }}">← {{ place }}</a></p>
<h1>{{ id }} <small>{{ room }} · {{ profile }}</small></h1>
{% if let Some(said) = said %}<p class="banner refused" role="alert">{{ said }}</p>{% endif %}
<p>{{ heard }}</p>
<section{% if testing.is_some() %} data-again="1500"{% endif %}><h2>{{ lang.say("检测", "Trying it out") }}</h2>
{% if let Some(until) = testing %}<p class="banner">{{ lang.say("检测中，它的消息不报警；自动结束：", "Under test: what it says raises no alarm. It ends by itself at ") }}{{ until }}</p>{% endif %}
{% if let Some((tone, word, more)) = last %}<p class="health {{ tone }}"><span class="mark" aria-hidden="true"></span>{{ word }}</p>{% for line in more %}<p class="hint">{{ line }}</p>{% endfor %}{% endif %}
<ol class="facts">{% for step in steps %}<li class="{% if step.is_seen %}normal{% else %}unknown{% endif %}"><span class="mark" aria-hidden="true"></span><span class="what">{{ step.what }}{% if step.is_optional %} <small>{{ lang.say("（可选）", "(may be left out)") }}</small>{% endif %}</span><small>{{ step.seen }}</small></li>{% endfor %}</ol>
<form method="post">{% if testing.is_some() %}<button name="act" value="end">{{ lang.say("结束检测", "End the test") }}</button>{% else %}<button class="main" name="act" value="begin">{{ lang.say("开始检测", "Begin the test") }}</button>{% endif %}</form></section>
<section><h2>{{ lang.say("它说过什么", "What it said") }}</h2>
{% if facts.is_empty() %}<p class="hint">{{ lang.say("还没有任何消息", "Nothing yet") }}</p>{% endif %}
<ul class="facts">{% for (what, value, at) in facts %}<li><span class="what">{{ what }} <strong>{{ value }}</strong></span><small>{{ at }}</small></li>{% endfor %}</ul></section>"#
)]
struct Page {
    lang: Lang,
    back: String,
    place: String,
    id: String,
    room: String,
    profile: String,
    said: Option<String>,
    heard: String,
    /// Until when it is tried out.
    testing: Option<String>,
    /// How the last test ended: tone, word, and what was missing or is to be minded.
    last: Option<(&'static str, String, Vec<String>)>,
    steps: Vec<Row>,
    facts: Vec<(String, String, String)>,
}

struct Row {
    what: String,
    is_optional: bool,
    is_seen: bool,
    seen: String,
}

type Names = Result<Path<(String, String)>, PathRejection>;

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, path: Names) -> Response {
    match device_of(&web, &visitor, path) {
        Some(at) => page(&web, &visitor, &at, (StatusCode::OK, None)).await,
        None => layout::not_found(&visitor),
    }
}

async fn act(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    path: Names,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let Some(at) = device_of(&web, &visitor, path) else { return layout::not_found(&visitor) };
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let (lang, (home, device)) = (visitor.lang, &at);
    let Some(by) = visitor.me.clone() else {
        let said = lang.say("请先选择您是谁", "Choose who you are first").to_owned();
        return page(&web, &visitor, &at, (StatusCode::BAD_REQUEST, Some(said))).await;
    };
    let begins = form.get("act").is_some_and(|act| act == "begin");
    let act = match web.look(&home.id).await {
        Ok(Some(look)) if begins => {
            let (steps, lasts) = web.to_do(&look, device);
            WalkAct::Begin { steps, lasts }
        }
        Ok(Some(_)) => WalkAct::End,
        Ok(None) => return layout::not_found(&visitor),
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let input = Input::Walk { device: device.clone(), by, act };
    match web.post(Arrival::Input { home: home.id.clone(), input }).await {
        Ok(Answer::Done | Answer::Looked(_) | Answer::Forgotten(_)) => {
            let to = format!("/mount/{}/{}", encode(home.id.as_str()), encode(device.as_str()));
            Redirect::to(&to).into_response()
        }
        Ok(Answer::Refused(why)) => {
            let said = Some(told::refusal(&why, lang, &web.names()));
            page(&web, &visitor, &at, (StatusCode::CONFLICT, said)).await
        }
        Ok(Answer::Unknown(_)) => layout::not_found(&visitor),
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn page(
    web: &Web,
    visitor: &Visitor,
    (home, device): &(Arc<Home>, DeviceId),
    (status, said): (StatusCode, Option<String>),
) -> Response {
    match make(web, visitor, home, device).await {
        Ok(Some(page)) => {
            let page = Page { said, ..page };
            layout::page(web, visitor, status, &page.id.clone(), &page)
        }
        Ok(None) => layout::not_found(visitor),
        Err(trouble) => layout::trouble(visitor, &trouble),
    }
}

async fn make(
    web: &Web,
    visitor: &Visitor,
    home: &Home,
    device: &DeviceId,
) -> Result<Option<Page>, Trouble> {
    let id = home.id.clone();
    let walks = web.read(move |reader| reader.walks(&id)).await?;
    let Some(look) = web.look(&home.id).await? else { return Ok(None) };
    let Some(mounted) = look.home.device(device) else { return Ok(None) };
    let (lang, maker) = (visitor.lang, Maker::new(web, visitor));
    let sight = look.situation.sight(device);
    let walk = sight.and_then(|sight| sight.walk.as_ref());
    let clock = |at| maker.clock(maker.wall(at), &home.id);
    let heard = match sight.and_then(|sight| sight.heard) {
        None => lang.say("从未收到消息", "never heard of").to_owned(),
        Some(at) => {
            let ago = told::span(coarse(maker.now() - at), lang);
            format!("{}{ago}", lang.say("最近一次消息：", "last heard: "))
        }
    };
    let steps = walk.map_or_else(|| web.to_do(&look, device).0, |walk| walk.steps.clone());
    let facts = sight.into_iter().flat_map(|sight| sight.facts());
    let shows = |fact: &&Fact| shows_vitals(&look, visitor) || !fact.property.is_vital();
    let fact = |fact: &Fact| {
        let value = told::value(fact.property, fact.value, lang);
        (told::property(fact.property, lang), value, clock(fact.seen))
    };
    Ok(Some(Page {
        lang,
        back: format!("/mount/{}", encode(home.id.as_str())),
        place: home.name.clone(),
        id: device.to_string(),
        room: mounted.room.clone(),
        profile: mounted.profile.clone(),
        said: None,
        heard,
        testing: walk.map(|walk| clock(walk.until)),
        last: walks.get(device).filter(|_| walk.is_none()).map(|walked| last(&maker, home, walked)),
        steps: steps.iter().map(|step| row(step, lang, clock)).collect(),
        facts: facts.filter(shows).map(fact).collect(),
    }))
}

fn shows_vitals(look: &Look, visitor: &Visitor) -> bool {
    visitor.me.as_ref().is_some_and(|me| look.home.shows_vitals_to(me))
}

fn row(step: &Step, lang: Lang, clock: impl Fn(crate::domain::Time) -> String) -> Row {
    let seen = step.seen.map(|seen| {
        let value = told::value(seen.property, seen.value, lang);
        format!("{} {value} · {}", told::property(seen.property, lang), clock(seen.at))
    });
    Row {
        what: lang.say(&step.what.zh, &step.what.en).to_owned(),
        is_optional: step.optional,
        is_seen: seen.is_some(),
        seen: seen.unwrap_or_else(|| lang.say("尚未看到", "not seen yet").to_owned()),
    }
}

fn last(maker: &Maker<'_>, home: &Home, walked: &Walked) -> (&'static str, String, Vec<String>) {
    let lang = maker.visitor.lang;
    let at = maker.clock(walked.ended_at, &home.id);
    let by = maker.names.of(&walked.by);
    let word = lang.say(walked.finding.zh(), walked.finding.name());
    let is_passed = walked.finding == crate::domain::Finding::Passed;
    let missing = walked.missing();
    let missing = (!missing.is_empty())
        .then(|| format!("{}{}", lang.say("没有看到：", "not seen: "), missing.join(", ")));
    let minds = walked.warnings().into_iter().map(|mind| lang.say(&mind.zh, &mind.en).to_owned());
    let tone = if is_passed { "well" } else { "unwell" };
    (tone, format!("{word} · {at} · {by}"), missing.into_iter().chain(minds).collect())
}
