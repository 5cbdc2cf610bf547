//! One thing a model reports: where it stands, which property it is, how it is written.

use std::str::FromStr;

use super::code::{Code, Many, Table};
use super::modbus::Register;
use super::place::Place;
use super::scale::{Decimal, Scale};
use crate::domain::observation::Kind;
use crate::domain::{Observation, Property, Span, Value};
use crate::form::{Form, Mark};

/// Where a value stands and what it means.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) property: Property,
    /// The topic it comes by, if not the profile's own.
    pub(crate) topic: Option<String>,
    /// The sorts of frame it stands in.
    pub(crate) frames: Vec<u16>,
    /// The polls of a Modbus unit in whose replies it stands.
    pub(crate) polls: Vec<Register>,
    pub(crate) at: Place,
    /// It counts only where all of these hold …
    pub(crate) when: Vec<Gate>,
    /// … and none of these.
    pub(crate) unless: Vec<Gate>,
    /// Codes that say that there is no value.
    pub(crate) none: Vec<Code>,
    pub(crate) values: Vec<(Code, Value)>,
    /// What a code means that `values` does not list.
    pub(crate) otherwise: Otherwise,
    /// A number is written as a text.
    pub(crate) is_text: bool,
    pub(crate) invert: bool,
    pub(crate) scale: Scale,
    pub(crate) clears_after: Option<Span>,
    /// Where it is written; `None` if taken over, or one of the many that `*` stands for.
    pub(crate) mark: Option<Mark>,
}

/// Another place of the same message, and the values that open or close the gate.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    pub(crate) at: Place,
    pub(crate) codes: Vec<Code>,
}

/// What an unlisted code means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Otherwise {
    /// Somebody should look: the device speaks words its profile does not know.
    Problem,
    Nothing,
    Value(Value),
}

/// `property = "leak"`, or `"*"` for each property of the vocabulary, by its own name.
enum Subject {
    One(Property),
    All,
}

impl Report {
    /// Reads one `[[report]]`; with `property = "*"` it is one for each property of the vocabulary.
    pub(super) fn read(mut form: Form<'_, '_>) -> Vec<Self> {
        let subject: Option<Subject> = form.needs("property");
        let at: Option<Place> = form.needs("at");
        let frames = form.may::<Many>("frame").unwrap_or_default();
        let (number, is_text) = (Number::read(&mut form), read_from(&mut form));
        let pattern = Self {
            property: Property::Fault,
            topic: form.may("topic"),
            frames: frames.0.iter().filter_map(|text| selector(&form, text)).collect(),
            polls: registers(&mut form),
            at: Place::Json(String::new()),
            when: gates(&mut form, "when"),
            unless: gates(&mut form, "unless"),
            none: codes(form.may("none").unwrap_or_default()),
            values: values(&mut form),
            otherwise: form.may("otherwise").unwrap_or(Otherwise::Problem),
            is_text,
            invert: form.may("invert").unwrap_or(false),
            scale: number.scale,
            clears_after: form.may("clears_after"),
            mark: None,
        };
        let mut reports = Vec::new();
        match subject.zip(at) {
            None => {}
            Some((Subject::One(property), at)) => {
                let report = Self { property, at, mark: Some(form.mark()), ..pattern };
                report.check(&form, number.is_said);
                reports.push(report);
            }
            Some((Subject::All, Place::Json(at))) if at.contains('*') => {
                reports.extend(Property::ALL.iter().map(|property| Self {
                    property: *property,
                    at: Place::Json(at.replace('*', property.name())),
                    ..pattern.clone()
                }));
            }
            Some((Subject::All, _)) => {
                form.wrong(
                    "`property = \"*\"` goes with a pointer such as `at = \"/*\"`".to_owned(),
                );
            }
        }
        form.done();
        reports
    }

    /// What cannot be, whatever the device says.
    fn check(&self, form: &Form<'_, '_>, is_scaled: bool) {
        let (property, kind) = (self.property, self.property.kind());
        let is_number = matches!(kind, Kind::Number { .. });
        if is_number && (self.invert || self.clears_after.is_some()) {
            form.wrong(format!("`{property}` is a number: nothing to invert or to clear"));
        }
        if kind == Kind::Moment && self.clears_after.is_some() {
            form.wrong(format!("`{property}` happens and is over: nothing clears"));
        }
        if !is_number && (is_scaled || self.is_text) {
            form.wrong(format!("`{property}` is not a number: use `values`"));
        }
        let is_bit = matches!(self.at, Place::Bytes { bit: Some(_), .. });
        let is_byte = matches!(self.at, Place::Bytes { bit: None, .. });
        if is_number && is_bit {
            form.wrong(format!("`{property}` is a number, {} is one bit", self.at));
        }
        if !is_number && is_byte && self.values.is_empty() {
            form.wrong(format!(
                "`{property}` is not a number: say with `values` what the bytes mean"
            ));
        }
        if self.values.is_empty() && self.otherwise != Otherwise::Problem {
            form.wrong("`otherwise` goes with `values`".to_owned());
        }
        if !self.values.is_empty() && is_scaled {
            form.wrong("`values` are final: nothing to scale".to_owned());
        }
        let otherwise =
            if let Otherwise::Value(value) = self.otherwise { Some(value) } else { None };
        for value in self.values.iter().map(|(_, value)| *value).chain(otherwise) {
            // For something that happens, `false` is one more way to say that it did not.
            if (kind != Kind::Moment || value != Value::Flag(false))
                && let Err(why) = Observation::new(property, value)
            {
                form.wrong(format!("`values`: {why}"));
            }
        }
        for gate in self.when.iter().chain(&self.unless) {
            if matches!(gate.at, Place::Json(_)) != matches!(self.at, Place::Json(_)) {
                form.wrong(format!("{} and {} are not of one message", gate.at, self.at));
            }
        }
    }
}

struct Number {
    scale: Scale,
    is_said: bool,
}

impl Number {
    fn read(form: &mut Form<'_, '_>) -> Self {
        let (add, multiply, divide) = (form.may("add"), form.may("multiply"), form.may("divide"));
        let is_said = add.is_some() || multiply.is_some() || divide.is_some();
        if [multiply, divide].into_iter().flatten().any(Decimal::is_zero) {
            form.wrong("nothing is multiplied or divided by 0".to_owned());
        }
        let scale = Scale {
            add: add.unwrap_or(Decimal::ZERO),
            multiply: multiply.unwrap_or(Decimal::ONE),
            divide: divide.unwrap_or(Decimal::ONE),
        };
        Self { scale, is_said }
    }
}

fn read_from(form: &mut Form<'_, '_>) -> bool {
    let Some(from) = form.may::<String>("from") else { return false };
    if from != "text" {
        form.wrong(format!("`from` is \"text\" or left out, not `{from}`"));
    }
    true
}

fn selector(form: &Form<'_, '_>, text: &str) -> Option<u16> {
    let digits = text.replace('/', "");
    let selector = u16::from_str_radix(&digits, 16).ok();
    if selector.is_none() {
        form.wrong(format!("`frame`: `{text}` is not a sort of frame such as `83/01` or `0E02`"));
    }
    selector
}

fn registers(form: &mut Form<'_, '_>) -> Vec<Register> {
    let many = form.may::<Many>("poll").unwrap_or_default();
    let read = |text: &String| text.parse().map_err(|why| form.wrong(format!("`poll`: {why}")));
    many.0.iter().filter_map(|text| read(text).ok()).collect()
}

fn codes(many: Many) -> Vec<Code> {
    many.0.into_iter().map(Code::new).collect()
}

fn gates(form: &mut Form<'_, '_>, key: &'static str) -> Vec<Gate> {
    let mut gates = Vec::new();
    for (at, many) in form.may::<Table>(key).unwrap_or_default().0 {
        match at.parse() {
            Ok(at) => gates.push(Gate { at, codes: codes(many) }),
            Err(why) => form.wrong(format!("`{key}`: {why}")),
        }
    }
    gates
}

fn values(form: &mut Form<'_, '_>) -> Vec<(Code, Value)> {
    let mut values = Vec::new();
    for (code, many) in form.may::<Table>("values").unwrap_or_default().0 {
        match value(&many.0.join(", ")) {
            Ok(value) => values.push((Code::new(code), value)),
            Err(why) => form.wrong(format!("`values`: {why}")),
        }
    }
    values
}

fn value(text: &str) -> Result<Value, String> {
    match text {
        "true" => Ok(Value::Flag(true)),
        "false" => Ok(Value::Flag(false)),
        number => {
            number.parse().map(Value::Number).map_err(|_not_a_number: std::num::ParseFloatError| {
                format!("`{number}` is neither true, false nor a number")
            })
        }
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" { Ok(Self::All) } else { text.parse().map(Self::One) }
    }
}

impl FromStr for Otherwise {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "nothing" { Ok(Self::Nothing) } else { value(text).map(Self::Value) }
    }
}
