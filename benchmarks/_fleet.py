"""Many hosts like the lab's application host, for the benchmarks of a fleet."""

from __future__ import annotations

from province.province import Province
from tests.lab.hosts_of_the_inventory import PROVINCE

LIKE = "gd-app-1"
_FIRST = 100
"""First slot of the fleet in the management network, above the inventory's own."""


def fleet_of(count: int) -> Province:
    """The lab's province with ``count`` application hosts and nothing else on the management network; no log host."""
    names = [f"gd-app-{number}" for number in range(1, count + 1)]
    hosts = {name: PROVINCE.hosts[LIKE].model_copy(update={"code": name}) for name in names}
    slots = PROVINCE._slots | {"host-management": {name: _FIRST + index for index, name in enumerate(names)}}
    return PROVINCE.model_copy(update={"hosts": hosts}).with_slots(slots)
