//! `reports/month` and `reports/shift`: what the record comes to, for programs and to read.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::domain::grid::Within;
use crate::domain::{Entry, Lang, Name, Time};
use crate::report::{Kpi, Month, Shift};
use crate::web::moves::Mistake;
use crate::web::{Web, told};

use super::Fault;
use super::asked::Asked;
use super::spelling::{LangWord, MonthOf, Named, TableWord};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/reports/month", get(month)).route("/reports/shift", get(shift))
}

/// Which month, and in which form.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) struct Which {
    /// `2026-11`
    #[param(inline)]
    month: MonthOf,
    /// Only of this grid and what lies in it.
    #[param(inline)]
    grid: Option<Named>,
    /// json, csv or markdown; json if left out.
    #[param(inline)]
    format: Option<TableWord>,
    /// zh or en, of markdown; zh if left out.
    #[param(inline)]
    lang: Option<LangWord>,
}

/// In which form a report is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
    Markdown,
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            "markdown" => Ok(Self::Markdown),
            _ => Err(format!("`{text}` is none of json, csv, markdown")),
        }
    }
}

/// The figures of a month, as of now
#[utoipa::path(get, path = "/api/v1/reports/month", tag = "reports", params(Which), responses(
    (status = 200, description = "The figures", content(
        (Object = "application/json"), (String = "text/csv"), (String = "text/markdown"))),
    (status = 400, description = "A parameter cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn month(State(web): State<Arc<Web>>, uri: Uri) -> Result<Response, Fault> {
    let mut asked = Asked::read(&uri, &["month", "grid", "format", "lang"])?;
    let month: Option<Month> = asked.needs("month");
    let grid: Option<Name> = asked.may("grid");
    let (format, lang) = form(&mut asked);
    let Some(month) = month.filter(|_| asked.mistakes.is_empty()) else {
        return Err(asked.fault());
    };
    let (from, to) = month.widest();
    let homes = web.homes();
    let of = homes.clone();
    let cases = web.read(move |reader| reader.cases(from, to, &of)).await?;
    let wall = web.site.clock.wall();
    let grids = web.grids();
    let within = grid.as_ref().map(|grid| Within { grid, grids: &grids });
    let kpi = Kpi::new(month, within, &cases, &homes, &web.site.targets, wall);
    Ok(send(format, &kpi, || kpi.csv(), || kpi.markdown(lang)))
}

/// Which shift, and in which form.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) struct WhichShift {
    /// From when, RFC 3339; eight hours before its end if left out.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Until when, RFC 3339; now if left out.
    #[param(format = DateTime)]
    to: Option<String>,
    /// json, csv or markdown; json if left out.
    #[param(inline)]
    format: Option<TableWord>,
    /// zh or en; zh if left out.
    #[param(inline)]
    lang: Option<LangWord>,
}

/// The hand-over of a shift: what is open, what happened, what is overdue or silenced, which devices are in trouble
#[utoipa::path(get, path = "/api/v1/reports/shift", tag = "reports", params(WhichShift), responses(
    (status = 200, description = "The hand-over", content(
        (Object = "application/json"), (String = "text/csv"), (String = "text/markdown"))),
    (status = 400, description = "A parameter cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn shift(State(web): State<Arc<Web>>, uri: Uri) -> Result<Response, Fault> {
    let mut asked = Asked::read(&uri, &["from", "to", "format", "lang"])?;
    let to = asked.may::<Time>("to").unwrap_or_else(|| web.site.clock.wall());
    let from = asked.may::<Time>("from").unwrap_or(to - Shift::USUAL);
    let (format, lang) = form(&mut asked);
    if to <= from {
        asked.mistakes.push(Mistake::new("from", "it is before `to`"));
    }
    if !asked.mistakes.is_empty() {
        return Err(asked.fault());
    }
    let homes = web.homes();
    let cases = web.read(move |reader| reader.cases(from, to, &homes)).await?;
    let looks = web.look_everywhere().await;
    let now = web.site.clock.now();
    let seen: Vec<_> =
        looks.iter().filter_map(|(_, look)| Some(look.as_ref()?.seen(now))).collect();
    let shift = Shift::new(&cases, &seen, true, from, to);
    let names = web.names();
    let say = |entry: &Entry| told::entry(entry, lang, &names);
    Ok(send(format, &shift, || shift.csv(say), || shift.markdown(lang, say)))
}

fn send<T: Serialize>(
    format: Format,
    report: &T,
    csv: impl Fn() -> String,
    markdown: impl Fn() -> String,
) -> Response {
    let text = |kind: &'static str, text| ([(header::CONTENT_TYPE, kind)], text).into_response();
    match format {
        Format::Json => Json(report).into_response(),
        Format::Csv => text("text/csv; charset=utf-8", csv()),
        Format::Markdown => text("text/markdown; charset=utf-8", markdown()),
    }
}

fn form(asked: &mut Asked) -> (Format, Lang) {
    (asked.may("format").unwrap_or(Format::Json), asked.may("lang").unwrap_or(Lang::Zh))
}
