"""A province's extranet of any size, made in code: what the network's benchmarks and tests work on.

Two reflectors in the province's core; two PEs in each city, joined to the core and to each other; two PEs in each
county, joined to the city's and to each other; CEs of three departments below, every fourth on both PEs. So every part
of the core is redundant, and a single-homed CE is the only single point of failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from province.addressing import DualPool, allocate
from province.extranet import Lan, Link, LinkEnd, Platform, Role, Router, Site, SiteLevel
from province.load import load
from province.province import Province

PORTS: Mapping[Platform, str] = MappingProxyType(
    {
        Platform.FRR: "eth{}",
        Platform.VRP: "GigabitEthernet0/1/{}",
        Platform.COMWARE: "GigabitEthernet1/0/{}",
        Platform.IOSXR: "GigabitEthernet0/0/0/{}",
    }
)
MIXED: Mapping[str, Platform] = MappingProxyType(
    {"core": Platform.VRP, "city": Platform.VRP, "county": Platform.COMWARE, "ce": Platform.FRR}
)
_BASE = Path(__file__).parents[1] / "inventories" / "lab"
_CITIES = 21
_DEPARTMENTS = ("zsj", "gat", "gxt")


def extranet(routers: int, platforms: Mapping[str, Platform] = MIXED, base: Path = _BASE) -> Province:
    """A province with this many routers (at least 8); everything but its extranet is the lab's."""
    return _Extranet(load(base), routers, platforms).province()


def _sizes(routers: int) -> tuple[int, int, int]:
    """Cities, counties, and CEs for a number of routers: about ten CEs below each county."""
    cities = max(1, min(_CITIES, (routers - 2) // 24))
    counties = max(1, (routers - 2 - 2 * cities) // 12)
    return cities, counties, routers - 2 - 2 * cities - 2 * counties


class _Extranet:
    def __init__(self, base: Province, routers: int, platforms: Mapping[str, Platform]) -> None:
        self._base = base
        self._platforms = platforms
        self._sites: dict[str, Site] = {}
        self._routers: dict[str, Router] = {}
        self._links: dict[str, Link] = {}
        self._lans: dict[str, Lan] = {}
        self._ports: dict[str, int] = {}
        self._build(*_sizes(routers))

    def province(self) -> Province:
        pools = self._base.identity.pools
        wide = pools.model_copy(
            update={
                "lan": DualPool.model_validate({"ipv4": "10.64.0.0/10", "ipv6": pools.lan.ipv6}),
                "link": DualPool.model_validate({"ipv4": "100.64.0.0/10", "ipv6": pools.link.ipv6}),
            }
        )
        made = self._base.model_copy(
            update={
                "identity": self._base.identity.model_copy(update={"pools": wide}),
                "sites": self._sites,
                "routers": self._routers,
                "links": self._links,
                "lans": self._lans,
            }
        )
        return made.with_slots(allocate(made.wanted(), {}))

    def _build(self, cities: int, counties: int, ces: int) -> None:
        core = self._pair("core", "core", SiteLevel.PROVINCE)
        city_pairs = []
        for n in range(cities):
            city = self._pair(f"c{n}", "city", SiteLevel.CITY)
            self._square(core, city)
            city_pairs.append(city)
            for k, department in enumerate(_DEPARTMENTS):
                self._lan(f"c{n}-{department}", department, city[k % 2])
        county_pairs = []
        for n in range(counties):
            county = self._pair(f"x{n}", "county", SiteLevel.COUNTY)
            self._square(city_pairs[n % cities], county)
            county_pairs.append(county)
        for n in range(ces):
            self._ce(n, county_pairs[n % counties])

    def _pair(self, name: str, tier: str, level: SiteLevel) -> tuple[str, str]:
        self._sites[name] = Site(code=name, name=name, name_en=name, division="440000", level=level)
        codes = (f"{name}-pe-1", f"{name}-pe-2")
        for code in codes:
            self._routers[code] = Router(
                code=code,
                site=name,
                platform=self._platforms[tier],
                roles=frozenset({Role.P, Role.PE}),
                route_reflector=tier == "core",
            )
        self._link(*codes)
        return codes

    def _square(self, upper: tuple[str, str], lower: tuple[str, str]) -> None:
        for one, other in zip(upper, lower, strict=True):
            self._link(one, other, metric=100)

    def _ce(self, number: int, county: tuple[str, str]) -> None:
        department = _DEPARTMENTS[number % 3]
        code, site = f"ce-{number}-{department}", county[0].removesuffix("-pe-1")
        self._routers[code] = Router(
            code=code, site=site, platform=self._platforms["ce"], roles=frozenset({Role.CE}), department=department
        )
        for pe in county if number % 4 == 0 else (county[number % 2],):
            self._link(pe, code)
        self._lan(code, department, code)

    def _link(self, one: str, other: str, metric: int = 10) -> None:
        # a number keeps the code within its 24 characters
        code = f"l{len(self._links)}"
        ends = [LinkEnd(router=router, port=self._port(router)) for router in (one, other)]
        self._links[code] = Link(code=code, a=ends[0], b=ends[1], metric=metric)

    def _lan(self, code: str, department: str, router: str) -> None:
        self._lans[code] = Lan(code=code, department=department, router=router, port=self._port(router))

    def _port(self, router: str) -> str:
        number = self._ports[router] = self._ports.get(router, 0) + 1
        return PORTS[self._routers[router].platform].format(number)
