//! `/shift`: the hand-over of a shift, to be read, printed and signed.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::DateTime;

use crate::domain::{Entry, Span, Time};
use crate::report::Shift;

use super::ask::Trouble;
use super::card::Maker;
use super::lang::{Lang, Visitor};
use super::layout::Frame;
use super::paper::{Form, Tables, asked, download};
use super::signpost::Signpost;
use super::{Web, layout, told};

/// How long a shift may be, in hours.
const HOURS: [i64; 3] = [8, 12, 24];

pub(super) fn routes() -> Router<Arc<Web>> {
    let file = |form: Form| {
        get(move |State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri| async move {
            file(&web, &visitor, &uri, form).await
        })
    };
    Router::new()
        .route("/shift", get(page))
        .route("/shift/csv", file(Form::Csv))
        .route("/shift/markdown", file(Form::Markdown))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ desk|safe }}
<h1>{{ lang.say("交接班", "Hand-over of the shift") }} {{ from }} – {{ to }}</h1>
<nav class="chips" aria-label="{{ lang.say("下载", "Downloads") }}"><a href="/shift/csv?{{ query }}">CSV</a><a href="/shift/markdown?{{ query }}">Markdown</a></nav>
<form method="get" action="/shift" class="filter">
<label>{{ lang.say("至", "Until") }}<input class="line" type="datetime-local" name="to" value="{{ until }}"></label>
<label>{{ lang.say("时长", "For how long") }}<select name="hours">{% for (hours, is_on) in lengths %}<option value="{{ hours }}"{% if is_on %} selected{% endif %}>{{ hours }} {{ lang.say("小时", "hours") }}</option>{% endfor %}</select></label>
<button>{{ lang.say("显示", "Show") }}</button></form>
<p class="hint">{{ lang.say("只含您负责的户；设备、静默和在岗情况为现在的情况。", "Of the homes that you come to; devices, silences and who is on duty are as they are now.") }}</p>
{{ tables|safe }}
<p class="sign">{{ lang.say("交班人", "Handed over by") }} <span></span> {{ lang.say("接班人", "taken over by") }} <span></span></p>"#
)]
struct Page {
    lang: Lang,
    desk: Signpost,
    from: String,
    to: String,
    /// For the form, on the clock of the homes.
    until: String,
    query: String,
    lengths: Vec<(i64, bool)>,
    tables: Tables,
}

/// From when to when, in wall time.
struct Wanted {
    to: Time,
    hours: i64,
}

impl Wanted {
    fn read(web: &Web, visitor: &Visitor, uri: &Uri) -> Result<Self, Box<Response>> {
        let to = match asked(uri, "to") {
            None => web.site.clock.wall(),
            Some(text) => match text.parse::<DateTime>() {
                Ok(at) => Time::of_civil(at, &web.zone()),
                Err(_no_time) => {
                    let zh = "看不懂的时间，请写成 2026-11-28T06:00";
                    let en = "`to` is not a time such as 2026-11-28T06:00";
                    let said = visitor.lang.say(zh, en);
                    return Err(Box::new(layout::plain(visitor, StatusCode::BAD_REQUEST, said)));
                }
            },
        };
        let hours = asked(uri, "hours").and_then(|hours| hours.parse().ok());
        let usual = Shift::USUAL.0 / Span::hours(1).0;
        Ok(Self { to, hours: hours.filter(|h| HOURS.contains(h)).unwrap_or(usual) })
    }

    fn from(&self) -> Time {
        self.to - Span::hours(self.hours)
    }

    fn until(&self, web: &Web) -> String {
        self.to.civil(&web.zone()).strftime("%Y-%m-%dT%H:%M").to_string()
    }
}

async fn shift(web: &Web, visitor: &Visitor, wanted: &Wanted) -> Result<Shift, Trouble> {
    let (from, to) = (wanted.from(), wanted.to);
    let cases = web.cases_of(visitor, from, to).await?;
    let looks = web.look_at(web.homes_of(visitor)).await;
    let now = web.site.clock.now();
    let seen = looks.iter().filter_map(|(_, look)| Some(look.as_ref()?.seen(now)));
    Ok(Shift::new(&cases, &seen.collect::<Vec<_>>(), true, from, to))
}

async fn page(State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri) -> Response {
    let wanted = match Wanted::read(&web, &visitor, &uri) {
        Ok(wanted) => wanted,
        Err(answer) => return *answer,
    };
    let shift = match shift(&web, &visitor, &wanted).await {
        Ok(shift) => shift,
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let (lang, maker) = (visitor.lang, Maker::new(&web, &visitor));
    let say = |entry: &Entry| told::entry(entry, lang, &maker.names);
    let at = |at: Time| maker.clock_in(at, &web.zone());
    let (until, hours) = (wanted.until(&web), wanted.hours);
    let main = Page {
        lang,
        desk: Signpost::new(&web, &visitor),
        from: at(wanted.from()),
        to: at(wanted.to),
        query: format!("to={until}&hours={hours}"),
        until,
        lengths: HOURS.map(|n| (n, n == hours)).to_vec(),
        tables: Tables::new(&web, &maker, web.book().await.as_deref(), &shift.tables(say)),
    };
    let title = lang.say("交接班", "Hand-over of the shift");
    layout::framed(&web, &visitor, (StatusCode::OK, Frame::Paper), title, &main)
}

async fn file(web: &Web, visitor: &Visitor, uri: &Uri, form: Form) -> Response {
    let wanted = match Wanted::read(web, visitor, uri) {
        Ok(wanted) => wanted,
        Err(answer) => return *answer,
    };
    let shift = match shift(web, visitor, &wanted).await {
        Ok(shift) => shift,
        Err(trouble) => return layout::trouble(visitor, &trouble),
    };
    let (lang, names) = (visitor.lang, web.names());
    let say = |entry: &Entry| told::entry(entry, lang, &names);
    let text = match form {
        Form::Csv => shift.csv(say),
        Form::Markdown => shift.markdown(lang, say),
    };
    let name = format!("shift-{}", wanted.until(web).replace(':', ""));
    download(form, &name, &text)
}
