//! What can never be, whatever a device says: told before any message comes.

use std::mem::discriminant;

use super::code::Code;
use super::place::Place;
use super::report::{Gate, Otherwise, Report, Says};
use crate::domain::observation::Kind;
use crate::domain::{Observation, Property, Value};
use crate::form::Form;

impl Report {
    /// Tells the form what is wrong with a report by itself.
    pub(super) fn check(&self, form: &Form<'_, '_>, is_scaled: bool) {
        match &self.says {
            Says::Property(property) => {
                self.check_value(form, *property, is_scaled);
                self.check_values(form, *property, is_scaled);
            }
            Says::Problem(_) if self.is_valued(is_scaled) => {
                form.wrong("a `problem` has no value: nothing to scale, list or invert".to_owned());
            }
            Says::Problem(_) => {}
        }
        self.check_codes(form);
        self.check_gates(form);
        self.check_places(form);
    }

    /// Whether it says how to make a value.
    fn is_valued(&self, is_scaled: bool) -> bool {
        is_scaled
            || self.is_text
            || self.invert
            || self.clears_after.is_some()
            || !self.values.is_empty()
            || self.otherwise != Otherwise::Problem
    }

    fn check_value(&self, form: &Form<'_, '_>, property: Property, is_scaled: bool) {
        let kind = property.kind();
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
        if is_number && self.is_bit() {
            form.wrong(format!("`{property}` is a number, {} is one bit", self.at));
        }
        if !is_number && self.is_byte() && !self.is_listed() {
            form.wrong(format!(
                "`{property}` is not a number: say with `values` what the bytes mean"
            ));
        }
    }

    fn check_values(&self, form: &Form<'_, '_>, property: Property, is_scaled: bool) {
        if self.is_listed() && is_scaled {
            form.wrong("`values` are final: nothing to scale".to_owned());
        }
        let otherwise =
            if let Otherwise::Value(value) = self.otherwise { Some(value) } else { None };
        for value in self.values.iter().map(|(_, value)| *value).chain(otherwise) {
            // For something that happens, `false` is one more way to say that it did not.
            if (property.kind() != Kind::Moment || value != Value::Flag(false))
                && let Err(why) = Observation::new(property, value)
            {
                form.wrong(format!("`values`: {why}"));
            }
        }
    }

    /// Codes that the place can never hold, or that are caught before.
    fn check_codes(&self, form: &Form<'_, '_>) {
        let listed = self.values.iter().map(|(code, _)| code);
        for code in listed.clone().filter(|code| self.none.contains(code)) {
            form.wrong(format!("`values`: `{}` says already that there is none", code.text()));
        }
        let is_possible = |code: &&Code| {
            if self.is_bit() { code.is_flag() } else { !self.is_byte() || code.is_number() }
        };
        for code in listed.chain(&self.none).filter(|code| !is_possible(code)) {
            form.wrong(format!("{} is never `{}`", self.at, code.text()));
        }
    }

    /// Gates that never open.
    fn check_gates(&self, form: &Form<'_, '_>) {
        for gate in self.when.iter().chain(&self.unless) {
            if gate.codes.is_empty() {
                form.wrong(format!("the gate at {} lists no value", gate.at));
            }
        }
        let is_closed = |open: &Gate| {
            let shut = self.unless.iter().filter(|gate| gate.at == open.at);
            let shut: Vec<&Code> = shut.flat_map(|gate| &gate.codes).collect();
            !open.codes.is_empty() && open.codes.iter().all(|code| shut.contains(&code))
        };
        for gate in self.when.iter().filter(|gate| is_closed(gate)) {
            form.wrong(format!("`when` and `unless` at {} leave nothing", gate.at));
        }
        let needed = self.when.iter().map(|gate| &gate.at).chain(&self.with);
        for place in needed.chain([&self.at]).filter(|place| self.without.contains(place)) {
            form.wrong(format!("{place} is wanted and, by `without`, not wanted"));
        }
        // Of its own place a report may only list what `when` lets through.
        for gate in self.when.iter().filter(|gate| gate.at == self.at) {
            for (code, _) in self.values.iter().filter(|(code, _)| !gate.codes.contains(code)) {
                form.wrong(format!("`values`: `{}` is shut out by `when`", code.text()));
            }
        }
    }

    /// Places that are of different messages, or of different members.
    fn check_places(&self, form: &Form<'_, '_>) {
        let is_json = |place: &Place| matches!(place, Place::Json(_));
        for place in self.places().skip(1) {
            if discriminant(place) != discriminant(&self.at) {
                form.wrong(format!("{place} and {} are not of one message", self.at));
            }
        }
        for place in self.places() {
            if 1 < place.stars() {
                form.wrong(format!("{place}: one `*` is enough"));
            }
            if place.list().is_some() && place.list() != self.at.list() {
                form.wrong(format!("{place} and {} are not of the same `*`", self.at));
            }
        }
        let with = self.with.iter().chain(&self.without);
        for place in with.filter(|place| !is_json(place)) {
            form.wrong(format!("{place}: a frame has all its bytes; `with` is for JSON"));
        }
    }

    /// Whether two reports say the same of the same place, whenever the one does.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_either = |own: &[String], others: &[String]| {
            (own.is_empty() && others.is_empty()) || own.iter().any(|topic| others.contains(topic))
        };
        self.says == other.says
            && self.at == other.at
            && self.when == other.when
            && self.unless == other.unless
            && self.with == other.with
            && self.without == other.without
            && is_either(&self.topics, &other.topics)
            && ((self.frames.is_empty() && other.frames.is_empty())
                || self.frames.iter().any(|frame| other.frames.contains(frame)))
    }

    const fn is_bit(&self) -> bool {
        matches!(self.at, Place::Bytes { bit: Some(_), .. } | Place::Line { bit: Some(_), .. })
    }

    const fn is_byte(&self) -> bool {
        matches!(self.at, Place::Bytes { bit: None, .. })
    }
}

impl Place {
    /// The list whose members it is in: what stands before the `*`.
    pub(super) fn list(&self) -> Option<&str> {
        let Self::Json(pointer) = self else { return None };
        let at = pointer.match_indices("/*").find(|(at, star)| {
            pointer
                .get(at + star.len()..)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        at.and_then(|(at, _)| pointer.get(..at))
    }

    fn stars(&self) -> usize {
        let Self::Json(pointer) = self else { return 0 };
        pointer.split('/').filter(|step| *step == "*").count()
    }
}
