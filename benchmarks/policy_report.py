"""The page for assessors over 20,000 judgements (aims: 5 s, 10 MB), against the same rows as a plain jinja2 table.

A table with a row each, escaped by jinja2, is how most reports of checks are written (pytest-html, ansible's).
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment

from benchmarks._policy import machine
from benchmarks.policy_judge import LAB, checks
from province.load import load
from province.record import RoomName
from zhengyun.judging import judgement
from zhengyun.report.conformity import conformity_html, state
from zhengyun.report.evidence import Verification
from zhengyun.report.oscal import documents

COUNT = 20_000
TABLE = """<table>{% for j in rows %}<tr><td>{{ state(j) }}</td><td>{{ j.clause }}</td><td>{{ j.object }}</td>
<td>{{ j.title }}</td><td>{{ j.title_en }}</td><td>{{ j.check }}</td><td>{{ j.owner.department }}</td>
<td>{{ j.expected }}</td><td>{{ j.actual }}</td><td><code>{{ j.proof.command }}</code></td><td>{{ j.proof.time }}</td>
<td>{{ j.proof.sha256 }}</td><td>{{ j.mend }}</td></tr>{% endfor %}</table>"""


def run() -> list[dict[str, Any]]:
    province, now = load(LAB), datetime.now(UTC)
    found = tuple(checks())
    targets: dict[RoomName, tuple[str, ...]] = {room: () for room in RoomName}
    made = judgement(
        province, None, Verification(province="gd", began=now, ended=now, checks=found, targets=targets), now
    )
    rows = [judged for verdict in made.verdicts for judged in verdict.judged]
    assert len(rows) >= COUNT
    began = time.perf_counter()
    page = conformity_html(made, province)
    ours = time.perf_counter() - began
    began = time.perf_counter()
    table = Environment(autoescape=True).from_string(TABLE).render(rows=rows, state=state)
    theirs = time.perf_counter() - began
    began = time.perf_counter()
    oscal = sum(len(json.dumps(document, ensure_ascii=False)) for document in documents(made, province).values())
    oscal_seconds = time.perf_counter() - began
    size, their_size = len(page.encode()) / 1e6, len(table.encode()) / 1e6
    common = {"n": len(rows), "machine": machine()}
    return [
        {
            "name": "page of all judgements",
            "unit": "s",
            "ours": round(ours, 3),
            "peers": {"jinja2 table": round(theirs, 3), "aim": 5.0},
            "ratio": round(theirs / ours, 2),
            **common,
        },
        {
            "name": "size of the page",
            "unit": "MB",
            "ours": round(size, 2),
            "peers": {"jinja2 table": round(their_size, 2), "aim": 10.0},
            "ratio": round(their_size / size, 2),
            **common,
        },
        {
            "name": "OSCAL documents",
            "unit": "s",
            "ours": round(oscal_seconds, 3),
            "peers": {"aim": 5.0},
            "ratio": round(5.0 / oscal_seconds, 2),
            **common,
            "MB": round(oscal / 1e6, 2),
        },
    ]


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
