"""What goes into the log, and when: changes as they begin and end, with their approvals and emergencies;
verifications, agreements, drills.

Everything is found by what lies in the state root, and what is in the log already is not added again: a command that
was killed between a record and its entry is caught up with by the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from pathlib import Path

from province.digest import sha256_of
from province.province import Province
from zhengyun.change.journal import Change, Changes
from zhengyun.transparency.log import Fact, Kind, Log


def catch_up(log: Log, state: Path, changes: Changes) -> None:
    """Log every record that is not in the log yet."""
    with log.held():
        known = {entry.fact.file for entry in log.entries()}
        log.write([*_of_changes(changes, state, known), *_of_store(state, known)])


def keep(state: Path, kind: Kind, document: str) -> Path:
    """Put a record into the evidence store (``evidence/KIND-SHA256.json``): once written it never changes."""
    digest = hashlib.sha256(document.encode()).hexdigest()
    path = state / "evidence" / f"{kind}-{digest}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(".partial")
        partial.write_text(document, encoding="utf-8")
        partial.replace(path)
    return path


def keep_agreements(state: Path, province: Province) -> Path:
    """The sharing agreements as they are when a change is carried out."""
    content = {code: one.model_dump(mode="json") for code, one in sorted(province.agreements.items())}
    for one in content.values():
        one["ports"] = sorted(one["ports"])
    document = {"province": province.identity.code, "agreements": content}
    return keep(state, Kind.AGREEMENTS, json.dumps(document, ensure_ascii=False, sort_keys=True))


def _of_changes(changes: Changes, state: Path, known: Collection[str]) -> Iterator[Fact]:
    for change in changes.all():
        approvals = sorted((change.folder / "approvals").glob("*.json"))
        records = [
            (Kind.CHANGE_BEGUN, change.folder / "plan.json"),
            *((Kind.APPROVAL, path) for path in approvals),
            (Kind.EMERGENCY, change.folder / "emergency.json"),
            (Kind.CHANGE_ENDED, change.folder / "result.json"),
        ]
        for kind, path in records:
            file = str(path.relative_to(state))
            if file not in known and path.exists():
                yield Fact(kind=kind, id=change.id, by=_operator(change), sha256=sha256_of(path), file=file)


def _operator(change: Change) -> str:
    entries = change.entries()
    return entries[0].text if entries else ""


def _of_store(state: Path, known: Collection[str]) -> Iterator[Fact]:
    for path in sorted((state / "evidence").glob("*.json"), key=lambda path: path.stat().st_mtime):
        kind, _, digest = path.stem.rpartition("-")
        file = str(path.relative_to(state))
        if kind in (Kind.VERIFICATION, Kind.AGREEMENTS, Kind.DRILL) and file not in known:
            yield Fact(kind=Kind(kind), id=digest[:12], by="", sha256=digest, file=file)
