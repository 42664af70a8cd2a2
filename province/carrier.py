"""What each service can carry of the standard: how long names and descriptions may be, and in what form labels go.

Limits are those of OpenStack 2026.2, each from the schema or the table that refuses what is longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from province.naming import Kind


class LabelForm(StrEnum):
    """In what form an object carries labels."""

    TAGS = "tags"
    METADATA = "metadata"
    PROPERTIES = "properties"
    EXTRA_SPECS = "extra specs"
    NONE = "none: by its project or what it belongs to"


@dataclass(frozen=True, slots=True)
class Carrier:
    """How a service carries one kind. Lengths in characters; ``description`` 0: it has none."""

    service: str
    name: int
    description: int
    labels: LabelForm
    source: str


_KEYSTONE = "keystone/resource/schema.py, identity/schema.py, assignment/schema.py"
_NEUTRON = "neutron_lib/db/constants.py; tags: neutron/extensions/tagging.py"
_NOVA = "nova/api/validation/parameter_types.py"
_HOST_NAME = "RFC 1035 section 2.3.4; nova/utils.py cuts a longer host name, so that two servers could share one"
_DNS = "RFC 1035 section 2.3.4: 255 octets on the wire are 254 characters with the last dot"
_SAFE_LENGTH = 160
"""Designate's limit of a description, the shortest of all."""

CARRIERS: Mapping[Kind, Carrier] = MappingProxyType(
    {
        Kind.DOMAIN: Carrier("Keystone", 64, 65535, LabelForm.TAGS, _KEYSTONE),
        Kind.GROUP: Carrier("Keystone", 64, 65535, LabelForm.NONE, _KEYSTONE),
        Kind.ROLE: Carrier("Keystone", 255, 255, LabelForm.NONE, _KEYSTONE),
        Kind.PROJECT: Carrier("Keystone", 64, 65535, LabelForm.TAGS, _KEYSTONE),
        Kind.AGGREGATE: Carrier("Nova", 255, 0, LabelForm.METADATA, _NOVA),
        Kind.FLAVOR: Carrier("Nova", 255, 65535, LabelForm.EXTRA_SPECS, _NOVA),
        Kind.IMAGE: Carrier("Glance", 255, 0, LabelForm.PROPERTIES, "glance/api/v2/images.py"),
        Kind.NETWORK: Carrier("Neutron", 255, 255, LabelForm.TAGS, _NEUTRON),
        Kind.SUBNET: Carrier("Neutron", 255, 255, LabelForm.TAGS, _NEUTRON),
        Kind.ADDRESS_SCOPE: Carrier("Neutron", 255, 0, LabelForm.NONE, _NEUTRON),
        Kind.SUBNET_POOL: Carrier("Neutron", 255, 255, LabelForm.TAGS, _NEUTRON),
        Kind.QOS_POLICY: Carrier("Neutron", 255, 255, LabelForm.NONE, _NEUTRON),
        Kind.ROUTER: Carrier("Neutron", 255, 255, LabelForm.TAGS, _NEUTRON),
        Kind.PORT: Carrier("Neutron", 255, 255, LabelForm.TAGS, _NEUTRON),
        Kind.SECURITY_GROUP: Carrier("Neutron", 255, 255, LabelForm.TAGS, _NEUTRON),
        Kind.ADDRESS_GROUP: Carrier("Neutron", 255, 255, LabelForm.NONE, _NEUTRON),
        Kind.SERVER_GROUP: Carrier("Nova", 255, 0, LabelForm.NONE, _NOVA),
        Kind.SERVER: Carrier("Nova", 63, 255, LabelForm.METADATA, _HOST_NAME),
        Kind.VOLUME: Carrier("Cinder", 255, 255, LabelForm.METADATA, "cinder/api/validation/parameter_types.py"),
        Kind.DNS_ZONE: Carrier("Designate", 254, _SAFE_LENGTH, LabelForm.NONE, _DNS),
        Kind.DNS_RECORD: Carrier("Designate", 254, _SAFE_LENGTH, LabelForm.NONE, _DNS),
        Kind.STACK: Carrier("Pulumi", 100, 0, LabelForm.NONE, "pulumi: pkg/resource/stack names"),
        Kind.HOST: Carrier("Linux", 63, 0, LabelForm.NONE, "RFC 1035 section 2.3.4"),
        Kind.EXTRANET_ROUTER: Carrier("router", 63, 0, LabelForm.NONE, "RFC 1035 section 2.3.4"),
    }
)
