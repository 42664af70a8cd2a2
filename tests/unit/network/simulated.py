"""Simulated VRP8 routers behind real ssh, for tests of the platform and of pushes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab.routers.simulator.access import Access
from lab.routers.simulator.background import served
from lab.routers.simulator.dialect import VRP8, Dialect
from lab.routers.simulator.faults import Blow, Faults, Trigger
from lab.routers.simulator.fleet import Fleet, addresses
from lab.routers.simulator.router import Router
from lab.routers.simulator.sample import startup
from network.backup import Backups
from network.change import Bounds, Order, Push
from network.config import digest
from network.expect import Expected
from network.platforms import Session
from network.platforms.comware import ComwareRouter
from network.platforms.hosts import Hosts
from network.platforms.shell import Patience
from network.platforms.vrp import VrpRouter
from province.record import Result

BOUNDS = Bounds(trial=60, settle=0.2, spare=0.0, poll=0.02)
PATIENT = Patience(connect=30.0, answer=30.0, commit=30.0)
"""For a machine that has a lot to do beside these tests."""
IMPATIENT = Patience(connect=2.0, answer=1.0, commit=1.0)
"""For devices that never answer."""
NEW = """\
interface GigabitEthernet0/1/1
 description to the far end
 ip address 10.0.1.1 30
 isis enable 1
ip vpn-instance zsj
 ipv4-family
  route-distinguisher 10.127.0.1:100
  vpn-target 64900:100 export-extcommunity
  vpn-target 64900:100 import-extcommunity
"""
EXPECTED = Expected(adjacencies=("GigabitEthernet0/1/0", "GigabitEthernet0/1/1"), sessions=("vpnv4 fd44:1::1",))


@dataclass
class Simulated:
    """A few devices; their clock stands still but for :attr:`now`."""

    fleet: Fleet
    access: Access
    devices: dict[str, str]
    platform: type[VrpRouter] | type[ComwareRouter]
    patience: Patience = PATIENT
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.hosts = Hosts(self.access.ssh_config)

    def connect(self, name: str) -> Session:
        return Session(self.platform(name, self.hosts, self.patience))

    def device(self, name: str) -> Router:
        return self.fleet.router(self.devices[name])

    def faulty(self, name: str, **faults: Any) -> None:
        self.device(name).faults = replace(Faults(), **faults)

    def strike(self, name: str, command: str, blow: Blow, says: str = "") -> None:
        """Something happens at a command of this device."""
        self.faulty(name, triggers=(Trigger(command, blow, says),))

    def order(self, name: str, added: str = NEW, expected: Expected = EXPECTED, sysname: str = "") -> Order:
        """An order that adds lines to what the device runs, and may give it a new name."""
        with self.connect(name) as device:
            running = device.running()
        renamed = running.replace(f"sysname {name}\n", f"sysname {sysname or name}\n")
        candidate = renamed.replace("return", "") + added
        return Order(router=name, base=digest(running), candidate=candidate, blocks=2, expected=expected)

    def orders(self) -> list[Order]:
        return [self.order(name) for name in self.devices]

    def push(self, orders: list[Order], bounds: Bounds = BOUNDS, proving: float = 0.0) -> dict[str, Result]:
        """Results by router. Time passes while a router's timer is waited for, and ``proving`` s when one is proven."""

        def beat(line: str) -> None:
            if "waiting for its timer" in line:
                self.now += 30
            if line.endswith(": prove"):
                self.now += proving

        results = Push(orders, self.connect, Backups(self.access.folder / "backups"), beat, bounds).run()
        return {result.target: result for result in results}

    def running(self, name: str) -> str:
        """What a router runs; nothing may be on trial any more."""
        with self.connect(name) as device:
            assert device.trial() is None
            return device.running()

    def as_before(self, orders: list[Order]) -> bool:
        return all(digest(self.running(order.router)) == order.base for order in orders)


@contextmanager
def simulated(folder: Path, count: int = 3, dialect: Dialect = VRP8) -> Iterator[Simulated]:
    """So many devices of one platform: r1, r2 …"""
    access = Access(folder)
    devices = {f"r{number}": address for number, address in enumerate(addresses(count), 1)}
    names = {address: name for name, address in devices.items()}
    fleet = Fleet(lambda address: startup(names[address], dialect.name), fingerprints=frozenset({access.make_key()}))
    fleet.dialects = dict.fromkeys(names, dialect)
    with served(fleet) as port:
        access.write(fleet, devices, port)
        world = Simulated(fleet, access, devices, VrpRouter if dialect is VRP8 else ComwareRouter)
        fleet.clock = lambda: world.now
        yield world
