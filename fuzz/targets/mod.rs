//! What each target does with its bytes, for the fuzzer and for `tests/fuzz_corpus.rs`. A target is a
//! function that returns, whatever it is given; an invariant that does not hold is a panic.

pub mod framings;
pub mod listener;
pub mod payload;
pub mod profile;

/// What one does.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus. To add one (`announce`: what bridges and devices say of
/// themselves) write its file here and in `fuzz_targets/`, and a `[[bin]]` in `Cargo.toml`.
pub const ALL: [(&str, Target); 4] = [
    ("framings", framings::run),
    ("payload", payload::run),
    ("profile", profile::run),
    ("listener", listener::run),
];

/// Where a stream is cut, drawn from one byte: the same byte always cuts the same.
pub fn pieces(mut bytes: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut dice = u32::from(seed);
    let mut all = Vec::new();
    while !bytes.is_empty() {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Mostly a few bytes, sometimes many.
        let most = if dice >> 31 == 0 { 8 } else { 200 };
        let length = usize::try_from(dice >> 16).map_or(1, |n| n % most + 1).min(bytes.len());
        let (piece, rest) = bytes.split_at(length);
        all.push(piece);
        bytes = rest;
    }
    all
}
