"""``zy policy log``: the transparency log, its audit, witnesses, and proofs for others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from policies.merkle import included
from province.errors import Place, ZyError, ZyErrors
from zhengyun.commands.options import JsonOption
from zhengyun.output import Output
from zhengyun.places import Places
from zhengyun.transparency.audit import audit
from zhengyun.transparency.witness import Witness, proof_for
from zhengyun.workspace import Records

WitnessArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help="The witness's own folder, best on its own machine.")
]


def add_log(policy: typer.Typer) -> None:
    log = typer.Typer(invoke_without_command=True)
    log.callback()(show)
    log.command()(verify)
    log.command()(witness)
    log.command()(prove)
    policy.add_typer(log, name="log", help="The transparency log (透明日志) of changes, approvals, proofs.")


def show(context: typer.Context, as_json: JsonOption = False) -> None:
    """List what was logged (透明日志): changes, approvals, emergencies, verifications, agreements."""
    if context.invoked_subcommand is not None:
        return
    records = _caught_up()
    entries, checkpoints = records.log.entries(), records.log.checkpoints()
    table = Table("no", "time", "kind 类型", "id", "by 操作人", "sha256", box=None, pad_edge=False)
    for entry in entries:
        fact = entry.fact
        table.add_row(
            str(entry.index), f"{entry.time:%Y-%m-%d %H:%M:%S}", fact.kind, fact.id, Text(fact.by), fact.sha256[:16]
        )
    last = checkpoints[-1] if checkpoints else None
    root = f"{last.size} entries, root {last.root}" if last else "nothing was logged yet 尚无记录"
    document = {
        "entries": [entry.model_dump(mode="json") for entry in entries],
        "checkpoint": last.model_dump(mode="json") if last else None,
    }
    Output(as_json).answer(document, Group(table, Text(root)))


def verify(
    witnesses: Annotated[
        list[Path] | None,
        typer.Option("--witness", metavar="DIR", help="Compare with what this witness saw; may be repeated."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Verify the log and all evidence that it names (日志校验): nothing altered, removed, reordered or cut off."""
    records = Records(Places.here().state)
    errors = audit(records.log, records.state, [Witness(folder) for folder in witnesses or ()])
    if errors:
        raise ZyErrors(errors)
    size = len(records.log.tree())
    seen = f", seen by {len(witnesses)} witnesses" if witnesses else "; no witness was asked (--witness DIR)"
    Output(as_json).answer({"entries": size, "errors": []}, Text(f"{size} entries are whole 日志完整{seen}"))


def witness(folder: WitnessArgument, as_json: JsonOption = False) -> None:
    """Co-sign the log as a second party (见证): refused when it is not a continuation of what was seen before."""
    log = _caught_up().log
    checkpoints = log.checkpoints()
    if not checkpoints:
        raise ZyError("ZY-POL-044", "nothing was logged yet", fix="carry out a change or run zy verify first")
    one, last = Witness(folder), checkpoints[-1]
    signed = one.cosign(last, log.public(), proof_for(one, log.tree(), last.size))
    Output(as_json).answer(
        signed.model_dump(mode="json"), Text(f"co-signed {signed.size} entries 已见证: {signed.root}")
    )


def prove(
    index: Annotated[int, typer.Argument(metavar="NO", help="As `zy policy log` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Prove to others that an entry is in the log (存在性证明), by RFC 9162: they need this alone."""
    log = Records(Places.here().state).log
    lines, tree, checkpoints = log.lines(), log.tree(), log.checkpoints()
    if not checkpoints or not 0 <= index < checkpoints[-1].size:
        raise ZyError(
            "ZY-POL-044",
            f"no signed entry has the number {index}",
            place=Place(target=str(index)),
            fix="see zy policy log",
        )
    last = checkpoints[-1]
    proof = tree.inclusion(index, last.size)
    assert included(lines[index], index, last.size, proof, bytes.fromhex(last.root))
    entry, path = lines[index].decode(), [hash_.hex() for hash_ in proof]
    document = {"entry": entry, "index": index, "proof": path, "checkpoint": last.model_dump(mode="json")}
    Output(as_json).answer(document, Text("\n".join([entry, *path, last.body().decode()])))


def _caught_up() -> Records:
    records = Records(Places.here().state)
    records.write_log()
    return records
