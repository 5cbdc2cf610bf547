//! `/requests`: what was asked for and reported, how it stands, and a form for more.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use crate::domain::{HomeId, Input, Light, Origin};
use crate::inbox::{Answer, Arrival};
use crate::report::AskedFor;

use super::card::Maker;
use super::errands::categories;
use super::lang::{Lang, Visitor, encode};
use super::moves::Mistake;
use super::said::read_said;
use super::{Web, layout, told};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/requests", get(list).post(report))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("诉求与上报", "Requests and reports") }}</h1>
{% if let Some(said) = said %}<p class="banner refused" role="alert">{{ said }}</p>{% endif %}
{% if let Some(me) = me %}<details id="report"{% if said.is_some() %} open{% endif %}><summary>{{ lang.say("提出诉求或上报情况", "Ask for something, or report it") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("住户", "Home") }}<select name="home" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (id, name) in homes %}<option value="{{ id }}"{% if *id == draft.home %} selected{% endif %}>{{ name }}</option>{% endfor %}</select></label>
<label>{{ lang.say("事项", "What") }}<select name="rule" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (rule, title) in rules %}<option value="{{ rule }}"{% if *rule == draft.rule %} selected{% endif %}>{{ title }}</option>{% endfor %}</select></label>
<fieldset><legend>{{ lang.say("来自", "From") }}</legend>{% for (from, word) in origins %}<label class="choice"><input type="radio" name="from" value="{{ from }}" required{% if *from == draft.from %} checked{% endif %}><span>{{ word }}</span></label>{% endfor %}</fieldset>
<label>{{ lang.say("原话", "In their own words") }}<textarea name="text" rows="3" maxlength="2000">{{ draft.text }}</textarea></label>
<button class="main">{{ lang.say("提交", "Report it") }}</button></form></details>
{% else %}<p class="hint">{{ lang.say("请先在上方选择您是谁", "Choose above who you are first") }}</p>{% endif %}
{% if rows.is_empty() %}<p class="calm">{{ lang.say("没有诉求", "Nothing was asked for") }}</p>{% endif %}
<ul class="closed">{% for row in rows %}<li class="{{ row.tone }}"><a href="{{ row.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ row.title }}<small>{{ row.place }} · {{ row.at }}{% if let Some(text) = row.text %}<br>{{ text }}{% endif %}</small></span><span class="outcome">{{ row.state }}</span></a></li>{% endfor %}</ul>"#
)]
struct Page {
    lang: Lang,
    said: Option<String>,
    me: Option<String>,
    homes: Vec<(String, String)>,
    rules: Vec<(String, String)>,
    origins: Vec<(String, &'static str)>,
    /// What was written before it was refused.
    draft: Draft,
    rows: Vec<Row>,
}

#[derive(Default)]
struct Draft {
    home: String,
    rule: String,
    from: String,
    text: String,
}

struct Row {
    tone: &'static str,
    href: String,
    title: String,
    place: String,
    at: String,
    text: Option<String>,
    state: String,
}

async fn list(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    page(&web, &visitor, (StatusCode::OK, None), Draft::default()).await
}

async fn report(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let mut form = form.map(|Form(form)| form).unwrap_or_default();
    let lang = visitor.lang;
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let draft = Draft {
        home: field("home"),
        rule: field("rule"),
        from: field("from"),
        text: field("text"),
    };
    let home = draft.home.parse::<HomeId>().ok().filter(|home| web.shows_home(&visitor, home));
    match web.speaker(&visitor, &form) {
        Some(by) => drop(form.insert("by".to_owned(), by.to_string())),
        None => drop(form.remove("by")),
    }
    form.insert("say".to_owned(), "report".to_owned());
    let (Some(home), Ok((by, what))) = (home, read_said(&form)) else {
        let wrong = read_said(&form).err().and_then(|all| all.into_iter().next());
        let said = in_words(wrong.as_ref(), lang).to_owned();
        return page(&web, &visitor, (StatusCode::BAD_REQUEST, Some(said)), draft).await;
    };
    let input = Input::Said { by, what };
    match web.post(Arrival::Input { home, input }).await {
        Ok(Answer::Done | Answer::Looked(_) | Answer::Forgotten(_)) => {
            Redirect::to("/requests").into_response()
        }
        Ok(Answer::Refused(why)) => {
            let said = Some(told::refusal(&why, lang, &web.names()));
            page(&web, &visitor, (StatusCode::CONFLICT, said), draft).await
        }
        Ok(Answer::Unknown(_)) => layout::not_found(&visitor),
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

/// What is missing in the form.
fn in_words(wrong: Option<&Mistake>, lang: Lang) -> &'static str {
    match wrong.map(|mistake| mistake.field.as_str()) {
        Some("by") => lang.say("请先选择您是谁", "Choose who you are first"),
        Some("rule") => lang.say("请选择事项", "Choose what it is about"),
        Some("from") => lang.say("请选择来自谁", "Choose whom it comes from"),
        Some("text") => lang.say("内容不超过 2000 字", "The text has at most 2000 characters"),
        Some(_) | None => lang.say("请选择住户", "Choose the home"),
    }
}

async fn page(
    web: &Web,
    visitor: &Visitor,
    (status, said): (StatusCode, Option<String>),
    draft: Draft,
) -> Response {
    let lang = visitor.lang;
    let homes: Vec<_> =
        web.homes_of(visitor).into_iter().filter(|h| !h.is_hub() && !h.is_area).collect();
    let asked = match web.asked_for(homes.clone(), None).await {
        Ok(asked) => asked,
        Err(trouble) => return layout::trouble(visitor, &trouble),
    };
    let maker = Maker::new(web, visitor);
    let looks = web.look_at(homes.clone()).await;
    let rules: BTreeMap<String, String> = looks
        .iter()
        .filter_map(|(_, look)| look.as_ref())
        .flat_map(categories)
        .map(|(rule, title)| (rule, lang.say(&title.zh, &title.en).to_owned()))
        .collect();
    let main = Page {
        lang,
        said,
        me: visitor.me.as_ref().map(ToString::to_string),
        homes: homes.iter().map(|home| (home.id.to_string(), home.name.clone())).collect(),
        rules: rules.into_iter().collect(),
        origins: Origin::ALL
            .iter()
            .map(|from| (from.name().to_owned(), lang.say(from.zh(), from.name())))
            .collect(),
        draft,
        rows: asked.iter().map(|asked| row(&maker, asked)).collect(),
    };
    layout::page(web, visitor, status, lang.say("诉求与上报", "Requests and reports"), &main)
}

fn row(maker: &Maker<'_>, asked: &AskedFor) -> Row {
    let lang = maker.visitor.lang;
    let home = asked.home.parse::<HomeId>().ok();
    let clock = |at| home.as_ref().map(|home| maker.clock(at, home)).unwrap_or_default();
    let holder = asked.holder.as_ref().map(|who| maker.names.of(who).to_owned());
    let late = match asked.light {
        Light::Green => None,
        Light::Yellow => Some(lang.say("临期", "nearly late").to_owned()),
        Light::Red => Some(lang.say("超时", "late").to_owned()),
    };
    let state = match asked.outcome {
        Some(outcome) => told::outcome(outcome, lang).to_owned(),
        None => told::stage(asked.stage, lang).to_owned(),
    };
    let score = asked.score.map(|score| format!("★ {score}/5"));
    let state: Vec<String> =
        std::iter::once(state).chain(holder).chain(late).chain(score).collect();
    Row {
        tone: match (asked.outcome, asked.light) {
            (None, Light::Green) | (Some(_), _) => "well",
            (None, Light::Yellow | Light::Red) => "unwell",
        },
        href: format!("/incidents/{}", encode(&asked.id)),
        title: lang.say(&asked.title.zh, &asked.title.en).to_owned(),
        place: home
            .as_ref()
            .and_then(|id| maker.home_name(id))
            .unwrap_or_else(|| asked.home.clone()),
        at: asked.at.map(clock).unwrap_or_default(),
        text: asked.text.clone(),
        state: state.join(" · "),
    }
}
