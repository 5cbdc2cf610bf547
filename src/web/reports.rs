//! `/reports`: the figures of a month, against what was promised, and how they went over six months. To be read,
//! printed, and taken away as a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;

use crate::domain::grid::Within;
use crate::domain::{Name, Sentence, Span, Time};
use crate::engine::Book;
use crate::report::{Bar, Case, Cell, Kpi, Month, Promised, Share, Table, Trend, trend, worst};

use super::ask::Trouble;
use super::card::Maker;
use super::lang::{Lang, Visitor, encode};
use super::layout::Frame;
use super::paper::{Form, Tables, asked, download};
use super::signpost::Signpost;
use super::{Web, layout};

/// How many months are drawn beside each other, this one the last.
const MONTHS: usize = 6;
/// Of rules and of sensors, so many are named.
const WORST_MAX: usize = 10;

pub(super) fn routes() -> Router<Arc<Web>> {
    let file = |form: Form| {
        get(move |State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri| async move {
            file(&web, &visitor, &uri, form).await
        })
    };
    Router::new()
        .route("/reports", get(page))
        .route("/reports/csv", file(Form::Csv))
        .route("/reports/markdown", file(Form::Markdown))
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ desk|safe }}
<h1>{{ lang.say("月度报表", "Report of the month") }} {{ month }}</h1>
<nav class="chips" aria-label="{{ lang.say("月份", "Months") }}">{% for (href, word) in links %}<a href="{{ href }}">{{ word }}</a>{% endfor %}</nav>
{% if !grids.is_empty() %}<form method="get" action="/reports" class="filter"><input type="hidden" name="month" value="{{ month }}">
<label>{{ lang.say("网格", "Grid") }}<select name="grid"><option value="">{{ lang.say("全部", "all") }}</option>{% for (is_on, grid, name) in grids %}<option value="{{ grid }}"{% if is_on %} selected{% endif %}>{{ name }}</option>{% endfor %}</select></label>
<button>{{ lang.say("显示", "Show") }}</button></form>{% endif %}
<p class="hint">{{ about }}</p>
<section><h2>{{ lang.say("目标", "Targets") }}</h2>
{% if targets.is_empty() %}<p class="hint">{{ lang.say("未设目标", "No targets are set") }}</p>{% endif %}
<ul class="facts">{% for target in targets %}<li class="{{ target.tone }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ target.what }} <strong>{{ target.reached }}</strong><small> {{ lang.say("目标", "target") }} {{ target.wanted }} %</small></span><strong>{{ target.word }}</strong></li>{% endfor %}</ul></section>
<section><h2>{{ lang.say("近六个月", "The last six months") }}</h2><div class="trends">
{% for chart in trends %}<figure><figcaption>{{ chart.name }}</figcaption>
<svg class="bars" viewBox="0 0 360 130" role="img" aria-label="{{ chart.name }}: {{ chart.told }}">{% for bar in chart.bars %}<rect class="{% if bar.is_now %}now{% endif %}" x="{{ bar.x }}" y="{{ bar.y }}" width="40" height="{{ bar.height }}"/><text x="{{ bar.x + 20 }}" y="{{ bar.y - 5 }}">{{ bar.value }}</text><text class="month" x="{{ bar.x + 20 }}" y="124">{{ bar.month }}</text>{% endfor %}<line x1="0" y1="110" x2="360" y2="110"/></svg></figure>
{% endfor %}</div></section>
{% for (title, rows) in worst %}<section><h2>{{ title }}</h2>{% if rows.is_empty() %}<p class="hint">{{ lang.say("无误报", "No false alarm") }}</p>{% else %}
<ol class="worst">{% for row in rows %}<li><span class="what">{{ row.what }}<small> {{ row.name }}</small></span><svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="100" height="10"/><rect width="{{ row.width }}" height="10"/></svg><strong>{{ row.says }}</strong></li>
{% endfor %}</ol>{% endif %}</section>
{% endfor %}
{{ tables|safe }}"#
)]
struct Page {
    lang: Lang,
    desk: Signpost,
    month: String,
    links: Vec<(String, String)>,
    grids: Vec<(bool, Name, String)>,
    about: String,
    targets: Vec<TargetRow>,
    trends: Vec<Chart>,
    worst: [(&'static str, Vec<Worst>); 2],
    tables: Tables,
}

/// What was promised, and whether it was kept: by colour, shape and word.
struct TargetRow {
    what: String,
    reached: String,
    wanted: String,
    word: &'static str,
    tone: &'static str,
}

/// Bars over the months; heights in the units of its picture.
struct Chart {
    name: String,
    told: String,
    bars: Vec<Drawn>,
}

struct Drawn {
    x: usize,
    y: usize,
    height: usize,
    month: String,
    value: String,
    is_now: bool,
}

/// A rule or a sensor with its false alarms.
struct Worst {
    what: String,
    name: String,
    width: usize,
    says: String,
}

/// Which month, and only of which grid.
struct Wanted {
    month: Month,
    grid: Option<Name>,
}

impl Wanted {
    fn read(web: &Web, visitor: &Visitor, uri: &Uri) -> Result<Self, Box<Response>> {
        let wrong = |why: Sentence| {
            let zh = format!("看不懂的地址：{}", why.say(Lang::Zh));
            let said = visitor.lang.say(&zh, why.en());
            Box::new(layout::plain(visitor, StatusCode::BAD_REQUEST, said))
        };
        let month = match asked(uri, "month") {
            Some(month) => month.parse().map_err(|why: String| wrong(why.into()))?,
            None => Month::of(web.site.clock.wall(), &web.zone()),
        };
        let grid = asked(uri, "grid").map(|grid| grid.parse::<Name>());
        let grid = grid.transpose().map_err(wrong)?;
        Ok(Self { month, grid })
    }

    fn href(&self, path: &str, month: Month) -> String {
        let grid = self.grid.as_ref().map(|grid| format!("&grid={}", encode(grid.as_str())));
        format!("{path}?month={month}{}", grid.unwrap_or_default())
    }

    fn kpi(&self, web: &Web, visitor: &Visitor, cases: &[Case], month: Month) -> Kpi {
        let (homes, grids, now) = (web.homes_of(visitor), web.grids(), web.site.clock.wall());
        let within = self.grid.as_ref().map(|grid| Within { grid, grids: &grids });
        Kpi::new(month, within, cases, &homes, &web.site.targets, now)
    }
}

async fn page(State(web): State<Arc<Web>>, visitor: Visitor, uri: Uri) -> Response {
    let wanted = match Wanted::read(&web, &visitor, &uri) {
        Ok(wanted) => wanted,
        Err(answer) => return *answer,
    };
    match make(&web, &visitor, &wanted).await {
        Ok(main) => {
            let title = visitor.lang.say("月度报表", "Report of the month");
            let title = format!("{title} {}", wanted.month);
            layout::framed(&web, &visitor, (StatusCode::OK, Frame::Paper), &title, &main)
        }
        Err(trouble) => layout::trouble(&visitor, &trouble),
    }
}

async fn file(web: &Web, visitor: &Visitor, uri: &Uri, form: Form) -> Response {
    let wanted = match Wanted::read(web, visitor, uri) {
        Ok(wanted) => wanted,
        Err(answer) => return *answer,
    };
    let (from, to) = wanted.month.widest();
    let cases = match web.cases_of(visitor, from, to).await {
        Ok(cases) => cases,
        Err(trouble) => return layout::trouble(visitor, &trouble),
    };
    let kpi = wanted.kpi(web, visitor, &cases, wanted.month);
    let text = match form {
        Form::Csv => kpi.csv(),
        Form::Markdown => kpi.markdown(visitor.lang),
    };
    download(form, &wanted.month.to_string(), &text)
}

async fn make(web: &Web, visitor: &Visitor, wanted: &Wanted) -> Result<Page, Trouble> {
    let (lang, month) = (visitor.lang, wanted.month);
    let mut months: Vec<Month> =
        std::iter::successors(Some(month), |month| Some(month.before())).take(MONTHS).collect();
    months.reverse();
    let from: Time = months.first().unwrap_or(&month).widest().0;
    let cases = web.cases_of(visitor, from, month.widest().1).await?;
    let kpis: Vec<Kpi> =
        months.into_iter().map(|month| wanted.kpi(web, visitor, &cases, month)).collect();
    let kpi = match kpis.last() {
        Some(kpi) => kpi.clone(),
        None => wanted.kpi(web, visitor, &cases, month),
    };
    let maker = Maker::new(web, visitor);
    let homes = web.homes_of(visitor);
    let made = maker.clock_in(maker.wall(maker.now()), &web.zone());
    let n = homes.iter().filter(|home| home.is_ordinary()).count();
    let about = match lang {
        Lang::Zh => format!(
            "截至 {made}，只含您负责的 {n} 户。当月首次发现的事件按其全部经过计算，全部结案之前数字仍可能变化。全部数字由已封存的记录算出。"
        ),
        Lang::En => format!(
            "As of {made}, of the {n} homes that you come to. An incident belongs to the month in which it was first \
             found, with its whole story: figures may change until all are closed. All are computed from the sealed record."
        ),
    };
    let mut links =
        vec![(wanted.href("/reports", month.before()), format!("← {}", month.before()))];
    if month < Month::of(web.site.clock.wall(), &web.zone()) {
        links.push((wanted.href("/reports", month.after()), format!("{} →", month.after())));
    }
    links.push((wanted.href("/reports/csv", month), "CSV".to_owned()));
    links.push((wanted.href("/reports/markdown", month), "Markdown".to_owned()));
    let is_drawn = |t: &Table| {
        ["answered", "arrived", "false-by-rule", "false-by-device"].contains(&&*t.title.key)
    };
    let book = web.book().await;
    let tables: Vec<Table> = kpi.tables().into_iter().filter(|table| !is_drawn(table)).collect();
    Ok(Page {
        lang,
        desk: Signpost::new(web, visitor),
        month: month.to_string(),
        links,
        grids: web
            .grids_of(&homes)
            .into_iter()
            .map(|(id, name)| (Some(&id) == wanted.grid.as_ref(), id, name))
            .collect(),
        about,
        targets: targets(lang, &kpi),
        trends: trend(&kpis).iter().map(|series| chart(lang, month, series)).collect(),
        worst: worst_of(web, lang, &kpi, book.as_deref()),
        tables: Tables::new(web, &maker, book.as_deref(), &tables),
    })
}

fn targets(lang: Lang, kpi: &Kpi) -> Vec<TargetRow> {
    let row = |of: &'static str, promised: &Promised| {
        let within = Span::seconds(promised.within_s).say(lang);
        let (word, tone) = match promised.is_met {
            Some(true) => (lang.say("达标", "met"), "normal"),
            Some(false) => (lang.say("未达标", "not met"), "abnormal"),
            None => (lang.say("无可评", "nothing to judge"), "unknown"),
        };
        TargetRow {
            what: format!("{of} {within}"),
            reached: says(lang, promised.share),
            wanted: promised.wanted.to_string(),
            word,
            tone,
        }
    };
    let answered = lang.say("签收，自报警", "answered, from the alarm, within");
    let arrived = lang.say("到场，自签收", "on the scene, from the answer, within");
    let answered = kpi.answered.iter().map(|promised| row(answered, promised));
    answered.chain(kpi.arrived.iter().map(|promised| row(arrived, promised))).collect()
}

fn says(lang: Lang, share: Share) -> String {
    Cell::Share(share).say(lang)
}

/// Six bars of 40 beside each other, 90 high at most, on a line at 110.
fn chart(lang: Lang, now: Month, series: &Trend) -> Chart {
    let name = series.name.say(lang).to_owned();
    let bar = |(n, bar): (usize, &Bar)| {
        let height = thousandths(bar.height).map_or(0, |height| height * 9 / 100);
        // A bar has room for the figure, and none for how many of how many.
        let value = if let Cell::Share(share) = &bar.value {
            share.percent().map_or("–".to_owned(), |percent| format!("{percent:.1}%"))
        } else {
            bar.value.say(lang)
        };
        let (x, y) = (10 + 60 * n, 110 - height);
        Drawn { x, y, height, month: bar.month.to_string(), value, is_now: bar.month == now }
    };
    let bars: Vec<Drawn> = series.bars.iter().enumerate().map(bar).collect();
    let told = series.bars.iter().map(|bar| format!("{} {}", bar.month, bar.value.say(lang)));
    Chart { name, told: told.collect::<Vec<_>>().join(", "), bars }
}

/// How high, in thousandths.
fn thousandths(height: Option<f64>) -> Option<usize> {
    format!("{:.0}", height? * 1000.0).parse().ok()
}

/// The rules by their titles, and the sensors by home and room.
fn worst_of(
    web: &Web,
    lang: Lang,
    kpi: &Kpi,
    book: Option<&Book>,
) -> [(&'static str, Vec<Worst>); 2] {
    let title = |rule: &Name| {
        let found = book?.rules.iter().find(|known| known.name == *rule)?;
        Some(lang.say(&found.title.zh, &found.title.en).to_owned())
    };
    let place = |key: &String| {
        let (home, device) = key.split_once('/')?;
        let home = web.home(&home.parse().ok()?)?;
        let room = home.device(&device.parse().ok()?).map(|device| device.room.clone());
        Some(format!("{} {}", home.name, room.unwrap_or_default()))
    };
    let by_rule = rows(lang, &kpi.false_alarms.by_rule, title);
    let by_device = rows(lang, &kpi.false_alarms.by_device, place);
    [
        (lang.say("误报最多的规则", "Rules with the most false alarms"), by_rule),
        (lang.say("误报最多的设备", "Sensors with the most false alarms"), by_device),
    ]
}

fn rows<K: ToString>(
    lang: Lang,
    all: &BTreeMap<K, Share>,
    what: impl Fn(&K) -> Option<String>,
) -> Vec<Worst> {
    let row = |(key, share): (&K, Share)| Worst {
        what: what(key).unwrap_or_default(),
        name: key.to_string(),
        width: (share.hits * 100).checked_div(share.of).unwrap_or(0),
        says: says(lang, share),
    };
    worst(all, WORST_MAX).into_iter().map(row).collect()
}
