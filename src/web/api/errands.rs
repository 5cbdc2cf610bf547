//! `visits` and `requests`: whom somebody has to see, and what was asked for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::routing::get;
use axum::{Json, Router};

use crate::domain::{Name, PersonId};
use crate::report::{AskedFor, Worklist};
use crate::web::Web;

use super::Fault;
use super::reports::Asked;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/visits", get(visits)).route("/requests", get(requests))
}

/// Whom somebody has to see, the one on whom most hangs first: unreachable, found ill, overdue, called for, due, and
/// coming up within 14 days
#[utoipa::path(get, path = "/api/v1/visits", tag = "reports",
    params(("by" = Option<String>, Query, description = "Only what this person has to do"),
        ("grid" = Option<String>, Query, description = "Only homes of this grid")), responses(
    (status = 200, description = "`who` and `visits` of each", body = Vec<Object>),
    (status = 400, description = "A parameter cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn visits(
    State(web): State<Arc<Web>>,
    uri: Uri,
) -> Result<Json<Vec<Worklist>>, Fault> {
    let mut asked = Asked::read(&uri, &["by", "grid"])?;
    let (by, grid) = (asked.may::<PersonId>("by"), asked.may::<Name>("grid"));
    asked.done()?;
    let is_there = |grid: &Name, home: &crate::domain::Home| home.grid.as_ref() == Some(grid);
    let homes = web.homes();
    let homes = homes.iter().filter(|home| grid.as_ref().is_none_or(|grid| is_there(grid, home)));
    Ok(Json(web.worklists(homes.cloned().collect(), by.as_ref()).await?))
}

/// What was asked for and reported, open ones first: who has it, whether it is in time, how content people were
#[utoipa::path(get, path = "/api/v1/requests", tag = "reports",
    params(("open" = Option<bool>, Query, description = "Only what is open, or only what is not")), responses(
    (status = 200, description = "At most 200", body = Vec<Object>),
    (status = 400, description = "A parameter cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
))]
pub(super) async fn requests(
    State(web): State<Arc<Web>>,
    uri: Uri,
) -> Result<Json<Vec<AskedFor>>, Fault> {
    let mut asked = Asked::read(&uri, &["open"])?;
    let open = asked.may::<Flag>("open");
    asked.done()?;
    let homes = web.homes().to_vec();
    Ok(Json(web.asked_for(homes, open.map(|Flag(open)| open)).await?))
}

struct Flag(bool);

impl std::str::FromStr for Flag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_not_a_flag| format!("`{text}` is not true or false"))
    }
}
