"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from province.errors import ZyError
from province.record import RoomName

InventoryOption = Annotated[
    Path | None,
    typer.Option(
        "-i",
        "--inventory",
        envvar="ZY_INVENTORY",
        metavar="DIR",
        help="Folder of the inventory (清单).",
        show_default="inventories/lab",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
LimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="SELECTOR",
        help="Only these targets: region=gz, department=…, system=…, stack=…, host=…, router=…, or a glob of names."
        " May be repeated.",
        show_default=False,
    ),
]
OnlyOption = Annotated[
    str | None,
    typer.Option("--only", metavar="ROOMS", help="Only these rooms: cloud,hosts,network.", show_default=False),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

EmergencyOption = Annotated[
    str | None,
    typer.Option(
        "--emergency",
        metavar="REASON",
        help="Do not wait for change windows and freezes (紧急变更); the reason is recorded.",
        show_default=False,
    ),
]


def reason_given(emergency: str | None) -> str:
    """The reason of ``--emergency``, empty without it. Raises ``ZY-CHG-008`` when it says nothing."""
    if emergency is not None and not emergency.strip():
        raise ZyError("ZY-CHG-008", "an emergency wants a reason", fix="--emergency 'what happened, who decided'")
    return (emergency or "").strip()


def rooms_named(only: str | None) -> tuple[RoomName, ...]:
    """Rooms of ``--only``, all without it. Raises ``ZY-CLI-003`` for a name that is none."""
    names = only.split(",") if only else list(RoomName)
    try:
        return tuple(room for room in RoomName if room in {RoomName(name.strip()) for name in names})
    except ValueError as error:
        raise ZyError(
            "ZY-CLI-003", f"--only {only}: {error}", fix=f"use some of {','.join(RoomName)}, with commas between"
        ) from error
