//! A day as a drawing: a lane for bed, bathroom, other rooms, out, and nobody knows; below it what moved, the
//! door and the incidents. Which lane it is says by its place and word what it is, and not by its colour.

use askama::Template;

use crate::domain::{Home, Place, Time};
use crate::report::{Day, Stay};
use crate::web::card::Maker;
use crate::web::lang::Lang;

use super::axis::{Axis, Mark};
use super::chart::round;

/// Where the drawing begins; to the left of it stand the words.
const LEFT: f64 = 76.0;
/// How high a lane is.
const LANE: f64 = 18.0;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<section id="day"><h2>{{ lang.say("一天", "A day") }}: {{ date }}</h2>
<nav class="chips"><a href="{{ before.1 }}">← {{ before.0 }}</a>{% if let Some(after) = after %}<a href="{{ after.1 }}">{{ after.0 }} →</a>{% endif %}</nav>
<figure class="chart"><svg viewBox="0 0 360 166" role="img" aria-label="{{ lang.say("这一天在哪里；下面有文字", "Where the resident was that day; in words below") }}">
{% for (x, text) in clock %}<line class="grid" x1="{{ x }}" x2="{{ x }}" y1="2" y2="146"/><text class="clock" x="{{ x }}" y="162">{{ text }}</text>{% endfor %}
{% for (y, text) in lanes %}<text class="lane" x="0" y="{{ y + 13.0 }}">{{ text }}</text><line class="grid" x1="0" x2="360" y1="{{ y + 18.0 }}" y2="{{ y + 18.0 }}"/>{% endfor %}
{% for (tone, x, y, width) in bars %}<rect class="{{ tone }}" x="{{ x }}" y="{{ y + 2.0 }}" width="{{ width }}" height="14"/>{% endfor %}
{% for x in stirs %}<path class="tick" d="M{{ x }} 94v10"/>{% endfor %}
{% for x in doors %}<path class="tick" d="M{{ x }} 112v10"/>{% endfor %}
{% for mark in marks %}<path class="incident {{ mark.tone }}" d="M{{ mark.x - 5.0 }} 129h10l-5 10z"/>{% endfor %}
</svg></figure>
{% if !marks.is_empty() %}<ul class="closed toned">{% for mark in marks %}<li class="{{ mark.tone }}"><a href="{{ mark.href }}"><span class="mark" aria-hidden="true"></span><span class="what">{{ mark.title }}</span><span class="outcome">{{ mark.at }}</span></a></li>{% endfor %}</ul>{% endif %}
<details id="day-words"><summary>{{ lang.say("用文字", "In words") }}</summary><ul class="story">{% for (at, is) in words %}<li><time>{{ at }}</time><span>{{ is }}</span></li>{% endfor %}</ul></details></section>"#
)]
pub(super) struct Drawn {
    lang: Lang,
    date: String,
    /// The day before, and where it is.
    before: (String, String),
    after: Option<(String, String)>,
    clock: Vec<(f64, String)>,
    lanes: Vec<(f64, &'static str)>,
    bars: Vec<(&'static str, f64, f64, f64)>,
    stirs: Vec<f64>,
    doors: Vec<f64>,
    marks: Vec<Mark>,
    words: Vec<(String, String)>,
}

/// Which day it is, and which are next to it.
pub(super) struct Dates {
    pub(super) date: String,
    pub(super) before: (String, String),
    pub(super) after: Option<(String, String)>,
}

impl Drawn {
    pub(super) fn new(
        maker: &Maker<'_>,
        home: &Home,
        day: &Day,
        dates: Dates,
        all: &[crate::store::views::Shown],
    ) -> Self {
        let lang = maker.visitor.lang;
        let axis = Axis::new(home, (day.from, day.to), 24, 6).right_of(LEFT);
        let lanes = [
            lang.say("在床", "Bed"),
            lang.say("卫生间", "Bathroom"),
            lang.say("其他房间", "Other room"),
            lang.say("外出", "Out"),
            lang.say("不明", "Unknown"),
            lang.say("活动", "Movement"),
            lang.say("大门", "Front door"),
            lang.say("事件", "Incidents"),
        ];
        let tops = std::iter::successors(Some(0.0), |y| Some(y + LANE));
        let bars = day.stretches.iter().map(|stretch| {
            let (lane, tone) = lane(stretch.is);
            let (left, right) = (axis.x(stretch.from), axis.x(stretch.to));
            (tone, left, lane * LANE, round((right - left).max(0.8)))
        });
        let words = day.stretches.iter().map(|stretch| {
            let times =
                format!("{}–{}", clock(maker, home, stretch.from), clock(maker, home, stretch.to));
            (times, stay(lang, stretch.is).to_owned())
        });
        let Dates { date, before, after } = dates;
        Self {
            lang,
            date,
            before,
            after,
            clock: axis.ticks(maker),
            lanes: tops.zip(lanes).collect(),
            bars: bars.collect(),
            stirs: day.stirs.iter().map(|stir| axis.x(stir.at)).collect(),
            doors: day.doors.iter().map(|door| axis.x(door.at)).collect(),
            marks: axis.marks(maker, all),
            words: words.collect(),
        }
    }
}

/// The time of day alone: the date stands above.
fn clock(maker: &Maker<'_>, home: &Home, at: Time) -> String {
    let zone = jiff::tz::TimeZone::get(&home.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    maker.wall(at).hour_minute(&zone)
}

/// Which lane from above, and which colour.
const fn lane(is: Stay) -> (f64, &'static str) {
    match is {
        Stay::Bed => (0.0, "bed"),
        Stay::In(Place::Bathroom) => (1.0, "bath"),
        Stay::In(_) | Stay::Home => (2.0, "room"),
        Stay::Out => (3.0, "out"),
        Stay::Unknown => (4.0, "blind"),
    }
}

/// In words.
fn stay(lang: Lang, is: Stay) -> &'static str {
    match is {
        Stay::Bed => lang.say("在床", "in bed"),
        Stay::In(place) => lang.say(place.zh(), place.name()),
        Stay::Home => lang.say("在家", "at home"),
        Stay::Out => lang.say("外出", "out"),
        Stay::Unknown => lang.say("不明", "nobody knows"),
    }
}
