"""Classes of service: marks, queues and shares, from the inventory to two platforms and back, and seen to be lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from network.intent import RouterIntent, intents
from network.offline.check import check, fabric_of
from network.parse.reading import parse, readable
from network.queues import Queue, Queues, Trust, queues
from network.render import render
from province.errors import ZyErrors
from province.extranet import Platform
from province.province import Province
from province.record import Finding, Severity
from tests.unit.network.parse.test_mutations import _mutants
from tests.unit.network.relabel import SHARES, Shares, relabelled, service_class, special, with_classes

SORTING = [Platform.VRP, Platform.COMWARE]


def served(province: Province, platform: Platform, shares: Shares = SHARES) -> Province:
    return relabelled(with_classes(province, shares), platform)


def found(province: Province, routers: dict[str, RouterIntent]) -> list[Finding]:
    texts = {name: render(intent) for name, intent in routers.items()}
    return [one for one in check(fabric_of(province, routers, texts)) if one.rule.startswith("class-")]


@pytest.mark.parametrize(
    ("mark", "queue", "word"),
    [
        (8, "af1", "cs1"),
        (14, "af1", "af13"),
        (26, "af3", "af31"),
        (32, "af4", "cs4"),
        (38, "af4", "af43"),
        (40, "ef", "cs5"),
        (44, "ef", "44"),
        (46, "ef", "ef"),
    ],
)
def test_a_mark_leads_to_its_queue(mark: int, queue: str, word: str) -> None:
    assert service_class("a", mark, 1).queue == queue
    assert Queue(queue, mark, 1).word == word


@pytest.mark.parametrize("mark", [0, 48, 56])
def test_best_effort_and_control_are_noservice_class(mark: int) -> None:
    assert service_class("a", mark, None).queue is None


def test_only_what_vrp_does_not_do_by_itself_is_said() -> None:
    made = queues(
        [
            service_class("a", 26, 40),
            service_class("b", 44, 10),
            service_class("c", 32, 5),
            service_class("d", 18, None),
        ]
    )
    assert made is not None
    assert [queue.mark for queue in made.all] == [26, 32, 44]
    assert made.rest == 45
    edge, core = dict(made.inbound("edge")), dict(made.inbound("core"))
    assert (edge[44], edge[46], edge[34], edge[18]) == ("ef", "be", "be", "be")
    assert 26 not in edge, "af3, green: VRP's own mapping"
    assert 32 not in edge, "af4, green: VRP's own mapping"
    assert (edge[48], edge[56]) == ("be", "be"), "no department speaks as network control"
    assert core == {mark: queue for mark, queue in edge.items() if mark not in (48, 56)}
    assert made.outbound() == (("af4", 32), ("ef", 44)), "VRP would write 34 and 46"


def test_no_share_is_no_queue(province: Province) -> None:
    assert queues([service_class("a", 26, None)]) is None
    made = served(province, Platform.VRP, {})
    for intent in intents(made).values():
        assert "service-" not in render(intent)
    assert found(made, intents(made)) == []


@pytest.mark.parametrize("platform", SORTING)
def test_what_is_rendered_is_read_back(province: Province, platform: Platform) -> None:
    for one in (province, special(province)):
        for name, intent in intents(served(one, platform)).items():
            assert parse(render(intent), platform, name).intent == readable(intent)
            assert (intent.queues is not None) == ("-ce-" not in name)


@pytest.mark.parametrize("platform", SORTING)
def test_every_line_counts(province: Province, platform: Platform) -> None:
    text = render(intents(served(special(province), platform))["gz-pe-2"])
    wanted = parse(text, platform, "gz-pe-2").intent
    unnoticed = []
    for what, mutant in _mutants(text):
        if not any(word in what for word in ("service-", "phb", "map", "dscp", "queue", "classifier")):
            continue
        try:
            if parse(mutant, platform, "gz-pe-2").intent == wanted:
                unnoticed.append(what)
        except ZyErrors:
            continue
    assert unnoticed == []


@pytest.mark.parametrize(
    ("platform", "before", "after", "code", "line"),
    [
        (Platform.VRP, "queue be wfq weight 50", "queue be wfq weight 60", "ZY-NET-033", "queue be wfq"),
        (Platform.VRP, " queue be wfq weight 50\n", "", "ZY-NET-032", "port-queue-template service-core"),
        (Platform.VRP, "ip-dscp-outbound ef green map 44", "ip-dscp-outbound ef green map 46", "ZY-NET-033", "-core"),
        (Platform.VRP, "trust upstream service-core", "trust upstream service-far", "ZY-NET-034", "service-far"),
        (Platform.VRP, " trust upstream service-core\n", "", "ZY-NET-033", "port-queue-template service-core outbound"),
        (
            Platform.COMWARE,
            "queue ef bandwidth pct 10 cbs-ratio 25",
            "queue af bandwidth pct 10",
            "ZY-NET-033",
            "pct 10",
        ),
        (Platform.COMWARE, " if-match dscp cs6\n", "", "ZY-NET-032", "traffic classifier service-control"),
        (Platform.COMWARE, " if-match dscp af21\n", "", "ZY-NET-033", "traffic classifier service-marks"),
        (Platform.COMWARE, "if-match dscp 44", "if-match dscp af99", "ZY-NET-034", "af99"),
        (Platform.COMWARE, "af2 behavior service-af2", "af2 behavior service-af1", "ZY-NET-033", "service-af1"),
        (Platform.COMWARE, " qos apply policy service-core outbound\n", "", "ZY-NET-033", "interface Gig"),
    ],
)
def test_the_line_is_named(
    province: Province, platform: Platform, before: str, after: str, code: str, line: str
) -> None:
    text = render(intents(served(province, platform))["gz-pe-1"])
    assert before in text
    broken = text.replace(before, after, 1)
    with pytest.raises(ZyErrors) as caught:
        parse(broken, platform, "gz-pe-1")
    error = caught.value.errors[0]
    assert error.code == code
    assert line in broken.splitlines()[(error.place.line or 0) - 1]


Change = Callable[[RouterIntent], RouterIntent]


def _without_queues(intent: RouterIntent) -> RouterIntent:
    return replace(intent, queues=None, interfaces=tuple(replace(port, trust=None) for port in intent.interfaces))


def _other_share(intent: RouterIntent) -> RouterIntent:
    assert intent.queues is not None
    first, *rest = intent.queues.all
    return replace(intent, queues=Queues((replace(first, percent=9), *rest)))


def _without_voice(intent: RouterIntent) -> RouterIntent:
    assert intent.queues is not None
    return replace(intent, queues=Queues(intent.queues.all[:-1]))


def _trusted(intent: RouterIntent, trust: Trust | None) -> RouterIntent:
    """The router with that trust at the port of its department."""
    ports = tuple(replace(port, trust=trust) if port.vrf else port for port in intent.interfaces)
    return replace(intent, interfaces=ports)


@pytest.mark.parametrize("platform", SORTING)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without_queues, "a packet marked 44 (class voice, 10 % of the core) waits with all others"),
        (_without_voice, "a packet marked 44 (class voice, 10 % of the core) waits with all others"),
        (_other_share, "a packet marked 14 (class bulk, 5 % of the core) has 9 % there"),
        (lambda intent: _trusted(intent, None), "a department's packet marked 48 waits with network control"),
    ],
)
def test_a_lost_class_is_found(province: Province, platform: Platform, change: Change, words: str) -> None:
    made = served(province, platform)
    routers = intents(made)
    broken = change(routers["gz-pe-1"])
    lost = found(made, {**routers, "gz-pe-1": broken})
    assert {(one.rule, one.target, one.severity) for one in lost} == {("class-lost", "gz-pe-1", Severity.MANDATORY)}
    assert any(one.message.startswith("gz-pe-1.conf") and words in one.message for one in lost)


def test_a_core_port_that_tells_no_classes_apart_is_found(province: Province) -> None:
    """On Comware the text of such a port is refused before."""
    made = served(province, Platform.VRP)
    routers = intents(made)
    ports = tuple(replace(one, trust=None) if one.queued else one for one in routers["gd-pe-1"].interfaces)
    lost = found(made, {**routers, "gd-pe-1": replace(routers["gd-pe-1"], interfaces=ports)})
    assert {one.target for one in lost} == {"gd-pe-1"}
    assert all("comes from the core and is not told from others" in one.message for one in lost)


@pytest.mark.parametrize("platform", SORTING)
def test_the_lab_keeps_its_classes(province: Province, platform: Platform) -> None:
    made = served(province, platform)
    assert found(made, intents(made)) == []


@pytest.mark.parametrize("platform", [Platform.FRR, Platform.IOSXR])
def test_a_platform_that_queues_nothing_says_so(province: Province, platform: Platform) -> None:
    made = served(province, platform)
    (finding,) = found(made, intents(made))
    assert (finding.rule, finding.severity, finding.object) == ("class-unqueued", Severity.ADVISORY, str(platform))
    assert "What it has instead" in finding.message


def test_a_vlan_of_a_port_has_no_queues(province: Province) -> None:
    made = served(special(province), Platform.VRP)
    assert {(one.rule, one.target) for one in found(made, intents(made))} == {
        ("class-unqueued", "gd-pe-2"),
        ("class-unqueued", "gz-pe-2"),
    }
