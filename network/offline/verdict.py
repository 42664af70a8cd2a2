"""Findings of offline verification: the rules, their clauses, and how one is made."""

from __future__ import annotations

from province.record import Finding, Severity

RULES = frozenset(
    {
        "border-admits",
        "border-open",
        "border-refuses",
        "border-uneven",
        "border-unfiltered",
        "ce-in-vrf",
        "ce-session",
        "class-lost",
        "class-unqueued",
        "core-in-vrf",
        "filter-dead",
        "gear-srv6",
        "isis-ends",
        "link-ends",
        "path-closed",
        "path-open",
        "single-point-of-failure",
        "used-twice",
        "vlan-ends",
    }
)
"""Names of all rules on parsed configurations."""

REDUNDANT = "8.1.2.1 e"
"""Lines and key devices are redundant (GB/T 22239-2019)."""
ZONED = "8.1.2.1 c"
"""Addresses are allocated so that zones can be managed and controlled."""
SEPARATED = "8.1.3.2 a"
"""Default deny between zones."""
BY_ADDRESS = "8.1.3.2 c"
"""Rules check source, destination, port and protocol."""
MINIMAL = "8.1.3.2 b"
"""No redundant or dead rules."""


def must(rule: str, target: str, thing: str, message: str, fix: str, clause: str = "") -> Finding:
    """A finding that stops a plan."""
    return Finding(
        rule=rule, severity=Severity.MANDATORY, object=thing, message=message, fix=fix, clause=clause, target=target
    )


def should(rule: str, target: str, thing: str, message: str, fix: str, clause: str = "") -> Finding:
    """A finding to think about."""
    return Finding(
        rule=rule, severity=Severity.ADVISORY, object=thing, message=message, fix=fix, clause=clause, target=target
    )


def listed(names: list[str], most: int = 4) -> str:
    """Some of many names: ``a, b, c, d and 12 more``."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
