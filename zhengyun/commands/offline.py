"""``zy network check``: what the extranet's configurations will do, proven before any router has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from province.record import Finding, Severity
from zhengyun.commands.options import InventoryOption, JsonOption
from zhengyun.output import Exit, Output
from zhengyun.show.plan import findings_text
from zhengyun.workspace import Workspace

if TYPE_CHECKING:
    from network.offline.failure import Outage


def check(
    inventory: InventoryOption = None,
    without: Annotated[
        str | None,
        typer.Option("--without", metavar="NAME", help="Also: who loses whom when this link or router is down."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Verify all configurations offline (离线核验); asks no router. Exit code 3 when something stops a plan."""
    # networkx and the parsers: a second of imports, which `zy --help` need not wait for
    from network.intent import intents  # noqa: PLC0415 - see above
    from network.offline.check import check as verify  # noqa: PLC0415 - see above
    from network.offline.check import fabric_of  # noqa: PLC0415 - see above
    from network.offline.failure import what_if  # noqa: PLC0415 - see above
    from network.render import render  # noqa: PLC0415 - see above

    province = Workspace.open(inventory).province
    routers = intents(province)
    fabric = fabric_of(province, routers, {name: render(intent) for name, intent in routers.items()})
    found, outage = verify(fabric), what_if(fabric, without) if without else None
    stops = sum(one.severity is Severity.MANDATORY for one in found)
    document = {
        "summary": {"routers": len(routers), "mandatory": stops, "advisory": len(found) - stops},
        "findings": [one.model_dump(mode="json") for one in found],
        "outage": _outage(outage),
    }
    Output(as_json).answer(document, _text(len(routers), found, outage))
    if stops:
        raise typer.Exit(Exit.REFUSED)


def _outage(outage: Outage | None) -> dict[str, object] | None:
    if outage is None:
        return None
    losses = [{"vpn": loss.vpn, "sides": loss.sides} for loss in outage.losses]
    return {"down": outage.down, "losses": losses, "deaf": outage.deaf}


def _text(routers: int, found: list[Finding], outage: Outage | None) -> RenderableType:
    parts: list[RenderableType] = [findings_text(found)] if found else []
    parts.append(Text(f"{routers} configurations read back and verified together; {len(found)} findings 离线核验完成"))
    if outage is not None:
        losses = [str(loss) for loss in outage.losses]
        losses += [f"{outage.deaf[0]} no longer hears the VPN routes of {outage.deaf[1]}"] if outage.deaf else []
        parts.append(Text(f"without {outage.down}: {'; '.join(losses) or 'nobody loses anybody 无影响'}"))
    return Group(*parts)
