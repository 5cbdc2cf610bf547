//! How a page changes what is registered: a form, the keeper, and what it answers beside the form, with what was
//! typed still in it. Nothing is checked here that the keeper checks.

use std::collections::BTreeMap;
use std::str::FromStr;

use askama::Template;
use axum::extract::Form;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use jiff::civil::{Date, DateTime};

use crate::domain::PersonId;
use crate::registrar::{Change, Edit, Refused, Settled};

use super::Web;
use super::lang::{Lang, Visitor};
use super::moves::{Mistake, Words};

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
    pub(super) fn choice<T: FromStr<Err = String>>(
        &self,
        field: &str,
    ) -> Result<Option<T>, Vec<Mistake>> {
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
    pub(super) fn mistaken(lang: Lang, mistakes: &[Mistake]) -> Self {
        let line = |Mistake { field, error, .. }: &Mistake| match error.contains(&**field) {
            true => error.clone(),
            false => format!("{field}: {error}"),
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
    pub(super) async fn settle(&self, lang: Lang, by: &PersonId, change: Change) -> Reply {
        match self.site.registrar.used_by(by.as_str()).change(change, false).await {
            Ok(settled) => settled_in_words(lang, settled),
            Err(refused) => refused_in_words(lang, &refused),
        }
    }

    /// Has the keeper make the edit that a form says, in the name of whoever sends it.
    pub(super) async fn edit(
        &self,
        visitor: &Visitor,
        typed: &Typed,
        edit: impl FnOnce(&PersonId, DateTime) -> Result<Edit, Vec<Mistake>>,
    ) -> Reply {
        let lang = visitor.lang;
        let Some(by) = self.speaker(visitor, &typed.0) else { return nobody(lang) };
        match edit(&by, self.site.clock.wall().civil(&self.zone())) {
            Ok(edit) => self.settle(lang, &by, Change::Edits(vec![edit])).await,
            Err(mistakes) => Reply::mistaken(lang, &mistakes),
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
    Reply::done(head, changes.into_iter().chain(notes).collect())
}

/// Every mistake, one a line; where in the file it would stand says nothing to whoever fills in a form.
pub(super) fn refused_in_words(lang: Lang, refused: &Refused) -> Reply {
    let (status, lines) = match refused {
        Refused::Wrong(problems) => {
            let lines = problems.iter().map(|problem| problem.message.clone()).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, lines)
        }
        Refused::Unknown(_) | Refused::Conflict(_) => {
            (StatusCode::CONFLICT, vec![refused.to_string()])
        }
        Refused::NotStored(_) | Refused::Stopping => {
            (StatusCode::SERVICE_UNAVAILABLE, vec![refused.to_string()])
        }
    };
    Reply::refused(lang, status, lines)
}
