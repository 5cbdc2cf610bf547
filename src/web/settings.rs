//! `/settings`: where what can be changed is changed.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::lang::{Lang, Visitor};
use super::layout::{Frame, open_to};
use super::signpost::Signpost;
use super::{Web, layout};

/// A place: its address, its name and what is done there, in both languages.
type Place = (&'static str, (&'static str, &'static str), (&'static str, &'static str));

const PLACES: [Place; 8] = [
    (
        "/rota",
        ("值班表", "Rota"),
        (
            "班次、请假、顶班；空缺一目了然",
            "Hours, leaves, who comes instead; and where nobody does",
        ),
    ),
    (
        "/people",
        ("人员", "People"),
        (
            "加人、角色、联系方式、试发消息、邀请",
            "Who they are, how to reach them, trial messages, invitations",
        ),
    ),
    (
        "/homes",
        ("住户", "Homes"),
        (
            "本人同意、外出、静默规则",
            "What residents agreed to, who is away, which rules are quiet",
        ),
    ),
    ("/mount", ("设备", "Sensors"), ("登记与检测", "Adopting and trying them out")),
    (
        "/rules",
        ("规则", "Rules"),
        ("找什么，何时预警报警", "What is looked for, when people are warned and alarmed"),
    ),
    ("/plans", ("预案", "Plans"), ("先后通知谁", "Whom they tell, one after the other")),
    ("/texts", ("消息文本", "Texts"), ("消息里写什么", "What messages say")),
    ("/tokens", ("程序令牌", "Tokens"), ("哪些程序可以做什么", "Which programs may do what")),
];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/settings", get(show))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ desk|safe }}
<h1>{{ lang.say("设置", "Settings") }}</h1>
<p class="hint">{{ lang.say("每次更改都记录：谁，何时，原来和现在。", "Every change is on record: who, when, what it was and is.") }}</p>
<ul class="closed">{% for (href, name, about) in places %}<li><a href="{{ href }}"><span class="what">{{ name }}<small>{{ about }}</small></span></a></li>{% endfor %}</ul>"#
)]
struct Page {
    lang: Lang,
    desk: Signpost,
    places: Vec<(&'static str, &'static str, &'static str)>,
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    let lang = visitor.lang;
    let role = visitor.me.as_ref().and_then(|me| web.role(me));
    let names = PLACES.map(|(path, (zh, en), _)| (path, zh, en));
    let place = |(path, name, _): layout::Link| {
        let about = PLACES.iter().find(|(of, ..)| *of == path).map(|(.., about)| about);
        (path, name, about.map_or("", |(zh, en)| lang.say(zh, en)))
    };
    let places = open_to(&visitor, role, &names).into_iter().map(place).collect();
    let main = Page { lang, desk: Signpost::new(&web, &visitor), places };
    let title = lang.say("设置", "Settings");
    let answer = layout::framed(&web, &visitor, (StatusCode::OK, Frame::Form), title, &main);
    std::future::ready(answer).await
}
