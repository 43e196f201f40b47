"""Plants flaws in new data and counts which of them a contract of clean data finds.

Arguments: the program ruska, a folder with tables and their manifest.csv (name, file, task, target),
optionally the number of seeds (3), a program that plants in place of gate.py's planter ("-" for that
one), and the most tables (20), which are the smallest ones of the manifest.

For every table and seed, `profile --suggest-checks` writes one contract of the whole clean table
and one of a random half of it; both are checked on every file with a flaw. A flaw is found when a
breach of a fitting kind names one of its columns; repeated rows when the table's repeats are
told. A false alarm is any breach on a resample without a flaw: nine tenths of the rows under the
contract of all rows, and the other half under the contract of a half, 20 of each. Prints found and
planted by kind, and false alarms; fails when less than 95 % are found or there is a false alarm.
"""
import collections
import csv
import json
import os
import subprocess
import sys
import tempfile

import pandas as pd
from gate import CODES, RESAMPLES, flaws

TERMS = {
    "broken encoding": ["levels"],
    "disguised missing value": ["range", "levels", "usual"],
    "duplicated rows": ["repeats"],
    "missing values": ["missing"],
    "mixed units": ["range", "usual"],
    "outliers": ["range"],
    "text in a numeric column": ["type"],
    "variants of one level": ["levels"],
}


def suggest(program, table, target, contract):
    command = [program, "profile", table, "--target", target, "--suggest-checks", contract]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def breaches(program, table, contract):
    command = [program, "check", table, "--contract", contract, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)["verdict"]["breaches"]


def finds(told, kind, columns):
    fitting = set(CODES.get(kind, [])) | set(TERMS.get(kind, []))
    about = lambda b: b["column"] in columns if columns else b["column"] is None
    return any(b["check"] in fitting and about(b) for b in told)


def main():
    program, tables = sys.argv[1:3]
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    planter = sys.argv[4] if len(sys.argv) > 4 and sys.argv[4] != "-" else None
    most = int(sys.argv[5]) if len(sys.argv) > 5 else 20
    with open(f"{tables}/manifest.csv") as f:
        manifest = [m for m in csv.DictReader(f) if m["task"] in ("binary", "multiclass", "regression")]
    manifest = sorted(manifest, key=lambda m: int(m["rows"]) * int(m["cols"]))[:most]
    planted, alarms = collections.Counter(), collections.Counter()
    found = {"whole": collections.Counter(), "half": collections.Counter()}
    for m in manifest:
        path, target = f"{tables}/{m['file']}", m["target"]
        data = pd.read_csv(path, dtype=str, keep_default_na=False)
        told = []
        with tempfile.TemporaryDirectory() as folder:
            whole, half, part = f"{folder}/whole.toml", f"{folder}/half.toml", f"{folder}/part.csv"
            suggest(program, path, target, whole)
            for seed in range(seeds):
                data.sample(frac=0.5, random_state=100 + seed).to_csv(part, index=False)
                suggest(program, part, target, half)
                for name, kind, columns, file in flaws(data, path, target, seed, planter, folder):
                    planted[kind] += 1
                    for of, contract in (("whole", whole), ("half", half)):
                        if finds(breaches(program, file, contract), kind, columns):
                            found[of][kind] += 1
                        else:
                            told.append(f"contract of the {of}: missed {name} in {columns}, seed {seed}")
                    os.remove(file)
            for i in range(RESAMPLES):
                data.sample(frac=0.9, random_state=i).to_csv(part, index=False)
                new = [("whole", b) for b in breaches(program, part, whole)]
                first = data.sample(frac=0.5, random_state=200 + i)
                first.to_csv(part, index=False)
                suggest(program, part, target, half)
                data.drop(first.index).to_csv(part, index=False)
                new += [("half", b) for b in breaches(program, part, half)]
                for of, b in new:
                    alarms[of, b["check"]] += 1
                    told.append(f"contract of the {of}: false alarm {i}: {b['column']}: {b['check']}: {b['what']}")
        print(m["name"], *(told or ["all found, no false alarm"]), sep="\n  ", flush=True)
    for kind in sorted(planted):
        print(f"{kind}: {found['whole'][kind]} and {found['half'][kind]} of {planted[kind]}")
    share = 1.0
    for of, counts in found.items():
        share = min(share, sum(counts.values()) / sum(planted.values()))
        print(f"contract of the {of}: {sum(counts.values())} of {sum(planted.values())} found")
    print(f"false alarms on 2 × {RESAMPLES} resamples of {len(manifest)} tables: {dict(alarms) or 'none'}")
    sys.exit(share < 0.95 or bool(alarms))


if __name__ == "__main__":
    main()
