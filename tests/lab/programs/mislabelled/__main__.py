"""A network whose two subjects are one, and whose level does not exist."""

import pulumi_openstack as openstack

LABELS = {
    "division": "440000",
    "department": "zsj",
    "system": "gdbos",
    "zone": "public",
    "mlps": "7",
    "data-class": "general",
    "responsible": "zsj-ops",
    "supervising": "zsj-ops",
}
TAGS = [f"zy:{key}={value}" for key, value in LABELS.items()]

openstack.networking.Network("bad", tags=TAGS)
