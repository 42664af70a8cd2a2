"""Append 10,000 records to the transparency log in one batch, written to disk and signed (aim: 1,000/s).

The peer is pymerkle (GPL-3.0, so nothing of ours links it) with its SQLite store, which keeps but does not sign. Both
trees are of RFC 9162, so the roots must be equal: that is a foreign judgement on our hashing as well.
"""

from __future__ import annotations

import json
import time
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks._policy import machine, measured
from zhengyun.transparency.audit import audit
from zhengyun.transparency.log import Fact, Kind, Log

COUNT = 10_000
PEER = """
import json, sys, time
from pymerkle import SqliteTree
entries = open(sys.argv[1], "rb").read().splitlines()
tree = SqliteTree(sys.argv[2], algorithm="sha256")
began = time.perf_counter()
tree.append_entries(entries) if hasattr(tree, "append_entries") else [tree.append_entry(one) for one in entries]
appended = time.perf_counter() - began
root = tree.get_state()
print(json.dumps({"seconds": appended, "root": root.hex() if isinstance(root, bytes) else root.digest.hex()}))
"""


def run() -> list[dict[str, Any]]:
    digest = sha256(b"{}").hexdigest()
    with TemporaryDirectory() as folder:
        log = Log(Path(folder, "log"))
        path = Path(folder, "evidence.json")
        path.write_text("{}")
        facts = [
            Fact(kind=Kind.VERIFICATION, id=f"{number}", by="bench", sha256=digest, file="evidence.json")
            for number in range(COUNT)
        ]
        log.append(facts[:1])  # makes the key
        began = time.perf_counter()
        checkpoint = log.append(facts)
        ours = time.perf_counter() - began
        began = time.perf_counter()
        assert checkpoint is not None
        assert audit(log, Path(folder)) == []
        audited = time.perf_counter() - began
        peer = measured("pymerkle==7.0.0", PEER, str(log.entries_file), str(Path(folder, "peer.db")))
        assert peer["root"] == checkpoint.root, "two implementations of RFC 9162 must agree"
    rate, theirs = COUNT / ours, (COUNT + 1) / peer["seconds"]
    return [
        {
            "name": "append to the log, on disk and signed",
            "unit": "records/s",
            "ours": round(rate),
            "peers": {"pymerkle 7.0.0, SQLite, unsigned": round(theirs), "aim": 1000},
            "ratio": round(rate / theirs, 2),
            "n": COUNT,
            "machine": machine(),
            "audit of all, s": round(audited, 3),
        }
    ]


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
