"""What differs between two configurations, for people: by block, as unified diffs, with the risk of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

from network.config import Block, digest, ours, parse
from province.record import Operation


@dataclass(frozen=True, slots=True)
class Change:
    """One configuration block that would change. ``risk`` says why a person should look twice."""

    block: str
    operation: Operation
    diff: str
    risk: str


def changes(running: str, wanted: str) -> list[Change]:
    """Blocks of our part that differ, in the order of their names; empty when both mean the same."""
    before, after = _grouped(ours(parse(running))), _grouped(ours(parse(wanted)))
    return [
        _change(name, before.get(name, []), after.get(name, []))
        for name in sorted({*before, *after})
        if sorted(before.get(name, [])) != sorted(after.get(name, []))
    ]


def same(one: str, other: str) -> bool:
    """Whether two whole configurations, the device's own part included, mean the same."""
    return digest(one) == digest(other)


def _grouped(blocks: Sequence[Block]) -> dict[str, list[str]]:
    """Lines by block; single lines (prefix lists, routes) by their first three words."""
    groups: dict[str, list[str]] = {}
    for block in blocks:
        name = block.line if block.children else " ".join(block.line.split()[:3])
        groups.setdefault(name, []).extend(block.lines())
    return groups


def _change(name: str, before: list[str], after: list[str]) -> Change:
    operation = Operation.UPDATE if before and after else Operation.CREATE if after else Operation.DELETE
    lines = unified_diff(_in_order_of(before, after), after, "running", "intended", lineterm="")
    return Change(name, operation, "\n".join(lines), _risk(name, [*before, *after]))


def _in_order_of(lines: list[str], model: list[str]) -> list[str]:
    """Single lines of a flat block in the other's order, so that mere order shows no difference."""
    if any(line.startswith(" ") for line in lines):
        return lines
    place = {line: index for index, line in enumerate(model)}
    return sorted(lines, key=lambda line: place.get(line, -1))


_RISKS = (
    (re.compile(r"(ip|ipv6) route(-static)? |interface mgmt$|(user-interface|line) "), "management path"),
    (re.compile(r"aaa$|(hwtacacs|radius|local-user|domain)\b"), "AAA"),
    (re.compile(r"acl |traffic (classifier|behavior|policy) in-| (traffic-policy|packet-filter) "), "ACL"),
    (re.compile(r"(diffserv domain|port-queue-template|qos policy|traffic (classifier|behavior)) service-"), "QoS"),
    (re.compile(r"router isis|isis \d|segment-routing( ipv6)?$| ((ip|ipv6) router )?isis "), "IGP"),
    (re.compile(r"(router )?bgp "), "BGP"),
    (re.compile(r"vrf |ip vpn-instance "), "VRF"),
)
"""By the beginning of a line, on any platform."""


def _risk(name: str, lines: list[str]) -> str:
    found = [risk for pattern, risk in _RISKS if any(pattern.match(line) for line in [name, *lines])]
    return ", ".join(found)
