//! Values as people write them in a profile, compared with values as devices send them.

use toml::de::DeValue;

use crate::device::pick::Scalar;
use crate::domain::Sentence;
use crate::form::Answer;

/// A value written in a profile: `0`, `on`, `true`. It equals a text of the same letters, a number of
/// the same value, a flag of the same name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Code {
    text: String,
    number: Option<f64>,
}

impl Code {
    pub(crate) fn new(text: String) -> Self {
        Self { number: text.parse().ok(), text }
    }

    pub(crate) fn is(&self, value: &Scalar<'_>) -> bool {
        match value {
            Scalar::Flag(flag) => self.text == if *flag { "true" } else { "false" },
            Scalar::Number(n) => self.number == Some(*n),
            Scalar::Text(text) => self.text == *text,
            Scalar::Null => self.text == "null",
            Scalar::Absent | Scalar::Other(_) => false,
        }
    }

    /// Whether a bit can be it.
    pub(crate) fn is_flag(&self) -> bool {
        matches!(self.text.as_str(), "true" | "false")
    }

    /// Whether bytes can be it.
    pub(crate) const fn is_number(&self) -> bool {
        self.number.is_some()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// One value, or a list of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Many(pub(crate) Vec<String>);

impl Answer for Many {
    fn read(value: &DeValue<'_>) -> Result<Self, Sentence> {
        if let DeValue::Array(items) = value {
            return items
                .iter()
                .map(|item| String::read(item.get_ref()))
                .collect::<Result<_, _>>()
                .map(Self);
        }
        String::read(value).map(|one| Self(vec![one]))
    }
}

/// A table whose keys the file chooses, in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table(pub(crate) Vec<(String, Many)>);

impl Answer for Table {
    fn read(value: &DeValue<'_>) -> Result<Self, Sentence> {
        let DeValue::Table(table) = value else {
            return Err("a table is wanted: write `{ … = …, }`".into());
        };
        let row = |(key, value): (
            &toml::Spanned<toml::de::DeString<'_>>,
            &toml::Spanned<DeValue<'_>>,
        )| {
            Many::read(value.get_ref()).map(|many| (key.get_ref().to_string(), many))
        };
        table.iter().map(row).collect::<Result<_, _>>().map(Self)
    }
}
