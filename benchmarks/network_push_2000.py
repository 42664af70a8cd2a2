"""Push 30 lines with trial commit, post-check and confirmation to 2,000 simulated VRP8 routers.

Ours is :class:`network.change.Push`, with everything that it does: look, copy, load on trial, prove over a new session,
confirm, save. The peers do less: stock netmiko in threads (what nornir_netmiko runs) enters the lines and commits;
asyncssh types the same commands as we do and checks nothing, which is the floor for Python on this machine.

    python benchmarks/network_push_2000.py [--devices 2000] [--stock 100] [--round-trips 0 0.05 0.2]

Stock netmiko takes 14 s a router, so it is measured on fewer of them at once and scaled; its name says from how many.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncssh
from netmiko import ConnectHandler

from lab.routers.simulator.sample import device_names, startup
from lab.routers.simulator.tree import parse, show
from network.backup import Backups
from network.change import Bounds, Order, Push
from network.config import digest
from network.expect import Expected
from network.platforms import Session
from network.platforms.hosts import Hosts
from network.platforms.secret import masked
from network.platforms.vrp import VrpRouter
from province.record import Outcome

SESSIONS = 96
SESSIONS_PER_SECOND = 800
"""More threads where the path is long: they only wait."""
FLOOR_SESSIONS = 200
STOCK_THREADS = 100
LINES = [
    line
    for number in range(1, 6)
    for line in (
        f"interface GigabitEthernet0/1/{number}",
        f" description to site {number}",
        " undo shutdown",
        f" ip address 10.9.{number}.1 30",
        " isis enable 1",
        " isis cost 20",
    )
]
EXPECTED = Expected(
    adjacencies=tuple(f"GigabitEthernet0/1/{number}" for number in range(6)), sessions=("vpnv4 fd44:1::1",)
)


class Lab(NamedTuple):
    """A running simulator."""

    ssh_config: Path
    names: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return self.ssh_config.parent


@contextmanager
def simulator(devices: int, round_trip: float) -> Iterator[Lab]:
    """A fresh fleet in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "lab.routers.simulator", "--home", folder, "--devices", str(devices)]
        process = subprocess.Popen([*command, "--round-trip", str(round_trip)], stdout=subprocess.PIPE, text=True)
        try:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("the simulator does not start")
            yield Lab(Path(folder) / "ssh_config", tuple(device_names(devices)))
        finally:
            process.terminate()
            process.wait()


def ours(lab: Lab, round_trip: float = 0.0) -> float:
    """Seconds for all devices. Raises when one is not changed."""
    hosts = Hosts(lab.ssh_config)
    orders = [_order(name) for name in lab.names]
    backups = Backups(lab.folder / "backups")
    at_once = SESSIONS + int(SESSIONS_PER_SECOND * round_trip)
    bounds = Bounds(trial=600, settle=60.0, poll=0.5, sessions=at_once, kept=len(orders), logins=at_once)
    began = time.perf_counter()
    results = Push(orders, lambda name: Session(VrpRouter(name, hosts)), backups, lambda _: None, bounds).run()
    took = time.perf_counter() - began
    bad = [result for result in results if result.outcome is not Outcome.CHANGED]
    if bad:
        raise RuntimeError(f"{len(bad)} of {len(results)} failed: {bad[0].message}")
    return took


def _order(name: str) -> Order:
    running = masked("\n".join(show(parse(startup(name)))))
    candidate = running.removesuffix("return") + "\n".join(LINES)
    return Order(router=name, base=digest(running), candidate=candidate, blocks=5, expected=EXPECTED)


def stock(lab: Lab, count: int) -> float:
    """Seconds for the first ``count`` devices by netmiko as it comes, in threads."""
    hosts = Hosts(lab.ssh_config)

    def push(name: str) -> None:
        host = hosts.host(name)
        with ConnectHandler(
            device_type="huawei_vrpv8",
            host=host.address,
            port=host.port,
            username=host.user,
            pkey=host.key,
        ) as connection:
            connection.send_config_set(LINES_WITH_QUIT, error_pattern="Error:")
            connection.commit()

    began = time.perf_counter()
    with ThreadPoolExecutor(STOCK_THREADS) as pool:
        list(pool.map(push, lab.names[:count]))
    return time.perf_counter() - began


LINES_WITH_QUIT = [line for start in range(0, 30, 6) for line in (*LINES[start : start + 6], "quit")]


def floor(lab: Lab) -> float:
    """Seconds for all devices by bare asyncssh: the same commands in two sessions, read up to the last prompt."""
    hosts = Hosts(lab.ssh_config)
    load = ["screen-length 0 temporary", "display current-configuration", "system-view", *LINES_WITH_QUIT]
    load += ["commit trial 600 persist bench", "quit"]
    prove = ["screen-length 0 temporary", "display current-configuration", "display isis peer"]
    prove += ["display bgp vpnv4 all peer", "system-view", "commit persist bench", "quit", "save", "y"]

    async def run() -> None:
        limit = asyncio.Semaphore(FLOOR_SESSIONS)
        key = asyncssh.read_private_key(lab.folder / "key")

        async def visit(name: str, lines: Sequence[str]) -> None:
            host = hosts.host(name)
            async with (
                limit,
                asyncssh.connect(
                    host.address, host.port, username=host.user, client_keys=[key], known_hosts=None, agent_path=None
                ) as connection,
                connection.create_process(term_type="vt100", term_size=(511, 24)) as process,
            ):
                process.stdin.write("".join(f"{line}\n" for line in (*lines, "quit")))
                await process.stdout.read()

        for lines in (load, prove):
            await asyncio.gather(*(visit(name, lines) for name in lab.names))

    began = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - began


def measure(devices: int, stock_devices: int, round_trip: float) -> dict[str, Any]:
    """One row: ours and the peers, each on a fresh fleet."""
    with simulator(devices, round_trip) as lab:
        mine = ours(lab, round_trip)
    with simulator(devices, round_trip) as lab:
        least = floor(lab)
    peers = {"asyncssh, no checks (floor)": round(least, 2)}
    few = min(devices, stock_devices)
    if few:
        with simulator(few, round_trip) as lab:
            name = f"netmiko stock, {STOCK_THREADS} threads" + (f" (scaled from {few})" if few < devices else "")
            peers = {name: round(stock(lab, few) * devices / few, 2), **peers}
    delay = f", {round_trip * 1000:.0f} ms" if round_trip else ""
    return {
        "name": f"network-push-{devices}{delay}",
        "unit": "s",
        "ours": round(mine, 2),
        "peers": peers,
        "ratio": round(min(peers.values()) / mine, 2),
        "n": devices,
        "machine": _machine(),
    }


def _machine() -> str:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, peak {memory} MiB here"


def run(devices: int = 2000, stock_devices: int = 100, round_trips: Sequence[float] = (0.0,)) -> list[dict[str, Any]]:
    """The rows of the contract."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return [measure(devices, stock_devices, round_trip) for round_trip in round_trips]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Push to many simulated routers.")
    parser.add_argument("--devices", type=int, default=2000)
    parser.add_argument("--stock", type=int, default=100, help="devices that stock netmiko is measured on")
    parser.add_argument("--round-trips", type=float, nargs="+", default=[0.0], metavar="SECONDS")
    given = parser.parse_args()
    print(json.dumps(run(given.devices, given.stock, given.round_trips), indent=1, ensure_ascii=False))
