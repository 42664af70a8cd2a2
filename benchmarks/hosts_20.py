"""The first hardening of twenty bare hosts in one run, against one host twenty times: how well hosts go side by side.

``ratio`` is how many hosts' time the twenty take; the issue's aim is three. ``n`` is the number of hosts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks._fleet import fleet_of
from benchmarks._host import row, seconds, show
from province.province import Province
from roles.room import SITE
from tests.lab.hosts_of_the_inventory import started

COUNT = 20


def run() -> list[dict[str, Any]]:
    one, many = _hardened(fleet_of(1)), _hardened(fleet_of(COUNT))
    return [
        row("hosts-20", many, {f"one host, {COUNT} times": one * COUNT}, COUNT)
        | {"times one host": round(many / one, 1)}
    ]


def _hardened(province: Province) -> float:
    """Seconds of one run of our playbook over all hosts, bare before it; after it nothing may be left to do."""
    hosts = list(province.hosts)
    with tempfile.TemporaryDirectory() as home, started("zy-bench-fleet", Path(home), hosts, province) as lab:
        took = seconds(lambda: _apply(lab.room._playbooks().run(SITE, hosts, "--diff", lambda _: None).failed))
        assert not lab.room.plan(hosts).actions
    return took


def _apply(failed: dict[str, str]) -> None:
    assert not failed, failed


if __name__ == "__main__":
    show(run())
