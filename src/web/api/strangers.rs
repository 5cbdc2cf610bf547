//! `GET /api/v1/strangers`: messages from nobody we know, and messages that could not be
//! understood, for the technician (P10).

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::strange::Stranger;
use crate::web::Web;

use super::Fault;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/strangers", get(strangers))
}

/// One origin of such messages
#[derive(Serialize, ToSchema)]
pub(super) struct StrangerView {
    /// Topic or port.
    origin: String,
    /// `home/device`, if it is a device of the register that was not understood.
    device: Option<String>,
    /// How many came.
    count: u64,
    #[schema(format = DateTime)]
    first_at: String,
    #[schema(format = DateTime)]
    last_at: String,
    /// The last few, newest last.
    samples: Vec<SampleView>,
}

/// One message
#[derive(Serialize, ToSchema)]
pub(super) struct SampleView {
    /// As text if it is text, else as hex; cut off where it is long.
    payload: String,
    /// What was wrong where.
    why: Vec<String>,
}

/// Messages that nobody understood, the latest first
#[utoipa::path(get, path = "/api/v1/strangers", tag = "homes", responses(
    (status = 200, description = "Their origins", body = Vec<StrangerView>),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn strangers(
    State(web): State<Arc<Web>>,
) -> Result<Json<Vec<StrangerView>>, Fault> {
    let strangers = web.read(crate::store::views::Reader::strangers).await?;
    let view = |s: Stranger| StrangerView {
        origin: s.origin,
        device: s.device,
        count: s.count,
        first_at: s.first_at.to_string(),
        last_at: s.last_at.to_string(),
        samples: s
            .samples
            .into_iter()
            .map(|sample| SampleView { payload: sample.payload, why: sample.why })
            .collect(),
    };
    Ok(Json(strangers.into_iter().map(view).collect()))
}
