"""A fleet of the inventory's hosts in a namespace of its own, for the tests that harden them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

from lab.guest.guest import Parts
from lab.guest.network import Network
from lab.hosts.fleet import Fleet
from lab.hosts.spec import HostSpec
from province.load import load
from province.province import Province
from province.record import Outcome, RoomPlan
from roles.room import HostsRoom
from zhengyun.places import Places
from zhengyun.toolchain.catalogue import CATALOGUE
from zhengyun.toolchain.store import Store

PROVINCE = load(Path(__file__).parents[2] / "inventories" / "lab")


@dataclass(frozen=True)
class Lab:
    fleet: Fleet
    room: HostsRoom

    def run(self, name: str, script: str) -> subprocess.CompletedProcess[str]:
        command = self.fleet.access.command(name, ["sh", "-c", script], options=["-o", "BatchMode=yes"])
        return subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)

    def on(self, name: str, script: str) -> str:
        done = self.run(name, script)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()

    def apply(self, plan: RoomPlan) -> dict[str, Outcome]:
        results = [r for wave in plan.waves for step in wave for r in self.room.apply(plan, step, print)]
        return {result.target: result.outcome for result in results}


@contextmanager
def started(
    namespace: str, home: Path, names: Iterable[str] = tuple(PROVINCE.hosts), province: Province = PROVINCE
) -> Iterator[Lab]:
    """These hosts of the inventory, bare; taken down afterwards."""
    address = province.addresses.host
    network = Network(namespace, IPv4Interface("10.99.0.1/24"), IPv6Interface("fd99::1/64"))
    placed = Store(Places.here().cache, CATALOGUE).place(["host-image"])
    parts = Parts(
        kernel=Path(os.environ.get("ZY_TEST_KERNEL", placed["kernel"].path)),
        image=Path(os.environ.get("ZY_TEST_HOST_IMAGE", placed["host-image"].path)),
    )
    specs = tuple(HostSpec(code, address(code).ipv4, address(code).ipv6) for code in names)
    fleet = Fleet(home, network, parts, specs)
    fleet.up(print)
    try:
        yield Lab(fleet, HostsRoom(province, fleet.access.ssh_config, home / "state"))
    finally:
        fleet.down(print)
