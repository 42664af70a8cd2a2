"""Who administers a host on a day, and what the host is told of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from province.administrator import Duty
from province.host import HostRole
from province.load import load
from province.province import Province
from roles.inventory import host_variables
from roles.people import PLACEHOLDERS, people_of, unfilled
from roles.room import HostsRoom

LAB = load(Path(__file__).parents[3] / "inventories" / "lab")
APP, LAST = LAB.hosts["gd-app-1"], date(2026, 11, 28)


def with_people(**changed: object) -> Province:
    """The lab's province, its audit administrator changed."""
    person = LAB.administrators["li-na"].model_copy(update=changed)
    people = {**LAB.administrators, "li-na": person}
    return LAB.model_copy(update={"administrators": people}).with_slots(LAB._slots)


def test_account_is_good_on_its_last_day_and_not_after_it() -> None:
    province = with_people(until=LAST)
    assert [person.account for person in people_of(province, APP, LAST)] == ["li-na", "wang-lei", "zhao-xin"]
    assert [person.account for person in people_of(province, APP, date(2026, 11, 29))] == ["wang-lei", "zhao-xin"]
    assert unfilled(province, APP, LAST) == []
    assert unfilled(province, APP, date(2026, 11, 29)) == [Duty.AUDIT]


def test_person_of_another_region_or_role_is_not_on_the_host() -> None:
    for limits in (
        {"regions": ("gz",)},
        {"roles": (HostRole.LOG,)},
        {"regions": ("gd",), "roles": (HostRole.BASTION,)},
    ):
        assert "li-na" not in [person.account for person in people_of(with_people(**limits), APP, LAST)]
    both = with_people(regions=("gd", "gz"), roles=(HostRole.APPLICATION,))
    assert "li-na" in [person.account for person in people_of(both, APP, LAST)]


def test_host_is_told_keys_and_last_day_and_who_has_enrolled() -> None:
    told = host_variables(with_people(until=LAST, second_factor=True), APP, LAST)
    assert told["zy_second_factor"] == ["li-na"]
    assert told["zy_administrators"][0] == {
        "name": "li-na",
        "duty": "audit",
        "comment": "Audit administrator (zsj)",
        "keys": list(LAB.administrators["li-na"].keys),
        "until": "2026-11-28",
    }


def test_where_nobody_is_listed_the_roles_own_accounts_hold() -> None:
    nobody = LAB.model_copy(update={"administrators": {}}).with_slots(LAB._slots)
    assert people_of(nobody, APP, LAST) == PLACEHOLDERS
    assert not {"zy_administrators", "zy_second_factor"} & set(host_variables(nobody, APP, LAST))


def test_plan_tells_a_duty_whose_holder_ended(tmp_path: Path) -> None:
    room = HostsRoom(with_people(until=LAST), tmp_path / "ssh_config", tmp_path, today=date(2026, 11, 29))
    (finding,) = room._vacancies(["gd-app-1"])
    assert finding.message.startswith("ZY-HST-050: nobody has the duty audit")
