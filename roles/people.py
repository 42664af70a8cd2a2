"""Who administers a host on a day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from province.administrator import Administrator, Duty
from province.host import Host
from province.province import Province
from province.public_key import without_comment


@dataclass(frozen=True, slots=True)
class Person:
    """An administrator as a host knows them. ``keys``: type and key alone, as hosts are asked for them."""

    account: str
    duty: Duty
    keys: frozenset[str] = frozenset()


PLACEHOLDERS = (Person("sysadmin", Duty.SYSTEM), Person("auditadmin", Duty.AUDIT), Person("secadmin", Duty.SECURITY))
"""What the role makes where no inventory names people (its own defaults): nobody can log in as one of them."""


def administrators_of(province: Province, host: Host, day: date) -> list[Administrator]:
    """Who administers this host on this day, by account."""
    people = (person for _, person in sorted(province.administrators.items()))
    return [person for person in people if person.is_of(host) and person.is_in_office(day)]


def people_of(province: Province, host: Host, day: date) -> tuple[Person, ...]:
    """The same as checks judge it; the placeholders where the inventory names nobody at all."""
    if not province.administrators:
        return PLACEHOLDERS
    return tuple(
        Person(one.code, one.duty, frozenset(without_comment(key) for key in one.keys))
        for one in administrators_of(province, host, day)
    )


def unfilled(province: Province, host: Host, day: date) -> list[Duty]:
    """Duties that nobody has on this host since somebody's time has ended."""
    held = {person.duty for person in people_of(province, host, day)}
    return [duty for duty in Duty if duty not in held]
