//! Reads what people write in TOML, and reports *every* problem of a file at once, each with its
//! line and column. Deserialising with serde would stop at the first.
//!
//! ```
//! use careloop::form::Sheet;
//!
//! let sheet = Sheet::new("rules.toml", "name = \"night\"\nlevle = 3\n");
//! let mut form = sheet.form();
//! let name: Option<String> = form.needs("name");
//! let level: Option<String> = form.needs("level");
//! form.done();
//! assert_eq!(name.as_deref(), Some("night"));
//! let said: Vec<_> = sheet.problems().iter().map(|p| p.to_string()).collect();
//! assert_eq!(said, [
//!     "rules.toml:1:1: `level` is missing",
//!     "rules.toml:2:1: there is no key `levle` here; did you mean `level`?",
//! ]);
//! ```

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::domain::{Lang, Sentence, both};

/// Something wrong in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file's name as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong, in a sentence.
    pub message: Sentence,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// One file, and what is wrong in it.
#[derive(Debug)]
pub struct Sheet<'t> {
    file: &'t str,
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

/// One table of a sheet. Keys are taken out as they are read; what is left is unknown.
#[derive(Debug)]
pub struct Form<'s, 't> {
    sheet: &'s Sheet<'t>,
    table: DeTable<'t>,
    span: Range<usize>,
    known: Vec<&'static str>,
}

impl<'t> Sheet<'t> {
    /// A file of this name with this text.
    pub fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, problems: RefCell::new(Vec::new()) }
    }

    /// The file as one form. Broken syntax is a problem; what can be read is read.
    pub fn form<'s>(&'s self) -> Form<'s, 't> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            self.problem(error.span().unwrap_or(0..0), error.message());
        }
        let span = 0..0;
        Form { sheet: self, table: table.into_inner(), span, known: Vec::new() }
    }

    /// What is wrong so far, in the order of the file.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.problems.borrow().clone();
        problems.sort();
        problems.dedup();
        problems
    }

    /// A problem at this byte of the text, for texts that are no TOML.
    pub fn wrong_at_byte(&self, at: usize, message: impl Into<Sentence>) {
        self.problem(at..at, message);
    }

    fn problem(&self, span: Range<usize>, message: impl Into<Sentence>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        self.problems.borrow_mut().push(Problem {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            message: message.into(),
        });
    }
}

/// What can stand behind a key. Text is parsed, so that an error names the value and what was meant.
pub trait Answer: Sized {
    /// Reads one value.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    fn read(value: &DeValue<'_>) -> Result<Self, Sentence>;
}

impl<T> Answer for T
where
    T: FromStr,
    T::Err: Into<Sentence>,
{
    fn read(value: &DeValue<'_>) -> Result<Self, Sentence> {
        let text = match value {
            DeValue::String(text) => text.to_string(),
            // Numbers and booleans are read from their own text, so `f64`, `u32` and `bool` are answers too.
            DeValue::Integer(n) if n.radix() == 10 => n.as_str().to_owned(),
            DeValue::Integer(n) => {
                let digits =
                    n.as_str().trim_start_matches(['0', 'x', 'o', 'b', 'X']).replace('_', "");
                i64::from_str_radix(if digits.is_empty() { "0" } else { &digits }, n.radix())
                    .map_err(|e| {
                        Sentence::from(format!("`{}` is not a whole number: {e}", n.as_str()))
                    })?
                    .to_string()
            }
            DeValue::Float(n) => n.as_str().to_owned(),
            DeValue::Boolean(flag) => flag.to_string(),
            // A date without quotes is one all the same.
            DeValue::Datetime(at) => at.to_string(),
            DeValue::Array(_) | DeValue::Table(_) => {
                return Err(format!("one value is wanted here, not {}", kind(value)).into());
            }
        };
        text.parse().map_err(|why: T::Err| {
            let why: Sentence = why.into();
            let (zh, en) = (why.say(Lang::Zh), why.en());
            if en.contains(&text) { why } else { both!("“{text}”{zh}", "`{text}`: {en}") }
        })
    }
}

/// Something wrong within a text that has a grammar of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// At which byte of the text.
    pub at: usize,
    /// What is wrong, in a sentence.
    pub message: Sentence,
}

impl<'s, 't> Form<'s, 't> {
    /// A text with a grammar of its own, which must be there. What `read` finds wrong is reported at its
    /// very place in the file.
    pub fn grammar<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&str) -> Result<T, Slip>,
    ) -> Option<T> {
        let span = self.find(key).map(|(_, value)| value.span());
        let text = self.needs::<String>(key)?;
        let span = span.unwrap_or(self.span.clone());
        match read(&text) {
            Ok(answer) => Some(answer),
            Err(slip) => {
                // With escapes in it the text does not stand in the file as it is: then the value is meant.
                let written = self.sheet.text.get(span.clone()).and_then(|raw| raw.find(&text));
                let at = span.start + written.map_or(0, |begin| begin + slip.at);
                self.sheet.problem(at..at, of_key(key, &slip.message));
                None
            }
        }
    }

    /// Whether this key is written, whatever stands behind it.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The value of a key that must be there.
    pub fn needs<T: Answer>(&mut self, key: &'static str) -> Option<T> {
        if self.find(key).is_none() {
            self.known.push(key);
            self.wrong(both!("`{key}` 没有填写", "`{key}` is missing"));
            return None;
        }
        self.may(key)
    }

    /// The value of a key that may be left out.
    pub fn may<T: Answer>(&mut self, key: &'static str) -> Option<T> {
        let value = self.take(key)?;
        match T::read(value.get_ref()) {
            Ok(answer) => Some(answer),
            Err(why) => {
                self.sheet.problem(value.span(), of_key(key, &why));
                None
            }
        }
    }

    /// The values of a list that may be left out; each wrong one is a problem of its own.
    pub fn list<T: Answer>(&mut self, key: &'static str) -> Vec<T> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let span = value.span();
        let DeValue::Array(items) = value.into_inner() else {
            self.sheet.problem(span, format!("`{key}` is a list: write `[ … ]`"));
            return Vec::new();
        };
        let mut answers = Vec::new();
        for item in items {
            match T::read(item.get_ref()) {
                Ok(answer) => answers.push(answer),
                Err(why) => self.sheet.problem(item.span(), of_key(key, &why)),
            }
        }
        answers
    }

    /// A table below this one, if it is there.
    pub fn form(&mut self, key: &'static str) -> Option<Self> {
        let value = self.take(key)?;
        let span = value.span();
        if let DeValue::Table(table) = value.into_inner() {
            return Some(Self { sheet: self.sheet, table, span, known: Vec::new() });
        }
        self.sheet.problem(span, format!("`{key}` is a table: write `[{key}]` or `{{ … }}`"));
        None
    }

    /// A list of tables below this one, `[[key]]`; empty if it is not there.
    pub fn forms(&mut self, key: &'static str) -> Vec<Self> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let span = value.span();
        let DeValue::Array(items) = value.into_inner() else {
            self.sheet.problem(span, format!("`{key}` is a list of tables: write `[[{key}]]`"));
            return Vec::new();
        };
        let mut forms = Vec::new();
        for item in items {
            let span = item.span();
            let value = item.into_inner();
            let found = kind(&value);
            if let DeValue::Table(table) = value {
                forms.push(Self { sheet: self.sheet, table, span, known: Vec::new() });
            } else {
                self.sheet.problem(span, format!("a table is wanted, not {found}"));
            }
        }
        forms
    }

    /// The keys that are there, as written.
    pub fn keys(&self) -> Vec<String> {
        self.table.keys().map(|k| k.get_ref().to_string()).collect()
    }

    /// A problem of the table as a whole.
    pub fn wrong(&self, message: impl Into<Sentence>) {
        self.sheet.problem(self.span.clone(), message);
    }

    /// A problem at a place of this sheet.
    pub fn wrong_at_mark(&self, mark: &Mark, message: impl Into<Sentence>) {
        self.sheet.wrong_at_mark(mark, message);
    }

    /// A problem of one key that was already read or is still there; call before [`Self::done`].
    pub fn wrong_at(&self, key: &str, message: impl Into<Sentence>) {
        self.wrong_at_mark(&self.mark_at(key), message);
    }

    /// The table as it could be written in one line: for whoever wants to know what was asked for.
    pub fn source(&self) -> String {
        toml::Value::Table(plain_table(&self.table)).to_string()
    }

    /// The whole table as plain values, for whoever reads it later.
    pub fn plain(&self) -> toml::Table {
        plain_table(&self.table)
    }

    /// The value of a key as it is, for whoever reads it later.
    pub fn any(&mut self, key: &'static str) -> Option<toml::Value> {
        self.take(key).map(|value| plain(value.get_ref()))
    }

    /// Where this key stands, for a problem that is found later; the table's place if it is not there.
    pub fn mark_at(&self, key: &str) -> Mark {
        Mark(self.find(key).map_or(self.span.clone(), |(k, _)| k.span()))
    }

    /// A mark to remember this table by, for problems found once all files are read.
    pub fn mark(&self) -> Mark {
        Mark(self.span.clone())
    }

    /// Ends the reading: every key that nobody asked for is a problem.
    pub fn done(self) {
        for key in self.table.keys() {
            let name = key.get_ref();
            let near = self.known.iter().find(|k| is_near(k, name));
            let hint = near.map_or(String::new(), |k| format!("; did you mean `{k}`?"));
            self.sheet.problem(key.span(), format!("there is no key `{name}` here{hint}"));
        }
    }

    fn find(&self, key: &str) -> Option<(&Spanned<DeString<'t>>, &Spanned<DeValue<'t>>)> {
        self.table.iter().find(|(k, _)| k.get_ref() == key)
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'t>>> {
        self.known.push(key);
        let spanned = self.find(key)?.0.clone();
        self.table.remove(&spanned)
    }
}

/// Where a table stands in its file.
#[derive(Debug, Clone)]
pub struct Mark(Range<usize>);

impl Sheet<'_> {
    /// A problem of a table read earlier.
    pub fn wrong_at_mark(&self, mark: &Mark, message: impl Into<Sentence>) {
        self.problem(mark.0.clone(), message);
    }
}

fn of_key(key: &str, why: &Sentence) -> Sentence {
    let (zh, en) = (why.say(Lang::Zh), why.en());
    both!("`{key}`：{zh}", "`{key}`: {en}")
}

fn plain(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Integer(n) => {
            let digits = n.as_str().replace('_', "");
            let number = i64::from_str_radix(&digits, n.radix());
            number.map_or_else(|_| toml::Value::String(digits), toml::Value::Integer)
        }
        DeValue::Float(n) => {
            let number = n.as_str().replace('_', "").parse();
            number.map_or_else(|_| toml::Value::String(n.to_string()), toml::Value::Float)
        }
        DeValue::Boolean(flag) => toml::Value::Boolean(*flag),
        DeValue::Datetime(at) => toml::Value::String(at.to_string()),
        DeValue::Array(items) => {
            toml::Value::Array(items.iter().map(|item| plain(item.get_ref())).collect())
        }
        DeValue::Table(table) => toml::Value::Table(plain_table(table)),
    }
}

fn plain_table(table: &DeTable<'_>) -> toml::Table {
    table.iter().map(|(key, v)| (key.get_ref().to_string(), plain(v.get_ref()))).collect()
}

const fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A text that was edited has `\n`; one that was written elsewhere keeps its own ends of lines.
pub fn with_ends_of_lines_of(before: &str, edited: String) -> String {
    let foreign = before.contains("\r\n") && !before.replace("\r\n", "").contains('\n');
    match foreign {
        true => edited.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => edited,
    }
}

/// The same letters but for one or two: enough to find `levle` and `afer`.
pub(crate) fn is_near(known: &str, written: &str) -> bool {
    let count = |text: &str, c: char| text.chars().filter(|d| *d == c).count();
    let missing: usize =
        known.chars().map(|c| count(known, c).saturating_sub(count(written, c)).min(1)).sum();
    missing <= 1 && known.len().abs_diff(written.len()) <= 2
}
