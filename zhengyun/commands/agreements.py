"""``zy cloud agreements``: sharing agreements and whether they are in force."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from province.load import load
from province.system import Endpoint
from stacks.plan.standing import NOTICE_DAYS, AgreementStanding, Standing, standings
from zhengyun.commands.options import InventoryOption, JsonOption
from zhengyun.output import Output
from zhengyun.workspace import DEFAULT_INVENTORY

WithinOption = Annotated[
    int, typer.Option("--within", metavar="DAYS", min=0, help="Call an agreement ending that ends within so many days.")
]
_STYLES = {Standing.EXPIRED: "red", Standing.ENDING: "yellow", Standing.NOT_YET: "dim", Standing.IN_FORCE: "green"}


def agreements(
    inventory: InventoryOption = None, within: WithinOption = NOTICE_DAYS, as_json: JsonOption = False
) -> None:
    """List sharing agreements (共享协议): in force, ending, expired, not yet. The next apply closes expired ones."""
    found = standings(load(inventory or DEFAULT_INVENTORY), date.today(), within)
    counts = {standing.value: sum(one.standing is standing for one in found) for standing in Standing}
    words = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none is declared 无共享协议"
    document = {"summary": counts, "agreements": [_described(one) for one in found]}
    Output(as_json).answer(document, Group(_table(found), Text(), Text(words, style="bold")))


def _table(found: tuple[AgreementStanding, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for title in ("agreement", "state", "until", "days", "provider", "consumer", "ports", "resource", "name"):
        table.add_column(title, no_wrap=title in ("agreement", "until"), justify="right" if title == "days" else "left")
    for one in found:
        agreed = one.agreement
        table.add_row(
            agreed.code,
            Text(f"{one.standing} {one.standing.chinese}", style=_STYLES[one.standing]),
            agreed.valid_until.isoformat(),
            str(one.days),
            _end(agreed.provider),
            _end(agreed.consumer),
            ", ".join(map(str, sorted(agreed.ports))),
            agreed.resource,
            agreed.name,
        )
    return table


def _end(endpoint: Endpoint) -> str:
    return f"{endpoint.system}/{endpoint.workload}"


def _described(one: AgreementStanding) -> dict[str, Any]:
    agreed = one.agreement.model_dump(mode="json")
    return {**agreed, "ports": sorted(one.agreement.ports), "state": one.standing.value, "days_left": one.days}
