//! What pages that are read and printed share: the tables of a report, its downloads, and what they are made of.

use std::sync::Arc;

use askama::Template;
use axum::extract::Query;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};

use crate::domain::{PersonId, Time};
use crate::engine::Book;
use crate::report::{Case, Cell, Table};

use super::Web;
use super::ask::Trouble;
use super::card::Maker;
use super::lang::{Lang, Visitor};

/// What a spreadsheet must see first, or it reads Chinese as something else.
const BOM: &str = "\u{feff}";

/// Tables of a report on a page. On a phone each row is a block, with the heads beside the values.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% for table in tables %}<section><h2>{{ table.title }}</h2>
{% if table.rows.is_empty() %}<p class="hint">{{ lang.say("无", "none") }}</p>{% else %}<table class="figures"><thead><tr>{% for head in table.heads %}<th scope="col">{{ head }}</th>{% endfor %}</tr></thead>
<tbody>{% for (name, cells) in table.rows %}<tr><th scope="row">{{ name }}</th>{% for (head, cell) in cells %}<td data-head="{{ head }}">{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table>{% endif %}</section>
{% endfor %}"#
)]
pub(super) struct Tables {
    lang: Lang,
    tables: Vec<Drawn>,
}

struct Drawn {
    title: String,
    heads: Vec<String>,
    rows: Vec<(String, Vec<(String, String)>)>,
}

impl Tables {
    /// Instants on the clock of the homes, people and homes by the names that colleagues know.
    pub(super) fn new(web: &Web, maker: &Maker<'_>, book: Option<&Book>, tables: &[Table]) -> Self {
        let lang = maker.visitor.lang;
        let in_words = |column: &str, text: &str| in_words(web, maker, book, (column, text));
        let drawn = |table: &Table| {
            let heads: Vec<&str> = table.columns.iter().map(|c| c.say(lang)).collect();
            let row = |(name, cells): &(crate::report::Column, Vec<Cell>)| {
                let of_rules = ["by-rule", "requests"].contains(&&*table.title.key);
                let of = if of_rules { "rule" } else { &*table.of.key };
                let name = in_words(of, name.say(lang));
                let cells = table.columns.iter().zip(cells).map(|(column, cell)| {
                    let text = match cell {
                        Cell::Text(text) if !text.is_empty() => in_words(&column.key, text),
                        Cell::Text(_)
                        | Cell::Count(_)
                        | Cell::Span(_)
                        | Cell::Share(_)
                        | Cell::Percent(_)
                        | Cell::Mean(_)
                        | Cell::Flag(_)
                        | Cell::Said(_) => cell.say(lang),
                    };
                    (column.say(lang).to_owned(), text)
                });
                (name, cells.collect())
            };
            let all = std::iter::once(table.of.say(lang)).chain(heads);
            Drawn {
                title: table.title.say(lang).to_owned(),
                heads: all.map(str::to_owned).collect(),
                rows: table.rows.iter().map(row).collect(),
            }
        };
        Self { lang, tables: tables.iter().map(drawn).collect() }
    }
}

/// What a report says for programs, for people; by the column it stands in.
fn in_words(
    web: &Web,
    maker: &Maker<'_>,
    book: Option<&Book>,
    (column, text): (&str, &str),
) -> String {
    match column {
        "at" | "since" | "until" | "due" | "detected" | "from" | "to" | "called" | "report-by" => {
            let at = text.parse::<Time>();
            at.map_or(text.to_owned(), |at| maker.clock_in(at, &web.zone()))
        }
        "holder" | "by" | "who" | "person" | "department" => {
            let id = text.parse::<PersonId>();
            id.map_or(text.to_owned(), |id| maker.names.of(&id).to_owned())
        }
        "home" => {
            let home = text.parse().ok().and_then(|id| web.home(&id));
            home.map_or(text.to_owned(), |home| home.name.clone())
        }
        "rule" => {
            let rule = book.and_then(|book| book.rules.iter().find(|r| r.name.as_str() == text));
            let title = rule.map(|rule| maker.visitor.lang.say(&rule.title.zh, &rule.title.en));
            title.unwrap_or(text).to_owned()
        }
        "homes" => {
            let all = text.split(", ").map(|home| in_words(web, maker, book, ("home", home)));
            all.collect::<Vec<_>>().join(", ")
        }
        _ => text.to_owned(),
    }
}

/// In which form a report is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Markdown,
}

/// A report as a file of this name.
pub(super) fn download(form: Form, name: &str, text: &str) -> Response {
    let (kind, ending, first) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "csv", BOM),
        Form::Markdown => ("text/markdown; charset=utf-8", "md", ""),
    };
    let named = format!("attachment; filename=\"careloop-{name}.{ending}\"");
    let head = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, named)];
    (head, format!("{first}{text}")).into_response()
}

/// What an address asks for by this name.
pub(super) fn asked(uri: &Uri, name: &str) -> Option<String> {
    let query = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let found = query.into_iter().find(|(key, value)| key == name && !value.trim().is_empty());
    found.map(|(_, value)| value.trim().to_owned())
}

impl Web {
    /// What was found in the homes that somebody sees before `to`, and not closed before `from`.
    pub(super) async fn cases_of(
        &self,
        visitor: &Visitor,
        from: Time,
        to: Time,
    ) -> Result<Vec<Case>, Trouble> {
        let homes = self.homes();
        let mut cases = self.read(move |reader| reader.cases(from, to, &homes)).await?;
        cases.retain(|case| self.shows_home(visitor, &case.id.home));
        Ok(cases)
    }

    /// The rule book that is in force; `None`: nothing could be found out.
    pub(super) async fn book(&self) -> Option<Arc<Book>> {
        let home = self.homes().first().map(|home| home.id.clone())?;
        self.look(&home).await.ok().flatten().map(|look| look.book)
    }
}
