#!/usr/bin/python3
"""The guest's side of the router lab: namespaces, cables, end systems, and the routers' services.

It builds what /srv/zhengyun/seed/fabric.json describes and is safe to run again at any time:

    fabric up               make what is missing, start every router
    fabric status           JSON: router → what is wrong with it, one sentence each; empty when all is well
    fabric wait SECONDS [ROUTER…]   the same, once all is well or the time is over
    fabric reset            every router back to bare, cables and end systems afresh
    fabric cable down|up ROUTER PORT
    fabric stop|start|restart ROUTER
    fabric end NAME COMMAND…   run a command in an end system

A router's management port is a macvlan of the guest's card, in the VRF ``management``, so that nothing the router
carries can reach it, nor the other way round.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

Spec = dict[str, Any]  # fabric.json, or one router of it
ROOT = Path("/srv/zhengyun")
SPEC = ROOT / "seed/fabric.json"
DISKS = ROOT / "disks"
NAMESPACES = Path("/run/netns")
BUILT = Path("/run/zhengyun-fabric")  # there once all is built; gone after a boot, as namespaces are
UPLINK = "vec0"
CABLE_MTU = 2000  # room for the outer header of SRv6 around a full LAN packet; IS-IS pads its hellos to this
DAEMONS = ("zebra", "mgmtd", "bgpd", "isisd", "bfdd", "staticd")
MANAGEMENT_TABLE = 1000
LISTEN = "0A"  # TCP_LISTEN, include/net/tcp_states.h
PING_SYSCTLS: dict[str, int | str] = {
    "net/ipv4/ping_group_range": "0 2147483647"
}  # everybody may ping, without a capability
ROUTER_SYSCTLS: dict[str, int | str] = {
    **PING_SYSCTLS,
    "net/ipv4/ip_forward": 1,
    "net/ipv4/conf/all/rp_filter": 0,
    "net/ipv4/conf/default/rp_filter": 0,
    "net/ipv6/conf/all/forwarding": 1,
    "net/ipv6/conf/all/seg6_enabled": 1,
    "net/ipv6/conf/default/seg6_enabled": 1,
    "net/ipv6/conf/all/keep_addr_on_down": 1,  # a port that moves into a VRF goes down and up again
    "net/ipv6/conf/default/keep_addr_on_down": 1,
    "net/ipv6/conf/default/accept_dad": 0,
    "net/ipv6/conf/default/accept_ra": 0,
    "net/vrf/strict_mode": 1,  # End.DT46 wants one table per VRF
}
# Local addresses after the VRFs: without this every tenant reaches the router's own core addresses.
RULES = ["rule add pref 32765 table local", "rule delete pref 0"]
# A VRF without a route ends there and does not go on in the core's table. Not for IPv6: the kernel looks up the
# outer address of an SRv6 packet with the tenant's port as input (net/ipv6/seg6_iptunnel.c).
RULES4 = [*RULES, "rule add pref 1001 l3mdev unreachable"]
END_SYSCTLS: dict[str, int | str] = {
    **PING_SYSCTLS,
    "net/ipv6/conf/default/accept_dad": 0,
    "net/ipv6/conf/default/accept_ra": 0,
}


def mac(name: str) -> str:
    """A stable, locally administered address."""
    return ":".join(f"{octet:02x}" for octet in (0x02, *hashlib.sha256(f"router {name}".encode()).digest()[:5]))


def namespace_lines(spec: Spec) -> dict[str, list[str]]:
    """Namespace → the ``ip -batch`` lines that complete it once its cables are there."""
    lines: dict[str, list[str]] = {}
    for router in spec["routers"]:
        name = router["name"]
        lines[name] = [
            "link set dev lo up",
            f"link add name management type vrf table {MANAGEMENT_TABLE}",
            "link set dev management up",
            "link set dev mgmt master management",
            f"address add {router['management4']} dev mgmt",
            f"address add {router['management6']} dev mgmt nodad",
            "link set dev mgmt up",
            "link add name sr0 type dummy",
            "link set dev sr0 up",
            *(f"link set dev {port} up" for port in router["ports"]),
        ]
    for end in spec["ends"]:
        lines[end["name"]] = [
            "link set dev lo up",
            "link set dev eth0 up",
            f"address add {end['ipv4']} dev eth0",
            f"address add {end['ipv6']} dev eth0 nodad",
            f"route add default via {end['gateway4']}",
            f"route add default via {end['gateway6']}",
        ]
    return lines


def cable_lines(spec: Spec) -> list[str]:
    """The ``ip -batch`` lines that make all links between namespaces, and ports without a cable as dummies."""
    lines = [
        f"link add link {UPLINK} name mgmt address {mac(router['name'])} netns {router['name']}"
        " type macvlan mode bridge"
        for router in spec["routers"]
    ]
    used = set()
    for cable in spec["cables"]:
        a, b = cable["a"], cable["b"]
        used |= {tuple(a), tuple(b)}
        lines.append(
            f"link add name {a[1]} netns {a[0]} mtu {CABLE_MTU} type veth peer name {b[1]} netns {b[0]} mtu {CABLE_MTU}"
        )
    for end in spec["ends"]:
        used.add((end["router"], end["port"]))
        lines.append(f"link add name {end['port']} netns {end['router']} type veth peer name eth0 netns {end['name']}")
    for router in spec["routers"]:
        for port in router["ports"]:
            if (router["name"], port) not in used:
                lines.append(f"link add name {port} netns {router['name']} type dummy")
    return lines


def sentences(listening: bool, dead: list[str], down: list[str], service: str) -> str:
    """What is wrong with a router, in one sentence; empty when nothing is."""
    if service != "active":
        return f"the router is switched off (service {service})"
    wrong = []
    if not listening:
        wrong.append("sshd does not listen")
    if dead:
        wrong.append(f"FRR's {', '.join(dead)} {'does' if len(dead) == 1 else 'do'} not answer")
    if down:
        wrong.append(f"port {', '.join(down)} is down")
    return "; ".join(wrong)


def ip(lines: list[str], *options: str) -> None:
    batch = "".join(f"{line}\n" for line in lines)
    subprocess.run(["ip", *options, "-batch", "-"], input=batch, text=True, check=True)


def sysctl(namespace: str, settings: dict[str, int | str]) -> None:
    text = "".join(f"echo {value} >/proc/sys/{key}\n" for key, value in settings.items())
    subprocess.run(["ip", "netns", "exec", namespace, "sh", "-ec", text], check=True)


def units(verb: str, names: list[str]) -> None:
    if names:
        subprocess.run(["systemctl", verb, *(f"zy-router@{name}.service" for name in names)], check=True)


def names_of(spec: Spec) -> tuple[list[str], list[str]]:
    return [router["name"] for router in spec["routers"]], [end["name"] for end in spec["ends"]]


def build(spec: Spec) -> None:
    """All namespaces and what is in them, from nothing."""
    routers, ends = names_of(spec)
    Path("/proc/sys/net/core/fb_tunnels_only_for_init_net").write_text("2", encoding="ascii")  # no tunl0, gre0 …
    ip([f"netns add {name}" for name in (*routers, *ends)])
    for name in routers:
        sysctl(name, ROUTER_SYSCTLS)
    for name in ends:
        sysctl(name, END_SYSCTLS)
    ip(cable_lines(spec))
    for name, lines in namespace_lines(spec).items():
        ip(lines, "-netns", name)
    for name in routers:
        ip(RULES4, "-4", "-netns", name)
        ip(RULES, "-6", "-netns", name)


def demolish() -> None:
    """Stop every router and remove every namespace."""
    subprocess.run(["systemctl", "stop", "zy-router@*.service"], check=True)
    if NAMESPACES.exists():
        names = [path.name for path in NAMESPACES.iterdir()]
        for name in names:
            # now: the kernel takes a namespace's devices down later, and until then their MAC addresses are in use
            subprocess.run(["ip", "-netns", name, "link", "delete", "mgmt"], check=False, capture_output=True)
        ip([f"netns delete {name}" for name in names])


def up(spec: Spec) -> None:
    """Make what is missing. A half-built fabric is made afresh: it holds no state, the disks do."""
    routers, _ = names_of(spec)
    subprocess.run(["systemd-sysusers"], check=True)  # accounts: netops, and one per end system
    if not BUILT.exists():
        demolish()
        build(spec)
        BUILT.touch()
    units("start", routers)


def reset(spec: Spec) -> None:
    BUILT.unlink(missing_ok=True)
    demolish()
    shutil.rmtree(DISKS, ignore_errors=True)
    up(spec)


def services(names: list[str]) -> dict[str, tuple[str, int | None]]:
    """Router → its service's state, and its PID 1 as the guest sees it: the only child of the service's ``unshare``."""
    show = ["systemctl", "show", "--property=ActiveState,MainPID", *(f"zy-router@{name}.service" for name in names)]
    blocks = subprocess.run(show, check=True, capture_output=True, text=True).stdout.strip().split("\n\n")
    found = {}
    for name, block in zip(names, blocks, strict=True):
        fields = dict(line.split("=", 1) for line in block.splitlines())
        found[name] = fields["ActiveState"], child_of(fields["MainPID"])
    return found


def child_of(pid: str) -> int | None:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except FileNotFoundError:
        return None
    return int(children[0]) if children else None


def answers(path: str) -> bool:
    """Whether a daemon accepts on its vtysh socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        try:
            connection.connect(path)
        except OSError:
            return False
    return True


def listens(pid: int) -> bool:
    """Whether something listens on port 22 in the network namespace of this process."""
    try:
        rows = Path(f"/proc/{pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    except FileNotFoundError:
        return False
    return any(row.split()[1].endswith(":0016") and row.split()[3] == LISTEN for row in rows)


def carries(pid: int, port: str) -> bool:
    """Whether a port has a carrier; reading that of a port that is switched off, or not there, is an error."""
    try:
        return Path(f"/proc/{pid}/root/sys/class/net/{port}/carrier").read_text(encoding="ascii").strip() == "1"
    except OSError:
        return False


def trouble(router: Spec, service: str, pid: int | None) -> str:
    if service != "active" or pid is None:
        return sentences(False, [], [], service if service != "active" else "starting")
    sockets = f"/proc/{pid}/root/run/frr"
    dead = [daemon for daemon in DAEMONS if not answers(f"{sockets}/{daemon}.vty")]
    down = [port for port in ("mgmt", *router["ports"]) if not carries(pid, port)]
    return sentences(listens(pid), dead, down, service)


def troubles(spec: Spec, names: list[str]) -> dict[str, str]:
    """Router → what is wrong with it, for the named routers (all when none is named)."""
    chosen = [router for router in spec["routers"] if not names or router["name"] in names]
    states = services([router["name"] for router in chosen])
    return {router["name"]: trouble(router, *states[router["name"]]) for router in chosen}


def wait(spec: Spec, seconds: float, names: list[str]) -> dict[str, str]:
    """What is still wrong once all is well or the time is over."""
    limit = time.monotonic() + seconds
    while any((found := troubles(spec, names)).values()) and time.monotonic() < limit:
        time.sleep(0.3)
    return found


def cable(spec: Spec, state: str, router: str, port: str) -> None:
    """Cut or mend a cable: both of its ends."""
    for found in spec["cables"]:
        if [router, port] in (found["a"], found["b"]):
            for name, interface in (found["a"], found["b"]):
                ip([f"link set dev {interface} {state}"], "-netns", name)
            return
    raise SystemExit(f"{router} has no cable in port {port}")


def end(spec: Spec, name: str, command: list[str]) -> None:
    """Become a command in an end system."""
    if name not in names_of(spec)[1]:
        raise SystemExit(f"no end system {name}")
    drop = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
    os.execvp("ip", ["ip", "netns", "exec", name, *drop, *command])


def main(arguments: list[str]) -> int:
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    match arguments:
        case ["up" | "reset" as verb]:
            with Path("/run/zhengyun-fabric.lock").open("w") as lock:  # the boot's own `up` may be under way
                fcntl.flock(lock, fcntl.LOCK_EX)
                {"up": up, "reset": reset}[verb](spec)
        case ["status"]:
            print(json.dumps(troubles(spec, [])))
        case ["wait", seconds, *names]:
            print(json.dumps(wait(spec, float(seconds), names)))
        case ["stop" | "start" | "restart" as verb, name]:
            units(verb, [name])
        case ["cable", "down" | "up" as state, router, port]:
            cable(spec, state, router, port)
        case ["end", name, *command]:
            end(spec, name, command or ["/bin/sh"])
        case _:
            print(__doc__, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
