"""A network without labels."""

import pulumi_openstack as openstack

openstack.networking.Network("bad", name="bad", tags=["zy:zone=public"])
