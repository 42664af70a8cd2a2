"""The configurations of the lab's routers, letter by letter. ``ZY_GOLDEN=write`` writes them anew: read the diff."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from network.config import candidate, parse, text
from network.intent import intents
from network.render import render
from province.load import load

HERE = Path(__file__).parent
PROVINCE = load(HERE.parents[2] / "inventories" / "lab")
INTENTS = intents(PROVINCE)


@pytest.mark.parametrize("router", sorted(PROVINCE.routers))
def test_configuration_is_as_agreed(router: str) -> None:
    path = HERE / f"{router}.conf"
    rendered = render(INTENTS[router])
    if os.environ.get("ZY_GOLDEN") == "write":
        path.write_text(rendered, encoding="utf-8")
    assert rendered == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in HERE.glob("*.conf")} == set(PROVINCE.routers)


@pytest.mark.parametrize("router", sorted(PROVINCE.routers))
def test_normalising_loses_nothing_that_counts(router: str) -> None:
    """Every line that is not ornament survives parsing, so no difference can hide in what the parser skips."""
    rendered = render(INTENTS[router])
    ornament = {"!", "exit", "exit-vrf", "exit-address-family"}
    lines = [line.strip() for line in rendered.splitlines() if line.strip() not in ornament]
    assert [line.strip() for block in parse(rendered).children for line in block.lines()] == lines


@pytest.mark.parametrize("router", sorted(PROVINCE.routers))
def test_what_is_sent_means_what_was_rendered(router: str) -> None:
    """The text that goes to the device has every closer: without one FRR reads the next block inside this one."""
    rendered = render(INTENTS[router])
    sent = [line for line in text(parse(rendered)).splitlines() if line.strip() != "!"]
    assert sent == [line for line in rendered.splitlines() if line.strip() != "!"]


@pytest.mark.parametrize("router", sorted(PROVINCE.routers))
def test_nothing_names_the_management_port(router: str) -> None:
    running = "hostname r\n!\ninterface mgmt vrf management\n description out of band\nexit\n"
    ours = candidate(running, render(INTENTS[router]))
    assert ours.startswith("hostname r\ninterface mgmt vrf management\n description out of band\nexit\n")
    assert "mgmt" not in render(INTENTS[router])
