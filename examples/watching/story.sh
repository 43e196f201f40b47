#!/usr/bin/env bash
# Watching over a model: a month of data breaks its contract and has drifted, people are told, the contract
# is mended, drift asks for a new model, which replaces the old one by rules; all of it is in the log.
#
#     cargo build --release && cargo build --release -p ruska-ops --example receiver
#     RUSKA=target/release/ruska RECEIVER=target/release/examples/receiver examples/watching/story.sh
#
# Without RUSKA= and RECEIVER=, `ruska` and `receiver` are looked for on the path.
set -euo pipefail
ruska=$(realpath "$(command -v "${RUSKA:-ruska}")")
receiver=$(realpath "$(command -v "${RECEIVER:-receiver}")")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
heard=
trap '[ -z "$heard" ] || kill "$heard" 2> /dev/null || true; rm -rf "$work"' EXIT
cd "$work"
export RUSKA_STORE="$work/store" RUSKA_SECRET="a secret of the two" RUSKA_AUDIT_HEAD="$work/heads"
mkdir data

month() { awk -v month="$1" -v rows=1500 -f "$here/../retraining/month.awk" > "data/churn-$1.csv"; }
tell() { printf '\n\n# %s\n' "$1"; }
run() { printf '\n$ ruska %s\n' "$*"; "$ruska" "$@"; }
says_no() { run "$@" && { echo "expected exit code 3" >&2; exit 1; } || [ $? = 3 ]; }
expect() { grep -q -- "$2" "$1" || { echo "expected in $1: $2" >&2; cat "$1" >&2; exit 1; }; }
stands() { "$ruska" model show churn --json | grep '"version"' | head -n 1 | tr -dc '0-9'; }

tell "Somebody listens"
"$receiver" port > events & heard=$!
while [ ! -s port ]; do sleep 0.1; done
sed "s/PORT/$(cat port)/" "$here/churn.toml" > churn.toml

tell "Four months of customers, a contract of what such data hold, and the first model"
for m in 2026-01 2026-02 2026-03 2026-04; do month "$m"; done
run profile "data/churn-*.csv" --target churned --suggest-checks contract.toml
run job validate churn.toml
run scheduler churn.toml --once
[ "$(stands)" = 1 ]

tell "A month like the others: it keeps the contract and has not drifted, so nothing is due"
month 2026-05
run check "data/churn-*.csv" --contract contract.toml
run drift churn data/churn-2026-05.csv
run scheduler churn.toml --once
[ "$(stands)" = 1 ]

tell "A month with new prices: contract and drift both say so, and the model stays"
month 2026-06
awk -F , -v OFS=, 'NR > 1 { $5 = sprintf("%.2f", 1.6 * $5) } { print }' data/churn-2026-06.csv > new
mv new data/churn-2026-06.csv
says_no check "data/churn-*.csv" --contract contract.toml
says_no drift churn data/churn-2026-06.csv
run scheduler churn.toml --once
[ "$(stands)" = 1 ]
run alert list

tell "The prices are meant: the contract learns them, and drift asks for a new model"
run profile "data/churn-*.csv" --target churned --suggest-checks contract.toml
run scheduler churn.toml --once
[ "$(stands)" = 2 ]
run job history churn

tell "What people were told, signed"
cat events
expect events "^signed org.ruska.job.promoted"
expect events "^signed org.ruska.job.contract"
expect events "^signed org.ruska.job.drift"
expect events "^signed org.ruska.job.recovered"
if grep -q FORGED events; then exit 1; fi

tell "Who did what, and that nobody changed it since"
run audit log --subject churn
run audit verify --head "$RUSKA_AUDIT_HEAD"
