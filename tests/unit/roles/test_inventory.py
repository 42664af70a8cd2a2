"""The province's hosts as Ansible's inventory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from province.host import Host, HostRole
from province.load import load
from province.province import Province, Target
from roles.inventory import ansible_inventory, management_prefixes, ntp_servers

ROOT = Path(__file__).parents[3]
LAB = load(ROOT / "inventories" / "lab")
DAY = date(2026, 11, 28)


def with_target(province: Province, target: Target) -> Province:
    identity = province.identity.model_copy(update={"target": target})
    return province.model_copy(update={"identity": identity}).with_slots(province._slots)


def test_hosts_are_grouped_by_role_region_and_department() -> None:
    inventory = ansible_inventory(LAB, None, DAY)
    assert inventory["role_log"]["hosts"] == ["gd-log-1"]
    assert inventory["region_gd"]["hosts"] == ["gd-app-1", "gd-bastion-1", "gd-log-1"]
    assert set(inventory["all"]["children"]) == set(inventory) - {"_meta", "all"}


def test_hosts_carry_addresses_time_and_labels() -> None:
    values = ansible_inventory(LAB, None, DAY)["_meta"]["hostvars"]["gd-app-1"]
    assert (values["zy_management_ipv4"], values["zy_management_ipv6"]) == ("10.99.0.11", "fd99::b")
    assert values["zy_ntp_servers"] == ["10.99.0.13"]
    assert values["zy_labels"]["zy:zone"] == "management"
    assert values["zy_service_prefixes"] == ["10.99.0.0/24", "fd99::/64", "10.99.1.0/24", "fd99:1::/64"]


def test_order_in_files_means_nothing() -> None:
    backwards = LAB.model_copy(update={"hosts": dict(reversed(LAB.hosts.items()))}).with_slots(LAB._slots)
    assert json.dumps(ansible_inventory(backwards, None, DAY)) == json.dumps(ansible_inventory(LAB, None, DAY))


def test_in_production_only_bastions_reach_hosts_by_ssh() -> None:
    real = with_target(LAB, Target.PRODUCTION)
    assert management_prefixes(real, real.hosts["gd-app-1"]) == ["10.99.0.12/32", "fd99::c/128"]
    assert management_prefixes(real, real.hosts["gd-bastion-1"]) == ["10.99.0.0/24", "fd99::/64"]
    assert management_prefixes(LAB, LAB.hosts["gd-app-1"]) == ["10.99.0.0/24", "fd99::/64"]


def test_time_comes_from_the_own_region_first() -> None:
    near = Host(code="gz-log-1", region="gz", role=HostRole.LOG, department="zsj")
    app = Host(code="gz-app-1", region="gz", role=HostRole.APPLICATION, department="zsj")
    slots = {**LAB._slots, "host-management": {**LAB._slots["host-management"], "gz-log-1": 7, "gz-app-1": 8}}
    fresh = load(ROOT / "inventories" / "lab")  # no addresses cached yet
    both = fresh.model_copy(update={"hosts": {**LAB.hosts, near.code: near, app.code: app}}).with_slots(slots)
    assert ntp_servers(both, app) == ["10.99.0.18"]
    assert ntp_servers(both, LAB.hosts["gd-app-1"]) == ["10.99.0.13"]
    assert ntp_servers(both, near) == []


def ask(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, str(ROOT / "roles" / "dynamic_inventory.py"), *arguments]
    return subprocess.run(script, env=os.environ | environment, capture_output=True, text=True, check=False, cwd="/")


def test_script_prints_the_inventory_from_anywhere(tmp_path: Path) -> None:
    done = ask("--list", ZY_INVENTORY=str(ROOT / "inventories" / "lab"), ZY_SSH_CONFIG=str(tmp_path / "ssh_config"))
    printed = json.loads(done.stdout)
    assert printed == ansible_inventory(LAB, tmp_path / "ssh_config", DAY)
    assert printed["all"]["vars"]["ansible_ssh_common_args"] == f"-F {tmp_path}/ssh_config"
    assert json.loads(ask("--host", "gd-app-1").stdout) == {}


def test_script_tells_what_is_wrong_with_an_inventory(tmp_path: Path) -> None:
    done = ask("--list", ZY_INVENTORY=str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "ZY-INV-001" in done.stderr
