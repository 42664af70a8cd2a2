"""The extranet's move to IPv6 and SRv6 (IPv6 规模部署): what each router and site has, what is still in the way.

Every address of ours has both families (:mod:`province.addressing`), and every VPN carries both over SRv6
(:mod:`network.intent`), so no router that is configured is without IPv6. What can be in the way is gear that does not
forward SRv6, and servers of the routers' management that are reached by IPv4 alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from network.intent import Management, RouterIntent, intents
from network.topology import unable, waiting
from network.waves import Rollout, waves
from province.extranet import Role, Router
from province.province import Province


class Need(StrEnum):
    """What a router still needs IPv4, or MPLS, for."""

    SEGMENTS = "segments"
    TIME = "time"
    LOGS = "logs"

    @property
    def english(self) -> str:
        return {
            Need.SEGMENTS: "its gear does not forward SRv6: its VPNs stay on what it runs today",
            Need.TIME: "its time servers are IPv4: our configurations know no others",
            Need.LOGS: "all its log servers are IPv4",
        }[self]

    @property
    def chinese(self) -> str:
        return {
            Need.SEGMENTS: "设备不支持 SRv6，专网仍由现有协议承载",
            Need.TIME: "时间服务器仅有 IPv4（配置模板只支持 IPv4）",
            Need.LOGS: "日志服务器仅有 IPv4",
        }[self]


class State(StrEnum):
    """How far a site is."""

    OLD_GEAR = "old-gear"
    WAITING = "waiting"
    UNREGISTERED = "unregistered"
    DUAL_STACK = "dual-stack"
    SRV6 = "srv6"
    NO_ROUTER = "no-router"

    @property
    def chinese(self) -> str:
        return {
            State.OLD_GEAR: "设备不支持 SRv6",
            State.WAITING: "等待上联改造",
            State.UNREGISTERED: "设备型号未登记",
            State.DUAL_STACK: "双栈接入",
            State.SRV6: "SRv6 就绪",
            State.NO_ROUTER: "尚未接入",
        }[self]

    @property
    def next(self) -> str:
        """What is to be done next; nothing where nothing is."""
        return {
            State.OLD_GEAR: "replace its gear: zy network ipv6 plan 按批次更换设备",
            State.WAITING: "comes with the PE that it hangs on 随上联 PE 改造",
            State.UNREGISTERED: "register its model (section `gear`) 登记设备型号",
            State.NO_ROUTER: "declare a router, or drop the site 登记路由器或删除站点",
        }.get(self, "")


@dataclass(frozen=True, slots=True)
class RouterState:
    """One router. ``interfaces`` (loopback, links, LANs) and ``vpns`` have both families, by the address plan."""

    router: str
    site: str
    interfaces: int
    locator: str | None
    """SRv6 locator (RFC 9352); a CE has none and needs none."""
    vpns: tuple[str, ...]
    srv6: bool | None
    """Whether its gear forwards SRv6; ``None`` when its model is not registered."""
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class SiteState:
    site: str
    state: State
    routers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Routers to replace at one time; the next step waits until :attr:`commands` have all passed."""

    number: int
    routers: tuple[str, ...]

    @property
    def commands(self) -> tuple[str, ...]:
        """Who is cut off meanwhile; then, with the new gear in the inventory: check, plan, apply, prove."""
        limit = " ".join(f"--limit router={router}" for router in self.routers)
        return (
            *(f"zy network check --without {router}" for router in self.routers),
            "zy network check",
            f"zy plan {limit} -o plan.json",
            "zy apply plan.json",
            f"zy verify {limit}",
        )


def routers(province: Province) -> list[RouterState]:
    """Every router, in the order of names.

    Raises :class:`ZyErrors` (``ZY-NET-001`` …) when the extranet cannot be configured as declared.
    """
    old = unable(province)
    return [_router(province, intent, old) for intent in intents(province).values()]


def sites(province: Province) -> list[SiteState]:
    """Every site, in the order of names."""
    old, late = unable(province), waiting(province)
    here: dict[str, list[Router]] = {code: [] for code in province.sites}
    for _, router in sorted(province.routers.items()):
        here[router.site].append(router)
    return [
        SiteState(code, _state(found, old, late), tuple(router.code for router in found))
        for code, found in sorted(here.items())
    ]


_CREWS = Rollout(canary=1, share=0.05, largest=20)
"""One router first, then a twentieth of them, and never more than 20 at once: they are changed by hand."""


def steps(province: Province) -> list[Step]:
    """The migration plan: old P routers and reflectors first, then old PEs; never both routers that one hangs on.

    This is not the order of :mod:`network.gear`. A PE proves itself by its neighbours and by the routes that reflectors
    send to its IPv6 loopback; beyond an old core it would have neither, and its step could not be verified.
    """
    old = unable(province)
    first = {code for code in old if Role.P in province.routers[code].roles or province.routers[code].route_reflector}
    found = [wave for phase in (first, old - first) for wave in waves(province, phase, (), _CREWS)]
    return [Step(number, wave.routers) for number, wave in enumerate(found, start=1)]


def _router(province: Province, intent: RouterIntent, old: Collection[str]) -> RouterState:
    router = province.routers[intent.name]
    return RouterState(
        router=router.code,
        site=router.site,
        interfaces=len(intent.interfaces),
        locator=str(intent.core.locator) if intent.core else None,
        vpns=tuple(vrf.name for vrf in intent.vrfs),
        srv6=province.gear[router.gear].srv6 if router.gear else None,
        needs=tuple(_needs(intent, router.code in old)),
    )


def _needs(intent: RouterIntent, old: bool) -> Iterator[Need]:
    if old:
        yield Need.SEGMENTS
    management = intent.management or Management((), (), 0, 0)
    if management.ntp:
        yield Need.TIME
    if management.syslog and all(server.version == 4 for server in management.syslog):
        yield Need.LOGS


def _state(found: list[Router], old: Collection[str], late: Collection[str]) -> State:
    """The first that is true of any of its routers."""
    if not found:
        return State.NO_ROUTER
    if any(router.code in old for router in found):
        return State.OLD_GEAR
    if any(router.code in late for router in found):
        return State.WAITING
    providers = [router for router in found if router.is_provider]
    if any(router.gear is None for router in providers):
        return State.UNREGISTERED
    return State.SRV6 if providers else State.DUAL_STACK
