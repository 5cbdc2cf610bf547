//! The residents whom somebody comes to: their homes in a list, and each by itself.

mod axis;
mod chart;
mod consents;
mod day;
mod family;
mod home;
mod list;
mod past;
mod say;

use std::sync::Arc;

use axum::Router;

use crate::domain::Home;

use super::Web;
use super::lang::{Visitor, encode};

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .merge(list::routes())
        .merge(home::routes())
        .merge(consents::routes())
        .merge(say::routes())
        .merge(family::routes())
}

/// A home of theirs that a path names, and neither the hub's own nor a grid.
pub(super) fn home_of(web: &Web, visitor: &Visitor, id: &str) -> Option<Arc<Home>> {
    super::mount::home_of(web, visitor, id).filter(|home| home.is_ordinary())
}

/// Where the page of a home is.
fn href(home: &Home) -> String {
    format!("/homes/{}", encode(home.id.as_str()))
}
