//! The rule book: all rules and plans, read together and checked against each other.

use std::sync::Arc;

use crate::domain::Name;
use crate::form::{Mark, Problem, Sheet};
use crate::rule::{Rule, Tables};

use super::plan::Plan;

/// The rule book: all rules and plans, checked against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// In the order of the file.
    pub rules: Vec<Arc<Rule>>,
    /// The charts by which rules give points.
    pub scores: Tables,
    /// At least one.
    plans: Vec<Arc<Plan>>,
}

impl Book {
    /// Reads and checks `rules.toml` and `plans.toml`.
    ///
    /// # Errors
    /// Every problem of both files, each with file, line and column.
    pub fn read(rules: (&str, &str), plans: (&str, &str)) -> Result<Self, Vec<Problem>> {
        let plan_sheet = Sheet::new(plans.0, plans.1);
        let mut form = plan_sheet.form();
        let mut names: Vec<Name> = Vec::new();
        let mut plans = Vec::new();
        for mut plan in form.forms("plan") {
            let mark = plan.mark();
            // A plan with a mistake in it is there all the same for rules that name it.
            let name = plan.needs::<Name>("name");
            if let Some(name) = &name {
                once(&plan_sheet, &mut names, name, &mark);
            }
            plans.extend(Plan::read(plan, name).map(Arc::new));
        }
        if plans.is_empty() {
            form.wrong("there is no complete [[plan]]".to_owned());
        }
        form.done();

        let rule_sheet = Sheet::new(rules.0, rules.1);
        let mut form = rule_sheet.form();
        let scores = Tables::read(&mut form);
        let mut rule_names: Vec<Name> = Vec::new();
        let mut rules = Vec::new();
        for rule in form.forms("rule") {
            let mark = rule.mark();
            let Some(rule) = Rule::read(rule, &scores) else { continue };
            once(&rule_sheet, &mut rule_names, &rule.name, &mark);
            if !names.contains(&rule.plan) {
                let all: Vec<_> = names.iter().map(Name::as_str).collect();
                let message =
                    format!("there is no plan `{}`: one of {}", rule.plan, all.join(", "));
                rule_sheet.wrong_at_mark(&mark, message);
            }
            rules.push(Arc::new(rule));
        }
        form.done();
        let problems = [rule_sheet.problems(), plan_sheet.problems()].concat();
        if problems.is_empty() { Ok(Self { rules, scores, plans }) } else { Err(problems) }
    }

    /// The plan of this name. A running incident may name one that a newer book has not: it is
    /// then climbed by the first.
    pub fn plan(&self, name: &Name) -> Option<&Arc<Plan>> {
        self.plans.iter().find(|p| p.name == *name).or(self.plans.first())
    }
}

fn once(sheet: &Sheet<'_>, names: &mut Vec<Name>, name: &Name, mark: &Mark) {
    if names.contains(name) {
        sheet.wrong_at_mark(mark, format!("`{name}` is there twice"));
    }
    names.push(name.clone());
}

/// The texts a rule book was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookTexts {
    /// `rules.toml`
    pub rules: String,
    /// `plans.toml`
    pub plans: String,
}

impl BookTexts {
    /// The name of this very text: the first 16 hex digits of its SHA-256.
    pub fn digest(&self) -> String {
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        hash.update(self.rules.as_bytes());
        hash.update(&[0]);
        hash.update(self.plans.as_bytes());
        let hex = data_encoding::HEXLOWER.encode(hash.finish().as_ref());
        hex.get(..16).unwrap_or(&hex).to_owned()
    }

    /// Reads the book again.
    ///
    /// # Errors
    /// Every problem, with file, line and column.
    pub fn read(&self) -> Result<Book, Vec<Problem>> {
        Book::read(("rules.toml", &self.rules), ("plans.toml", &self.plans))
    }
}

#[cfg(test)]
mod tests {
    use super::Book;

    const PLAN: &str = "[[plan]]\nname = \"p\"\nrungs = [{ tell = [\"family\"], after = \"0s\", repeat = \"60s\" }]\narrive_within = \"15m\"\nresolve_within = \"2h\"\nverify_within = \"24h\"\n";

    fn problems(level: &str, detect: &str, rest: &str) -> String {
        let rule = format!(
            "[[rule]]\nname = \"r\"\ntitle = {{ zh = \"z\", en = \"e\" }}\nlevel = \"{level}\"\n\
             [rule.detect]\n{detect}\n{rest}"
        );
        let read = Book::read(("rules.toml", &rule), ("plans.toml", PLAN));
        let all = read.err().unwrap_or_default();
        all.iter().map(|p| p.message.clone()).collect::<Vec<_>>().join("; ")
    }

    const ALARM: &str = "[rule.alarm]\nplan = \"p\"\n";
    const CLOSE: &str = "[rule.close]\nneeds = [\"outcome\"]\nagain_after = \"1h\"\n";

    #[test]
    fn a_rule_that_could_hide_an_alarm_is_refused() {
        let fine = format!("{ALARM}{CLOSE}");
        assert_eq!(problems("info", "emergency = { of = [\"leak\"] }", &fine), "");
        let said = |detect: &str, what: &str| {
            let problems = problems("info", detect, &fine);
            assert!(problems.contains(what), "{detect}: {problems}");
        };
        assert_eq!(problems("info", "emergency = { of = [\"fault\"] }", &fine), "");
        said("emergency = { of = [\"fall\"] }\nfor = \"30s\"", "believed at once");
        said("inactivity = { of = [\"motion\", \"power\"] }", "`power` is a number");
        said("emergency = { of = [] }", "one property or more");
        said("absence = { of = \"spo2\", between = \"22:00-06:00\" }", "`spo2` is none");
        said("threshold = { of = \"spo2\", below = 92 }", "`fresh` is missing");
        said("threshold = { of = \"spo2\", below = 10, fresh = \"3m\" }", "can never be passed");
        said("supervision = { of = \"battery\" }", "wants `below`");
        said("supervision = { of = \"signal\" }", "wants `below`");
        said("supervision = { of = \"quiet\", below = 3 }", "has no `below`");
        said("supervision = { of = \"clock\" }", "wants `beyond`");
        said("supervision = { of = \"flapping\", times = 5 }", "wants `within`");
        said("supervision = { of = \"flapping\", times = 1, within = \"1h\" }", "from 2 to 30");
        said("supervision = { of = \"quiet\", only = \"pets\" }", "a life may hang on");
        said("supervision = { of = \"smell\" }", "one of quiet, fault");
        said("", "has one of emergency");
    }

    #[test]
    fn every_rule_ends_in_people() {
        let leak = "emergency = { of = [\"leak\"] }";
        let said = |level: &str, rest: &str, what: &str| {
            let problems = problems(level, leak, rest);
            assert!(problems.contains(what), "{rest}: {problems}");
        };
        said("info", CLOSE, "every incident must reach a person");
        said("info", ALARM, "[rule.close] is missing");
        said("urgent", &format!("{ALARM}{CLOSE}"), "want a second person");
        let close = "[rule.close]\nneeds = [\"on-scene\"]\nagain_after = \"0s\"\n";
        said("info", &format!("{ALARM}{close}"), "nothing closes without one");
        said("info", &format!("{ALARM}{close}"), "shorter than a second");
        let warn = "[rule.warn]\nafter = \"60s\"\nask = \"resident\"\n";
        said("info", &format!("{warn}{ALARM}{CLOSE}"), "`again_after` is missing");
        said("info", &format!("{warn}{ALARM}{CLOSE}"), "alarm.after 0s is before");
    }
}
