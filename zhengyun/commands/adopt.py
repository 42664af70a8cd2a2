"""``zy cloud adopt``: look at what others built in a region's cloud, and write it down so that it can be held."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from policies.cloud.adopted import judge_adopted
from policies.model import rules_for, run
from province.adopted import as_file
from province.errors import Place, ZyError
from province.record import Finding
from zhengyun.commands.options import InventoryOption, JsonOption
from zhengyun.output import Output
from zhengyun.rooms import cloud_room
from zhengyun.show.plan import findings_text
from zhengyun.workspace import Workspace

if TYPE_CHECKING:  # it brings Pulumi with it; see zhengyun.rooms
    from stacks.adoption import Adoption


def adopt(
    region: Annotated[str, typer.Argument(metavar="REGION", help="As the inventory names it.")],
    inventory: InventoryOption = None,
    projects: Annotated[
        list[str] | None, typer.Option("--project", metavar="NAME", help="Only this project; may be repeated.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Write a file per project there, such as INVENTORY/adopted."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read what others built in a cloud (纳管), judge it, and with -o write it down to be held. Changes no cloud."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    if region not in workspace.province.regions:
        known = ", ".join(sorted(workspace.province.regions))
        raise ZyError("ZY-CLI-012", f"the inventory has no region {region}", fix=f"use one of: {known}")
    room = cloud_room(workspace.inventory, workspace.province, workspace.places)
    found = room.adopt(region, frozenset(projects or ()), out.progress)
    judged = [(one, _judged(workspace, one)) for one in found]
    files = _written(output, found) if output else {}
    document = [_described(one, findings, files) for one, findings in judged]
    text = Group(*(_shown(one, findings, files) for one, findings in judged), _closing(found, files))
    out.answer({"region": region, "projects": document}, text)


def _judged(workspace: Workspace, one: Adoption) -> list[Finding]:
    """By the cloud's rules on its objects, and by those on the inventory that would have it."""
    target = f"adopted-{one.project.code}"
    changed = workspace.province.model_copy(update={"adopted": {one.project.code: one.project}})
    on_inventory, _ = run(rules_for(changed), changed)
    return [*judge_adopted(one.project), *(finding for finding in on_inventory if finding.target == target)]


def _written(folder: Path, found: list[Adoption]) -> dict[str, Path]:
    """A file per project, by its code. Raises ``ZY-CLI-013`` before anything is written when one is there already."""
    files = {one.project.code: folder / f"{one.project.code}.yaml" for one in found}
    for path in files.values():
        if path.exists():
            raise ZyError(
                "ZY-CLI-013",
                "this file exists already, and is not of this inventory",
                place=Place(file=str(path)),
                fix="write into the inventory's own folder, or move the file away",
            )
    folder.mkdir(parents=True, exist_ok=True)
    for one in found:
        files[one.project.code].write_text(as_file(one.project), encoding="utf-8")
    return files


def _described(one: Adoption, findings: list[Finding], files: dict[str, Path]) -> dict[str, Any]:
    return {
        "code": one.project.code,
        "name": one.project.name,
        "id": one.project.project_id,
        "objects": dict(_kinds(one)),
        "left": dict(one.left),
        "unread": list(one.unread),
        "findings": [finding.model_dump(mode="json") for finding in findings],
        "file": str(files[one.project.code]) if one.project.code in files else None,
    }


def _kinds(one: Adoption) -> Counter[str]:
    return Counter(each.kind.rsplit(":", 1)[-1] for each in one.project.objects)


def _shown(one: Adoption, findings: list[Finding], files: dict[str, Path]) -> RenderableType:
    from stacks.custody import as_advice  # noqa: PLC0415 - it brings Pulumi with it; see zhengyun.rooms

    kinds = Table.grid(padding=(0, 2, 0, 0))
    for kind, count in sorted(_kinds(one).items()):
        kinds.add_row(Text(f"  {count} ×", justify="right"), kind)
    parts: list[RenderableType] = [
        Text.assemble((one.project.name, "bold"), f"  {one.project.code}  ", (one.project.project_id, "dim")),
        kinds,
    ]
    if one.left:
        words = ", ".join(f"{count} {kind}" for kind, count in sorted(one.left.items()))
        parts.append(Text(f"  left alone 不纳管: {words}", style="yellow"))
    if one.unread:
        parts.append(Text(f"  could not be read 无法读取: {', '.join(one.unread)}", style="yellow"))
    parts += [findings_text(list(as_advice(findings)))] if findings else [Text("  no rule objects 无发现")]
    if one.project.code in files:
        parts.append(Text(f"  written 已写入: {files[one.project.code]}", style="green"))
    return Group(*parts, Text())


def _closing(found: list[Adoption], files: dict[str, Path]) -> Text:
    if not found:
        return Text("nothing that others made is here 无未纳管项目", style="bold")
    words = f"{len(found)} projects, {sum(len(one.project.objects) for one in found)} objects"
    following = "zy plan --limit 'adopted=*'" if files else "the same with -o INVENTORY/adopted"
    return Text.assemble((words, "bold"), "; next: ", (following, "bold cyan"))
