"""All devices of a simulator: made when they are first called, from what was declared of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address

import asyncssh

from lab.routers.simulator.dialect import COMWARE7, VRP8, Dialect
from lab.routers.simulator.faults import Faults
from lab.routers.simulator.router import Clock, Router
from lab.routers.simulator.tree import parse

DIALECTS = {dialect.name: dialect for dialect in (VRP8, COMWARE7)}
_FIRST = IPv4Address("127.1.0.1")


@cache
def _host_key(number: int) -> asyncssh.SSHKey:
    """A host key of this process; devices share one, which no test of a client can notice."""
    del number
    return asyncssh.generate_private_key("ssh-ed25519")


@cache
def _options(key: asyncssh.SSHKey) -> asyncssh.SSHServerConnectionOptions:
    return asyncssh.SSHServerConnectionOptions(
        server_host_keys=[key], line_editor=False, encoding="utf-8", allow_scp=False, compression_algs=["none"]
    )


@dataclass
class Fleet:
    """The devices behind one listener. ``startup`` writes the configuration that a device begins with."""

    startup: Callable[[str], str]
    user: str = "netops"
    password: str = ""
    fingerprints: frozenset[str] = frozenset()
    """Of the public keys that may log in."""
    dialects: dict[str, Dialect] = field(default_factory=dict)
    """By address; VRP8 unless said otherwise."""
    faults: dict[str, Faults] = field(default_factory=dict)
    """By address."""
    every: Faults = field(default_factory=Faults)
    """What holds for devices without faults of their own."""
    clock: Clock = time.monotonic
    routers: dict[str, Router] = field(default_factory=dict)
    host_key: asyncssh.SSHKey = field(default_factory=lambda: _host_key(1))
    other_key: asyncssh.SSHKey = field(default_factory=lambda: _host_key(2))

    def router(self, address: str) -> Router:
        """The device at an address."""
        if address not in self.routers:
            self.routers[address] = Router(
                code=address,
                dialect=self.dialects.get(address, VRP8),
                running=parse(self.startup(address)),
                clock=self.clock,
                faults=self.faults.get(address, self.every),
            )
        return self.routers[address]

    def options(self, key: asyncssh.SSHKey) -> asyncssh.SSHServerConnectionOptions:
        return _options(key)


def addresses(count: int) -> Iterator[str]:
    """So many addresses of devices: 127.1.0.1, 127.1.0.2 …"""
    return (str(_FIRST + number) for number in range(count))
