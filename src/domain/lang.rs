//! The two languages in which people are spoken to.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of pages, reports and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

impl Lang {
    /// The word in this language. Both stand side by side, so none can be missing.
    pub const fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// As in `<html lang>` and `?lang=`.
    pub const fn tag(self) -> &'static str {
        self.say("zh", "en")
    }

    /// The one that is meant where none is said.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// The language of a tag such as `zh-CN`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

impl FromStr for Lang {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::of_tag(text).ok_or_else(|| format!("there is no language `{text}`: one of zh, en"))
    }
}
