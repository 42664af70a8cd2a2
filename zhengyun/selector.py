"""``--limit``: which targets of each room a person means; what a selector is stands in :mod:`province.selector`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from province.errors import ZyError
from province.province import Province
from province.record import RoomName
from province.selector import KINDS, ChoosesNothingError, Target, chosen, targets

Targets = Mapping[RoomName, tuple[str, ...]]
"""Targets of each room that takes part; an empty tuple means all of the room."""


def select(province: Province, selectors: Sequence[str], rooms: Sequence[RoomName]) -> Targets:
    """Chosen targets of each of these rooms; rooms without any are left out.

    Raises ``ZY-CLI-002`` for a selector of an unknown kind, and for one that matches nothing.
    """
    if not selectors:
        return dict.fromkeys(rooms, ())
    known = list(targets(province))
    all_chosen = {target.name: target for selector in selectors for target in _matching(selector, known)}
    by_room = {room: tuple(sorted(t.name for t in all_chosen.values() if t.room is room)) for room in rooms}
    found = {room: names for room, names in by_room.items() if names}
    if not found:
        raise _nothing(" ".join(selectors), f"in {', '.join(rooms)} they choose nothing")
    return found


def _matching(selector: str, known: Sequence[Target]) -> list[Target]:
    try:
        return chosen(selector, known)
    except ChoosesNothingError as error:
        raise _nothing(selector, str(error)) from error


def _nothing(selector: str, why: str) -> ZyError:
    return ZyError(
        "ZY-CLI-002",
        f"--limit {selector}: {why}",
        fix=f"write KIND=GLOB with KIND one of {', '.join(KINDS)}, or a glob of names such as 'gz-*'",
    )
