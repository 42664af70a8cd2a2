"""A server: its port, itself, its data volume, and its leg in the exchange zone."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

import pulumi
import pulumi_openstack as openstack

from province.standard import Labels
from stacks.components.network import NetworkComponent
from stacks.plan.tenant import ServerSpec


def address_of(addresses: pulumi.Output[list[str]], family: int) -> pulumi.Output[str]:
    """The address of one family among a port's."""
    return addresses.apply(lambda each: next(one for one in each if ip_address(one).version == family))


@dataclass(frozen=True, slots=True)
class ServerProps:
    server: ServerSpec
    labels: Labels
    flavor: str
    image_id: pulumi.Output[str]
    network: NetworkComponent
    group_id: pulumi.Output[str]
    spread: pulumi.Output[str] | None
    """Id of the server group that keeps its like on other machines."""
    after: openstack.compute.Instance | None
    """One of its like, which is made before it."""
    exchange_port: pulumi.Output[str] | None
    config_drive: bool
    volume_zone: str
    """Cinder's availability zone for new volumes; empty: Cinder chooses."""


class ServerComponent(pulumi.ComponentResource):
    """Gives ``server``, its ``server_id``, and ``addresses`` in its own network."""

    def __init__(self, name: str, props: ServerProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Server", name, {}, opts)
        self._name = name
        self._props = props
        self._child = pulumi.ResourceOptions(parent=self)
        port = self._port()
        self.addresses: pulumi.Output[list[str]] = port.all_fixed_ips.apply(list)
        self.server = self._server(port)
        self.server_id = self.server.id
        if props.server.volume_gib:
            self._volume()
        if props.exchange_port is not None:
            openstack.compute.InterfaceAttach(
                f"{name}-exchange", instance_id=self.server_id, port_id=props.exchange_port, opts=self._child
            )
        self.register_outputs({"server": self.server_id})

    def _port(self) -> openstack.networking.Port:
        network = self._props.network
        return openstack.networking.Port(
            self._name,
            name=self._props.server.name,
            network_id=network.network_id,
            fixed_ips=[openstack.networking.PortFixedIpArgs(subnet_id=subnet) for subnet in network.subnets()],
            security_group_ids=[self._props.group_id],
            tags=self._props.labels.as_tags(),
            opts=self._child,
        )

    def _server(self, port: openstack.networking.Port) -> openstack.compute.Instance:
        props = self._props
        disk = self._boot(props.server.boot_gib) if props.server.boot_gib else None
        hints = [openstack.compute.InstanceSchedulerHintArgs(group=props.spread)] if props.spread else None
        return openstack.compute.Instance(
            self._name,
            name=props.server.name,
            flavor_id=props.flavor,
            image_id=None if disk else props.image_id,
            block_devices=[disk] if disk else None,
            networks=[openstack.compute.InstanceNetworkArgs(port=port.id)],
            scheduler_hints=hints,
            availability_zone=props.server.availability_zone or None,
            config_drive=props.config_drive or None,
            metadata=props.labels.as_metadata(),
            opts=pulumi.ResourceOptions(
                parent=self,
                # these are for new servers: Nova changes none of them, and the provider would rebuild those that run
                ignore_changes=["imageId", "availabilityZone", "configDrive"],
                delete_before_replace=True,
                depends_on=[props.after] if props.after else None,
            ),
        )

    def _boot(self, gib: int) -> openstack.compute.InstanceBlockDeviceArgs:
        """The volume is ours, not Nova's: so it has a name and labels."""
        volume = openstack.blockstorage.Volume(
            f"{self._name}-boot",
            name=f"{self._props.server.name}-boot",
            size=gib,
            image_id=self._props.image_id,
            volume_type=self._props.server.volume_type or None,
            availability_zone=self._props.volume_zone or None,
            metadata=self._props.labels.as_metadata(),
            # a newer image, another zone: for new servers
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["imageId", "availabilityZone"]),
        )
        return openstack.compute.InstanceBlockDeviceArgs(
            source_type="volume", destination_type="volume", uuid=volume.id, boot_index=0, delete_on_termination=False
        )

    def _volume(self) -> None:
        volume = openstack.blockstorage.Volume(
            f"{self._name}-data",
            name=f"{self._props.server.name}-data",
            size=self._props.server.volume_gib,
            volume_type=self._props.server.volume_type or None,
            availability_zone=self._props.volume_zone or None,
            metadata=self._props.labels.as_metadata(),
            # data stays where it is
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["availabilityZone"]),
        )
        openstack.compute.VolumeAttach(
            f"{self._name}-data", instance_id=self.server_id, volume_id=volume.id, opts=self._child
        )
