"""Names of ports by platform: what a router would reject is found before anything is rendered.

The names are the device's own. A VLAN on a port (IEEE 802.1Q) is a sub-interface, ``PORT.VLAN``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from province.extranet import Platform

LOOPBACK = "lo"
"""The loopback in the intent, whatever the device calls it."""

_VLAN = r"(\.([1-9]\d{0,3}))?"
_NAMES: Mapping[Platform, tuple[re.Pattern[str], str]] = MappingProxyType(
    {
        # Linux: 15 characters at most (IFNAMSIZ)
        Platform.FRR: (re.compile(r"(?=.{1,15}$)[a-z][a-z0-9]*" + _VLAN), "eth1 or eth1.100, 15 characters at most"),
        Platform.VRP: (
            re.compile(r"((Gigabit|XGigabit)?Ethernet|GE|\d{2,3}GE|Eth-Trunk)\d+(/\d+){0,3}" + _VLAN),
            "GigabitEthernet0/1/0, 100GE0/1/0 or Eth-Trunk1",
        ),
        Platform.COMWARE: (
            re.compile(
                r"((Ten-|Forty|Hundred)?GigabitEthernet|(Forty|Hundred|Twenty-Five)GigE|Route-Aggregation)\d+(/\d+){0,3}"
                + _VLAN
            ),
            "GigabitEthernet1/0/1, Ten-GigabitEthernet1/0/1 or Route-Aggregation1",
        ),
        Platform.IOSXR: (
            re.compile(r"((TenGig|FortyGig|HundredGig)E|GigabitEthernet|Bundle-Ether)\d+(/\d+){0,3}" + _VLAN),
            "GigabitEthernet0/0/0/1, TenGigE0/0/0/1 or Bundle-Ether1",
        ),
    }
)


def problem(platform: Platform, port: str) -> str:
    """Why a platform has no port of this name; empty when it can have one."""
    pattern, example = _NAMES[platform]
    found = pattern.fullmatch(port)
    if found is None:
        return f"{port} is no name of a port on {platform}: there it reads {example}"
    tag = vlan(port)
    return f"VLAN {tag} is beyond 4094 (IEEE 802.1Q)" if tag is not None and tag > 4094 else ""


def vlan(port: str) -> int | None:
    """The VLAN of a sub-interface."""
    _, dot, tag = port.partition(".")
    return int(tag) if dot else None
