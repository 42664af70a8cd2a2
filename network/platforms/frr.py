"""FRR on Linux: vtysh for reading, the router's ``zy-config`` and ``zy-confirm`` for changing (see lab/routers).

``zy-config`` shows and replaces the whole running configuration, with ``interface PORT vrf NAME`` as real routers have
it; ``zy-confirm`` is the dead-man timer. Both run by sudo; nothing else needs root.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import paramiko

from network.device import Echo
from network.expect import Expected
from network.platforms.ssh import Answer, ExecConnection, broken, open_connection
from province.errors import Place, ZyError

_CONFIG = "sudo -n zy-config"
_CONFIRM = "sudo -n zy-confirm"
_LOAD_SECONDS = 240.0
_FAMILIES = {"ipv4Unicast": "ipv4", "ipv6Unicast": "ipv6", "ipv4Vpn": "vpnv4", "ipv6Vpn": "vpnv6"}


class FrrRouter:
    """One session with an FRR router; a :class:`network.device.Device`."""

    def __init__(self, name: str, ssh_config: Path) -> None:
        self.name = name
        self._ssh_config = ssh_config
        self._connection: ExecConnection | None = None

    def open(self) -> None:
        self._connection = open_connection(self.name, self._ssh_config)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()

    def running(self) -> str:
        return self._done(f"{_CONFIG} show").out

    def trial(self) -> float | None:
        status = self._done(f"{_CONFIRM} status").out.split()
        return float(status[1]) if status[:1] == ["pending"] else None

    def arm(self, seconds: int) -> None:
        self._done(f"{_CONFIRM} start {seconds}")

    def load(self, candidate: str) -> None:
        answer = self._run(f"{_CONFIG} replace -", candidate, _LOAD_SECONDS)
        if answer.code != 0:
            raise ZyError(
                "ZY-NET-013",
                "it rejects the configuration: " + "; ".join(rejected(answer.err + answer.out, candidate)),
                place=Place(target=self.name),
                fix="mend the template or the inventory that leads to this line",
            )

    def confirm(self) -> None:
        self._done(f"{_CONFIRM} confirm")

    def abort(self) -> None:
        self._run(f"{_CONFIRM} abort", "", _LOAD_SECONDS)

    def live(self) -> Expected:
        neighbours, sessions, segments = self._shows(
            "show isis neighbor json", "show bgp vrf all summary json", "show bgp segment-routing srv6"
        )
        return Expected(
            adjacencies=adjacencies(_object(neighbours)),
            sessions=established(_object(sessions)),
            segments=segment_vrfs(segments),
        )

    def ping(self, target: str, source: str) -> Echo:
        command = f"ping -n -c 3 -i 0.2 -W 1 -I {source} {target}"
        return echo(self._run(command).out, command)

    def _shows(self, *commands: str) -> list[str]:
        """Several show commands in one go."""
        line = "; echo @@; ".join(f'vtysh -c "{command}"' for command in commands)
        parts = self._done(line).out.split("@@\n")
        return parts if len(parts) == len(commands) else [*parts, *[""] * (len(commands) - len(parts))]

    def _done(self, command: str) -> Answer:
        answer = self._run(command)
        if answer.code != 0:
            said = (answer.err or answer.out).strip().replace("\n", "; ")
            raise ZyError(
                "ZY-NET-019",
                f"`{command}` failed: {said or f'exit code {answer.code}'}",
                place=Place(target=self.name),
                fix="run it on the router by hand",
            )
        return answer

    def _run(self, command: str, stdin: str = "", seconds: float = 30.0) -> Answer:
        if self._connection is None:
            raise RuntimeError("the session is not open")
        try:
            return self._connection.run(command, stdin, seconds)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise broken(self.name, error) from error


def rejected(said: str, candidate: str) -> list[str]:
    """Each rejected line of the candidate with FRR's reason, from what ``zy-config replace`` prints.

    ``line N: % REASON[code]: LINE`` when the parser refuses it, ``failed: LINE: REASON`` when a daemon does. vtysh
    repeats itself once per daemon; the first of each is kept.
    """
    rows = candidate.splitlines()
    reasons: list[str] = []
    for line in said.splitlines():
        if found := re.match(r"(?:refused: )?line (\d+): % (.*?)(?:\[\d+\])?:", line):
            number = int(found[1])
            own = rows[number - 1].strip() if 0 < number <= len(rows) else line
            reasons.append(f"line {number} `{own}`: {found[2]}")
        elif found := re.match(r"failed: (.*): ([^:]+)$", line):
            reasons.append(f"`{found[1]}`: {found[2]}")
    kept = list(dict.fromkeys(reasons))
    return kept or [" ".join(said.split()) or "without a reason"]


def _object(text: str) -> dict[str, Any]:
    """A JSON object; empty where the daemon says something else (IS-IS not running)."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def adjacencies(neighbours: dict[str, Any]) -> tuple[str, ...]:
    """Ports with a neighbour that is Up, from ``show isis neighbor json``."""
    circuits = [circuit for area in neighbours.get("areas", []) for circuit in area.get("circuits", [])]
    return tuple(sorted({circuit["interface"] for circuit in circuits if circuit.get("state") == "Up"}))


def established(summary: dict[str, Any]) -> tuple[str, ...]:
    """Sessions in state Established, from ``show bgp vrf all summary json``, named as in :class:`Expected`."""
    found = set()
    for vrf, families in summary.items():
        prefix = "" if vrf == "default" else f"{vrf} "
        for key, family in _FAMILIES.items():
            peers = families.get(key, {}).get("peers", {}) if isinstance(families, dict) else {}
            found |= {
                f"{prefix}{family} {address}" for address, peer in peers.items() if peer.get("state") == "Established"
            }
    return tuple(sorted(found))


def segment_vrfs(said: str) -> tuple[str, ...]:
    """VRFs with a per-VRF segment, from ``show bgp segment-routing srv6``."""
    found, vrf = set(), ""
    for line in said.splitlines():
        if name := re.match(r"- name: (\S+)", line):
            vrf = name[1]
        if re.match(r"\s+per-vrf tovpn_sid: [0-9a-f:]+$", line):
            found.add(vrf)
    return tuple(sorted(found))


def echo(said: str, command: str) -> Echo:
    """What iputils' ping measured."""
    counts = re.search(r"(\d+) packets transmitted, (\d+) received", said)
    times = re.search(r"= [\d.]+/([\d.]+)/", said)
    sent, received = (int(counts[1]), int(counts[2])) if counts else (0, 0)
    return Echo(sent, received, float(times[1]) if times else None, command)
