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
use crate::web::moves::{Mistake, moves, read_move, tap_of, words_of};

use super::incidents::story;
use super::spelling::{FoundWord, Lasting, Named, OutcomeWord, each, spelling};
use super::views::StoryView;
use super::{Fault, json, named, words};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/incidents/{id}/moves", post(make))
}

/// The words of a person's moves
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
struct MoveWords {
    /// Who: a responder of the home.
    by: Named,
    /// A name of its own for this tap, so that it counts once, however often it is sent.
    #[schema(example = "5f0c2a9e-1", pattern = "^[A-Za-z0-9-]{8,64}$")]
    tap: String,
    /// How it ended.
    outcome: OutcomeWord,
    /// In the person's own words.
    #[schema(max_length = 2000)]
    note: String,
    /// Another responder of the home.
    to: Named,
    /// In the person's own words.
    #[schema(pattern = r"\S", max_length = 2000)]
    why: String,
    /// In the person's own words.
    #[schema(pattern = r"\S", max_length = 2000)]
    text: String,
    /// extend, park
    #[schema(pattern = "^(extend|park)$")]
    wish: String,
    /// void
    #[schema(rename = "wish:void", pattern = "^void$")]
    void: String,
    /// To extend or to park for so long: `4h`, `7d`.
    lasts: Lasting,
    /// The number of another incident of the home.
    #[schema(pattern = "^[0-9]{1,9}$")]
    into: String,
    /// The department that leads.
    lead: Named,
    /// Those that assist, with commas between them.
    with: String,
    /// 120, 119, 110
    #[schema(pattern = "^[0-9]{2,15}$")]
    number: String,
    /// What was said.
    #[schema(pattern = r"\S", max_length = 2000)]
    said: String,
    /// An item of the incident's checklist.
    item: Named,
    /// fine, wrong, unseen
    found: FoundWord,
    /// From 1, not at all content, to 5.
    #[schema(pattern = "^[1-5]$")]
    score: String,
}

/// The moves. To have an incident struck out is asked for without a time.
fn kinds() -> impl Iterator<Item = (&'static str, Vec<&'static str>, Vec<&'static str>)> {
    let void = ("ask", vec!["by", "wish:void", "why"], vec!["tap", "lasts"]);
    let timed = |(name, mut must, may): (&'static str, Vec<&'static str>, Vec<&'static str>)| {
        if name == "ask" {
            must.push("lasts");
        }
        let may = may.into_iter().filter(|word| !must.contains(word)).collect();
        (name, must, may)
    };
    moves().map(timed).chain([void])
}

spelling! {
    /// A person's move
    NewMove with MoveWords = each::<MoveWords>("move", kinds(), |_| true);
}

/// Moves an incident on; the answer comes when it is on disk
#[utoipa::path(post, path = "/api/v1/incidents/{id}/moves", tag = "incidents",
    params(("id" = String, Path, description = "The incident", example = "h1-1")),
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
