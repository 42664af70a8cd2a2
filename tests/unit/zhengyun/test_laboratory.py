"""The lab's specs, as they are made from the inventory."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.hosts.spec import validate as validate_hosts
from lab.openstack.spec import Spec
from lab.routers.spec import validate as validate_routers
from province.errors import ZyError, ZyErrors
from province.load import load
from province.province import Province
from zhengyun.laboratory import (
    CloudPart,
    Condition,
    HostsPart,
    LabPart,
    RoutersPart,
    Say,
    everywhere,
    laboratory,
)
from zhengyun.toolchain.tools import LabParts

LAB = Path(__file__).parents[3] / "inventories" / "lab"
BUILT = LabParts(kernel=Path("/k"), host_image=Path("/h"), router_image=Path("/r"), openstack=Path("/o"))


class Part:
    """A part that does nothing, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.ups = error, 0

    def up(self, say: Say) -> None:
        if self.error:
            raise self.error
        self.ups += 1
        say("up")

    def down(self, say: Say) -> None:
        say("down")

    def reset(self, say: Say) -> None:
        say("reset")

    def status(self) -> list[Condition]:
        return []

    def shell(self, name: str) -> tuple[list[str], dict[str, str]]:
        return [name], {}


@pytest.fixture(scope="module")
def province() -> Province:
    return load(LAB)


def lab(province: Province, number: int = 0) -> tuple[CloudPart, HostsPart, RoutersPart]:
    parts = laboratory(province, Path("/home"), BUILT, number)
    cloud, hosts, routers = parts["openstack"], parts["hosts"], parts["routers"]
    assert isinstance(cloud, CloudPart)
    assert isinstance(hosts, HostsPart)
    assert isinstance(routers, RoutersPart)
    return cloud, hosts, routers


def test_specs_are_sound_and_whole(province: Province) -> None:
    cloud, hosts, routers = lab(province)
    validate_hosts(hosts.fleet.specs, hosts.fleet.network)
    validate_routers(routers.rack.topology, routers.rack.network)
    assert cloud.spec.region_names == ("gd", "gz")
    assert {spec.name for spec in hosts.fleet.specs} == set(province.hosts)
    assert {router.name for router in routers.rack.topology.routers} == set(province.routers)
    assert len(routers.rack.topology.cables) == len(province.links)
    assert {end.name for end in routers.rack.topology.ends} == {f"end-{code}" for code in province.lans}


def test_addresses_are_those_of_the_inventory(province: Province) -> None:
    _, hosts, routers = lab(province)
    for spec in hosts.fleet.specs:
        assert (spec.ipv4, spec.ipv6) == (
            province.addresses.host(spec.name).ipv4,
            province.addresses.host(spec.name).ipv6,
        )
    for end in routers.rack.topology.ends:
        network = province.addresses.lan(end.name.removeprefix("end-"))
        assert end.ipv4.network == network.ipv4
        assert end.gateway6 == network.gateway6.ip


def test_labs_of_other_numbers_share_nothing(province: Province) -> None:
    first, second = lab(province), lab(province, 3)
    assert first[1].fleet.network.namespace == "zy-lab"
    assert second[1].fleet.network.namespace == second[2].rack.network.namespace == "zy-lab-3"
    assert second[0].spec.ports.keystone != first[0].spec.ports.keystone


def test_one_parts_failure_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    errors = [ZyError("ZY-LAB-101", "one", fix=""), ZyErrors([ZyError("ZY-LAB-102", "two", fix="")])]
    good = Part()
    parts: dict[str, LabPart] = {"hosts": Part(errors[0]), "openstack": good, "routers": Part(errors[1])}
    with pytest.raises(ZyErrors) as failed:
        everywhere(parts, lambda part, say: part.up(say), print)
    assert [error.code for error in failed.value.errors] == ["ZY-LAB-101", "ZY-LAB-102"]
    assert good.ups == 1
    assert capsys.readouterr().out == "openstack up\n"


def test_mistake_of_ours_in_a_part_is_seen() -> None:
    parts: dict[str, LabPart] = {"hosts": Part(KeyError("ours"))}
    with pytest.raises(KeyError):
        everywhere(parts, lambda part, say: part.up(say), print)


def test_what_pulumi_knew_of_an_earlier_life_of_the_clouds_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = CloudPart(Spec(tmp_path / "lab", tmp_path), tmp_path / "cloud")
    monkeypatch.setattr("zhengyun.laboratory.cloud.up", lambda *_: None)
    said: list[str] = []

    def up(life: str) -> bool:
        """Whether the state that was there is there still."""
        monkeypatch.setattr("zhengyun.laboratory.cloud.born", lambda _: life)
        (tmp_path / "cloud" / "backend").mkdir(parents=True, exist_ok=True)
        part.up(said.append)
        return (tmp_path / "cloud" / "backend").exists()

    assert not up("first"), "a state without a mark is of a cloud that nobody knows"
    assert up("first")
    assert not up("second")
    assert said == ["forgetting what Pulumi knew of clouds that are gone"] * 2
