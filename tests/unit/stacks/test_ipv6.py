"""What services lack for clients that have IPv6 alone."""

from __future__ import annotations

from ipaddress import IPv6Network

from province.addressing import DualPool
from province.cloud import Service as Offer
from province.province import Province
from stacks.plan.ipv6 import Lack, services


def _lacks(province: Province) -> dict[str, tuple[Lack, ...]]:
    return {service.name: service.lacks for service in services(province)}


def test_only_what_serves_others_counts_and_the_internet_wants_a_global_address(province: Province) -> None:
    assert _lacks(province) == {"gdbos/web": (), "zct/web": (Lack.GLOBAL_ADDRESS,)}
    (gdbos, zct) = services(province)
    assert (gdbos.audience, zct.audience) == ("extranet", "internet")
    assert gdbos.prefix == "fd44:5::/64"


def test_a_global_prefix_is_enough(province: Province) -> None:
    pool = DualPool(ipv4=province.identity.pools.system.ipv4, ipv6=IPv6Network("2001:db8:5::/48"))
    pools = province.identity.pools.model_copy(update={"system": pool})
    made = province.model_copy(update={"identity": province.identity.model_copy(update={"pools": pools})})
    assert _lacks(made) == {"gdbos/web": (), "zct/web": ()}


def test_a_region_without_names_gives_no_record(province: Province) -> None:
    nameless = province.regions["gd"].model_copy(update={"services": frozenset({Offer.BALANCER})})
    made = province.model_copy(update={"regions": {**province.regions, "gd": nameless}})
    assert _lacks(made) == {"gdbos/web": (Lack.NAME,), "zct/web": (Lack.GLOBAL_ADDRESS,)}
    assert all(lack.english and lack.chinese and lack.next for lack in Lack)
