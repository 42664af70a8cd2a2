"""Rendering 2,000 routers of three platforms from their intents, against jinja2 with one big template per platform.

One feature per file costs about a third more than one big file; errors then name the feature, and that is worth it.
And what a router costs, from the model to its text, in provinces of 100 to 10,000 routers: it must stay the same.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

import network
from benchmarks._extranet import extranet
from benchmarks._measure import best, row, seconds, show
from network.intent import RouterIntent, intents
from network.render import render
from province.extranet import Platform

N = 2_000
SIZES = (100, 1_000, 10_000)
_INCLUDE = re.compile(r'{%-? ?include "([^"]+)" ?-?%}')
_TEMPLATES = Path(network.__file__).parent / "templates"


def run() -> list[dict[str, Any]]:
    routers = list(intents(extranet(N)).values())
    big = {platform: _big_template(platform) for platform in {router.platform for router in routers}}
    _render(routers)
    ours = best(lambda: _render(routers))
    peer = best(lambda: [big[router.platform].render(router=router) for router in routers])
    rows = [row("network-render-2000", "s of CPU", ours, {"jinja2, one big template": peer}, N)]
    return rows + [row(f"network-render-{n}-per-router", "ms of CPU", _per_router(n), {}, n) for n in SIZES]


def _render(routers: list[RouterIntent]) -> list[str]:
    return [render(router) for router in routers]


def _per_router(n: int) -> float:
    """Milliseconds a router, from the model to its text."""
    made = extranet(n)
    return 1000 * seconds(lambda: _render(list(intents(made).values()))) / n


def _big_template(platform: Platform) -> Template:
    """All of a platform's templates in one, as somebody would write it who does not split."""

    def whole(name: str) -> str:
        text = (_TEMPLATES / platform / name).read_text(encoding="utf-8")
        return _INCLUDE.sub(lambda found: whole(found[1]), text)

    # Configurations are not HTML; escaping would corrupt them.
    shared = FileSystemLoader(_TEMPLATES / "shared")
    return Environment(loader=shared, undefined=StrictUndefined, auto_reload=False).from_string(whole("router.j2"))


if __name__ == "__main__":
    show(run())
