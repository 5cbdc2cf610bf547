//! `/api/v1`: what programs read and post. Errors are `{"error": a sentence, "where": […]}`, and bad
//! input is never our error (P10).

mod asked;
mod deeds;
mod edits;
mod errands;
mod export;
mod forget;
mod homes;
mod incidents;
mod misread;
mod moves;
mod observations;
mod passes;
mod openapi;
mod report;
mod reports;
mod register;
mod resident;
mod said;
mod spelling;
mod strangers;
mod waiting;
mod views;
mod walk;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::Value as Any;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::ToSchema;

use crate::domain::Sentence;

use super::ask::Trouble;
use super::moves::Mistake;
use super::{BODY_MAX, Web};

pub(super) fn routes() -> Router<Arc<Web>> {
    let v1 = Router::new()
        .merge(observations::routes())
        .merge(incidents::routes())
        .merge(moves::routes())
        .merge(homes::routes())
        .merge(said::routes())
        .merge(deeds::routes())
        .merge(forget::routes())
        .merge(export::routes())
        .merge(report::routes())
        .merge(reports::routes())
        .merge(errands::routes())
        .merge(walk::routes())
        .merge(register::routes())
        .merge(strangers::routes())
        .merge(waiting::routes())
        .merge(misread::routes())
        .merge(passes::routes())
        .merge(openapi::routes());
    Router::new().nest("/api/v1", v1).layer(CatchPanicLayer::custom(panicked))
}

/// For what should not happen: programs are told so in their own form.
fn panicked(_what: Box<dyn std::any::Any + Send>) -> Response {
    Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong in the hub").into_response()
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    #[serde(skip)]
    #[schema(ignore)]
    status: StatusCode,
    /// A sentence.
    error: String,
    /// Every mistake, where there is a place to name.
    #[serde(rename = "where", skip_serializing_if = "Vec::is_empty")]
    mistakes: Vec<Mistake>,
}

impl Fault {
    /// One that has no place in the input.
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), mistakes: Vec::new() }
    }

    fn not_found(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    /// Input that cannot be understood, and every mistake in it.
    fn malformed(error: impl Into<String>, mistakes: Vec<Mistake>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: error.into(), mistakes }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        let status = match &trouble {
            Trouble::Store(error) => {
                tracing::error!(%error, "the store could not be read for the API");
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Trouble::Stopping | Trouble::NotStored | Trouble::Late => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        Self::new(status, trouble.to_string())
    }
}

/// The name in a path; one that cannot be a name names nothing.
fn named<T>(path: Result<Path<String>, PathRejection>) -> Result<T, Fault>
where
    T: FromStr<Err: Into<Sentence>>,
{
    let Ok(Path(name)) = path else { return Err(Fault::not_found("the path is not text")) };
    name.parse().map_err(|why: T::Err| {
        let why: Sentence = why.into();
        let said = why.to_string();
        Fault { mistakes: vec![Mistake::new("id", why)], ..Fault::not_found(said) }
    })
}

/// The body as it is.
fn read_body(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Fault> {
    read_within(BODY_MAX, body)
}

/// The body of a route that takes at most so many bytes.
fn read_within(max: usize, body: Result<Bytes, BytesRejection>) -> Result<Bytes, Fault> {
    body.map_err(|rejection| {
        let status = rejection.status();
        let why = if status == StatusCode::PAYLOAD_TOO_LARGE {
            format!("the body is larger than {max} bytes")
        } else {
            "the body could not be read".to_owned()
        };
        Fault { mistakes: vec![Mistake::new("body", why.clone())], ..Fault::new(status, why) }
    })
}

/// The body as JSON.
fn json(body: Result<Bytes, BytesRejection>) -> Result<serde_json::Value, Fault> {
    let bytes = read_body(body)?;
    serde_json::from_slice(&bytes).map_err(|e| {
        Fault::malformed("the body is not JSON", vec![Mistake::new("body", e.to_string())])
    })
}

/// The words of a body in which `named` says what it is. Those that `known` does not list for it are
/// mistakes.
fn words(
    body: Any,
    named: &str,
    known: impl Fn(&str) -> Option<Vec<&'static str>>,
) -> Result<BTreeMap<String, String>, Vec<Mistake>> {
    let Any::Object(object) = body else {
        let why = format!("it is an object with `{named}` and `by`");
        return Err(vec![Mistake::new("body", why)]);
    };
    let name = object.get(named).and_then(Any::as_str).unwrap_or_default();
    let known = known(name);
    let (mut words, mut mistakes) = (BTreeMap::new(), Vec::new());
    for (key, value) in &object {
        if let Some(known) = known.as_ref().filter(|known| !known.contains(&key.as_str())) {
            let why = format!("`{name}` takes no `{key}`: only {}", known.join(", "));
            mistakes.push(Mistake::new(key, why));
        }
        match value {
            Any::String(text) => drop(words.insert(key.clone(), text.clone())),
            Any::Null => {}
            Any::Bool(_) | Any::Number(_) | Any::Array(_) | Any::Object(_) => {
                mistakes.push(Mistake::new(key, format!("`{key}` is a text")));
            }
        }
    }
    if mistakes.is_empty() { Ok(words) } else { Err(mistakes) }
}
