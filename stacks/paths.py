"""Which connections must be open and which closed: derived from the inventory, to be tried on the live cloud. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import permutations

from province.province import Province
from province.standard import server_name, system_name
from province.system import SharingAgreement, System, Workload, common
from stacks.plan.agreement import in_force, servers_of
from stacks.plan.service import balancer_name, is_balanced, member_names
from stacks.plan.stack import Kind, StackId

BETWEEN_ZONES = "8.1.3.2 a"
MINIMAL = "8.1.3.2 c"
TENANTS = "8.2.2.1 b"


@dataclass(frozen=True, slots=True)
class Path:
    """A connection that is tried, by names of ports."""

    id: str
    stack: str
    """Stack whose check it is."""
    region: str
    source: str
    target: str
    port: int
    family: int
    open: bool
    title: str
    title_zh: str
    clause: str
    balancer: str = ""
    """Name of the load balancer that the packet is sent to, and that is to give it to the target."""
    address: str = ""
    """Where the packet comes from, when not from the source's own address: from outside, through the zone's router."""


INTERNET = {4: "192.0.2.1", 6: "2001:db8::1"}
"""An address that belongs to nobody (RFC 5737, RFC 3849): stands for the Internet."""


def expected_paths(province: Province, today: date) -> Iterator[Path]:
    """Everything worth trying: inside systems, between systems, and what each agreement opens and leaves closed."""
    for _, system in sorted(province.systems.items()):
        yield from _inside(system)
        yield from _audience(province, system)
    for region in sorted(province.regions):
        systems = sorted(province.systems_in(region), key=lambda system: system.code)
        for a, b in permutations(systems, 2):
            yield from _between(a, b)
        for agreement in sorted(in_force(province, region, today), key=lambda agreement: agreement.code):
            yield from _agreed(province, region, agreement)


def _inside(system: System) -> Iterator[Path]:
    """Clients reach their workload; the system's other workloads do not."""
    stack = str(StackId(Kind.TENANT, system.code))
    for target, workload in sorted(system.workloads.items()):
        for source in sorted(set(system.workloads) - {target}):
            for port in sorted(workload.ports):
                opened = source in workload.clients
                word, word_zh = ("reaches", "可以访问") if opened else ("cannot reach", "不能访问")
                yield from _families(
                    Path(
                        id=f"cloud.path.{system.code}.{source}-{target}-{port}",
                        stack=stack,
                        region=system.region,
                        source=server_name(system, source, 1),
                        target=server_name(system, target, 1),
                        port=port,
                        family=4,
                        open=opened,
                        title=f"{system.name_en}: {source} {word} {target} on port {port}",
                        title_zh=f"{system.name}：{source} {word_zh} {target} 的 {port} 端口",
                        clause=MINIMAL,
                    ),
                    system.families.versions,
                )


def _audience(province: Province, system: System) -> Iterator[Path]:
    """Whom each workload serves from outside the system: everybody, the extranet, or nobody."""
    pools = province.addresses.pool("lan")
    extranet: dict[int, str] = {pool.version: str(pool[257]) for pool in pools if pool is not None}
    versions = system.families.versions
    for code, workload in sorted(system.workloads.items()):
        outside = (("internet", "互联网", INTERNET), ("extranet", "政务外网", extranet))
        for name, name_zh, addresses in outside:
            for port in sorted(workload.ports):
                opened = workload.audience in ("internet", name)
                word, word_zh = ("reaches", "可以访问") if opened else ("cannot reach", "不能访问")
                path = Path(
                    id=f"cloud.audience.{system.code}.{name}-{code}-{port}",
                    stack=str(StackId(Kind.TENANT, system.code)),
                    region=system.region,
                    source=f"{system_name(system)}-gateway",
                    target=server_name(system, code, 1),
                    port=port,
                    family=4,
                    open=opened,
                    title=f"{system.name_en}: the {name} {word} {code} on port {port}",
                    title_zh=f"{system.name}：{name_zh}{word_zh} {code} 的 {port} 端口",
                    clause=BETWEEN_ZONES,
                )
                through = (replace(each, address=addresses[each.family]) for each in _families(path, versions))
                for each in through:
                    yield each
                    if opened and is_balanced(province, system, workload):
                        yield from _balanced(system, workload, each)


def _balanced(system: System, workload: Workload, path: Path) -> Iterator[Path]:
    """The same connection to the balancer's address, given to each server in turn."""
    balancer = balancer_name(system, workload.code, path.family)
    for server in member_names(system, workload.code):
        yield replace(
            path,
            id=f"{path.id}.balanced-{server}",
            target=server,
            balancer=balancer,
            title=f"{path.title}, given to {server} by the balancer",
            title_zh=f"{path.title_zh}，经负载均衡到 {server}",
        )


def _between(a: System, b: System) -> Iterator[Path]:
    """No system reaches another's own network, in whatever zones they are."""
    source, target = _some(a), _serving(b)
    if target is None:
        return
    port = min(target.ports)
    same = a.zone is b.zone
    yield from _families(
        Path(
            id=f"cloud.isolation.{a.code}-{b.code}",
            stack=str(StackId(Kind.TENANT, b.code)),
            region=a.region,
            source=server_name(a, source.code, 1),
            target=server_name(b, target.code, 1),
            port=port,
            family=4,
            open=False,
            title=f"{a.name_en} ({a.zone}) cannot reach {b.name_en} ({b.zone}) on port {port}",
            title_zh=f"{a.name}（{a.zone.chinese}）不能访问{b.name}（{b.zone.chinese}）的 {port} 端口",
            clause=TENANTS if same else BETWEEN_ZONES,
        ),
        common(a.families, b.families),
    )


def _agreed(province: Province, region: str, agreement: SharingAgreement) -> Iterator[Path]:
    consumer, provider = (f"{servers_of(province, e)[0]}-exchange" for e in (agreement.consumer, agreement.provider))
    port = min(agreement.ports)
    closed = next(other for other in (22, 23, 5432) if other not in agreement.ports)
    ways = (
        ("open", consumer, provider, port, True, "the consumer reaches the provider", "使用方可以访问提供方"),
        ("other-port", consumer, provider, closed, False, "no other port is open", "其他端口不通"),
        ("backwards", provider, consumer, port, False, "the provider cannot reach back", "提供方不能反向访问"),
    )
    providing, consuming = (province.systems[e.system] for e in (agreement.provider, agreement.consumer))
    for word, source, target, number, opened, title, title_zh in ways:
        path = _agreement_path(region, agreement, word, source, target, number, opened, title, title_zh)
        yield from _families(path, common(providing.families, consuming.families))
    found = _outsider(province, region, agreement)
    if found:
        system, outsider = found
        title, title_zh = f"{outsider} is no party and cannot reach the provider", f"非协议方 {outsider} 不能访问提供方"
        path = _agreement_path(region, agreement, "outsider", outsider, provider, port, False, title, title_zh)
        yield from _families(path, common(providing.families, system.families))


def _agreement_path(
    region: str,
    agreement: SharingAgreement,
    word: str,
    source: str,
    target: str,
    port: int,
    opened: bool,
    title: str,
    title_zh: str,
) -> Path:
    return Path(
        id=f"cloud.agreement.{agreement.code}.{word}",
        stack=str(StackId(Kind.REGION, region)),
        region=region,
        source=source,
        target=target,
        port=port,
        family=4,
        open=opened,
        title=f"{agreement.name_en}: {title} (port {port})",
        title_zh=f"{agreement.name}：{title_zh}（{port} 端口）",
        clause=BETWEEN_ZONES,
    )


def _outsider(province: Province, region: str, agreement: SharingAgreement) -> tuple[System, str] | None:
    """A server of the region that is on neither side, and its system."""
    parties = {*servers_of(province, agreement.provider), *servers_of(province, agreement.consumer)}
    for system in sorted(province.systems_in(region), key=lambda system: system.code):
        for code in sorted(system.workloads):
            name = server_name(system, code, 1)
            if name not in parties:
                return system, name
    return None


def _some(system: System) -> Workload:
    return system.workloads[min(system.workloads)]


def _serving(system: System) -> Workload | None:
    return next((w for _, w in sorted(system.workloads.items()) if w.ports), None)


def _families(path: Path, versions: Collection[int]) -> Iterator[Path]:
    for family in versions:
        yield replace(
            path,
            id=f"{path.id}.ipv{family}",
            family=family,
            title=f"{path.title}, IPv{family}",
            title_zh=f"{path.title_zh}，IPv{family}",
        )
