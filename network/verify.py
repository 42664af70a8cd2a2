"""The live network, measured: neighbours, sessions and segments of every router, and who reaches whom.

Pings go from the end systems of the LANs where there are any (the lab has them), otherwise from the router's own
address in the LAN. A closed path is only proof together with the open ones: they show that the targets answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as File

import paramiko

from network.device import Connect, Device, Echo
from network.expect import Expected, expected
from network.intent import RouterIntent
from network.platforms.frr import echo
from network.platforms.ssh import open_connection
from network.reach import END_PREFIX, Path, address, paths
from network.topology import unable, waiting
from province.errors import ZyError
from province.province import Province
from province.record import Check, RoomName, Status

_AT_ONCE = 8


def verify(province: Province, chosen: dict[str, RouterIntent], connect: Connect, ssh_config: File) -> list[Check]:
    """All checks of the chosen routers. What cannot be reached is a failed check.

    Nothing is expected of a neighbour or site that waits for gear which forwards SRv6.
    """
    known = _known_hosts(ssh_config)
    late, ready = waiting(province), province.routers.keys() - unable(province)
    ends = ((path, {path.source.router, path.target.router}) for path in paths(province))
    wanted = [path for path, both in ends if late.isdisjoint(both) and not both.isdisjoint(chosen)]
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        states = pool.map(lambda intent: _router(province, intent, ready, connect), chosen.values())
        sources = sorted({path.source.code for path in wanted})
        grouped = [[path for path in wanted if path.source.code == source] for source in sources]
        reached = pool.map(lambda group: _paths(province, group, connect, ssh_config, known), grouped)
        return [check for found in (*states, *reached) for check in found]


def _known_hosts(ssh_config: File) -> frozenset[str]:
    """Names in the ssh_config; which end systems there are."""
    try:
        return frozenset(paramiko.SSHConfig.from_path(str(ssh_config)).get_hostnames())
    except OSError:
        return frozenset()


def _router(province: Province, intent: RouterIntent, ready: Iterable[str], connect: Connect) -> list[Check]:
    want = expected(province, intent, ready)
    try:
        with connect(intent.name) as device:
            live = device.live()
    except ZyError as error:
        return [
            _check(
                "network.reachable", "Router answers", "路由器可达", intent.name, False, "a login", str(error), "ssh"
            )
        ]
    return list(_state_checks(intent, want, live))


def _state_checks(intent: RouterIntent, want: Expected, live: Expected) -> Iterable[Check]:
    rows = (
        (
            "network.isis",
            "IS-IS neighbours are up",
            "IS-IS 邻居正常",
            want.adjacencies,
            live.adjacencies,
            "show isis neighbor json",
        ),
        (
            "network.bgp",
            "BGP sessions are established",
            "BGP 会话正常",
            want.sessions,
            live.sessions,
            "show bgp vrf all summary json",
        ),
        (
            "network.srv6",
            "VRFs have their SRv6 segment",
            "SRv6 段已分配",
            want.segments,
            live.segments,
            "show bgp segment-routing srv6",
        ),
    )
    for code, title, chinese, wanted, found, command in rows:
        if wanted:
            missing = [one for one in wanted if one not in found]
            actual = f"{len(wanted) - len(missing)} of {len(wanted)} up" + (
                f"; not: {', '.join(missing)}" if missing else ""
            )
            yield _check(
                code, title, chinese, intent.name, not missing, ", ".join(wanted), actual, f'vtysh -c "{command}"'
            )


def _paths(
    province: Province, group: list[Path], connect: Connect, ssh_config: File, known: frozenset[str]
) -> list[Check]:
    """All pings from one LAN, over one session."""
    source = group[0].source
    tries = [(path, family) for path in group for family in (4, 6)]

    def measure(ping: Callable[[str, int], Echo]) -> list[Check]:
        def one(order: tuple[Path, int]) -> Check:
            path, family = order
            far_end = f"{END_PREFIX}{path.target.code}" in known
            return _judge(path, family, ping(address(province, path.target.code, family, end=far_end), family))

        with ThreadPoolExecutor(max_workers=4) as pool:
            return list(pool.map(one, tries))

    try:
        if f"{END_PREFIX}{source.code}" in known:
            return _from_end(f"{END_PREFIX}{source.code}", ssh_config, measure)
        with connect(source.router) as device:
            return measure(lambda target, family: _from_router(province, source.code, device, target, family))
    except ZyError as error:
        return [_judge(path, family, Echo(0, 0, None, str(error))) for path, family in tries]


def _from_end(host: str, ssh_config: File, measure: Callable[[Callable[[str, int], Echo]], list[Check]]) -> list[Check]:
    connection = open_connection(host, ssh_config)

    def ping(target: str, _family: int) -> Echo:
        command = f"ping -n -c 3 -i 0.2 -W 1 {target}"
        return echo(connection.run(command).out, f"{host}: {command}")

    try:
        return measure(ping)
    finally:
        connection.disconnect()


def _from_router(province: Province, lan: str, device: Device, target: str, family: int) -> Echo:
    return device.ping(target, address(province, lan, family, end=False))


def _judge(path: Path, family: int, measured: Echo) -> Check:
    """A verdict on one ping. No packet sent proves nothing, so it fails, whether the path is open or closed."""
    well = measured.sent > 0 and (measured.received == measured.sent if path.open else measured.received == 0)
    loss = f"{measured.received} of {measured.sent} answered" if measured.sent else "nothing was sent"
    rtt = f", {measured.rtt_ms:.2f} ms" if measured.rtt_ms is not None else ""
    kind = "reach" if path.open else "isolation"
    words = (
        ("reaches its other site", "本部门两地互通")
        if path.open
        else ("does not reach another VPN", "不同专网相互隔离")
    )
    return Check(
        id=f"network.{kind}.ipv{family}.{path.source.code}.{path.target.code}",
        title=f"{path.source.code} {words[0]} {path.target.code} (IPv{family})",
        title_zh=f"{path.source.code} 与 {path.target.code}: {words[1]} (IPv{family})",
        room=RoomName.NETWORK,
        target=path.source.router,
        status=Status.PASSED if well else Status.FAILED,
        expected="all answered" if path.open else "none answered",
        actual=loss + rtt,
        evidence=measured.command,
    )


def _check(
    code: str, title: str, chinese: str, router: str, well: bool, expected_: str, actual: str, command: str
) -> Check:
    return Check(
        id=f"{code}.{router}",
        title=title,
        title_zh=chinese,
        room=RoomName.NETWORK,
        target=router,
        status=Status.PASSED if well else Status.FAILED,
        expected=expected_,
        actual=actual,
        evidence=f"{router}: {command}",
    )
