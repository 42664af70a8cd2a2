"""What a region's servers are made of: flavors and images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_openstack as openstack

from province.standard import Labels
from stacks.plan.province import FlavorSpec, ImageSpec, image_path


@dataclass(frozen=True, slots=True)
class CatalogueProps:
    flavors: tuple[FlavorSpec, ...]
    images: tuple[ImageSpec, ...]
    labels: Labels
    inventory: Path


class CatalogueComponent(pulumi.ComponentResource):
    """Gives ``images``, ids by code. A flavor's id is its code, so nobody has to look it up."""

    def __init__(self, name: str, props: CatalogueProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Catalogue", name, {}, opts)
        for flavor in props.flavors:
            openstack.compute.Flavor(
                f"{name}-{flavor.code}",
                name=flavor.code,
                flavor_id=flavor.code,
                vcpus=flavor.vcpus,
                ram=flavor.ram_mib,
                disk=flavor.disk_gib,
                is_public=True,
                extra_specs=props.labels.as_metadata(),
                # a flavor cannot be changed, and its id is taken until the old one is gone
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
        self.images = {image.code: self._image(name, image, props.inventory) for image in props.images}
        self.register_outputs({"images": self.images})

    def _image(self, name: str, image: ImageSpec, inventory: Path) -> pulumi.Output[str]:
        """New content is a new image (its digest is in the resource's name); where the file lies does not matter."""
        return openstack.images.Image(
            f"{name}-{image.code}-{image.sha256[:12]}",
            name=image.name,
            local_file_path=str(image_path(inventory, image).resolve()),
            container_format="bare",
            disk_format="raw",
            visibility="public",
            properties=image.properties(),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["localFilePath"]),
        ).id
