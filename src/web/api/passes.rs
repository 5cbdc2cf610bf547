//! `people/{id}/invitation`, `people/{id}/passes` and `tokens`: who gets in, by way of programs that may do all.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{May, Name, Pass, PassKind, PersonId, Sentence, Span, Time};
use crate::web::door::{FOR_EVER, PROGRAM};
use crate::web::moves::Mistake;
use crate::web::{People, Web};

use super::deeds::Stored;
use super::spelling::{Lasting, MayWord, Named};
use super::views::time;
use super::{Fault, named, read_body};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/people/{id}/invitation", post(invite))
        .route("/people/{id}/passes", delete(shut_out))
        .route("/tokens", get(tokens).post(add))
        .route("/tokens/{name}", delete(end))
}

/// How somebody gets in
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationView {
    /// Opens once, for whoever has it.
    link: String,
    #[schema(format = DateTime)]
    until: String,
}

/// A program that may do something
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    name: String,
    /// observe, read, all
    may: &'static str,
    #[schema(format = DateTime)]
    since: String,
    /// Left out where it has no end.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// What it shows, told this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// A program to be let in
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// Which: another token of this name ends.
    #[schema(value_type = Named)]
    name: String,
    /// observe: say what sensors saw; read: see what there is; all: also change it
    #[schema(value_type = MayWord)]
    may: String,
    /// How long: `365d`. For ever, if it is left out.
    #[schema(value_type = Option<Lasting>)]
    r#for: Option<String>,
}

/// Invites somebody: the link opens once, within seven days; earlier ones open no more
#[utoipa::path(post, path = "/api/v1/people/{id}/invitation", tag = "people",
    params(("id" = String, Path, description = "The person's name in the register", example = "wang")), responses(
    (status = 200, description = "It is on disk", body = InvitationView),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 403, description = "The token is not for this", body = Fault),
    (status = 404, description = "There is no such person", body = Fault),
    (status = 409, description = "Here people do not log in", body = Fault),
    (status = 503, description = "It could not be stored", body = Fault),
))]
pub(super) async fn invite(
    State(web): State<Arc<Web>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<InvitationView>, Fault> {
    let who = person(&web, id)?;
    let invited = web.invite(&who, PROGRAM).await?;
    let until = time(invited.until);
    Ok(Json(InvitationView { link: invited.link, until }))
}

/// Shuts somebody out: phones, password and invitation open nothing any more
#[utoipa::path(delete, path = "/api/v1/people/{id}/passes", tag = "people",
    params(("id" = String, Path, description = "The person's name in the register", example = "wang")), responses(
    (status = 200, description = "It is on disk", body = Stored),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 403, description = "The token is not for this", body = Fault),
    (status = 404, description = "That can be nobody's name", body = Fault),
    (status = 503, description = "It could not be stored", body = Fault),
))]
pub(super) async fn shut_out(
    State(web): State<Arc<Web>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Stored>, Fault> {
    // Whoever left the register can be shut out, too.
    web.shut_out(&named(id)?, PROGRAM).await?;
    Ok(Json(Stored { stored: true }))
}

/// The programs that have a token
#[utoipa::path(get, path = "/api/v1/tokens", tag = "people", responses(
    (status = 200, description = "All that are good", body = [TokenView]),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 403, description = "The token is not for this", body = Fault),
    (status = 500, description = "The store cannot be read", body = Fault),
))]
pub(super) async fn tokens(State(web): State<Arc<Web>>) -> Result<Json<Vec<TokenView>>, Fault> {
    let now = web.site.clock.now();
    let passes = web.read(move |reader| reader.passes(now)).await?;
    let programs = passes.iter().filter(|pass| pass.kind == PassKind::Program);
    Ok(Json(programs.map(|pass| web.token(pass, None)).collect()))
}

/// Gives a program a token; the answer is the only one that tells it
#[utoipa::path(post, path = "/api/v1/tokens", tag = "people",
    request_body(content = NewToken, content_type = "application/json"), responses(
    (status = 200, description = "It is on disk", body = TokenView),
    (status = 400, description = "It cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 403, description = "The token is not for this, or a page of another site sent it", body = Fault),
    (status = 413, description = "The body is larger than 1 MiB", body = Fault),
    (status = 503, description = "It could not be stored", body = Fault),
))]
pub(super) async fn add(
    State(web): State<Arc<Web>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<TokenView>, Fault> {
    let new: NewToken = serde_json::from_slice(&read_body(body)?).map_err(|e| {
        Fault::malformed(
            "the token cannot be understood",
            vec![Mistake::new("body", e.to_string())],
        )
    })?;
    let wrong = |field: &str, why: Sentence| {
        Fault::malformed("the token cannot be understood", vec![Mistake::new(field, why)])
    };
    let name: Name = new.name.parse().map_err(|why| wrong("name", why))?;
    let may: May = new.may.parse().map_err(|why| wrong("may", why))?;
    let lasts = new.r#for.map(|lasts| lasts.parse::<Span>()).transpose();
    let lasts = lasts.map_err(|why| wrong("for", why))?;
    let (pass, token) = web.give_token(&name, may, lasts, PROGRAM).await?;
    Ok(Json(web.token(&pass, Some(token))))
}

/// Ends the token of a program
#[utoipa::path(delete, path = "/api/v1/tokens/{name}", tag = "people",
    params(("name" = String, Path, description = "The program's")), responses(
    (status = 200, description = "It is on disk: the token opens nothing any more", body = Stored),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 403, description = "The token is not for this", body = Fault),
    (status = 404, description = "There is no such token", body = Fault),
    (status = 503, description = "It could not be stored", body = Fault),
))]
pub(super) async fn end(
    State(web): State<Arc<Web>>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Stored>, Fault> {
    let name: Name = named(name)?;
    match web.end_token(&name, PROGRAM).await? {
        true => Ok(Json(Stored { stored: true })),
        false => Err(Fault::not_found(format!("no program `{name}` has a token"))),
    }
}

fn person(web: &Web, id: Result<Path<String>, PathRejection>) -> Result<PersonId, Fault> {
    let who: PersonId = named(id)?;
    if web.role(&who).is_none() {
        return Err(Fault::not_found(format!("`{who}` is nobody who comes to a home")));
    }
    if web.site.people == People::Choose {
        let why = "gateway.toml says `people = \"choose\"`: nobody logs in here";
        return Err(Fault::new(StatusCode::CONFLICT, why));
    }
    Ok(who)
}

impl Web {
    fn token(&self, pass: &Pass, token: Option<String>) -> TokenView {
        let may = pass.about.parse::<May>().map_or("", May::name);
        let moment = |at: Time| time(at + self.site.clock.offset());
        let until = (pass.until < pass.made + FOR_EVER).then(|| moment(pass.until));
        TokenView { name: pass.who.clone(), may, since: moment(pass.made), until, token }
    }
}
