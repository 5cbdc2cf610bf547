//! Profile and message make observations. Whatever cannot be read is a problem that says where and
//! what; the rest of the message still counts (P10).

use super::pick::{LIST, OBJECT, Scalar, TOO_LARGE, pick};
use super::profile::{Code, Otherwise, Place, Plan, Profile, Report};
use super::{Framing, Misread, Problem};
use crate::domain::observation::Kind;
use crate::domain::{Observation, Value};

/// What a message says.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) observations: Vec<Observation>,
    /// Which report each observation comes from.
    pub(super) reports: Vec<usize>,
    pub(super) problems: Vec<Problem>,
}

impl Reading {
    fn misread(&mut self, class: Misread, text: String) {
        self.problems.push(Problem::new(class, text));
    }
}

impl Profile {
    /// Reads one whole frame.
    pub(super) fn read_frame(&self, frame: &[u8], reading: &mut Reading) {
        let Some(line) = &self.line else { return };
        let content = match line.framing.open(frame) {
            Ok(content) => content,
            Err(why) => {
                let text = format!("{} frame: {why}", line.framing);
                return reading.misread(Misread::Frame(why), text);
            }
        };
        // A sort of frame that no report mentions is a message with nothing for us.
        let Some(plan) = self.frames.get(&content.selector) else { return };
        if line.framing == Framing::JsonLines {
            return self.read_text(plan, &content.data, reading);
        }
        let slots: Vec<Scalar<'_>> =
            plan.places.iter().map(|place| place.of_frame(&content.data)).collect();
        self.judge(plan, &slots, reading);
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
        if let Err(why) = pick(text, &plan.tree, &mut slots) {
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
        self.judge(plan, &slots, reading);
    }

    fn judge(&self, plan: &Plan, slots: &[Scalar<'_>], reading: &mut Reading) {
        let holds = |(slot, codes): &(usize, Vec<Code>)| {
            slots.get(*slot).is_some_and(|value| codes.iter().any(|code| code.is(value)))
        };
        let claim = plan.claim.and_then(|slot| Some((self.claim.as_ref()?, slots.get(slot)?)));
        let observed_at = claim.and_then(|(claim, value)| {
            let wrong = |why| {
                reading.misread(Misread::WrongTime, format!("{}: {why}", claim.at));
            };
            claim.time(value).map_err(wrong).ok().flatten()
        });
        for wired in &plan.reports {
            let (Some(report), Some(value)) = (self.reports.get(wired.report), slots.get(wired.at))
            else {
                continue;
            };
            if !wired.when.iter().all(holds) || wired.unless.iter().any(holds) {
                continue;
            }
            match report.observation(value) {
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
}

impl Report {
    /// What the value at the report's place means; nothing, if it says that there is none.
    fn observation(&self, value: &Scalar<'_>) -> Result<Option<Observation>, Problem> {
        if *value == Scalar::Absent {
            let is_frame = matches!(self.at, Place::Bytes { .. });
            let missing = || Problem::new(Misread::Missing, "the frame ends before it");
            return if is_frame { Err(missing()) } else { Ok(None) };
        }
        if *value == Scalar::Null || self.none.iter().any(|code| code.is(value)) {
            return Ok(None);
        }
        let Some(value) = self.value(value)? else { return Ok(None) };
        if self.property.kind() == Kind::Moment && value == Value::Flag(false) {
            return Ok(None);
        }
        let mut observation = Observation::new(self.property, value)
            .map_err(|why| Problem::new(Misread::OutOfRange, why))?;
        if value == Value::Flag(true) {
            observation.clears_after = self.clears_after;
        }
        Ok(Some(observation))
    }

    fn value(&self, value: &Scalar<'_>) -> Result<Option<Value>, Problem> {
        if !self.values.is_empty() {
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
        match (self.property.kind(), value) {
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
