//! `/incidents/{id}`: who, where, what, since when, what is known, what to do, and its story.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::domain::{Entry, Home, Incident, IncidentId, Phone, Position, Report, Stage};
use crate::inbox::Look;
use crate::store::views::{Filter, Sent, Shown};

use super::acts::Acts;
use super::ask::{Moved, Trouble};
use super::card::{Card, Maker};
use super::desk::Forms;
use super::grounds::Why;
use super::lang::{Lang, Visitor, encode};
use super::moves::{Mistake, read_move, tap_of};
use super::seen::Devices;
use super::sieve::back_to_list;
use super::{Web, layout, told};

/// How many lines of a story and how many deliveries are shown; the API has them all.
const LINES_MAX: usize = 100;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/incidents/{id}", get(show).post(act))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<p class="crumb"><a href="/">← {{ lang.say("全部事件", "All incidents") }}</a></p>
{% if let Some(said) = said %}<p class="banner refused" role="alert">{{ said }}</p>{% endif %}
{% if let Some(draft) = draft %}<blockquote>{{ draft }}</blockquote>{% endif %}
<article class="card {{ card.level }}"{% if card.calls %} data-calls{% endif %}>
<p class="level"><span class="mark" aria-hidden="true"></span>{{ card.level_word }}<span class="stage">{{ card.stage }}{% if let Some(outcome) = card.outcome %} · {{ outcome }}{% endif %}</span></p>
<h1>{{ card.title }} <small>{{ card.id }}</small></h1>
<p class="place">{{ card.place }}</p>
{% if let Some(address) = address %}<blockquote class="address">{{ address.text }}</blockquote>
{% if !address.links.is_empty() %}<p class="reach">{% for (href, word) in address.links %}<a class="button" href="{{ href }}">{{ word }}</a>{% endfor %}</p>{% endif %}
{% else if let Some(me) = asks %}<form class="address" method="post" action="{{ card.href }}/address"><input type="hidden" name="by" value="{{ me }}">
{% if needs_why %}<label>{{ lang.say("原因", "Why") }}<input name="why" maxlength="2000" required></label>
{% endif %}<button>{{ lang.say("显示地址和进门方式（会留下记录）", "Show the address and how to get in (goes on record)") }}</button></form>
{% endif %}<p class="reason">{{ reason }}</p>
<p class="since">{{ lang.say("自", "since") }} {{ card.since }} · <time>{{ card.ago }}</time></p>
{% if let Some(over) = over %}<p class="over">{{ lang.say("传感器显示情况已过", "over by the sensors' account since") }} {{ over }}{{ lang.say("；仍须有人确认", "; a person must still confirm") }}</p>{% endif %}
<ol class="steps">{% for (word, is_done) in steps %}<li{% if is_done %} class="done"{% endif %}>{{ word }}</li>{% endfor %}</ol>
{% if is_open %}<p class="holder">{% if let Some(holder) = card.holder %}{{ lang.say("处理人", "with") }} <strong>{{ holder }}</strong>{% else %}<strong>{{ lang.say("无人签收", "nobody has it") }}</strong>{% if let Some(assigned) = card.assigned %} · {{ assigned }}{% endif %}{% endif %}</p>
{% if let Some(next) = card.next %}<p class="next {{ next.light }}">{{ next.what }} <time data-left="{{ next.left }}">{{ next.clock }}</time>{% if !next.late.is_empty() %} · {{ next.late }}{% endif %}</p>{% endif %}{% endif %}
</article>
{% if is_open %}<section class="acts">
{% if let Some(hint) = hint %}<p class="hint">{{ hint }}</p>{% endif %}
{% if let Some(acts) = acts %}{{ acts|safe }}{% endif %}
{% if let Some(desk) = desk %}{{ desk|safe }}{% endif %}
</section>
<section><h2>{{ lang.say("现在所知", "What is known now") }}</h2>
{% if let Some(resident) = card.resident %}<p class="resident">{{ resident }}</p>{% endif %}
{{ devices|safe }}</section>{% else if let Some(desk) = desk %}<section class="acts">{{ desk|safe }}</section>{% endif %}
{% if let Some(why) = why %}<section>{{ why|safe }}</section>
{% endif %}<section><h2>{{ lang.say("经过", "Story") }}</h2>
<ol class="story">{% for (at, text) in story %}<li><time>{{ at }}</time><span>{{ text }}</span></li>{% endfor %}</ol></section>
{% if !deliveries.is_empty() %}<section><h2>{{ lang.say("通知", "Who was told") }}</h2>
<ul class="deliveries">{% for sent in deliveries %}<li class="{{ sent.state }}"><span class="what">{{ sent.to }}<small>{{ sent.channel }} · {{ sent.at }}{% if let Some(why) = sent.why %} · {{ why }}{% endif %}</small></span><span class="state">{{ sent.word }}</span></li>{% endfor %}</ul></section>{% endif %}"##
)]
struct Page {
    lang: Lang,
    said: Option<String>,
    draft: Option<String>,
    card: Card,
    is_open: bool,
    /// Once it was asked for.
    address: Option<Address>,
    /// Who may ask for it, and whether they must say why.
    asks: Option<String>,
    needs_why: bool,
    reason: String,
    over: Option<String>,
    steps: Vec<(&'static str, bool)>,
    hint: Option<String>,
    acts: Option<Acts>,
    desk: Option<Forms>,
    devices: Devices,
    why: Option<Why>,
    story: Vec<(String, String)>,
    deliveries: Vec<DeliveryRow>,
}

/// Where it is and how to get in.
struct Address {
    text: String,
    /// A call, a map.
    links: Vec<(String, String)>,
}

impl Address {
    fn new(lang: Lang, home: &Home) -> Self {
        let call = |phone: &Phone| (phone.href(), format!("{} {phone}", lang.say("拨打", "Call")));
        let map = |at: &Position| (at.href(), lang.say("打开地图", "Open the map").to_owned());
        let call = home.phone.as_ref().map(call);
        let links = call.into_iter().chain(home.position.as_ref().map(map)).collect();
        Self { text: home.address.clone(), links }
    }
}

struct DeliveryRow {
    to: String,
    channel: String,
    at: String,
    state: String,
    word: String,
    why: Option<String>,
}

/// What the store knows of one incident.
struct OnDisk {
    shown: Shown,
    entries: Vec<Entry>,
    sent: Vec<Sent>,
    /// Open incidents of the same home, this one among them.
    open: Vec<Shown>,
}

async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    match incident_id(id).filter(|id| web.shows_home(&visitor, &id.home)) {
        Some(id) => answer(&web, &visitor, &id, (StatusCode::OK, None, None), None).await,
        None => layout::not_found(&visitor),
    }
}

async fn act(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    id: Result<Path<String>, PathRejection>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let id = incident_id(id).filter(|id| web.shows_home(&visitor, &id.home));
    let Some(id) = id else { return layout::not_found(&visitor) };
    let mut form = fields(form.map(|Form(form)| form).unwrap_or_default());
    web.speaks(&visitor, &mut form);
    let lang = visitor.lang;
    let written = ["note", "why", "text", "said"].into_iter().find_map(|k| form.get(k));
    let draft = written.filter(|text| !text.is_empty()).cloned();
    let (by, act) = match read_move(&form) {
        Ok(read) => read,
        Err(mistakes) => {
            let said = mistakes.first().map(|m| wrong(m, lang));
            return answer(&web, &visitor, &id, (StatusCode::BAD_REQUEST, said, draft), None).await;
        }
    };
    match web.make_move(&id, by, act, tap_of(&form)).await {
        Ok(Moved::Done) => {
            let page = format!("/incidents/{}", encode(&id.to_string()));
            Redirect::to(&back_to_list(&form).unwrap_or(page)).into_response()
        }
        Ok(Moved::Refused(why)) => {
            let said = Some(told::refusal(&why, lang, &web.names()));
            answer(&web, &visitor, &id, (StatusCode::CONFLICT, said, draft), None).await
        }
        Ok(Moved::Unknown(_)) => layout::not_found(&visitor),
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

/// Several boxes of one name that are ticked are one word, with commas.
fn fields(form: Vec<(String, String)>) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in form {
        match fields.get_mut(&key) {
            Some(before) => before.extend([",", &value]),
            None => drop(fields.insert(key, value)),
        }
    }
    fields
}

fn incident_id(path: Result<Path<String>, PathRejection>) -> Option<IncidentId> {
    path.ok()?.0.parse().ok()
}

/// What a person left out of a form.
fn wrong(mistake: &Mistake, lang: Lang) -> String {
    let zh = match mistake.field.as_str() {
        "by" => "请先选择您是谁",
        "outcome" => "请选择结果",
        "to" => "请选择转交给谁",
        "why" => "请写明原因（不超过 2000 字）",
        "text" | "note" | "said" => "请写下内容（不超过 2000 字）",
        "number" => "请填写电话号码，如 120",
        "score" => "请选择 1 到 5 分",
        "lasts" => "请选择时长",
        _ => "没有这种操作",
    };
    lang.say(zh, mistake.error.en()).to_owned()
}

/// The page again, with why something was not done.
pub(super) async fn refuse(
    web: &Web,
    visitor: &Visitor,
    id: &IncidentId,
    said: String,
) -> Response {
    answer(web, visitor, id, (StatusCode::BAD_REQUEST, Some(said), None), None).await
}

/// The page; with what is said on top and what somebody had written, and the address once that is on record.
pub(super) async fn answer(
    web: &Web,
    visitor: &Visitor,
    id: &IncidentId,
    (status, said, draft): (StatusCode, Option<String>, Option<String>),
    revealed: Option<&Home>,
) -> Response {
    let on_disk = match read(web, id).await {
        Ok(Some(on_disk)) => on_disk,
        Ok(None) => return layout::not_found(visitor),
        Err(trouble) => return layout::trouble(visitor, &trouble),
    };
    // Without it the page still tells the story; it then says that nothing is known.
    let look = web.look(&id.home).await.ok().flatten();
    let address = revealed.map(|home| Address::new(visitor.lang, home));
    let page = Page { said, draft, address, ..make(web, visitor, &on_disk, look.as_ref()) };
    let title = format!("{} {}", page.card.title, page.card.id);
    layout::page(web, visitor, status, &title, &page)
}

async fn read(web: &Web, id: &IncidentId) -> Result<Option<OnDisk>, Trouble> {
    let id = id.clone();
    let read = web.read(move |reader| {
        let Some(shown) = reader.incident(&id)? else { return Ok(None) };
        let (entries, sent) = (reader.entries(&id)?, reader.deliveries(&id)?);
        let filter = Filter { open: Some(true), homes: Some(vec![id.home]), ..Filter::default() };
        Ok(Some(OnDisk { shown, entries, sent, open: reader.incidents(&filter)? }))
    });
    read.await
}

fn make(web: &Web, visitor: &Visitor, on_disk: &OnDisk, look: Option<&Look>) -> Page {
    let (lang, maker) = (visitor.lang, Maker::new(web, visitor));
    let OnDisk { shown, entries, sent, open } = on_disk;
    let incident = &shown.incident;
    let home = look.map(|l| Arc::clone(&l.home)).or_else(|| web.home(&shown.id.home));
    let me = home.as_deref().and_then(|home| Some((home, maker.me_in(home)?)));
    let is_open = incident.is_open();
    let acts = me.filter(|_| is_open);
    let book = look.map(|look| &*look.book);
    let desk = me.map(|(home, me)| Forms::new(lang, incident, (home, book), &maker.names, me));
    let at = |time| maker.clock(time, &shown.id.home);
    let open: Vec<&Incident> = open.iter().map(|s| &s.incident).collect();
    let story = entries.iter().rev().take(LINES_MAX);
    Page {
        lang,
        said: None,
        draft: None,
        card: maker.card_in(shown, look),
        is_open,
        address: None,
        asks: visitor.me.as_ref().map(ToString::to_string),
        needs_why: !is_open || me.is_none(),
        reason: told::reason(&incident.reason, lang),
        over: incident.over_at.filter(|_| is_open).map(at),
        steps: steps(incident, lang),
        hint: hint(&maker, incident, me.is_some()),
        acts: acts.map(|(home, me)| Acts::new(lang, incident, home, &maker.names, me)),
        desk,
        why: Why::of(&maker, shown, entries, home.as_deref()),
        devices: Devices::new(&maker, look, &open),
        story: story.map(|e| (at(e.at), told::entry(e, lang, &maker.names))).collect(),
        deliveries: sent
            .iter()
            .rev()
            .take(LINES_MAX)
            .map(|s| delivery(&maker, s, at(s.at)))
            .collect(),
    }
}

fn steps(incident: &Incident, lang: Lang) -> Vec<(&'static str, bool)> {
    let all = [Stage::Alarmed, Stage::Accepted, Stage::OnScene, Stage::Resolved, Stage::Closed];
    let wanted = all.into_iter().filter(|s| *s != Stage::OnScene || incident.needs.on_scene);
    wanted.map(|s| (told::stage(s, lang), s <= incident.stage)).collect()
}

/// Why there are no buttons, or not the ones expected.
fn hint(maker: &Maker<'_>, incident: &Incident, is_mine_to_move: bool) -> Option<String> {
    let (lang, me) = (maker.visitor.lang, maker.visitor.me.as_ref());
    if me.is_none() {
        return Some(lang.say("请先在上方选择您是谁", "Choose above who you are first").to_owned());
    }
    if !is_mine_to_move {
        let zh = "您不是此户的处置人员，只能查看";
        return Some(
            lang.say(zh, "You are not a responder of this home: you can only look").to_owned(),
        );
    }
    let resolved_by = incident.resolved.as_ref().map(|(who, _)| who);
    match incident.stage {
        Stage::Detected | Stage::Warned => Some(
            lang.say("尚未报警，可以等待或记为误报", "No alarm yet: it may pass by itself")
                .to_owned(),
        ),
        Stage::Resolved if resolved_by == me => {
            Some(lang.say("已办结，须由另一人核查", "A second person must confirm it").to_owned())
        }
        Stage::Resolved
        | Stage::Alarmed
        | Stage::Accepted
        | Stage::EnRoute
        | Stage::OnScene
        | Stage::Closed => None,
    }
}

fn delivery(maker: &Maker<'_>, sent: &Sent, at: String) -> DeliveryRow {
    let lang = maker.visitor.lang;
    let person = sent.person.as_ref().and_then(|p| p.parse().ok());
    let to = person.as_ref().map(|id| maker.names.of(id).to_owned());
    let report = sent.said.as_ref().and_then(|said| serde_json::from_str::<Report>(said).ok());
    let why = match report {
        Some(Report::Failed { why, .. } | Report::Unknown { why }) => Some(why),
        Some(Report::Sent | Report::Delivered | Report::Seen) | None => None,
    };
    DeliveryRow {
        to: to.unwrap_or_else(|| lang.say("老人", "the resident").to_owned()),
        channel: sent.channel.clone(),
        at,
        word: told::delivery(&sent.state, lang).to_owned(),
        state: sent.state.clone(),
        why,
    }
}
