"""Where built parts lie, which are there, and which are out of date."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from province.errors import ZyError
from zhengyun.toolchain.part import Part, digest

RECORD = ".built.json"
"""In each built part: seconds, peak memory of the largest process (MB), date. Written last."""


class State(StrEnum):
    """How a part stands."""

    PRESENT = "on this machine"
    BUILT = "built"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Placed:
    """A part and where it lies, or will lie once built."""

    part: Part
    state: State
    path: Path


@dataclass(frozen=True, slots=True)
class Store:
    """All parts of one cache. ``catalogue`` lists each part after those that it needs."""

    cache: Path
    catalogue: Sequence[Part]

    def folder(self, part: Part) -> Path:
        """All versions of a part lie here."""
        return self.cache / "parts" / part.name

    def log(self, part: Part) -> Path:
        """The full log of its last build."""
        return self.cache / "logs" / f"{part.name}.log"

    def lock(self, part: Part) -> Path:
        """Held while it is built."""
        return self.cache / "locks" / f"{part.name}.lock"

    def place(self, names: Iterable[str] | None = None) -> dict[str, Placed]:
        """The named parts and all that they need, in the catalogue's order; without names, every part.

        What is found on the machine needs nothing further. Raises ZY-TOOL-005 for a name that no part has.
        """
        placed: dict[str, Placed] = {}
        digests: dict[str, str] = {}
        for part in self._closure(names):
            digests[part.name] = digest(part, digests)
            path = self.folder(part) / digests[part.name]
            if found := part.present():
                placed[part.name] = Placed(part, State.PRESENT, found)
            elif not part.on_machine and (path / RECORD).exists():
                placed[part.name] = Placed(part, State.BUILT, path)
            else:
                placed[part.name] = Placed(part, State.MISSING, path)
        return placed

    def _closure(self, names: Iterable[str] | None) -> list[Part]:
        known = {part.name: part for part in self.catalogue}
        wanted = set(known) if names is None else set(names)
        if unknown := wanted - set(known):
            raise ZyError(
                "ZY-TOOL-005",
                f"there is no part named {', '.join(sorted(unknown))}",
                fix=f"the parts are: {', '.join(known)}",
            )
        for part in reversed(self.catalogue):
            if part.name in wanted:
                wanted.update(part.needs, part.tools)
        return [part for part in self.catalogue if part.name in wanted]

    def outdated(self) -> list[Path]:
        """Built parts that the present catalogue does not use. Remains of killed builds (their names begin
        with a dot) are left to the next build of that part, which holds its lock."""
        current = {placed.path for placed in self.place().values()}
        found = (self.cache / "parts").glob("*/[!.]*")
        return sorted(path for path in found if path not in current)


def remove(path: Path) -> None:
    """Remove a built part or what a killed build left, whether or not it is there."""
    if path.exists():
        shutil.rmtree(path, onerror=_writable)


def _writable(operation: Callable[[str], object], path: str, _: object) -> None:
    """Go's module cache is read-only: make the folder writable and try once more."""
    parent = Path(path).parent
    parent.chmod(parent.stat().st_mode | 0o700)
    operation(path)
