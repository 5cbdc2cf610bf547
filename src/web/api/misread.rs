//! `GET /api/v1/misread`: what could not be understood of each device, counted by class, for the
//! technician (P10).

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::misread::Misreading;
use crate::store::views::Reader;
use crate::web::Web;

use super::Fault;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/misread", get(misread))
}

/// What could not be understood of one device, of one class
#[derive(Serialize, ToSchema)]
pub(super) struct MisreadView {
    home: String,
    device: String,
    /// `not-json`, `unknown-code`, `frame-checksum`, `over-budget`, …
    class: &'static str,
    /// What the class means, in a sentence.
    about: &'static str,
    /// How often.
    count: u64,
    #[schema(format = DateTime)]
    last_at: String,
}

/// What could not be understood of each device, by class
#[utoipa::path(get, path = "/api/v1/misread", tag = "homes", responses(
    (status = 200, description = "Counters, by home, device and class", body = Vec<MisreadView>),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn misread(State(web): State<Arc<Web>>) -> Result<Json<Vec<MisreadView>>, Fault> {
    let counters = web.read(Reader::misread_everywhere).await?;
    let view = |m: Misreading| MisreadView {
        home: m.home.to_string(),
        device: m.device.to_string(),
        class: m.class.name(),
        about: m.class.about(),
        count: m.count,
        last_at: m.last_at.to_string(),
    };
    Ok(Json(counters.into_iter().map(view).collect()))
}
