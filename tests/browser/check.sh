#!/usr/bin/env bash
# Reports of studies, tables and drift, looked at in Chromium: tests/browser/check.sh [RUSKA [TABLE:TARGET...]]
#
# RUSKA is the program (default: built by cargo --release); TABLE:TARGET are tables beyond those of
# datasets/, each with the column to predict. Pages, screenshots and printed pages go to
# target/browser. Needs Debian's packages where Chromium is missing, and PyPI.
set -euo pipefail
# What the caller names is found from where the caller is.
words=()
for word in "$@"; do words+=("$(realpath -m -- "$word")"); done
set -- "${words[@]}"
cd "$(dirname "$0")/../.."
root=$PWD
here="$root/tests/browser"
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
work="$target/browser"
mkdir -p "$work"

step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

if ! command -v chromium >/dev/null && [ -z "${CHROMIUM:-}" ]; then
    step "installing Debian's chromium by apt-get"
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi

step "what drives it"
python="$work/venv/bin/python"
[ -x "$python" ] || python3 -m venv "$work/venv"
# Of the package that carries axe-core only its script is used, on any Python.
"$python" -m pip install --quiet --no-deps --ignore-requires-python -r "$here/requirements.txt"
chromium --version 2>/dev/null || "$CHROMIUM" --version

step "the checks themselves"
"$python" "$here/test_check.py"

if [ $# -eq 0 ]; then
    step "ruska"
    cargo build --release --workspace --locked
    ruska="$target/release/ruska"
else
    ruska=$1
    shift
fi

step "pages"
pages="$work/pages"
rm -rf "$pages" "$work/shots"
mkdir -p "$pages"
export RUSKA_STORE="$work/store"
rm -rf "$RUSKA_STORE"
files=()

# study NAME TABLE OPTIONS...: a study of a few seconds and its page; `more` are options of the page.
study() {
    local name=$1 table=$2
    shift 2
    "$ruska" fit "$table" --study "$name" --output "$work/$name.ruska" -q "$@" >/dev/null
    "$ruska" report "$name" --html "$pages/$name.html" --data "$pages/$name" "${more[@]}" >"$pages/$name.txt"
    files+=("$pages/$name.html")
}

# profile NAME TABLE OPTIONS...: the page of a table.
profile() {
    local name=$1 table=$2
    shift 2
    "$ruska" profile "$table" --html "$pages/$name.html" --data "$pages/$name" "$@" >"$pages/$name.txt"
    files+=("$pages/$name.html")
}

# drift NAME REFERENCE CURRENT OPTIONS...: the page of what has drifted, which ends with 3 where it has.
drift() {
    local name=$1
    shift
    "$ruska" drift "$@" --html "$pages/$name.html" --data "$pages/$name" >"$pages/$name.txt" || [ $? -eq 3 ]
    files+=("$pages/$name.html")
}

data="$root/datasets"
made="$work/made"
rm -rf "$made"
"$python" "$here/hostile.py" "$made"
hostile="$made/it's a \"hostile\" & <b>table.csv"
later="$made/a later <i>table.csv"
series="$made/hostile series.csv"
cp "$data/churn.csv" "$made/moved.csv"

more=(--profit "tp=100,fp=-20,fn=-50,tn=0")
study churn "$data/churn.csv" --target churned --positive yes --time 5s
more=()
study cars "$data/car_prices.csv" --target price_eur --time 5s
study customers "$data/customers.csv" --task clustering --time 5s
study orders "$data/orders.csv" --task forecasting --target orders --time-column month \
    --series product --known price_eur,promotion --horizon 12 --time 5s
study constant "$data/churn.csv" --target churned --include baseline --trials 1
study hostile "$hostile" --target "$("$python" "$here/hostile.py" --name target)" --time 5s
study hostile-kinds "$hostile" --target "$("$python" "$here/hostile.py" --name kind)" --time 5s
study hostile-numbers "$hostile" --target "$("$python" "$here/hostile.py" --name number)" --time 5s
study hostile-groups "$hostile" --task clustering --time 5s
study hostile-series "$series" --task forecasting --target "$("$python" "$here/hostile.py" --name sold)" \
    --time-column "$("$python" "$here/hostile.py" --name month)" \
    --series "$("$python" "$here/hostile.py" --name product)" --horizon 6 --time 5s
"$ruska" fit "$made/moved.csv" --study gone --output "$work/gone.ruska" -q --target churned --trials 6 >/dev/null
rm "$made/moved.csv"
"$ruska" report gone --html "$pages/gone.html" >"$pages/gone.txt"
files+=("$pages/gone.html")
profile profile-churn "$data/churn.csv" --target churned
profile profile-hostile "$hostile"
awk -F , -v OFS=, 'NR > 1 { $12 = sprintf("%.2f", 1.6 * $12) } { print }' "$data/churn.csv" >"$made/prices.csv"
drift drift-none "$data/churn.csv" "$data/churn.csv"
drift drift-churn "$work/churn.ruska" "$made/prices.csv"
drift drift-hostile "$hostile" "$later" --model "$work/hostile.ruska"
drift drift-hostile-model "$work/hostile-kinds.ruska" "$later"
for table in "$@"; do
    name=$(basename "${table%:*}" | sed 's/\.[^.]*$//')
    study "$name" "${table%:*}" --target "${table##*:}" --time 20s
    profile "profile-$name" "${table%:*}" --target "${table##*:}"
done
ls -l "${files[@]}"

step "what a browser says of them"
"$python" "$here/check.py" --out "$work/shots" --json "$work/found.json" "${files[@]}"
