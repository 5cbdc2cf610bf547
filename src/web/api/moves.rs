//! `POST /api/v1/incidents/{id}/moves`: what people do, by way of programs.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use utoipa::ToSchema;

use crate::domain::{IncidentId, Refusal};
use crate::web::Web;
use crate::web::ask::Moved;
use crate::web::moves::{Mistake, read_move, tap_of, words_of};

use super::incidents::story;
use super::views::StoryView;
use super::{Fault, json, named, words};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/incidents/{id}/moves", post(make))
}

/// A person's move
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
pub(super) struct NewMove {
    /// accept, en-route, on-scene, resolve, verify, rework, hand-over, return, note, assign, ask, grant, deny,
    /// merge, reopen, whistle, report-in, finish, supervise, called, check, review
    #[schema(example = "accept")]
    r#move: String,
    /// Who: a responder of the home.
    #[schema(example = "wang")]
    by: String,
    /// A name of its own for this tap, so that it counts once, however often it is sent: 8 to 64 letters,
    /// digits and `-`.
    #[schema(example = "5f0c2a9e-1")]
    tap: Option<String>,
    /// Of `resolve`: safe, assisted, hospital, died, repaired, no-access, refused, false-alarm, test
    outcome: Option<String>,
    /// Of `resolve` and `finish`, in the person's own words.
    note: Option<String>,
    /// Of `hand-over` and `assign`: another responder of the home.
    to: Option<String>,
    /// Of `return`, `rework`, `ask`, `deny`, `reopen`, `whistle`, `supervise`.
    why: Option<String>,
    /// Of `note` and `review`.
    text: Option<String>,
    /// Of `ask`: extend, park, void.
    wish: Option<String>,
    /// Of `ask`, to extend or to park: `4h`, `7d`.
    lasts: Option<String>,
    /// Of `merge`: the number of another incident of the home.
    into: Option<String>,
    /// Of `whistle`: the department that leads.
    lead: Option<String>,
    /// Of `whistle`: those that assist, with commas between them.
    with: Option<String>,
    /// Of `called`: 120, 119, 110.
    number: Option<String>,
    /// Of `called`: what was said.
    said: Option<String>,
    /// Of `check`: an item of the incident's checklist.
    item: Option<String>,
    /// Of `check`: fine, wrong, unseen.
    found: Option<String>,
    /// Of `review`: from 1, not at all content, to 5.
    score: Option<String>,
}

/// Moves an incident on; the answer comes when it is on disk
#[utoipa::path(post, path = "/api/v1/incidents/{id}/moves", tag = "incidents",
    params(("id" = String, Path, description = "`h1-7`")),
    request_body(content = NewMove, content_type = "application/json"),
    responses(
        (status = 200, description = "It is on disk, or was so already; the incident as it stands", body = StoryView),
        (status = 400, description = "The move cannot be understood", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 404, description = "There is no such incident", body = Fault),
        (status = 409, description = "The move was not made; the sentence says why", body = Fault),
        (status = 413, description = "The body is larger than 1 MiB", body = Fault),
        (status = 503, description = "It could not be stored", body = Fault),
    ))]
pub(super) async fn make(
    State(web): State<Arc<Web>>,
    id: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<StoryView>, Fault> {
    let id: IncidentId = named(id)?;
    let malformed = |mistakes| Fault::malformed("the move cannot be understood", mistakes);
    let known = |name: &str| words_of(name).map(Iterator::collect);
    let words = words(json(body)?, "move", known).map_err(malformed)?;
    let (by, act) = read_move(&words).map_err(malformed)?;
    let tap = tap_of(&words);
    if tap.is_none() && words.contains_key("tap") {
        let why = "a tap is named by 8 to 64 letters, digits and `-`";
        return Err(malformed(vec![Mistake::new("tap", why)]));
    }
    match web.make_move(&id, by, act, tap).await? {
        Moved::Done => story(&web, id).await.map(Json),
        Moved::Unknown(why) => Err(Fault::not_found(why)),
        Moved::Refused(why @ Refusal::NoIncident { .. }) => Err(Fault::not_found(why.to_string())),
        Moved::Refused(why) => Err(Fault::new(StatusCode::CONFLICT, why.to_string())),
    }
}
