//! What changes, as it changes: one line for each incident, after the change is on disk.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use crate::domain::{IncidentId, Span};

use super::lang::Visitor;
use super::{People, Web, door};

/// A word so often, so that a phone notices when the line is dead.
const KEEP_ALIVE: Span = Span::seconds(15);

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route(
        "/live",
        get(async |State(web): State<Arc<Web>>, visitor: Visitor, headers: HeaderMap| {
            live(&web, visitor, headers)
        }),
    )
}

/// The stream of changes
#[utoipa::path(get, path = "/live", tag = "pages", security(()), responses(
    (status = 200, description = "Server-sent events: `incident` with the id of one that changed; \
        `reload` when changes were missed, and before it ends because whoever listens is logged in no \
        more", content_type = "text/event-stream", body = String),
    (status = 401, description = "It is for people who are logged in", content_type = "text/html", body = String),
))]
pub(super) fn live(web: &Arc<Web>, visitor: Visitor, headers: HeaderMap) -> Response {
    let changes = web.site.changes.subscribe();
    // A stream never ends by itself, and would hold up the stop of the hub.
    let (shut, is_over) = (web.shut.subscribe(), false);
    let watch = Watch { web: Arc::clone(web), visitor, headers, changes, shut, is_over };
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
    /// By which they are known.
    headers: HeaderMap,
    changes: Receiver<IncidentId>,
    shut: watch::Receiver<()>,
    is_over: bool,
}

impl Watch {
    /// Whoever was shut out hears nothing more, and their page goes where all go who are not let in.
    async fn is_shut_out(&self) -> bool {
        self.web.site.people == People::LogIn
            && matches!(door::known(&self.web, &self.headers).await, Ok(None))
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            let change = tokio::select! {
                change = self.changes.recv() => change,
                Ok(()) = self.shut.changed() => {
                    if self.is_shut_out().await {
                        self.is_over = true;
                        return Some(Event::default().event("reload").data("shut out"));
                    }
                    continue;
                }
            };
            match change {
                // Of other people's homes they do not even hear that something happens.
                Ok(id) if !self.web.shows_home(&self.visitor, &id.home) => {}
                Ok(id) => return Some(Event::default().event("incident").data(id.to_string())),
                Err(RecvError::Lagged(_)) => {
                    return Some(Event::default().event("reload").data("missed"));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn events(watch: Watch) -> impl Stream<Item = Result<Event, Infallible>> {
    let hello = stream::iter([Ok(Event::default().comment("here"))]);
    hello.chain(stream::unfold(watch, async |mut watch| {
        let event = if watch.is_over { None } else { watch.next().await };
        event.map(|event| (Ok(event), watch))
    }))
}
