#!/bin/sh
# Changes src/rule and src/engine in one place at a time, and sees whether a test notices. The pure modules by
# themselves, with the stories, their own tests and tests/engine, compile in seconds; the whole crate would take
# a minute for each of some 1,700 changes. Wants cargo-mutants, and hours. What is left, and why:
# tests/evaluation/MUTANTS.md.
#   tests/mutants.sh [options of cargo mutants]
set -eu
cd "$(dirname "$0")/.."
modules="domain form.rs baseline rule engine timeline"
here="$PWD"
there="$here/target/mutants"
rm -rf "$there/src" "$there/tests" "$there/config"
mkdir -p "$there/src" "$there/tests"
for module in $modules; do cp -r "src/$module" "$there/src/"; done
cp tests/mutants/config.rs "$there/src/"
cp -r tests/scenarios tests/scenarios.rs tests/engine "$there/tests/"
cp -r config Cargo.lock "$there/"
for module in $modules config; do echo "pub mod ${module%.rs};"; done > "$there/src/lib.rs"
{
    printf '[workspace]\n[package]\nname = "careloop"\nversion = "0.1.0"\nedition = "2024"\n[dependencies]\n'
    grep -E '^(serde|serde_json|toml|jiff|ring|data-encoding|thiserror) ' Cargo.toml
    printf '[dev-dependencies]\n'
    grep -E '^(proptest|expect-test) ' Cargo.toml
    printf '[profile.dev]\ndebug = false\n[profile.dev.package."*"]\nopt-level = 1\n'
} > "$there/Cargo.toml"
cd "$there"
exec cargo mutants -f 'src/rule/**' -f 'src/engine/**' --timeout 60 "$@"
