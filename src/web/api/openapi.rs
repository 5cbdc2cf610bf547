//! `GET /api/v1/openapi.json`: the API described for programs. A test holds it against the routes.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::web::{Web, live, status};

use super::{
    Fault, deeds, errands, export, forget, homes, incidents, misread, moves, observations, passes,
    register, report, reports, said, strangers, waiting, walk,
};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/openapi.json", get(async || description()))
}

/// The whole description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "careloop",
        description = "What sensors saw goes in, incidents come out, and people's moves close them. \
            An answer of success means that it is on disk.",
    ),
    paths(
        observations::observe,
        incidents::list,
        incidents::one,
        moves::make,
        homes::homes,
        homes::home,
        homes::devices,
        homes::responders,
        forget::forget,
        export::incidents,
        deeds::put,
        deeds::address,
        said::say,
        report::report,
        reports::month,
        reports::shift,
        errands::visits,
        errands::requests,
        walk::look,
        walk::act,
        register::export,
        register::import,
        register::merge,
        register::edit,
        register::reload,
        register::trial,
        strangers::strangers,
        waiting::list,
        waiting::identify,
        waiting::begin,
        misread::misread,
        passes::invite,
        passes::shut_out,
        passes::tokens,
        passes::add,
        passes::end,
        description,
        live::live,
        status::healthz,
        status::readyz,
        status::metrics,
    ),
    components(schemas(Fault)),
    modifiers(&Bearer),
    security(("token" = [])),
)]
struct Description;

/// The token of the programs.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", scheme);
    }
}

/// This description
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "hub", responses(
    (status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = String),
    (status = 401, description = "A token is wanted", body = Fault),
))]
fn description() -> Response {
    let json = Description::openapi().to_json().unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}
