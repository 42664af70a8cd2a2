"""Where: regions (a city's or the province's cloud), their zones, data centres, flavors and images."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from province.code import Code, DivisionCode
from province.declared import Declared, Named

Dscp = Literal[0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 44, 46, 48, 56]
"""Code points that Neutron takes (``neutron_lib.constants.VALID_DSCP_MARKS``): the default and the class selectors
(RFC 2474), assured forwarding (RFC 2597), expedited forwarding (46, RFC 3246) and admitted voice (44, RFC 5865)."""

CONTROL = frozenset({48, 56})
"""Marks of network control (CS6, CS7), which no department's packets bear (RFC 4594 section 3)."""

MOST_OF_CORE = 75
"""Percent of a link for all classes together: 5 are for network control, 20 for the rest (Comware keeps those back)."""

MlpsLevel = Annotated[int, Field(ge=1, le=4, description="Level of GB/T 22239-2019 (等保级别).")]

HostName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$")]
"""A compute host; 255 characters is what Nova takes (``nova/api/validation/parameter_types.py``)."""


class Zone(StrEnum):
    """Security zones of a government cloud; between them everything is denied unless agreed (安全域)."""

    INTERNET = "internet"
    PUBLIC = "public"
    DEDICATED = "dedicated"
    EXCHANGE = "exchange"
    MANAGEMENT = "management"

    @property
    def chinese(self) -> str:
        return {
            Zone.INTERNET: "互联网区",
            Zone.PUBLIC: "公用网络区",
            Zone.DEDICATED: "专用网络区",
            Zone.EXCHANGE: "数据交换区",
            Zone.MANAGEMENT: "管理区",
        }[self]


class Service(StrEnum):
    """What a region's cloud may offer besides servers, networks and volumes; systems there get it by themselves.

    Only a class of service is asked for, by a system.
    """

    BALANCER = "balancer"
    """Load balancers inside OVN (Octavia)."""
    NAMES = "names"
    """DNS zones (Designate)."""
    SECRETS = "secrets"
    """Keys and secrets (Barbican)."""
    QOS = "qos"
    """Classes of service (Neutron's QoS)."""


class DataCentre(Declared):
    """A data centre (数据中心), with what placement and energy reports need."""

    name: str = Field(min_length=1)
    latitude: float = Field(ge=-90, le=90, description="Degrees north.")
    longitude: float = Field(ge=-180, le=180, description="Degrees east.")
    pue: float = Field(ge=1.0, le=3.0, description="Power usage effectiveness, yearly mean (GB 40879-2021).")
    capacity_vcpus: int = Field(gt=0, description="Virtual CPUs that may be sold.")
    grade: str = Field(pattern="^[ABC]$", description="Grade of GB 50174-2017.")


class AvailabilityZone(Named):
    """A part of a region that fails by itself (可用区): a second data centre, or a room with power of its own.

    The region has a host aggregate of Nova for it. A host is in one zone at most (Nova, *Availability Zones*).
    """

    data_centre: DataCentre | None = Field(default=None, description="Where it is; none: in the region's own.")
    hosts: frozenset[HostName] = Field(min_length=1, description="Compute hosts, as Nova names them.")


class Region(Named):
    """A cloud of the province or of a city: one OpenStack region."""

    division: DivisionCode
    cloud: Code = Field(description="Entry of clouds.yaml.")
    mlps_level: MlpsLevel = Field(description="Level that the platform has passed; no system may exceed it.")
    zones: frozenset[Zone] = Field(min_length=1)
    services: frozenset[Service] = Field(default=frozenset(), description="What else the cloud offers (Octavia, …).")
    data_centre: DataCentre
    availability_zones: dict[Code, AvailabilityZone] = Field(
        default_factory=dict, description="Parts that fail by themselves; none: the cloud is one."
    )
    metadata_service: bool = Field(
        default=True,
        description="Whether servers can ask Nova for their settings (169.254.169.254); else they get them on a drive.",
    )

    @property
    def data_centres(self) -> tuple[DataCentre, ...]:
        """Its own, and those of its availability zones."""
        others = (zone.data_centre for _, zone in sorted(self.availability_zones.items()))
        return (self.data_centre, *(centre for centre in others if centre is not None))


class Flavor(Declared):
    """A size of server."""

    code: str = Field(pattern=r"^[a-z]\d\.[a-z0-9]+$", description="The key of the map.")
    vcpus: int = Field(gt=0, le=256)
    ram_mib: int = Field(gt=0)
    disk_gib: int = Field(ge=0)


class Image(Named):
    """An image that servers start from."""

    source: str = Field(description="File, relative to the inventory.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    hardening_level: int = Field(ge=0, le=4, description="MLPS level that the image was hardened for; 0: none.")
    manifest: str = Field(default="", description="What `zy image build` wrote beside it; relative to the inventory.")
    hardening_waiver: str = Field(default="", description="Why a level is declared without a manifest (豁免).")
    zones: frozenset[Zone] = Field(
        default=frozenset(Zone), min_length=1, description="Zones whose systems may start from it."
    )


class VolumeClass(Named):
    """A class of volumes (存储等级): what one volume may do at most. Each region has a volume type for it."""

    iops: int = Field(gt=0, description="Operations a second, reads and writes together.")
    mib_per_second: int = Field(gt=0, description="Throughput, reads and writes together.")


class ServiceClass(Named):
    """A class of service (服务等级) of networks: each server's limit, and the mark by which routers tell its packets.

    Each region that offers ``qos`` has a QoS policy for it. Systems leave a class before it goes (``ZY-CLD-083``).
    """

    mbit_per_second: int = Field(
        gt=0, le=2_147_483, description="Of each server, in each direction; Neutron counts kbit/s in 31 bits."
    )
    dscp: Dscp = Field(description="Differentiated services code point of what its servers send (RFC 2474).")
    percent_of_core: int | None = Field(
        default=None,
        ge=1,
        le=MOST_OF_CORE,
        description="Share of a full link of the extranet's core, in percent; none: no queue.",
    )

    @property
    def queue(self) -> str | None:
        """The queue that its mark leads to (RFC 4594), ``af1`` … ``af4``, ``ef``; ``None`` for 0 and for control."""
        if self.dscp == 0 or self.dscp in CONTROL:
            return None
        return "ef" if self.dscp >= 40 else f"af{self.dscp // 8}"
