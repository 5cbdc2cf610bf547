//! What changes, as it changes: one line for each incident, after the change is on disk.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use crate::domain::{Digest, IncidentId, Span};

use super::Web;
use super::door::Me;
use super::lang::Visitor;

/// A word so often, so that a phone notices when the line is dead.
const KEEP_ALIVE: Span = Span::seconds(15);

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route(
        "/live",
        get(async |State(web): State<Arc<Web>>, visitor: Visitor, me: Option<Extension<Me>>| {
            live(&web, visitor, me.and_then(|me| me.0.session))
        }),
    )
}

/// The stream of changes
#[utoipa::path(get, path = "/live", tag = "pages", responses(
    (status = 200, description = "Server-sent events: `incident` with the id of one that changed; \
        `reload` when changes were missed", content_type = "text/event-stream", body = String),
    (status = 401, description = "A token is wanted", body = String),
))]
pub(super) fn live(web: &Arc<Web>, visitor: Visitor, session: Option<Digest>) -> Response {
    let (changes, passes) = (web.site.changes.subscribe(), web.passes.subscribe());
    // A stream never ends by itself, and would hold up the stop of the hub.
    let watch = Watch { web: Arc::clone(web), visitor, session, changes, passes };
    let events = events(watch).take_until(web.ending.clone().cancelled_owned());
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE.to_std());
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    // Proxies collect what they pass on unless told not to.
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(unbuffered, HeaderValue::from_static("no"));
    response
}

/// Somebody who watches.
struct Watch {
    web: Arc<Web>,
    visitor: Visitor,
    /// By which session; none where people choose who they are.
    session: Option<Digest>,
    changes: Receiver<IncidentId>,
    passes: watch::Receiver<()>,
}

impl Watch {
    /// Whether the session is still good. Where that cannot be found out, it is taken to be: the next page asks again.
    async fn is_let_in(&self) -> bool {
        let Some(session) = self.session else { return true };
        let now = self.web.site.clock.now();
        let pass = self.web.read(move |reader| reader.pass(&session, now)).await;
        pass.map_or(true, |pass| pass.is_some())
    }
}

fn events(watch: Watch) -> impl Stream<Item = Result<Event, Infallible>> {
    let hello = stream::iter([Ok(Event::default().comment("here"))]);
    hello.chain(stream::unfold(watch, async |mut watch| {
        let event = loop {
            let change = tokio::select! {
                change = watch.changes.recv() => change,
                // Whoever is shut out hears nothing more, and their page asks and is led to the log-in.
                Ok(()) = watch.passes.changed() => match watch.is_let_in().await {
                    true => continue,
                    false => return None,
                },
            };
            match change {
                // Of other people's homes they do not even hear that something happens.
                Ok(id) if !watch.web.shows_home(&watch.visitor, &id.home) => {}
                Ok(id) => break Event::default().event("incident").data(id.to_string()),
                Err(RecvError::Lagged(_)) => break Event::default().event("reload").data("missed"),
                Err(RecvError::Closed) => return None,
            }
        };
        Some((Ok(event), watch))
    }))
}
