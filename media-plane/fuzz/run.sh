#!/usr/bin/env bash
# run.sh TARGET [SECONDS]: fuzzes one target, guided by coverage, and keeps in corpus/TARGET what found something new.
set -euo pipefail
cd "$(dirname "$0")"
target=$1
export RUSTFLAGS='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing'
# With --target the flags are not for build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --target "$host" --bin "$target"
mkdir -p "corpus/$target"
found=$(mktemp -d)
"target/$host/release/$target" -max_total_time="${2:-60}" -max_len=1500 "$found" "corpus/$target"
# Only the smallest inputs that reach what all reach are kept.
"target/$host/release/$target" -merge=1 "corpus/$target" "$found"
rm -r "$found"
