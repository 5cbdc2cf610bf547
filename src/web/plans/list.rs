//! `/plans`: every plan of the book in force as the ladder that it is.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::domain::Span;
use crate::engine::{Book, Plan};

use crate::web::lang::{Lang, Visitor};
use crate::web::layout::Frame;
use crate::web::signpost::Signpost;
use crate::web::{Web, layout, told};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/plans", get(plans))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ desk|safe }}
<h1>{{ lang.say("预案", "Plans") }}</h1>
<p class="hint">{{ lang.say("谁在何时被通知，每一步多久。时间自报警起算；有人签收即停止向上。", "Who is told when, and how long each step may take. Times count from the alarm; once somebody has it, it climbs no further.") }}</p>
{% if ladders.is_empty() %}<p class="banner">{{ lang.say("暂时读不到", "They cannot be read now") }}</p>{% endif %}
{% for ladder in ladders %}<article class="card" id="{{ ladder.name }}"><h2>{{ ladder.title }}</h2>
{{ ladder|safe }}
<details><summary>{{ lang.say("使用它的规则", "Rules that use it") }} {{ ladder.rules.len() }}</summary><ul class="closed">{% for (name, title) in ladder.rules %}<li><a href="/rules/{{ name }}">{{ title }}</a></li>{% endfor %}</ul></details>
<a class="button" href="/plans/{{ ladder.name }}">{{ lang.say("改动", "Make it otherwise") }}</a></article>
{% endfor %}"#
)]
struct Page {
    lang: Lang,
    desk: Signpost,
    ladders: Vec<Ladder>,
}

/// A plan as a picture.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ol class="ladder">{% for rung in rungs %}<li><strong>{{ rung.after }}</strong><span>{{ rung.tell }}{% if let Some(repeat) = rung.repeat %}<small>↻ {{ lang.say("每", "again every") }} {{ repeat }}{{ lang.say(" 重复，直到有人签收", ", until somebody has it") }}</small>{% endif %}</span></li>{% endfor %}</ol>
<ul class="facts">{% for (what, limit) in limits %}<li><span class="what">{{ what }}</span><strong>{{ limit }}</strong></li>{% endfor %}</ul>"#
)]
pub(super) struct Ladder {
    lang: Lang,
    name: String,
    title: String,
    /// The last that is told on top, as on a ladder.
    rungs: Vec<Rung>,
    limits: Vec<(&'static str, String)>,
    rules: Vec<(String, String)>,
}

struct Rung {
    after: String,
    tell: String,
    repeat: Option<String>,
}

async fn plans(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    let lang = visitor.lang;
    let ladders = web
        .book()
        .await
        .map(|book| book.plans().iter().map(|plan| ladder(lang, &book, plan)).collect::<Vec<_>>());
    let desk = Signpost::new(&web, &visitor);
    let main = Page { lang, desk, ladders: ladders.unwrap_or_default() };
    let title = lang.say("预案", "Plans");
    layout::framed(&web, &visitor, (StatusCode::OK, Frame::Paper), title, &main)
}

pub(super) fn ladder(lang: Lang, book: &Book, plan: &Plan) -> Ladder {
    let span = |span: Span| told::span(span, lang);
    let seconds = |span: Span| match lang {
        Lang::Zh => format!("{} 秒", span.0 / 1000),
        Lang::En => format!("{} s", span.0 / 1000),
    };
    let mut rungs: Vec<Rung> = plan
        .rungs()
        .map(|rung| Rung {
            // Whoever writes plans counts in seconds, whoever reads them in what is near.
            after: match rung.after {
                long if Span::minutes(10) < long => span(long),
                short => seconds(short),
            },
            tell: told::roles(&rung.tell, lang),
            repeat: None,
        })
        .collect();
    if let Some(last) = rungs.last_mut() {
        last.repeat = Some(span(plan.repeat));
    }
    rungs.reverse();
    let mut limits = vec![
        (lang.say("签收", "somebody has it within"), span(plan.accept_within())),
        (lang.say("到场，自签收", "on the scene within, from then"), span(plan.arrive_within)),
        (lang.say("办结，自到场", "an outcome within, from then"), span(plan.resolve_within)),
        (lang.say("核查，自办结", "verified within, from then"), span(plan.verify_within)),
        (lang.say("部门报到", "departments report in within"), span(plan.report_within)),
    ];
    if let Some(close) = plan.close_within {
        limits.push((lang.say("超过即督办", "supervisors hear of it after"), span(close)));
    }
    if 1 < plan.answers {
        limits.push((lang.say("须签收人数", "so many must accept"), plan.answers.to_string()));
    }
    let rules = book.rules.iter().filter(|rule| rule.plan == plan.name);
    let titled = |title: &crate::domain::Title| lang.say(&title.zh, &title.en).to_owned();
    let rules = rules.map(|rule| (rule.name.to_string(), titled(&rule.title))).collect();
    let title = plan.title(lang).to_owned();
    Ladder { lang, name: plan.name.to_string(), title, rungs, limits, rules }
}
