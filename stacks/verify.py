"""Proof of the live cloud: servers, labels, spread and volumes, routers, and which connections are possible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException

from province.cloud import Service, Zone
from province.province import Province
from province.record import Check, RoomName, Status
from province.standard import description, system_labels
from province.system import System
from stacks.availability_zones import prove_places, prove_zones
from stacks.check import compared
from stacks.config_drives import prove_drives
from stacks.holdings import hold
from stacks.paths import Path, expected_paths
from stacks.plan.province import plan_province
from stacks.plan.region import plan_region
from stacks.plan.stack import Kind, StackId
from stacks.plan.tenant import plan_tenant
from stacks.proof import prove
from stacks.service_classes import prove_classes, survey_classes
from stacks.single_stack import prove_single_stack
from stacks.stock import prove_stock, take_stock
from stacks.survey import Survey, survey
from stacks.tools import Places, Tools
from stacks.trace import Flow, trace


def verify_cloud(
    province: Province, places: Places, tools: Tools, today: date, limit: Sequence[str] = ()
) -> list[Check]:
    """All checks whose stack is named by ``limit`` (empty: all), in a stable order."""
    checks: list[Check] = []
    accounts = {each.region: each for each in plan_province(province).regions}
    for code, region in sorted(province.regions.items()):
        systems = sorted(province.systems_in(code), key=lambda system: system.code)
        try:
            live = survey(places.project_clouds, region.cloud)
            stock = take_stock(places.project_clouds, region.cloud)
            held = hold(places.project_clouds, code, region.cloud, region.services, [system.code for system in systems])
            classes = survey_classes(places.project_clouds, region.cloud) if Service.QOS in region.services else None
        except (SDKException, ClientException, OSError) as error:
            checks.append(_unreachable(code, error))
            continue
        checks += prove_stock(accounts[code], stock)
        tenants = [plan_tenant(province, system.code, today) for system in systems]
        planned = plan_region(province, code, today)
        if classes is not None:
            checks += prove_classes(planned, tenants, classes)
        checks += prove_zones(planned, live.aggregates)
        with_drive = {name for name, server in live.servers.items() if server.config_drive}
        places_of = {name: server.availability_zone for name, server in live.servers.items()}
        for system, tenant in zip(systems, tenants, strict=True):
            checks += _system(province, system, live, today)
            checks += prove(tenant, live.ports, held)
            checks += prove_places(tenant, places_of)
            checks += prove_drives(tenant, with_drive)
            checks += prove_single_stack(tenant, live.families, live.ports)
        checks.append(_routers(code, live))
        paths = (path for path in expected_paths(province, today) if path.region == code)
        addresses = {name: balancer.address for name, balancer in held.balancers.items()}
        checks += _paths(paths, live, addresses, _remote(places, region.cloud), tools)
    return [check for check in checks if not limit or check.target in limit]


def _system(province: Province, system: System, live: Survey, today: date) -> Iterator[Check]:
    stack = str(StackId(Kind.TENANT, system.code))
    labels = system_labels(province, system).as_metadata()
    for workload in plan_tenant(province, system.code, today).workloads:
        hosts: set[str] = set()
        for server in workload.servers:
            found = live.servers.get(server.name)
            wrong = sorted(k for k, v in labels.items() if found and found.metadata.get(k) != v)
            seen = "absent" if found is None else f"{found.status}, labels {_wrong(wrong)}, {found.volumes} volumes"
            wanted = f"ACTIVE, labels right, {int(server.volume_gib > 0) + int(server.boot_gib > 0)} volumes"
            hosts.add(found.host if found else "?")
            yield compared(
                f"cloud.server.{server.name}",
                f"Server {server.name} runs and carries its labels",
                f"云主机 {server.name} 运行正常、标签完整（{description(system)}）",
                stack,
                (wanted, seen),
                "Nova GET /servers/detail?all_tenants=1",
                "8.1.4.2 g",
            )
        if workload.spread:
            yield compared(
                f"cloud.spread.{workload.group.name}",
                f"The servers of {workload.group.name} stand on different machines",
                f"{workload.group.name} 各云主机分布在不同物理机上",
                stack,
                (f"{len(workload.servers)} machines", f"{len(hosts)} machines"),
                f"Nova GET /servers/detail: host {', '.join(sorted(hosts))}",
                "8.1.4.9 c",
            )


def _wrong(keys: Sequence[str]) -> str:
    return f"wrong: {', '.join(keys)}" if keys else "right"


def _routers(region: str, live: Survey) -> Check:
    joined = sorted(
        f"{name}: {' + '.join(sorted(zones))}" for name, zones in live.router_zones.items() if _joins(zones)
    )
    return compared(
        f"cloud.zones.{region}",
        f"No router of region {region} has legs in two zones, and the exchange has none",
        f"{region} 区域内没有跨安全域的路由器，数据交换区没有路由器",
        str(StackId(Kind.REGION, region)),
        ("no router joins zones", "; ".join(joined) or "no router joins zones"),
        f"Neutron GET /ports, /routers: {len(live.router_zones)} routers",
        "8.1.2.1 d",
    )


def _joins(zones: frozenset[str]) -> bool:
    return len(zones) > 1 or Zone.EXCHANGE.value in zones


def _remote(places: Places, cloud: str) -> str | None:
    """Where ``ovn-trace`` finds the databases of a cloud; ``None`` where they are not ours to read."""
    if places.ovn is None or not places.ovn.exists():
        return None
    remotes: dict[str, str] = json.loads(places.ovn.read_text(encoding="utf-8"))
    return remotes.get(cloud)


def _paths(
    paths: Iterable[Path], live: Survey, balancers: Mapping[str, str], remote: str | None, tools: Tools
) -> Iterator[Check]:
    for path in paths:
        wanted = "delivered" if path.open else "dropped"
        seen, evidence, status = _try(path, live, balancers, remote, tools)
        yield Check(
            id=path.id,
            title=path.title,
            title_zh=path.title_zh,
            room=RoomName.CLOUD,
            target=path.stack,
            status=status or (Status.PASSED if seen.split(":")[0] == wanted else Status.FAILED),
            expected=wanted,
            actual=seen,
            evidence=evidence,
            clause=path.clause,
        )


def _try(
    path: Path, live: Survey, balancers: Mapping[str, str], remote: str | None, tools: Tools
) -> tuple[str, str, Status | None]:
    """What became of the packet, by which command; and the status where there is nothing to compare."""
    if remote is None:
        return "OVN's database is not ours to read here", "ovn.json", Status.SKIPPED
    source, target = live.ports.get(path.source), live.ports.get(path.target)
    if source is None or target is None:
        missing = path.source if source is None else path.target
        return f"there is no port {missing}", "Neutron GET /ports", Status.FAILED
    if path.balancer and path.balancer not in balancers:
        return f"there is no balancer {path.balancer}", "Octavia GET /v2/lbaas/loadbalancers", Status.FAILED
    if path.address:
        source = replace(source, **{f"ipv{path.family}": path.address})
    try:
        traced = trace(
            tools.ovn_trace, remote, Flow(source, target, path.port, path.family, balancers.get(path.balancer, ""))
        )
    except OSError as error:
        return str(error), "ovn-trace", Status.FAILED
    return f"{'delivered' if traced.delivered else 'dropped'}: {traced.detail}", traced.command, None


def _unreachable(region: str, error: Exception) -> Check:
    return Check(
        id=f"cloud.region.{region}",
        title=f"The cloud of region {region} answers",
        title_zh=f"{region} 区域的云平台可以访问",
        room=RoomName.CLOUD,
        target=str(StackId(Kind.REGION, region)),
        status=Status.FAILED,
        expected="it answers",
        actual=" ".join(str(error).split())[:300],
        evidence="Keystone POST /auth/tokens, Nova GET /servers, Neutron GET /ports",
    )
