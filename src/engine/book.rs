//! The rule book: all rules and plans, read together and checked against each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::baseline::LearnSettings;
use crate::domain::{Change, Customs, Home, Lang, Name, Sentence, both};
use crate::form::{Mark, Problem, Sheet};
use crate::rule::{Kind, Off, Rule, Tables, Visit, Warn, read_customs};

use super::budget::Warnings;
use super::checklist::Checklist;
use super::plan::Plan;

/// The rule book: all rules and plans, checked against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// In the order of the file.
    pub rules: Vec<Arc<Rule>>,
    /// By which customs people come and go; without, nobody is ever taken to be out.
    pub customs: Option<Customs>,
    /// How habits are learnt; without, they are not.
    pub learning: Option<Arc<LearnSettings>>,
    /// How many warnings a day; without, all.
    pub warnings: Option<Warnings>,
    /// The charts by which rules give points.
    pub scores: Tables,
    /// What whoever comes looks at.
    pub checklists: Vec<Checklist>,
    /// At least one.
    plans: Vec<Arc<Plan>>,
    /// The rules as they are written, for whoever changes one,
    sources: BTreeMap<Name, toml::Table>,
    /// and the plans.
    plan_sources: BTreeMap<Name, toml::Table>,
}

impl Book {
    /// Reads and checks `rules.toml` and `plans.toml`.
    ///
    /// # Errors
    /// Every problem of both files, each with file, line and column.
    pub fn read(rules: (&str, &str), plans: (&str, &str)) -> Result<Self, Vec<Problem>> {
        Self::read_as(rules, plans, false)
    }

    fn read_as(
        rules: (&str, &str),
        plans: (&str, &str),
        is_old: bool,
    ) -> Result<Self, Vec<Problem>> {
        let plan_sheet = Sheet::new(plans.0, plans.1);
        let mut form = plan_sheet.form();
        let mut names: Vec<Name> = Vec::new();
        let (mut plans, mut plan_sources) = (Vec::new(), BTreeMap::new());
        for mut plan in form.forms("plan") {
            let (mark, source) = (plan.mark(), plan.plain());
            // A plan with a mistake in it is there all the same for rules that name it.
            let name = plan.needs::<Name>("name");
            if let Some(name) = &name {
                once(&plan_sheet, &mut names, name, &mark);
                plan_sources.insert(name.clone(), source);
            }
            plans.extend(Plan::read(plan, name).map(Arc::new));
        }
        if plans.is_empty() {
            form.wrong("there is no complete [[plan]]".to_owned());
        }
        form.done();

        let rule_sheet = Sheet::new(rules.0, rules.1);
        let mut form = rule_sheet.form();
        let customs = form.form("presence").and_then(read_customs);
        let learning = form.form("learning").and_then(LearnSettings::read).map(Arc::new);
        let warnings = form.form("warnings").and_then(Warnings::read);
        let scores = Tables::read(&mut form);
        let checklists = Checklist::read_all(&mut form);
        let mut rule_names: Vec<Name> = Vec::new();
        let mut rules = Vec::new();
        let mut sources = BTreeMap::new();
        for rule in form.forms("rule") {
            let (mark, source) = (rule.mark(), rule.plain());
            let Some(rule) = Rule::read(rule, &scores, is_old) else { continue };
            sources.insert(rule.name.clone(), source);
            once(&rule_sheet, &mut rule_names, &rule.name, &mark);
            if !names.contains(&rule.plan) {
                let all: Vec<_> = names.iter().map(Name::as_str).collect();
                let (plan, all) = (&rule.plan, all.join(", "));
                let message =
                    both!("没有预案 {plan}：可选 {all}", "there is no plan `{plan}`: one of {all}");
                rule_sheet.wrong_at_mark(&mark, message);
            }
            if let Some(list) = &rule.checklist
                && !checklists.iter().any(|known| known.name == *list)
            {
                rule_sheet.wrong_at_mark(&mark, format!("there is no [[checklist]] `{list}`"));
            }
            rules.push(Arc::new(rule));
        }
        form.done();
        let problems = [rule_sheet.problems(), plan_sheet.problems()].concat();
        if problems.is_empty() {
            Ok(Self {
                rules,
                customs,
                learning,
                warnings,
                checklists,
                plans,
                sources,
                plan_sources,
                scores,
            })
        } else {
            Err(problems)
        }
    }

    /// The rules as they are for this home. A change that does not fit this book is left out: the
    /// rule as everybody has it is better than none.
    pub fn rules_of(&self, home: &Home) -> Vec<Arc<Rule>> {
        let as_changed = |rule: &Arc<Rule>| {
            let change = home.changes.iter().find(|change| change.rule == rule.name);
            match change.map(|change| self.changed(change)) {
                Some(Ok(changed)) => changed.map(Arc::new),
                Some(Err(_)) | None => Some(Arc::clone(rule)),
            }
        };
        let is_looked_for = |rule: &&Arc<Rule>| rule.off.is_none() && rule.of_areas == home.is_area;
        let here = self.rules.iter().filter(is_looked_for);
        let here = here.filter_map(as_changed);
        if home.is_post {
            return here.filter(|rule| !rule.is_about_resident()).map(asking_nobody).collect();
        }
        here.collect()
    }

    /// The rules that nobody looks for, in any home.
    pub fn off(&self) -> impl Iterator<Item = (&Rule, &Off)> {
        self.rules.iter().filter_map(|rule| Some((&**rule, rule.off.as_ref()?)))
    }

    /// The rules that sleep where nobody lives.
    pub fn about_residents(&self) -> impl Iterator<Item = &Name> {
        let rules = self.rules.iter().filter(|rule| !rule.of_areas && rule.is_about_resident());
        rules.map(|rule| &rule.name)
    }

    /// A rule as a change makes it; `None` if it is not looked for any more.
    ///
    /// # Errors
    /// What of the change does not fit, each in a sentence.
    pub fn changed(&self, change: &Change) -> Result<Option<Rule>, Vec<Sentence>> {
        let one = |message: Sentence| vec![message];
        let rule = self.rules.iter().find(|r| r.name == change.rule);
        let (Some(rule), Some(source)) = (rule, self.sources.get(&change.rule)) else {
            return Err(one(both!("没有这条规则", "there is no such rule")));
        };
        let is_emergency = matches!(rule.kind, Kind::Emergency(_));
        if change.off {
            let hides = is_emergency
                .then(|| one(both!("紧急类规则不能停用", "an emergency is never off (P6)")));
            return hides.map_or(Ok(None), Err);
        }
        let set = change.set.parse::<toml::Table>().map_err(|e| one(e.message().into()))?;
        let mut merged = source.clone();
        merge(&mut merged, set);
        let text = merged.to_string();
        let sheet = Sheet::new("", &text);
        let changed = Rule::read(sheet.form(), &self.scores, true);
        let mut problems: Vec<Sentence> = sheet.problems().into_iter().map(|p| p.message).collect();
        if changed.as_ref().is_some_and(|c| is_emergency && c.level < rule.level) {
            let (level, zh) = (rule.level, rule.level.zh());
            problems.push(both!(
                "紧急类规则不能低于“{zh}”",
                "an emergency of level {level} is never less (P6)"
            ));
        }
        if let Some(plan) = changed.as_ref().map(|c| &c.plan)
            && !self.plans.iter().any(|p| p.name == *plan)
        {
            problems.push(both!("没有预案 {plan}", "there is no plan `{plan}`"));
        }
        if let Some(list) = changed.as_ref().and_then(|c| c.checklist.as_ref())
            && self.checklist(list).is_none()
        {
            problems.push(format!("there is no [[checklist]] `{list}`").into());
        }
        let set_by = Some((change.by.clone(), change.on.clone()));
        match changed {
            Some(changed) if problems.is_empty() => Ok(Some(Rule { set_by, ..changed })),
            Some(_) | None => Err(problems),
        }
    }

    /// A rule as it is written for everybody.
    pub fn source(&self, rule: &Name) -> Option<&toml::Table> {
        self.sources.get(rule)
    }

    /// A plan as it is written.
    pub fn plan_source(&self, plan: &Name) -> Option<&toml::Table> {
        self.plan_sources.get(plan)
    }

    /// A rule as it is written with what is otherwise for one resident.
    pub fn source_with(&self, rule: &Name, set: &toml::Table) -> Option<toml::Table> {
        let mut merged = self.sources.get(rule)?.clone();
        merge(&mut merged, set.clone());
        Some(merged)
    }

    /// Every rule and plan as it is written, by what it is and its name.
    pub fn written(&self) -> BTreeMap<(&'static str, &Name), &toml::Table> {
        let rules = self.sources.iter().map(|(name, table)| (("rule", name), table));
        let plans = self.plan_sources.iter().map(|(name, table)| (("plan", name), table));
        rules.chain(plans).collect()
    }

    /// The tiers of residents that a rule has visited.
    pub fn tiers(&self) -> impl Iterator<Item = &Name> {
        self.rules.iter().filter_map(|rule| {
            if let Kind::Visit(Visit::Due(due)) = &rule.kind { Some(&due.tier) } else { None }
        })
    }

    /// The checklist of this name.
    pub fn checklist(&self, name: &Name) -> Option<&Checklist> {
        self.checklists.iter().find(|list| list.name == *name)
    }

    /// Every plan, in the order of the file.
    pub fn plans(&self) -> &[Arc<Plan>] {
        &self.plans
    }

    /// What people read of the plan of this name.
    pub fn plan_title<'b>(&'b self, name: &'b str, lang: Lang) -> &'b str {
        let plan = self.plans.iter().find(|plan| plan.name.as_str() == name);
        plan.map_or(name, |plan| plan.title(lang))
    }

    /// The same of several, one after the other.
    pub fn plan_titles(&self, names: &[Name], lang: Lang) -> String {
        let titles = names.iter().map(|name| self.plan_title(name.as_str(), lang));
        titles.collect::<Vec<_>>().join(lang.say("、", ", "))
    }

    /// The plan of this name. A running incident may name one that a newer book has not: it is
    /// then climbed by the first.
    pub fn plan(&self, name: &Name) -> Option<&Arc<Plan>> {
        self.plans.iter().find(|p| p.name == *name).or(self.plans.first())
    }
}

/// Where nobody lives nobody is asked whether all is well, and no press of a button says so.
fn asking_nobody(rule: Arc<Rule>) -> Arc<Rule> {
    match rule.warn {
        Some(warn) if warn.ask => {
            Arc::new(Rule { warn: Some(Warn { ask: false, ..warn }), ..(*rule).clone() })
        }
        Some(_) | None => rule,
    }
}

/// Puts what is in `set` in the place of what is in `into`, table by table.
fn merge(into: &mut toml::Table, set: toml::Table) {
    for (key, value) in set {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(inner)), toml::Value::Table(set)) => merge(inner, set),
            (_, value) => drop(into.insert(key, value)),
        }
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

    /// Reads the book again. One that an earlier program kept is read as it was meant then.
    ///
    /// # Errors
    /// Every problem, with file, line and column.
    pub fn read(&self) -> Result<Book, Vec<Problem>> {
        Book::read_as(("rules.toml", &self.rules), ("plans.toml", &self.plans), true)
    }
}

#[cfg(test)]
mod tests {
    use super::Book;

    const PLAN: &str = "[[plan]]\nname = \"p\"\nrungs = [{ tell = [\"family\"], after = \"0s\", repeat = \"60s\" }]\narrive_within = \"15m\"\nresolve_within = \"2h\"\nverify_within = \"24h\"\n";

    fn problems(level: &str, detect: &str, rest: &str) -> String {
        let rule = format!(
            "[[rule]]\nname = \"r\"\ntitle = {{ zh = \"z\", en = \"e\" }}\nlevel = \"{level}\"\n\
             group = \"safety\"\nsource = \"preset\"\n\
             [rule.detect]\n{detect}\n{rest}"
        );
        let read = Book::read(("rules.toml", &rule), ("plans.toml", PLAN));
        let all = read.err().unwrap_or_default();
        all.iter().map(|p| p.message.en().to_owned()).collect::<Vec<_>>().join("; ")
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
    fn who_switches_a_rule_off_says_why_and_a_call_for_help_stays_on() {
        let off = "[rule.off]\nby = \"ma\"\non = \"2026-11-28\"\nwhy = \"it cries wolf\"\n";
        let (cold, fall) =
            ("inactivity = { of = [\"motion\"] }", "emergency = { of = [\"fall\"] }");
        assert_eq!(problems("info", cold, &format!("{ALARM}{CLOSE}{off}")), "");
        for (detect, off, what) in [
            (fall, off.to_owned(), "an emergency is never off"),
            (cold, off.replace("it cries wolf", " "), "say why"),
            (cold, off.replace("2026-11-28", "today"), "is not a date"),
            (cold, off.replace("by = \"ma\"\n", ""), "`by` is missing"),
        ] {
            let problems = problems("info", detect, &format!("{ALARM}{CLOSE}{off}"));
            assert!(problems.contains(what), "{off}: {problems}");
        }
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
