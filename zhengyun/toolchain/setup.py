"""What ``zy setup`` and ``zy clean`` do, as plain functions for the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from province.errors import Place, ZyError
from zhengyun.places import Places
from zhengyun.toolchain import engine
from zhengyun.toolchain.catalogue import CATALOGUE
from zhengyun.toolchain.progress import Progress
from zhengyun.toolchain.store import Placed, State, Store, remove

TAG = "CACHEDIR.TAG"
"""Written into the cache by ``./zy`` (https://bford.info/cachedir/): backups pass it over, ``clean`` knows it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of ``zy setup --plan``. Minutes and megabytes (disk and downloads while it is built) are rough."""

    name: str
    title: str
    title_zh: str
    state: State
    where: Path
    minutes: float
    megabytes: int
    root: str
    """Why root is needed to build it; empty if it is not."""


def plan_rows(places: Places) -> list[Row]:
    """All parts and how they stand. Changes nothing."""
    return [
        Row(
            name=name,
            title=placed.part.title,
            title_zh=placed.part.title_zh,
            state=placed.state,
            where=placed.path,
            minutes=placed.part.minutes,
            megabytes=placed.part.megabytes,
            root=placed.part.root,
        )
        for name, placed in Store(places.cache, CATALOGUE).place().items()
    ]


def run(places: Places, progress: Progress, names: Iterable[str] | None = None) -> dict[str, Placed]:
    """Build what is missing of the named parts and of all that they need; without names, of everything.

    Returns at once where nothing is missing. Call it from the main thread, before any other is started.
    Errors are those of ``engine.run``.
    """
    return engine.run(Store(places.cache, CATALOGUE), progress, names)


def prune(places: Places) -> list[Path]:
    """Remove built parts that the present sources no longer use. Returns what was removed."""
    outdated = Store(places.cache, CATALOGUE).outdated()
    for path in outdated:
        remove(path)
    return outdated


def clean_rows(places: Places) -> list[Path]:
    """What ``clean`` would remove. Debian packages stay. Raises ZY-TOOL-007 where that cannot be meant."""
    roots = [root for root in (places.cache, places.state) if root.exists()]
    for root in roots:
        if not is_ours(root) or holds(root, (Path.home(), Path.cwd(), Path(__file__))):
            raise ZyError(
                "ZY-TOOL-007",
                "this folder may hold more than zhengyun's own files; nothing was removed",
                place=Place(file=str(root)),
                fix="set $ZY_CACHE and $ZY_STATE to folders of their own, or remove by hand what is to go",
            )
    return roots


def is_ours(root: Path) -> bool:
    """Whether a folder is zhengyun's by its name, as it is by default, or by the tag that the set-up wrote."""
    tag = root / TAG
    return root.name == "zhengyun" or (
        tag.is_file() and "zhengyun" in tag.read_text(encoding="utf-8", errors="replace")
    )


def holds(root: Path, others: Iterable[Path]) -> bool:
    """Whether one of the others lies in this folder, or is it."""
    return any(path.resolve().is_relative_to(root.resolve()) for path in others)


def clean(places: Places) -> list[Path]:
    """Remove cache and state. The lab must be down, and the caller must end soon: its own Python goes too."""
    roots = clean_rows(places)
    for root in roots:
        remove(root)
    return roots
