//! A person's move as phones and programs write it: a handful of words. One reader for both.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Act, Outcome, PersonId, Sentence, Wish, both};

/// The longest note, in characters.
const TEXT_MAX: usize = 2000;

/// The moves there are, and the words each takes beside `by`: must be there, or may.
const MOVES: [(&str, &[&str], &[&str]); 22] = [
    ("accept", &[], &[]),
    ("en-route", &[], &[]),
    ("on-scene", &[], &[]),
    ("resolve", &["outcome"], &["note"]),
    ("verify", &[], &[]),
    ("rework", &["why"], &[]),
    ("hand-over", &["to"], &[]),
    ("return", &["why"], &[]),
    ("note", &["text"], &[]),
    ("assign", &["to"], &[]),
    ("ask", &["wish", "why"], &["lasts"]),
    ("grant", &[], &[]),
    ("deny", &["why"], &[]),
    ("merge", &["into"], &[]),
    ("reopen", &["why"], &[]),
    ("whistle", &["lead", "why"], &["with"]),
    ("report-in", &[], &[]),
    ("finish", &[], &["note"]),
    ("supervise", &["why"], &[]),
    ("called", &["number", "said"], &[]),
    ("check", &["item", "found"], &[]),
    ("review", &["score"], &["text"]),
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
    #[schema(value_type = String)]
    pub error: Sentence,
}

impl Mistake {
    /// A mistake in the only thing there is.
    pub(super) fn new(field: &str, error: impl Into<Sentence>) -> Self {
        Self { index: None, field: field.to_owned(), error: error.into() }
    }
}

/// The longest name of a tap, in bytes.
const TAP_MAX: usize = 64;

/// What the phone calls this tap, if it does: letters, digits and `-`.
pub(super) fn tap_of(words: &BTreeMap<String, String>) -> Option<&str> {
    let tap = words.get("tap")?;
    let is_name = tap.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_name && (8..=TAP_MAX).contains(&tap.len())).then_some(tap)
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

/// The moves there are, and the words each takes: must be there, or may.
pub(super) fn moves() -> impl Iterator<Item = (&'static str, Vec<&'static str>, Vec<&'static str>)>
{
    MOVES
        .iter()
        .map(|(name, must, may)| (*name, [&["by"], *must].concat(), [&["tap"], *may].concat()))
}

/// The words that a move of this name can have; `None` where there is no such move.
pub(super) fn words_of(name: &str) -> Option<impl Iterator<Item = &'static str>> {
    let (_, must, may) = MOVES.iter().find(|(known, ..)| *known == name)?;
    Some(["move", "by", "tap"].into_iter().chain(must.iter().copied()).chain(may.iter().copied()))
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
            "assign" => Some(Act::Assign { to: self.parsed("to")? }),
            "ask" => {
                let (wish, why) = (self.wish(), self.text("why", false));
                Some(Act::Ask { wish: wish?, why: why? })
            }
            "grant" => Some(Act::Grant),
            "deny" => Some(Act::Deny { why: self.text("why", false)? }),
            "merge" => Some(Act::Merge { into: self.number("into")? }),
            "reopen" => Some(Act::Reopen { why: self.text("why", false)? }),
            "whistle" => {
                let (lead, with) = (self.parsed("lead"), self.people("with"));
                let why = self.text("why", false);
                Some(Act::Whistle { lead: lead?, with: with?, why: why? })
            }
            "report-in" => Some(Act::ReportIn),
            "finish" => Some(Act::Finish { note: self.text("note", true)? }),
            "supervise" => Some(Act::Supervise { why: self.text("why", false)? }),
            "called" => {
                let (number, said) = (self.telephone("number"), self.text("said", false));
                Some(Act::Called { number: number?, said: said? })
            }
            "check" => {
                let (item, found) = (self.parsed("item"), self.parsed("found"));
                Some(Act::Check { item: item?, found: found? })
            }
            "review" => {
                let (score, text) = (self.number("score"), self.text("text", true));
                Some(Act::Review { score: score?, text: text? })
            }
            _ => {
                let all: Vec<_> = MOVES.iter().map(|(known, ..)| *known).collect();
                let all = all.join(", ");
                self.wrong("move", format!("`{name}` is no move: one of {all}"))
            }
        }
    }

    fn wish(&mut self) -> Option<Wish> {
        match self.word("wish") {
            "extend" => Some(Wish::Extend { lasts: self.parsed("lasts")? }),
            "park" => Some(Wish::Park { lasts: self.parsed("lasts")? }),
            "void" => Some(Wish::Void),
            other => {
                let why = format!("`{other}` cannot be asked for: one of extend, park, void");
                self.wrong("wish", why)
            }
        }
    }

    /// Several people, with commas between them.
    fn people(&mut self, field: &'static str) -> Option<Vec<PersonId>> {
        let all = self.word(field).split(',').map(str::trim).filter(|who| !who.is_empty());
        match all.map(str::parse).collect::<Result<_, Sentence>>() {
            Ok(all) => Some(all),
            Err(why) => self.wrong(field, why),
        }
    }

    /// `120`
    fn telephone(&mut self, field: &'static str) -> Option<String> {
        let number = self.word(field);
        let is_one = (2..=15).contains(&number.len())
            && number.strip_prefix('+').unwrap_or(number).bytes().all(|b| b.is_ascii_digit());
        if is_one {
            return Some(number.to_owned());
        }
        let why = both!(
            "“{number}”不是电话号码，应如 120",
            "`{number}` is not a telephone number such as 120"
        );
        self.wrong(field, why)
    }

    fn number<T: std::str::FromStr>(&mut self, field: &'static str) -> Option<T> {
        let word = self.word(field);
        match word.parse() {
            Ok(number) => Some(number),
            Err(_) if word.is_empty() => self.wrong(field, missing(field)),
            Err(_) => self.wrong(field, both!("“{word}”不是数字", "`{word}` is not a number")),
        }
    }

    /// A word that must be there, read.
    pub(super) fn parsed<T>(&mut self, field: &'static str) -> Option<T>
    where
        T: std::str::FromStr<Err: Into<Sentence>>,
    {
        let Some(word) = self.words.get(field) else {
            return self.wrong(field, missing(field));
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
            return self.wrong(
                field,
                both!(
                    "`{field}` 没有填写：请用几个字说明",
                    "`{field}` is missing: say it in a few words"
                ),
            );
        }
        let length = text.chars().count();
        if TEXT_MAX < length {
            return self.wrong(
                field,
                both!(
                    "`{field}` 有 {length} 个字，最多 {TEXT_MAX} 个",
                    "`{field}` has {length} characters, at most {TEXT_MAX} are kept"
                ),
            );
        }
        Some(text.to_owned())
    }

    /// Takes note of a mistake.
    pub(super) fn wrong<T>(&mut self, field: &str, why: impl Into<Sentence>) -> Option<T> {
        self.mistakes.push(Mistake::new(field, why));
        None
    }
}

/// What stands in no field.
pub(super) fn missing(field: &str) -> Sentence {
    both!("`{field}` 没有填写", "`{field}` is missing")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[(&str, &str)]) -> Result<(PersonId, Act), Vec<Mistake>> {
        let words = words.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        read_move(&words)
    }

    fn example(word: &str) -> &'static str {
        match word {
            "outcome" => "safe",
            "wish" => "void",
            "into" | "score" => "3",
            "number" => "120",
            "found" => "fine",
            _ => "x",
        }
    }

    #[test]
    fn every_move_is_read_and_knows_its_words() {
        for (name, must, _) in MOVES {
            let mut words = vec![("move", name), ("by", "wang")];
            words.extend(must.iter().map(|w| (*w, example(w))));
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
