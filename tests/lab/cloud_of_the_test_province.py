"""The province of ``inventory/`` on the lab's running cloud ``gd``: one small region of its own, beside all else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openstack
import pytest

from province.load import load, write_allocations
from province.record import Beat, Outcome, Result, RoomPlan
from stacks.room import CloudRoom
from stacks.tools import Places, Tools
from zhengyun.places import Places as Homes

INVENTORY = Path(__file__).parent / "inventory"
DAY = date(2026, 11, 24)
LAB = Path(os.environ.get("ZY_TEST_CLOUD", Homes.here().state / "lab" / "openstack"))

needs_cloud = pytest.mark.skipif(not (LAB / "ovn.json").exists(), reason="no cloud runs in the lab (`zy lab up`)")


@dataclass(frozen=True, slots=True)
class Cloud:
    """A room on the lab's cloud, and a look at that cloud from outside."""

    room: CloudRoom
    connection: Any
    """Of openstacksdk, whose types do not know which version of an API is behind it."""

    def apply(self, plan: RoomPlan, beat: Beat = print) -> list[Result]:
        """All steps, one after the other, until one fails."""
        results: list[Result] = []
        for step in (step for wave in plan.waves for step in wave):
            results += self.room.apply(plan, step, beat)
            print(results[-1].target, results[-1].outcome, results[-1].message)
            if results[-1].outcome is Outcome.FAILED:
                break
        return results

    def bring_up(self) -> None:
        results = self.apply(self.room.plan([]))
        assert [result.message for result in results if result.outcome is Outcome.FAILED] == []

    def ours(self) -> list[tuple[str, str]]:
        """Everything of ours that the cloud holds: kind and name. Names alone are not unique."""
        cloud = self.connection
        found = {
            "server": cloud.compute.servers(all_projects=True),
            "flavor": cloud.compute.flavors(),
            "host aggregate": cloud.compute.aggregates(),
            "volume": cloud.block_storage.volumes(all_projects=True),
            "network": cloud.network.networks(),
            "subnet": cloud.network.subnets(),
            "address scope": cloud.network.address_scopes(),
            "subnet pool": cloud.network.subnet_pools(),
            "QoS policy": cloud.network.qos_policies(),
            "router": cloud.network.routers(),
            "port": cloud.network.ports(),
            "security group": (group for group in cloud.network.security_groups() if group.name != "default"),
            "address group": cloud.network.address_groups(),
            "image": cloud.image.images(),
            "balancer": cloud.load_balancer.load_balancers(),
            "DNS zone": cloud.dns.zones(all_projects=True),
            "volume type": cloud.block_storage.types(),
            "project": cloud.identity.projects(),
            "domain": cloud.identity.domains(),
            "role": cloud.identity.roles(),
        }
        named = ((kind, each.name or "") for kind, objects in found.items() for each in objects)
        return sorted((kind, name) for kind, name in named if name.startswith(("ta-", "ta.")) or name == "t1.tiny")

    def ownerless_groups(self) -> int:
        """Security groups of projects that are no more."""
        projects = {project.id for project in self.connection.identity.projects()}
        return sum(group.project_id not in projects for group in self.connection.network.security_groups())


@contextmanager
def province_on_the_cloud(
    name: str,
    tools: Tools,
    clouds: Path = LAB / "clouds.yaml",
    shape: Callable[[Path, Any], None] = lambda _inventory, _connection: None,
) -> Iterator[Cloud]:
    """The test province; whatever the tests leave of it is taken down. ``shape`` may change its inventory before.

    Its state lies beside the lab's, under ``name``: what a killed test run has left is taken down by the next.
    """
    home = Homes.here().state / f"test-{name}"
    config = openstack.config.OpenStackConfig(config_files=[str(LAB / "clouds.yaml")]).get_one(cloud="gd")
    with openstack.connection.Connection(config=config) as connection:
        if home.exists():
            left = Cloud(_room(home, tools, LAB / "clouds.yaml"), connection)
            left.apply(left.room.destroy_plan())  # fails where the lab has begun anew: then nothing is left
            shutil.rmtree(home)
        inventory = shutil.copytree(INVENTORY, home / "inventory")
        (inventory / "blank.raw").write_bytes(bytes(512))
        shape(inventory, connection)
        write_allocations(load(inventory), inventory)
        made = Cloud(_room(home, tools, clouds), connection)
        yield made
        _take_down(made, home)


def _room(home: Path, tools: Tools, clouds: Path) -> CloudRoom:
    places = Places(home / "inventory", home / "state", clouds, LAB / "ovn.json")
    return CloudRoom(load(places.inventory), tools, places, DAY)


def _take_down(cloud: Cloud, home: Path) -> None:
    """The state goes only with what it knows of: else nobody could take that down any more."""
    results = cloud.apply(cloud.room.destroy_plan())
    assert [result.message for result in results if result.outcome is Outcome.FAILED] == []
    shutil.rmtree(home)
