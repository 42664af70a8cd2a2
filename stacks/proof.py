"""Proof of what a system has of its region's optional services: its balancers, names and container. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from province.record import Check
from stacks.check import compared
from stacks.holdings import Holdings, LiveBalancer
from stacks.plan.service import Balancer, Record
from stacks.plan.stack import Kind, StackId
from stacks.plan.tenant import TenantPlan
from stacks.trace import TracePort

REDUNDANCY = "8.1.2.1 e"
LABELLED = "8.1.4.2 g"
CONFIDENTIAL = "8.1.4.8 b"


def prove(plan: TenantPlan, ports: Mapping[str, TracePort], held: Holdings) -> Iterator[Check]:
    """A check for each balancer, record and container of the plan. ``ports`` are the live ones, by name."""
    for balancer in plan.balancers:
        yield _balancer(plan, balancer, ports, held.balancers.get(balancer.name))
    for record in plan.records:
        yield _record(plan, record, ports, held)
    if plan.secrets:
        seen = "there" if plan.secrets in held.containers else "absent"
        yield compared(
            f"cloud.secrets.{plan.secrets}",
            f"The container {plan.secrets} is there for the system's secrets",
            f"密钥容器 {plan.secrets} 存在",
            _stack(plan),
            ("there", seen),
            "Barbican GET /v1/containers",
            CONFIDENTIAL,
        )


def _stack(plan: TenantPlan) -> str:
    return str(StackId(Kind.TENANT, plan.system))


def _addresses(plan: TenantPlan, workload: str, family: int, ports: Mapping[str, TracePort]) -> list[str]:
    servers = next(each.servers for each in plan.workloads if each.code == workload)
    return sorted(ports[server.name].address(family) if server.name in ports else "?" for server in servers)


def _balancer(plan: TenantPlan, spec: Balancer, ports: Mapping[str, TracePort], live: LiveBalancer | None) -> Check:
    servers = ", ".join(_addresses(plan, spec.workload, spec.family, ports))
    wanted = "; ".join(["ACTIVE, labels right", *(f"{port}: {servers}" for port in spec.ports)])
    seen = "absent"
    if live is not None:
        labels = "right" if set(spec.labels.as_tags()) <= live.tags else "wrong"
        behind = (f"{port}: {', '.join(sorted(members))}" for port, members in sorted(live.members.items()))
        seen = "; ".join([f"{live.status}, labels {labels}", *behind])
    return compared(
        f"cloud.balancer.{spec.name}",
        f"The balancer {spec.name} works, and all servers of {spec.workload} stand behind it",
        f"负载均衡 {spec.name} 正常，{spec.workload} 的全部云主机在其后",
        _stack(plan),
        (wanted, seen),
        "Octavia GET /v2/lbaas/loadbalancers, listeners, pools, members",
        REDUNDANCY,
    )


def _record(plan: TenantPlan, spec: Record, ports: Mapping[str, TracePort], held: Holdings) -> Check:
    if spec.balancer:
        balancer = held.balancers.get(spec.balancer)
        addresses = [balancer.address if balancer else "?"]
    else:
        addresses = _addresses(plan, spec.workload, spec.family, ports)
    live = held.records.get((spec.name, spec.type))
    seen = "absent" if live is None else f"{live.status}: {', '.join(sorted(live.addresses))}"
    return compared(
        f"cloud.name.{spec.name.rstrip('.')}.{spec.type.lower()}",
        f"{spec.name} leads to {spec.balancer or spec.workload} ({spec.type})",
        f"域名 {spec.name} 指向 {spec.balancer or spec.workload}（{spec.type}）",
        _stack(plan),
        (f"ACTIVE: {', '.join(sorted(addresses))}", seen),
        "Designate GET /v2/zones/…/recordsets",
        LABELLED,
    )
