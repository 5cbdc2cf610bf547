//! A plan: whom to tell, in what order, and how long each may take. Its last rung repeats until a
//! person answers (P3).

use std::sync::Arc;

use crate::domain::{Name, Role, Span};
use crate::form::{Form, Problem, Sheet};
use crate::rule::Rule;

/// A ladder of rungs and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// As rules name it.
    pub name: Name,
    /// At least one.
    rungs: Vec<Rung>,
    /// How often the last rung is told again.
    pub repeat: Span,
    /// Accepted and nobody there for longer: the ladder goes on.
    pub arrive_within: Span,
    /// Somebody there and no outcome for longer: the ladder goes on.
    pub resolve_within: Span,
    /// An outcome and no second person for longer: the ladder goes on.
    pub verify_within: Span,
}

/// Who is told together, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// In what capacity.
    pub tell: Vec<Role>,
    /// Counted from the alarm.
    pub after: Span,
}

impl Plan {
    /// The rung of this number; beyond the last, the last.
    pub fn rung(&self, n: usize) -> &Rung {
        const NONE: &Rung = &Rung { tell: Vec::new(), after: Span::ZERO };
        self.rungs.get(n).or(self.rungs.last()).unwrap_or(NONE)
    }

    /// The number of the last rung.
    pub const fn last(&self) -> usize {
        self.rungs.len().saturating_sub(1)
    }

    /// Every role that any rung tells.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.rungs.iter().flat_map(|r| r.tell.iter().copied())
    }

    fn read(mut form: Form<'_, '_>, name: Option<Name>) -> Option<Self> {
        let (mut rungs, mut repeat) = (Vec::<Rung>::new(), None);
        let forms = form.forms("rungs");
        let last = forms.len();
        for (n, mut rung) in forms.into_iter().enumerate() {
            let tell = rung.list::<Role>("tell");
            if tell.is_empty() {
                rung.wrong("a rung tells somebody: write tell = [ … ]".to_owned());
            }
            let after = rung.needs::<Span>("after").unwrap_or(Span::ZERO);
            if rungs.last().is_some_and(|before| after <= before.after) {
                rung.wrong(format!("a rung comes later than the one before it; {after} does not"));
            }
            let again = rung.may::<Span>("repeat");
            match again {
                Some(_) if n + 1 < last => rung.wrong("only the last rung repeats".to_owned()),
                Some(span) if span < Span::seconds(1) => {
                    rung.wrong(format!("repeat {span} is shorter than a second"));
                }
                None if n + 1 == last => {
                    rung.wrong(
                        "the last rung repeats until a person answers (P3): write repeat = \"60s\""
                            .to_owned(),
                    );
                }
                Some(_) | None => repeat = again,
            }
            rung.done();
            rungs.push(Rung { tell, after });
        }
        if rungs.is_empty() {
            form.wrong("a plan has `rungs`, one or more".to_owned());
        }
        let arrive_within = form.needs::<Span>("arrive_within");
        let resolve_within = form.needs::<Span>("resolve_within");
        let verify_within = form.needs::<Span>("verify_within");
        for (key, span) in [
            ("arrive_within", arrive_within),
            ("resolve_within", resolve_within),
            ("verify_within", verify_within),
        ] {
            if span.is_some_and(|span| span < Span::seconds(1)) {
                form.wrong(format!("`{key}` is shorter than a second"));
            }
        }
        form.done();
        Some(Self {
            name: name?,
            rungs,
            repeat: repeat?,
            arrive_within: arrive_within?,
            resolve_within: resolve_within?,
            verify_within: verify_within?,
        })
    }
}

/// The rule book: all rules and plans, checked against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// In the order of the file.
    pub rules: Vec<Arc<Rule>>,
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
        let mut rule_names: Vec<Name> = Vec::new();
        let mut rules = Vec::new();
        for rule in form.forms("rule") {
            let mark = rule.mark();
            let Some(rule) = Rule::read(rule) else { continue };
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
        if problems.is_empty() { Ok(Self { rules, plans }) } else { Err(problems) }
    }

    /// The plan of this name. A running incident may name one that a newer book has not: it is
    /// then climbed by the first.
    pub fn plan(&self, name: &Name) -> Option<&Arc<Plan>> {
        self.plans.iter().find(|p| p.name == *name).or(self.plans.first())
    }
}

fn once(sheet: &Sheet<'_>, names: &mut Vec<Name>, name: &Name, mark: &crate::form::Mark) {
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
