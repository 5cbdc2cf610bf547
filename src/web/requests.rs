//! `/requests`: what people asked for and reported, and a form to report it.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::domain::{Entry, Group, HomeId, Light, Origin, Title};
use crate::inbox::Look;
use crate::report::AskedFor;
use crate::rule::Kind;
use crate::store::views::{Filter, Shown};

use super::ask::{Moved, Trouble};
use super::card::{Card, Maker};
use super::lang::{Lang, Visitor};
use super::moves::Mistake;
use super::said::read_said;
use super::{Web, layout, told};

/// How many closed ones are shown; the API has them all.
const CLOSED_MAX: u32 = 50;
/// More open ones than any hub has.
const OPEN_MAX: u32 = 10_000;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/requests", get(show).post(report))
}

/// Those of the filter, with what came of them.
pub(super) async fn read(web: &Web, filter: Filter) -> Result<Vec<(Shown, AskedFor)>, Trouble> {
    let stories = web.read(move |reader| reader.stories(&filter)).await?;
    let at = (web.site.clock.now(), web.site.clock.offset());
    let one = |(shown, story): (Shown, Vec<Entry>)| {
        let asked = AskedFor::new((&shown.id, &shown.incident), &story, at);
        (shown, asked)
    };
    Ok(stories.into_iter().map(one).collect())
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("诉求", "Requests") }}{% if !open.is_empty() %} <span class="count">{{ open.len() }}</span>{% endif %}</h1>
{% if let Some(said) = said %}<p class="banner refused" role="alert">{{ said }}</p>{% endif %}
{% if let Some(draft) = draft %}<blockquote>{{ draft }}</blockquote>{% endif %}
{% if let Some(form) = form %}{{ form|safe }}{% else %}<p class="hint">{{ lang.say("请先在上方选择您是谁，才能上报", "Choose above who you are, to report a request") }}</p>{% endif %}
{% if open.is_empty() %}<p class="calm">{{ lang.say("没有进行中的诉求", "No request is open") }}</p>{% endif %}
{% for (card, from, text) in open %}<article class="card {{ card.level }}">
<p class="level"><span class="mark" aria-hidden="true"></span>{{ card.level_word }}<span class="stage">{{ card.stage }}</span></p>
<h2><a href="{{ card.href }}">{{ card.title }}</a></h2>
<p class="place">{{ card.place }}</p>
{% if let Some(text) = text %}<blockquote>{{ text }}</blockquote>{% endif %}
<p class="since">{{ from }} · {{ lang.say("自", "since") }} {{ card.since }} · <time>{{ card.ago }}</time></p>
<p class="holder">{% if let Some(holder) = card.holder %}{{ lang.say("处理人", "with") }} <strong>{{ holder }}</strong>{% else %}<strong>{{ lang.say("无人签收", "nobody has it") }}</strong>{% if let Some(assigned) = card.assigned %} · {{ assigned }}{% endif %}{% endif %}</p>
{% if let Some(next) = card.next %}<p class="next {{ next.light }}">{{ next.what }} <time data-left="{{ next.left }}">{{ next.clock }}</time>{% if !next.late.is_empty() %} · {{ next.late }}{% endif %}</p>{% endif %}
<p><a class="button" href="{{ card.href }}">{{ card.look.0 }}</a></p>
</article>
{% endfor %}
{% if !closed.is_empty() %}<h2 class="part">{{ lang.say("最近办结", "Recently closed") }}</h2>
<ul class="closed">
{% for (card, score) in closed %}<li class="{{ card.level }}"><a href="{{ card.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ card.title }}<small>{{ card.place }} · {{ card.since }}</small></span><span class="outcome">{% if let Some(outcome) = card.outcome %}{{ outcome }}{% endif %}{% if let Some(score) = score %} · {{ score }}/5{% endif %}</span></a></li>
{% endfor %}</ul>{% endif %}"#
)]
struct Page {
    lang: Lang,
    said: Option<String>,
    draft: Option<String>,
    form: Option<NewRequest>,
    /// With where they came from and what was said.
    open: Vec<(Card, &'static str, Option<String>)>,
    /// With how content people were.
    closed: Vec<(Card, Option<u8>)>,
}

/// The form to report one.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<details id="report"><summary>{{ lang.say("上报诉求", "Report a request") }}</summary>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("住户", "Home") }}<select name="home" required>{% if homes.len() > 1 %}<option value="">{{ lang.say("请选择", "choose") }}…</option>{% endif %}{% for (id, name) in homes %}<option value="{{ id }}">{{ name }}</option>{% endfor %}</select></label>
<label>{{ lang.say("类别", "What it is about") }}<select name="rule" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (name, title) in rules %}<option value="{{ name }}">{{ title }}</option>{% endfor %}</select></label>
<fieldset><legend>{{ lang.say("来自", "From") }}</legend>{% for (value, word) in origins %}<label class="choice"><input type="radio" name="from" value="{{ value }}" required><span>{{ word }}</span></label>{% endfor %}</fieldset>
<label>{{ lang.say("内容", "In their words") }}<textarea name="text" rows="2" maxlength="2000" required></textarea></label>
<button class="main">{{ lang.say("上报", "Report it") }}</button></form></details>"#
)]
struct NewRequest {
    lang: Lang,
    me: String,
    homes: Vec<(String, String)>,
    rules: BTreeMap<String, String>,
    origins: Vec<(&'static str, &'static str)>,
}

impl NewRequest {
    /// Of the homes that can be asked.
    fn new(lang: Lang, me: String, looks: &[Look]) -> Self {
        let here = || looks.iter().filter(|look| look.home.is_ordinary());
        let rules = here().flat_map(|look| look.book.rules_of(&look.home));
        let reported = rules.filter(|rule| matches!(rule.kind, Kind::Reported(_)));
        let titled = |title: &Title| lang.say(&title.zh, &title.en).to_owned();
        Self {
            lang,
            me,
            homes: here().map(|l| (l.home.id.to_string(), l.home.name.clone())).collect(),
            rules: reported.map(|rule| (rule.name.to_string(), titled(&rule.title))).collect(),
            origins: Origin::ALL.iter().map(|o| (o.name(), lang.say(o.zh(), o.name()))).collect(),
        }
    }
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    answer(&web, &visitor, (StatusCode::OK, None, None)).await
}

async fn report(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let mut form = form.map(|Form(form)| form).unwrap_or_default();
    // Whatever the form says: nothing else is said here.
    form.insert("say".to_owned(), "report".to_owned());
    web.speaks(&visitor, &mut form);
    let lang = visitor.lang;
    let draft = form.get("text").filter(|text| !text.is_empty()).cloned();
    let home = form.get("home").map(String::as_str).unwrap_or_default();
    let home = home.parse::<HomeId>().map_err(|why| vec![Mistake::new("home", why)]);
    let read = home.and_then(|home| read_said(&form).map(|(by, what)| (home, by, what)));
    let (home, by, what) = match read {
        Ok((home, ..)) if !web.shows_home(&visitor, &home) => return layout::not_found(&visitor),
        Ok(read) => read,
        Err(mistakes) => {
            let said = mistakes.first().map(|mistake| wrong(mistake, lang));
            return answer(&web, &visitor, (StatusCode::BAD_REQUEST, said, draft)).await;
        }
    };
    match web.say(home, by, what).await {
        Ok(Moved::Done) => Redirect::to("/requests").into_response(),
        Ok(Moved::Refused(why)) => {
            let said = Some(told::refusal(&why, lang, &web.names()));
            answer(&web, &visitor, (StatusCode::CONFLICT, said, draft)).await
        }
        Ok(Moved::Unknown(_)) => layout::not_found(&visitor),
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

/// What a person left out of the form.
fn wrong(mistake: &Mistake, lang: Lang) -> String {
    let zh = match mistake.field.as_str() {
        "by" => "请先选择您是谁",
        "home" => "请选择住户",
        "rule" => "请选择类别",
        "from" => "请选择来自哪里",
        _ => "请写下内容（不超过 2000 字）",
    };
    lang.say(zh, mistake.error.en()).to_owned()
}

async fn answer(
    web: &Web,
    visitor: &Visitor,
    (status, said, draft): (StatusCode, Option<String>, Option<String>),
) -> Response {
    match make(web, visitor).await {
        Ok(page) => {
            let title = visitor.lang.say("诉求", "Requests");
            layout::page(web, visitor, status, title, &Page { said, draft, ..page })
        }
        Err(trouble) => layout::trouble(visitor, &trouble),
    }
}

async fn make(web: &Web, visitor: &Visitor) -> Result<Page, Trouble> {
    let of = |open, most| {
        let (homes, group, most) = (web.sees(visitor), Some(Group::Request), Some(most));
        Filter { open: Some(open), homes, group, most, ..Filter::default() }
    };
    let (open, closed) =
        (read(web, of(true, OPEN_MAX)).await?, read(web, of(false, CLOSED_MAX)).await?);
    let looks = web.look_at(web.homes_of(visitor)).await.into_iter().filter_map(|(_, look)| look);
    let (looks, lang) = (looks.collect::<Vec<Look>>(), visitor.lang);
    let maker = Maker::new(web, visitor);
    let from = |asked: &AskedFor| asked.from.map_or("", |from| lang.say(from.zh(), from.name()));
    let me = visitor.me.as_ref().filter(|me| maker.names.0.contains_key(*me));
    Ok(Page {
        lang,
        said: None,
        draft: None,
        form: me.map(|me| NewRequest::new(lang, me.to_string(), &looks)),
        open: open.into_iter().map(|(s, a)| (card(&maker, &s, &a), from(&a), a.text)).collect(),
        closed: closed.iter().map(|(s, a)| (maker.card(s), a.score)).collect(),
    })
}

/// A request that was open for longer than its plan gives is late, also where its present step is not.
fn card(maker: &Maker<'_>, shown: &Shown, asked: &AskedFor) -> Card {
    let mut card = maker.card(shown);
    if let Some(next) = card.next.as_mut().filter(|_| asked.light == Light::Red) {
        (next.light, next.late) = (Light::Red.name(), maker.visitor.lang.say("超时", "late"));
    }
    card
}
