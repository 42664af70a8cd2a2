"""Which routers hear whose VPN routes, by the rules of route reflection (RFC 4456 section 6).

A reflector passes a client's routes to all its neighbours, and a non-client's routes to its clients. Routers with the
same sessions are alike, and there are few kinds of them, so that 2,000 PEs cost no more than their sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from network.offline.fabric import Fabric

Kind = tuple[str, ...]
"""What routers with the same sessions have in common; a reflector is of a kind of its own."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """``kinds`` of routers, and which kinds hear the routes of a kind. A router always hears itself."""

    kinds: Mapping[str, Kind]
    heard: Mapping[Kind, frozenset[Kind]]

    def hears(self, listener: str, origin: str) -> bool:
        if listener == origin:
            return True
        kind = self.kinds.get(origin)
        return kind is not None and self.kinds.get(listener) in self.heard[kind]


def hearing(fabric: Fabric, without: str | None = None) -> Hearing:
    """Who hears whom when every session that both ends agree on is up; ``without`` one router that is down."""
    sessions = _sessions(fabric, without)
    reflectors = {router for router, peers in sessions.items() if any(peers.values())}
    kinds = {
        router: ("reflector", router)
        if router in reflectors
        else tuple(sorted(f"{far} client={sessions[far][router]}" for far in peers))
        for router, peers in sessions.items()
    }
    first: dict[Kind, str] = {}
    for router, kind in sorted(kinds.items()):
        first.setdefault(kind, router)
    return Hearing(kinds, {kind: _heard(router, kinds, sessions) for kind, router in first.items()})


def _sessions(fabric: Fabric, without: str | None) -> dict[str, dict[str, bool]]:
    """Sessions by router: with whom, and whether it is our client. Only those that both ends have and can reach."""
    part = fabric.part
    by_address = {reading.intent.loopback6: name for name, reading in fabric.readings.items()}
    declared = {
        name: {
            by_address[peer.address]: peer.client for peer in reading.intent.core.peers if peer.address in by_address
        }
        for name, reading in fabric.readings.items()
        if reading.intent.core and name != without
    }
    return {
        name: {
            far: client for far, client in peers.items() if name in declared.get(far, ()) and part[far] == part[name]
        }
        for name, peers in declared.items()
    }


def _heard(origin: str, kinds: Mapping[str, Kind], sessions: Mapping[str, Mapping[str, bool]]) -> frozenset[Kind]:
    """Kinds that hear a router of this kind. Others of its own kind hear it only by way of a reflector."""
    heard: set[str] = set()
    # (who has the route, from whom): a router passes on what it learned only if it reflects
    waiting = [(origin, origin)]
    passed: set[tuple[str, bool]] = set()
    while waiting:
        router, source = waiting.pop()
        from_client = source == router or sessions[router].get(source, False)
        if (router, from_client) in passed:
            continue
        passed.add((router, from_client))
        for far, client in sessions[router].items():
            if far != source and (from_client or client):
                heard.add(far)
                if kinds[far][:1] == ("reflector",):
                    waiting.append((far, router))
    return frozenset(kinds[router] for router in heard)
