"""Simulated routers on their own, until the process is ended.

python -m lab.routers.simulator --home DIR --devices 2000 [--port 20022] [--dialect vrp8|comware7] [--round-trip 0.05]

DIR/ssh_config then names them sim-0001, sim-0002 …; try ``ssh -F DIR/ssh_config sim-0001``.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
from pathlib import Path

from lab.routers.simulator.access import Access
from lab.routers.simulator.faults import Faults
from lab.routers.simulator.fleet import DIALECTS, Fleet, addresses
from lab.routers.simulator.sample import device_names, startup
from lab.routers.simulator.server import Listener


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.routers.simulator", description="Simulated routers.")
    parser.add_argument("--home", type=Path, required=True, help="folder for the key, ssh_config and known hosts")
    parser.add_argument("--devices", type=int, default=10)
    parser.add_argument("--port", type=int, default=0, help="a free one unless given")
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="vrp8")
    parser.add_argument("--round-trip", type=float, default=0.0, metavar="SECONDS", help="delay of the path")
    return parser.parse_args()


def _allow_many_files() -> None:
    """A session is a file; the usual limit is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _serve(given: argparse.Namespace) -> None:
    access = Access(given.home)
    devices = dict(zip(device_names(given.devices), addresses(given.devices), strict=True))
    names = {address: name for name, address in devices.items()}
    fleet = Fleet(
        startup=lambda address: startup(names.get(address, address), given.dialect),
        fingerprints=frozenset({access.make_key()}),
        dialects=dict.fromkeys(names, DIALECTS[given.dialect]),
        every=Faults(round_trip=given.round_trip),
    )
    listener = Listener(fleet)
    await listener.start(given.port)
    access.write(fleet, devices, listener.port)
    print(f"{given.devices} devices at port {listener.port}: ssh -F {access.ssh_config} sim-0001", flush=True)
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    _allow_many_files()
    try:
        asyncio.run(_serve(_arguments()))
    except KeyboardInterrupt:
        sys.exit(0)
