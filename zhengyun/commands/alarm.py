"""``zy alarm``: what Prometheus and Alertmanager on the monitoring host read."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml  # type: ignore[import-untyped] # its stubs are not worth a dependency for one call
from rich.text import Text

from policies import alarm, metric
from province.errors import Place, ZyError
from zhengyun.commands.options import InventoryOption, JsonOption
from zhengyun.figures import facts
from zhengyun.output import Output
from zhengyun.workspace import Workspace

RULES, ROUTING = "zhengyun.rules.yml", "alertmanager.yml"
_HEAD = "# Made by `zy alarm rules` from the inventory: change that, and make it anew.\n"


def register(app: typer.Typer) -> None:
    verbs = typer.Typer()
    verbs.command()(rules)
    verbs.command()(metrics)
    app.add_typer(
        verbs,
        name="alarm",
        help="Early warning (预警): alarm rules from the inventory, and the figures that they watch.",
        rich_help_panel="Prove 证明",
    )


def rules(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the files.")] = Path(
        "alarms"
    ),
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write Prometheus' alarm rules and Alertmanager's configuration (告警规则): each alarm to who answers for it."""
    province = Workspace.open(inventory).province
    found = alarm.alarms(province)
    documents = {RULES: alarm.rules(found), ROUTING: alarm.routing(province, found)}
    for name, document in documents.items():
        _write(output / name, _HEAD + as_yaml(document))
    files = [str(output / name) for name in documents]
    Output(as_json).answer({"alarms": len(found), "files": files}, Text("\n".join(files)))


def metrics(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="A *.prom of node_exporter's textfile collector."),
    ] = None,
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the figures (指标) in Prometheus' text format, or write them, at once and whole, into a file."""
    if output is not None and output.suffix != ".prom":
        raise ZyError(
            "ZY-ALM-001",
            "node_exporter reads only files that end in .prom",
            place=Place(file=str(output)),
            fix=f"name it {output.with_suffix('.prom').name}",
        )
    found = metric.metrics(facts(Workspace.open(inventory), datetime.now(UTC).astimezone()))
    text = metric.exposition(found)
    if output is not None:
        _write(output, text)
        Output(as_json).answer({"file": str(output)}, Text(str(output)))
    elif as_json:
        Output(as_json).answer({"metrics": [_described(one) for one in found]}, Text())
    else:
        sys.stdout.write(text)  # as it is: a console would wrap its lines


def as_yaml(document: dict[str, Any]) -> str:
    """A document as people would write it."""
    return str(yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=10_000))


def _described(one: metric.Metric) -> dict[str, Any]:
    samples = [{"labels": dict(sample.labels), "value": sample.value} for sample in one.samples]
    return {"name": one.name, "help": one.help, "samples": samples}


def _write(path: Path, text: str) -> None:
    """Whole or not at all: who reads meanwhile finds the file of before. Raises ``ZY-ALM-002``."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise ZyError(
            "ZY-ALM-002",
            f"the file cannot be written: {error.strerror or error}",
            place=Place(file=str(path)),
            fix="name a folder that you may write to",
        ) from error
