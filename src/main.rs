//! careloop.
fn main() {}
