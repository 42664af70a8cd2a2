"""What the failure of one link or router means: known networks, and every cut against plain removal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks._extranet import extranet
from network.intent import RouterIntent, intents
from network.offline.check import check, fabric_of
from network.offline.cuts import Cuts
from network.offline.fabric import Fabric
from network.offline.failure import what_if
from network.offline.hearing import hearing
from network.offline.sites import Home, homes, sites
from network.render import render
from province.errors import ZyError
from province.extranet import Platform
from province.province import Province
from province.record import Severity

FRR = dict.fromkeys(("core", "city", "county", "ce"), Platform.FRR)


def fabric(province: Province, changed: Mapping[str, RouterIntent] | None = None) -> Fabric:
    routers = {**intents(province), **(changed or {})}
    return fabric_of(province, routers, {name: render(intent) for name, intent in routers.items()})


def without(province: Province, *links: str) -> Province:
    kept = {code: link for code, link in province.links.items() if code not in links}
    return province.model_copy(update={"links": kept})


def said(found: Fabric) -> dict[str, str]:
    return {one.target: one.message for one in check(found) if one.rule == "single-point-of-failure"}


def test_ces_on_one_pe_are_its_only_points_in_the_lab(province: Province) -> None:
    assert said(fabric(province)) == {
        "gz-pe-1": "only this PE serves gz-ce-zsj",
        "gz-pe-2": "only this PE serves gz-ce-gat",
    }


def test_a_chain_breaks_at_each_link(province: Province) -> None:
    """gz-pe-1 – gd-pe-1 – gd-pe-2 – gz-pe-2, once the ring is open."""
    messages = said(fabric(without(province, "gz-pe-1-gz-pe-2")))
    assert messages["gd-pe-1-gz-pe-1"] == "only this link joins zsj: gz-zsj | gd-zsj"
    assert messages["gd-pe-2-gz-pe-2"] == "only this link joins gat: gz-gat | gd-gat"
    assert "gd-pe-1-gd-pe-2" not in messages, "no VPN has LANs on both sides of it"


def test_a_cut_core_is_an_open_path(province: Province) -> None:
    found = fabric(province)
    cut = Fabric(without(province, "gd-pe-1-gz-pe-1", "gz-pe-1-gz-pe-2"), found.readings)
    stops = [one for one in check(cut) if one.severity is Severity.MANDATORY]
    assert any("no IS-IS adjacencies join gd-pe-1 and gz-pe-1" in one.message for one in stops)


def test_what_one_failure_means(province: Province) -> None:
    found = fabric(province)
    assert what_if(found, "gz-pe-1-gz-pe-2").losses == ()
    (loss,) = what_if(found, "gz-pe-1-ce-zsj").losses
    assert (loss.vpn, loss.sides) == ("zsj", (("gd-zsj",), ("gz-zsj",)))
    assert [loss.vpn for loss in what_if(found, "gz-pe-2").losses] == ["gat"]
    with pytest.raises(ZyError) as caught:
        what_if(found, "gz-core")
    assert caught.value.code == "ZY-NET-036"


def test_one_reflector_is_a_point_of_failure() -> None:
    made = extranet(40, FRR)
    whole = fabric(made)
    assert "core-pe-1" not in said(whole)
    one = made.routers["core-pe-2"].model_copy(update={"route_reflector": False})
    single = fabric(made.model_copy(update={"routers": {**made.routers, "core-pe-2": one}}))
    assert "does not hear the VPN routes of" in said(single)["core-pe-1"]
    assert what_if(single, "core-pe-1").deaf is not None
    assert what_if(whole, "core-pe-1").deaf is None


def test_pes_that_are_nobodys_clients_do_not_hear_each_other() -> None:
    made = extranet(40, FRR)
    changed = {}
    for name, intent in intents(made).items():
        if name.startswith("core-") and intent.core:
            peers = tuple(replace(peer, client=False) for peer in intent.core.peers)
            changed[name] = replace(intent, core=replace(intent.core, peers=peers))
    deaf = fabric(made, changed)
    assert not hearing(deaf).hears("c0-pe-1", "x0-pe-1")
    assert any("no reflector passes them on" in one.message for one in check(deaf))
    assert hearing(fabric(made)).hears("c0-pe-1", "x0-pe-1")


def test_a_province_of_mixed_platforms_is_sound() -> None:
    made = extranet(120)
    assert [one for one in check(fabric(made)) if one.severity is Severity.MANDATORY] == []


class _Core:
    """What :class:`Cuts` asks of a fabric."""

    def __init__(self, graph: nx.Graph[str]) -> None:
        self.core = graph


@settings(max_examples=150, deadline=None)
@example(edges=[(0, 3), (0, 4)], places=[{1, 3}, {4}])  # on two parts of three, and still without the third
@given(
    edges=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=6, max_size=16),
    places=st.lists(st.sets(st.integers(0, 9), min_size=1, max_size=2), min_size=2, max_size=8),
)
def test_cuts_are_those_that_removal_finds(edges: list[tuple[int, int]], places: list[set[int]]) -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(f"r{n}" for n in range(10))
    nx.add_path(graph, [f"r{n}" for n in range(3)])
    graph.add_edges_from((f"r{a}", f"r{b}") for a, b in edges if a != b)
    largest = graph.subgraph(max(nx.connected_components(graph), key=len)).copy()
    for n, (a, b) in enumerate(largest.edges):
        largest.edges[a, b]["links"] = (f"l{n}",)
    ways = [
        Home(f"lan{n}", "vpn", "ce", frozenset(f"r{m}" for m in where))
        for n, where in enumerate(places)
        if all(f"r{m}" in largest for m in where)
    ]
    cuts = Cuts(_Core(largest), ways)  # type: ignore[arg-type]
    by_link = {largest.edges[edge]["links"][0]: edge for edge in largest.edges}
    assert {link for link, _ in cuts.links()} == {
        link for link, edge in by_link.items() if _loses(_less(largest, edge=edge), ways)
    }
    assert {router for router, _ in cuts.routers()} == {
        router for router in largest if _loses(_less(largest, node=router), ways)
    }


def _less(graph: nx.Graph[str], edge: tuple[str, str] | None = None, node: str = "") -> nx.Graph[str]:
    rest = graph.copy()
    rest.remove_edges_from([edge] if edge else [])
    rest.remove_nodes_from([node] if node else [])
    return rest


def _loses(graph: nx.Graph[str], ways: list[Home]) -> bool:
    """Whether two LANs that both still have a PE are in different parts."""
    parts = {router: n for n, part in enumerate(nx.connected_components(graph)) for router in part}
    where = [{parts[pe] for pe in way.pes if pe in parts} for way in ways]
    alive = [one for one in where if one]
    return any(one.isdisjoint(other) for one in alive for other in alive)


def test_a_lan_counts_by_its_weaker_family(province: Province) -> None:
    whole = sites(fabric(province))
    weaker = [replace(site, attachments=()) if site.family == "ipv6" else site for site in whole]
    assert {home.lan for home in homes(weaker)} == {home.lan for home in homes(whole)}
