#!/bin/sh
# Gives every fuzz target of fuzz/, or those that are named, bytes that nobody thought of, for so many
# seconds each; then keeps of the corpus only what reaches something. Wants nightly and cargo-fuzz.
#   tests/fuzz.sh 1800 [target …]
# Whatever breaks a target is in fuzz/artifacts: mend it, and put it into fuzz/corpus/<target>. The
# kept corpus is run by `cargo test --test fuzz_corpus`, on a stable compiler.
set -eu
cd "$(dirname "$0")/../fuzz"
seconds="${1:-60}"
[ $# -eq 0 ] || shift
[ $# -ne 0 ] || set -- $(sed -n 's/^path *= "fuzz_targets\/\(.*\)\.rs"$/\1/p' Cargo.toml)
for target in "$@"; do
    cargo +nightly fuzz run --fuzz-dir . "$target" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024
    rm -rf least && mkdir least
    cargo +nightly fuzz run --fuzz-dir . "$target" least "corpus/$target" -- -set_cover_merge=1
    rm -r "corpus/$target" && mv least "corpus/$target"
done
