"""A project that may use every core there is."""

import pulumi_openstack as openstack

openstack.compute.QuotaSetV2("bad", project_id="00000000-0000-0000-0000-000000000000", cores=-1)
