"""Where a target is, and which system it belongs to: how reports group what was judged. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from province.province import Province
from province.record import Record


class Location(Record):
    """Codes of a region and of a system; empty where a target belongs to none alone."""

    region: str = ""
    system: str = ""


def locations(province: Province) -> Mapping[str, Location]:
    """The location of every target that has one. A router is in the region whose division its site lies in."""
    divisions = {region.division: code for code, region in province.regions.items()}
    found = {f"region-{code}": Location(region=code) for code in province.regions}
    found |= {f"tenant-{code}": Location(region=s.region, system=code) for code, s in province.systems.items()}
    found |= {f"adopted-{code}": Location(region=one.region) for code, one in province.adopted.items()}
    found |= {code: Location(region=host.region) for code, host in province.hosts.items()}
    sites = {code: province.sites[router.site] for code, router in province.routers.items()}
    found |= {code: Location(region=divisions.get(site.division, "")) for code, site in sites.items()}
    return found
