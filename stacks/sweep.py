"""What Neutron made by itself in our projects, and would leave behind: it does not hear that a project is deleted."""

from __future__ import annotations

from pathlib import Path

import openstack
from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException

from province.errors import Place, ZyError

DEFAULT_GROUP = "default"


def sweep_project(clouds: Path, cloud: str) -> None:
    """Delete the ``default`` security group of the project that an entry logs in to. Raises ``ZY-CLD-028``."""
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)]).get_one(cloud=cloud)
    try:
        with openstack.connection.Connection(config=config) as connection:
            project = connection.current_project_id
            for group in list(connection.network.security_groups(project_id=project, name=DEFAULT_GROUP)):
                connection.network.delete_security_group(group)
    except (SDKException, ClientException) as error:
        raise ZyError(
            "ZY-CLD-028",
            f"the project's own security group cannot be removed: {' '.join(str(error).split())[:200]}",
            place=Place(target=cloud),
            fix="see what still uses it (`openstack port list --project …`), then `zy resume`",
        ) from error
