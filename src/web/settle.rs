//! How a page changes what is registered: a form, the keeper, and what it answers beside the form, with what was
//! typed still in it. Nothing is checked here that the keeper checks.

use std::collections::BTreeMap;
use std::str::FromStr;

use askama::Template;
use axum::extract::Form;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use jiff::civil::{Date, DateTime};

use crate::domain::{PersonId, Sentence};
use crate::registrar::{Change, Edit, Refused, Settled};

use super::Web;
use super::lang::{Lang, Visitor};
use super::moves::{Mistake, Words};

/// What the fields of a form are called, by the keys that forms and files have for them, in Chinese and English.
pub(super) type Labels = &'static [(&'static str, &'static str, &'static str)];

/// A form as it arrives.
pub(super) type Sent = Result<Form<BTreeMap<String, String>>, FormRejection>;

/// What was typed into a form: it stays there until it is in force.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed(pub(super) BTreeMap<String, String>);

impl Typed {
    pub(super) fn read(form: Sent) -> Self {
        Self(form.map(|Form(form)| form).unwrap_or_default())
    }

    /// What stands in a field; nothing where it was not filled in.
    pub(super) fn at(&self, field: &str) -> &str {
        self.0.get(field).map(|text| text.trim()).unwrap_or_default()
    }

    /// Whether this was chosen.
    pub(super) fn is(&self, field: &str, value: &str) -> bool {
        self.at(field) == value
    }

    /// A day and hour as a browser sends it, as the register writes it: `2026-12-24 18:00`.
    pub(super) fn moment(&self, field: &str) -> String {
        let text = self.at(field);
        match text.split_once('T') {
            Some((day, hour)) if day.parse::<Date>().is_ok() => format!("{day} {hour}"),
            Some(_) | None => text.to_owned(),
        }
    }

    /// One of these words, or nothing where the field is empty.
    pub(super) fn choice<T>(&self, field: &str) -> Result<Option<T>, Vec<Mistake>>
    where
        T: FromStr<Err: Into<Sentence>>,
    {
        let text = Some(self.at(field)).filter(|text| !text.is_empty());
        text.map(str::parse).transpose().map_err(|why| vec![Mistake::new(field, why)])
    }

    /// What must be there, read word by word; everything that is wrong at once.
    pub(super) fn words<T>(
        &self,
        read: impl FnOnce(&mut Words<'_>) -> Option<T>,
    ) -> Result<T, Vec<Mistake>> {
        let mut words = Words::new(&self.0);
        let made = read(&mut words);
        let mistakes = words.mistakes;
        made.filter(|_| mistakes.is_empty()).ok_or(mistakes)
    }
}

/// What is said of a form that was sent, above it.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if !head.is_empty() %}<div class="banner{% if is_refused() %} refused" role="alert{% else %}" role="status{% endif %}"><p>{{ head }}</p>{% for line in lines %}<p>{{ line }}</p>{% endfor %}</div>{% endif %}"#
)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    head: String,
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Nothing was sent.
    pub(super) const fn none() -> Self {
        Self { status: StatusCode::OK, head: String::new(), lines: Vec::new() }
    }

    /// It is done.
    pub(super) fn done(head: &str, lines: Vec<String>) -> Self {
        Self { status: StatusCode::OK, head: head.to_owned(), lines }
    }

    /// It is not.
    pub(super) fn refused(lang: Lang, status: StatusCode, lines: Vec<String>) -> Self {
        let head = lang.say("没有保存", "Nothing was changed").to_owned();
        Self { status, head, lines }
    }

    /// Something is missing, or cannot be understood.
    pub(super) fn mistaken((lang, labels): (Lang, Labels), mistakes: &[Mistake]) -> Self {
        let line = |Mistake { field, error, .. }: &Mistake| {
            let told = in_form(lang, labels, error);
            match labels.iter().find(|(key, ..)| key == field) {
                Some((_, zh, en)) if !told.contains(lang.say(zh, en)) => {
                    format!("{}{}{told}", lang.say(zh, en), lang.say("：", ": "))
                }
                Some(_) | None => told,
            }
        };
        Self::refused(lang, StatusCode::BAD_REQUEST, mistakes.iter().map(line).collect())
    }

    pub(super) fn is_refused(&self) -> bool {
        !self.status.is_success()
    }

    /// Whether something was sent and is in force now: then nothing typed need stay.
    pub(super) fn is_done(&self) -> bool {
        !self.head.is_empty() && !self.is_refused()
    }
}

impl Web {
    /// Has the keeper do it in somebody's name.
    pub(super) async fn settle(
        &self,
        told: (Lang, Labels),
        by: &PersonId,
        change: Change,
    ) -> Reply {
        match self.site.registrar.used_by(by.as_str()).change(change, false).await {
            Ok(settled) => settled_in_words(told.0, settled),
            Err(refused) => refused_in_words(told, &refused),
        }
    }

    /// Has the keeper make the edit that a form says, in the name of whoever sends it.
    pub(super) async fn edit(
        &self,
        visitor: &Visitor,
        (labels, typed): (Labels, &Typed),
        edit: impl FnOnce(&PersonId, DateTime) -> Result<Edit, Vec<Mistake>>,
    ) -> Reply {
        let lang = visitor.lang;
        let Some(by) = self.speaker(visitor, &typed.0) else { return nobody(lang) };
        match edit(&by, self.site.clock.wall().civil(&self.zone())) {
            Ok(edit) => self.settle((lang, labels), &by, Change::Edits(vec![edit])).await,
            Err(mistakes) => Reply::mistaken((lang, labels), &mistakes),
        }
    }
}

/// A form of somebody else, or of nobody.
pub(super) fn nobody(lang: Lang) -> Reply {
    let line = lang.say("请先选择您是谁", "Choose who you are first").to_owned();
    Reply::refused(lang, StatusCode::BAD_REQUEST, vec![line])
}

fn settled_in_words(lang: Lang, settled: Settled) -> Reply {
    let Settled { changes, notes, issued: _ } = settled;
    let head = match changes.is_empty() {
        true => lang.say("没有变化", "It was so already"),
        false => lang.say("已保存并生效", "Saved, and in force"),
    };
    let lines = changes.iter().chain(&notes).map(|line| line.say(lang).to_owned());
    Reply::done(head, lines.collect())
}

/// A sentence as whoever fills in a form reads it: a field by what it is called there.
pub(super) fn in_form(lang: Lang, labels: Labels, told: &Sentence) -> String {
    let named = |told: Sentence, (key, zh, en): &(&str, &str, &str)| told.naming(key, zh, en);
    labels.iter().fold(told.clone(), named).say(lang).to_owned()
}

/// Every mistake, one a line; where in the file it would stand says nothing to whoever fills in a form.
pub(super) fn refused_in_words((lang, labels): (Lang, Labels), refused: &Refused) -> Reply {
    let status = match refused {
        Refused::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refused::Unknown(_) | Refused::Conflict(_) => StatusCode::CONFLICT,
        Refused::NotStored(_) | Refused::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    };
    let lines = refused.why().iter().map(|why| in_form(lang, labels, why)).collect();
    Reply::refused(lang, status, lines)
}
