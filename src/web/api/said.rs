//! `POST /api/v1/homes/{home}/said`: what people say of a home, by way of programs.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use utoipa::ToSchema;

use crate::domain::HomeId;
use crate::web::Web;
use crate::web::ask::Moved;
use crate::web::said::{read_said, sayings, words_of};

use super::homes::known;
use super::spelling::{Lasting, Named, OriginWord, each, spelling};
use super::views::KnownHomeView;
use super::{Fault, json, named, words};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/homes/{home}/said", post(say))
}

/// The words of what is said of a home
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read field by field, so that every mistake is reported")]
struct SayingWords {
    /// Who: a responder of the home; of `report`, anybody.
    by: Named,
    /// Of `away`, at most 60 days, and of `silence`, at most 14: `30m`, `8h`, `3d`.
    r#for: Lasting,
    /// Of `silence` and `speak`: a rule of level info or normal. Of `report`: one of kind *reported*, such
    /// as `request-repair`.
    rule: Named,
    /// Of `silence`; of `visit`, a word that a rule of kind *visit* knows, such as `heat-wave`.
    why: Named,
    /// Of `report`.
    from: OriginWord,
    /// Of `report`, in their own words.
    #[schema(max_length = 2000)]
    text: String,
    /// Of `report`: what it is called where it comes from; the same one, come twice, is one.
    #[schema(max_length = 2000)]
    code: String,
}

spelling! {
    /// What somebody says of a home: away, nobody is at home; back, somebody is; silence, a rule finds nothing for a while;
    /// speak, it does again; report, a request, or what somebody saw; visit, somebody should go out of turn
    NewSaying with SayingWords = each::<SayingWords>("say", sayings(), |_| true);
}

/// Says that nobody is at home, or that a rule is to be quiet; the answer comes when it is on disk
#[utoipa::path(post, path = "/api/v1/homes/{home}/said", tag = "homes",
    params(("home" = String, Path, description = "The home's name in the register", example = "h1")),
    request_body(content = NewSaying, content_type = "application/json"),
    responses(
        (status = 200, description = "It is on disk; the home as it stands", body = KnownHomeView),
        (status = 400, description = "It cannot be understood", body = Fault),
        (status = 401, description = "A token is wanted", body = Fault),
        (status = 403, description = "A page of another site sent it", body = Fault),
        (status = 404, description = "There is no such home", body = Fault),
        (status = 409, description = "It was refused; the sentence says why", body = Fault),
        (status = 413, description = "The body is larger than 1 MiB", body = Fault),
        (status = 503, description = "It could not be stored", body = Fault),
    ))]
pub(super) async fn say(
    State(web): State<Arc<Web>>,
    home: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<KnownHomeView>, Fault> {
    let home: HomeId = named(home)?;
    let malformed = |mistakes| Fault::malformed("what is said cannot be understood", mistakes);
    let words = words(json(body)?, "say", words_of).map_err(malformed)?;
    let (by, what) = read_said(&words).map_err(malformed)?;
    match web.say(home.clone(), by, what).await? {
        Moved::Done => known(&web, home).await.map(Json),
        Moved::Unknown(why) => Err(Fault::not_found(why)),
        Moved::Refused(why) => Err(Fault::new(StatusCode::CONFLICT, why.to_string())),
    }
}
