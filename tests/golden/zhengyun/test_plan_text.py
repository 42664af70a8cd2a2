"""How a plan looks on a terminal of 100 columns, to the letter.

To change it on purpose: ``ZY_GOLDEN=write pytest …``.
"""

from __future__ import annotations

import io
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console

from policies.window import Standing
from province.record import Action, Finding, Operation, RoomName, RoomPlan, Severity, Step
from province.window import Freeze, Window
from zhengyun.change.planfile import Plan, Purpose
from zhengyun.show.plan import plan_text

HERE = Path(__file__).parent
CREATE, UPDATE, DELETE = Operation.CREATE, Operation.UPDATE, Operation.DELETE


def cloud() -> RoomPlan:
    rules = [Action(target="region-gz", object=f"rule gz-exchange-{n}", operation=CREATE) for n in range(7)]
    server = Action(
        target="tenant-zct",
        object="server gz-zct-web-1",
        operation=Operation.REPLACE,
        risk="replacement: its disk is lost",
    )
    actions = (
        server,
        *rules,
        Action(target="region-gz", object="network gz-exchange", operation=CREATE),
        Action(target="province", object="project gd-gdbos", operation=CREATE),
        Action(target="tenant-zct", object="volume gz-zct-db-1", operation=DELETE),
    )
    steps = [(Step(name=name, targets=(name,)),) for name in ("province", "region-gz", "tenant-zct")]
    findings = (
        Finding(
            rule="admin-port-open",
            severity=Severity.MANDATORY,
            object="security group gz-zct-web",
            target="tenant-zct",
            message="port 22 is open to 0.0.0.0/0",
            fix="let the bastion's address in, and nobody else",
            clause="8.1.3.2 a",
        ),
        Finding(
            rule="quota-near",
            severity=Severity.ADVISORY,
            object="project gd-gdbos",
            message="it uses 90 % of its volumes",
            fix="ask for more before the next system comes",
        ),
    )
    return RoomPlan(room=RoomName.CLOUD, actions=actions, findings=findings, waves=tuple(steps))


def network() -> RoomPlan:
    routers = ("gd-pe-1", "gd-pe-2")
    diff = " router bgp 64900\n-  neighbor 100.64.0.1 shutdown\n+  neighbor 100.64.0.1 remote-as 64900\n"
    actions = tuple(
        Action(target=router, object="router bgp 64900", operation=UPDATE, diff=diff, risk="routing: BGP sessions")
        for router in routers
    )
    return RoomPlan(room=RoomName.NETWORK, actions=actions, waves=((Step(name="routers", targets=routers),),))


def plan(*rooms: RoomPlan, purpose: Purpose = Purpose.APPLY) -> Plan:
    return Plan(
        purpose=purpose,
        province="gd",
        title="广东省 Guangdong",
        inventory="/inventory",
        inputs={},
        targets={},
        created=datetime(2026, 11, 24, 3, 12, tzinfo=UTC),
        operator="alice",
        rooms=rooms,
        digest="sha256:0123456789abcdef0123456789abcdef",
    )


CASES = {
    "full": (plan(cloud(), RoomPlan(room=RoomName.HOSTS), network()), False),
    "diff": (plan(network()), True),
    "empty": (plan(*(RoomPlan(room=room) for room in RoomName)), False),
    "windows": (plan(network()), False),
    "destroy": (plan(network(), purpose=Purpose.DESTROY), False),
}


NAMES = {"name": "地市骨干夜间窗口", "name_en": "Cities' backbone, by night"}
NIGHT = Window.model_validate({"code": "city-night", **NAMES, "targets": ["*"], "from": "23:00", "until": "05:00"})
MEETING = Freeze(
    code="meeting", name="会议保障", name_en="m", targets=("*",), first=date(2026, 12, 1), last=date(2026, 12, 5)
)
STANDINGS = {
    "windows": [
        Standing(("gd-pe-1",), False, datetime(2026, 12, 5, 16, tzinfo=UTC), (MEETING,)),
        Standing(("gd-pe-2", "gz-pe-1"), True, datetime(2026, 12, 1, 21, tzinfo=UTC), (NIGHT,)),
    ]
}


@pytest.mark.parametrize("case", CASES)
def test_plan_reads_as_agreed(case: str) -> None:
    made, diffs = CASES[case]
    stream = io.StringIO()
    Console(file=stream, width=100, color_system=None, legacy_windows=False).print(
        plan_text(made, "zy apply plan.json", diffs, STANDINGS.get(case, []))
    )
    text = "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())
    golden = HERE / f"plan-{case}.txt"
    if os.environ.get("ZY_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
