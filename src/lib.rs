//! careloop.

pub mod domain;
pub mod form;
pub mod device;
pub mod store;
pub mod inbox;
pub mod backoff;
pub mod secret;
pub mod tls;
pub mod source;
pub mod channel;
