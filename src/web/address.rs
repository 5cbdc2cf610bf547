//! `POST /incidents/{id}/address`: where the home is and how to get in, for whoever asks on purpose. That they
//! did is on disk before they read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;

use crate::domain::{Deed, Doing, IncidentId};
use crate::inbox::Arrival;

use super::lang::Visitor;
use super::{Web, incident, layout};

/// The longest reason, in characters.
const WHY_MAX: usize = 2000;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/incidents/{id}/address", post(reveal))
}

async fn reveal(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    id: Result<Path<String>, PathRejection>,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Response {
    let id = id.ok().and_then(|Path(id)| id.parse::<IncidentId>().ok());
    let Some(id) = id.filter(|id| web.shows_home(&visitor, &id.home)) else {
        return layout::not_found(&visitor);
    };
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let wanted = id.clone();
    let shown = match web.read(move |reader| reader.incident(&wanted)).await {
        Ok(Some(shown)) => shown,
        Ok(None) => return layout::not_found(&visitor),
        Err(trouble) => return layout::trouble(&visitor, &trouble),
    };
    let Some(home) = web.home(&id.home) else { return layout::not_found(&visitor) };
    let lang = visitor.lang;
    let Some(by) = web.speaker(&visitor, &form) else {
        let said = lang.say("请先选择您是谁", "Choose who you are first").to_owned();
        return incident::refuse(&web, &visitor, &id, said).await;
    };
    let why = form.get("why").map(|why| why.trim()).unwrap_or_default();
    // Whoever is to come needs no other reason than that somebody needs them.
    let is_called = shown.incident.is_open() && home.responder(&by).is_some();
    if (why.is_empty() && !is_called) || WHY_MAX < why.chars().count() {
        let said = lang.say("请写明原因（不超过 2000 字）", "Say why, in at most 2000 characters");
        return incident::refuse(&web, &visitor, &id, said.to_owned()).await;
    }
    let why = if why.is_empty() { "the incident is open" } else { why }.to_owned();
    let deed = Deed {
        deed: Doing::Revealed,
        of: "address".to_owned(),
        home: Some(id.home.clone()),
        incident: Some(id.n),
        by: by.to_string(),
        why,
    };
    if let Err(trouble) = web.post(Arrival::Deed(deed)).await {
        return layout::trouble(&visitor, &trouble);
    }
    incident::answer(&web, &visitor, &id, (StatusCode::OK, None, None), Some(&home)).await
}
