"""Hashes of a ledger's entries, computed from the definition in crates/ruska-store/src/register/chain.rs
with the reference BLAKE3 for Python.

    pip install blake3==1.0.11
    python tests/reference/ledger_chain.py > tests/reference/ledger_chain.json
"""

import json
import struct

from blake3 import blake3


def number(value):
    return struct.pack("<q", value)


def text(value):
    raw = value.encode()
    return number(len(raw)) + raw


def optional(value, encode):
    return b"\0" if value is None else b"\1" + encode(value)


def link(previous, row):
    seq, at_ms, actor, subject, name, kind, version, digest, body = row
    return blake3(
        b"ruska ledger 1\n"
        + previous
        + number(seq)
        + number(at_ms)
        + b"".join(text(t) for t in (actor, subject, name, kind))
        + optional(version, number)
        + optional(digest, text)
        + text(body)
    ).digest()


ROWS = [
    [1, 1_700_000_000_000, "ann", "model", "churn", "model_registered", 1, "ab" * 32, '{"entry":"x"}'],
    [2, -1, "", "store", "", "environments_set", None, None, '{"environments":["läb","🦀"]}'],
    [3, 1_700_000_000_001, "job:churn", "dataset", "d", "dataset_added", 4_294_967_295, "", ""],
]


def main():
    previous, out = bytes(32), []
    for row in ROWS:
        previous = link(previous, row)
        out.append({"row": row, "hash": previous.hex()})
    print(json.dumps(out, indent=1, ensure_ascii=False))


main()
