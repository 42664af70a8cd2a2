"""A region's QoS policies, one for each class of service.

They carry no labels: the provider sends tags to ``/qos/policies/…/tags``, and Neutron 29 takes them at
``/policies/…/tags`` only (else it answers 400, "Invalid tags body").
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.plan.service_class import DIRECTIONS, QosPolicy


@dataclass(frozen=True, slots=True)
class ServiceClassesProps:
    policies: tuple[QosPolicy, ...]


class ServiceClassesComponent(pulumi.ComponentResource):
    """Gives ``policies``, ids by the class's code."""

    def __init__(self, name: str, props: ServiceClassesProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:ServiceClasses", name, {}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self.policies = {policy.code: self._policy(policy) for policy in props.policies}
        self.register_outputs({"policies": self.policies})

    def _policy(self, spec: QosPolicy) -> pulumi.Output[str]:
        policy = openstack.networking.QosPolicy(
            spec.name,
            name=spec.name,
            description=spec.description,
            shared=True,
            opts=self._child,
        )
        for direction in DIRECTIONS:
            openstack.networking.QosBandwidthLimitRule(
                f"{spec.name}-{direction}",
                qos_policy_id=policy.id,
                direction=direction,
                max_kbps=spec.kbit_per_second,
                opts=self._child,
            )
        openstack.networking.QosDscpMarkingRule(
            spec.name, qos_policy_id=policy.id, dscp_mark=spec.dscp, opts=self._child
        )
        return policy.id
