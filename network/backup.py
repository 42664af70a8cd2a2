"""Copies of running configurations, kept before every change: one file per router and digest."""

from __future__ import annotations

from pathlib import Path

from network.config import digest


class Backups:
    """A folder of copies: ``<router>/<digest>.conf``. A copy once written is never changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, router: str, configuration: str) -> Path:
        """Store a configuration (atomically) and say where."""
        path = self._path(router, digest(configuration))
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = path.with_suffix(".partial")
            partial.write_text(configuration, encoding="utf-8")
            partial.replace(path)
        return path

    def recall(self, router: str, of: str) -> str | None:
        """The configuration of this digest; ``None`` when it was never kept."""
        path = self._path(router, of)
        return path.read_text(encoding="utf-8") if path.exists() else None

    def _path(self, router: str, of: str) -> Path:
        return self._folder / router / f"{of}.conf"
