//! `homes/{id}/report`: the commissioning report, for programs and to read.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use crate::domain::{Deed, Doing, HomeId};
use crate::inbox::Arrival;
use crate::web::Web;

use super::asked::Asked;
use super::spelling::ReportWord;
use super::{Fault, named};

/// What a page to read is sent as.
const MARKDOWN: &str = "text/markdown";

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/homes/{id}/report", get(report))
}

/// The commissioning report of a home: what is mounted and tried out, and what is missing
#[utoipa::path(get, path = "/api/v1/homes/{id}/report", tag = "homes",
    params(("id" = String, Path, description = "The home's name in the register", example = "h1"),
        ("format" = inline(Option<ReportWord>), Query, description = "json or markdown; else by `Accept`")),
    responses(
    (status = 200, description = "The report", content(
        (Object = "application/json"), (String = "text/markdown"))),
    (status = 400, description = "There is no such format", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 404, description = "There is no such home", body = Fault),
    (status = 503, description = "The hub did not answer in time", body = Fault),
))]
pub(super) async fn report(
    State(web): State<Arc<Web>>,
    id: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let id: HomeId = named(id)?;
    let asked = Asked::read(&uri, &["format"])?;
    if !asked.mistakes.is_empty() {
        return Err(asked.fault());
    }
    let is_markdown = match asked.given("format") {
        Some("markdown") => true,
        Some("json") => false,
        Some(other) => {
            let why = format!("`format` is json or markdown, not `{other}`");
            return Err(Fault::malformed(why, Vec::new()));
        }
        None => {
            let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
            accept.is_some_and(|accept| accept.contains(MARKDOWN))
        }
    };
    let Some(look) = web.look(&id).await? else {
        return Err(Fault::not_found(format!("there is no home `{id}`")));
    };
    // The address is in it.
    web.post(Arrival::Deed(Deed {
        deed: Doing::Revealed,
        of: "commissioning report".to_owned(),
        home: Some(id.clone()),
        incident: None,
        by: "api".to_owned(),
        why: "asked for".to_owned(),
    }))
    .await?;
    let report = web.commissioning(&look).await?;
    if is_markdown {
        let kind = format!("{MARKDOWN}; charset=utf-8");
        return Ok(([(header::CONTENT_TYPE, kind)], report.markdown()).into_response());
    }
    Ok(Json(report).into_response())
}
