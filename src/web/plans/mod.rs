//! The plans as the ladders that they are, and making one otherwise.

mod fields;
mod force;
mod list;
mod one;
mod past;

use std::sync::Arc;

use axum::Router;

use super::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().merge(list::routes()).merge(one::routes())
}
