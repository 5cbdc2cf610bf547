//! `report.toml`: what a month is measured against. The numbers are not ours, so they stand in a file,
//! each with its source.

use serde::Serialize;

use crate::domain::{Level, Span};
use crate::form::{Form, Problem, Sheet};

/// What a month is measured against.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Targets {
    /// Only alarms of at least this level are measured.
    pub level: Level,
    /// From the alarm to the first answer.
    pub answer: Vec<Target>,
    /// From the first answer to somebody on the scene.
    pub arrive: Vec<Target>,
}

/// So many per cent within so long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Target {
    /// How long.
    pub within: Span,
    /// How many, in per cent.
    pub percent: f64,
}

impl Targets {
    /// Reads and checks `report.toml`.
    ///
    /// # Errors
    /// Every problem, with file, line and column.
    pub fn read((file, text): (&str, &str)) -> Result<Self, Vec<Problem>> {
        let sheet = Sheet::new(file, text);
        let mut form = sheet.form();
        let level = form.needs::<Level>("level");
        let answer = form.forms("answer").into_iter().filter_map(read_target).collect();
        let arrive = form.forms("arrive").into_iter().filter_map(read_target).collect();
        form.done();
        let problems = sheet.problems();
        match level {
            Some(level) if problems.is_empty() => Ok(Self { level, answer, arrive }),
            Some(_) | None => Err(problems),
        }
    }
}

fn read_target(mut form: Form<'_, '_>) -> Option<Target> {
    let within = form.needs::<Span>("within");
    let percent = form.needs::<f64>("percent");
    if percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
        form.wrong("`percent` is from 0 to 100".to_owned());
    }
    if within.is_some_and(|within| within < Span::seconds(1)) {
        form.wrong("`within` is at least a second".to_owned());
    }
    form.done();
    Some(Target { within: within?, percent: percent? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_told_at_once() {
        let text = "levl = \"urgent\"\n[[answer]]\nwithin = \"0s\"\npercent = 101\n[[arrive]]\npercent = 90\n";
        let problems = Targets::read(("report.toml", text)).expect_err("it is wrong");
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "report.toml:1:1: `level` is missing",
                "report.toml:1:1: there is no key `levl` here",
                "report.toml:2:1: `percent` is from 0 to 100",
                "report.toml:2:1: `within` is at least a second",
                "report.toml:5:1: `within` is missing",
            ]
        );
    }
}
