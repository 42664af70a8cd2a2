"""Offline verification: all that can be proven of configurations before any router has them. Pure.

The configurations are judged as they read, not as they were meant: each is parsed by its platform's grammar first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from network.intent import RouterIntent
from network.offline.borders import borders
from network.offline.classes import classes
from network.offline.doubles import doubles
from network.offline.ends import ends
from network.offline.fabric import Fabric
from network.offline.failure import points_of_failure
from network.offline.hearing import hearing
from network.offline.paths import closed_paths, dead_rules, open_paths
from network.offline.sites import sites
from network.offline.verdict import should
from network.parse.reading import Reading, parse
from network.topology import unable
from province.errors import ZyError, ZyErrors
from province.province import Province
from province.record import Finding, Severity


def fabric_of(province: Province, intents: Mapping[str, RouterIntent], texts: Mapping[str, str]) -> Fabric:
    """The network that rendered configurations make.

    Raises :class:`ZyErrors` with the flaws of every router's text (``ZY-NET-031`` … ``034``).
    """
    readings: dict[str, Reading] = {}
    errors: list[ZyError] = []
    for name, intent in intents.items():
        try:
            readings[name] = parse(texts[name], intent.platform, name)
        except ZyErrors as found:
            errors += found.errors
    if errors:
        raise ZyErrors(errors)
    return Fabric(province, readings)


def check(fabric: Fabric) -> list[Finding]:
    """All findings, those that stop a plan first."""
    known = sites(fabric)
    found = [
        *ends(fabric),
        *doubles(fabric),
        *open_paths(fabric, known, hearing(fabric)),
        *closed_paths(fabric, known),
        *dead_rules(fabric),
        *borders(fabric),
        *classes(fabric),
        *points_of_failure(fabric, known),
        *_replacements(fabric.province),
    ]
    return sorted(found, key=lambda one: (one.severity is not Severity.MANDATORY, one.rule, one.target, one.object))


def _replacements(province: Province) -> Iterator[Finding]:
    """All else is judged as if it had been done."""
    for router in sorted(unable(province)):
        message = "its gear does not forward SRv6: this is checked as it will be, and cannot be planned before"
        yield should("gear-srv6", router, "router", message, "replace it: zy network ipv6 plan")
