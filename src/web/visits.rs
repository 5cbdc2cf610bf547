//! `/visits`: today's route: whom somebody has to see, in what order; the page of the incident does the rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::domain::{Home, HomeId, Stage, Standing, Time, visits_zh};
use crate::report::{Named, OpenVisit, WantedVisit, worklist};
use crate::store::views::Filter;

use super::ask::{Moved, Trouble};
use super::card::Maker;
use super::lang::{Lang, Visitor, encode};
use super::said::read_said;
use super::{Web, layout, told};

/// More open incidents than any hub has.
const MOST: u32 = 10_000;
/// The page, and its part for those who have homes of their own.
const MINE: &str = "/visits";
const ALL: &str = "/visits?show=all";

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route(MINE, get(show).post(call))
}

/// The visits that are wanted at these homes. Of a home that does not answer nobody may believe that it
/// wants none.
pub(super) async fn read(web: &Web, homes: Vec<Arc<Home>>) -> Result<Vec<WantedVisit>, Trouble> {
    let ids = homes.iter().map(|home| home.id.clone()).collect();
    let looks = web.look_at(homes).await;
    let filter =
        Filter { open: Some(true), homes: Some(ids), most: Some(MOST), ..Filter::default() };
    let open = web.read(move |reader| reader.incidents(&filter)).await?;
    let open: Vec<_> = open.into_iter().map(|shown| (shown.id, shown.incident)).collect();
    let now = web.site.clock.now();
    let seen = looks.iter().map(|(_, look)| Some(look.as_ref()?.seen(now)));
    let seen: Option<Vec<_>> = seen.collect();
    Ok(worklist(seen.ok_or(Trouble::Late)?, &open))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ lang.say("巡访", "Visits") }}{% if !today.is_empty() %} <span class="count">{{ today.len() }}</span>{% endif %}</h1>
{% if let Some(said) = said %}<p class="banner refused" role="alert">{{ said }}</p>{% endif %}
{% if let Some((mine, all)) = chips %}<nav class="chips"><a href="/visits"{% if !is_all %} aria-current="page"{% endif %}>{{ lang.say("我的", "mine") }} {{ mine }}</a><a href="/visits?show=all"{% if is_all %} aria-current="page"{% endif %}>{{ lang.say("全部", "all") }} {{ all }}</a></nav>{% endif %}
{% if today.is_empty() %}<p class="calm">{{ lang.say("今天没有要探访的人", "Nobody has to be visited today") }}</p>{% endif %}
{% for stop in today %}<article class="card {{ stop.tone }}">
<p class="level"><span class="mark" aria-hidden="true"></span>{{ stop.standing }}<span class="stage">{{ stop.tier }}</span></p>
<h2>{{ stop.place }}</h2>
{{ stop.rest()|safe }}
</article>
{% endfor %}
{% if !coming.is_empty() %}<h2 class="part">{{ lang.say("14 天内到期", "Due within 14 days") }}</h2>
{% for stop in coming %}<details id="coming-{{ stop.home }}"><summary>{{ stop.place }} · {{ stop.due }}</summary>
<div class="card {{ stop.tone }}"><p class="place">{{ stop.tier }}</p>
{{ stop.rest()|safe }}</div></details>
{% endfor %}{% endif %}"#
)]
struct Page {
    lang: Lang,
    said: Option<String>,
    /// How many are mine, and of all, of whom somebody has to see today.
    chips: Option<(usize, usize)>,
    is_all: bool,
    today: Vec<Stop>,
    coming: Vec<Stop>,
}

/// One resident on the route.
struct Stop {
    lang: Lang,
    home: String,
    place: String,
    /// For the style sheet: colour and shape.
    tone: &'static str,
    standing: &'static str,
    tier: String,
    due: String,
    last: String,
    /// What whoever goes there should know.
    notes: Vec<String>,
    links: Vec<Link>,
    /// Who may call for a visit, and by which words.
    asks: Option<String>,
    words: Vec<(String, String)>,
    is_all: bool,
}

/// An incident that the visit ends.
struct Link {
    href: String,
    title: String,
    stage: &'static str,
    holder: String,
    light: &'static str,
    /// Who can say at the door that they are there: the page of the incident then asks how it was.
    here: Option<String>,
}

/// What of a stop is the same wherever it stands.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="since">{{ stop.due }} · {{ stop.last }}</p>
{% for note in stop.notes %}<p class="note">{{ note }}</p>
{% endfor %}{% for link in stop.links %}<p class="next {{ link.light }}">{{ link.stage }} · {{ link.holder }}</p>
{% if let Some(me) = link.here %}<form method="post" action="{{ link.href }}"><input type="hidden" name="by" value="{{ me }}">
<button{% if loop.first %} class="main"{% endif %} name="move" value="on-scene">{{ lang.say("我已到场", "I am here") }}</button></form>
{% endif %}<a class="button{% if loop.first && link.here.is_none() %} main{% endif %}" href="{{ link.href }}">{{ link.title }}</a>
{% endfor %}{% if let Some(me) = stop.asks %}<form method="post" action="/visits">
<input type="hidden" name="by" value="{{ me }}"><input type="hidden" name="home" value="{{ stop.home }}">{% if stop.is_all %}<input type="hidden" name="back" value="all">{% endif %}
<label>{{ lang.say("提前探访的原因", "Why to go now") }}<select name="why" required><option value="">{{ lang.say("请选择", "choose") }}…</option>{% for (word, said) in stop.words %}<option value="{{ word }}">{{ said }}</option>{% endfor %}</select></label>
<button>{{ lang.say("安排探访", "Call for a visit") }}</button></form>{% endif %}"#
)]
struct Rest<'s> {
    lang: Lang,
    stop: &'s Stop,
}

impl Stop {
    const fn rest(&self) -> Rest<'_> {
        Rest { lang: self.lang, stop: self }
    }

    fn new(maker: &Maker<'_>, visit: &WantedVisit, me: Option<String>, is_all: bool) -> Self {
        let lang = maker.visitor.lang;
        let clock = |at: Time| {
            let home = visit.home.parse::<HomeId>();
            home.map_or_else(|_no_name| at.to_string(), |home| maker.clock(at, &home))
        };
        let when = visit.due_at.map_or(String::new(), clock);
        let due = match (visit.standing, lang) {
            (Standing::Coming, Lang::Zh) => format!("{when} 到期"),
            (Standing::Coming, Lang::En) => format!("due on {when}"),
            (_, Lang::Zh) => format!("自 {when}"),
            (_, Lang::En) => format!("since {when}"),
        };
        let last = match (visit.last.map(clock), lang) {
            (None, _) => lang.say("从未探访", "never visited").to_owned(),
            (Some(at), Lang::Zh) => format!("上次 {at}"),
            (Some(at), Lang::En) => format!("last {at}"),
        };
        let how = visit.how.map(|how| lang.say(how.zh(), how.name()));
        Self {
            lang,
            home: visit.home.clone(),
            place: visit.place.clone(),
            tone: tone(visit.standing),
            standing: standing(visit.standing, lang),
            tier: visit.tier.as_ref().map_or("", |tier| title(lang, tier)).to_owned(),
            due,
            last: how.map_or_else(|| last.clone(), |how| format!("{last} ({how})")),
            notes: notes(lang, visit),
            links: visit
                .incidents
                .iter()
                .map(|open| Link::new(maker, open, me.as_deref()))
                .collect(),
            asks: me.filter(|_| visit.incidents.is_empty() && !visit.words.is_empty()),
            words: visit.words.iter().map(|word| said_of(lang, word.as_str())).collect(),
            is_all,
        }
    }
}

impl Link {
    fn new(maker: &Maker<'_>, open: &OpenVisit, me: Option<&str>) -> Self {
        let lang = maker.visitor.lang;
        let can_arrive = matches!(open.stage, Stage::Alarmed | Stage::Accepted | Stage::EnRoute);
        let nobody = lang.say("无人签收", "nobody has it").to_owned();
        Self {
            href: format!("/incidents/{}", encode(&open.id)),
            title: lang.say(&open.title.zh, &open.title.en).to_owned(),
            stage: told::stage(open.stage, lang),
            holder: open.holder.as_ref().map_or(nobody, |by| maker.names.of(by).to_owned()),
            light: open.light.name(),
            here: me.filter(|_| can_arrive).map(str::to_owned),
        }
    }
}

const fn standing(standing: Standing, lang: Lang) -> &'static str {
    let en = match standing {
        Standing::Finding => "found wrong",
        Standing::Called => "called for",
        Standing::Unreachable | Standing::Overdue | Standing::Due | Standing::Coming => {
            standing.name()
        }
    };
    lang.say(standing.zh(), en)
}

const fn tone(standing: Standing) -> &'static str {
    match standing {
        Standing::Unreachable => "urgent",
        Standing::Finding | Standing::Overdue => "serious",
        Standing::Called | Standing::Due => "normal",
        Standing::Coming => "info",
    }
}

/// A word to call by, and what is read.
fn said_of(lang: Lang, word: &str) -> (String, String) {
    (word.to_owned(), lang.say(visits_zh(word), word).to_owned())
}

fn title(lang: Lang, named: &Named) -> &str {
    lang.say(&named.title.zh, &named.title.en)
}

fn notes(lang: Lang, visit: &WantedVisit) -> Vec<String> {
    let all = |named: &[Named]| {
        let titles: Vec<&str> = named.iter().map(|named| title(lang, named)).collect();
        titles.join(lang.say("、", ", "))
    };
    let mut notes = Vec::new();
    if 0 < visit.unanswered {
        notes.push(match lang {
            Lang::Zh => format!("连续 {} 次无人应答", visit.unanswered),
            Lang::En => format!("nobody opened, {} in a row", visit.unanswered),
        });
    }
    if !visit.wrong.is_empty() {
        let wrong = all(&visit.wrong);
        notes.push(format!("{}{wrong}", lang.say("发现异常：", "found wrong: ")));
    }
    if !visit.calls.is_empty() {
        notes.push(format!("{}{}", lang.say("因 ", "because of "), all(&visit.calls)));
    }
    if visit.is_out {
        notes.push(lang.say("现在不在家", "not at home now").to_owned());
    }
    notes
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri) -> Response {
    let is_all = uri.query().is_some_and(|query| query.contains("show=all"));
    answer(&web, &visitor, is_all, (StatusCode::OK, None)).await
}

async fn call(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let mut form = form.map(|Form(form)| form).unwrap_or_default();
    // Whatever the form says: nothing else is said here.
    form.insert("say".to_owned(), "visit".to_owned());
    web.speaks(&visitor, &mut form);
    let is_all = form.get("back").is_some_and(|back| back == "all");
    let lang = visitor.lang;
    let home = form.get("home").and_then(|home| home.parse::<HomeId>().ok());
    let Some(home) = home.filter(|home| web.shows_home(&visitor, home)) else {
        return layout::not_found(&visitor);
    };
    let Ok((by, what)) = read_said(&form) else {
        let said = lang.say("请选择原因", "Choose why").to_owned();
        return answer(&web, &visitor, is_all, (StatusCode::BAD_REQUEST, Some(said))).await;
    };
    match web.say(home, by, what).await {
        Ok(Moved::Done) => Redirect::to(if is_all { ALL } else { MINE }).into_response(),
        Ok(Moved::Refused(why)) => {
            let said = told::refusal(&why, lang, &web.names());
            answer(&web, &visitor, is_all, (StatusCode::CONFLICT, Some(said))).await
        }
        Ok(Moved::Unknown(_)) => layout::not_found(&visitor),
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn answer(
    web: &Web,
    visitor: &Visitor,
    is_all: bool,
    (status, said): (StatusCode, Option<String>),
) -> Response {
    match read(web, web.homes_of(visitor)).await {
        Ok(visits) => {
            let page = Page { said, ..make(web, visitor, &visits, is_all) };
            let title = visitor.lang.say("巡访", "Visits");
            layout::page(web, visitor, status, title, &page)
        }
        Err(trouble) => layout::trouble(visitor, &trouble),
    }
}

/// Whoever comes to homes sees theirs, unless they want to see all.
fn make(web: &Web, visitor: &Visitor, visits: &[WantedVisit], is_all: bool) -> Page {
    let (maker, homes) = (Maker::new(web, visitor), web.homes_of(visitor));
    let me = |visit: &WantedVisit| {
        let home = homes.iter().find(|home| home.id.as_str() == visit.home);
        home.and_then(|home| maker.me_in(home)).map(ToString::to_string)
    };
    let is_mine = |visit: &&WantedVisit| me(visit).is_some();
    let mine = homes.iter().filter(|home| maker.me_in(home).is_some()).count();
    // Who comes to none of them, or to all, has no part of the list.
    let has_a_part = (1..homes.len()).contains(&mine);
    let is_all = is_all || !has_a_part;
    let is_today = |visit: &&WantedVisit| visit.standing != Standing::Coming;
    let today = || visits.iter().filter(is_today);
    let shown = visits.iter().filter(|visit| is_all || is_mine(visit));
    let (today_shown, coming): (Vec<_>, Vec<_>) = shown.partition(is_today);
    let stops = |all: Vec<&WantedVisit>| {
        all.into_iter().map(|visit| Stop::new(&maker, visit, me(visit), is_all)).collect()
    };
    Page {
        lang: visitor.lang,
        said: None,
        chips: has_a_part.then(|| (today().filter(is_mine).count(), today().count())),
        is_all,
        today: stops(today_shown),
        coming: stops(coming),
    }
}
