//! `visits` and `requests`: whom somebody has to see, and what people asked for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::routing::get;
use axum::{Json, Router};

use crate::domain::{Group, Time};
use crate::report::{AskedFor, WantedVisit, Whose};
use crate::store::views::Filter;
use crate::web::moves::Mistake;
use crate::web::{Web, requests as asked_for, visits as wanted};

use super::Fault;
use super::asked::Asked;
use super::spelling::Named;

/// The most requests in one answer.
const MOST: u32 = 500;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/visits", get(visits)).route("/requests", get(requests))
}

/// Whose visits.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) struct WhichVisits {
    /// Only of homes that this responder comes to.
    #[param(inline)]
    by: Option<Named>,
    /// Only of homes in this grid, or in grids that lie in it.
    #[param(inline)]
    grid: Option<Named>,
}

/// The residents whom somebody should see, what hangs most on it first: unreachable, found wrong, overdue,
/// called for, due, and what is due within 14 days
#[utoipa::path(get, path = "/api/v1/visits", tag = "visits", params(WhichVisits), responses(
    (status = 200, description = "A list of visits: `standing` (unreachable, finding, overdue, called, due, \
        coming), `due_at`, `last` and `how` (met, remote), how often in a row nobody opened (`unanswered`), \
        `calls`, what is `wrong`, and the `incidents` that somebody ends by going there",
        content_type = "application/json", body = [Object]),
    (status = 400, description = "A parameter cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 503, description = "The hub did not answer in time", body = Fault),
))]
pub(super) async fn visits(
    State(web): State<Arc<Web>>,
    uri: Uri,
) -> Result<Json<Vec<WantedVisit>>, Fault> {
    let mut asked = Asked::read(&uri, &["by", "grid"])?;
    let whose = Whose { by: asked.may("by"), grid: asked.may("grid") };
    let (homes, grids) = (web.homes(), Arc::clone(&web.site.grids.borrow()));
    let wrong = whose.wrong(&homes, &grids);
    asked.mistakes.extend(wrong.into_iter().map(|(word, why)| Mistake::new(word, why)));
    if !asked.mistakes.is_empty() {
        return Err(asked.fault());
    }
    let here = homes.iter().filter(|home| whose.has(home, &grids));
    Ok(Json(wanted::read(&web, here.cloned().collect()).await?))
}

/// Which requests.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) struct WhichRequests {
    /// Only open ones, or only closed ones.
    open: Option<bool>,
    /// Only those that came before this instant, RFC 3339; for paging, 500 at a time.
    #[param(format = DateTime)]
    before: Option<String>,
}

/// What people asked for or reported: open first, who has it, whether it is in time, how content they were
#[utoipa::path(get, path = "/api/v1/requests", tag = "visits", params(WhichRequests), responses(
    (status = 200, description = "A list of requests: `id` of the incident, `from`, `code` and `text` as it came, \
        `stage`, `holder`, `light` (green, yellow, red: late), `due_at`, `outcome`, `score`",
        content_type = "application/json", body = [Object]),
    (status = 400, description = "A parameter cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn requests(
    State(web): State<Arc<Web>>,
    uri: Uri,
) -> Result<Json<Vec<AskedFor>>, Fault> {
    let mut asked = Asked::read(&uri, &["open", "before"])?;
    let (open, before) = (asked.flag("open"), asked.may::<Time>("before"));
    if !asked.mistakes.is_empty() {
        return Err(asked.fault());
    }
    let (group, most) = (Some(Group::Request), Some(MOST));
    let filter = Filter { open, group, before, most, ..Filter::default() };
    let read = asked_for::read(&web, filter).await?;
    Ok(Json(read.into_iter().map(|(_, asked)| asked).collect()))
}
