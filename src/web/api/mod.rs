//! `/api/v1`: what programs read and post. Errors are `{"error": a sentence, "where": […]}`, and bad
//! input is never our error (P10).

mod homes;
mod incidents;
mod misread;
mod moves;
mod observations;
mod openapi;
mod report;
mod register;
mod strangers;
mod waiting;
mod views;
mod walk;

use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Serialize;
use utoipa::ToSchema;

use super::ask::Trouble;
use super::moves::Mistake;
use super::{BODY_MAX, Web};

pub(super) fn routes() -> Router<Arc<Web>> {
    let v1 = Router::new()
        .merge(observations::routes())
        .merge(incidents::routes())
        .merge(moves::routes())
        .merge(homes::routes())
        .merge(report::routes())
        .merge(walk::routes())
        .merge(register::routes())
        .merge(strangers::routes())
        .merge(waiting::routes())
        .merge(misread::routes())
        .merge(openapi::routes());
    Router::new().nest("/api/v1", v1)
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
fn named<T: FromStr<Err = String>>(path: Result<Path<String>, PathRejection>) -> Result<T, Fault> {
    let Ok(Path(name)) = path else { return Err(Fault::not_found("the path is not text")) };
    name.parse().map_err(|why: String| Fault {
        mistakes: vec![Mistake::new("id", why.clone())],
        ..Fault::not_found(why)
    })
}

/// The body as it is.
fn read_body(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Fault> {
    body.map_err(|rejection| {
        let status = rejection.status();
        let why = if status == StatusCode::PAYLOAD_TOO_LARGE {
            format!("the body is larger than {BODY_MAX} bytes")
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
