//! A file of rows for the register: people, or homes.

use std::fmt;
use std::str::FromStr;

/// A file of rows, as it came: what is wrong in it is said with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// What the rows are.
    pub of: Part,
    /// How they are written.
    pub layout: Layout,
    /// What the file is called.
    pub file: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A list of the register that is written as rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `[[responder]]`
    People,
    /// `[[home]]`
    Homes,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A heading and a line for each row, as spreadsheets read and write it.
    Csv,
    /// A list of objects.
    Json,
}

impl Part {
    /// What the list is called in `register.toml`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::People => "responder",
            Self::Homes => "home",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::People => "people",
            Self::Homes => "homes",
        })
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::People, Self::Homes];
        let found = all.into_iter().find(|part| part.to_string() == text);
        found.ok_or_else(|| format!("there are no rows of `{text}`: people or homes"))
    }
}
