"""The folder that assessors get: the page, the workbook, the raw evidence, and OSCAL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from policies.standing import Standing
from province.province import Province
from zhengyun.judging import Judgement
from zhengyun.report.conformity import conformity_html, evidence_lines
from zhengyun.report.oscal import documents
from zhengyun.report.workbook import workbook


def write_assessment(
    made: Judgement, province: Province, folder: Path, earlier: Sequence[Standing] = ()
) -> dict[str, Path]:
    """Write all of it, each file whole or not at all; where it is, by kind.

    ``earlier``: standings of earlier reports, oldest first.
    """
    (folder / "oscal").mkdir(parents=True, exist_ok=True)
    for name, content in _files(made, province, earlier):
        partial = (folder / name).with_suffix(".partial")
        partial.write_bytes(content)
        partial.replace(folder / name)
    kinds = {"conformity": "conformity.html", "workbook": "conformity.xlsx", "evidence": "evidence.jsonl"}
    return {kind: (folder / name).absolute() for kind, name in {**kinds, "oscal": "oscal"}.items()}


def _files(made: Judgement, province: Province, earlier: Sequence[Standing]) -> Iterator[tuple[str, bytes]]:
    yield "conformity.html", f"{conformity_html(made, province, earlier)}\n".encode()
    yield "conformity.xlsx", workbook(made, province)
    yield "evidence.jsonl", "".join(f"{line}\n" for line in evidence_lines(made)).encode()
    for name, document in documents(made, province).items():
        yield f"oscal/{name}", f"{json.dumps(document, ensure_ascii=False, indent=1)}\n".encode()
