"""A router with legs in two zones, by ids that no preview knows."""

import pulumi_openstack as openstack

LABELS = {
    "division": "440000",
    "department": "zsj",
    "system": "platform",
    "mlps": "3",
    "data-class": "general",
    "responsible": "zsj-ops",
    "supervising": "zsj-sec",
}


def tags(zone: str) -> list[str]:
    return [f"zy:{key}={value}" for key, value in (LABELS | {"zone": zone}).items()]


router = openstack.networking.Router("bad", name="bad", tags=tags("public"))
for index, zone in enumerate(("public", "dedicated")):
    network = openstack.networking.Network(zone, name=zone, tags=tags(zone))
    subnet = openstack.networking.Subnet(
        zone, network_id=network.id, ip_version=4, cidr=f"192.0.2.{index * 16}/28", tags=tags(zone)
    )
    openstack.networking.RouterInterface(zone, router_id=router.id, subnet_id=subnet.id)
