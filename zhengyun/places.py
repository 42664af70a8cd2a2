"""Where zhengyun keeps what it builds and what it remembers: the only module that reads this from the environment.

Cache: built tools and images; may be deleted at any time and is built again. State: running labs, Pulumi's
state, plans, journals. Both follow the XDG Base Directory Specification 0.8, below a variable of our own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """The two roots. Neither needs to exist yet."""

    cache: Path
    state: Path

    @classmethod
    def of(cls, environment: Mapping[str, str], home: Path) -> Places:
        """The roots under these variables and this home directory."""
        return cls(
            cache=_root(environment, "ZY_CACHE", "XDG_CACHE_HOME", home / ".cache"),
            state=_root(environment, "ZY_STATE", "XDG_STATE_HOME", home / ".local" / "state"),
        )

    @classmethod
    def here(cls) -> Places:
        """The roots of this process."""
        return cls.of(os.environ, Path.home())


def _root(environment: Mapping[str, str], own: str, xdg: str, default: Path) -> Path:
    if named := environment.get(own):
        return Path(named).expanduser().absolute()
    base = environment.get(xdg, "")
    # "All paths set in these environment variables must be absolute. If [not], [...] ignore it." (XDG, basics)
    return (Path(base) if base.startswith("/") else default) / "zhengyun"
