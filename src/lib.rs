//! careloop.

pub mod domain;
pub mod form;
pub mod device;
pub mod store;
pub mod inbox;
pub mod source;
