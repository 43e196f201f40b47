"""Writes tables whose names, levels and labels are written to break pages; always the same bytes.

Arguments: a folder, for a table of rows, a later one that has drifted, and one of series; or `--name KEY`, which prints the name of
the column of this key (target, kind, number, sold, month, product).
"""
import csv
import pathlib
import random
import sys

RAN = "window.ran=true"
SCRIPT = f"<script>{RAN}</script>"
IMAGE = f"<img src=x onerror={RAN}>"
DRAWN = f'"><svg onload={RAN}>'
LINK = f"javascript:{RAN}"
NAMES = {
    "target": f"left {SCRIPT}",
    "kind": f"kind '\" autofocus onfocus={RAN} x='",
    "number": f"paid ]]></style>{IMAGE}",
    "sold": f"sold {SCRIPT}",
    "month": f"month {DRAWN}",
    "product": f"product </title>{IMAGE}",
}
LABELS = [f"no {SCRIPT}", f"yes {DRAWN}"]
LEVELS = [
    IMAGE,
    "</style></script></title></textarea><b>",
    f"]]><a href=\"{LINK}\">x</a>",
    LINK,
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "\u202etxt.exe\u202d\u200f right to left",
    "🎉👩\u200d👩\u200d👧 emoji",
    "Z" + "\u0300\u0301\u0302\u0315\u0323" * 12 + "algo e\u0301",
    "bell\x07 escape\x1b[31m\x0b\x7f\x85\u2028 end",
    "L" + "o" * 9_998 + "ng",
    "many words " * 60,
    "`code` **bold** [x](javascript:alert(1)) &lt;b&gt; &#x3c;b&#x3e;",
]
KINDS = [SCRIPT, DRAWN, "שלום \u202e", "`;--><!--", "W" * 400]


def rows(rng, by=0.0, new=None):
    """400 rows: names, then cells. What is to be predicted follows two numbers and a level. The first
    number is moved by `by`, and every fifth row has the level `new`, where there is one."""
    names = [
        SCRIPT, IMAGE, DRAWN, LINK, "</style><b>", "]]>", "{{7*7}}", "\u202etxt.exe\u200f",
        "🎉 e\u0301\u0301 Z" + "\u0300" * 30, "bell\x07 escape\x1b[0m", "N" * 300, "`a` or `b", "--help",
        "x\nsecond line", NAMES["kind"], NAMES["number"], NAMES["target"],
    ]
    yield names
    for i in range(400):
        level = rng.randrange(len(LEVELS))
        first, second = rng.gauss(by, 1), rng.gauss(50, 12)
        size = 2.0 * first + (second - 50) / 12 + (level % 3) + rng.gauss(0, 0.7)
        kind = KINDS[min(int(abs(first) * 2 + rng.random()), 4)]
        yield [
            f"{first:.4f}", new if new and i % 5 == 0 else LEVELS[level], f"{second:.2f}", LEVELS[(level * 5 + i % 2) % len(LEVELS)],
            rng.randrange(40), f"{rng.expovariate(1e-9):.1f}", "" if i % 4 == 0 else f"{rng.random():.3g}",
            KINDS[rng.randrange(5)], f"{-1e-12 * rng.random():.4g}", ["yes", "no"][i % 3 > 0],
            rng.randrange(10), f"2024-{1 + i % 12:02}-{1 + i % 28:02}", f"{rng.lognormvariate(0, 3):.6g}",
            f"{LEVELS[i % 4]} {rng.randrange(10**6)}", kind, f"{1000 + 120 * size:.2f}", LABELS[size + rng.gauss(0, 1.5) > 1.2],
        ]


def series(rng):
    """Five years of months of a series for each level that a name may have."""
    yield [NAMES["month"], NAMES["product"], NAMES["sold"]]
    for k, name in enumerate(LEVELS):
        for i in range(60):
            season = [0, 4, 9, 3, 1, 0, 2, 6, 8, 12, 20, 30][(i + k) % 12]
            yield [f"{2019 + i // 12}-{1 + i % 12:02}", name, round(90 + 9 * k + 0.4 * i + season + rng.gauss(0, 4), 1)]


def write(path, lines):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def main():
    if sys.argv[1:2] == ["--name"]:
        print(NAMES[sys.argv[2]])
        return
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "it's a \"hostile\" & <b>table.csv", rows(random.Random(7)))
    later = rows(random.Random(9), by=1.5, new=f"new {DRAWN} \u202e{IMAGE}")
    write(folder / "a later <i>table.csv", later)
    write(folder / "hostile series.csv", series(random.Random(8)))


if __name__ == "__main__":
    main()
