//! A person's move as phones and programs write it: a handful of words. One reader for both.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Act, Outcome, PersonId};

/// The longest note, in characters.
const TEXT_MAX: usize = 2000;

/// The moves there are, and the words each takes beside `by`: must be there, or may.
const MOVES: [(&str, &[&str], &[&str]); 9] = [
    ("accept", &[], &[]),
    ("en-route", &[], &[]),
    ("on-scene", &[], &[]),
    ("resolve", &["outcome"], &["note"]),
    ("verify", &[], &[]),
    ("rework", &["why"], &[]),
    ("hand-over", &["to"], &[]),
    ("return", &["why"], &[]),
    ("note", &["text"], &[]),
];

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mistake {
    /// Which of several, from 0; left out where there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// Which field, parameter or part.
    pub field: String,
    /// What is wrong with it, in a sentence.
    pub error: String,
}

impl Mistake {
    /// A mistake in the only thing there is.
    pub(super) fn new(field: &str, error: impl Into<String>) -> Self {
        Self { index: None, field: field.to_owned(), error: error.into() }
    }
}

/// What one move says, word by word.
pub(super) struct Words<'w> {
    words: &'w BTreeMap<String, String>,
    pub(super) mistakes: Vec<Mistake>,
}

/// Reads a move. Words that belong to no move are left alone.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read_move(words: &BTreeMap<String, String>) -> Result<(PersonId, Act), Vec<Mistake>> {
    let mut reading = Words::new(words);
    let by = reading.parsed::<PersonId>("by");
    let act = reading.act();
    match (by, act) {
        (Some(by), Some(act)) if reading.mistakes.is_empty() => Ok((by, act)),
        _ => Err(reading.mistakes),
    }
}

/// The words that a move of this name can have; `None` where there is no such move.
pub(super) fn words_of(name: &str) -> Option<impl Iterator<Item = &'static str>> {
    let (_, must, may) = MOVES.iter().find(|(known, ..)| *known == name)?;
    Some(["move", "by"].into_iter().chain(must.iter().copied()).chain(may.iter().copied()))
}

impl<'w> Words<'w> {
    /// Nothing is read yet.
    pub(super) const fn new(words: &'w BTreeMap<String, String>) -> Self {
        Self { words, mistakes: Vec::new() }
    }

    /// A word as it is; empty where it is missing.
    pub(super) fn word(&self, field: &str) -> &'w str {
        self.words.get(field).map(String::as_str).unwrap_or_default()
    }

    fn act(&mut self) -> Option<Act> {
        let name = self.word("move");
        match name {
            "accept" => Some(Act::Accept),
            "en-route" => Some(Act::EnRoute),
            "on-scene" => Some(Act::OnScene),
            "resolve" => {
                let outcome = self.parsed::<Outcome>("outcome");
                let note = self.text("note", true);
                Some(Act::Resolve { outcome: outcome?, note: note? })
            }
            "verify" => Some(Act::Verify),
            "rework" => Some(Act::Rework { why: self.text("why", false)? }),
            "hand-over" => Some(Act::HandOver { to: self.parsed("to")? }),
            "return" => Some(Act::Return { why: self.text("why", false)? }),
            "note" => Some(Act::Note { text: self.text("text", false)? }),
            _ => {
                let all: Vec<_> = MOVES.iter().map(|(known, ..)| *known).collect();
                self.wrong("move", format!("`{name}` is no move: one of {}", all.join(", ")))
            }
        }
    }

    /// A word that must be there, read.
    pub(super) fn parsed<T: std::str::FromStr<Err = String>>(
        &mut self,
        field: &'static str,
    ) -> Option<T> {
        let Some(word) = self.words.get(field) else {
            return self.wrong(field, format!("`{field}` is missing"));
        };
        match word.parse() {
            Ok(value) => Some(value),
            Err(why) => self.wrong(field, why),
        }
    }

    /// People's own words.
    pub(super) fn text(&mut self, field: &'static str, may_be_empty: bool) -> Option<String> {
        let text = self.word(field).trim();
        if text.is_empty() && !may_be_empty {
            return self.wrong(field, format!("`{field}` is missing: say it in a few words"));
        }
        let length = text.chars().count();
        if TEXT_MAX < length {
            let why = format!("`{field}` has {length} characters, at most {TEXT_MAX} are kept");
            return self.wrong(field, why);
        }
        Some(text.to_owned())
    }

    /// Takes note of a mistake.
    pub(super) fn wrong<T>(&mut self, field: &str, why: String) -> Option<T> {
        self.mistakes.push(Mistake::new(field, why));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[(&str, &str)]) -> Result<(PersonId, Act), Vec<Mistake>> {
        let words = words.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        read_move(&words)
    }

    #[test]
    fn every_move_is_read_and_knows_its_words() {
        for (name, must, _) in MOVES {
            let mut words = vec![("move", name), ("by", "wang")];
            words.extend(must.iter().map(|w| (*w, if *w == "outcome" { "safe" } else { "x" })));
            let (by, act) = read(&words).unwrap();
            assert_eq!(by.as_str(), "wang");
            let written = serde_json::to_value(&act).unwrap();
            assert_eq!(written["move"], name, "the name is that of the journal");
            for word in must {
                let lacking: Vec<_> = words.iter().copied().filter(|(k, _)| k != word).collect();
                assert_eq!(read(&lacking).unwrap_err()[0].field, *word);
            }
            assert!(words_of(name).is_some());
        }
        assert!(words_of("dance").is_none());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = read(&[("move", "resolve"), ("outcome", "fine"), ("note", &"长".repeat(2001))]);
        let fields: Vec<_> = wrong.unwrap_err().into_iter().map(|m| m.field).collect();
        assert_eq!(fields, ["by", "outcome", "note"]);
        assert_eq!(read(&[("move", "dance"), ("by", "wang")]).unwrap_err()[0].field, "move");
        assert_eq!(
            read(&[("move", "note"), ("by", "w"), ("text", " ")]).unwrap_err()[0].field,
            "text"
        );
    }
}
