"""The gear register (设备台账): which routers are of what model, until when each is supported, what to replace when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from province.extranet import Role, Router
from province.province import Province


@dataclass(frozen=True, slots=True)
class Entry:
    """One router of the register. ``end`` is ``None`` where nobody has written it down."""

    router: str
    site: str
    roles: str
    gear: str
    end: date | None
    srv6: bool | None

    def ended(self, day: date) -> bool:
        return self.end is not None and self.end < day


@dataclass(frozen=True, slots=True)
class Batch:
    """Routers that can be replaced at one time: no two of them stand in for each other."""

    quarter: str
    """Such as ``2027 Q1``: the one in which their support ends; ``overdue`` when it has."""
    number: int
    routers: tuple[Entry, ...]


def register(province: Province) -> list[Entry]:
    """All routers; those whose support ends first come first, those of which it is not known last."""
    entries = [_entry(province, router) for router in province.routers.values()]
    return sorted(entries, key=lambda entry: (entry.end or date.max, entry.router))


def ending(entries: Iterable[Entry], until: date) -> list[Entry]:
    """Those whose support ends by that day, or has ended."""
    return [entry for entry in entries if entry.end is not None and entry.end <= until]


def batches(entries: Iterable[Entry], today: date) -> list[Batch]:
    """The upgrade plan: by quarter, and within it so that a batch takes at most one router of each site.

    A site's routers stand in for each other. CEs come before PEs, and PEs before P routers.
    """
    quarters: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.end is not None:
            quarters.setdefault(_quarter(entry.end, today), []).append(entry)
    return [batch for quarter in sorted(quarters, key=_order) for batch in _split(quarter, quarters[quarter])]


def _split(quarter: str, entries: list[Entry]) -> list[Batch]:
    """Numbered from 1: the first of each site among the CEs, then the second of each, then the PEs alike."""
    taken: Counter[tuple[str, int]] = Counter()
    found: dict[tuple[int, int], list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.router):
        rank = _RANK[entry.roles.split("/", maxsplit=1)[0]]
        taken[entry.site, rank] += 1
        found.setdefault((rank, taken[entry.site, rank]), []).append(entry)
    return [Batch(quarter, number, tuple(found[key])) for number, key in enumerate(sorted(found), 1)]


_RANK = {"CE": 0, "PE": 1, "P": 2}
"""By the first role: what hangs on a router should run the new software before the router does."""
OVERDUE = "overdue"


def _quarter(end: date, today: date) -> str:
    return OVERDUE if end < today else f"{end.year} Q{(end.month + 2) // 3}"


def _order(quarter: str) -> str:
    return "" if quarter == OVERDUE else quarter


def _entry(province: Province, router: Router) -> Entry:
    gear = province.gear[router.gear] if router.gear else None
    return Entry(
        router=router.code,
        site=router.site,
        roles="/".join(role.upper() for role in (Role.P, Role.PE, Role.CE) if role in router.roles),
        gear=f"{gear.vendor} {gear.model}" if gear else "",
        end=gear.end_of_support if gear else None,
        srv6=gear.srv6 if gear else None,
    )
