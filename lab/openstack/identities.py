"""The identities and the catalogue that the services need, made through Keystone's API when the part is built."""

from __future__ import annotations

from lab.openstack.api import Api, login
from lab.openstack.passwords import Passwords
from lab.openstack.spec import SERVICE_USERS, Spec, catalogue


def create(spec: Spec, passwords: Passwords) -> None:
    """Service project and users, regions, services, endpoints. Raises OSError when Keystone refuses."""
    api = login(spec.keystone_url, passwords.admin)
    _create_users(api, passwords)
    known = {region["id"] for region in api.get(f"{api.keystone_url}/regions")["regions"]}
    for name in set(spec.region_names) - known:
        api.send("POST", f"{api.keystone_url}/regions", {"region": {"id": name}})
    _create_catalogue(api, spec)


def _create_users(api: Api, passwords: Passwords) -> None:
    url = api.keystone_url
    roles = {role["name"]: role["id"] for role in api.get(f"{url}/roles")["roles"]}
    body = {"project": {"name": "service", "domain_id": "default"}}
    project = api.send("POST", f"{url}/projects", body)["project"]["id"]
    for name in SERVICE_USERS:
        new = {"name": name, "password": passwords.service, "domain_id": "default"}
        user = api.send("POST", f"{url}/users", {"user": new})["user"]["id"]
        for role in ("admin", "service"):
            api.send("PUT", f"{url}/projects/{project}/users/{user}/roles/{roles[role]}")


def _create_catalogue(api: Api, spec: Spec) -> None:
    url = api.keystone_url
    services = {service["type"]: service["id"] for service in api.get(f"{url}/services")["services"]}
    have = {
        (endpoint["service_id"], endpoint["interface"], endpoint["region_id"])
        for endpoint in api.get(f"{url}/endpoints")["endpoints"]
    }
    for region in spec.regions:
        for entry in catalogue(spec, region):
            if entry.kind not in services:
                body = {"service": {"type": entry.kind, "name": entry.name}}
                services[entry.kind] = api.send("POST", f"{url}/services", body)["service"]["id"]
            for interface in ("public", "internal", "admin"):
                service = services[entry.kind]
                if (service, interface, region.name) not in have:
                    new = {"service_id": service, "interface": interface, "region_id": region.name}
                    api.send("POST", f"{url}/endpoints", {"endpoint": {**new, "url": entry.url}})
