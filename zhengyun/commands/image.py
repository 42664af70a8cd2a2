"""``zy image``: hardened images that the cloud offers."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lab.guest.guest import Parts
from province.code import is_code
from province.errors import ZyError
from province.host import HostRole
from zhengyun.commands.options import JsonOption
from zhengyun.image.build import build as build_image
from zhengyun.image.workshop import Workshop
from zhengyun.output import Output
from zhengyun.places import Places
from zhengyun.toolchain.tools import guest_parts


def register(app: typer.Typer) -> None:
    image = typer.Typer()
    image.callback()(lambda: None)
    image.command()(build)
    app.add_typer(
        image, name="image", help="Hardened images (加固镜像) with their evidence.", rich_help_panel="Lab 实验环境"
    )


def build(
    code: Annotated[str, typer.Argument(help="Code of the image in the inventory, such as debian-12.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="A folder that does not exist yet.")],
    role: Annotated[HostRole, typer.Option(help="What its servers are for.")] = HostRole.APPLICATION,
    as_json: JsonOption = False,
) -> None:
    """Harden a guest, audit it, make it forget who it is, and keep its disk (构建加固镜像). Needs root."""
    if not is_code(code):
        raise ZyError("ZY-CLI-001", f"{code} is no code of an image", fix="use lower-case letters, digits and hyphens")
    out = Output(as_json)
    state = Places.here().state
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    kernel, host_image = guest_parts(Places.here().cache)
    with tempfile.TemporaryDirectory(prefix="image-", dir=state) as home:
        workshop = Workshop(code, role, Path(home), Parts(kernel, host_image), f"zy-image-{os.getpid()}")
        manifest = build_image(workshop, output.absolute(), out.progress)
    out.answer(
        {"folder": str(output), "manifest": manifest.model_dump(mode="json")},
        Text(f"{output}: hardened for level {manifest.level}, sha256 {manifest.image.sha256}"),
    )
