//! Where messages come in. A source acknowledges nothing before it is on disk (P1).

pub mod mqtt;
pub mod mqtt_client;
pub mod serial;
