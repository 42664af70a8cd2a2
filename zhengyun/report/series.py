"""The standings of the reports that were written: what trend and difference are told from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from policies.standing import Standing

KEPT = 60
"""Reports whose standing is kept: five years of monthly ones."""


@dataclass(frozen=True, slots=True)
class Series:
    """A folder with one file for each report of a province."""

    folder: Path

    def earlier(self, province: str) -> list[Standing]:
        """Oldest first. A file that cannot be read, or is of an older version, tells nothing and is passed over."""
        found = (_read(path) for path in sorted(self.folder.glob("*.json")))
        return [each for each in found if each is not None and each.province == province]

    def keep(self, standing: Standing) -> None:
        """Add one, and forget those that are too many."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{standing.made:%Y%m%dT%H%M%S%f}.json"
        partial = path.with_suffix(".partial")
        partial.write_text(standing.model_dump_json(), encoding="utf-8")
        partial.replace(path)
        for old in sorted(self.folder.glob("*.json"))[:-KEPT]:
            old.unlink()


def _read(path: Path) -> Standing | None:
    try:
        return Standing.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
