"""Plants flaws in clean tables and counts which of them `ruska profile` finds.

Arguments: the program ruska, a folder with tables and their manifest.csv (name, file, task, target),
optionally the number of seeds (3), and a program that plants in place of this one: it is called
with a table, its target, a folder and a seed, and writes FAULT.csv for every flaw and truth.json,
{fault: {"kind": ..., "columns": [...]}}.

A flaw is found when a finding of a fitting code names one of its columns; repeated rows when more
of them are told than in the clean table. A false alarm is a finding of these codes about a
resample of nine tenths of the rows that the whole table does not have. Prints found and planted by
kind and false alarms by code; fails when less than 95 % are found or there is a false alarm.
"""
import collections
import csv
import json
import os
import subprocess
import sys
import tempfile
import uuid

import numpy as np
import pandas as pd

CODES = {
    "all missing": ["all_missing"],
    "broken encoding": ["broken_encoding"],
    "constant column": ["constant_column"],
    "disguised missing value": ["disguised_missing"],
    "duplicated rows": ["duplicate_rows"],
    "identifier": ["identifier"],
    "leak": ["target_copy", "suspected_leak"],
    "missing values": ["many_missing"],
    "mixed units": ["mixed_units"],
    "near-duplicate column": ["near_duplicate_columns", "duplicate_columns"],
    "outliers": ["outliers"],
    "text in a numeric column": ["mixed_types"],
    "variants of one level": ["level_variants"],
}
RESAMPLES = 20


class Planter:
    """Plants one flaw of each kind, of a size and form that the seed draws."""

    def __init__(self, data, target, seed):
        self.data, self.target = data, target
        self.rng = np.random.default_rng(seed)
        self.columns = [c for c in data.columns if c != target]
        present = {c: data[c] != "" for c in self.columns}
        numbers = {c: pd.to_numeric(data[c].where(present[c]), errors="coerce") for c in self.columns}
        self.numbers = {
            c: v for c, v in numbers.items()
            if v.notna().sum() == present[c].sum() >= 50 and v.nunique() > 10
        }
        self.labels = [c for c in self.columns if c not in self.numbers and 2 <= data[c].nunique() <= 50]

    def rows(self, low, high):
        share = self.rng.uniform(low, high)
        return self.rng.choice(len(self.data), max(3, int(share * len(self.data))), replace=False)

    def edit(self, column, rows, change):
        table = self.data.copy()
        values = table[column].to_numpy(dtype=object, copy=True)
        values[rows] = [change(v) if v != "" else v for v in values[rows]]
        table[column] = values
        return table

    def plant(self):
        """Name, kind, columns and table of every flaw."""
        if self.numbers:
            yield from self.in_numbers()
        if self.labels:
            yield from self.in_labels()
        yield from self.in_tables()

    def in_numbers(self):
        rng, pick = self.rng, lambda: str(rng.choice(list(self.numbers)))
        c = pick()
        v = self.numbers[c]
        codes = ["-999", "-9999", "-99"] if v.min() >= 0 else ["-99999999"]
        codes += ["-1"] if v.min() >= 2 else []
        codes += ["999999999"] if v.abs().max() < 1e8 else []
        code = rng.choice(codes)
        yield "sentinel", "disguised missing value", [c], self.edit(c, self.rows(0.02, 0.2), lambda _: code)
        # A unit shows where the numbers themselves span less than a factor does.
        spans = {
            c: np.log10(v[v != 0].abs().quantile(0.95) / v[v != 0].abs().quantile(0.05))
            for c, v in self.numbers.items() if (v == 0).mean() < 0.2 and (v != 0).any()
        }
        factor = float(rng.choice([1000, 0.001, 100, 0.01]))
        fit = [c for c, span in spans.items() if span < 0.8 * abs(np.log10(factor))]
        if fit:
            c = str(rng.choice(fit))
            yield "unit", "mixed units", [c], self.edit(c, self.rows(0.05, 0.35), lambda v: repr(float(v) * float(factor)))
        c, words = pick(), ["n/k: {}", "ca. {}", "{} ?", "unknown", "see note"]
        word = rng.choice(words)
        yield "text", "text in a numeric column", [c], self.edit(c, self.rows(0.005, 0.05), lambda v: word.format(v))
        c, (a, b) = pick(), rng.uniform(0.1, 50, 2)
        twin = [repr(float(v) * float(a) + float(b)) if v != "" else "" for v in self.data[c]]
        yield "twin", "near-duplicate column", [c, "twin"], self.data.assign(twin=twin)
        c, size = pick(), float(rng.choice([1e9, 1e12, -1e15]))
        size *= max(1.0, self.numbers[c].abs().max())
        yield "outliers", "outliers", [c], self.edit(c, self.rows(0.0001, 0.004), lambda _: repr(float(size)))

    def in_labels(self):
        rng = self.rng
        c = str(rng.choice(self.labels))
        values = self.data[c].where(self.data[c] != "")
        rows = np.flatnonzero(values == values.value_counts().index[0])
        some = rng.choice(rows, max(2, int(rng.uniform(0.05, 0.4) * len(rows))), replace=False)
        blanks = [lambda v: v + " ", lambda v: " " + v, lambda v: f" {v.upper()} "]
        cases = [str.upper, str.lower] if values.iloc[rows[0]].lower() != values.iloc[rows[0]].upper() else []
        cases = [f for f in cases if f(values.iloc[rows[0]]) != values.iloc[rows[0]]]
        change = (blanks + cases)[rng.integers(len(blanks + cases))]
        yield "spelling", "variants of one level", [c], self.edit(c, some, change)
        letters = rng.choice(["ä", "é ß", "–", "“quoted”", "Жизнь", "°C"])
        # Bytes without a meaning in Windows-1252 stay control characters, as in browsers.
        broken = "".join(
            bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b)
            for b in letters.encode()
        )
        yield "encoding", "broken encoding", [c], self.edit(c, some, lambda v: v + broken)
        word = rng.choice(["unknown", "Unknown", "not available", "n/k", "missing"])
        yield "word", "disguised missing value", [c], self.edit(c, self.rows(0.02, 0.2), lambda _: word)

    def in_tables(self):
        rng, data, n = self.rng, self.data, len(self.data)
        c = str(rng.choice(self.columns))
        table = data.copy()
        table.loc[rng.random(n) < rng.uniform(0.6, 0.95), c] = ""
        if table[c].nunique() > 2:
            yield "gaps", "missing values", [c], table
        yield "empty", "all missing", ["empty"], data.assign(empty=rng.choice(["", "NA", "?"]))
        yield "constant", "constant column", ["always"], data.assign(always=rng.choice(["same", "0", "2.5"]))
        names = [
            lambda i: f"R{100000 + 7 * i}", lambda i: str(uuid.UUID(int=int(rng.integers(2**62)))),
            lambda i: str(int(1e9) + 13 * i),
        ][rng.integers(3)]
        yield "identifier", "identifier", ["record_id"], data.assign(record_id=[names(i) for i in range(n)])
        y = data[self.target]
        few = y.nunique() < 60
        codes = pd.Series(pd.factorize(y)[0]) if few else pd.to_numeric(y, errors="coerce")
        copy = ("k" + codes.astype(str)) if few else 100 * codes
        yield "copy", "leak", ["code"], data.assign(code=copy.where(y.to_numpy() != "", "").astype(str))
        level = codes if few else codes.rank()
        noisy = level + rng.normal(0, 0.02 * (level.std() or 1), n)
        yield "leak", "leak", ["after"], data.assign(after=noisy.round(6).astype(str))
        again = data.iloc[self.rows(0.03, 0.3)]
        yield "repeats", "duplicated rows", [], pd.concat([data, again], ignore_index=True)


def profile(program, path, target):
    command = [program, "profile", path, "--json", "--target", target]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)["findings"]


def repeats(findings):
    return sum(f["count"] for f in findings if f["code"] == "duplicate_rows")


def finds(findings, clean, kind, columns):
    if not columns:
        return repeats(findings) > repeats(clean)
    return any(f["code"] in CODES[kind] and f["column"] in columns for f in findings)


def true(part, finding):
    """Whether the rows drawn have made columns constant or equal."""
    code, values = finding["code"], part[finding["column"]] if finding["column"] else None
    same = code == "duplicate_columns" and any(
        values.equals(other) for name, other in part.items() if name != finding["column"]
    )
    return same or (code == "constant_column" and values.nunique() == 1)


def flaws(data, path, target, seed, planter, folder):
    """Name, kind, columns and file of every flaw."""
    if planter:
        subprocess.run([planter, path, target, folder, str(seed)], check=True, stdout=subprocess.DEVNULL)
        with open(f"{folder}/truth.json") as f:
            truth = json.load(f)
        for name, flaw in truth.items():
            yield name, flaw["kind"], flaw["columns"], f"{folder}/{name}.csv"
        return
    for name, kind, columns, table in Planter(data, target, seed).plant():
        table.to_csv(f"{folder}/{name}.csv", index=False)
        yield name, kind, columns, f"{folder}/{name}.csv"


def main():
    program, tables = sys.argv[1:3]
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    planter = sys.argv[4] if len(sys.argv) > 4 else None
    found, planted, alarms = (collections.Counter() for _ in range(3))
    with open(f"{tables}/manifest.csv") as f:
        manifest = [m for m in csv.DictReader(f) if m["task"] in ("binary", "multiclass", "regression")]
    for m in manifest:
        path, target = f"{tables}/{m['file']}", m["target"]
        data = pd.read_csv(path, dtype=str, keep_default_na=False)
        clean = profile(program, path, target)
        known = {(f["code"], f["column"]) for f in clean}
        missed = []
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(seeds):
                for name, kind, columns, file in flaws(data, path, target, seed, planter, folder):
                    planted[kind] += 1
                    if finds(profile(program, file, target), clean, kind, columns):
                        found[kind] += 1
                    else:
                        missed.append(f"{name} in {columns} by seed {seed}")
                    os.remove(file)
            for i in range(RESAMPLES):
                part = data.sample(frac=0.9, random_state=i)
                part.to_csv(f"{folder}/part.csv", index=False)
                for finding in profile(program, f"{folder}/part.csv", target):
                    code, column = finding["code"], finding["column"]
                    looked_at = any(code in codes for codes in CODES.values())
                    if looked_at and (code, column) not in known and not true(part, finding):
                        alarms[code] += 1
                        missed.append(f"false alarm: {finding['what']}")
        print(m["name"], *(missed or ["all found, no false alarm"]), sep="\n  ", flush=True)
    for kind in sorted(planted):
        print(f"{kind}: {found[kind]} of {planted[kind]}")
    share = sum(found.values()) / sum(planted.values())
    print(f"found: {sum(found.values())} of {sum(planted.values())} ({100 * share:.1f} %)")
    print(f"false alarms on {RESAMPLES} resamples of {len(manifest)} tables: {dict(alarms) or 'none'}")
    sys.exit(share < 0.95 or bool(alarms))


if __name__ == "__main__":
    main()
