//! `/homes/{id}/say`: that nobody is at home for a while, or somebody is again; that a rule is to be quiet, or to
//! speak again. The engine decides who may say it, and of what.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::domain::{Home, Level, Silence};
use crate::inbox::Look;
use crate::rule::Kind;
use crate::web::ask::Moved;
use crate::web::card::Maker;
use crate::web::lang::{Lang, Visitor};
use crate::web::layout::Frame;
use crate::web::moves::Mistake;
use crate::web::said::read_said;
use crate::web::settle::{Labels, Reply, Sent, Typed};
use crate::web::{Web, layout, resident, settle, told};

use super::home_of;

/// What can be said here: what else can be has a page of its own.
const SAYINGS: [&str; 4] = ["away", "back", "silence", "speak"];
/// For how long something can be said, with the words for it.
const SPANS: [(&str, &str, &str); 7] = [
    ("2h", "2 小时", "2 hours"),
    ("8h", "8 小时", "8 hours"),
    ("1d", "1 天", "1 day"),
    ("3d", "3 天", "3 days"),
    ("7d", "7 天", "7 days"),
    ("14d", "14 天", "14 days"),
    ("30d", "30 天", "30 days"),
];
/// No rule can be silenced for longer than the last but one of them.
const SPANS_OF_SILENCE: usize = 6;

/// What the fields of the forms are called.
const LABELS: Labels =
    &[("for", "多久", "For how long"), ("rule", "规则", "Which"), ("why", "原因", "Why")];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/homes/{id}/say", get(show).post(say))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="{{ href }}">← {{ name }}</a></p>
<h1>{{ lang.say("外出与静默", "Away, and quiet rules") }}</h1>
{{ reply|safe }}
{% if !is_known %}<p class="banner">{{ lang.say("现在不知道此户的情况", "Nothing is known of this home now") }}</p>{% endif %}
{% if let Some(me) = me %}{% if !is_post %}<section><h2>{{ lang.say("外出", "Nobody at home") }}</h2>
{% if let Some(is) = is %}<p class="place">{{ is }}</p>{% endif %}
<p class="hint">{{ lang.say("外出期间只停止找“没有活动”的规则；呼救、跌倒、烟雾照常报警。", "Only what looks for silence waits meanwhile: a call for help, a fall or smoke alarms as ever.") }}</p>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("多久", "For how long") }}<select name="for" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (value, word) in spans %}<option value="{{ value }}"{% if typed.is("say", "away") && typed.is("for", value) %} selected{% endif %}>{{ word }}</option>{% endfor %}</select></label>
<button class="main" name="say" value="away">{{ lang.say("登记外出", "Nobody is at home") }}</button></form>
<form method="post"><input type="hidden" name="by" value="{{ me }}"><button name="say" value="back">{{ lang.say("已回家", "Somebody is at home again") }}</button></form></section>{% endif %}
<section><h2>{{ lang.say("静默一条规则", "A rule that is to be quiet") }}</h2>
<p class="hint">{{ lang.say("只有“提示”和“一般”级可以静默，到时自动恢复。", "Only those of level info and normal can be; each ends by itself.") }}</p>
{% for (rule, title, more) in silent %}<form method="post"><input type="hidden" name="by" value="{{ me }}"><input type="hidden" name="rule" value="{{ rule }}">
<p><strong>{{ title }}</strong><br><small>{{ more }}</small></p><button name="say" value="speak">{{ lang.say("恢复：", "Let it speak again: ") }}{{ title }}</button></form>{% endfor %}
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("规则", "Which") }}<select name="rule" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (rule, title) in rules %}<option value="{{ rule }}"{% if typed.is("rule", rule) %} selected{% endif %}>{{ title }}</option>{% endfor %}</select></label>
<label>{{ lang.say("多久", "For how long") }}<select name="for" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (value, word) in quiet_spans %}<option value="{{ value }}"{% if typed.is("say", "silence") && typed.is("for", value) %} selected{% endif %}>{{ word }}</option>{% endfor %}</select></label>
<label>{{ lang.say("原因", "Why") }}<textarea name="why" rows="2" maxlength="2000" required>{{ typed.at("why") }}</textarea></label>
<button name="say" value="silence">{{ lang.say("静默", "Be quiet") }}</button></form></section>
{% else %}<p class="hint">{{ lang.say("请先选择您是谁", "Choose who you are first") }}</p>{% endif %}"#
)]
struct Page {
    lang: Lang,
    href: String,
    name: String,
    reply: Reply,
    is_known: bool,
    me: Option<String>,
    is_post: bool,
    is: Option<String>,
    spans: Vec<(&'static str, &'static str)>,
    quiet_spans: Vec<(&'static str, &'static str)>,
    /// Name, title, and until when, by whom and why.
    silent: Vec<(String, String, String)>,
    /// Those that can be quiet.
    rules: Vec<(String, String)>,
    typed: Typed,
}

type Named = Result<Path<String>, PathRejection>;

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, id: Named) -> Response {
    let home = id.ok().and_then(|Path(id)| home_of(&web, &visitor, &id));
    let Some(home) = home else { return layout::not_found(&visitor) };
    page(&web, &visitor, &home, (Reply::none(), Typed::default())).await
}

async fn say(State(web): State<Arc<Web>>, visitor: Visitor, id: Named, form: Sent) -> Response {
    let home = id.ok().and_then(|Path(id)| home_of(&web, &visitor, &id));
    let Some(home) = home else { return layout::not_found(&visitor) };
    let mut typed = Typed::read(form);
    let reply = said(&web, &visitor, &home, &mut typed).await;
    let typed = if reply.is_done() { Typed::default() } else { typed };
    page(&web, &visitor, &home, (reply, typed)).await
}

async fn said(web: &Web, visitor: &Visitor, home: &Home, typed: &mut Typed) -> Reply {
    let lang = visitor.lang;
    web.speaks(visitor, &mut typed.0);
    if !typed.0.contains_key("by") {
        return settle::nobody(lang);
    }
    if !SAYINGS.contains(&typed.at("say")) {
        let why = format!("`{}` is not said here: one of {}", typed.at("say"), SAYINGS.join(", "));
        return Reply::mistaken((lang, LABELS), &[Mistake::new("say", why)]);
    }
    let (by, what) = match read_said(&typed.0) {
        Ok(read) => read,
        Err(mistakes) => return Reply::mistaken((lang, LABELS), &mistakes),
    };
    match web.say(home.id.clone(), by, what).await {
        Ok(Moved::Done) => Reply::done(lang.say("已登记", "It is on record"), Vec::new()),
        Ok(Moved::Refused(why)) => {
            let why = told::refusal(&why, lang, &web.names());
            Reply::refused(lang, StatusCode::CONFLICT, vec![why])
        }
        Ok(Moved::Unknown(why)) => Reply::refused(lang, StatusCode::NOT_FOUND, vec![why]),
        Err(trouble) => {
            tracing::warn!(%trouble, "what was said of a home was not stored");
            let said = lang.say("未能保存，请再试一次", "It could not be stored: please try again");
            Reply::refused(lang, StatusCode::SERVICE_UNAVAILABLE, vec![said.to_owned()])
        }
    }
}

async fn page(
    web: &Web,
    visitor: &Visitor,
    home: &Home,
    (reply, typed): (Reply, Typed),
) -> Response {
    let (lang, maker) = (visitor.lang, Maker::new(web, visitor));
    let look = web.look(&home.id).await.ok().flatten();
    let now = look.as_ref().map_or_else(|| maker.now(), |look| look.at(maker.now()));
    let shows = visitor.me.as_ref().is_some_and(|me| home.shows_whereabouts_to(me));
    let spans: Vec<_> = SPANS.iter().map(|(v, zh, en)| (*v, lang.say(zh, en))).collect();
    let status = reply.status;
    let silent = look.iter().flat_map(|look| look.silent(now));
    let silent = silent.map(|silence| {
        let (title, more) = quiet(&maker, home, look.as_ref(), silence);
        (silence.rule.to_string(), title, more)
    });
    let main = Page {
        lang,
        href: super::href(home),
        name: home.name.clone(),
        reply,
        is_known: look.is_some(),
        me: visitor.me.as_ref().map(ToString::to_string),
        is_post: home.is_post,
        is: look.iter().find(|_| shows).map(|look| resident::whereabouts(&maker, look, now)),
        quiet_spans: spans.iter().take(SPANS_OF_SILENCE).copied().collect(),
        spans,
        silent: silent.collect(),
        rules: look.iter().flat_map(|look| may_be_quiet(lang, look)).collect(),
        typed,
    };
    let title = lang.say("外出与静默", "Away, and quiet rules");
    layout::framed(web, visitor, (status, Frame::Form), title, &main)
}

/// What people report is no finding that could be silent.
fn may_be_quiet(lang: Lang, look: &Look) -> Vec<(String, String)> {
    let mut rules = look.book.rules_of(&look.home);
    rules.retain(|rule| rule.level < Level::Serious && !matches!(rule.kind, Kind::Reported(_)));
    let titled = |title: &crate::domain::Title| lang.say(&title.zh, &title.en).to_owned();
    rules.iter().map(|rule| (rule.name.to_string(), titled(&rule.title))).collect()
}

/// A rule that somebody silenced: by its title, and by whom, until when and why.
pub(super) fn quiet(
    maker: &Maker<'_>,
    home: &Home,
    look: Option<&Look>,
    silence: &Silence,
) -> (String, String) {
    let lang = maker.visitor.lang;
    let rule = look.and_then(|look| look.book.rules.iter().find(|rule| rule.name == silence.rule));
    let title = rule.map(|rule| lang.say(&rule.title.zh, &rule.title.en).to_owned());
    let until = maker.clock(maker.wall(silence.until), &home.id);
    let by = maker.names.of(&silence.by);
    let more = match lang {
        Lang::Zh => format!("至 {until} · {by}：{}", silence.why),
        Lang::En => format!("until {until} · {by}: {}", silence.why),
    };
    (title.unwrap_or_else(|| silence.rule.to_string()), more)
}
