"""eBGP neighbours and what passes between them, from facts.

A neighbour has a session per family; both run over one port, and that is how they are known to be one neighbour.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from network.intent import EdgePeer, Interface
from network.parse.facts import Facts
from network.parse.read import Fact, contradiction, missing
from province.addressing import DualNetwork

FAMILIES = ("ipv4", "ipv6")
_ANY = "any"
_OWN = "own"


class Edges:
    """Neighbours and LANs of one router. ``lines`` is where the place of each session is noted."""

    def __init__(self, facts: Facts, interfaces: tuple[Interface, ...], lines: dict[str, int]) -> None:
        self._facts = facts
        self._lines = lines
        self._ports: dict[str | None, list[Interface]] = {}
        for interface in interfaces:
            self._ports.setdefault(interface.vrf, []).append(interface)

    def peers(self, vrf: str | None) -> tuple[EdgePeer, ...]:
        """The neighbours of a VRF, or of a CE's only table (``None``)."""
        sessions: dict[str, dict[str, Fact]] = {}
        for fact in self._facts.all("peer.unicast", vrf=vrf):
            port = self._port(vrf, fact)
            other = sessions.setdefault(port, {}).setdefault(fact.values["family"], fact)
            if other is not fact:
                raise contradiction(self._facts.file, fact.line, f"{port} has another neighbour in line {other.line}")
        found = [self._peer(vrf, port, both) for port, both in sessions.items()]
        return tuple(sorted(found, key=lambda peer: (peer.name, peer.ipv4)))

    def announced(self) -> tuple[DualNetwork, ...]:
        """The networks of a CE: the same as its LANs, and as the list of what it may send."""
        by_port: dict[str, dict[str, Fact]] = {}
        for fact in self._facts.all("network"):
            network = self._network(fact)
            port = next((one.name for one in self._ports.get(None, []) if network in _networks(one)), None)
            if port is None:
                raise missing(self._facts.file, fact.line, f"a port in {network}")
            by_port.setdefault(port, {})[fact.values["family"]] = fact
        found = tuple(sorted((self._dual(both) for both in by_port.values()), key=lambda network: network.ipv4))
        for fact in self._facts.all("peer.out", vrf=None):
            if fact.values["list"] == _OWN and self._listed(fact) != found:
                raise self._facts.disagree(fact, self._facts.all("prefix", list=_OWN)[0].line if found else fact.line)
        return found

    def _peer(self, vrf: str | None, port: str, both: Mapping[str, Fact]) -> EdgePeer:
        facts = self._facts
        first = next(iter(both.values()))
        if len(both) != 2:
            raise missing(facts.file, first.line, f"the session of the other family on {port}")
        names, numbers, taken = [], [], []
        for fact in both.values():
            peer = fact.values["peer"]
            session = facts.one("peer.as", fact.line, peer=peer, vrf=vrf)
            self._lines[" ".join(["peer", *([vrf] if vrf else []), peer.lower()])] = session.line
            numbers.append(facts.converted(session, int, "as"))
            names.append(facts.one("peer.name", fact.line, peer=peer, vrf=vrf).values["text"])
            taken.append(self._accepted(vrf, peer, fact))
        if names[0] != names[1] or numbers[0] != numbers[1] or taken[0] != taken[1]:
            raise facts.disagree(both["ipv6"], both["ipv4"].line)
        return EdgePeer(
            name=names[0],
            asn=numbers[0],
            ipv4=facts.converted(both["ipv4"], IPv4Address, "peer"),
            ipv6=facts.converted(both["ipv6"], IPv6Address, "peer"),
            accept=taken[0],
        )

    def _accepted(self, vrf: str | None, peer: str, session: Fact) -> tuple[DualNetwork, ...] | None:
        """What is taken from a neighbour: ``None`` for everything. A PE sends all; a CE sends its own LANs."""
        facts, family = self._facts, session.values["family"]
        incoming = facts.maybe("peer.in", peer=peer, vrf=vrf, family=family)
        outgoing = facts.maybe("peer.out", peer=peer, vrf=vrf, family=family)
        if vrf is not None and incoming is None:
            raise missing(facts.file, session.line, f"the filter of what is taken from {peer}")
        if vrf is None and (outgoing is None or outgoing.values["list"] != _OWN):
            raise missing(facts.file, session.line, f"the filter of what is sent to {peer}")
        if vrf is not None and outgoing is not None and outgoing.values["list"] != _ANY:
            raise contradiction(facts.file, outgoing.line, f"a PE sends {peer} everything of the VPN")
        for fact in (incoming, outgoing):
            if fact is not None and fact.values["list"] == _ANY:
                self._everything(fact, family)
        return None if incoming is None or incoming.values["list"] == _ANY else self._listed(incoming)

    def _listed(self, use: Fact) -> tuple[DualNetwork, ...]:
        """The networks of a prefix list, whose lists of both families run in parallel."""
        facts, name = self._facts, use.values["list"]
        four, six = (facts.all("prefix", list=name, family=family) for family in FAMILIES)
        if len(four) != len(six) or not self._closed(name, bool(four)):
            raise missing(facts.file, use.line, f"an entry of the list {name}, or one of the two families")
        for rows in (four, six):
            numbers = [row.values["index"] for row in rows if "index" in row.values]
            if numbers != [str(5 * n) for n in range(1, len(numbers) + 1)]:
                raise contradiction(
                    facts.file, rows[0].line, f"entries of the list {name} are not numbered 5, 10, 15 …"
                )
        return tuple(self._dual({"ipv4": one, "ipv6": other}) for one, other in zip(four, six, strict=True))

    def _closed(self, name: str, entries: bool) -> bool:
        """A list without entries must exist all the same and refuse everything; IOS-XR's sets do so by themselves."""
        facts = self._facts
        if facts.maybe("prefix.set", list=name):
            facts.one("policy", 0, list=name)
            return True
        refuses = [facts.maybe("prefix.none", list=name, family=family) is not None for family in FAMILIES]
        return refuses == [not entries, not entries]

    def _everything(self, use: Fact, family: str) -> None:
        """The list that lets everything pass must exist: for each family, or once for both."""
        found = self._facts.all("prefix.any", list=_ANY)
        if family not in {fact.values.get("family", family) for fact in found}:
            raise missing(self._facts.file, use.line, f"the list {_ANY}")

    def _dual(self, both: Mapping[str, Fact]) -> DualNetwork:
        if len(both) != 2:
            fact = next(iter(both.values()))
            raise missing(self._facts.file, fact.line, "the network of the other family")
        four, six = self._network(both["ipv4"]), self._network(both["ipv6"])
        if not isinstance(four, IPv4Network) or not isinstance(six, IPv6Network):
            raise self._facts.disagree(both["ipv6"], both["ipv4"].line)
        return DualNetwork(four, six)

    def _network(self, fact: Fact) -> IPv4Network | IPv6Network:
        if fact.values["family"] == "ipv4":
            return self._facts.converted(fact, IPv4Network, "address", "mask", "length")
        return self._facts.converted(fact, IPv6Network, "address", "mask", "length")

    def _port(self, vrf: str | None, session: Fact) -> str:
        """The port over which a neighbour is reached."""
        kind = IPv4Address if session.values["family"] == "ipv4" else IPv6Address
        address = self._facts.converted(session, kind, "peer")
        ports = self._ports.get(vrf, [])
        for port in ports:
            own = port.ipv4 if address.version == 4 else port.ipv6
            if address in own.network and address != own.ip:
                return port.name
        raise missing(self._facts.file, session.line, f"a port in the network of {address}")


def _networks(interface: Interface) -> tuple[IPv4Network, IPv6Network]:
    return interface.ipv4.network, interface.ipv6.network
