//! The rules: what each looks for, what other numbers would have done last week, and putting those in force.
//!
//! A form makes a [`Proposed`]; the [`Bench`] tries it out; only what was tried out and seen can be put in force.

mod ask;
mod bench;
mod force;
mod list;
pub(super) mod names;
mod off;
mod one;
mod outcome;
mod past;
mod proposed;
mod trial;
mod whom;
mod words;

use std::sync::Arc;

use axum::Router;

use crate::domain::Role;

use super::lang::Visitor;
use super::{People, Web};

pub(super) use ask::InForce;
pub(super) use bench::Bench;
pub(super) use force::{WHY_MAX, in_words};
pub(super) use off::OffRules;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().merge(list::routes()).merge(one::routes()).merge(trial::routes())
}

/// Whether somebody may put other rules in force; others may try them out.
pub(super) fn may_force(web: &Web, visitor: &Visitor) -> bool {
    match web.site.people {
        People::Choose => visitor.me.is_some(),
        People::LogIn => visitor.me.as_ref().and_then(|me| web.role(me)) == Some(Role::Supervisor),
    }
}
