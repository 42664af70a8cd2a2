"""What a lab host is to be: name, management addresses, memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface

from lab.guest.network import Network
from province.errors import Place, ZyError, ZyErrors

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123 §2.1, in lower case
_LEAST_MEMORY = 128  # MiB; with less, systemd, auditd and Ansible's Python do not fit together


@dataclass(frozen=True, slots=True)
class HostSpec:
    """One host; both addresses lie in the lab's management network."""

    name: str
    ipv4: IPv4Interface
    ipv6: IPv6Interface
    memory_mib: int = 256


def validate(specs: Sequence[HostSpec], network: Network) -> None:
    """Judge all specs in one pass. Raises ZyErrors, each a ZY-LAB-204."""
    errors = [error for spec in specs for error in _judge(spec, network)]
    taken: dict[object, str] = {network.ipv4.ip: "the gateway", network.ipv6.ip: "the gateway"}
    for spec in specs:
        for what in (spec.name, spec.ipv4.ip, spec.ipv6.ip):
            if what in taken:
                errors.append(_error(spec, f"{what} is already that of {taken[what]}", "give each host its own"))
            taken.setdefault(what, spec.name)
    if errors:
        raise ZyErrors(errors)


def _judge(spec: HostSpec, network: Network) -> list[ZyError]:
    """What is wrong with one spec by itself."""
    errors = []
    if not _NAME.fullmatch(spec.name):
        fix = "use lower-case letters, digits and hyphens, a letter first, at most 63"
        errors.append(_error(spec, f"{spec.name!r} is no host name", fix))
    for own, bridge in ((spec.ipv4, network.ipv4), (spec.ipv6, network.ipv6)):
        if own.network != bridge.network:
            fix = f"choose an address of {bridge.network}"
            errors.append(_error(spec, f"{own} does not lie in the management network {bridge.network}", fix))
    if spec.memory_mib < _LEAST_MEMORY:
        fix = f"give it {_LEAST_MEMORY} MiB or more"
        errors.append(_error(spec, f"{spec.memory_mib} MiB of memory do not suffice to boot", fix))
    return errors


def _error(spec: HostSpec, message: str, fix: str) -> ZyError:
    return ZyError("ZY-LAB-204", f"lab host {spec.name}: {message}", place=Place(target=spec.name), fix=fix)
