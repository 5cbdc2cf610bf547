//! The table of a score: how many points each finding gives. It is data of the rule book; no number of it
//! stands in code.

use std::sync::Arc;

use crate::domain::observation::Kind;
use crate::domain::{Name, Property, Title, Value};
use crate::form::Form;

/// Numbers are compared in whole thousandths, so that 38.05 is 38.05 on every machine.
const THOUSANDTHS: f64 = 1000.0;
/// A paper chart has a handful of scales.
const SCALE_MAX: u32 = 9;

/// One `[[score]]`: a published chart, complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// By which rules name it.
    pub name: Name,
    /// What people read.
    pub title: Title,
    /// Whose it is, and what it is not.
    pub about: String,
    /// All parts at their worst.
    pub maximum: u32,
    parts: Vec<Part>,
}

/// One line of the chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) of: Property,
    /// Of which scale, if the chart has several for this property.
    scale: Option<u32>,
    points: Points,
}

#[derive(Debug, Clone, PartialEq)]
enum Points {
    Flag { yes: u32, no: u32 },
    Bands(Bands),
    ByOxygen { on_air: Bands, on_oxygen: Bands },
}

/// Points by value, upwards. There is no gap: a band begins where the one before it ends.
#[derive(Debug, Clone, PartialEq)]
struct Bands {
    /// What the chart is written in, in thousandths.
    step: i64,
    /// Each up to and with its end, in thousandths.
    ends: Vec<(i64, u32)>,
    /// Above the last end.
    beyond: u32,
}

/// What one line of the chart gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) least: u32,
    pub(super) most: u32,
}

/// The tables of a rule book. One with a mistake in it is there all the same for rules that name it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tables(Vec<(Name, Option<Arc<Table>>)>);

impl Tables {
    /// Reads every `[[score]]`.
    pub fn read(form: &mut Form<'_, '_>) -> Self {
        let mut tables: Vec<(Name, Option<Arc<Table>>)> = Vec::new();
        for mut score in form.forms("score") {
            let Some(name) = score.needs::<Name>("name") else { continue };
            if tables.iter().any(|(other, _)| *other == name) {
                score.wrong(format!("`{name}` is there twice"));
            }
            let table = Table::read(score, name.clone()).map(Arc::new);
            tables.push((name, table));
        }
        Self(tables)
    }

    /// The table of this name.
    ///
    /// # Errors
    /// Names those that there are.
    pub fn find(&self, name: &Name) -> Result<Option<Arc<Table>>, String> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, table)| table.clone()).ok_or_else(|| {
            let all: Vec<_> = self.0.iter().map(|(name, _)| name.as_str()).collect();
            match all.as_slice() {
                [] => format!("there is no [[score]] `{name}`, and no other"),
                names => format!("there is no [[score]] `{name}`: one of {}", names.join(", ")),
            }
        })
    }
}

impl Table {
    fn read(mut form: Form<'_, '_>, name: Name) -> Option<Self> {
        let title = crate::rule::read::read_title(&mut form);
        let about = form.needs::<String>("about");
        if about.as_ref().is_some_and(|about| about.trim().is_empty()) {
            form.wrong_at("about", "`about` says whose score it is, and what it is not".to_owned());
        }
        let maximum = form.needs::<u32>("maximum");
        let parts = form.forms("part");
        let count = parts.len();
        let parts: Vec<Part> = parts.into_iter().filter_map(Part::read).collect();
        if count == 0 {
            form.wrong("a score wants parts: write [[score.part]]".to_owned());
        }
        let table = Self { name, title: title?, about: about?, maximum: maximum?, parts };
        // What has a mistake in it would not add up either.
        let is_read = 0 < count && table.parts.len() == count;
        if is_read {
            table.check().into_iter().for_each(|why| form.wrong(why));
        }
        form.done();
        is_read.then_some(table)
    }

    /// What the parts must be to each other.
    fn check(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let scales = self.scales();
        for scale in scales.iter().copied() {
            let mut sum = 0_u32;
            for of in self.properties() {
                let lines: Vec<_> = self.parts(scale).filter(|part| part.of == of).collect();
                sum = lines.iter().fold(sum, |sum, part| sum.saturating_add(part.most()));
                if lines.len() != 1 {
                    wrong.push(format!("`{of}` has {} parts in scale {scale}, not 1", lines.len()));
                }
            }
            if wrong.is_empty() && sum != self.maximum {
                wrong.push(format!(
                    "the parts of scale {scale} add up to {sum}, `maximum` is {}",
                    self.maximum
                ));
            }
        }
        let by_oxygen = self.parts.iter().find(|p| matches!(p.points, Points::ByOxygen { .. }));
        if let Some(part) = by_oxygen
            && !self.parts.iter().any(|p| p.of == Property::Oxygen)
        {
            let why = "is by oxygen, so the score wants a part of `oxygen`";
            wrong.push(format!("`{}` {why}", part.of));
        }
        wrong
    }

    /// The scales that it has; 1, if it makes no difference between scales.
    pub(super) fn scales(&self) -> Vec<u32> {
        let mut scales: Vec<u32> = self.parts.iter().filter_map(|part| part.scale).collect();
        scales.sort_unstable();
        scales.dedup();
        if scales.is_empty() { vec![1] } else { scales }
    }

    /// What it is made of, in the order of the chart.
    pub(super) fn properties(&self) -> Vec<Property> {
        let mut properties = Vec::new();
        for part in &self.parts {
            if !properties.contains(&part.of) {
                properties.push(part.of);
            }
        }
        properties
    }

    /// The lines of the chart that count in this scale.
    pub(super) fn parts(&self, scale: u32) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.scale.is_none_or(|own| own == scale))
    }
}

impl Part {
    fn read(mut form: Form<'_, '_>) -> Option<Self> {
        let of = form.needs::<Property>("of");
        let scale = form.may::<u32>("scale");
        if scale.is_some_and(|scale| !(1..=SCALE_MAX).contains(&scale)) {
            form.wrong_at("scale", format!("`scale` is from 1 to {SCALE_MAX}"));
        }
        let points = match of.map(|of| (of, of.kind())) {
            Some((_, Kind::Flag)) => read_flag(&mut form),
            Some((of, Kind::Number { .. })) => read_number(&mut form, of),
            Some((of, Kind::Moment)) => {
                form.wrong(format!("a part is of a number or a flag; `{of}` is a moment"));
                None
            }
            None => return None,
        };
        let part = points.map(|points| (of, points));
        if part.as_ref().is_some_and(|(_, points)| points.most() == 0) {
            form.wrong("this part never gives a point".to_owned());
        }
        form.done();
        let (of, points) = part?;
        Some(Self { of: of?, scale, points })
    }

    /// What a value gives. By oxygen, and nobody knows whether it is given: something in between.
    pub(super) fn given(&self, value: Value, oxygen: Option<bool>) -> Given {
        let exactly = |points| Given { least: points, most: points };
        match (&self.points, value) {
            (Points::Flag { yes, .. }, Value::Flag(true)) => exactly(*yes),
            (Points::Flag { no, .. }, Value::Flag(false)) => exactly(*no),
            (Points::Bands(bands), Value::Number(n)) => exactly(bands.points(n)),
            (Points::ByOxygen { on_air, on_oxygen }, Value::Number(n)) => {
                let (air, with) = (on_air.points(n), on_oxygen.points(n));
                match oxygen {
                    Some(true) => exactly(with),
                    Some(false) => exactly(air),
                    None => Given { least: air.min(with), most: air.max(with) },
                }
            }
            // An observation always fits its property; what did not fit would tell nothing.
            (Points::Flag { .. }, Value::Number(_))
            | (Points::Bands(_) | Points::ByOxygen { .. }, Value::Flag(_)) => {
                Given { least: 0, most: self.most() }
            }
        }
    }

    /// At its worst.
    pub(super) fn most(&self) -> u32 {
        self.points.most()
    }
}

impl Points {
    fn most(&self) -> u32 {
        match self {
            Self::Flag { yes, no } => *yes.max(no),
            Self::Bands(bands) => bands.most(),
            Self::ByOxygen { on_air, on_oxygen } => on_air.most().max(on_oxygen.most()),
        }
    }
}

/// `points = { true = 2, false = 0 }`
fn read_flag(form: &mut Form<'_, '_>) -> Option<Points> {
    let Some(mut points) = form.form("points") else {
        form.wrong("of a flag: write `points = { true = …, false = … }`".to_owned());
        return None;
    };
    let (yes, no) = (points.needs("true"), points.needs("false"));
    points.done();
    Some(Points::Flag { yes: yes?, no: no? })
}

/// `step = 1` and `bands = [ … ]`, or `on_air` and `on_oxygen`.
fn read_number(form: &mut Form<'_, '_>, of: Property) -> Option<Points> {
    let step = form.needs::<f64>("step").map(thousandths);
    let step = step.filter(|step| {
        let fine = 0 < *step;
        if !fine {
            form.wrong_at("step", "`step` is at least 0.001".to_owned());
        }
        fine
    });
    let mut bands = |key| {
        let bands = form.forms(key);
        (!bands.is_empty()).then(|| read_bands(form, key, bands, (of, step?)))
    };
    let (plain, on_air, on_oxygen) = (bands("bands"), bands("on_air"), bands("on_oxygen"));
    match (plain, on_air, on_oxygen) {
        (Some(plain), None, None) => Some(Points::Bands(plain?)),
        (None, Some(on_air), Some(on_oxygen)) => {
            Some(Points::ByOxygen { on_air: on_air?, on_oxygen: on_oxygen? })
        }
        (Some(_), Some(_), _)
        | (Some(_), _, Some(_))
        | (None, Some(_), None)
        | (None, None, Some(_))
        | (None, None, None) => {
            form.wrong("of a number: write `bands`, or both `on_air` and `on_oxygen`".to_owned());
            None
        }
    }
}

/// `[{ upto = 8, points = 3 }, …, { points = 3 }]`: upwards, the last without an end.
fn read_bands(
    form: &Form<'_, '_>,
    key: &'static str,
    bands: Vec<Form<'_, '_>>,
    (of, step): (Property, i64),
) -> Option<Bands> {
    let count = bands.len();
    let mut ends: Vec<(i64, u32)> = Vec::new();
    let mut beyond = None;
    let mut fine = true;
    for (nth, mut band) in bands.into_iter().enumerate() {
        let points = band.needs::<u32>("points");
        let upto = band.may::<f64>("upto");
        let problem = match (upto, nth + 1 == count) {
            (Some(_), true) => Some("the last band is open: leave out `upto`".to_owned()),
            (None, false) => Some("only the last band is open: `upto` is missing".to_owned()),
            (Some(upto), false) => wrong_end(of, upto, step, ends.last().map(|(end, _)| *end)),
            (None, true) => None,
        };
        fine &= problem.is_none() && points.is_some();
        problem.into_iter().for_each(|why| band.wrong(why));
        match upto.zip(points) {
            Some((upto, points)) => ends.push((thousandths(upto), points)),
            None => beyond = points,
        }
        band.done();
    }
    if count == 1 {
        form.wrong_at(key, format!("`{key}` wants two bands or more"));
        fine = false;
    }
    Some(Bands { step, ends, beyond: beyond? }).filter(|_| fine)
}

/// Why a band cannot end there, if it cannot.
fn wrong_end(of: Property, upto: f64, step: i64, before: Option<i64>) -> Option<String> {
    let Kind::Number { unit, min, max } = of.kind() else { return None };
    if !(min..max).contains(&upto) {
        return Some(format!("`{of}` is from {min} to {max} {unit}: no band ends at {upto}"));
    }
    if thousandths(upto) % step != 0 {
        return Some(format!("{upto} is no whole number of steps"));
    }
    let follows = before.is_none_or(|before| before < thousandths(upto));
    (!follows).then(|| format!("bands go upwards: {upto} is not above the band before"))
}

impl Bands {
    /// To the chart's step first, half of it upwards, as it is written down at the bedside.
    fn points(&self, value: f64) -> u32 {
        let charted = (thousandths(value) + self.step / 2).div_euclid(self.step) * self.step;
        let band = self.ends.iter().find(|(end, _)| charted <= *end);
        band.map_or(self.beyond, |(_, points)| *points)
    }

    fn most(&self) -> u32 {
        self.ends.iter().map(|(_, points)| *points).fold(self.beyond, u32::max)
    }
}

/// The nearest whole thousandth.
#[expect(clippy::as_conversions, reason = "what a property can be has no more than nine digits")]
fn thousandths(n: f64) -> i64 {
    (n * THOUSANDTHS).round() as i64
}
