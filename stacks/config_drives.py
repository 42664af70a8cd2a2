"""Whether servers that are to get their settings on a drive have one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from province.record import Check
from stacks.check import compared
from stacks.plan.stack import Kind, StackId
from stacks.plan.tenant import TenantPlan


def prove_drives(plan: TenantPlan, with_drive: Collection[str]) -> Iterator[Check]:
    """A check for each workload that is to have drives. ``with_drive`` are the names of live servers that have one.

    Pulumi leaves a running server as it is, so it is this that tells of one without. A drive that nobody asked for is
    no flaw: Nova may give one to every server (``force_config_drive``).
    """
    for workload in plan.workloads:
        if not workload.config_drive:
            continue
        name = workload.group.name
        without = sorted(server.name for server in workload.servers if server.name not in with_drive)
        yield compared(
            f"cloud.config-drive.{name}",
            f"The servers of {name} get their settings on a drive",
            f"{name} 各云主机通过配置盘获取初始化配置",
            str(StackId(Kind.TENANT, plan.system)),
            ("all have a drive", f"none: {', '.join(without)}" if without else "all have a drive"),
            "Nova GET /servers/detail: config_drive",
            "",
        )
