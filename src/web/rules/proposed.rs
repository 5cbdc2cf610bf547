//! What somebody wants to be otherwise: read from a form, and checked as `careloop check` would.

use std::sync::Arc;

use crate::domain::{Change, Home, Lang, Name, PersonId, Sentence, both};
use crate::engine::{Book, BookTexts};
use crate::rule::Off;
use crate::rule::dial::{Dial, Wanted, adjusted, dials, otherwise, switched};
use crate::trial::Tuned;

use super::names;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Proposed {
    pub(super) rule: Name,
    /// The digest of the rule book in force when it was made, and its texts.
    pub(super) digest: String,
    pub(super) texts: BookTexts,
    pub(super) how: How,
    /// What is otherwise: by key what it is, and what it is to be.
    pub(super) turns: Vec<(String, String, String)>,
    /// For everybody: whether it is switched off by this, or on again. Who, when and why is said once it is put in force.
    pub(super) switch: Option<bool>,
    /// What was written, for whoever wants to go on with it.
    pub(super) wanted: Wanted,
}

/// For whom.
#[derive(Debug, Clone)]
pub(super) enum How {
    /// Everybody: another text of `rules.toml`.
    All(String),
    /// One home; `None`: it goes by the rule as everybody has it.
    One { home: Arc<Home>, change: Option<Change> },
}

/// The rule as it is written for whoever is meant, its dials, and what stands for one home.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) table: toml::Table,
    pub(super) set: toml::Table,
    pub(super) is_off: bool,
    pub(super) dials: Vec<Dial>,
}

/// What stands for a rule now, for everybody or one home.
pub(super) fn standing(book: &Book, rule: &Name, home: Option<&Home>) -> Option<Standing> {
    let change = home.and_then(|home| change_of(home, rule));
    let set = change.and_then(|change| change.set.parse().ok()).unwrap_or_default();
    let table = book.source_with(rule, &set)?;
    let dials = dials(&table);
    let is_off = match home {
        Some(_) => change.is_some_and(|change| change.off),
        None => table.contains_key("off"),
    };
    Some(Standing { table, set, is_off, dials })
}

pub(super) fn change_of<'h>(home: &'h Home, rule: &Name) -> Option<&'h Change> {
    home.changes.iter().find(|change| change.rule == *rule)
}

/// Of these a rule may have one and lack the other, which has no field then.
const ONE_OF: [&str; 7] = ["above", "below", "rises", "falls", "at_least", "at_most", "any_part"];

/// For whom a form is, and what it says besides its dials.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) home: Option<Arc<Home>>,
    /// The rule is not looked for in this home, or for everybody.
    pub(super) off: bool,
    /// The home goes by the rule as everybody has it.
    pub(super) as_everybody: bool,
    pub(super) wanted: Wanted,
    pub(super) by: PersonId,
    /// Today, where the homes are.
    pub(super) on: String,
}

/// What a form proposes, and the rule book with it.
///
/// # Errors
/// Every mistake, each in a sentence, by what its field is called.
pub(super) fn propose(
    (book, digest, texts): (&Arc<Book>, &str, BookTexts),
    rule: &Name,
    form: Form,
    homes: &[Arc<Home>],
) -> Result<(Proposed, Arc<Book>), Vec<Sentence>> {
    let one = |message: Sentence| vec![message];
    let none = || one(both!("没有规则 {rule}", "there is no rule `{rule}`"));
    let Form { home, off, as_everybody, wanted, by, on } = form;
    let stands = standing(book, rule, home.as_deref()).ok_or_else(none)?;
    let called = |dial: &Dial, lang: Lang| names::of_dial(&dial.key, &stands.table, lang).0;
    let of_none = |told: Sentence, key: &&str| {
        let name = |lang| names::of_dial(key, &stands.table, lang).0;
        told.naming(key, &name(Lang::Zh), &name(Lang::En))
    };
    let named =
        |why: &Sentence| ONE_OF.iter().fold(names::in_form(&stands.dials, called, why), of_none);
    let mistyped = names::mistyped(&stands.dials, called, &wanted);
    if !mistyped.is_empty() {
        return Err(mistyped);
    }
    let turns = turns(&stands.dials, &wanted);
    let switch = (home.is_none() && off != stands.is_off).then_some(off);
    let proposed = |how| {
        let (rule, digest, texts) = (rule.clone(), digest.to_owned(), texts.clone());
        Proposed { rule, digest, texts, how, turns, switch, wanted: wanted.clone() }
    };
    let Some(home) = home else {
        let text = adjusted(&texts.rules, ("rule", rule), &stands.dials, &wanted).map_err(one)?;
        let text = match switch {
            Some(true) => switched(&text, rule, Some(&unsaid(by, &on)?)).map_err(one)?,
            Some(false) => switched(&text, rule, None).map_err(one)?,
            None => text,
        };
        let read = Book::read(("rules.toml", &text), ("plans.toml", &texts.plans));
        let next = read.map_err(|all| all.iter().map(|p| named(&p.message)).collect::<Vec<_>>())?;
        let changed = homes.iter().filter_map(|home| Some((home, change_of(home, rule)?)));
        let unfit = changed.filter_map(|(home, change)| Some((home, next.changed(change).err()?)));
        let told = |(home, why): (&Arc<Home>, Vec<Sentence>)| {
            Sentence::each(|lang| {
                let why: Vec<_> = why.iter().map(|why| named(why).say(lang).to_owned()).collect();
                format!("{} {}: {}", lang.say("住户", "home"), home.id, why.join("; "))
            })
        };
        let unfit: Vec<Sentence> = unfit.map(told).collect();
        if !unfit.is_empty() {
            return Err(unfit);
        }
        return Ok((proposed(How::All(text)), Arc::new(next)));
    };
    let source = book.source(rule).ok_or_else(none)?;
    let set =
        if off || as_everybody { String::new() } else { otherwise(source, &stands.set, &wanted) };
    let change = (off || !set.is_empty()).then(|| Change {
        rule: rule.clone(),
        set,
        off,
        by,
        on,
        why: String::new(),
    });
    if let Some(change) = &change {
        book.changed(change).map_err(|all| all.iter().map(named).collect::<Vec<_>>())?;
    }
    Ok((proposed(How::One { home, change }), Arc::clone(book)))
}

/// Off, while it is tried out: nobody has said why yet.
fn unsaid(by: PersonId, on: &str) -> Result<Off, Vec<Sentence>> {
    let on = on.parse().map_err(|_no_day| vec![both!("“{on}”不是日期", "`{on}` is not a date")])?;
    Ok(Off { by, on, why: "…".to_owned() })
}

/// By key what it is, and what it is to be, where that is not the same.
fn turns(dials: &[Dial], wanted: &Wanted) -> Vec<(String, String, String)> {
    let turn = |dial: &Dial| {
        let new = wanted.get(&dial.key)?.trim();
        (new != dial.value).then(|| (dial.key.clone(), dial.value.clone(), new.to_owned()))
    };
    dials.iter().filter_map(turn).collect()
}

impl Proposed {
    /// For one home only.
    pub(super) fn home(&self) -> Option<&Arc<Home>> {
        match &self.how {
            How::All(_) => None,
            How::One { home, .. } => Some(home),
        }
    }

    /// Nobody would look for it any more.
    pub(super) fn is_off(&self) -> bool {
        match &self.how {
            How::All(_) => self.switch == Some(true),
            How::One { change, .. } => change.as_ref().is_some_and(|change| change.off),
        }
    }

    /// Nothing would be otherwise.
    pub(super) fn is_nothing(&self) -> bool {
        match &self.how {
            How::All(text) => *text == self.texts.rules,
            How::One { home, change } => {
                let said = |change: &Change| (change.set.clone(), change.off);
                change_of(home, &self.rule).map(said) == change.as_ref().map(said)
            }
        }
    }

    /// The digest of the rule book with it.
    pub(super) fn next_digest(&self) -> String {
        match &self.how {
            How::All(rules) => {
                BookTexts { rules: rules.clone(), plans: self.texts.plans.clone() }.digest()
            }
            How::One { .. } => self.digest.clone(),
        }
    }

    /// What a run by it must be told.
    pub(super) fn tuned(&self) -> Option<Tuned> {
        let How::One { home, change } = &self.how else { return None };
        Some(Tuned { home: home.id.clone(), rule: self.rule.clone(), change: change.clone() })
    }

    #[cfg(test)]
    pub(super) fn nothing(rule: &str) -> Self {
        let texts = BookTexts { rules: String::new(), plans: String::new() };
        Self {
            rule: rule.parse().unwrap(),
            digest: String::new(),
            how: How::All(String::new()),
            texts,
            turns: Vec::new(),
            switch: None,
            wanted: Wanted::new(),
        }
    }
}
