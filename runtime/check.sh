#!/bin/sh
# Builds the patterns in every combination of features that somebody may choose, and checks their
# state machines under every interleaving.
set -eu
cd "$(dirname "$0")"

for features in '' bulkhead backpressure concurrency loadshed cache failfast fallback featuretoggle open-feature hedge ratelimit retry circuitbreaker timeout chaos tower serde \
    bulkhead,tower backpressure,tower concurrency,tower loadshed,tower cache,tower failfast,tower fallback,tower featuretoggle,tower open-feature,tower hedge,tower ratelimit,tower retry,tower circuitbreaker,tower timeout,tower chaos,tower \
    bulkhead,serde backpressure,serde concurrency,serde loadshed,serde cache,serde failfast,serde fallback,serde featuretoggle,serde hedge,serde ratelimit,serde retry,serde circuitbreaker,serde timeout,serde chaos,serde \
    schema service pattern otel prometheus client security multipart docs config-file controlplane testing full; do
    echo "features: ${features:-none}"
    RUSTFLAGS='-D warnings' cargo check -q --no-default-features --features "$features"
done

# Before they are started: what the compiler takes is not their time.
cargo build -q --features full --examples
for example in tokio tower client; do
    echo "example: $example"
    timeout 60 cargo run -q --features full --example "$example" >/dev/null
done

# The crates around are not made for loom's cfg, so only what it checks is built, and elsewhere.
RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-../target}/loom" \
    cargo test -q --release --no-default-features --features bulkhead,concurrency,failfast,ratelimit,circuitbreaker --test loom
