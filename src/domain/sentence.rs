//! A sentence for people, in both languages: made in one place, so that neither is forgotten.

use std::convert::Infallible;
use std::fmt;
use std::num::{ParseFloatError, ParseIntError};
use std::str::ParseBoolError;

use serde::{Deserialize, Serialize};

use super::Lang;

/// What pages say in the language of whoever looks. Files, the command line and the API are English: so it is shown,
/// and written as JSON.
///
/// In Chinese a value that somebody wrote stands in “…”; what stands in `` ` `` is a key of a file or a form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Sentence {
    zh: String,
    en: String,
}

/// A [`Sentence`] of two formats: `both!("没有住户 {home}", "there is no home `{home}`")`.
macro_rules! both {
    ($zh:literal, $en:literal $(,)?) => {
        $crate::domain::Sentence::new(format!($zh), format!($en))
    };
}

pub(crate) use both;

impl Sentence {
    /// Of a text in each language.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// One that is made alike in both languages.
    pub fn each(make: impl Fn(Lang) -> String) -> Self {
        Self::new(make(Lang::Zh), make(Lang::En))
    }

    /// In this language.
    pub fn say(&self, lang: Lang) -> &str {
        lang.say(&self.zh, &self.en)
    }

    /// As files, the command line and the API have it.
    pub fn en(&self) -> &str {
        &self.en
    }

    /// What a key of a form is called there takes its place.
    #[must_use]
    pub fn naming(&self, key: &str, zh: &str, en: &str) -> Self {
        let (key, zh, en) = (format!("`{key}`"), format!("“{zh}”"), format!("“{en}”"));
        // Around a word in quotes Chinese has no blanks.
        let spaced = [format!(" {key} "), format!("{key} "), format!(" {key}"), key.clone()];
        let named = spaced.iter().fold(self.zh.clone(), |text, key| text.replace(key, &zh));
        Self::new(named, self.en.replace(&key, &en))
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.en)
    }
}

impl std::error::Error for Sentence {}

impl PartialEq<&str> for Sentence {
    fn eq(&self, en: &&str) -> bool {
        self.en == *en
    }
}

/// What only whoever writes files or programs can meet is English.
impl From<String> for Sentence {
    fn from(en: String) -> Self {
        Self { zh: en.clone(), en }
    }
}

impl From<&str> for Sentence {
    fn from(en: &str) -> Self {
        en.to_owned().into()
    }
}

impl From<Sentence> for String {
    fn from(sentence: Sentence) -> Self {
        sentence.en
    }
}

impl From<ParseIntError> for Sentence {
    fn from(why: ParseIntError) -> Self {
        Self::new("不是整数", why.to_string())
    }
}

impl From<ParseFloatError> for Sentence {
    fn from(why: ParseFloatError) -> Self {
        Self::new("不是数字", why.to_string())
    }
}

impl From<ParseBoolError> for Sentence {
    fn from(why: ParseBoolError) -> Self {
        Self::new("只能是 true 或 false", why.to_string())
    }
}

impl From<Infallible> for Sentence {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
