//! A report is a list of tables, and a table is printed in two ways: to read (Markdown), and for programs
//! (CSV, one figure a line). JSON is the report itself.

use crate::domain::{Lang, Span};

use super::Share;

/// Something that has a name in both languages, and one for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// For programs.
    pub key: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Column {
    /// With a name in each language.
    pub fn new(key: &str, zh: &str, en: &str) -> Self {
        Self { key: key.to_owned(), zh: zh.to_owned(), en: en.to_owned() }
    }

    /// Whose name is the same in all.
    pub fn same(name: &str) -> Self {
        Self::new(name, name, name)
    }

    /// Its name in this language.
    pub fn say(&self, lang: Lang) -> &str {
        lang.say(&self.zh, &self.en)
    }
}

/// What stands in a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// How many.
    Count(usize),
    /// How long; nothing where nothing was measured.
    Span(Option<Span>),
    /// How many of how many.
    Share(Share),
    /// Per cent.
    Percent(f64),
    /// The mean of what people said; nothing where nobody was asked.
    Mean(Option<f64>),
    /// Whether; nothing where there was nothing to judge.
    Flag(Option<bool>),
    /// In both languages.
    Said(Column),
    /// People's own words, and names.
    Text(String),
}

/// One table of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its heading.
    pub title: Column,
    /// What the rows are.
    pub of: Column,
    /// The columns behind that.
    pub columns: Vec<Column>,
    /// Each with as many cells as there are columns.
    pub rows: Vec<(Column, Vec<Cell>)>,
}

/// To read, to print and to paste.
pub fn markdown(title: &str, about: &[String], tables: &[Table], lang: Lang) -> String {
    let mut out = format!("# {}\n", line(title));
    for about in about {
        out.push_str(&format!("\n{}\n", line(about)));
    }
    for table in tables {
        out.push_str(&format!("\n## {}\n\n", line(table.title.say(lang))));
        if table.rows.is_empty() {
            out.push_str(lang.say("无\n", "none\n"));
            continue;
        }
        let heads = std::iter::once(&table.of).chain(&table.columns);
        row(&mut out, heads.map(|head| head.say(lang).to_owned()));
        out.push_str(&format!("|---{}|\n", "|---".repeat(table.columns.len())));
        for (name, cells) in &table.rows {
            let name = std::iter::once(name.say(lang).to_owned());
            row(&mut out, name.chain(cells.iter().map(|cell| cell.say(lang))));
        }
    }
    out
}

/// For programs: table, row, column, value. Lengths of time are seconds, shares are given as `hits`, `of` and
/// `percent`.
pub fn csv(tables: &[Table]) -> String {
    let mut out = "table,row,column,value\r\n".to_owned();
    for table in tables {
        for (name, cells) in &table.rows {
            for (column, cell) in table.columns.iter().zip(cells) {
                for (part, value) in cell.plain() {
                    let column = match part {
                        "" => column.key.clone(),
                        part => format!("{}_{part}", column.key),
                    };
                    let fields = [&*table.title.key, &name.key, &column, &value];
                    out.push_str(&record(fields.into_iter()));
                }
            }
        }
    }
    out
}

/// One record of a CSV file (RFC 4180).
pub fn record<'f>(fields: impl Iterator<Item = &'f str>) -> String {
    let mut out = fields.map(field).collect::<Vec<_>>().join(",");
    out.push_str("\r\n");
    out
}

/// What a spreadsheet would take for a formula is made a text: these words are other people's.
fn field(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn row(out: &mut String, cells: impl Iterator<Item = String>) {
    for cell in cells {
        out.push_str(&format!("| {} ", line(&cell)));
    }
    out.push_str("|\n");
}

/// One line that cannot be taken for markup: these words are other people's.
fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>|#".contains(c) {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

impl Cell {
    /// As people read it.
    pub fn say(&self, lang: Lang) -> String {
        const NOTHING: &str = "–";
        match self {
            Self::Count(n) => n.to_string(),
            Self::Span(span) => span.map_or(NOTHING.to_owned(), |span| span.say(lang)),
            Self::Share(share) => match share.percent() {
                Some(percent) => format!("{percent:.1} % ({}/{})", share.hits, share.of),
                None => NOTHING.to_owned(),
            },
            Self::Percent(percent) => format!("{percent} %"),
            Self::Mean(mean) => mean.map_or(NOTHING.to_owned(), |mean| format!("{mean:.2}")),
            Self::Flag(None) => NOTHING.to_owned(),
            Self::Flag(Some(true)) => lang.say("是", "yes").to_owned(),
            Self::Flag(Some(false)) => lang.say("否", "no").to_owned(),
            Self::Said(said) => said.say(lang).to_owned(),
            Self::Text(text) if text.is_empty() => NOTHING.to_owned(),
            Self::Text(text) => text.clone(),
        }
    }

    fn plain(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Count(n) => vec![("", n.to_string())],
            Self::Span(span) => {
                vec![("s", span.map_or(String::new(), |s| (s.0.div_euclid(1000)).to_string()))]
            }
            Self::Share(share) => vec![
                ("hits", share.hits.to_string()),
                ("of", share.of.to_string()),
                ("percent", share.percent().map_or(String::new(), |p| format!("{p:.1}"))),
            ],
            Self::Percent(percent) => vec![("percent", percent.to_string())],
            Self::Mean(mean) => {
                vec![("", mean.map_or(String::new(), |mean| format!("{mean:.2}")))]
            }
            Self::Flag(flag) => vec![("", flag.map_or(String::new(), |flag| flag.to_string()))],
            Self::Said(said) => vec![("", said.key.clone())],
            Self::Text(text) => vec![("", text.clone())],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_people_s_words_are_neither_markup_nor_formulas_nor_further_fields() {
        let rows = vec![(Column::same("=1+1"), vec![Cell::Text("a|b\n\"c\", *d*".to_owned())])];
        let (title, of) = (Column::new("t", "表", "table"), Column::new("r", "行", "row"));
        let columns = vec![Column::new("note", "备注", "note")];
        let tables = [Table { title, of, columns, rows }];
        assert_eq!(
            markdown("x", &[], &tables, Lang::Zh),
            "# x\n\n## 表\n\n| 行 | 备注 |\n|---|---|\n| =1+1 | a\\|b \"c\", \\*d\\* |\n"
        );
        assert_eq!(
            csv(&tables),
            "table,row,column,value\r\nt,'=1+1,note,\"a|b\n\"\"c\"\", *d*\"\r\n"
        );
        assert_eq!((field("-3"), field("-x")), ("-3".to_owned(), "'-x".to_owned()));
    }
}
