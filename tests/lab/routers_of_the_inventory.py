"""The inventory's routers on a rack of their own, in a namespace of their own, beside a lab that may be running."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

from lab.guest.guest import Parts
from lab.guest.network import Network
from lab.routers.rack import Rack
from network.change import Bounds
from network.room import NetworkRoom
from province.load import load
from province.record import Outcome, Result, RoomPlan
from zhengyun.laboratory import topology
from zhengyun.places import Places
from zhengyun.toolchain.catalogue import CATALOGUE
from zhengyun.toolchain.store import Store

PROVINCE = load(Path(__file__).parents[2] / "inventories" / "lab")


@dataclass(frozen=True)
class Net:
    rack: Rack
    room: NetworkRoom
    state: Path

    @property
    def ssh_config(self) -> Path:
        return self.rack.home / "ssh_config"

    def with_bounds(self, bounds: Bounds) -> NetworkRoom:
        return NetworkRoom(PROVINCE, self.ssh_config, self.state, bounds)

    def on(self, name: str, command: str) -> str:
        argv = ["ssh", "-F", str(self.ssh_config), "-o", "BatchMode=yes", name, command]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def running(self) -> dict[str, str]:
        """What every router runs, asked of itself: readable where a digest is not, and without the room's bounds."""
        return {router: self.on(router, "sudo -n zy-config show") for router in PROVINCE.routers}


def apply(room: NetworkRoom, plan: RoomPlan) -> list[Result]:
    return [result for wave in plan.waves for step in wave for result in room.apply(plan, step, print)]


def others(results: list[Result], *wanted: Outcome) -> list[str]:
    """Results that did not end as wanted, in words; also that there are none at all."""
    told = [f"{result.target}: {result.outcome}: {result.message}" for result in results]
    return [words for words, result in zip(told, results, strict=True) if result.outcome not in wanted] or (
        [] if results else ["nothing was done"]
    )


@contextmanager
def bare_routers(home: Path, namespace: str) -> Iterator[Net]:
    """All routers, bare; gone afterwards. ZY_TEST_KERNEL and ZY_TEST_ROUTER_IMAGE replace built parts."""
    placed = Store(Places.here().cache, CATALOGUE).place(["router-image"])
    parts = Parts(
        kernel=Path(os.environ.get("ZY_TEST_KERNEL", placed["kernel"].path)),
        image=Path(os.environ.get("ZY_TEST_ROUTER_IMAGE", placed["router-image"].path)),
    )
    network = Network(namespace, IPv4Interface("10.99.1.1/24"), IPv6Interface("fd99:1::1/64"), bridge="routers")
    rack = Rack(home / "lab", network, parts, topology(PROVINCE))
    try:
        rack.up(print)
        yield Net(rack, NetworkRoom(PROVINCE, home / "lab" / "ssh_config", home / "state"), home / "state")
    finally:
        rack.down(print)
