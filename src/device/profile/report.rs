//! One thing a model reports: where it stands, which property it is, how it is written.

use std::fmt;
use std::str::FromStr;

use super::code::{Code, Many, Table};
use super::modbus::Register;
use super::place::Place;
use super::scale::{Decimal, Scale};
use crate::domain::{Property, Span, Value};
use crate::form::{Form, Mark};

/// Where a value stands and what it means.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) says: Says,
    /// The topics it comes by, if not the profile's own.
    pub(crate) topics: Vec<String>,
    /// The sorts of frame it stands in, as written.
    pub(crate) frames: Vec<String>,
    /// The polls of a Modbus unit in whose replies it stands.
    pub(crate) polls: Vec<Register>,
    pub(crate) at: Place,
    /// It counts only where all of these hold …
    pub(crate) when: Vec<Gate>,
    /// … and none of these.
    pub(crate) unless: Vec<Gate>,
    /// The message has all of these places, and in each a value that is not null …
    pub(crate) with: Vec<Place>,
    /// … and none of these.
    pub(crate) without: Vec<Place>,
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

/// What a report says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Says {
    /// The value of a property.
    Property(Property),
    /// That something is wrong which only this model's messages show: it is there and speaks, but its
    /// values are encrypted, or nobody decoded them.
    Problem(String),
}

/// Another place of the same message, and the values that open or close the gate.
#[derive(Debug, Clone, PartialEq)]
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

/// `property = "leak"`, or `"*"` for each property of the vocabulary, by its own name; or a `problem`.
enum Subject {
    One(Says),
    All,
}

impl Report {
    /// Reads one `[[report]]`; with `property = "*"` it is one for each property of the vocabulary.
    pub(super) fn read(mut form: Form<'_, '_>) -> Vec<Self> {
        let subject = subject(&mut form);
        let at: Option<Place> = form.needs("at");
        let frames = form.may::<Many>("frame").unwrap_or_default();
        let (number, is_text) = (Number::read(&mut form), read_from(&mut form));
        let pattern = Self {
            says: Says::Property(Property::Fault),
            topics: form.may::<Many>("topic").unwrap_or_default().0,
            frames: frames.0,
            polls: registers(&mut form),
            at: Place::Json(String::new()),
            when: gates(&mut form, "when"),
            unless: gates(&mut form, "unless"),
            with: form.list("with"),
            without: form.list("without"),
            none: codes(form.may("none").unwrap_or_default()),
            otherwise: otherwise(&mut form),
            values: values(&mut form),
            is_text,
            invert: form.may("invert").unwrap_or(false),
            scale: number.scale,
            clears_after: form.may("clears_after"),
            mark: None,
        };
        let mut reports = Vec::new();
        match subject.zip(at) {
            None => {}
            Some((Subject::One(says), at)) => {
                let report = Self { says, at, mark: Some(form.mark()), ..pattern };
                report.check(&form, number.is_said);
                reports.push(report);
            }
            Some((Subject::All, at)) => {
                let named = |property: &Property| {
                    let at = at.named(property.name())?;
                    Some(Self { says: Says::Property(*property), at, ..pattern.clone() })
                };
                reports.extend(Property::ALL.iter().filter_map(named));
                if reports.is_empty() {
                    form.wrong(
                        "`property = \"*\"` goes with a pointer such as `at = \"/*\"`".to_owned(),
                    );
                }
            }
        }
        form.done();
        reports
    }

    /// The property it tells of, if it does.
    pub(crate) const fn property(&self) -> Option<Property> {
        match self.says {
            Says::Property(property) => Some(property),
            Says::Problem(_) => None,
        }
    }

    /// Whether it lists what its values mean, or has one meaning for all.
    pub(crate) fn is_listed(&self) -> bool {
        !self.values.is_empty() || self.otherwise != Otherwise::Problem
    }

    /// All places it looks at, its own first.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        let gates = self.when.iter().chain(&self.unless).map(|gate| &gate.at);
        std::iter::once(&self.at).chain(gates).chain(&self.with).chain(&self.without)
    }
}

/// The property's name, or the problem.
impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property(property) => write!(f, "{property}"),
            Self::Problem(problem) => f.write_str(problem),
        }
    }
}

fn subject(form: &mut Form<'_, '_>) -> Option<Subject> {
    let Some(problem) = form.may("problem") else { return form.needs("property") };
    if form.may::<Subject>("property").is_some() {
        form.wrong("a report tells of a `property` or of a `problem`, not of both".to_owned());
    }
    Some(Subject::One(Says::Problem(problem)))
}

/// `otherwise`, or `means`: whatever stands there, that it stands there says it.
fn otherwise(form: &mut Form<'_, '_>) -> Otherwise {
    let has_values = form.keys().iter().any(|key| key == "values");
    let otherwise: Option<Otherwise> = form.may("otherwise");
    let Some(text) = form.may::<String>("means") else {
        if otherwise.is_some() && !has_values {
            form.wrong("`otherwise` goes with `values`".to_owned());
        }
        return otherwise.unwrap_or(Otherwise::Problem);
    };
    if otherwise.is_some() || has_values {
        form.wrong("`means` says it whatever stands there: no `values`, no `otherwise`".to_owned());
    }
    value(&text).map_or_else(
        |why| {
            form.wrong(format!("`means`: {why}"));
            Otherwise::Problem
        },
        Otherwise::Value,
    )
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
        if text == "*" {
            return Ok(Self::All);
        }
        Ok(Self::One(Says::Property(text.parse()?)))
    }
}

impl FromStr for Otherwise {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "nothing" { Ok(Self::Nothing) } else { value(text).map(Self::Value) }
    }
}
