"""A network with IPv4 alone."""

import pulumi_openstack as openstack

LABELS = {
    "division": "440000",
    "department": "zsj",
    "system": "gdbos",
    "zone": "public",
    "mlps": "3",
    "data-class": "general",
    "responsible": "zsj-ops",
    "supervising": "zsj-sec",
}
TAGS = [f"zy:{key}={value}" for key, value in LABELS.items()]

network = openstack.networking.Network("bad", tags=TAGS)
openstack.networking.Subnet("bad", network_id=network.id, ip_version=4, cidr="192.0.2.0/24", tags=TAGS)
