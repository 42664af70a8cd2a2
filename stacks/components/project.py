"""A Keystone project with its quotas in the region's Nova, Neutron, Cinder and Octavia."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.plan.province import Project
from stacks.plan.service import BalancerQuota


@dataclass(frozen=True, slots=True)
class ProjectProps:
    project: Project
    domain_id: pulumi.Output[str]
    operator_id: str
    """The account that runs the stacks: it works inside the project, so it needs a role there."""
    operator_role_id: str
    members: Mapping[str, tuple[pulumi.Output[str], str]]
    """Groups that hold a role in the project: (group id, role id), under a name."""


class ProjectComponent(pulumi.ComponentResource):
    """Gives ``project_id`` once the operator's role is there, so that what follows can log in."""

    def __init__(self, name: str, props: ProjectProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Project", name, {}, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        project = openstack.identity.Project(
            name,
            name=props.project.name,
            description=props.project.description,
            domain_id=props.domain_id,
            tags=props.project.labels.as_tags(),
            opts=self._child,
        )
        operator = openstack.identity.RoleAssignment(
            f"{name}-operator",
            project_id=project.id,
            user_id=props.operator_id,
            role_id=props.operator_role_id,
            opts=self._child,
        )
        for member, (group, role) in props.members.items():
            openstack.identity.RoleAssignment(
                f"{name}-{member}", project_id=project.id, group_id=group, role_id=role, opts=self._child
            )
        self._quota(props.project, project.id)
        if props.project.balancers is not None:
            self._balancers(props.project.balancers, project.id)
        self.project_id: pulumi.Output[str] = operator.project_id.apply(str)
        self.register_outputs({"project": self.project_id})

    def _quota(self, project: Project, project_id: pulumi.Output[str]) -> None:
        compute, network, storage = project.quota.compute, project.quota.network, project.quota.storage
        openstack.compute.QuotaSetV2(
            self._name,
            project_id=project_id,
            instances=compute.instances,
            cores=compute.cores,
            ram=compute.ram_mib,
            server_groups=compute.server_groups,
            server_group_members=compute.server_group_members,
            opts=self._child,
        )
        openstack.networking.QuotaV2(
            self._name,
            project_id=project_id,
            network=network.networks,
            subnet=network.subnets,
            subnetpool=network.subnet_pools,
            router=network.routers,
            floatingip=network.floating_ips,
            port=network.ports,
            security_group=network.security_groups,
            security_group_rule=network.security_group_rules,
            rbac_policy=network.rbac_policies,
            opts=self._child,
        )
        openstack.blockstorage.QuoteSetV3(
            self._name,
            project_id=project_id,
            volumes=storage.volumes,
            gigabytes=storage.gigabytes,
            per_volume_gigabytes=storage.gigabytes,
            snapshots=storage.snapshots,
            backups=storage.backups,
            backup_gigabytes=storage.backup_gigabytes,
            groups=0,
            opts=self._child,
        )

    def _balancers(self, quota: BalancerQuota, project_id: pulumi.Output[str]) -> None:
        openstack.loadbalancer.Quota(
            self._name,
            project_id=project_id,
            loadbalancer=quota.balancers,
            listener=quota.listeners,
            pool=quota.pools,
            member=quota.members,
            health_monitor=0,
            opts=self._child,
        )
