#!/bin/sh
# Asks a running hub whatever its own description of the API allows, and much that it does not, and holds every answer
# against that description: no 5xx, no answer that is not described, nothing right refused, nothing wrong taken.
#   tests/fuzz_api.sh [how many requests of each kind] [seed]
set -eu
cd "$(dirname "$0")/.."
examples="${1:-200}"
seed="${2:-1}"

# Schemathesis (MIT; for tests only, and no part of the program).
tool=target/tools/schemathesis
if ! cmp -s tests/fuzz_api/requirements.txt "$tool/requirements.txt"; then
    rm -rf "$tool"
    python3 -m venv "$tool"
    "$tool/bin/pip" install -q --disable-pip-version-check --require-hashes -r tests/fuzz_api/requirements.txt
    cp tests/fuzz_api/requirements.txt "$tool/"
fi
cargo build --locked --bin careloop
careloop="${CARGO_TARGET_DIR:-target}/debug/careloop"

# The shipped household on free ports. Nobody comes in without a token.
folder="$(mktemp -d)"
hub=""
trap '[ -z "$hub" ] || kill "$hub" 2>/dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
http="$(free_port)"
mqtt="$(free_port)"
cp -r config "$folder/config"
sed -e "s/127.0.0.1:1883/127.0.0.1:$mqtt/" -e "s/127.0.0.1:8380/127.0.0.1:$http/" \
    -e '/^\[http\]/a token_file = "token"' config/gateway.toml >"$folder/config/gateway.toml"
(umask 077 && openssl rand -hex 24 >"$folder/config/token")
CARELOOP_CONFIG="$folder/config"
export CARELOOP_CONFIG
"$careloop" run >"$folder/log" 2>&1 &
hub=$!
base="http://127.0.0.1:$http"
for _ in $(seq 200); do
    curl -fs -o "$folder/ready" "$base/readyz" && break
    kill -0 "$hub" && sleep 0.1
done
for may in observe read all; do
    "$careloop" token add "fuzz-$may" --may "$may" >"$folder/$may"
done
own="$(cat "$folder/config/token")"
help='{"home":"h1","device":"help-button","property":"help","value":true}'
curl -fsS -o "$folder/help" -H "Authorization: Bearer $own" --json "$help" "$base/api/v1/observations"
curl -fsS -o "$folder/openapi.json" -H "Authorization: Bearer $own" "$base/api/v1/openapi.json"

FUZZ_REGISTER="$folder/config/register.toml"
PYTHONPATH=tests/fuzz_api
PYTHONDONTWRITEBYTECODE=1
export FUZZ_REGISTER PYTHONPATH PYTHONDONTWRITEBYTECODE
fuzz() {
    token="$1"
    shift
    "$tool/bin/schemathesis" --config-file tests/fuzz_api/schemathesis.toml run "$folder/openapi.json" \
        --url "$base" -H "Authorization: Bearer $token" --seed "$seed" -n "$examples" "$@"
}
# What takes homes, people and tokens away comes last, or there would be nothing left to ask about.
ends="^(forget|end|add|shut_out|import)-"
checked="^(edit|merge|reload)-"
phases=examples,coverage,fuzzing,stateful
failed=0
fuzz "$(cat "$folder/all")" --phases "$phases" --exclude-operation-id-regex "$ends|$checked" || failed=1
# The whole configuration is checked for each of these, so a short run tries fewer.
[ "$examples" -ge 100 ] || phases=examples,fuzzing
fuzz "$(cat "$folder/all")" --phases "$phases" --include-operation-id-regex "$checked" || failed=1
# Most is not for these: they are told so, as the description says.
told="-n 10 --phases fuzzing --exclude-checks positive_data_acceptance,negative_data_rejection"
# shellcheck disable=SC2086
fuzz "$(cat "$folder/read")" $told || failed=1
# shellcheck disable=SC2086
fuzz "$(cat "$folder/observe")" $told || failed=1
# Nobody was shut out meanwhile, and the home is still there: so what was answered was not only "no".
for token in all read; do
    curl -fsS -o "$folder/home" -H "Authorization: Bearer $(cat "$folder/$token")" "$base/api/v1/homes/h1" || failed=1
done
fuzz "$own" --include-operation-id-regex "$ends" || failed=1

# It still runs, has nothing to complain of, its records are whole, and a replay comes to the same.
curl -fsS -o "$folder/ready" "$base/readyz" || failed=1
kill "$hub"
wait "$hub" || failed=1
hub=""
"$careloop" audit verify || failed=1
"$careloop" replay --verify >"$folder/replay" || failed=1
if grep -E " ERROR |panicked" "$folder/log"; then failed=1; fi
exit "$failed"
