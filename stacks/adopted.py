"""Program of an adopted project's stack: it imports what is there, and changes what the inventory has mended."""

from __future__ import annotations

import pulumi
import pulumi_openstack as openstack

from stacks.plan.adopted import AdoptedPlan, HeldObject


def make_adopted(plan: AdoptedPlan) -> None:
    """Declare every object under the operator's account: the project's own users are none of ours."""
    cloud = openstack.Provider(plan.code, cloud=plan.cloud)
    for held in plan.objects:
        _declare(held, cloud)


def _declare(held: HeldObject, cloud: openstack.Provider) -> pulumi.CustomResource:
    """By type token: the inventory's properties are already in the provider's names.

    Pulumi refuses an import whose properties are not those of the object. Of an object that its state holds under that
    id, it takes no notice of ``import_``.
    """
    opts = pulumi.ResourceOptions(provider=cloud, import_=held.id, retain_on_delete=held.kept)
    return pulumi.CustomResource(held.kind, held.name, dict(held.inputs), opts)
