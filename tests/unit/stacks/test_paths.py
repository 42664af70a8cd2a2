"""Connections that are to be tried on the live cloud."""

from __future__ import annotations

from datetime import date

from province.province import Province
from stacks.paths import expected_paths


def test_what_is_open_and_what_is_closed(province: Province) -> None:
    paths = {path.id: path.open for path in expected_paths(province, date(2026, 11, 24))}
    for family in ("ipv4", "ipv6"):
        assert paths[f"cloud.path.gdbos.app-db-5432.{family}"] is True
        assert paths[f"cloud.path.gdbos.web-db-5432.{family}"] is False
        assert paths[f"cloud.isolation.gdbos-rkk.{family}"] is False
        assert paths[f"cloud.agreement.rkk-gdbos.open.{family}"] is True
        assert paths[f"cloud.agreement.rkk-gdbos.other-port.{family}"] is False
        assert paths[f"cloud.agreement.rkk-gdbos.backwards.{family}"] is False
        assert paths[f"cloud.agreement.rkk-gdbos.outsider.{family}"] is False


def test_outsider_is_on_neither_side(province: Province) -> None:
    paths = [path for path in expected_paths(province, date(2026, 11, 24)) if ".outsider." in path.id]
    assert {path.source for path in paths} == {"gd-gdbos-db-1"}


def test_agreement_that_has_ended_is_not_tried(province: Province) -> None:
    assert not [path for path in expected_paths(province, date(2031, 1, 1)) if "agreement" in path.id]


def test_audience_is_tried_from_outside(province: Province) -> None:
    paths = {path.id: path for path in expected_paths(province, date(2026, 11, 24))}
    assert paths["cloud.audience.gdbos.extranet-web-443.ipv4"].open is True
    assert paths["cloud.audience.gdbos.internet-web-443.ipv6"].open is False
    assert paths["cloud.audience.zct.internet-web-443.ipv6"].open is True
    assert paths["cloud.audience.rkk.extranet-api-8443.ipv4"].open is False
    assert paths["cloud.audience.gdbos.extranet-web-443.ipv4"].address == "10.64.1.1"
    assert paths["cloud.audience.gdbos.extranet-web-443.ipv6"].address == "fd44:3::101"


def test_a_balancer_is_tried_with_each_of_its_servers(province: Province) -> None:
    paths = [path for path in expected_paths(province, date(2026, 11, 24)) if path.balancer]
    assert {(path.balancer, path.target, path.open) for path in paths} == {
        (f"{system}-web-ipv{family}", f"{system}-web-{number}", True)
        for system in ("gd-gdbos", "gz-zct")
        for family in (4, 6)
        for number in (1, 2)
    }
    assert len({path.id for path in paths}) == len(paths)
