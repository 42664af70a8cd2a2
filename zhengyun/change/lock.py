"""One operator at a time: a lock that the kernel gives back when its owner dies, and that says whose it is."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from province.errors import Place, ZyError
from province.record import Record


class Owner(Record):
    """Who holds the lock, since when, and what for."""

    operator: str
    since: datetime
    pid: int
    what: str


@contextmanager
def held(path: Path, operator: str, what: str) -> Iterator[None]:
    """Hold the lock while the block runs. Raises ``ZY-CHG-021`` when another operator holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            now = _parse(path.read_text(encoding="utf-8"))
            who = (
                f"{now.operator} ({now.what}; pid {now.pid}, since {now.since:%H:%M} UTC)"
                if now
                else "another operator"
            )
            raise ZyError(
                "ZY-CHG-021",
                f"{who} is at work on this province",
                place=Place(file=str(path)),
                fix="wait until it ends (`zy status`), or talk to them",
            ) from error
        stream.truncate(0)
        stream.write(Owner(operator=operator, since=datetime.now(UTC), pid=os.getpid(), what=what).model_dump_json())
        stream.flush()
        try:
            yield
        finally:
            stream.truncate(0)


def owner(path: Path) -> Owner | None:
    """Who holds the lock now; None when nobody does, also when the last owner died with it."""
    try:
        with path.open("r", encoding="utf-8") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _parse(stream.read())
    except FileNotFoundError:
        return None
    return None


def _parse(text: str) -> Owner | None:
    try:
        return Owner.model_validate_json(text)
    except ValidationError:
        return None
