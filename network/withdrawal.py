"""The decision to take a whole change back, written down before the first router is touched.

A wave that fails takes the waves before it back. When we are killed in the middle of that, the change engine does the
failed wave's step again: it must go on taking back, not begin to push.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from province.record import RoomPlan


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One change's decision, by the content of its plan."""

    path: Path

    @classmethod
    def of(cls, plan: RoomPlan, folder: Path) -> Withdrawal:
        content = json.dumps([plan.live, plan.payload], sort_keys=True).encode()
        return cls(folder / hashlib.sha256(content).hexdigest()[:32])

    def decide(self, why: str) -> None:
        """From now on the change is only taken back."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = self.path.with_suffix(".partial")
        partial.write_text(why, encoding="utf-8")
        partial.replace(self.path)

    def why(self) -> str | None:
        """The failure that decided it; None when nothing is decided."""
        return self.path.read_text(encoding="utf-8") if self.path.exists() else None

    def done(self) -> None:
        """Everything is as before: the same plan may be tried again."""
        self.path.unlink(missing_ok=True)
