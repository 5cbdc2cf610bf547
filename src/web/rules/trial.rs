//! `/rules/trials/{id}`: what other rules would have done last week, and the form that puts them in force. While it is
//! gone through the page loads itself again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::Time;

use super::bench::{State as Came, Trial};
use super::outcome::{Draft, Seen};
use super::proposed::Proposed;
use super::{force, may_force};
use crate::web::card::Maker;
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::layout::Frame;
use crate::web::{Web, layout};

/// How soon the page of a trial that runs looks again, in seconds.
const AGAIN: &str = "2";

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/rules/trials/{id}", get(show))
        .route("/rules/trials/{id}/force", post(force::force))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="{{ back }}">← {{ lang.say("回到表单", "Back to the form") }}</a></p>
<h1>{{ lang.say("试算", "Trial") }}: {{ title }}</h1>
{% if let Some(place) = home %}<p class="banner">{{ lang.say("仅对此户：", "For this home only: ") }}{{ place }}</p>{% endif %}
{% if let Some(said) = said %}<p class="banner refused" role="alert">{{ said }}</p>{% endif %}
<section><h2>{{ lang.say("改动", "What is otherwise") }}</h2><ul class="facts">{% for (what, before, after) in turns %}<li><span class="what">{{ what }}</span><span>{{ before }} → <strong>{{ after }}</strong></span></li>{% endfor %}</ul>
{% if is_switched_off %}<p class="banner">▲ {{ lang.say("关闭后，无论发生什么，此规则都不再通知任何人，直到有人重新启用。过去七天没有发生，不等于以后不会发生。", "While it is off nobody hears of it, whatever happens, until somebody switches it on again. What did not happen last week may happen all the same.") }}</p>{% endif %}</section>
{% if let Some(upto) = running %}<p class="banner" role="status">{{ lang.say("正在回放记录，已到 ", "Going through the record; come to ") }}{{ upto }}</p>
<p><a class="button" href="">{{ lang.say("刷新", "Look again") }}</a></p>{% endif %}
{% if let Some(why) = failed %}<p class="banner refused" role="alert">{{ lang.say("未能试算：", "It could not be tried out: ") }}{{ why }}</p>{% endif %}
{% if let Some(seen) = seen %}
{% if !seen.lost.is_empty() %}<div class="banner refused" role="alert"><p>▲ {{ seen.lost_said }}</p></div>
<ul class="closed toned">{% for row in seen.lost %}<li class="urgent"><a href="{{ row.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ row.what }}<small>{{ row.more }}</small></span><span class="outcome">{{ row.outcome }}</span></a></li>{% endfor %}</ul>
{% else %}<p class="health well"><span class="mark" aria-hidden="true"></span>{{ lang.say("没有真实报警会丢失或推迟", "No alarm that turned out real would be lost or delayed") }}</p>{% endif %}
<section><h2>{{ lang.say("最近七天的报警", "Alarms of last week") }}</h2>
{% for hint in seen.hints %}<p class="hint">{{ hint }}</p>{% endfor %}
<table class="figures"><thead><tr><th scope="col">{{ lang.say("规则", "Rule") }}</th><th scope="col">{{ lang.say("原有", "as it was") }}</th><th scope="col">{{ lang.say("改后", "with this") }}</th><th scope="col">{{ lang.say("新增", "added") }}</th><th scope="col">{{ lang.say("减少", "dropped") }}</th><th scope="col">{{ lang.say("移时", "moved") }}</th></tr></thead>
<tbody>{% for (name, cells) in seen.counts %}<tr><th scope="row">{{ name }}</th>{% for (head, cell) in cells %}<td data-head="{{ head }}">{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table>
<p class="hint">{{ lang.say("括号内：每户每周", "In brackets: in a home and week") }}</p></section>
{% for list in seen.lists %}<section><h2>{{ list.title }} <span class="count plain">{{ list.count }}</span></h2>
{% if list.rows.is_empty() %}<p class="hint">{{ lang.say("无", "none") }}</p>{% endif %}
<ul class="closed toned">{% for row in list.rows %}<li class="{{ row.tone }}">{% if row.href.is_empty() %}<p class="row"><span class="mark" aria-hidden="true"></span><span class="what">{{ row.what }}<small>{{ row.more }}</small></span></p>{% else %}<a href="{{ row.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ row.what }}<small>{{ row.more }}</small></span><span class="outcome">{{ row.outcome }}</span></a>{% endif %}</li>{% endfor %}</ul></section>{% endfor %}
<section id="force"><h2>{{ lang.say("启用", "Put it in force") }}</h2>
{% if may_force %}<p class="hint">{{ scope }}</p>
<form method="post" action="/rules/trials/{{ id }}/force"><label>{{ lang.say("为什么（记录在案）", "Why (it goes on record)") }}<textarea name="why" rows="3" maxlength="500" required>{{ why }}</textarea></label>
{% if seen.real != 0 %}<label class="choice"><input type="checkbox" name="lost" value="{{ seen.real }}" required><span>{{ seen.lost_known }}</span></label>{% endif %}
<button class="main">{{ lang.say("启用", "Put it in force") }}</button></form>
{% else %}<p class="hint">{{ lang.say("由值班长启用", "A supervisor puts it in force") }}</p>{% endif %}</section>{% endif %}"#
)]
struct Page {
    lang: Lang,
    id: i64,
    back: String,
    title: String,
    home: Option<String>,
    said: Option<String>,
    turns: Vec<(String, String, String)>,
    is_switched_off: bool,
    running: Option<String>,
    failed: Option<String>,
    seen: Option<Seen>,
    may_force: bool,
    /// For how many it comes in force.
    scope: String,
    why: String,
}

pub(super) type Id = Result<Path<String>, PathRejection>;

pub(super) fn trial_of(web: &Web, visitor: &Visitor, id: Id) -> Option<Trial> {
    let id: i64 = id.ok()?.0.parse().ok()?;
    web.bench.of(visitor.me.as_ref()?, id)
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, id: Id) -> Response {
    match trial_of(&web, &visitor, id) {
        Some(trial) => page(&web, &visitor, &trial, Said::default()).await,
        None => gone(&visitor),
    }
}

pub(super) fn gone(visitor: &Visitor) -> Response {
    let said = visitor
        .lang
        .say("没有这次试算：请重新试算", "There is no such trial any more: try it out again");
    layout::plain(visitor, StatusCode::NOT_FOUND, said)
}

/// What is said back.
#[derive(Default)]
pub(super) struct Said {
    pub(super) status: Option<StatusCode>,
    pub(super) said: Option<String>,
    pub(super) why: String,
}

pub(super) async fn page(web: &Web, visitor: &Visitor, trial: &Trial, back: Said) -> Response {
    let (lang, proposed) = (visitor.lang, &*trial.proposed);
    let maker = Maker::new(web, visitor);
    let Some(book) = web.book().await else { return gone(visitor) };
    let rule = book.rules.iter().find(|rule| rule.name == proposed.rule);
    let title = rule.map(|rule| lang.say(&rule.title.zh, &rule.title.en));
    let draft = Draft { lang, web, maker: &maker, book: &book };
    let (mut running, mut failed, mut seen) = (None, None, None);
    match &trial.state {
        Came::Running(progress) => {
            let at = Time(progress.load(Ordering::Relaxed));
            let begun = Time(0) < at;
            running = Some(if begun {
                maker.clock_in(maker.wall(at), &web.zone())
            } else {
                "…".to_owned()
            });
        }
        Came::Failed(why) => failed = Some(why.clone()),
        Came::Done(tried) => seen = Some(draft.seen(tried)),
    }
    let main = Page {
        lang,
        id: trial.id,
        back: back_to(proposed, trial.id),
        title: title.unwrap_or(proposed.rule.as_str()).to_owned(),
        home: proposed.home().map(|home| home.name.clone()),
        said: back.said,
        turns: draft.turns(proposed),
        is_switched_off: proposed.is_off(),
        scope: draft.scope(proposed),
        why: back.why,
        may_force: may_force(web, visitor),
        running,
        failed,
        seen,
    };
    let status = back.status.unwrap_or(StatusCode::OK);
    let mut answer =
        layout::framed(web, visitor, (status, Frame::Paper), lang.say("试算", "Trial"), &main);
    if matches!(trial.state, Came::Running(_)) {
        let again = (HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
        answer.headers_mut().insert(again.0, again.1);
    }
    web.bench.seen(trial.id);
    answer
}

pub(super) fn back_to(proposed: &Proposed, id: i64) -> String {
    let home = proposed.home();
    let home = home.map_or(String::new(), |home| format!("&home={}", encode(home.id.as_str())));
    format!("/rules/{}?trial={id}{home}", encode(proposed.rule.as_str()))
}
