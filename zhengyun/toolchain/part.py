"""What a part is: something that is built once, from named inputs, into a folder of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Log = Callable[[str], None]
"""Takes one line of a build's log."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a builder gets. It writes into ``out`` alone; ``work`` is scratch space, deleted afterwards."""

    out: Path
    work: Path
    cache: Path
    """The cache root, for what may stay warm between builds (downloads, the Go build cache)."""
    built: Mapping[str, Path]
    """Where each part lies that this one needs: its folder, or what was found on the machine."""
    log: Log


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to set up. Figures are rough, measured on two cores, and only shown to the user."""

    name: str
    title: str
    title_zh: str
    build: Callable[[Job], None]
    files: tuple[Path, ...] = ()
    """Files and folders whose content decides the result."""
    strings: tuple[str, ...] = ()
    """Further things that decide the result: versions, and a word of its own whenever ``build`` comes to give another
    result from the same files (the builder's code itself is not looked at)."""
    needs: tuple[str, ...] = ()
    """Parts that go into this one: when they change, it changes."""
    tools: tuple[str, ...] = ()
    """Parts that only help to build it."""
    present: Callable[[], Path | None] = field(default=lambda: None)
    """Finds the thing on the machine already (an official tool on PATH); then nothing is built."""
    on_machine: bool = False
    """It lives on the machine itself (Debian packages), so only ``present`` tells whether it is there."""
    minutes: float = 0.0
    megabytes: int = 0
    root: str = ""
    """Why building it needs root; empty if it does not."""


def digest(part: Part, needs: Mapping[str, str]) -> str:
    """The name of a part's content: 16 hexadecimal digits. ``needs``: the digests of the parts that go into it."""
    content = hashlib.sha256()
    for item in (part.name, *part.strings, *(f"{name}={needs[name]}" for name in part.needs)):
        _add(content, item.encode())
    for top in part.files:
        for file in _files(top):
            _add(content, str(file.relative_to(top.parent)).encode())
            _add(content, b"x" if file.stat().st_mode & 0o100 else b"-")
            _add(content, file.read_bytes())
    return content.hexdigest()[:16]


def _add(content: hashlib._Hash, item: bytes) -> None:
    # With its length first, so that "ab"+"c" and "a"+"bc" differ.
    content.update(len(item).to_bytes(8, "big") + item)


def _files(top: Path) -> list[Path]:
    if top.is_file():
        return [top]
    found = (path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(found)
