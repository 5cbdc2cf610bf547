//! Where messages come from. A source acknowledges only what the inbox gave a receipt for.

pub mod mqtt;
pub mod mqtt_client;
pub mod serial;
