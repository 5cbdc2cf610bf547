//! Edits of `texts/*.toml`.

use toml_edit::{DocumentMut, Item};

use crate::registrar::Refused;
use crate::wording::Key;

use super::put;

/// The file with another text in the place of one; comments, order and layout of all else stay as they are.
pub(in crate::config) fn reword(file: &str, key: Key, text: &str) -> Result<String, Refused> {
    let wrong = |e: toml_edit::TomlError| Refused::Conflict(format!("the texts: {e}").into());
    let mut document: DocumentMut = file.parse().map_err(wrong)?;
    let table = match key.is_line() {
        true => document.get_mut("line").and_then(Item::as_table_like_mut),
        false => Some(super::table_like(document.as_table_mut())),
    };
    let none = || Refused::Conflict("[line] is missing: it says what messages say".into());
    put(table.ok_or_else(none)?, key.name(), text.into());
    Ok(document.to_string())
}
