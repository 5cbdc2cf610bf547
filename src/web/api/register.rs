//! `register`: read as a whole, edited deed by deed, put in the place of the old one, or read anew.
//! An answer of success comes when it is on disk and in force.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Deed, Doing, Name, PersonId, Sentence};
use crate::inbox::Arrival;
use crate::registrar::{Change, Edit, Issued, Layout, Part, Refused, Rows, Settled, Tried};
use crate::web::Web;
use crate::web::door::PROGRAM;
use crate::web::moves::Mistake;

use super::edits::{NewEdits, PartWord};
use super::spelling::Named;
use super::{Fault, json, named, read_within};

pub(super) fn routes() -> Router<Arc<Web>> {
    let large = DefaultBodyLimit::max(REGISTER_MAX);
    Router::new()
        .route("/register", get(export).put(import).layer(large))
        .route("/register/edits", post(edit))
        .route("/register/reload", post(reload))
        .route("/register/trials", post(trial))
        .route("/register/{part}", post(merge).layer(large))
}

/// A community of some thousand homes, with their devices.
const REGISTER_MAX: usize = 8 * 1024 * 1024;

/// Whether it is only asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Try {
    #[serde(default)]
    dry_run: bool,
    /// Who says so.
    by: Option<String>,
}

/// The same of rows, and what their file is called: what is wrong in it is said with its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TryRows {
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    file: Option<String>,
    /// Who says so.
    by: Option<String>,
}

/// What became of a change
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SettledView {
    /// What is different now (with `dry_run`: would be): `+` new, `~` changed, `-` gone. Empty:
    /// nothing.
    #[schema(example = "+ device h1/kitchen-leak: profile zigbee2mqtt/tuya-TS0207, room kitchen")]
    changes: Vec<String>,
    /// What people should know besides.
    notes: Vec<String>,
    /// Passwords made on this occasion. They are shown here and never again.
    issued: Vec<IssuedView>,
}

/// What a device logs in with
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IssuedView {
    /// `home.device`
    user: String,
    password: String,
}

/// The register as it is written: TOML, with its comments; that it was read goes on record
#[utoipa::path(get, path = "/api/v1/register", tag = "register",
    params(("by" = Option<String>, Query, description = "Who reads it, as it goes on record")),
    responses(
    (status = 200, description = "`register.toml`", content_type = "application/toml", body = String),
    (status = 400, description = "The request cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 503, description = "It cannot be read, or that it was read could not be stored", body = Fault),
))]
pub(super) async fn export(
    State(web): State<Arc<Web>>,
    query: Result<Query<Try>, QueryRejection>,
) -> Result<Response, Fault> {
    let by = asked(query)?.by.filter(|by| !by.trim().is_empty());
    let by = by.unwrap_or_else(|| NOBODY.to_owned());
    let text = web.site.registrar.text().await?;
    // Names, numbers and addresses are in it.
    web.post(Arrival::Deed(Deed {
        deed: Doing::Revealed,
        of: "register".to_owned(),
        home: None,
        incident: None,
        by,
        why: "asked for".to_owned(),
    }))
    .await?;
    Ok(([(header::CONTENT_TYPE, "application/toml")], text).into_response())
}

/// Puts another register in the place of the old one, and in force; the same twice changes nothing
#[utoipa::path(put, path = "/api/v1/register", tag = "register",
    params(("dry_run" = Option<bool>, Query, description = "Only say what would be different"),
        ("by" = Option<String>, Query, description = "Who says so, as it goes on record")),
    request_body(content = String, content_type = "application/toml"),
    responses(
        (status = 200, description = "It is on disk and in force", body = SettledView),
        (status = 400, description = "The request cannot be understood", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 409, description = "It does not go with the running hub", body = Fault),
        (status = 413, description = "The body is larger than 8 MiB", body = Fault),
        (status = 422, description = "It is not right; every mistake with its line", body = Fault),
        (status = 503, description = "It could not be stored", body = Fault),
    ))]
pub(super) async fn import(
    State(web): State<Arc<Web>>,
    query: Result<Query<Try>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SettledView>, Fault> {
    let asked = asked(query)?;
    let text = String::from_utf8(read_within(REGISTER_MAX, body)?.to_vec()).map_err(|e| {
        let mistakes = vec![Mistake::new("body", e.to_string())];
        Fault::malformed("the body is not text", mistakes)
    })?;
    // Whatever sent nothing did not mean that nobody lives anywhere.
    if text.trim().is_empty() {
        let why = "the body is empty: a register is wanted";
        return Err(Fault::malformed(why, vec![Mistake::new("body", why)]));
    }
    settle(&web, Change::Import(text), asked).await
}

/// Merges rows of people or homes into the register by their ids: what a row leaves out or empty stays, nothing goes
#[utoipa::path(post, path = "/api/v1/register/{part}", tag = "register",
    params(("part" = inline(PartWord), Path, description = "people or homes"),
        ("dry_run" = Option<bool>, Query, description = "Only say what would be different"),
        ("file" = Option<String>, Query, description = "What the file is called, for what is wrong in it"),
        ("by" = Option<String>, Query, description = "Who says so, as it goes on record")),
    request_body(content((String = "text/csv"), ([Object] = "application/json"))),
    responses(
        (status = 200, description = "It is on disk and in force", body = SettledView),
        (status = 400, description = "The request cannot be understood", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 404, description = "There are no rows of this", body = Fault),
        (status = 409, description = "It does not go with the running hub", body = Fault),
        (status = 413, description = "The body is larger than 8 MiB", body = Fault),
        (status = 415, description = "The body is neither text/csv nor application/json", body = Fault),
        (status = 422, description = "It is not right; every mistake with line and column", body = Fault),
        (status = 503, description = "It could not be stored", body = Fault),
    ))]
pub(super) async fn merge(
    State(web): State<Arc<Web>>,
    part: Result<Path<String>, PathRejection>,
    query: Result<Query<TryRows>, QueryRejection>,
    head: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SettledView>, Fault> {
    let of: Part = named(part)?;
    let Query(TryRows { dry_run, file, by }) = query.map_err(|_rejection| {
        let why =
            "`dry_run` is true or false, `file` is a name, `by` says who, and there is nothing else to ask for";
        Fault::malformed(why, vec![Mistake::new("dry_run", why)])
    })?;
    let kind = head.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let layout = match kind.and_then(|kind| kind.split(';').next()).map(str::trim) {
        Some("text/csv") => Layout::Csv,
        Some("application/json") => Layout::Json,
        _ => {
            let why = "rows are text/csv or application/json: say which in content-type";
            return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why));
        }
    };
    let bytes = read_within(REGISTER_MAX, body)?.to_vec();
    let file = file.unwrap_or_else(|| "body".to_owned());
    settle(&web, Change::Rows(Rows { of, layout, file, bytes }), Try { dry_run, by }).await
}

/// Does one deed (an object) or several (a list): all of them or none
#[utoipa::path(post, path = "/api/v1/register/edits", tag = "register",
    params(("dry_run" = Option<bool>, Query, description = "Only say what would be different"),
        ("by" = Option<String>, Query, description = "Who says so, as it goes on record")),
    request_body(content = NewEdits, content_type = "application/json"),
    responses(
        (status = 200, description = "It is on disk and in force", body = SettledView),
        (status = 400, description = "The deed cannot be understood", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 404, description = "There is no such home, device or person", body = Fault),
        (status = 409, description = "It does not go with what is there", body = Fault),
        (status = 413, description = "The body is larger than 1 MiB", body = Fault),
        (status = 422, description = "The configuration would not be right; every mistake with its line", body = Fault),
        (status = 503, description = "It could not be stored", body = Fault),
    ))]
pub(super) async fn edit(
    State(web): State<Arc<Web>>,
    query: Result<Query<Try>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SettledView>, Fault> {
    let asked = asked(query)?;
    let body = json(body)?;
    let all = body.as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
    let read = |deed| serde_json::from_value::<Edit>(deed).map_err(|e| e.to_string());
    let edits: Result<Vec<Edit>, String> = all.into_iter().map(read).collect();
    let edits = edits.map_err(|why| {
        Fault::malformed("the deed cannot be understood", vec![Mistake::new("body", why)])
    })?;
    let gone: Vec<PersonId> = edits.iter().filter_map(Edit::departs).cloned().collect();
    let is_tried = asked.dry_run;
    let settled = settle(&web, Change::Edits(edits), asked).await?;
    for who in gone.iter().filter(|_| !is_tried) {
        web.shut_out(who, PROGRAM).await?;
    }
    Ok(settled)
}

/// Puts in force what the files say now: register, rules, plans, rooms, texts, and the profiles below `devices/`
#[utoipa::path(post, path = "/api/v1/register/reload", tag = "register",
    params(("dry_run" = Option<bool>, Query, description = "Only say what would be different"),
        ("by" = Option<String>, Query, description = "Who says so, as it goes on record")),
    responses(
        (status = 200, description = "They are in force", body = SettledView),
        (status = 400, description = "The request cannot be understood", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 409, description = "It does not go with the running hub", body = Fault),
        (status = 422, description = "They are not right, and the old ones stay in force", body = Fault),
        (status = 503, description = "It could not be stored", body = Fault),
    ))]
pub(super) async fn reload(
    State(web): State<Arc<Web>>,
    query: Result<Query<Try>, QueryRejection>,
) -> Result<Json<SettledView>, Fault> {
    settle(&web, Change::Reload, asked(query)?).await
}

/// Whom to send a trial message, and by what
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTrial {
    #[schema(value_type = Named)]
    who: PersonId,
    /// By the first way that nobody has tried, if left out.
    #[serde(default)]
    #[schema(value_type = Option<Named>)]
    channel: Option<Name>,
}

/// Sends somebody a code by one of their channels; who says it back, in an edit `verified`, has had it
#[utoipa::path(post, path = "/api/v1/register/trials", tag = "register",
    request_body(content = NewTrial, content_type = "application/json"),
    responses(
        (status = 200, description = "It went out: by which `channel`, and `how`", content_type = "application/json", body = Object),
        (status = 400, description = "The request cannot be understood", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 404, description = "There is nobody of that name, or no such contact", body = Fault),
        (status = 409, description = "A code was sent a moment ago", body = Fault),
        (status = 503, description = "It did not go out", body = Fault),
    ))]
pub(super) async fn trial(
    State(web): State<Arc<Web>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Tried>, Fault> {
    let NewTrial { who, channel } = serde_json::from_value(json(body)?).map_err(|e| {
        let mistakes = vec![Mistake::new("body", e.to_string())];
        Fault::malformed("the body cannot be understood", mistakes)
    })?;
    Ok(Json(web.site.registrar.try_out(who, channel).await?))
}

/// Who says so where nobody does.
const NOBODY: &str = "the API";

/// Whether it is only asked for, and by whom.
fn asked(query: Result<Query<Try>, QueryRejection>) -> Result<Try, Fault> {
    let Query(asked) = query.map_err(|_rejection| {
        let why = "`dry_run` is true or false, `by` says who, and there is nothing else to ask for";
        Fault::malformed(why, vec![Mistake::new("dry_run", why)])
    })?;
    Ok(asked)
}

async fn settle(web: &Web, change: Change, asked: Try) -> Result<Json<SettledView>, Fault> {
    let Try { dry_run, by } = asked;
    let registrar = web
        .site
        .registrar
        .used_by(by.as_deref().map(str::trim).filter(|by| !by.is_empty()).unwrap_or(NOBODY));
    let Settled { changes, notes, issued } = registrar.change(change, dry_run).await?;
    let view = |Issued { user, password }| IssuedView { user, password };
    // Of a password that was only tried out nothing is kept: it is not shown.
    let issued = if dry_run { Vec::new() } else { issued.into_iter().map(view).collect() };
    let told = |all: Vec<Sentence>| all.into_iter().map(String::from).collect();
    Ok(Json(SettledView { changes: told(changes), notes: told(notes), issued }))
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        let status = match &refused {
            Refused::Unknown(_) => StatusCode::NOT_FOUND,
            Refused::Conflict(_) => StatusCode::CONFLICT,
            Refused::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::NotStored(_) | Refused::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        let said = refused.to_string();
        let mut mistakes = Vec::new();
        if let Refused::Wrong(problems) = refused {
            for problem in problems {
                let place = format!("{}:{}:{}", problem.file, problem.line, problem.column);
                mistakes.push(Mistake::new(&place, problem.message));
            }
        }
        Self { mistakes, ..Self::new(status, said) }
    }
}
