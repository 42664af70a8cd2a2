"""What OVN's logical network lets through: ``ovn-trace`` on the real database of a region.

It follows one packet of a new connection through all tables, so it proves routing, zones and security groups as they
are now, without sending anything (ovn-trace(8)).
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

_TIMEOUT = 30
"""Seconds; a trace takes some hundredths."""


@dataclass(frozen=True, slots=True)
class TracePort:
    """A port as a trace needs it. ``gateway_mac``: of its subnet's router port; empty where there is none."""

    id: str
    network: str
    mac: str
    ipv4: str
    ipv6: str
    gateway_mac: str = ""

    def address(self, family: int) -> str:
        return self.ipv4 if family == 4 else self.ipv6


@dataclass(frozen=True, slots=True)
class Flow:
    """A new TCP connection between two ports."""

    source: TracePort
    target: TracePort
    port: int
    family: int
    balancer: str = ""
    """Address of the load balancer that the packet is sent to, and that gives it to the target."""

    def match(self) -> str:
        """The packet, in OVN's expression language (ovn-sb(5), logical flows)."""
        near = self.source.network == self.target.network
        mac = self.target.mac if near else self.source.gateway_mac
        ip, to = f"ip{self.family}", self.balancer or self.target.address(self.family)
        return (
            f'inport=="{self.source.id}" && eth.src=={self.source.mac} && eth.dst=={mac}'
            f" && {ip}.src=={self.source.address(self.family)} && {ip}.dst=={to}"
            f" && ip.ttl==64 && tcp && tcp.src==40000 && tcp.dst=={self.port}"
        )

    def choice(self) -> list[str]:
        """Of a balancer's servers, the one that is to get the packet (ovn-trace(8), --lb-dst)."""
        if not self.balancer:
            return []
        address = self.target.address(self.family)
        return [f"--lb-dst={address if self.family == 4 else f'[{address}]'}:{self.port}"]

    @property
    def has_way(self) -> bool:
        """Whether the source can even address a frame: in its own network, or to a router."""
        return self.source.network == self.target.network or bool(self.source.gateway_mac)


@dataclass(frozen=True, slots=True)
class Traced:
    delivered: bool
    command: str
    detail: str


def trace(program: str, remote: str, flow: Flow) -> Traced:
    """Whether OVN delivers the packet to its target. Raises ``OSError`` when the trace itself cannot be run."""
    if not flow.has_way:
        return Traced(False, "neutron port-list", "the source's network has no router")
    # --ct=new for each conntrack lookup on the way: both sides' groups, twice
    command = [program, f"--db={remote}", "--no-friendly-names", "--summary", *["--ct=new"] * 4, *flow.choice()]
    command += [f"neutron-{flow.source.network}", flow.match()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    if done.returncode != 0:
        raise OSError(f"ovn-trace failed: {done.stderr.strip() or done.stdout.strip()}")
    outputs = re.findall(r'output to "([^"]+)"', done.stdout)
    return Traced(flow.target.id in outputs, _shell(command), f"output to {', '.join(outputs) or 'nothing'}")


def _shell(command: list[str]) -> str:
    return " ".join(f"'{word}'" if " " in word else word for word in command)
