//! How a home's own habits are learnt: the numbers of `[learning]`.

use std::fmt;
use std::str::FromStr;

use crate::domain::observation::Kind;
use crate::domain::{Property, Sentence, Span, both};
use crate::form::Form;

/// `[learning]` of `rules.toml`. None of it has a default: what the numbers are is said there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnSettings {
    /// Any change of these is a sign of life.
    pub signs: Vec<Property>,
    /// So many days are remembered.
    pub keep: usize,
    /// So many are wanted before anything is said to be usual.
    pub needed: usize,
    /// So many of each kind, weekday and weekend, before the two are told apart.
    pub kind_needed: usize,
    /// A day on which the resident could be seen at home for less than this teaches nothing.
    pub seen: Span,
    /// So many readings make a median.
    pub readings: usize,
    /// Silences this much earlier or later in the day are taken together.
    pub around: Span,
    /// The learned limit begins from this part of the days, in per cent.
    pub quantile: u16,
    /// One of these is added to it, before it is scaled; the greater, the flatter is the limit. The
    /// home's own days choose which.
    pub margins: Vec<Span>,
    /// No learned limit is shorter.
    pub floor: Span,
    /// No learned limit is longer, and a longer silence is not learnt from: the fixed limit.
    pub ceiling: Span,
}

/// What a learned limit is to keep to.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum Wanted {
    /// At most so many false alarms a week, as far as the home's own days tell.
    FalseAWeek(f64),
    /// A stop is found within this long on average, as far as the home's own days tell.
    Within(Span),
}

/// More days than this are not remembered: ten thousand homes must fit into memory.
pub const KEEP_MAX: usize = 60;

impl LearnSettings {
    /// Reads the table.
    pub fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let signs = form.list::<Property>("signs");
        for number in signs.iter().filter(|p| matches!(p.kind(), Kind::Number { .. })) {
            form.wrong(format!("signs of life are flags and moments; `{number}` is a number"));
        }
        if signs.is_empty() {
            form.wrong("learning wants `signs = [ … ]`, one property or more".to_owned());
        }
        let keep = count(&mut form, "keep", 1, KEEP_MAX);
        let needed = count(&mut form, "needed", 3, keep.unwrap_or(KEEP_MAX));
        let kind_needed = count(&mut form, "kind_needed", 3, KEEP_MAX);
        let readings = count(&mut form, "readings", 1, 60);
        let quantile = form.needs::<u16>("quantile");
        if let Some(n) = quantile.filter(|n| !(50..=100).contains(n)) {
            form.wrong_at("quantile", format!("`quantile` {n} is not from 50 to 100 per cent"));
        }
        let seen = form.needs::<Span>("seen");
        let around = form.needs::<Span>("around");
        if let Some(span) = around.filter(|span| Span::hours(6) < *span) {
            form.wrong(format!("`around` {span} takes morning and evening together; at most 6h"));
        }
        let margins = form.list::<Span>("margins");
        if margins.is_empty() {
            form.wrong("learning wants `margins = [ … ]`, one length of time or more".to_owned());
        }
        if let Some(long) = margins.iter().find(|m| Span::hours(24) < **m) {
            form.wrong(format!("`margins`: {long} is longer than a day"));
        }
        let (floor, ceiling) = (form.needs::<Span>("floor"), form.needs::<Span>("ceiling"));
        if let Some((floor, ceiling)) = floor.zip(ceiling)
            && (ceiling <= floor || floor < Span::minutes(30) || Span::hours(24) < ceiling)
        {
            form.wrong(
                "`floor` must be at least 30m and shorter than `ceiling`, and that at most 24h"
                    .to_owned(),
            );
        }
        form.done();
        (!signs.is_empty() && !margins.is_empty()).then_some(())?;
        Some(Self {
            signs,
            keep: keep?,
            needed: needed?,
            kind_needed: kind_needed?,
            seen: seen?,
            readings: readings?,
            around: around?,
            quantile: quantile?,
            margins,
            floor: floor?,
            ceiling: ceiling?,
        })
    }
}

fn count(form: &mut Form<'_, '_>, key: &'static str, least: usize, most: usize) -> Option<usize> {
    let n = form.needs::<usize>(key)?;
    if !(least..=most).contains(&n) {
        form.wrong(format!("`{key}` {n} is not from {least} to {most}"));
    }
    Some(n)
}

/// `0.25 a week`, `6h`.
impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FalseAWeek(times) => write!(f, "{times} a week"),
            Self::Within(span) => write!(f, "{span}"),
        }
    }
}

/// Reads `0.25 a week`: so many false alarms; or `6h`: found within so long.
impl FromStr for Wanted {
    type Err = Sentence;

    fn from_str(text: &str) -> Result<Self, Sentence> {
        let zh = "误报次数应如 0.25 a week（每周），时长应如 6h";
        let wrong = |why: String| {
            both!(
                "“{text}”不能用：{zh}",
                "`{text}` is neither false alarms such as `0.25 a week` nor a time such as `6h`: {why}"
            )
        };
        if let Some(times) = text.strip_suffix(" a week") {
            let read = times.trim().parse::<f64>();
            let times = read.map_err(|why| wrong(why.to_string()))?;
            return if (0.01..=20.0).contains(&times) {
                Ok(Self::FalseAWeek(times))
            } else {
                Err(both!(
                    "每周误报次数须为 0.01 到 20，不能是 {times}",
                    "{times} false alarms a week is not from 0.01 to 20"
                ))
            };
        }
        text.parse().map(Self::Within).map_err(|why: Sentence| wrong(why.into()))
    }
}

#[cfg(test)]
impl LearnSettings {
    /// For tests of rules: seven days are enough to learn from.
    pub fn of_a_week() -> Self {
        let text = r#"
signs = ["motion"]
keep = 28
needed = 7
kind_needed = 7
seen = "6h"
readings = 1
around = "1h"
quantile = 75
margins = ["2h"]
floor = "1h"
ceiling = "12h"
"#;
        Self::read(crate::form::Sheet::new("learning.toml", text).form()).unwrap()
    }
}
