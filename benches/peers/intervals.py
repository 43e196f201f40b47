"""What intervals of numbers hold: the share of rows kept away that lie within what `ruska predict --interval 0.9`
tells of them.

Arguments: the program ruska, a folder with tables and their manifest.csv (name, file, task, target), a file for
the results, seconds a fit, and optionally names of tables and `resamples=N` (20 unless told). Every resample is
fitted on four fifths of the rows at random and looks at the others. Results that the file holds are not made
again. Prints for every table the mean, least and greatest share held, the shares held in the tenths of the rows
with the lowest predictions up to the highest, and the mean width over the standard deviation of the target; then
the mean of the tables.
"""
import csv
import os
import random
import subprocess
import sys
import tempfile
from statistics import mean, pstdev

SHARE, TENTHS = 0.9, 10
FIELDS = ["name", "resample", "rows", "held", "width"] + [f"tenth_{k}" for k in range(1, TENTHS + 1)]


def ruska(program, *words):
    done = subprocess.run([program, *words, "-q"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def measured(program, folder, m, resample, seconds):
    with open(f"{folder}/{m['file']}", newline="") as file:
        header, *rows = csv.reader(file)
    at = header.index(m["target"])
    rows = [row for row in rows if row[at] not in ("", "NA")]
    random.Random(f"{m['name']} {resample}").shuffle(rows)
    cut = len(rows) * 4 // 5
    with tempfile.TemporaryDirectory() as place:
        train, test, model, store, told = (f"{place}/{n}" for n in ("train.csv", "test.csv", "m.ruska", "s", "p.csv"))
        write(train, header, rows[:cut])
        write(test, header, rows[cut:])
        ruska(program, "fit", train, "--target", m["target"], "--time", f"{seconds}s", "--seed", str(resample),
              "--output", model, "--store", store)
        ruska(program, "predict", model, test, "--interval", str(SHARE), "--output", told)
        with open(told, newline="") as file:
            told = [tuple(float(row[c]) for c in ("prediction", "lower_90", "upper_90")) for row in csv.DictReader(file)]
    truth = [float(row[at]) for row in rows[cut:]]
    held = [low <= y <= high for y, (_, low, high) in zip(truth, told)]
    order = sorted(range(len(truth)), key=lambda i: told[i][0])
    tenths = [order[k * len(order) // TENTHS:(k + 1) * len(order) // TENTHS] for k in range(TENTHS)]
    result = dict(name=m["name"], resample=resample, rows=len(truth), held=mean(held),
                  width=mean(high - low for _, low, high in told) / pstdev(truth))
    return result | {f"tenth_{k + 1}": mean(held[i] for i in tenth) for k, tenth in enumerate(tenths)}


def main(program, folder, results, seconds, *rest):
    resamples = next((int(word[10:]) for word in rest if word.startswith("resamples=")), 20)
    names = [word for word in rest if "=" not in word]
    with open(f"{folder}/manifest.csv", newline="") as file:
        tables = [m for m in csv.DictReader(file) if m["task"] == "regression"]
    done = {}
    if os.path.exists(results):
        with open(results, newline="") as file:
            done = {(row["name"], int(row["resample"])): row for row in csv.DictReader(file)}
    else:
        write(results, FIELDS, [])
    means = []
    for m in (m for m in tables if not names or m["name"] in names):
        lines = []
        for resample in range(resamples):
            if (m["name"], resample) not in done:
                line = measured(program, folder, m, resample, seconds)
                with open(results, "a", newline="") as file:
                    csv.DictWriter(file, FIELDS).writerow(line)
                done[m["name"], resample] = line
            lines.append({k: float(v) for k, v in done[m["name"], resample].items() if k != "name"})
        held = [line["held"] for line in lines]
        tenths = " ".join(f"{100 * mean(line[f'tenth_{k + 1}'] for line in lines):.0f}" for k in range(TENTHS))
        means.append(mean(held))
        print(f"{m['name']:20} {100 * mean(held):5.1f} %  {100 * min(held):5.1f} to {100 * max(held):5.1f}  "
              f"tenths {tenths}  width {mean(line['width'] for line in lines):.2f}", flush=True)
    print(f"{'mean':20} {100 * mean(means):5.1f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
