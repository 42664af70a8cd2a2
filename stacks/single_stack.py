"""Whether a system that is to have IPv6 alone has no IPv4 in anything (IPv6 单栈). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from province.record import Check
from stacks.check import compared
from stacks.plan.stack import Kind, StackId
from stacks.plan.tenant import TenantPlan
from stacks.trace import TracePort

ADDRESSES = "8.1.2.1 c"


def prove_single_stack(
    plan: TenantPlan, families: Mapping[str, Collection[int]], ports: Mapping[str, TracePort]
) -> Iterator[Check]:
    """One check, of a system of IPv6 alone: its network's subnets, and its servers' addresses, in the exchange, too."""
    if plan.network.ipv4:
        return
    name = plan.network.name
    own = [server.name for workload in plan.workloads for server in workload.servers]
    legs = [f"{server}-exchange" for server in own]
    old = sorted(port for port in (f"{name}-gateway", *own, *legs) if port in ports and ports[port].ipv4)
    held = families.get(name, ())
    seen = " and ".join(f"IPv{version}" for version in sorted(held)) or "no subnet"
    yield compared(
        f"cloud.ipv6-only.{name}",
        f"The network {name} and its servers have IPv6 alone",
        f"网络 {name} 及其云主机仅使用 IPv6",
        str(StackId(Kind.TENANT, plan.system)),
        ("IPv6", f"{seen}; IPv4 at {', '.join(old)}" if old else seen),
        "Neutron GET /v2.0/subnets, /v2.0/ports",
        ADDRESSES,
    )
