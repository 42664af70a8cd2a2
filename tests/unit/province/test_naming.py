"""Names: read back they give what they were made of, or the inventory is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from province.carrier import CARRIERS
from province.naming import FORMS, Kind, declared, form, parse, readings
from province.naming_flaws import naming_flaws
from province.province import Province

GOLDEN = Path(__file__).parents[2] / "golden" / "stacks"

tricky = st.sampled_from(
    ["a", "b", "a-b", "b-a", "a-b-a", "a-1", "b-1", "exchange", "platform", "gateway", "ipv4", "x"]
)
parts = st.lists(st.sampled_from(["a", "b", "c1", "web"]), min_size=1, max_size=4).map("-".join)
codes = tricky | parts
drafts = st.dictionaries(
    codes,
    st.dictionaries(codes, st.dictionaries(codes, st.integers(1, 12), min_size=1, max_size=3), max_size=3),
    max_size=4,
)
"""Region → system → workload → count."""


def drawn(lab: Province, draft: dict[str, dict[str, dict[str, int]]]) -> Province:
    """The lab with other codes in it. A system's code is the province's, so the first region that has it keeps it."""
    region, system = lab.regions["gd"], lab.systems["gdbos"]
    workload = system.workloads["web"]
    systems = {
        code: system.model_copy(
            update={
                "code": code,
                "region": place,
                "workloads": {w: workload.model_copy(update={"code": w, "count": n}) for w, n in workloads.items()},
            }
        )
        for place, inner in reversed(draft.items())
        for code, workloads in inner.items()
    }
    regions = {code: region.model_copy(update={"code": code}) for code in draft}
    return lab.model_copy(update={"regions": regions, "systems": systems, "agreements": {}})


@given(draft=drafts)
@settings(max_examples=40)
def test_parse_is_the_inverse_of_format_or_the_inventory_is_refused(
    lab: Province, draft: dict[str, dict[str, dict[str, int]]]
) -> None:
    province = drawn(lab, draft)
    names = list(declared(province))
    read = {(name.form.kind, str(name)): list(readings(province, name.form.kind, str(name))) for name in names}
    if any(flaw.code == "ZY-INV-041" for flaw in naming_flaws(province)):
        assert any(len(several) > 1 for several in read.values())
        return
    for name in names:
        assert read[name.form.kind, str(name)] == [name]


def test_a_system_that_is_called_like_a_zone_is_ambiguous(lab: Province) -> None:
    province = drawn(lab, {"gd": {"exchange": {"web": 1}}})
    assert [str(name.form.of) for name in readings(province, Kind.NETWORK, "gd-exchange")] == ["zone", "system"]


def test_servers_beyond_the_count_are_still_read(lab: Province) -> None:
    """A server that the inventory has ceased to want is ours, and may be taken away."""
    found = parse(lab, Kind.SERVER, "gd-gdbos-web-7")
    assert found is not None
    assert found.values == {"region": "gd", "system": "gdbos", "workload": "web", "number": "7"}


@pytest.mark.parametrize(
    "name", ["", "gd", "gd-gdbos-web-0", "gd-gdbos-web-01", "gz-gdbos-web-1", "gd-gdbos-wep-1", "x"]
)
def test_names_that_the_inventory_does_not_give_are_not_read(lab: Province, name: str) -> None:
    assert parse(lab, Kind.SERVER, name) is None


def test_dns_records_are_read_though_the_narrow_stands_first(lab: Province) -> None:
    found = parse(lab, Kind.DNS_RECORD, "web.gdbos.gd.lab.gd.example.")
    assert found is not None
    assert found.values["workload"] == "web"
    assert parse(lab, Kind.DNS_RECORD, "web.gdbos.gz.lab.gd.example.") is None  # gdbos is not in that region
    assert parse(lab, Kind.DNS_RECORD, "api.gdbos.gd.lab.gd.example.") is None  # nor has it such a workload


def test_every_kind_has_a_form_and_a_carrier() -> None:
    assert {one.kind for one in FORMS} == set(Kind) == set(CARRIERS)
    assert len({(one.kind, one.of) for one in FORMS}) == len(FORMS)
    assert form(Kind.NETWORK, "zone").format(region="gz", zone="exchange") == "gz-exchange"


KINDS = {
    "network": (Kind.NETWORK,),
    "scopes": (Kind.ADDRESS_SCOPE,),
    "classes": (Kind.QOS_POLICY,),
    "pools": (Kind.SUBNET_POOL,),
    "servers": (Kind.SERVER, Kind.PORT),
    "groups": (Kind.SECURITY_GROUP,),
    "group": (Kind.SECURITY_GROUP, Kind.SERVER_GROUP),
    "addresses": (Kind.ADDRESS_GROUP,),
    "ports": (),
    "projects": (Kind.PROJECT,),
    "images": (Kind.IMAGE,),
}


def named(plan: Any, within: str = "") -> Iterator[tuple[str, str]]:
    """Every ``name`` of a plan, with the key of the block that it stands in."""
    if isinstance(plan, dict):
        if isinstance(plan.get("name"), str):
            yield within, plan["name"]
        for key, value in plan.items():
            yield from named(value, key)
    elif isinstance(plan, list):
        for item in plan:
            yield from named(item, within)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_name_in_the_golden_plans_is_of_the_standard(lab: Province, path: Path) -> None:
    """``stacks/`` makes its names by itself in places; this keeps it to the forms."""
    for within, name in named(json.loads(path.read_text(encoding="utf-8"))):
        for kind in KINDS.get(within, ()):
            assert parse(lab, kind, name) is not None, f"{kind} {name}"
