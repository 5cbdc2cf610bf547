//! `/visits`: whom I have to see today, the one on whom most hangs first.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::domain::{How, Light, Standing};
use crate::report::{OpenVisit, WantedVisit};

use super::card::{Maker, coarse};
use super::lang::{Lang, Visitor, encode};
use super::{Web, layout, told};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/visits", get(list))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("探访清单", "Visits") }}</h1>
{% if lists.is_empty() %}<p class="calm">{{ lang.say("没有需要探访的老人", "Nobody has to be visited") }}</p>{% endif %}
{% for (who, visits) in lists %}<section>{% if let Some(who) = who %}<h2>{{ who }} <span class="count">{{ visits.len() }}</span></h2>{% endif %}
{% for visit in visits %}<article class="card {{ visit.tone }}">
<p class="level"><span class="mark" aria-hidden="true"></span>{{ visit.standing }}<span class="stage">{{ visit.due }}</span></p>
<h3>{{ visit.place }}</h3>
{% if let Some(out) = visit.out %}<p class="hint">{{ out }}</p>{% endif %}
<p class="since">{{ visit.last }}</p>
{% for line in visit.lines %}<p>{{ line }}</p>{% endfor %}
{% for (href, what, light) in visit.incidents %}<p class="next {{ light }}"><a class="button" href="{{ href }}">{{ what }}</a></p>{% endfor %}
</article>{% endfor %}</section>{% endfor %}"#
)]
struct Page {
    lang: Lang,
    lists: Vec<(Option<String>, Vec<Row>)>,
}

struct Row {
    tone: &'static str,
    standing: &'static str,
    due: String,
    place: String,
    out: Option<&'static str>,
    last: String,
    lines: Vec<String>,
    incidents: Vec<(String, String, &'static str)>,
}

async fn list(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    let lang = visitor.lang;
    // Those who direct others see everybody's; all others their own.
    let mine = visitor.me.as_ref().filter(|me| !web.role(me).is_some_and(|role| role.directs()));
    let lists = match web.worklists(web.homes_of(&visitor), mine).await {
        Ok(lists) => lists,
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let maker = Maker::new(&web, &visitor);
    let name = |who: Option<&crate::domain::PersonId>| match who {
        Some(who) => maker.names.of(who).to_owned(),
        None => lang.say("无人负责", "nobody goes there").to_owned(),
    };
    let list = |list: crate::report::Worklist| {
        let who = mine.is_none().then(|| name(list.who.as_ref()));
        (who, list.visits.iter().map(|visit| row(&maker, visit)).collect::<Vec<_>>())
    };
    let lists = lists.into_iter().map(list).filter(|(_, visits)| !visits.is_empty()).collect();
    let title = lang.say("探访清单", "Visits");
    layout::page(&web, &visitor, StatusCode::OK, title, &Page { lang, lists })
}

fn row(maker: &Maker<'_>, visit: &WantedVisit) -> Row {
    let lang = maker.visitor.lang;
    let now = maker.wall(maker.now());
    let ago = |at| told::span(coarse(now - at), lang);
    let due = match visit.due_at {
        Some(at) if now < at => {
            format!("{}{}", lang.say("还有 ", "in "), told::span(coarse(at - now), lang))
        }
        Some(at) => format!("{}{}", lang.say("已 ", "since "), ago(at)),
        None => String::new(),
    };
    let last = match (visit.last, visit.how) {
        (None, _) => lang.say("还没有探访过", "never visited yet").to_owned(),
        (Some(at), Some(How::Remote)) => {
            format!("{}{}", lang.say("上次远程监测：", "only seen by sensors, ago: "), ago(at))
        }
        (Some(at), _) => format!("{}{}", lang.say("上次见面：", "last met, ago: "), ago(at)),
    };
    Row {
        tone: match visit.standing {
            Standing::Unreachable => "urgent",
            Standing::Finding | Standing::Overdue => "serious",
            Standing::Called | Standing::Due => "normal",
            Standing::Coming => "info",
        },
        standing: lang.say(visit.standing.zh(), visit.standing.name()),
        due,
        place: visit.place.clone(),
        out: visit.is_out.then(|| lang.say("现在外出", "is out now")),
        last,
        lines: lines(visit, lang),
        incidents: visit.incidents.iter().map(|open| link(maker, open)).collect(),
    }
}

/// Why, and what to look at.
fn lines(visit: &WantedVisit, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    match (visit.unanswered, lang) {
        (0, _) => {}
        (n, Lang::Zh) => lines.push(format!("连续 {n} 次无人应门")),
        (1, Lang::En) => lines.push("nobody opened the last time".to_owned()),
        (n, Lang::En) => lines.push(format!("nobody opened {n} times in a row")),
    }
    let names = |all: &[crate::domain::Name]| {
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    if !visit.calls.is_empty() {
        lines.push(format!("{}{}", lang.say("原因：", "because of: "), names(&visit.calls)));
    }
    if !visit.wrong.is_empty() {
        lines.push(format!("{}{}", lang.say("上次发现：", "found wrong: "), names(&visit.wrong)));
    }
    lines
}

fn link(maker: &Maker<'_>, open: &OpenVisit) -> (String, String, &'static str) {
    let lang = maker.visitor.lang;
    let holder = open.holder.as_ref().map(|who| maker.names.of(who));
    let title = lang.say(&open.title.zh, &open.title.en);
    let stage = told::stage(open.stage, lang);
    let late = match open.light {
        Light::Green => "",
        Light::Yellow => lang.say(" · 临期", " · nearly late"),
        Light::Red => lang.say(" · 超时", " · late"),
    };
    let holder = holder.map(|holder| format!(" · {holder}")).unwrap_or_default();
    let what = format!("{title} · {stage}{holder}{late}");
    (format!("/incidents/{}", encode(&open.id)), what, open.light.name())
}
