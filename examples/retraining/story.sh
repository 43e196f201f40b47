#!/usr/bin/env bash
# The life of a model: fitted, registered, brought to production, retrained when the world changes,
# replaced by rules, rolled back, scoring all the while. Takes a minute or less.
#
#     examples/retraining/story.sh            # needs `ruska` on the path, or RUSKA=/path/to/ruska
set -euo pipefail
ruska=${RUSKA:-ruska}
case $ruska in */*) ruska=$(realpath "$ruska") ;; esac
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export RUSKA_STORE="$work/store"
export RUSKA_AUDIT_HEAD="$work/heads"     # in earnest, where those who write to the store cannot
mkdir data
cp "$here/churn.toml" .

month() { awk -v month="$1" -v rows=2000 -f "$here/month.awk" > "data/churn-$1.csv"; }
tell() { printf '\n\n# %s\n' "$1"; }
run() { printf '\n$ ruska %s\n' "$*"; "$ruska" "$@"; }
outcome() { "$ruska" job history churn --json | grep '"outcome"' | tail -n 1 | cut -d '"' -f 4; }
stands() { "$ruska" model show churn --json | grep '"version"' | head -n 1 | tr -dc '0-9'; }
expect() { [ "$1" = "$2" ] || { echo "expected $2, got $1" >&2; exit 1; }; }

tell "Four months of customers: the first model is fitted and registered"
for m in 2026-01 2026-02 2026-03 2026-04; do month "$m"; done
run dataset add customers "data/churn-*.csv"
run fit "data/churn-*.csv" --target churned --time-column month --ignore customer --metric auc \
    --trials 12 --output first.ruska --register churn --quiet

tell "From the lab to production, one environment at a time; the same bytes move"
run model promote churn:1 prod && { echo "a step was skipped" >&2; exit 1; }
run model promote churn:1 dev
run model promote churn:1 test
run model promote churn:1 prod --reason "the first model"
run model reproduce churn:1

tell "A month like the others: the job retrains and sees no reason to replace the model"
month 2026-05
month 2026-09 && cut -d , -f 1-7 data/churn-2026-09.csv > data/to-score.csv && rm data/churn-2026-09.csv
run job validate churn.toml
run job run churn.toml --quiet
expect "$(outcome)" declined

tell "Two months in which a competitor lures customers away: now the new model is better"
month 2026-06
month 2026-07
run dataset add customers "data/churn-*.csv"
run job run churn.toml --quiet
expect "$(outcome)" promoted
expect "$(stands)" 2
run env diff test prod
run dataset diff customers
run job history churn

tell "Second thoughts: what stood before is back at once, and scores carry its version"
run model rollback churn prod --reason "sales wants to look at it first"
expect "$(stands)" 1
run predict churn data/to-score.csv --keep customer --stamp --output scores.csv
head -n 3 scores.csv
expect "$(tail -n +2 scores.csv | grep -c ',churn:1,')" 2000

tell "What would have happened, had the job always run"
run job simulate churn.toml --quiet

tell "Everything that an auditor asks"
run model show churn:2 --card
run audit log --subject churn
run audit verify --head "$work/heads"
