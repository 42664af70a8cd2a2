"""Ids of everything that can judge: what rooms really give on the lab's inventory over fakes, and names of rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from unittest.mock import patch

import network.verify
import stacks.verify
from network.expect import expected
from network.intent import intents
from network.offline.verdict import RULES as EXTRANET_RULES
from policies import model
from policies.cloud import pack
from province.province import Province
from province.record import Check
from roles.catalogue import load_catalogue
from stacks.holdings import Holdings
from stacks.service_classes import LiveClasses
from stacks.stock import Stock
from stacks.survey import Survey
from stacks.tools import Places, Tools
from tests.unit.network.fakes import BARE, FakeRouter, Fleet

DAY = date(2026, 11, 25)


def known_ids(province: Province, folder: Path) -> frozenset[str]:
    """Every id and every name of a rule."""
    checks = (*cloud_checks(province, folder), *network_checks(province, folder))
    named = {*pack.NAMES, *EXTRANET_RULES, *(rule.name for rule in model.RULES)}
    return frozenset({*(check.id for check in checks), *load_catalogue(), *named})


def cloud_checks(province: Province, folder: Path) -> list[Check]:
    """Of a cloud that is empty, and of one that is away."""
    places = Places(folder, folder, folder)
    tools = Tools((), folder)
    with (
        patch.object(stacks.verify, "survey", lambda *_: Survey({}, {}, {}, {}, {})),
        patch.object(stacks.verify, "take_stock", lambda *_: Stock({}, {})),
        patch.object(stacks.verify, "hold", lambda *_: Holdings({}, {}, frozenset())),
        patch.object(stacks.verify, "survey_classes", lambda *_: LiveClasses({}, {})),
    ):
        found = stacks.verify.verify_cloud(province, places, tools, DAY)
    with patch.object(stacks.verify, "survey", side_effect=OSError("away")):
        return found + stacks.verify.verify_cloud(province, places, tools, DAY)


def network_checks(province: Province, folder: Path) -> list[Check]:
    """Of routers that are well, and of routers that are away."""
    chosen = intents(province)
    fleet = Fleet({name: FakeRouter(name, BARE.format(name=name)) for name in province.routers})
    for name, router in fleet.routers.items():
        router.up = expected(province, chosen[name], province.routers)
    found = network.verify.verify(province, chosen, fleet.connect, folder / "ssh_config")
    for router in fleet.routers.values():
        router.deaf = True
    return found + network.verify.verify(province, chosen, fleet.connect, folder / "ssh_config")
