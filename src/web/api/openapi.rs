//! `GET /api/v1/openapi.json`: the API described for programs. A test holds it against the routes.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, Response as Answered};
use utoipa::{Modify, OpenApi};

use crate::web::layout::is_api;
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
    modifiers(&Bearer, &Door, &Ids),
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

/// What every route answers besides, whatever is asked of it: by the door (see `web/guard.rs`), and when the hub
/// cannot. What a route says of it itself stands.
struct Door;

const BESIDES: [(&str, &str); 5] = [
    ("401", "A token is wanted"),
    ("403", "The token is not for this, or a page of another site sent it"),
    ("421", "Without a token it is open on loopback only, by its own names"),
    ("500", "The store cannot be read"),
    ("503", "The hub is stopping, or did not answer in time"),
];

impl Modify for Door {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let fault = || Content::new(Some(Ref::from_schema_name("Fault")));
        for (path, item) in &mut openapi.paths.paths {
            for responses in operations(item).filter(|_| is_api(path)).map(|o| &mut o.responses) {
                for (status, why) in BESIDES {
                    let answer = Answered::builder().description(why);
                    let answer = answer.content("application/json", fault()).build();
                    responses.responses.entry(status.to_owned()).or_insert(answer.into());
                }
            }
        }
    }
}

/// Every operation has a name of its own: what it is called in the code, and where.
struct Ids;

impl Modify for Ids {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut openapi.paths.paths {
            let place = path.trim_start_matches("/api/v1").trim_start_matches('/');
            let place: String = place
                .chars()
                .filter(|c| !"{}".contains(*c))
                .map(|c| if c == '/' { '-' } else { c })
                .collect();
            for operation in operations(item) {
                let named = operation.operation_id.take().unwrap_or_default();
                operation.operation_id = Some(format!("{named}-{place}"));
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, .. } = item;
    [get, put, post, delete].into_iter().flatten()
}

/// This description
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "hub", responses(
    (status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object),
    (status = 401, description = "A token is wanted", body = Fault),
))]
fn description() -> Response {
    let json = Description::openapi().to_json().unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}
