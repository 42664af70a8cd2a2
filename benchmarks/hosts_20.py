"""The first hardening of twenty bare hosts in one run, against one host twenty times: how well hosts go side by side.

``times one host`` is how many hosts' time the twenty take. All guests share the processors of this machine, and each
works for its own hardening, so it says more of the machine than of us; ``our own processor time`` (seconds per host,
all of Ansible's processes here) is what would be left with hosts of their own. ``n`` is the number of hosts.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

from benchmarks._fleet import fleet_of
from benchmarks._host import row, seconds, show
from province.province import Province
from roles.room import SITE
from tests.lab.hosts_of_the_inventory import Lab, started

COUNT = 20


@dataclass(frozen=True, slots=True)
class Took:
    """One run over all hosts, in seconds."""

    wall: float
    own: float
    """Processor time of Ansible and its ssh here, without the guests'."""


def run() -> list[dict[str, Any]]:
    one, many = _hardened(fleet_of(1)), _hardened(fleet_of(COUNT))
    own = {"one": round(one.own, 2), "many": round(many.own / COUNT, 2)}
    more = {"times one host": round(many.wall / one.wall, 1), "our own processor time": own}
    return [row("hosts-20", many.wall, {f"one host, {COUNT} times": one.wall * COUNT}, COUNT) | more]


def _hardened(province: Province) -> Took:
    """One run of our playbook over all hosts, bare before it; after it nothing may be left to do."""
    hosts = list(province.hosts)
    with tempfile.TemporaryDirectory() as home, started("zy-bench-fleet", Path(home), hosts, province) as lab:
        before = _processor()
        wall = seconds(lambda: _apply(lab, hosts))
        own = _processor() - before
        assert not lab.room.plan(hosts).actions
    return Took(wall, own)


def _apply(lab: Lab, hosts: list[str]) -> None:
    done = lab.room._playbooks().run(SITE, hosts, "--diff", lambda _: None)
    assert not done.failed, done.failed


def _processor() -> float:
    """Seconds that this process and those that it has waited for have used; guests are nobody's children."""
    return sum(use.ru_utime + use.ru_stime for use in (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)))


if __name__ == "__main__":
    show(run())
