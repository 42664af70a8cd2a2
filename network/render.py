"""Configuration texts from intent: one template folder per platform, one feature per file, nothing undefined."""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from network.intent import RouterIntent


@cache
def _environment(platform: str) -> Environment:
    loader = ChoiceLoader([PackageLoader("network", f"templates/{place}") for place in (platform, "shared")])
    # Configurations are not HTML; escaping would corrupt them. Templates do not change while we run, and looking each
    # time whether they did costs more than a small template itself.
    return Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True, auto_reload=False)


def render(router: RouterIntent) -> str:
    """The part of the router's running configuration that is ours, in the device's own form."""
    text = _environment(router.platform.value).get_template("router.j2").render(router=router)
    return "\n".join(line for line in text.splitlines() if line.strip()) + "\n"
