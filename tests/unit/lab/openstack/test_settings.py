"""Rendered configuration: complete, regional, and secret only where it must be."""

from __future__ import annotations

import configparser
import json
from pathlib import Path

import jinja2
import pytest
import ruamel.yaml

from lab.openstack import settings
from lab.openstack.passwords import Passwords, make_fernet_keys, obtain
from lab.openstack.place import Home, write_atomic
from lab.openstack.spec import Spec, catalogue

PASSWORDS = Passwords(
    admin="admin-secret", service="service-secret", rabbit="rabbit-secret", rndc="rndc-secret", secrets_key="key-secret"
)
SPEC = Spec(home=Path("/h"), part=Path("/p"))


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return {str(path.relative_to("/h")): text for path, text in settings.rendered(SPEC, PASSWORDS)}


def ini(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, allow_no_value=True)
    parser.read_string(text)
    return parser


def test_every_file_of_both_regions_is_rendered(files: dict[str, str]) -> None:
    regional = {"placement.conf", "neutron.conf", "ml2_conf.ini", "nova.conf", "octavia.conf"}
    for region in ("gd", "gz"):
        hosts = {f"{region}-compute-1.conf", f"{region}-compute-2.conf"}
        assert {f"etc/{region}/{name}" for name in regional | hosts} <= files.keys()
    assert {"clouds.yaml", "etc/keystone.conf", "etc/glance-api.conf", "etc/cinder.conf"} <= files.keys()
    assert {"etc/barbican.conf", "etc/designate/designate.conf", "etc/designate/api-paste.ini"} <= files.keys()


def test_regions_share_nothing_but_the_shared(files: dict[str, str]) -> None:
    gd, gz = ini(files["etc/gd/nova.conf"]), ini(files["etc/gz/nova.conf"])
    for section, option in (("DEFAULT", "transport_url"), ("DEFAULT", "state_path"), ("neutron", "region_name")):
        assert gd[section][option] != gz[section][option], option
    assert gd["DEFAULT"]["transport_url"].endswith("/gd")
    assert gd["database"]["connection"].startswith("mysql+pymysql://root@localhost/nova_gd?")
    assert gd["glance"]["api_servers"] == gz["glance"]["api_servers"]
    assert gd["keystone_authtoken"]["auth_url"] == gz["keystone_authtoken"]["auth_url"]
    remotes = {ini(files[f"etc/{region}/ml2_conf.ini"])["ovn"]["ovn_nb_connection"] for region in ("gd", "gz")}
    assert remotes == {"unix:/h/gd/ovn/ovsdb.sock", "unix:/h/gz/ovn/ovsdb.sock"}


@pytest.mark.parametrize("region", ["gd", "gz"])
def test_a_region_names_only_itself(files: dict[str, str], region: str) -> None:
    named = {
        (name, section, option): value
        for name in ("placement.conf", "neutron.conf", "nova.conf", "octavia.conf")
        for section, options in ini(files[f"etc/{region}/{name}"]).items()
        for option, value in options.items()
        if option in ("region_name", "os_region_name")
    }
    assert len(named) > 5
    assert set(named.values()) == {region}


def test_cell_template_names_the_second_database() -> None:
    """Nova fills ``{path}_cell0`` from its main database's name: both must be created."""
    assert {"nova_gd", "nova_gd_cell0", "nova_gz", "nova_gz_cell0"} <= set(SPEC.databases)


def test_admin_password_is_in_clouds_yaml_only(files: dict[str, str]) -> None:
    assert [name for name, text in files.items() if PASSWORDS.admin in text] == ["clouds.yaml"]
    clouds = ruamel.yaml.YAML(typ="safe").load(files["clouds.yaml"])["clouds"]
    assert set(clouds) == {"gd", "gz"}
    assert clouds["gz"]["region_name"] == "gz"
    assert {cloud["auth"]["auth_url"] for cloud in clouds.values()} == {"http://127.0.0.1:15000/v3"}
    assert clouds["gd"]["auth"]["password"] == PASSWORDS.admin


def test_each_region_has_balancers_of_its_own(files: dict[str, str]) -> None:
    gd, gz = (ini(files[f"etc/{region}/octavia.conf"]) for region in ("gd", "gz"))
    for section, option in (
        ("database", "connection"),
        ("ovn", "ovn_nb_connection"),
        ("neutron", "endpoint_override"),
        ("driver_agent", "get_socket_path"),
    ):
        assert gd[section][option] != gz[section][option], option
    assert {"octavia_gd", "octavia_gz"} <= set(SPEC.databases)
    assert gd["driver_agent"]["get_socket_path"] == "/h/gd/octavia/get.sock", "where zy_octavia.py looks for it"


def test_name_server_and_keys_are_for_us_only(files: dict[str, str]) -> None:
    assert [name for name, text in files.items() if PASSWORDS.rndc in text] == ["etc/rndc.key"]
    assert [name for name, text in files.items() if PASSWORDS.secrets_key in text] == ["etc/barbican.conf"]
    named = files["etc/named.conf"]
    assert "listen-on port 15353 { 127.0.0.1; }" in named
    assert "listen-on-v6 { none; }" in named
    assert "recursion no" in named


def test_message_bus_has_a_virtual_host_for_each_region(files: dict[str, str]) -> None:
    definitions = json.loads(files["etc/rabbitmq.json"])
    assert [vhost["name"] for vhost in definitions["vhosts"]] == ["gd", "gz"]
    assert {permission["vhost"] for permission in definitions["permissions"]} == {"gd", "gz"}


def test_a_missing_value_is_an_error_not_an_empty_string() -> None:
    with pytest.raises(jinja2.UndefinedError):
        settings._render("nova-compute.conf", {"host": "x"})


def test_written_files_are_for_us_only(tmp_path: Path) -> None:
    spec = Spec(home=tmp_path, part=tmp_path / "part")
    Home(tmp_path).prepare()
    passwords = obtain(Home(tmp_path))
    settings.write(spec, passwords)
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "passwords.json", tmp_path / "clouds.yaml", tmp_path / "etc/gd/nova.conf"):
        assert path.stat().st_mode & 0o777 == 0o600
    before = (tmp_path / "clouds.yaml").stat().st_ino
    settings.write(spec, passwords)
    assert (tmp_path / "clouds.yaml").stat().st_ino == before, "an unchanged file was written again"


def test_passwords_are_random_and_kept(tmp_path: Path) -> None:
    first, second = Home(tmp_path / "a"), Home(tmp_path / "b")
    assert obtain(first) == obtain(first)
    assert not {obtain(first).admin, obtain(first).service} & {obtain(second).admin, obtain(second).service}


def test_fernet_keys_are_made_once(tmp_path: Path) -> None:
    make_fernet_keys(tmp_path)
    keys = {path: path.read_text() for path in tmp_path.glob("*/*")}
    assert {path.name for path in keys} == {"0", "1"}
    assert {path.parent.name for path in keys} == {"fernet-keys", "credential-keys"}
    assert all(len(key) == 44 for key in keys.values()), "32 bytes in URL-safe base64"
    make_fernet_keys(tmp_path)
    assert {path: path.read_text() for path in keys} == keys


def test_atomic_write_keeps_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "f.new").write_text("left by a killed command, longer than the new text")
    write_atomic(tmp_path / "f", "short")
    assert (tmp_path / "f").read_text() == "short"
    assert not (tmp_path / "f.new").exists()


def test_ports_do_not_meet() -> None:
    shared = SPEC.ports
    all_ports = [getattr(shared, name) for name in type(shared).__slots__]
    for region in SPEC.regions:
        all_ports += [region.ports.placement, region.ports.neutron, region.ports.nova, region.ports.octavia]
    assert len(set(all_ports)) == len(all_ports)
    own = [getattr(shared, name) % 100 for name in type(shared).__slots__ if name != "rabbitmq_distribution"]
    assert len(set(own)) == len(own), "labs are hundreds apart"
    assert max(all_ports) < 32768, "below the kernel's ephemeral ports, which outgoing connections take"
    assert Spec(Path("/h"), Path("/p"), port_shift=100).ports.keystone == shared.keystone + 100


def test_each_region_lists_every_kind_of_service() -> None:
    gd, gz = (catalogue(SPEC, region) for region in SPEC.regions)
    assert [entry.kind for entry in gd] == [entry.kind for entry in gz]
    same = {entry.kind for entry in gd} - {a.kind for a, b in zip(gd, gz, strict=True) if a.url != b.url}
    assert same == {"identity", "image", "block-storage", "volumev3", "key-manager", "dns"}
