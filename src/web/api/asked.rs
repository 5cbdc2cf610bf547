//! The query of a request, word by word, so that every mistake is told at once.

use std::str::FromStr;

use axum::extract::Query;
use axum::http::Uri;

use crate::domain::Sentence;
use crate::web::moves::Mistake;

use super::Fault;

/// What a query asks for, and every mistake in it.
pub(super) struct Asked {
    query: Vec<(String, String)>,
    pub(super) mistakes: Vec<Mistake>,
}

impl Asked {
    /// Reads it; words that are not `known` are mistakes.
    ///
    /// # Errors
    /// It is no query at all.
    pub(super) fn read(uri: &Uri, known: &[&str]) -> Result<Self, Fault> {
        let Ok(Query(query)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
            let mistake = Mistake::new("query", "it is not `name=value&…`");
            return Err(Fault::malformed("the query cannot be understood", vec![mistake]));
        };
        let unknown = query.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        let mistake = |(name, _): &(String, String)| {
            Mistake::new(
                name,
                format!("there is no parameter `{name}`: one of {}", known.join(", ")),
            )
        };
        let mistakes = unknown.map(mistake).collect();
        Ok(Self { query, mistakes })
    }

    /// A word as it was written.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What must be said in words.
    pub(super) fn text(&mut self, name: &str) -> String {
        let said = self.given(name).unwrap_or_default().trim().to_owned();
        if said.is_empty() {
            self.mistakes.push(Mistake::new(name, format!("say `{name}`, in words")));
        }
        said
    }

    /// The value of a word, if it is there and can be understood.
    pub(super) fn may<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr<Err: Into<Sentence>>,
    {
        let (_, value) = self.query.iter().find(|(known, _)| known == name)?;
        match value.parse() {
            Ok(value) => Some(value),
            Err(why) => {
                self.mistakes.push(Mistake::new(name, why));
                None
            }
        }
    }

    /// The same; that it is missing is a mistake.
    pub(super) fn needs<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr<Err: Into<Sentence>>,
    {
        if !self.query.iter().any(|(known, _)| known == name) {
            self.mistakes.push(Mistake::new(name, format!("`{name}` is missing")));
        }
        self.may(name)
    }

    /// Whether a word is `true`.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let Flag(is) = self.may(name)?;
        Some(is)
    }

    /// What to answer to all mistakes.
    pub(super) fn fault(self) -> Fault {
        Fault::malformed("the query cannot be understood", self.mistakes)
    }
}

struct Flag(bool);

impl FromStr for Flag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is = text.parse().map_err(|_no_flag| format!("`{text}` is neither `true` nor `false`"));
        is.map(Self)
    }
}
