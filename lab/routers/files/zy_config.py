#!/usr/bin/python3
"""The configuration door of a lab router: FRR's configuration made complete.

FRR keeps ``vrf NAME`` but neither makes the kernel's VRF device nor moves ports into it, and it forgets the
`` vrf NAME`` of ``interface PORT vrf NAME`` (FRR 10.3, lib/if.c). A real router's CLI does all of it. So does this:

    zy-config show            the running configuration, with ``interface PORT vrf NAME`` as the kernel has it
    zy-config check FILE|-    judge a candidate, print what replace would run; changes nothing
    zy-config replace FILE|-  running := candidate: VRF devices, ports, then FRR, until nothing differs
    zy-config save            startup := running
    zy-config boot            VRF devices and ports of the startup configuration, before FRR starts
    zy-config settle          what FRR has lost of its startup configuration while it started, afterwards

Exit: 0 done, 1 the candidate is refused and nothing was changed, 2 it failed half way (zy-confirm restores).

The port ``mgmt``, its VRF ``management`` and the device ``sr0`` are the platform's: never made, moved or removed here.
A VRF's table number is given once, counted from 1001, and kept for as long as the router is not reset.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = ["/usr/lib/zhengyun", str(Path(__file__).parent)]
import zy_tree  # type: ignore[import-not-found] # noqa: E402 # on a router beside our programs, here beside this file

TABLES = Path("/var/lib/zhengyun/vrf-tables.json")
FRR = Path("/etc/frr/frr.conf")
STARTUP = Path("/var/lib/zhengyun/startup-ports.json")
RUN = Path("/run/zhengyun")
LOCK = RUN / "config.lock"
WITHIN = 180.0  # s, for one command: a hung one would keep the lock, and the dead-man timer waiting
WATCHFRR = "/usr/lib/frr/watchfrr.sh"
FRRINIT = "/usr/lib/frr/frrinit.sh"
PASSES = 4  # `no neighbor X remote-as` takes other lines along, so one pass may leave a rest
FIRST_TABLE = 1001
PLATFORM_VRFS = frozenset({"management", "default"})
PLATFORM_PORTS = frozenset({"mgmt", "sr0", "lo"})
_INTERFACE = re.compile(r"interface (\S+)(?: vrf (\S+))?\s*")
_VRF = re.compile(r"vrf (\S+)\s*")
_PLATFORM_BLOCK = "vrf management\nexit-vrf\n"  # FRR shows it, as it shows every VRF that the kernel has
_VRF_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,14}")  # at most IFNAMSIZ - 1: it is also a device


class Refused(Exception):
    """The candidate cannot be taken; nothing was changed."""


class Failed(Exception):
    """The candidate was taken in part."""


@dataclass(frozen=True)
class Candidate:
    """A configuration, parted into FRR's own text and what the kernel needs: VRFs, and ports in them."""

    frr: str
    vrfs: tuple[str, ...]
    ports: dict[str, str]


def parse(text: str) -> Candidate:
    """Read a configuration in running-config form. Raises Refused, naming line and reason."""
    lines: list[str] = []
    vrfs: dict[str, None] = {}  # a set that keeps its order
    ports: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        interface = _INTERFACE.fullmatch(line)
        if found := _VRF.fullmatch(line):
            vrfs[_vrf_name(found[1], number)] = None
        if interface and interface[2]:
            _bind(ports, interface[1], interface[2], number)
        lines.append(f"interface {interface[1]}" if interface else line)
    if stray := sorted(set(ports.values()) - set(vrfs)):
        raise Refused(f"ports are in VRF {', '.join(stray)}, which the configuration does not define")
    if lines and lines[-1].strip() == "end":
        lines.pop()
    return Candidate("\n".join(lines) + "\n" + _PLATFORM_BLOCK, tuple(vrfs), ports)


def _vrf_name(name: str, number: int) -> str:
    if name in PLATFORM_VRFS or not _VRF_NAME.fullmatch(name):
        raise Refused(f"line {number}: a VRF cannot be called {name}")
    return name


def _bind(ports: dict[str, str], port: str, vrf: str, number: int) -> None:
    if port in PLATFORM_PORTS:
        raise Refused(f"line {number}: {port} is the platform's and cannot be moved")
    if ports.setdefault(port, vrf) != vrf:
        raise Refused(f"line {number}: {port} is already in VRF {ports[port]}")


def complete(running: str, ports: dict[str, str]) -> str:
    """FRR's running configuration with the VRF of each port restored, without the platform's own block."""
    left, lines = dict(ports), []
    for line in running.replace(f"{_PLATFORM_BLOCK}!\n", "").splitlines():
        interface = _INTERFACE.fullmatch(line)
        vrf = left.pop(interface[1], None) if interface else None
        lines.append(f"{line} vrf {vrf}" if vrf else line)
    # A port that is in a VRF and has no configuration: FRR is silent about it, drift must not be.
    unseen = [text for port, vrf in sorted(left.items()) for text in (f"interface {port} vrf {vrf}", "exit", "!")]
    end = next((at for at, line in enumerate(lines) if line == "end"), len(lines))
    return "\n".join([*lines[:end], *unseen, *lines[end:]]) + "\n"


def give_tables(tables: dict[str, int], vrfs: tuple[str, ...]) -> dict[str, int]:
    """Table numbers with those of new VRFs added; a number once given is never given again."""
    given = dict(tables)
    for name in sorted(set(vrfs) - set(given)):
        given[name] = max(given.values(), default=FIRST_TABLE - 1) + 1
    return given


def run(*argv: str) -> str:
    """Run one command; its output. Raises CalledProcessError, TimeoutExpired."""
    done = subprocess.run(argv, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=WITHIN)
    return done.stdout


def links() -> dict[str, dict[str, str]]:
    """Every device of this router by name: its kind and its master."""
    return {
        link["ifname"]: {
            "kind": link.get("linkinfo", {}).get("info_kind", ""),
            "master": link.get("master", ""),
        }
        for link in json.loads(run("ip", "-json", "-details", "link", "show"))
    }


def our_vrfs(devices: dict[str, dict[str, str]]) -> set[str]:
    return {name for name, device in devices.items() if device["kind"] == "vrf"} - PLATFORM_VRFS


def our_ports(devices: dict[str, dict[str, str]]) -> dict[str, str]:
    vrfs = our_vrfs(devices)
    return {name: device["master"] for name, device in devices.items() if device["master"] in vrfs}


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")
    new.replace(path)


def device_commands(candidate: Candidate, devices: dict[str, dict[str, str]], tables: dict[str, int]) -> list[str]:
    """The ``ip -batch`` lines that bring VRF devices and ports to the candidate; none when they are there."""
    have, ports = our_vrfs(devices), our_ports(devices)
    # Gone first: FRR refuses `no vrf X` for as long as the device is there.
    lines = [f"link delete dev {name}" for name in sorted(have - set(candidate.vrfs))]
    for name in sorted(set(candidate.vrfs) - have):
        lines += [f"link add name {name} type vrf table {tables[name]}", f"link set dev {name} up"]
    for port, vrf in sorted(ports.items()):
        if port not in candidate.ports and vrf in candidate.vrfs:
            lines.append(f"link set dev {port} nomaster")
    for port, vrf in sorted(candidate.ports.items()):
        if ports.get(port) != vrf:
            lines.append(f"link set dev {port} master {vrf}")
    return lines


def synchronise(candidate: Candidate) -> None:
    """Bring the kernel's VRF devices and ports to the candidate."""
    tables = give_tables(read(TABLES), candidate.vrfs)
    write(TABLES, tables)
    lines = device_commands(candidate, links(), tables)
    if lines:
        batch = "".join(f"{line}\n" for line in lines)
        subprocess.run(["ip", "-batch", "-"], input=batch, text=True, check=True, capture_output=True)


def judge(candidate: Candidate, path: Path) -> None:
    """Raises Refused when a port is missing or FRR cannot parse the candidate."""
    if missing := sorted(set(candidate.ports) - set(links())):
        raise Refused(f"this router has no port {', '.join(missing)}")
    parsed = subprocess.run(
        ["vtysh", "--dryrun", "--inputfile", str(path)], capture_output=True, text=True, check=False
    )
    if parsed.returncode != 0:
        raise Refused((parsed.stdout + parsed.stderr).replace(str(path), "candidate").strip())


def frr_running() -> str:
    return run("vtysh", "-c", "show running-config no-header")


def check(candidate: Candidate, path: Path) -> None:
    """Print the kernel's and FRR's changes."""
    judge(candidate, path)
    tables = give_tables(read(TABLES), candidate.vrfs)
    print("\n".join([*device_commands(candidate, links(), tables), *zy_tree.lead(frr_running(), candidate.frr)]))


def replace(candidate: Candidate, path: Path) -> None:
    """running := candidate. Raises Refused before the first change, Failed or CalledProcessError after it."""
    judge(candidate, path)
    synchronise(candidate)
    let_isis_go(isis_leaving(frr_running(), candidate.frr), path)
    lead_to(candidate, path)
    if bgp_is_deaf(candidate):
        restart_bgp()
        # It has the startup configuration now. Prefix lists are every daemon's: vtysh shows them for as long as one
        # daemon has them, so no difference would tell that this one lacks them. All lines again, then what differs.
        tell_frr(candidate.frr, path)
        lead_to(candidate, path)


def isis_leaving(running: str, wanted: str) -> list[str]:
    """The IS-IS instances that the candidate does not have any more."""
    instances = [re.findall(r"^router isis (\S+)$", text, re.MULTILINE) for text in (running, wanted)]
    return sorted(set(instances[0]) - set(instances[1]))


def let_isis_go(instances: list[str], path: Path) -> None:
    """Take the segments of an IS-IS that shall go back from the kernel, before it and its locator are removed.

    FRR 10.3 leaves the node's own segment in the kernel when IS-IS is removed first, and now and then when both go at
    once.
    """
    if not instances:
        return
    tell_frr("".join(f"router isis {name}\n no segment-routing srv6\nexit\n" for name in instances), path)
    limit = time.monotonic() + WITHIN
    while "seg6local" in run("ip", "-6", "route", "show", "proto", "isis"):
        if time.monotonic() > limit:
            raise Failed("IS-IS was told to give its segments up, and they are still in the kernel")
        time.sleep(0.2)


def tell_frr(lines: str, path: Path) -> str:
    """Have vtysh read these lines; what was refused."""
    path.write_text(lines, encoding="utf-8")
    done = subprocess.run(["vtysh", "-f", str(path)], capture_output=True, text=True, check=False, timeout=WITHIN)
    return rejections(done.stdout, done.stderr)


def lead_to(candidate: Candidate, path: Path) -> None:
    """Bring FRR to the candidate. Raises Failed with what FRR said."""
    said = ""
    for _ in range(PASSES):
        lines = zy_tree.lead(frr_running(), candidate.frr)
        if not lines:
            return
        refused = tell_frr("".join(f"{line}\n" for line in lines), path)
        said = said or refused
    raise Failed(said or f"FRR takes these lines and does not show them: {'; '.join(lines)}")


def bgp_is_deaf(candidate: Candidate) -> bool:
    """FRR 10.3 forgets to listen when a default BGP instance with VPN routes was removed and is made again.

    FRRouting/frr issue 19973, mended by pull request 20012.
    """
    wanted = re.search(r"^router bgp \d+$", candidate.frr, re.MULTILINE)
    return bool(wanted) and re.search(r"^default\s", run("vtysh", "-c", "show bgp listeners"), re.MULTILINE) is None


def restart_bgp() -> None:
    """Restart the BGP daemon while nobody watches it: watchfrr would start it at the same moment on a slow machine.

    Not by its ``watchfrr ignore bgpd``: it does not look after the daemon any more when that is taken back (10.3).
    """
    quiet = subprocess.DEVNULL  # not a pipe: the daemon would hold it open for good
    for command in ([WATCHFRR, "stop", "watchfrr"], [WATCHFRR, "restart", "bgpd"], [FRRINIT, "start"]):
        subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=True, timeout=WITHIN)


def rejections(out: str, err: str) -> str:
    """A row ``LINE: REASON`` for each line that a daemon refused. vtysh says all of it once for every daemon."""
    refused = list(dict.fromkeys(re.findall(r"^line (\d+): .*, line: *(.*)$", out + err, re.MULTILINE)))
    reasons = re.findall(r"^% (.*)$", out + err, re.MULTILINE)
    if len(reasons) != len(refused):
        reasons = ["; ".join(dict.fromkeys(reasons)) or "without a reason"] * len(refused)
    return "\n".join(f"{line}: {reason}" for (_, line), reason in zip(refused, reasons, strict=True))


def show() -> str:
    return complete(frr_running(), our_ports(links()))


def save() -> None:
    """startup := running. The ports are written first: alone they are harmless, FRR without them is not.

    Not by ``write memory``: vtysh leaves that to watchfrr, which answers when its child has ended; where it has lost a
    child's end before (seen on a crowded machine: a zombie below it), it never does.
    """
    devices, running = links(), frr_running()
    write(STARTUP, {"vrfs": sorted(our_vrfs(devices)), "ports": our_ports(devices)})
    new = FRR.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(running)
        file.flush()
        os.fsync(file.fileno())  # a power cut must not leave an empty startup configuration
    new.chmod(0o640)
    shutil.chown(new, "frr", "frr")
    new.replace(FRR)


def boot() -> None:
    startup = read(STARTUP)
    synchronise(Candidate("", tuple(startup.get("vrfs", ())), startup.get("ports", {})))


def settle() -> None:
    """FRR's running configuration := its startup configuration.

    mgmtd 10.3 now and then loses what it is told before zebra and staticd have come to it: static routes, or all
    addresses too (6 starts of 25 on a busy machine; FRRouting/frr issue 15267). Raises Failed.
    """
    startup = FRR.read_text(encoding="utf-8")
    if lost := zy_tree.lead(frr_running(), startup):
        print(f"FRR starts without: {'; '.join(lost)}; it is told again")
    with tempfile.NamedTemporaryFile("w", dir=RUN, suffix=".conf", encoding="utf-8") as file:
        lead_to(Candidate(startup, (), {}), Path(file.name))


def from_file(verb: str, source: str) -> None:
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    candidate = parse(text)
    with tempfile.NamedTemporaryFile("w", dir=RUN, suffix=".conf", encoding="utf-8") as file:
        file.write(candidate.frr)
        file.flush()
        {"check": check, "replace": replace}[verb](candidate, Path(file.name))


def main(arguments: list[str]) -> int:
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            match arguments:
                case ["show"]:
                    print(show(), end="")
                case ["save"]:
                    save()
                case ["boot"]:
                    boot()
                case ["settle"]:
                    settle()
                case ["check" | "replace" as verb, source]:
                    from_file(verb, source)
                case _:
                    print("usage: zy-config show | check FILE|- | replace FILE|- | save", file=sys.stderr)
                    return 1
        except Refused as reason:
            print(f"refused: {reason}", file=sys.stderr)
            return 1
        except Failed as reason:
            print("".join(f"failed: {line}\n" for line in str(reason).splitlines()), end="", file=sys.stderr)
            return 2
        except subprocess.TimeoutExpired as failure:
            print(f"failed: {failure}", file=sys.stderr)
            return 2
        except subprocess.CalledProcessError as failure:
            print(f"failed: {failure}\n{failure.stdout}{failure.stderr}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
