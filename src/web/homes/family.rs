//! `/family`: how she is, in words and from facts only, for her family; whoever else asks is shown the way to the
//! homes. What she did not agree to share is not there, and the page says so.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Time as Clock;
use jiff::tz::TimeZone;

use crate::domain::{Group, Home, Level, Link, Role, Scope, Span, Stage, Time};
use crate::inbox::Look;
use crate::report::{Daily, Known, Night, Stretch, Verdict, Why};
use crate::rule::Kind;
use crate::store::views::Shown;
use crate::web::ask::Trouble;
use crate::web::card::{Maker, coarse};
use crate::web::lang::{Lang, Visitor, encode};
use crate::web::{Web, layout, told};

use super::past;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/family", get(show))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("今天", "Today") }}</h1>
{% if homes.is_empty() %}<p class="calm">{{ lang.say("此页供家属查看", "This page is for family") }}</p>
<p><a class="button" href="/homes">{{ lang.say("住户", "Homes") }}</a></p>{% endif %}
{% for home in homes %}<article class="card {{ home.tone }}">
<p class="level"><span class="mark" aria-hidden="true"></span>{{ home.word }}</p>
<h2><a href="{{ home.href }}">{{ home.name }}</a></h2>
<p class="reason">{{ home.sentence }}</p>
{% if !home.open.is_empty() %}<ul class="closed toned">{% for open in home.open %}<li class="{{ open.tone }}"><a href="{{ open.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ open.title }}<small>{{ open.who }}</small></span><span class="outcome">{{ open.since }}</span></a></li>{% endfor %}</ul>{% endif %}
{% if !home.ended.is_empty() %}<h3>{{ lang.say("24 小时内结束的", "What ended within 24 hours") }}</h3>
<ul class="closed">{% for ended in home.ended %}<li class="{{ ended.tone }}"><a href="{{ ended.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ ended.title }}<small>{{ ended.when }}</small></span><span class="outcome">{{ ended.how }}</span></a></li>{% endfor %}</ul>{% endif %}
<ul class="facts">{% for (what, is) in home.facts %}<li><span class="what">{{ what }}<br><strong>{{ is }}</strong></span></li>{% endfor %}</ul>
{% for hint in home.hints %}<p class="hint">{{ hint }}</p>{% endfor %}
</article>
{% endfor %}"#
)]
struct Page {
    lang: Lang,
    homes: Vec<HerDay>,
}

/// One home.
struct HerDay {
    tone: &'static str,
    word: &'static str,
    name: String,
    href: String,
    sentence: &'static str,
    open: Vec<Open>,
    ended: Vec<Ended>,
    facts: Vec<(&'static str, String)>,
    hints: Vec<String>,
}

/// Something that is open, and who sees to it.
struct Open {
    tone: &'static str,
    href: String,
    title: String,
    who: String,
    since: String,
}

/// An alarm that was closed, and how it ended.
struct Ended {
    tone: &'static str,
    href: String,
    title: String,
    how: String,
    when: String,
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    let is_family = |home: &Arc<Home>| {
        let me = visitor.me.as_ref().and_then(|me| home.responder(me));
        home.is_ordinary() && me.is_some_and(|me| me.role == Role::Family)
    };
    let homes: Vec<Arc<Home>> = web.homes_of(&visitor).into_iter().filter(is_family).collect();
    let mut page = Page { lang: visitor.lang, homes: Vec::new() };
    for home in homes {
        match her_day(&web, &visitor, home).await {
            Ok(day) => page.homes.push(day),
            Err(trouble) => return layout::trouble(&visitor, &trouble),
        }
    }
    let title = visitor.lang.say("今天", "Today");
    layout::page(&web, &visitor, StatusCode::OK, title, &page)
}

/// What she agreed that family is shown.
struct Agreed {
    shared: bool,
    whereabouts: bool,
    sleep: bool,
}

async fn her_day(web: &Web, visitor: &Visitor, home: Arc<Home>) -> Result<HerDay, Trouble> {
    let look = web.look(&home.id).await.ok().flatten();
    let maker = Maker::new(web, visitor);
    let lang = visitor.lang;
    let zone = TimeZone::get(&home.zone).unwrap_or(TimeZone::UTC);
    let (now, wall) = (maker.now(), maker.wall(maker.now()));
    let date = wall.civil(&zone).date();
    let hub = |at| Time::of_civil(at, &zone) - (wall - now);
    let noon = hub(date.yesterday().unwrap_or(date).at(12, 0, 0, 0));
    let (today, ends) = (hub(date.to_datetime(Clock::midnight())), now + Span(1));
    let customs = look.as_ref().and_then(|look| look.book.customs);
    let lately = past::lately(web, Arc::clone(&home), customs, (noon, ends), now);
    let (day, open, mut ended) = lately.await?;
    // What never became an alarm is not over: it never was one.
    ended.retain(|s| s.incident.alarmed.is_some() && is_about_her(s.incident.group));
    let daily = Daily::new(&day, today, now);
    let shared = home.consents_to(Scope::FamilySharing);
    let agreed = Agreed {
        shared,
        whereabouts: shared && home.consents_to(Scope::Location),
        sleep: shared && home.consents_to(Scope::Health),
    };
    let silent = silent(&home, look.as_ref(), now);
    let is_out = look.as_ref().is_some_and(|look| look.presence.is_out());
    let known = Known {
        is_open: open.iter().any(|shown| is_about_her(shown.incident.group)),
        is_asked: look.is_some(),
        silent: silent.len(),
        is_shared: agreed.shared,
        is_out: is_out && agreed.whereabouts,
        last: daily.last,
        limit: look.as_ref().and_then(|look| limit(&home, look)),
    };
    let verdict = Verdict::of(&known, now);
    let worst = open.iter().filter(|s| is_about_her(s.incident.group));
    let worst = worst.map(|s| s.incident.level).max().map_or("unwell", Level::name);
    let (word, sentence) = words(lang, verdict);
    Ok(HerDay {
        tone: match verdict {
            Verdict::Trouble => worst,
            Verdict::Unknown(_) => "unwell",
            Verdict::Out | Verdict::Well => "well",
        },
        word,
        name: home.name.clone(),
        href: super::href(&home),
        sentence,
        open: open.iter().map(|shown| self::open(&maker, shown)).collect(),
        ended: ended.iter().map(|shown| self::ended(&maker, shown)).collect(),
        facts: facts(&maker, &home, &daily, &agreed),
        hints: hints(lang, &agreed, &silent),
    })
}

/// Not about devices, visits or the errands of an office.
const fn is_about_her(group: Group) -> bool {
    !matches!(group, Group::Equipment | Group::Visit | Group::Request)
}

/// How long without a sign of life is too long, by the fixed rules of her home.
fn limit(home: &Home, look: &Look) -> Option<Span> {
    let rules = look.book.rules_of(home).into_iter();
    let fixed = rules.filter(|rule| match &rule.kind {
        Kind::Inactivity(inactivity) => inactivity.own.is_none() && inactivity.between.is_none(),
        Kind::Emergency(_)
        | Kind::Threshold(_)
        | Kind::Rate(_)
        | Kind::Count(_)
        | Kind::Absence(_)
        | Kind::Dwell(_)
        | Kind::Sequence(_)
        | Kind::Deviation(_)
        | Kind::Score(_)
        | Kind::Expression(_)
        | Kind::Supervision(_)
        | Kind::Visit(_)
        | Kind::Reported(_) => false,
    });
    fixed.map(|rule| rule.hold).min()
}

/// The rooms of sensors that must speak, and do not.
fn silent(home: &Home, look: Option<&Look>, now: Time) -> Vec<String> {
    let Some(look) = look else { return Vec::new() };
    let now = look.at(now);
    let is_silent = |device: &&crate::domain::Device| {
        let sight = look.situation.sight(&device.id);
        match Link::of(device, sight, look.listening, now).0 {
            Link::Online => false,
            Link::Offline => true,
            // A button that nobody expects to speak need not.
            Link::Unknown => device.quiet_after.is_some(),
        }
    };
    let silent = home.devices.iter().filter(is_silent);
    silent.map(|device| format!("{} · {}", device.room, device.id)).collect()
}

fn words(lang: Lang, verdict: Verdict) -> (&'static str, &'static str) {
    let unknown = lang.say("现在不能判断", "Nobody can tell now");
    match verdict {
        Verdict::Trouble => (
            lang.say("有情况", "Something is wrong"),
            lang.say("见下：是什么事、谁在处理", "Below: what it is, and who sees to it"),
        ),
        Verdict::Well => (
            lang.say("一切正常", "All is well"),
            lang.say(
                "没有进行中的事件，传感器都在线，不久前有活动",
                "Nothing is open, the sensors speak, and not long ago there was a sign of life",
            ),
        ),
        Verdict::Out => (
            lang.say("外出", "Out"),
            lang.say(
                "没有进行中的事件，传感器都在线，现在外出",
                "Nothing is open, the sensors speak, and she is out",
            ),
        ),
        Verdict::Unknown(why) => {
            let sentence = match why {
                Why::NoAnswer => lang.say("网关没有回应", "The hub did not answer"),
                Why::SilentSensors => lang.say(
                    "没有进行中的事件，但有传感器没有消息",
                    "Nothing is open, but there are sensors that say nothing",
                ),
                Why::NotShared => lang.say(
                    "没有进行中的事件；传感器所见没有同意与家属共享",
                    "Nothing is open; what the sensors see is not agreed to be shared with family",
                ),
                Why::NoSign => lang.say(
                    "没有进行中的事件，但很久没有活动",
                    "Nothing is open, but there has been no sign of life for long",
                ),
                Why::NoLimit => lang.say(
                    "没有进行中的事件，但没有规则判断多久没有活动算太久",
                    "Nothing is open, but no rule says how long without a sign of life is too long",
                ),
            };
            (unknown, sentence)
        }
    }
}

fn open(maker: &Maker<'_>, shown: &Shown) -> Open {
    let (incident, lang) = (&shown.incident, maker.visitor.lang);
    let stage = told::stage(incident.stage, lang);
    let holder = incident.accepted.as_ref().map(|(who, _)| maker.names.of(who));
    let who = match (holder, incident.stage) {
        (Some(holder), _) => format!("{holder} · {stage}"),
        (None, Stage::Detected | Stage::Warned) => stage.to_owned(),
        (None, _) => format!("{stage} · {}", lang.say("无人签收", "nobody has it")),
    };
    Open {
        tone: Level::name(incident.level),
        href: format!("/incidents/{}", encode(&shown.id.to_string())),
        title: lang.say(&incident.title.zh, &incident.title.en).to_owned(),
        who,
        since: maker.clock(maker.wall(incident.since), &shown.id.home),
    }
}

fn ended(maker: &Maker<'_>, shown: &Shown) -> Ended {
    let card = maker.card(shown);
    let by = shown.incident.resolved.as_ref().map(|(who, _)| maker.names.of(who));
    let at = shown.closed_at.map(|at| maker.clock(at, &shown.id.home));
    let when: Vec<&str> = [Some(card.stage), at.as_deref(), by].into_iter().flatten().collect();
    Ended {
        tone: card.level,
        href: card.href,
        title: card.title,
        how: card.outcome.unwrap_or_default().to_owned(),
        when: when.join(" · "),
    }
}

fn facts(
    maker: &Maker<'_>,
    home: &Home,
    daily: &Daily,
    agreed: &Agreed,
) -> Vec<(&'static str, String)> {
    let lang = maker.visitor.lang;
    let clock = |at: Time| maker.clock(maker.wall(at), &home.id);
    let mut facts = Vec::new();
    if agreed.shared {
        let none = lang.say("昨天中午以来没有", "none since yesterday noon");
        let last = daily.last.map_or_else(
            || none.to_owned(),
            |at| {
                let ago = told::span(coarse(maker.now() - at), lang);
                match lang {
                    Lang::Zh => format!("{}（{ago}前）", clock(at)),
                    Lang::En => format!("{} ({ago} ago)", clock(at)),
                }
            },
        );
        facts.push((lang.say("最近一次活动", "Last sign of life"), last));
    }
    if agreed.sleep {
        let unknown = || lang.say("不明：床上没有记录", "unknown: no bed told of it").to_owned();
        let night = daily.night.map_or_else(unknown, |night| self::night(lang, &night, clock));
        facts.push((lang.say("昨夜在床", "In bed last night"), night));
    }
    if agreed.shared {
        let (moved, hours) = (daily.hours_moved, daily.hours);
        facts.push((
            lang.say("今天的活动", "Movement today"),
            match lang {
                Lang::Zh => format!("{hours} 个小时中有 {moved} 个小时"),
                Lang::En => format!("in {moved} of {hours} hours"),
            },
        ));
    }
    if agreed.whereabouts {
        let list = |all: Option<Vec<String>>| match all {
            None => lang.say("不明：没有能看到的传感器", "unknown: no sensor tells").to_owned(),
            Some(all) if all.is_empty() => lang.say("没有看到", "not seen").to_owned(),
            Some(all) => all.join(", "),
        };
        let kitchen = daily.kitchen.as_ref().map(|all| all.iter().map(|at| clock(*at)).collect());
        facts.push((lang.say("今天进厨房", "In the kitchen today"), list(kitchen)));
        let out = |s: &Stretch| {
            let is_still = maker.now() <= s.to + Span::minutes(1);
            format!("{}–{}", clock(s.from), if is_still { String::new() } else { clock(s.to) })
        };
        let out = daily.out.as_ref().map(|all| all.iter().map(out).collect());
        facts.push((lang.say("今天外出", "Out today"), list(out)));
    }
    if agreed.shared && Span::minutes(1) <= daily.blind {
        let blind = told::span(coarse(daily.blind), lang);
        facts.push((lang.say("今天无从得知", "Nobody could tell, today, for"), blind));
    }
    facts
}

fn night(lang: Lang, night: &Night, clock: impl Fn(Time) -> String) -> String {
    let (from, ups) = (clock(night.from), night.ups);
    let to = night.to.map_or_else(|| lang.say("现在", "now").to_owned(), clock);
    let up = match (ups, lang) {
        (0, _) => String::new(),
        (n, Lang::Zh) => format!("，起床 {n} 次"),
        (1, Lang::En) => ", up once".to_owned(),
        (n, Lang::En) => format!(", up {n} times"),
    };
    let patchy = if night.is_patchy {
        lang.say("（部分时间不明）", " (partly unknown)")
    } else {
        ""
    };
    format!("{from}–{to}{up}{patchy}")
}

fn hints(lang: Lang, agreed: &Agreed, silent: &[String]) -> Vec<String> {
    let mut hints = Vec::new();
    if !silent.is_empty() {
        let what = lang.say("没有消息的传感器：", "Sensors that say nothing: ");
        hints.push(format!("{what}{}", silent.join(", ")));
    }
    let missing = [
        (agreed.shared, Scope::FamilySharing),
        (agreed.whereabouts || !agreed.shared, Scope::Location),
        (agreed.sleep || !agreed.shared, Scope::Health),
    ];
    let missing = missing.into_iter().filter(|(is, _)| !is);
    let missing: Vec<&str> = missing.map(|(_, scope)| lang.say(scope.zh(), scope.name())).collect();
    if !missing.is_empty() {
        let what = lang.say("没有同意、因此不显示：", "Not agreed to, and so not shown: ");
        hints.push(format!("{what}{}", missing.join(", ")));
    }
    hints
}
