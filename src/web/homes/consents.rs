//! `/homes/{id}/consents`: what a resident agreed to, since when and until when; one more, or one no longer.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::{Date, DateTime};

use crate::domain::{Consent, Home, PersonId, Scope, both};
use crate::registrar::Edit;
use crate::web::lang::{Lang, Visitor};
use crate::web::layout::Frame;
use crate::web::moves::Mistake;
use crate::web::settle::{Labels, Reply, Sent, Typed};
use crate::web::{Web, layout};

use super::home_of;

/// What the fields of the form are called.
const LABELS: Labels = &[
    ("scope", "同意什么", "To what"),
    ("purpose", "用途", "What for"),
    ("giver", "谁同意的", "Who gave it"),
    ("on", "哪一天", "On which day"),
];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/homes/{id}/consents", get(show).post(change))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="{{ href }}">← {{ name }}</a></p>
<h1>{{ lang.say("本人同意", "What the resident agreed to") }}</h1>
{{ reply|safe }}
<p class="hint">{{ lang.say("每项单独同意。撤回的不删除，留下日期，立即停止。", "Each for itself. Nothing is struck out: what is withdrawn stays with its day, and ends at once.") }}</p>
{% if consents.is_empty() %}<p class="calm">{{ lang.say("没有登记任何同意", "Nothing is on record") }}</p>{% endif %}
<ul class="facts">{% for consent in consents %}<li class="{{ consent.tone }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ consent.what }} · {{ consent.is }}<br><small>{{ consent.more }}</small></span></li>{% endfor %}</ul>
{% if let Some(me) = me %}<section><h2>{{ lang.say("登记同意", "Write one down") }}</h2>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("同意什么", "To what") }}<select name="scope" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (value, word) in scopes %}<option value="{{ value }}"{% if typed.is("scope", value) %} selected{% endif %}>{{ word }}</option>{% endfor %}</select></label>
<label>{{ lang.say("用途：给谁看，为什么", "What for, and for whom") }}<textarea name="purpose" rows="2" maxlength="2000" required>{{ typed.at("purpose") }}</textarea></label>
<label>{{ lang.say("谁同意的（本人，或监护人及其关系）", "Who gave it (the resident, or a guardian)") }}<input name="giver" list="givers" maxlength="200" value="{{ typed.at("giver") }}" required></label>
<datalist id="givers"><option value="{{ lang.say("本人", "the resident") }}"></datalist>
<label>{{ lang.say("哪一天", "On which day") }}<input type="date" name="on" value="{% if typed.at("on").is_empty() %}{{ today }}{% else %}{{ typed.at("on") }}{% endif %}" required></label>
<button class="main" name="do" value="consent">{{ lang.say("登记", "Write it down") }}</button></form></section>
{% if !given.is_empty() %}<section><h2>{{ lang.say("撤回", "Agreed no longer") }}</h2>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<fieldset><legend>{{ lang.say("哪一项", "To what") }}</legend>{% for (value, word) in given %}<label class="choice"><input type="radio" name="scope" value="{{ value }}" required><span>{{ word }}</span></label>{% endfor %}</fieldset>
<button name="do" value="withdraw">{{ lang.say("登记撤回，今日起停止", "Write down that it is withdrawn, as of today") }}</button></form></section>{% endif %}{% endif %}"#
)]
struct Page {
    lang: Lang,
    href: String,
    name: String,
    reply: Reply,
    consents: Vec<Agreed>,
    me: Option<String>,
    scopes: Vec<(&'static str, &'static str)>,
    /// Those that are in force.
    given: Vec<(&'static str, &'static str)>,
    today: String,
    typed: Typed,
}

/// A consent in words.
pub(super) struct Agreed {
    pub(super) tone: &'static str,
    pub(super) what: &'static str,
    pub(super) is: String,
    pub(super) more: String,
}

impl Agreed {
    pub(super) fn new(lang: Lang, consent: &Consent) -> Self {
        let is = match (consent.withdrawn, lang) {
            (None, _) => lang.say("同意", "agreed").to_owned(),
            (Some(day), Lang::Zh) => format!("{day} 撤回"),
            (Some(day), Lang::En) => format!("withdrawn {day}"),
        };
        Self {
            tone: if consent.withdrawn.is_none() { "normal" } else { "unknown" },
            what: lang.say(consent.scope.zh(), consent.scope.name()),
            is,
            more: format!("{} · {} · {}", consent.purpose, consent.by, consent.on),
        }
    }
}

type Named = Result<Path<String>, PathRejection>;

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, id: Named) -> Response {
    let home = id.ok().and_then(|Path(id)| agreeing(&web, &visitor, &id));
    let Some(home) = home else { return layout::not_found(&visitor) };
    page(&web, &visitor, &home, (Reply::none(), Typed::default()))
}

async fn change(State(web): State<Arc<Web>>, visitor: Visitor, id: Named, form: Sent) -> Response {
    let home = id.ok().and_then(|Path(id)| agreeing(&web, &visitor, &id));
    let Some(home) = home else { return layout::not_found(&visitor) };
    let typed = Typed::read(form);
    let edit = |by: &PersonId, now: DateTime| edit(&home, &typed, by, now.date());
    let reply = web.edit(&visitor, (LABELS, &typed), edit).await;
    let typed = if reply.is_done() { Typed::default() } else { typed };
    let home = web.home(&home.id).unwrap_or(home);
    page(&web, &visitor, &home, (reply, typed))
}

/// Where somebody lives who can agree.
fn agreeing(web: &Web, visitor: &Visitor, id: &str) -> Option<Arc<Home>> {
    home_of(web, visitor, id).filter(|home| !home.is_post)
}

fn edit(home: &Home, typed: &Typed, by: &PersonId, today: Date) -> Result<Edit, Vec<Mistake>> {
    let home = home.id.clone();
    match typed.at("do") {
        "consent" => {
            let day = typed.at("on").parse::<Date>();
            let written = typed.at("on");
            let no_day = |_| {
                both!(
                    "“{written}”不是日期，应如 2026-12-24",
                    "`{written}` is not a day such as `2026-12-24`"
                )
            };
            typed.words(|words| {
                let scope = words.parsed::<Scope>("scope");
                let (purpose, by) = (words.text("purpose", false), words.text("giver", false));
                let on = day.map_err(no_day).map_or_else(|why| words.wrong("on", why), Some);
                Some(Edit::Consent { home, scope: scope?, purpose: purpose?, by: by?, on: on? })
            })
        }
        "withdraw" => {
            let scope = typed.words(|words| words.parsed::<Scope>("scope"))?;
            Ok(Edit::Withdraw { home, scope, on: today, by: Some(by.clone()) })
        }
        other => {
            let why = format!("`{other}` cannot be done here: one of consent, withdraw");
            Err(vec![Mistake::new("do", why)])
        }
    }
}

fn page(web: &Web, visitor: &Visitor, home: &Home, (reply, typed): (Reply, Typed)) -> Response {
    let lang = visitor.lang;
    let word = |scope: &Scope| (scope.name(), lang.say(scope.zh(), scope.name()));
    let status = reply.status;
    let main = Page {
        lang,
        href: super::href(home),
        name: home.name.clone(),
        reply,
        consents: home.consents.iter().map(|consent| Agreed::new(lang, consent)).collect(),
        me: visitor.me.as_ref().map(ToString::to_string),
        scopes: Scope::ALL.iter().map(word).collect(),
        given: Scope::ALL.iter().filter(|scope| home.consents_to(**scope)).map(word).collect(),
        today: web.site.clock.wall().civil(&web.zone()).date().to_string(),
        typed,
    };
    let title = lang.say("本人同意", "Consents");
    layout::framed(web, visitor, (status, Frame::Form), title, &main)
}
