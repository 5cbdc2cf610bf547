//! The plans as the ladders that they are, and making one otherwise.

mod force;
mod list;
mod one;

use std::sync::Arc;

use axum::Router;

use super::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().merge(list::routes()).merge(one::routes())
}
