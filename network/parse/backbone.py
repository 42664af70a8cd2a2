"""What a router does for the core, from facts: IS-IS, its SRv6 locator, its sessions with other provider routers."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from network.intent import Core, CorePeer, Interface
from network.parse.facts import Facts
from network.parse.read import missing
from network.ports import LOOPBACK
from province.extranet import Platform


class Backbone:
    """The core's side of one router. ``lines`` is where places are noted, and where the loopback's is known."""

    def __init__(self, facts: Facts, platform: Platform, lines: dict[str, int]) -> None:
        self._facts = facts
        self._platform = platform
        self._lines = lines

    def core(self, asn: int, loopback: Interface) -> Core | None:
        """``None`` on a CE, which is not in IS-IS. ``loopback`` is what all sources must agree with."""
        facts = self._facts
        isis = facts.maybe("isis")
        if isis is None:
            return None
        self._lines["isis"] = isis.line
        locator = facts.one("srv6.locator", isis.line)
        self._lines["locator"] = locator.line
        source = facts.one("srv6.source", locator.line)
        if facts.converted(source, IPv6Address, "source") != loopback.ipv6.ip:
            raise facts.disagree(source, self._lines[f"interface {LOOPBACK}"])
        facts.one("isis.locator", isis.line)
        for name in ("isis.locator", "bgp.locator", "vrf.segment"):
            for fact in facts.all(name):
                if fact.values.get("locator", locator.values["locator"]) != locator.values["locator"]:
                    raise facts.disagree(fact, locator.line)
        return Core(
            net=facts.one("isis.net", isis.line).values["net"],
            locator=facts.converted(locator, IPv6Network, "prefix", "length"),
            peers=self._core_peers(asn, loopback),
        )

    def _core_peers(self, asn: int, loopback: Interface) -> tuple[CorePeer, ...]:
        facts = self._facts
        addresses = list(dict.fromkeys(fact.values["peer"] for fact in facts.all("peer.vpn")))
        peers = sorted((self._core_peer(address, asn, loopback) for address in addresses), key=lambda peer: peer.name)
        self._kept(any(peer.client for peer in peers), bool(peers))
        return tuple(peers)

    def _core_peer(self, peer: str, asn: int, loopback: Interface) -> CorePeer:
        facts = self._facts
        session = facts.one("peer.as", facts.all("peer.vpn", peer=peer)[0].line, peer=peer, vrf=None)
        self._lines[f"peer {peer.lower()}"] = session.line
        if facts.converted(session, int, "as") != asn:
            raise facts.disagree(session, self._lines["bgp"])
        source = facts.maybe("peer.source", peer=peer)
        if source is None:
            facts.one("peer.loopback", session.line, peer=peer)
        elif facts.converted(source, IPv6Address, "source") != loopback.ipv6.ip:
            raise facts.disagree(source, self._lines[f"interface {LOOPBACK}"])
        clients = [facts.maybe("peer.client", peer=peer, family=family) for family in ("ipv4", "ipv6")]
        for family in ("ipv4", "ipv6"):
            facts.one("peer.vpn", session.line, peer=peer, family=family)
        if (clients[0] is None) != (clients[1] is None):
            raise missing(facts.file, session.line, f"route reflection to {peer} for the other family")
        return CorePeer(
            name=facts.one("peer.name", session.line, peer=peer, vrf=None).values["text"],
            address=facts.converted(session, IPv6Address, "peer"),
            client=clients[0] is not None,
        )

    def _kept(self, reflects: bool, speaks: bool) -> None:
        """A reflector keeps routes of VPNs that it does not hold, and only a reflector does. FRR always keeps them."""
        facts = self._facts
        if self._platform is Platform.FRR and speaks:
            facts.one("bgp.locator", self._lines["bgp"])
        if self._platform is Platform.FRR or not speaks:
            return
        wanted = "keep" if reflects else "drop"
        for family in ("ipv4", "ipv6"):
            if reflects or self._platform is Platform.VRP:
                facts.one(wanted, self._lines["bgp"], family=family)
