"""What a router must show once its configuration works: neighbours, sessions, segments. A pure function of intent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pydantic import BaseModel, ConfigDict

from network.intent import RouterIntent
from province.province import Province


class Expected(BaseModel):
    """Things that must be up. Each is named as the device names it, so that it can be compared with what is live."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    adjacencies: tuple[str, ...] = ()
    """Ports with an IS-IS neighbour in state Up."""
    sessions: tuple[str, ...] = ()
    """BGP sessions that are Established: ``vpnv4 fd44:1::1``, ``vpn100 ipv4 100.64.0.7``; on CEs ``ipv6 fd44:2::6``."""
    segments: tuple[str, ...] = ()
    """VRFs that have an SRv6 End.DT46 segment."""

    def both(self, other: Expected) -> Expected:
        """What is in one or in the other."""
        return Expected(**{name: tuple(sorted({*mine, *getattr(other, name)})) for name, mine in self})

    def only(self, keep: Callable[[str, str], bool]) -> Expected:
        """The things of which ``keep(kind, thing)`` says so."""
        return Expected(**{name: tuple(one for one in mine if keep(name, one)) for name, mine in self})

    def missing(self, live: Expected) -> list[str]:
        """What is expected and not live, in words."""
        return [
            *(f"IS-IS neighbour at {port}" for port in self.adjacencies if port not in live.adjacencies),
            *(f"BGP session {session}" for session in self.sessions if session not in live.sessions),
            *(f"SRv6 segment of {vrf}" for vrf in self.segments if vrf not in live.segments),
        ]


def due(wanted: Expected, later: Expected, live: Expected, running: str) -> Expected:
    """What must be up once a router is changed.

    ``wanted`` is what its changed and configured neighbours let it have. Of what ``later`` waves will touch, that which
    is ``live`` now has to stay. What the ``running`` configuration names already and yet is down, was down before us:
    it is not waited for (:func:`down_before` tells of it).
    """
    kept = later.only(lambda kind, one: one in getattr(live, kind))
    before = down_before(wanted, live, running)
    return wanted.only(lambda kind, one: one not in getattr(before, kind)).both(kept)


def down_before(wanted: Expected, live: Expected, running: str) -> Expected:
    """What is configured already and is not up."""
    words = set(running.split())
    return wanted.only(lambda kind, one: one not in getattr(live, kind) and one.split()[-1] in words)


def expected(province: Province, intent: RouterIntent, among: Iterable[str]) -> Expected:
    """What ``intent`` must lead to, counting only neighbours ``among`` these routers (the ones that are configured)."""
    near = set(among)
    return Expected(
        adjacencies=tuple(sorted(_core_ports(province, intent, near))),
        sessions=tuple(sorted([*_core_sessions(intent, near), *_edge_sessions(intent, near)])),
        segments=tuple(sorted(vrf.name for vrf in intent.vrfs)),
    )


def _core_ports(province: Province, intent: RouterIntent, near: set[str]) -> list[str]:
    if intent.core is None:
        return []
    links = [(link.end(intent.name).port, link.far(intent.name).router) for link in province.links_of(intent.name)]
    return [port for port, far in links if far in near and province.routers[far].is_provider]


def _core_sessions(intent: RouterIntent, near: set[str]) -> list[str]:
    peers = [peer for peer in (intent.core.peers if intent.core else ()) if peer.name in near]
    return [f"{family} {peer.address}" for peer in peers for family in ("vpnv4", "vpnv6")]


def _edge_sessions(intent: RouterIntent, near: set[str]) -> list[str]:
    edges = [(f"{vrf.name} ", peer) for vrf in intent.vrfs for peer in vrf.peers]
    edges += [("", peer) for peer in intent.peers]
    near_edges = [(vrf, peer) for vrf, peer in edges if peer.name in near]
    return [
        f"{vrf}{family} {address}"
        for vrf, peer in near_edges
        for family, address in (("ipv4", peer.ipv4), ("ipv6", peer.ipv6))
    ]
