//! One chart of what a sensor measured, drawn on the server: the band from lowest to highest, the median, what
//! is usual for this resident, and the incidents. A gap stays a gap (P5).

use askama::Template;

use crate::baseline::Usual;
use crate::domain::Time;
use crate::domain::observation::Kind;
use crate::report::{Bucket, Series};
use crate::web::card::Maker;
use crate::web::lang::Lang;
use crate::web::told;

use super::axis::{Axis, Mark};

/// The size of the drawing, in its own units; text of 12 units can be read on a phone.
const WIDTH: f64 = 360.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 150.0;
/// Lines across, at most.
const LINES_MAX: f64 = 4.0;

/// One chart.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<figure class="chart"><figcaption><strong>{{ title }}</strong> <small>{{ place }}</small></figcaption>
<svg viewBox="0 0 360 180" role="img" aria-label="{{ title }}: {{ sum }}">
{% if let Some((y, height)) = usual %}<rect class="usual" x="{{ left }}" y="{{ y }}" width="{{ width }}" height="{{ height }}"/>{% endif %}
{% for (y, text) in lines %}<line class="grid" x1="{{ left }}" x2="360" y1="{{ y }}" y2="{{ y }}"/><text class="scale" x="{{ left - 4.0 }}" y="{{ y + 4.0 }}">{{ text }}</text>{% endfor %}
{% for (x, text) in clock %}<line class="grid" x1="{{ x }}" x2="{{ x }}" y1="14" y2="154"/><text class="clock" x="{{ x }}" y="170">{{ text }}</text>{% endfor %}
{% for path in bands %}<path class="band" d="{{ path }}"/>{% endfor %}
{% for path in medians %}<path class="median" d="{{ path }}"/>{% endfor %}
{% for mark in marks %}<path class="incident {{ mark.tone }}" d="M{{ mark.x }} 12V150M{{ mark.x - 5.0 }} 2h10l-5 9z"/>{% endfor %}
</svg>
<p class="hint">{{ sum }}{% if let Some(text) = usual_text %}<br>{{ text }}{% endif %}</p>
<details id="{{ id }}"><summary>{{ lang.say("数值表", "The figures") }}</summary><div class="scroll"><table><thead><tr><th>{{ lang.say("起", "From") }}</th><th>{{ lang.say("最低", "Lowest") }}</th><th>{{ lang.say("中位", "Median") }}</th><th>{{ lang.say("最高", "Highest") }}</th><th>{{ lang.say("次数", "Readings") }}</th></tr></thead>
<tbody>{% for (at, low, median, high, count) in rows %}<tr><th>{{ at }}</th>{% if count.is_empty() %}<td colspan="4">{{ lang.say("没有测量", "nothing was measured") }}</td>{% else %}<td>{{ low }}</td><td>{{ median }}</td><td>{{ high }}</td><td>{{ count }}</td>{% endif %}</tr>{% endfor %}</tbody></table></div></details></figure>"#
)]
pub(super) struct Chart {
    lang: Lang,
    id: String,
    title: String,
    place: String,
    /// In one sentence what the picture shows.
    sum: String,
    usual_text: Option<String>,
    left: f64,
    width: f64,
    usual: Option<(f64, f64)>,
    lines: Vec<(f64, String)>,
    clock: Vec<(f64, String)>,
    bands: Vec<String>,
    medians: Vec<String>,
    marks: Vec<Mark>,
    rows: Vec<(String, String, String, String, String)>,
}

/// What a chart is drawn with.
pub(super) struct Pen<'p> {
    pub(super) maker: &'p Maker<'p>,
    pub(super) home: &'p crate::domain::Home,
    pub(super) axis: &'p Axis,
    pub(super) marks: &'p [Mark],
}

impl Chart {
    /// `usual`: what is usual for this resident, where that is learnt.
    pub(super) fn new(pen: &Pen<'_>, series: &Series, usual: Option<&Usual>) -> Option<Self> {
        let lang = pen.maker.visitor.lang;
        let Kind::Number { unit, .. } = series.property.kind() else { return None };
        let scale = Scale::of(&series.buckets, usual)?;
        let what = told::property(series.property, lang);
        let room = pen.home.device(&series.device).map(|device| device.room.clone());
        let runs: Vec<&[Bucket]> = series.buckets.chunk_by(|a, b| a.n + 1 == b.n).collect();
        let left = Axis::LEFT;
        Some(Self {
            lang,
            id: format!("t-{}-{}", series.property, series.device),
            title: format!("{what} ({unit})"),
            place: [room.unwrap_or_default(), series.device.to_string()].join(" · "),
            sum: sum(pen, &series.buckets, runs.len()),
            usual_text: usual.map(|usual| usual_text(lang, usual)),
            left,
            width: WIDTH - left,
            usual: usual.map(|u| (scale.y(u.high), round(scale.y(u.low) - scale.y(u.high)))),
            lines: scale.lines().map(|value| (scale.y(value), number(value))).collect(),
            clock: pen.axis.ticks(pen.maker),
            bands: runs.iter().map(|run| band(pen.axis, &scale, run)).collect(),
            medians: runs.iter().map(|run| median(pen.axis, &scale, run)).collect(),
            marks: pen.marks.to_vec(),
            rows: rows(pen, &series.buckets),
        })
    }
}

/// From what lies at the bottom to what lies at the top.
struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    fn of(buckets: &[Bucket], usual: Option<&Usual>) -> Option<Self> {
        let values = buckets.iter().flat_map(|b| [b.low, b.high]);
        let values = values.chain(usual.into_iter().flat_map(|u| [u.low, u.high]));
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        if high < low {
            return None;
        }
        let step = step((high - low).max(1.0) / LINES_MAX);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        let high = if high <= low { low + step } else { high };
        Some(Self { low, high, step })
    }

    fn y(&self, value: f64) -> f64 {
        round(BOTTOM - (value - self.low) / (self.high - self.low) * (BOTTOM - TOP))
    }

    fn lines(&self) -> impl Iterator<Item = f64> {
        let (low, high, step) = (self.low, self.high, self.step);
        std::iter::successors(Some(low), move |value| Some(value + step))
            .take_while(move |value| *value <= high + step / 2.0)
    }
}

/// 1, 2 or 5, with as many noughts as it takes.
fn step(at_least: f64) -> f64 {
    let power = 10_f64.powf(at_least.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| at_least <= times * power);
    times.map_or(10.0 * power, |times| times * power)
}

/// A tenth of a unit cannot be seen.
pub(super) fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// At most one digit behind the point.
fn number(value: f64) -> String {
    round(value).to_string()
}

/// The left and the right side of a piece, so that one alone can be seen as well.
fn sides(axis: &Axis, bucket: &Bucket) -> (f64, f64) {
    let left = axis.x(bucket.at);
    (left, axis.x(bucket.at + axis.step()).max(left + 1.0))
}

fn band(axis: &Axis, scale: &Scale, run: &[Bucket]) -> String {
    let there = run.iter().map(|b| {
        let ((left, right), y) = (sides(axis, b), scale.y(b.high));
        format!("L{left} {y}H{right}")
    });
    let back = run.iter().rev().map(|b| {
        let ((left, right), y) = (sides(axis, b), scale.y(b.low));
        format!("L{right} {y}H{left}")
    });
    let path: String = there.chain(back).collect();
    format!("M{}Z", path.strip_prefix('L').unwrap_or_default())
}

fn median(axis: &Axis, scale: &Scale, run: &[Bucket]) -> String {
    let path: String = run
        .iter()
        .map(|b| {
            let ((left, right), y) = (sides(axis, b), scale.y(b.median));
            format!("L{left} {y}H{right}")
        })
        .collect();
    format!("M{}", path.strip_prefix('L').unwrap_or_default())
}

fn clock(pen: &Pen<'_>, at: Time) -> String {
    pen.maker.clock(pen.maker.wall(at), &pen.home.id)
}

fn sum(pen: &Pen<'_>, buckets: &[Bucket], runs: usize) -> String {
    let lang = pen.maker.visitor.lang;
    let low = buckets.iter().map(|b| b.low).fold(f64::MAX, f64::min);
    let high = buckets.iter().map(|b| b.high).fold(f64::MIN, f64::max);
    let Some(last) = buckets.last() else { return String::new() };
    let (low, high, median, at) =
        (number(low), number(high), number(last.median), clock(pen, last.at));
    let gaps = runs.saturating_sub(1);
    let text = match lang {
        Lang::Zh => format!("{low}–{high}，最近 {median}（{at} 起）"),
        Lang::En => format!("{low} to {high}, lately {median} (from {at})"),
    };
    match (gaps, lang) {
        (0, _) => text,
        (n, Lang::Zh) => format!("{text}，{n} 处中断"),
        (1, Lang::En) => format!("{text}, 1 gap"),
        (n, Lang::En) => format!("{text}, {n} gaps"),
    }
}

fn usual_text(lang: Lang, usual: &Usual) -> String {
    let (low, high, days) = (number(usual.low), number(usual.high), usual.days);
    match lang {
        Lang::Zh => format!("▒ 平时 {low}–{high}（{days} 天的每日中位数，十天中有八天）"),
        Lang::En => {
            format!("▒ usual: {low} to {high} (median of a day, eight days in ten, of {days} days)")
        }
    }
}

/// A row for each piece, and one for each gap.
fn rows(pen: &Pen<'_>, buckets: &[Bucket]) -> Vec<(String, String, String, String, String)> {
    let mut rows = Vec::new();
    let mut next = None;
    for bucket in buckets {
        let gap = next.filter(|next| *next < bucket.n);
        let none = String::new;
        if let Some(n) = gap {
            rows.push((clock(pen, pen.axis.at(n)), none(), none(), none(), none()));
        }
        next = Some(bucket.n + 1);
        let (low, median, high) = (number(bucket.low), number(bucket.median), number(bucket.high));
        rows.push((clock(pen, bucket.at), low, median, high, bucket.count.to_string()));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_across_are_round_numbers_and_few() {
        for (low, high) in [(58.0, 91.0), (97.0, 97.0), (36.1, 38.4), (0.5, 300.0)] {
            let bucket = Bucket { n: 0, at: Time(0), low, median: low, high, count: 1 };
            let scale = Scale::of(&[bucket], None).unwrap();
            let lines: Vec<f64> = scale.lines().collect();
            assert!((2..=6).contains(&lines.len()), "{low} {high}: {lines:?}");
            assert!(lines[0] <= low && high <= lines[lines.len() - 1], "{low} {high}: {lines:?}");
            assert!((TOP..=BOTTOM).contains(&scale.y(low)) && scale.y(high) <= scale.y(low));
        }
        assert!(Scale::of(&[], None).is_none());
    }
}
