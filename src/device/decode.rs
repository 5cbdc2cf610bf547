//! Profile and message make observations. Whatever cannot be read is a problem that says where and
//! what; the rest of the message still counts (P10).

use super::pick::{LIST, OBJECT, Rows, Scalar, TOO_LARGE, pick_rows};
use super::profile::{Code, Otherwise, Place, Plan, Profile, Report, Says, Spot, Wired};
use super::{Framing, Misread, Problem};
use crate::domain::observation::Kind;
use crate::domain::{Observation, Property, Time, Value};

/// What a message says.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) observations: Vec<Observation>,
    /// Which reports spoke.
    pub(super) reports: Vec<usize>,
    pub(super) problems: Vec<Problem>,
}

impl Reading {
    pub(super) fn misread(&mut self, class: Misread, text: String) {
        self.problems.push(Problem::new(class, text));
    }
}

impl Profile {
    /// Reads one whole frame.
    pub(super) fn read_frame(&self, frame: &[u8], reading: &mut Reading) {
        if self.modbus.is_some() {
            return self.read_exchange(frame, reading);
        }
        let Some(line) = &self.line else { return };
        let content = match line.framing.open(frame) {
            Ok(content) => content,
            Err(why) => {
                let text = format!("{} frame: {why}", line.framing);
                return reading.misread(Misread::Frame(why), text);
            }
        };
        if line.framing == Framing::Lines {
            return self.read_line(&content.data, reading);
        }
        // A sort of frame that no report mentions is a message with nothing for us.
        let Some(plan) = self.frames.get(&content.selector) else { return };
        if line.framing == Framing::JsonLines {
            return self.read_text(plan, &content.data, reading);
        }
        self.read_places(plan, &content.data, reading);
    }

    /// Reads what stands at the places of a frame's data.
    pub(super) fn read_places(&self, plan: &Plan, data: &[u8], reading: &mut Reading) {
        let slots: Vec<Scalar<'_>> = plan.places.iter().map(|place| place.of_frame(data)).collect();
        self.judge(plan, &slots, &Rows::default(), reading);
    }

    /// Reads a line of text. Of one that begins otherwise than every report's, nothing is wanted: a
    /// heading, the echo of a command.
    fn read_line(&self, line: &[u8], reading: &mut Reading) {
        let line = match std::str::from_utf8(line) {
            Ok(line) => line.trim_end(),
            Err(why) => {
                let text = format!("the line is not text: {why}");
                return reading.misread(Misread::NotText, text);
            }
        };
        for (_, plan) in self.lines.iter().filter(|(mask, _)| mask.fits(line)) {
            let slots: Vec<Scalar<'_>> =
                plan.places.iter().map(|place| place.of_line(line)).collect();
            self.judge(plan, &slots, &Rows::default(), reading);
        }
    }

    /// Reads a payload: JSON, or a bare value where the profile wants the whole payload.
    pub(super) fn read_text(&self, plan: &Plan, payload: &[u8], reading: &mut Reading) {
        // A broker clears a retained message with an empty one.
        if payload.is_empty() {
            return;
        }
        let text = match std::str::from_utf8(payload) {
            Ok(text) => text,
            Err(why) => {
                let text = format!("the payload is not text: {why}");
                return reading.misread(Misread::NotText, text);
            }
        };
        let mut slots = vec![Scalar::Absent; plan.places.len()];
        let mut rows = Rows::default();
        if let Err(why) = pick_rows(text, &plan.tree, &mut slots, &mut rows) {
            if !plan.is_whole {
                let text = format!("the payload is not JSON: {why}");
                return reading.misread(Misread::NotJson, text);
            }
            slots.fill(Scalar::Absent);
            if let Some(whole) = slots.first_mut() {
                *whole = Scalar::Text(text.into());
            }
        }
        let is_structured = slots.first().is_some_and(|whole| *whole == OBJECT || *whole == LIST);
        if plan.is_inner && !plan.is_whole && slots.first() != Some(&OBJECT) {
            let what = slots.first().map_or(String::new(), describe);
            let text = format!("the payload is {what}, not an object");
            return reading.misread(Misread::WrongShape, text);
        }
        // Where both forms are known, one message has one of them.
        if plan.is_inner && plan.is_whole && is_structured {
            slots.first_mut().into_iter().for_each(|whole| *whole = Scalar::Absent);
        }
        if rows.is_cut {
            reading.misread(Misread::WrongShape, "a list is longer than is read".to_owned());
        }
        self.judge(plan, &slots, &rows, reading);
    }

    fn judge(&self, plan: &Plan, slots: &[Scalar<'_>], rows: &Rows<'_>, reading: &mut Reading) {
        let claim = plan.claim.and_then(|slot| Some((self.claim.as_ref()?, slots.get(slot)?)));
        let observed_at = claim.and_then(|(claim, value)| {
            let wrong = |why| {
                reading.misread(Misread::WrongTime, format!("{}: {why}", claim.at));
            };
            claim.time(value).map_err(wrong).ok().flatten()
        });
        for wired in &plan.reports {
            let Some(group) = wired.group else {
                self.speak(wired, slots, observed_at, reading);
                continue;
            };
            for row in rows.rows.iter().filter(|row| row.group == group) {
                self.speak(wired, &row.within(slots), observed_at, reading);
            }
        }
    }

    /// Lets one report speak, if its gates are open.
    fn speak(
        &self,
        wired: &Wired,
        slots: &[Scalar<'_>],
        observed_at: Option<Time>,
        reading: &mut Reading,
    ) {
        let (Some(report), Some(value)) = (self.reports.get(wired.report), slots.get(wired.at))
        else {
            return;
        };
        let holds = |(slot, codes): &(usize, Vec<Code>)| {
            slots.get(*slot).is_some_and(|value| codes.iter().any(|code| code.is(value)))
        };
        let is_there = |slot: &usize| {
            slots.get(*slot).is_some_and(|value| !matches!(value, Scalar::Absent | Scalar::Null))
        };
        if !wired.when.iter().all(holds)
            || wired.unless.iter().any(holds)
            || !wired.with.iter().all(is_there)
            || wired.without.iter().any(is_there)
        {
            return;
        }
        let property = match &report.says {
            Says::Property(property) => *property,
            Says::Problem(problem) if report.is_said(value) => {
                let text = format!("{}: {problem}: {}", report.at, describe(value));
                reading.misread(Misread::Blind, text);
                return reading.reports.push(wired.report);
            }
            Says::Problem(_) => return,
        };
        match report.observation(property, value) {
            Ok(None) => {}
            Ok(Some(mut observation)) => {
                observation.observed_at = observed_at;
                reading.observations.push(observation);
                reading.reports.push(wired.report);
            }
            Err(problem) => reading.problems.push(problem.at(&report.at)),
        }
    }
}

impl Report {
    /// Whether there is a value at all.
    fn is_said(&self, value: &Scalar<'_>) -> bool {
        let is_none = matches!(value, Scalar::Absent | Scalar::Null);
        !is_none && !self.none.iter().any(|code| code.is(value))
    }

    /// What the value at the report's place means; nothing, if it says that there is none.
    fn observation(
        &self,
        property: Property,
        value: &Scalar<'_>,
    ) -> Result<Option<Observation>, Problem> {
        if *value == Scalar::Absent {
            let missing = |why| Err(Problem::new(Misread::Missing, why));
            return match &self.at {
                Place::Bytes { .. } => missing("the frame ends before it"),
                Place::Line { spot: Spot::Word(_) | Spot::Field(_), .. } => {
                    missing("the line ends before it")
                }
                Place::Line { spot: Spot::After(_), .. } | Place::Json(_) => Ok(None),
            };
        }
        if !self.is_said(value) {
            return Ok(None);
        }
        let Some(value) = self.value(property, value)? else { return Ok(None) };
        if property.kind() == Kind::Moment && value == Value::Flag(false) {
            return Ok(None);
        }
        let mut observation = Observation::new(property, value)
            .map_err(|why| Problem::new(Misread::OutOfRange, why))?;
        if value == Value::Flag(true) {
            observation.clears_after = self.clears_after;
        }
        Ok(Some(observation))
    }

    fn value(&self, property: Property, value: &Scalar<'_>) -> Result<Option<Value>, Problem> {
        if self.is_listed() {
            let listed = self.values.iter().find(|(code, _)| code.is(value));
            return match (listed, self.otherwise) {
                (Some((_, value)), _) => Ok(Some(self.inverted(*value))),
                (None, Otherwise::Value(value)) => Ok(Some(self.inverted(value))),
                (None, Otherwise::Nothing) => Ok(None),
                (None, Otherwise::Problem) => {
                    let known: Vec<&str> =
                        self.values.iter().map(|(code, _)| code.text()).collect();
                    let text = format!("{} is none of `{}`", describe(value), known.join("`, `"));
                    Err(Problem::new(Misread::UnknownCode, text))
                }
            };
        }
        let is_large = *value == TOO_LARGE;
        let class = if is_large { Misread::OutOfRange } else { Misread::WrongShape };
        let no_number = || Problem::new(class, format!("{} is not a number", describe(value)));
        match (property.kind(), value) {
            (Kind::Flag | Kind::Moment, Scalar::Flag(flag)) => {
                Ok(Some(self.inverted(Value::Flag(*flag))))
            }
            (Kind::Flag | Kind::Moment, _) => {
                let text = format!("{} is not true or false", describe(value));
                Err(Problem::new(Misread::WrongShape, text))
            }
            (Kind::Number { .. }, Scalar::Number(n)) => Ok(Some(Value::Number(self.scale.of(*n)))),
            (Kind::Number { .. }, Scalar::Text(text)) if self.is_text => {
                let n = number(text).ok_or_else(no_number)?;
                Ok(Some(Value::Number(self.scale.of(n))))
            }
            (Kind::Number { .. }, _) => Err(no_number()),
        }
    }

    const fn inverted(&self, value: Value) -> Value {
        match value {
            Value::Flag(flag) => Value::Flag(flag != self.invert),
            Value::Number(n) => Value::Number(n),
        }
    }
}

/// Only what everybody reads the same way: no `0x4C`, no `76,5`, no `Infinity`, no blanks.
fn number(text: &str) -> Option<f64> {
    let is_plain =
        text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    text.parse().ok().filter(|_| is_plain)
}

/// The longest text of a device that is repeated in a problem, in characters.
const SHOWN_MAX: usize = 40;

fn describe(value: &Scalar<'_>) -> String {
    match value {
        Scalar::Absent => "nothing".to_owned(),
        Scalar::Null => "null".to_owned(),
        Scalar::Flag(flag) => flag.to_string(),
        Scalar::Number(n) => n.to_string(),
        Scalar::Text(text) => format!("{:?}", text.chars().take(SHOWN_MAX).collect::<String>()),
        Scalar::Other(what) => (*what).to_owned(),
    }
}
