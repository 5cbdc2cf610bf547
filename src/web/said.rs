//! What people say of a home, as programs and pages write it: a handful of words, like a move.

use std::collections::BTreeMap;

use crate::domain::{PersonId, Said};

use super::moves::{Mistake, Words};

/// What can be said, and the words it takes beside `by`: must be there, or may.
const SAYINGS: [(&str, &[&str], &[&str]); 6] = [
    ("away", &["for"], &[]),
    ("back", &[], &[]),
    ("silence", &["rule", "for", "why"], &[]),
    ("speak", &["rule"], &[]),
    ("report", &["rule", "from"], &["text", "code"]),
    ("visit", &["why"], &[]),
];

/// What can be said, and the words it takes: must be there, or may.
pub(super) fn sayings() -> impl Iterator<Item = (&'static str, Vec<&'static str>, Vec<&'static str>)>
{
    SAYINGS.iter().map(|(name, must, may)| (*name, [&["by"], *must].concat(), may.to_vec()))
}

/// The words that go with it; `None` where there is no such saying.
pub(super) fn words_of(name: &str) -> Option<Vec<&'static str>> {
    let (_, must, may) = SAYINGS.iter().find(|(known, ..)| *known == name)?;
    Some([&["say", "by"], *must, *may].concat())
}

/// Reads what somebody says of a home.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read_said(
    words: &BTreeMap<String, String>,
) -> Result<(PersonId, Said), Vec<Mistake>> {
    let mut reading = Words::new(words);
    let by = reading.parsed::<PersonId>("by");
    let what = said(&mut reading);
    match (by, what) {
        (Some(by), Some(what)) if reading.mistakes.is_empty() => Ok((by, what)),
        _ => Err(reading.mistakes),
    }
}

fn said(words: &mut Words<'_>) -> Option<Said> {
    match words.word("say") {
        "away" => Some(Said::Away { lasts: words.parsed("for")? }),
        "back" => Some(Said::Back),
        "silence" => {
            let (rule, lasts) = (words.parsed("rule"), words.parsed("for"));
            let why = words.text("why", false);
            Some(Said::Silence { rule: rule?, lasts: lasts?, why: why? })
        }
        "speak" => Some(Said::Speak { rule: words.parsed("rule")? }),
        "report" => {
            let (rule, from) = (words.parsed("rule"), words.parsed("from"));
            let (text, code) = (words.text("text", true), words.text("code", true));
            let code = code.filter(|code| !code.is_empty());
            Some(Said::Report { rule: rule?, from: from?, text: text?, code })
        }
        "visit" => Some(Said::Visit { why: words.parsed("why")? }),
        other => {
            let all: Vec<_> = SAYINGS.iter().map(|(known, ..)| *known).collect();
            let why = format!("`{other}` cannot be said: one of {}", all.join(", "));
            words.wrong("say", why)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Span;

    fn read(words: &[(&str, &str)]) -> Result<(PersonId, Said), Vec<Mistake>> {
        let words = words.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        read_said(&words)
    }

    fn example(word: &str) -> &'static str {
        match word {
            "for" => "8h",
            "from" => "resident",
            _ => "cold",
        }
    }

    #[test]
    fn every_saying_is_read_and_misses_each_of_its_words() {
        for (name, must, _) in SAYINGS {
            let mut words = vec![("say", name), ("by", "wang")];
            words.extend(must.iter().map(|w| (*w, example(w))));
            let (by, what) = read(&words).unwrap();
            assert_eq!(by.as_str(), "wang");
            let written = serde_json::to_value(&what).unwrap();
            assert_eq!(written["say"], name, "the name is that of the journal");
            for word in must {
                let lacking: Vec<_> = words.iter().copied().filter(|(k, _)| k != word).collect();
                assert_eq!(read(&lacking).unwrap_err()[0].field, *word);
            }
            assert!(words_of(name).is_some());
        }
        assert!(words_of("shout").is_none());
        let (_, what) = read(&[("say", "away"), ("by", "wang"), ("for", "3d")]).unwrap();
        assert_eq!(what, Said::Away { lasts: Span::hours(72) });
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = read(&[("say", "silence"), ("rule", "-"), ("for", "soon")]).unwrap_err();
        let fields: Vec<_> = wrong.into_iter().map(|m| m.field).collect();
        assert_eq!(fields, ["by", "rule", "for", "why"]);
        assert_eq!(read(&[("say", "shout"), ("by", "wang")]).unwrap_err()[0].field, "say");
    }
}
