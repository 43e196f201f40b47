#!/usr/bin/env bash
# lab: everything that can be checked without a run. Nothing is written.
set -euo pipefail
cd "$(dirname "$0")/.."
ruska=${RUSKA:-ruska}

for job in jobs/*.toml; do "$ruska" job validate "$job"; done
"$ruska" check @LAB_SH@ --contract contract.toml
"$ruska" profile @LAB_SH@ --target @TARGET_SH@
