"""What every router shall do, in device-neutral terms: a pure function of the province.

Architecture: IS-IS carries the core (both families) and the SRv6 locators (RFC 9352); BGP carries VPNv4 and VPNv6 over
IPv6 loopbacks by way of route reflectors (RFC 4456); each VPN is a VRF on the PEs that serve it, reached by one SRv6
End.DT46 segment per VRF (RFC 9252, RFC 8986 section 4.8); CEs speak eBGP in both families (RFC 4364 section 7).
The management interface is not part of the intent: nothing here may name it.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, IPv6Network

from network import border
from network.border import FILTERS, Border, Edge, Infrastructure
from network.ports import LOOPBACK, vlan
from network.queues import QUEUES, Queues, Trust, queues
from network.topology import check
from province.addressing import DualInterface, DualNetwork
from province.errors import ZyErrors
from province.extranet import Lan, Link, Platform, Role, Router
from province.province import Province

_INFRASTRUCTURE = ("loopback", "link", "locator", "router-management", "host-management")
"""Pools whose addresses are the platform's own: no department has anything to send there."""
AREA = "49.0001"
"""IS-IS area, of the private range of ISO 10589; one area, level 2 only."""


@dataclass(frozen=True, slots=True)
class Interface:
    """A port or the loopback. ``metric`` is the IS-IS metric; ``None`` keeps the port out of IS-IS.

    ``border`` is what may enter a port towards a department; ``None`` on others, and on platforms that filter nothing.
    ``trust`` is whose marks a port takes; ``None`` where there are no classes of service.
    """

    name: str
    description: str
    ipv4: IPv4Interface
    ipv6: IPv6Interface
    vrf: str | None = None
    metric: int | None = None
    passive: bool = False
    border: Border | None = None
    trust: Trust | None = None

    @property
    def filter(self) -> str:
        """The name of the port's filter on the device, where it has one."""
        return border.name(self.name)

    @property
    def queued(self) -> bool:
        """Whether it sends by classes: a port of the core. A VLAN of a port has no queues of its own."""
        return self.trust is Trust.CORE and vlan(self.name) is None


@dataclass(frozen=True, slots=True)
class CorePeer:
    """An iBGP neighbour (VPNv4 and VPNv6) at its IPv6 loopback; ``client`` when we reflect routes to it."""

    name: str
    address: IPv6Address
    client: bool


@dataclass(frozen=True, slots=True)
class EdgePeer:
    """An eBGP neighbour, one session per family. ``accept``: the only prefixes taken from it; ``None`` takes all."""

    name: str
    asn: int
    ipv4: IPv4Address
    ipv6: IPv6Address
    accept: tuple[DualNetwork, ...] | None


@dataclass(frozen=True, slots=True)
class Vrf:
    """A VPN on a PE. ``name`` fits a Linux interface name (15 characters); ``number`` is its table too."""

    name: str
    number: int
    rd: str
    rt: str
    peers: tuple[EdgePeer, ...]


@dataclass(frozen=True, slots=True)
class Core:
    """What a provider router does for the core: IS-IS, its locator, and BGP where it is a PE or a reflector."""

    net: str
    locator: IPv6Network
    peers: tuple[CorePeer, ...]


@dataclass(frozen=True, slots=True)
class Management:
    """How the router itself is run: where logs go, whose time it takes, how many log in, minutes of idleness."""

    syslog: tuple[IPv4Address | IPv6Address, ...]
    ntp: tuple[IPv4Address, ...]
    sessions: int
    idle: int


@dataclass(frozen=True, slots=True)
class RouterIntent:
    """All of one router. ``core`` is None on a CE; ``announced`` are the LANs that a CE offers to its PE."""

    name: str
    platform: Platform
    asn: int
    router_id: IPv4Address
    loopback6: IPv6Address
    interfaces: tuple[Interface, ...]
    core: Core | None
    vrfs: tuple[Vrf, ...]
    peers: tuple[EdgePeer, ...]
    announced: tuple[DualNetwork, ...]
    management: Management | None = None
    queues: Queues | None = None


def intents(province: Province) -> dict[str, RouterIntent]:
    """The intent of every router, by its code.

    Raises :class:`ZyErrors` (``ZY-NET-001`` … ``008``, ``030``) with all flaws.
    """
    flaws = check(province)
    if flaws:
        raise ZyErrors(flaws)
    plan = _Plan(province)
    return {code: plan.router(province.routers[code]) for code in sorted(province.routers)}


def vrf_name(province: Province, department: str) -> str:
    """Name of the VRF of a department's VPN: ``vpn100``."""
    vpn = province.vpn_of(department)
    if vpn is None:
        raise KeyError(f"department {department} has no VPN")
    return f"vpn{province.addresses.vpn(vpn.code)}"


class _Plan:
    """A province with what belongs to each router at hand: each router costs what it has, however many there are."""

    def __init__(self, province: Province) -> None:
        self._province = province
        self._addresses = province.addresses
        self._routers = province.routers
        self._links: dict[str, list[Link]] = {code: [] for code in self._routers}
        for link in province.links.values():
            for router in {link.a.router, link.b.router}:
                self._links[router].append(link)
        self._lans: dict[str, list[Lan]] = {code: [] for code in self._routers}
        for lan in province.lans.values():
            self._lans[lan.router].append(lan)
        self._vrfs = {
            department: f"vpn{self._addresses.vpn(vpn.code)}"
            for vpn in province.vpns.values()
            for department in vpn.departments
        }
        speakers = [router for _, router in sorted(self._routers.items()) if _speaks(router)]
        self._speakers = tuple(speakers)
        self._reflectors = tuple(router for router in speakers if router.route_reflector)
        pools = [self._addresses.pool(name) for name in _INFRASTRUCTURE]
        self._queues = queues(province.service_classes.values())
        self._infrastructure = Infrastructure(
            tuple(ipv4 for ipv4, _ in pools if ipv4 is not None), tuple(ipv6 for _, ipv6 in pools)
        )

    def router(self, router: Router) -> RouterIntent:
        loopback = self._addresses.loopback(router.code)
        provider = router.is_provider
        return RouterIntent(
            name=router.code,
            platform=router.platform,
            asn=self._asn(router),
            router_id=loopback.ipv4.ip,
            loopback6=loopback.ipv6.ip,
            interfaces=self._interfaces(router, loopback),
            core=self._core(router, loopback) if provider else None,
            vrfs=self._vrfs_of(router) if provider else (),
            peers=() if provider else self._providers(router),
            announced=() if provider else self._networks(router.code),
            management=self._management(router),
            queues=self._queues if self._sorts(router) else None,
        )

    def _sorts(self, router: Router) -> bool:
        """Whether a router tells classes of service apart."""
        return router.is_provider and router.platform in QUEUES and self._queues is not None

    def _trust(self, router: Router, department: str | None) -> Trust | None:
        """Whose marks its port takes, by the department that it leads to; ``None`` is the core."""
        if not self._sorts(router):
            return None
        return Trust.EDGE if department else Trust.CORE

    def _management(self, router: Router) -> Management | None:
        """Nothing on FRR: there the host's own services log, keep time and take logins."""
        declared = self._province.identity.router_management
        if declared is None or router.platform is Platform.FRR:
            return None
        return Management(declared.syslog, declared.ntp, declared.sessions, declared.idle)

    def _asn(self, router: Router) -> int:
        return self._province.identity.asn if router.is_provider else self._addresses.ce_as(router.code)

    def _interfaces(self, router: Router, loopback: DualInterface) -> tuple[Interface, ...]:
        core_metric = 0 if router.is_provider else None
        description = f"loopback {router.code}"
        found = [Interface(LOOPBACK, description, loopback.ipv4, loopback.ipv6, None, core_metric, passive=True)]
        found += [self._link_interface(router, link) for link in self._links[router.code]]
        for lan in self._lans[router.code]:
            network = self._addresses.lan(lan.code)
            vrf = self._vrfs[lan.department] if router.is_provider else None
            own = DualInterface(network.gateway4, network.gateway6)
            entry = self._border(router, lan.department, own, None, (network,))
            trust = self._trust(router, lan.department)
            found.append(Interface(lan.port, f"lan {lan.code}", own.ipv4, own.ipv6, vrf, border=entry, trust=trust))
        return tuple(sorted(found, key=lambda interface: interface.name))

    def _link_interface(self, router: Router, link: Link) -> Interface:
        own, near = self._ends(router.code, link)
        far = self._far(router, link)
        port, description = link.end(router.code).port, f"link {link.code} to {far.code}"
        if not router.is_provider or not far.department:
            metric = link.metric if router.is_provider and far.is_provider else None
            return Interface(port, description, own.ipv4, own.ipv6, None, metric, trust=self._trust(router, None))
        entry = self._border(router, far.department, own, near, self._networks(far.code))
        trust, vrf = self._trust(router, far.department), self._vrfs[far.department]
        return Interface(port, description, own.ipv4, own.ipv6, vrf, border=entry, trust=trust)

    def _border(
        self,
        router: Router,
        department: str,
        own: DualInterface,
        neighbour: DualInterface | None,
        networks: tuple[DualNetwork, ...],
    ) -> Border | None:
        if router.platform not in FILTERS:
            return None
        vrf, lans = self._vrfs.get(department), self._lans[router.code]
        beside = [self._addresses.lan(lan.code) for lan in lans if self._vrfs.get(lan.department) == vrf]
        gateways = tuple(DualInterface(lan.gateway4, lan.gateway6) for lan in beside)
        return border.border(Edge(own, neighbour, networks, gateways), self._infrastructure)

    def _far(self, router: Router, link: Link) -> Router:
        return self._routers[link.far(router.code).router]

    def _ends(self, router: str, link: Link) -> tuple[DualInterface, DualInterface]:
        """Addresses of this router's end of a link, and of the far one."""
        a, b = self._addresses.link(link.code)
        return (a, b) if link.a.router == router else (b, a)

    def _core(self, router: Router, loopback: DualInterface) -> Core:
        # reflectors speak with every PE and with each other; PEs only with reflectors; mere P routers with none
        near = () if not _speaks(router) else self._speakers if router.route_reflector else self._reflectors
        return Core(
            net=f"{AREA}.{_system_id(loopback.ipv4.ip)}.00",
            locator=self._addresses.locator(router.code),
            peers=tuple(
                CorePeer(
                    name=far.code,
                    address=self._addresses.loopback(far.code).ipv6.ip,
                    client=router.route_reflector and not far.route_reflector,
                )
                for far in near
                if far.code != router.code
            ),
        )

    def _vrfs_of(self, router: Router) -> tuple[Vrf, ...]:
        edges = [(link, self._far(router, link)) for link in self._links[router.code]]
        departments = {lan.department for lan in self._lans[router.code]}
        departments |= {far.department for _, far in edges if far.department}
        names = sorted({self._vrfs[department] for department in departments})
        return tuple(self._vrf(router, name, edges) for name in names)

    def _vrf(self, router: Router, name: str, edges: list[tuple[Link, Router]]) -> Vrf:
        number = int(name.removeprefix("vpn"))
        peers = [
            self._edge_peer(router, link, far, self._networks(far.code))
            for link, far in edges
            if far.department and self._vrfs[far.department] == name
        ]
        return Vrf(
            name=name,
            number=number,
            rd=f"{self._addresses.loopback(router.code).ipv4.ip}:{number}",
            rt=f"{self._province.identity.asn}:{number}",
            peers=tuple(sorted(peers, key=lambda peer: (peer.name, peer.ipv4))),
        )

    def _providers(self, router: Router) -> tuple[EdgePeer, ...]:
        peers = [self._edge_peer(router, link, self._far(router, link), None) for link in self._links[router.code]]
        return tuple(sorted(peers, key=lambda peer: (peer.name, peer.ipv4)))

    def _edge_peer(self, router: Router, link: Link, far: Router, accept: tuple[DualNetwork, ...] | None) -> EdgePeer:
        _, address = self._ends(router.code, link)
        return EdgePeer(far.code, self._asn(far), address.ipv4.ip, address.ipv6.ip, accept)

    def _networks(self, router: str) -> tuple[DualNetwork, ...]:
        found = [self._addresses.lan(lan.code) for lan in self._lans[router]]
        return tuple(sorted(found, key=lambda network: network.ipv4))


def _speaks(router: Router) -> bool:
    """Whether a router speaks BGP in the core."""
    return router.is_provider and (router.route_reflector or Role.PE in router.roles)


def _system_id(router_id: IPv4Address) -> str:
    """IS-IS system id from the router id, as operators write it: 10.127.0.5 → 0101.2700.0005."""
    digits = "".join(f"{byte:03d}" for byte in router_id.packed)
    return ".".join(digits[n : n + 4] for n in (0, 4, 8))
