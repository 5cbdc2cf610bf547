//! `POST deeds`: somebody is about to take something out by the command line; it goes on record first.
//! `POST homes/{id}/address`: where a home is and how to get in, for whoever says who they are and why.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Deed, Doing, HomeId};
use crate::inbox::Arrival;
use crate::web::Web;
use crate::web::moves::Mistake;

use super::spelling::{DoingWord, Named, Spoken};
use super::{Fault, named, read_body};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/deeds", post(put)).route("/homes/{id}/address", post(address))
}

/// It is on disk
#[derive(Serialize, ToSchema)]
pub(super) struct Stored {
    pub(super) stored: bool,
}

/// What somebody is about to take out
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body, which is read as a `Deed`")]
pub(super) struct NewDeed {
    deed: DoingWord,
    /// With what, in words.
    of: String,
    /// Of which home, if it is of one.
    home: Option<Named>,
    /// Because of which incident of it.
    #[schema(format = Int64, minimum = 0, maximum = 4_294_967_295_i64)]
    incident: Option<u32>,
    by: Spoken,
    why: Spoken,
}

/// Puts on record that something is taken out
#[utoipa::path(post, path = "/api/v1/deeds", tag = "audit",
    request_body(content = NewDeed, content_type = "application/json"),
    responses(
    (status = 200, description = "It is on disk", body = Stored),
    (status = 400, description = "The body cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 503, description = "It was not stored", body = Fault),
))]
pub(super) async fn put(
    State(web): State<Arc<Web>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Stored>, Fault> {
    let deed: Deed = understood(body)?;
    explained(&deed.by, &deed.why)?;
    // A home that is not in the register any more has a record, too; what can be no name has none.
    if let Some(Err(why)) = deed.home.as_ref().map(|home| home.as_str().parse::<HomeId>()) {
        let mistakes = vec![Mistake::new("home", why)];
        return Err(Fault::malformed("the body cannot be understood", mistakes));
    }
    web.post(Arrival::Deed(deed)).await?;
    Ok(Json(Stored { stored: true }))
}

/// Who asks, and why
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asking {
    #[schema(value_type = Spoken)]
    by: String,
    #[schema(value_type = Spoken)]
    why: String,
}

/// Where a home is, and how to get in
#[derive(Serialize, ToSchema)]
pub(super) struct AddressView {
    address: String,
    /// To call whoever is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Latitude and longitude in degrees, WGS 84.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<String>,
}

/// Where a home is and how to get in; that it was read goes on record
#[utoipa::path(post, path = "/api/v1/homes/{id}/address", tag = "homes", request_body = Asking,
    params(("id" = String, Path, description = "The home's name in the register", example = "h1")), responses(
    (status = 200, description = "The address, and that it was read is on disk", body = AddressView),
    (status = 400, description = "The body cannot be understood", body = Fault),
    (status = 401, description = "A token is wanted", body = Fault),
    (status = 404, description = "There is no such home", body = Fault),
    (status = 503, description = "It was not stored", body = Fault),
))]
pub(super) async fn address(
    State(web): State<Arc<Web>>,
    id: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AddressView>, Fault> {
    let id: HomeId = named(id)?;
    let Some(home) = web.home(&id) else {
        return Err(Fault::not_found(format!("there is no home `{id}`")));
    };
    let Asking { by, why } = understood(body)?;
    explained(&by, &why)?;
    let (deed, of, home_id) = (Doing::Revealed, "address".to_owned(), Some(id));
    web.post(Arrival::Deed(Deed { deed, of, home: home_id, incident: None, by, why })).await?;
    let (phone, position) = (&home.phone, &home.position);
    Ok(Json(AddressView {
        address: home.address.clone(),
        phone: phone.as_ref().map(ToString::to_string),
        position: position.as_ref().map(ToString::to_string),
    }))
}

fn understood<T: serde::de::DeserializeOwned>(
    body: Result<Bytes, BytesRejection>,
) -> Result<T, Fault> {
    serde_json::from_slice(&read_body(body)?).map_err(|e| {
        Fault::malformed("the body cannot be understood", vec![Mistake::new("body", e.to_string())])
    })
}

fn explained(by: &str, why: &str) -> Result<(), Fault> {
    let missing = [("by", by), ("why", why)].into_iter().filter(|(_, said)| said.trim().is_empty());
    let mistakes: Vec<_> =
        missing.map(|(field, _)| Mistake::new(field, format!("`{field}` is empty"))).collect();
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(Fault::malformed("say who asks, and why", mistakes))
    }
}
