#![no_main]

#[path = "../targets/mod.rs"]
#[allow(dead_code, reason = "the other targets")]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::payload::run(bytes));
