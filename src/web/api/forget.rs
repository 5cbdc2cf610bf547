//! `DELETE homes/{id}`: what is kept of a home is deleted, and that is proven.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::routing::delete;
use axum::{Json, Router};

use crate::domain::{HomeId, PersonId};
use crate::registrar::{Forgotten, Leaving};
use crate::web::Web;
use crate::web::moves::Mistake;

use super::asked::Asked;
use super::spelling::{Named, Spoken};
use super::{Fault, named};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/homes/{id}", delete(forget))
}

/// Who deletes, and why.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) struct Why {
    /// Why it is deleted.
    #[param(inline)]
    reason: Spoken,
    /// Who says so, of the register.
    #[param(inline)]
    by: Named,
    /// Take the home out of the register first.
    and_remove: Option<bool>,
}

/// Deletes what is kept of a home, and says what that was; the record keeps its seals
#[utoipa::path(delete, path = "/api/v1/homes/{id}", tag = "homes",
    params(("id" = String, Path, description = "The home's name in the register, or as it was", example = "h1"), Why),
    responses(
    (status = 200, description = "What was deleted: `rows` of which table, `tombstones` in which record, \
        the last `seal` of the record of incidents, which is the same as before, and those of the `deeds` \
        before and after", content_type = "application/json", body = Object),
    (status = 400, description = "A parameter cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 403, description = "A page of another site sent it", body = Fault),
    (status = 404, description = "There is no such home, or nobody of that name", body = Fault),
    (status = 409, description = "An incident of it is open, or it is still in the register", body = Fault),
    (status = 422, description = "The register would not be right without it", body = Fault),
    (status = 503, description = "It could not be stored", body = Fault),
))]
pub(super) async fn forget(
    State(web): State<Arc<Web>>,
    id: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Json<Forgotten>, Fault> {
    let home: HomeId = named(id)?;
    let mut asked = Asked::read(&uri, &["reason", "by", "and_remove"])?;
    let (why, by) = (asked.text("reason"), asked.needs::<PersonId>("by"));
    let and_remove = match asked.given("and_remove") {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => {
            let why = format!("`and_remove` is true or false, not `{other}`");
            asked.mistakes.push(Mistake::new("and_remove", why));
            false
        }
    };
    let (Some(by), true) = (by, asked.mistakes.is_empty()) else { return Err(asked.fault()) };
    Ok(Json(web.site.registrar.forget(Leaving { home, by, why, and_remove }).await?))
}
