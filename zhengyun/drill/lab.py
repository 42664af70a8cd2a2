"""Losses in the lab: the power of a router or a host is cut, and given back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lab.hosts.fleet import Fleet
from lab.routers.rack import Rack
from province.emergency import EmergencyPlan, Scenario
from zhengyun.drill.run import Loss
from zhengyun.laboratory import HostsPart, LabPart, RoutersPart

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RouterLoss:
    rack: Rack
    router: str

    def strike(self) -> None:
        self.rack.power("stop", self.router)

    def repair(self) -> None:
        self.rack.power("start", self.router)
        self.rack.wait_until_well(self.router)


@dataclass(frozen=True, slots=True)
class HostLoss:
    fleet: Fleet
    host: str
    say: Say

    def strike(self) -> None:
        self.fleet.guest(self.fleet.spec(self.host)).stop()

    def repair(self) -> None:
        self.fleet.up(self.say)


def loss_in(parts: Mapping[str, LabPart], plan: EmergencyPlan, say: Say) -> Loss:
    """What strikes the plan's target in this lab."""
    hosts, routers = parts["hosts"], parts["routers"]
    if plan.scenario is Scenario.ROUTER_LOSS:
        assert isinstance(routers, RoutersPart)
        return RouterLoss(routers.rack, plan.target)
    assert isinstance(hosts, HostsPart)
    return HostLoss(hosts.fleet, plan.target, say)
