"""The real rooms of an inventory, wired to the lab or to the production that it names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from province.errors import ZyError
from province.province import Province, Target
from province.record import Room, RoomName
from zhengyun.change.journal import Change
from zhengyun.places import Places
from zhengyun.toolchain.tools import Tools

if TYPE_CHECKING:
    from network.room import NetworkRoom
    from roles.room import HostsRoom
    from stacks.room import CloudRoom

# Rooms bring Pulumi, Ansible and netmiko with them: a second of imports, which `zy --help` need not wait for. So each
# is imported where it is made.


@dataclass(frozen=True, slots=True)
class Reach:
    """How the province's clouds, hosts and routers are reached."""

    clouds: Path
    """clouds.yaml, with the entries that regions name."""
    ssh_config: Path
    """Names every host and router: user, key, known hosts, way in."""
    ovn: Path | None
    """The clouds' OVN databases, where they are ours to read."""


def reach(province: Province, places: Places, environment: Mapping[str, str]) -> Reach:
    """The lab's own files; in production those that the operator names. Raises ``ZY-CLI-007`` when one is not."""
    if province.identity.target is Target.LAB:
        home = places.state / "lab"
        return Reach(home / "openstack" / "clouds.yaml", home / "ssh_config", home / "openstack" / "ovn.json")
    ovn = environment.get("ZY_OVN")
    clouds, ssh_config = (_named(environment, name) for name in ("OS_CLIENT_CONFIG_FILE", "ZY_SSH_CONFIG"))
    return Reach(clouds, ssh_config, Path(ovn).absolute() if ovn else None)


def rooms_of_change(change: Change, province: Province) -> dict[RoomName, Room]:
    """The rooms that a change works in, on its own copy of the inventory, which declares ``province``."""
    names = [room.room for room in change.plan().rooms if room.waves]
    return build_rooms(change.inventory, province, Places.here(), names)


def build_rooms(
    inventory: Path, province: Province, places: Places, names: Collection[RoomName] = tuple(RoomName)
) -> dict[RoomName, Room]:
    """Rooms that reach nothing yet: they do so when they are asked to plan or to apply.

    Raises ZY-TOOL-003 when the cloud is among them and Pulumi has not been set up.
    """
    makers: dict[RoomName, Callable[[], Room]] = {
        RoomName.CLOUD: lambda: cloud_room(inventory, province, places),
        RoomName.HOSTS: lambda: hosts_room(province, places),
        RoomName.NETWORK: lambda: network_room(province, places),
    }
    return {name: makers[name]() for name in RoomName if name in names}


def cloud_room(inventory: Path, province: Province, places: Places) -> CloudRoom:
    """The cloud's room: Pulumi with our provider, and the policy pack of this installation.

    ``$ZY_PULUMI_BACKEND`` (``postgres://…``, ``s3://…``) keeps the state elsewhere than in files.
    """
    import policies.cloud  # noqa: PLC0415 - see above
    from stacks.room import CloudRoom  # noqa: PLC0415 - see above
    from stacks.tools import Places as CloudPlaces  # noqa: PLC0415 - see above
    from stacks.tools import Tools as CloudTools  # noqa: PLC0415 - see above

    way = reach(province, places, os.environ)
    tools = Tools.locate(places.cache)
    programs = CloudTools(
        path=(tools.pulumi, tools.provider),
        python=Path(sys.executable),
        policies=Path(policies.cloud.__file__).parent,
    )
    own = CloudPlaces(
        inventory=inventory,
        state=places.state / "cloud",
        clouds=way.clouds,
        ovn=way.ovn,
        remote_backend=os.environ.get("ZY_PULUMI_BACKEND", ""),
    )
    return CloudRoom(province, programs, own, date.today())


def hosts_room(province: Province, places: Places) -> HostsRoom:
    """The hosts' room: Ansible over the one ssh_config; it can also audit."""
    from roles.room import HostsRoom  # noqa: PLC0415 - see above

    return HostsRoom(province, reach(province, places, os.environ).ssh_config, places.state / "hosts")


def network_room(province: Province, places: Places) -> NetworkRoom:
    """The extranet's room, which can also render."""
    from network.room import NetworkRoom  # noqa: PLC0415 - see above

    return NetworkRoom(province, reach(province, places, os.environ).ssh_config, places.state / "network")


def _named(environment: Mapping[str, str], name: str) -> Path:
    if not environment.get(name):
        raise ZyError(
            "ZY-CLI-007",
            f"${name} is not set, and the inventory is for the real province",
            fix="OS_CLIENT_CONFIG_FILE names the clouds.yaml, ZY_SSH_CONFIG the ssh_config of hosts and routers",
        )
    return Path(environment[name]).absolute()
