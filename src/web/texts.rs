//! `/texts`: what messages say, each as somebody would read it. `/texts/{language}/{key}`: one of them, to be looked
//! at in other words and put in force.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::tz::TimeZone;

use crate::domain::{DeedOnRecord, Group, Level, Time, Title};
use crate::registrar::{Change, Reworded};
use crate::store::views::{Filter, Shown};
use crate::wording::{Filling, Key, Wording};

use super::ask::Trouble;
use super::card::Maker;
use super::lang::{Lang, Visitor};
use super::layout::Frame;
use super::settle::{Labels, Reply, Sent, Typed, in_form, nobody};
use super::{Web, layout};

/// So many incidents are looked through for one to fill in.
const LOOKED_MAX: u32 = 200;
/// So many earlier wordings are shown, of so many deeds.
const EARLIER_MAX: usize = 5;
const DEEDS_MAX: u32 = 50;
/// The code of a trial message that nobody sent.
const CODE: &str = "4827";
/// How long an alarm has stood that nobody has, and how long whoever is asked has to answer.
const MINUTES: i64 = 4;

/// What the fields of the form are called.
const LABELS: Labels = &[("text", "文本", "Text"), ("why", "为什么改", "Why")];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/texts", get(list))
        .route("/texts/{language}/{key}", get(show).post(change))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/settings">← {{ lang.say("设置", "Settings") }}</a></p>
<h1>{{ lang.say("消息文本", "What messages say") }}</h1>
<p class="hint">{{ lang.say("它们离开本系统，显示在锁屏和群聊里：没有姓名、病情和地址的位置。", "They leave the house, on lock screens and in chats: there are no places for names, diagnoses or addresses.") }} {{ example }}</p>
{% for text in texts %}<article class="card"><h2>{{ text.title }} <small>{{ text.when }}</small></h2>
<ul class="closed">{% for (tag, href, told, is_own) in text.both %}<li><a href="{{ href }}"><span class="what"><span lang="{{ tag }}">{{ told }}</span>{% if is_own %}<small>{{ lang.say("与程序自带的不同", "not as it came") }}</small>{% endif %}</span><span class="outcome">{{ tag }} ›</span></a></li>{% endfor %}</ul>
</article>{% endfor %}"#
)]
struct List {
    lang: Lang,
    example: &'static str,
    texts: Vec<Both>,
}

struct Both {
    title: &'static str,
    when: &'static str,
    both: Vec<(&'static str, String, String, bool)>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="crumb"><a href="/texts">← {{ lang.say("消息文本", "What messages say") }}</a></p>
<h1>{{ title }} <small>{{ key }} · {{ tag }}</small></h1>
<p class="hint">{{ when }}</p>
{{ reply|safe }}
<section><h2>{% if is_draft %}{{ lang.say("这样显示（尚未生效）", "It would read so; it is not in force") }}{% else %}{{ lang.say("现在这样显示", "It reads so") }}{% endif %}</h2>
{% if let Some(told) = told %}<blockquote lang="{{ tag }}">{{ told }}</blockquote><p class="hint">{{ example }}</p>{% endif %}</section>
{% if let Some(me) = me %}<section><h2>{{ lang.say("修改", "Other words") }}</h2>
<form method="post"><input type="hidden" name="by" value="{{ me }}">
<label>{{ lang.say("文本（不超过 120 字）", "Text (120 characters or less)") }}<textarea name="text" rows="4" lang="{{ tag }}" required>{{ text }}</textarea></label>
<p class="hint">{{ lang.say("可用：", "Places: ") }}{% for blank in blanks %}<code>{{ blank }}</code> {% endfor %}{{ meaning }}</p>
<button name="do" value="look">{{ lang.say("检查并预览", "Check it, and see how it reads") }}</button>
<label>{{ lang.say("为什么改（生效时须填）", "Why (to put it in force)") }}<input name="why" maxlength="200" value="{{ why }}"></label>
<button class="main" name="do" value="force">{{ lang.say("生效", "Put it in force") }}</button></form>
{% if is_own %}<details><summary>{{ lang.say("恢复程序自带的文本", "Back to the program's own text") }}</summary><form method="post"><input type="hidden" name="by" value="{{ me }}">
<blockquote lang="{{ tag }}">{{ shipped }}</blockquote>
<label>{{ lang.say("为什么", "Why") }}<input name="why" maxlength="200" required></label>
<button name="do" value="shipped">{{ lang.say("恢复", "Back to it") }}</button></form></details>{% endif %}</section>
{% if !earlier.is_empty() %}<section><h2>{{ lang.say("以前的文本", "How it read before") }}</h2>
{% for (text, more) in earlier %}<blockquote lang="{{ tag }}">{{ text }}</blockquote><p class="hint">{{ more }}</p>
<form method="post"><input type="hidden" name="by" value="{{ me }}"><input type="hidden" name="text" value="{{ text }}"><button name="do" value="look">{{ lang.say("放入上面的表单", "Put it into the form above") }}</button></form>{% endfor %}</section>{% endif %}{% endif %}"#
)]
struct One {
    lang: Lang,
    title: &'static str,
    key: &'static str,
    tag: &'static str,
    when: &'static str,
    reply: Reply,
    /// Filled in; not where it cannot be read.
    told: Option<String>,
    example: &'static str,
    /// Whether it is not what is in force.
    is_draft: bool,
    me: Option<String>,
    text: String,
    why: String,
    blanks: Vec<String>,
    meaning: &'static str,
    /// Whether it is not the program's own.
    is_own: bool,
    shipped: String,
    /// With who changed it, when and why.
    earlier: Vec<(String, String)>,
}

type Named = Result<Path<(String, String)>, PathRejection>;

/// What stands in the places while nobody is told.
struct Example {
    level: Level,
    what: Title,
    case: String,
    since: String,
    is_real: bool,
}

impl Example {
    /// The latest that the visitor sees of what the text is about, or one that is made up.
    fn new(web: &Web, visitor: &Visitor, maker: &Maker<'_>, all: &[Shown], key: Key) -> Self {
        let is_it = |shown: &&Shown| {
            is_about(key, shown.incident.group) && web.shows_home(visitor, &shown.id.home)
        };
        match all.iter().filter(|_| key != Key::Trial).find(is_it) {
            Some(Shown { id, incident, .. }) => {
                let home = web.home(&id.home);
                let zone = home.and_then(|home| TimeZone::get(&home.zone).ok());
                let zone = zone.unwrap_or_else(|| web.zone());
                Self {
                    level: incident.level,
                    what: incident.title.clone(),
                    case: id.to_string(),
                    since: maker.wall(incident.since).hour_minute(&zone),
                    is_real: true,
                }
            }
            None => Self::made_up(key),
        }
    }

    fn made_up(key: Key) -> Self {
        let (level, zh, en) = if is_about(key, Group::Visit) {
            (Level::Normal, "每月巡访", "monthly visit")
        } else if is_about(key, Group::Request) {
            (Level::Normal, "维修诉求", "a repair")
        } else {
            (Level::Urgent, "疑似跌倒", "possible fall")
        };
        let case = if key == Key::Trial { CODE } else { "h1-7" }.to_owned();
        let what = Title::new(zh.to_owned(), en.to_owned());
        Self { level, what, case, since: "02:10".to_owned(), is_real: false }
    }

    fn told(&self, wording: &Wording, of: Lang, key: Key) -> String {
        let Self { level, what, case, since, .. } = self;
        let (group, minutes) = (Group::Safety, MINUTES);
        wording.say(Some(of), &Filling { group, level: *level, what, case, since, minutes }, key)
    }

    const fn word(&self, lang: Lang) -> &'static str {
        match self.is_real {
            true => lang.say("以最近一个事件为例。", "As of the latest incident."),
            false => lang.say("以虚构的事件为例。", "As of an incident that is made up."),
        }
    }
}

/// Whether a text is about incidents of this group.
const fn is_about(key: Key, group: Group) -> bool {
    let of_visits = matches!(key, Key::Visit | Key::VisitLate);
    let of_requests = matches!(key, Key::Request | Key::RequestLate);
    matches!(group, Group::Visit) == of_visits && matches!(group, Group::Request) == of_requests
}

async fn incidents(web: &Web) -> Result<Vec<Shown>, Trouble> {
    let filter = Filter { most: Some(LOOKED_MAX), ..Filter::default() };
    web.read(move |reader| reader.incidents(&filter)).await
}

async fn list(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    let (lang, maker) = (visitor.lang, Maker::new(&web, &visitor));
    let all = match incidents(&web).await {
        Ok(all) => all,
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let (wording, shipped) = (web.wording(), Wording::shipped());
    let both = |key: Key| {
        let example = Example::new(&web, &visitor, &maker, &all, key);
        let one = |of: Lang| {
            let is_own = wording.written(of, key) != shipped.written(of, key);
            let href = format!("/texts/{}/{key}", of.tag());
            (of.tag(), href, example.told(&wording, of, key), is_own)
        };
        Both {
            title: title(key, lang),
            when: when(key, lang),
            both: [Lang::Zh, Lang::En].map(one).to_vec(),
        }
    };
    let main = List {
        lang,
        example: Example::new(&web, &visitor, &maker, &all, Key::Alarm).word(lang),
        texts: Key::ALL.iter().copied().map(both).collect(),
    };
    let title = lang.say("消息文本", "What messages say");
    layout::framed(&web, &visitor, (StatusCode::OK, Frame::Form), title, &main)
}

fn named(path: Named) -> Option<(Lang, Key)> {
    let Path((language, key)) = path.ok()?;
    Some((language.parse().ok()?, key.parse().ok()?))
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, path: Named) -> Response {
    match named(path) {
        Some(of) => page(&web, &visitor, of, (Reply::none(), None)).await,
        None => layout::not_found(&visitor),
    }
}

async fn change(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    path: Named,
    form: Sent,
) -> Response {
    let Some((language, key)) = named(path) else { return layout::not_found(&visitor) };
    let (typed, lang) = (Typed::read(form), visitor.lang);
    let text = (!typed.is("do", "shipped")).then(|| typed.at("text").to_owned());
    let looked = text.as_ref().map(|text| web.wording().with(language, key, text));
    if let Some(Err(why)) = looked {
        let why = vec![in_form(lang, LABELS, &why)];
        let reply = Reply::refused(lang, StatusCode::UNPROCESSABLE_ENTITY, why);
        return page(&web, &visitor, (language, key), (reply, Some(typed))).await;
    }
    // Whatever else is sent is only looked at.
    if !typed.is("do", "shipped") && !typed.is("do", "force") {
        return page(&web, &visitor, (language, key), (Reply::none(), Some(typed))).await;
    }
    let Some(by) = web.speaker(&visitor, &typed.0) else {
        return page(&web, &visitor, (language, key), (nobody(lang), Some(typed))).await;
    };
    let reply = match typed.words(|words| words.text("why", false)) {
        Err(mistakes) => Reply::mistaken((lang, LABELS), &mistakes),
        Ok(why) => {
            let reworded = Reworded { language, key, text, why };
            web.settle((lang, LABELS), &by, Change::Texts(Box::new(reworded))).await
        }
    };
    let typed = (!reply.is_done()).then_some(typed);
    page(&web, &visitor, (language, key), (reply, typed)).await
}

async fn page(
    web: &Web,
    visitor: &Visitor,
    (of, key): (Lang, Key),
    (reply, typed): (Reply, Option<Typed>),
) -> Response {
    let (lang, maker) = (visitor.lang, Maker::new(web, visitor));
    let about = format!("text {} {key}", of.tag());
    let read = web.read(move |reader| reader.changes_of(&about, None, DEEDS_MAX)).await;
    let (all, deeds) = match (incidents(web).await, read) {
        (Ok(all), Ok(deeds)) => (all, deeds),
        (Err(trouble), _) | (_, Err(trouble)) => return layout::trouble(visitor, &trouble),
    };
    let wording = web.wording();
    let now = wording.written(of, key);
    let shipped = Wording::shipped().written(of, key);
    let example = Example::new(web, visitor, &maker, &all, key);
    let draft = typed.as_ref().map(|typed| typed.at("text").to_owned()).filter(|t| !t.is_empty());
    let text = draft.unwrap_or_else(|| now.clone());
    let told = wording.with(of, key, &text);
    let status = reply.status;
    let main = One {
        lang,
        title: title(key, lang),
        key: key.name(),
        tag: of.tag(),
        when: when(key, lang),
        reply,
        told: told.ok().map(|wording| example.told(&wording, of, key)),
        example: example.word(lang),
        is_draft: text != now,
        me: visitor.me.as_ref().map(ToString::to_string),
        text,
        why: typed.as_ref().map(|typed| typed.at("why").to_owned()).unwrap_or_default(),
        blanks: key.blanks(),
        meaning: lang.say(
            "（级别、规则名称、编号、起始时间、分钟数）",
            "(the level, the rule's title, the number, since when, minutes)",
        ),
        is_own: now != shipped,
        shipped,
        earlier: deeds
            .into_iter()
            .filter_map(|(_, at, deed)| before(web, &maker, at, deed))
            .take(EARLIER_MAX)
            .collect(),
    };
    let title = lang.say("消息文本", "What messages say");
    layout::framed(web, visitor, (status, Frame::Form), title, &main)
}

/// How it read before a change, and who changed it, when and why.
fn before(
    web: &Web,
    maker: &Maker<'_>,
    at: Time,
    DeedOnRecord { deed, altered, .. }: DeedOnRecord,
) -> Option<(String, String)> {
    let text = altered.into_iter().find(|altered| altered.key == "text")?.before?;
    let by = maker.names.of_deed(&deed.by);
    let at = maker.clock_in(at, &web.zone());
    let more = match maker.visitor.lang {
        Lang::Zh => format!("{at} 由 {by} 改掉：{}", deed.why),
        Lang::En => format!("until {at}, changed by {by}: {}", deed.why),
    };
    Some((text, more))
}

impl Web {
    /// What messages say now.
    fn wording(&self) -> Arc<Wording> {
        Arc::clone(&self.site.wording.borrow())
    }
}

const fn title(key: Key, lang: Lang) -> &'static str {
    let en = match key {
        Key::Heading => "Heading",
        Key::Reply => "How to accept by a reply",
        Key::Ask => "The resident is asked",
        Key::Alarm => "Alarm",
        Key::Escalation => "Nobody accepted",
        Key::Repeat => "Still nobody accepted",
        Key::Overdue => "Overdue",
        Key::HandOver => "Handed over",
        Key::Raised => "It has got worse",
        Key::Digest => "Digest of the day",
        Key::Asked => "Something is asked for",
        Key::Decided => "There is news",
        Key::Whistle => "The street calls",
        Key::Visit => "A visit is due",
        Key::VisitLate => "A visit is overdue",
        Key::Request => "A new request",
        Key::RequestLate => "Nobody has taken a request",
        Key::Trial => "Trial message",
    };
    lang.say(key.zh(), en)
}

/// When it is said, and to whom.
const fn when(key: Key, lang: Lang) -> &'static str {
    let (zh, en) = match key {
        Key::Heading => ("邮件和推送的标题", "above a mail or a push"),
        Key::Reply => ("可以用短信回复签收时附上", "where a reply by text message is understood"),
        Key::Ask => ("报警之前，在家中显示或播报", "in the home, before anybody is alarmed"),
        Key::Alarm => ("首先通知的人", "to whoever is told first"),
        Key::Escalation => ("无人签收时，下一级的人", "to the next, where nobody accepted"),
        Key::Repeat => ("仍无人签收，再次通知", "again, to those who were told already"),
        Key::Overdue => {
            ("签收了，但没有按时到场或办结", "accepted, and not there or ended in time")
        }
        Key::HandOver => ("别人转交给您", "somebody hands it over"),
        Key::Raised => ("已通知的事件级别升高", "to those who were told, when it gets worse"),
        Key::Digest => ("不紧急的提示，一天一次", "what is not urgent, once a day"),
        Key::Asked => {
            ("申请延期、挂账或作废", "to those who decide on more time, waiting or striking out")
        }
        Key::Decided => ("审批、退回等结果", "to whoever asked, or is to go on"),
        Key::Whistle => ("街道吹哨，部门报到", "to departments that are called"),
        Key::Visit => ("到了该巡访的时候", "to whoever visits"),
        Key::VisitLate => ("巡访没有按时完成", "to the next, where nobody visited"),
        Key::Request => ("居民或家属提出诉求", "to whoever takes requests"),
        Key::RequestLate => ("诉求无人受理，转下一级", "to the next, where nobody took it"),
        Key::Trial => ("核实联系方式", "to see whether messages reach somebody"),
    };
    lang.say(zh, en)
}
