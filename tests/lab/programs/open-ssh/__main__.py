"""ssh open to everybody over IPv6."""

import pulumi_openstack as openstack

openstack.networking.SecGroupRule(
    "bad",
    security_group_id="00000000-0000-0000-0000-000000000000",
    direction="ingress",
    ethertype="IPv6",
    protocol="tcp",
    port_range_min=20,
    port_range_max=25,
    remote_ip_prefix="::/0",
)
