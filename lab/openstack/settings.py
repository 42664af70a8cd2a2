"""Render the services' configuration from ``etc/*.j2``. Rendering is pure; only ``write`` touches the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2

from lab.openstack.passwords import Passwords
from lab.openstack.place import Home, Part, write_atomic
from lab.openstack.spec import Region, Spec

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "etc"),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
)
_SHARED = {
    name: name
    for name in (
        *("keystone.conf", "glance-api.conf", "cinder.conf", "barbican.conf"),
        *("my.cnf", "rabbitmq.conf", "rabbitmq.json", "named.conf", "rndc.key"),
    )
} | {"designate.conf": "designate/designate.conf", "designate-paste.ini": "designate/api-paste.ini"}
"""Templates, and where what they give lies below ``etc``."""
_REGIONAL = ("placement.conf", "neutron.conf", "ml2_conf.ini", "nova.conf", "octavia.conf")


def rendered(spec: Spec, passwords: Passwords) -> Iterator[tuple[Path, str]]:
    """Every file of the lab with its text, ``clouds.yaml`` too."""
    home = Home(spec.home)
    shared = _context(spec, passwords, spec.regions[0]) | {"data": home.data}
    for name, target in _SHARED.items():
        yield home.etc / target, _render(name, shared)
    yield home.clouds, _render("clouds.yaml", shared)
    for region in spec.regions:
        context = _context(spec, passwords, region) | {"data": home.region_data(region.name)}
        for name in _REGIONAL:
            yield home.region_etc(region.name) / name, _render(name, context)
        for host in region.hosts:
            yield home.region_etc(region.name) / f"{host}.conf", _render("nova-compute.conf", context | {"host": host})


def write(spec: Spec, passwords: Passwords) -> None:
    """Bring every file up to date; a file that is right already is not touched."""
    for path, text in rendered(spec, passwords):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_atomic(path, text)


def transport_url(spec: Spec, passwords: Passwords, region: str) -> str:
    """Each region has its own virtual host, so that equal topic names do not meet."""
    return f"rabbit://lab:{passwords.rabbit}@127.0.0.1:{spec.ports.rabbitmq}/{region}"


def _context(spec: Spec, passwords: Passwords, region: Region) -> dict[str, Any]:
    home = Home(spec.home)
    return {
        "port": spec.ports,
        "region_port": region.ports,
        "keystone_url": spec.keystone_url,
        "region": region.name,
        "regions": spec.region_names,
        "vhosts": spec.region_names,
        "transport_url": transport_url(spec, passwords, region.name),
        "ovn_remote": f"unix:{home.ovn_socket(region.name)}",
        "octavia_run": home.octavia_run(region.name),
        "mysql_socket": home.mysql_socket,
        "run": home.run,
        "etc": home.etc,
        "tmp": home.tmp,
        "part_etc": Part(spec.part).etc,
        "admin_password": passwords.admin,
        "service_password": passwords.service,
        "rabbit_password": passwords.rabbit,
        "rndc_key": passwords.rndc,
        "secrets_key": passwords.secrets_key,
    }


def _render(name: str, context: Mapping[str, Any]) -> str:
    return _ENVIRONMENT.get_template(f"{name}.j2").render(context)
