"""Copies of the stacks' states, one before every apply, so that a lost or damaged state is no lost cloud."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from province.errors import Place, ZyError
from province.record import JsonObject

KEPT = 30
"""Copies of each stack."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy. Names sort by time."""

    stack: str
    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def made(self) -> datetime:
        return datetime.strptime(self.name.split("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)

    def deployment(self) -> JsonObject:
        """As it was then. Raises ``ZY-CLD-078`` when the file is no longer what was written."""
        data = self.path.read_bytes()
        if _digest(data) != self.name.split("-")[1]:
            raise ZyError(
                "ZY-CLD-078",
                f"the copy {self.name} has been altered or is damaged",
                place=Place(file=str(self.path)),
                fix=f"choose another: zy cloud state list, then zy cloud state restore {self.stack} --copy NAME",
            )
        found: JsonObject = json.loads(data)["deployment"]
        return found


class Copies:
    """A folder of copies: ``<stack>/<time>-<digest>.json``, in the form that ``pulumi stack import`` reads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, stack: str, deployment: JsonObject, now: datetime) -> Copy | None:
        """Store a state, readable by us alone; ``None`` when there is nothing, or nothing new, to keep."""
        if not deployment.get("resources"):
            return None
        data = json.dumps({"version": 3, "deployment": deployment}, sort_keys=True).encode()
        known = self.of(stack)
        if known and known[-1].name.endswith(f"-{_digest(data)}"):
            return None
        folder = self._folder / stack
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{_digest(data)}.json"
        partial = path.with_suffix(".partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(data)
        partial.replace(path)
        for old in known[: max(0, len(known) + 1 - KEPT)]:
            old.path.unlink()
        return Copy(stack, path)

    def of(self, stack: str) -> list[Copy]:
        """A stack's copies, oldest first."""
        return [Copy(stack, path) for path in sorted((self._folder / stack).glob("*.json"))]

    def find(self, stack: str, name: str | None) -> Copy:
        """The copy of that name, or the newest. Raises ``ZY-CLD-079`` when there is none."""
        known = self.of(stack)
        found = [copy for copy in known if name in (None, copy.name)]
        if not found:
            words = ", ".join(copy.name for copy in known[-3:]) or "none was ever made"
            raise ZyError(
                "ZY-CLD-079",
                f"there is no such copy of the stack {stack}; there are: {words}",
                place=Place(target=stack),
                fix="zy cloud state list shows all stacks and their copies",
            )
        return found[-1]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
