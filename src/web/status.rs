//! For watchdogs and meters: is it alive, is it ready, what has it counted.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Web;

/// As Prometheus wants it from this encoder.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/healthz", get(async |State(web): State<Arc<Web>>| healthz(&web)))
        .route("/readyz", get(async |State(web): State<Arc<Web>>| readyz(&web)))
        .route("/metrics", get(async |State(web): State<Arc<Web>>| metrics(&web)))
}

/// Whether nothing hangs
#[utoipa::path(get, path = "/healthz", tag = "hub", security(()), responses(
    (status = 200, description = "Nothing hangs", body = String),
    (status = 503, description = "Names who hangs", body = String),
))]
pub(super) fn healthz(web: &Web) -> Response {
    match web.site.health.hangs() {
        None => "ok\n".into_response(),
        Some(who) => (StatusCode::SERVICE_UNAVAILABLE, format!("{who} hangs\n")).into_response(),
    }
}

/// Whether everything listens and nothing hangs
#[utoipa::path(get, path = "/readyz", tag = "hub", security(()), responses(
    (status = 200, description = "Ready", body = String),
    (status = 503, description = "Not ready", body = String),
))]
pub(super) fn readyz(web: &Web) -> Response {
    if web.site.health.is_ready() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
}

/// What the hub counts of itself, in the text format of OpenMetrics
#[utoipa::path(get, path = "/metrics", tag = "hub", responses(
    (status = 200, description = "The figures", body = String),
    (status = 401, description = "A token is wanted", body = String),
))]
pub(super) fn metrics(web: &Web) -> Response {
    ([(header::CONTENT_TYPE, METRICS)], web.site.metrics.text()).into_response()
}
