"""Each region's OVN databases: where they are, and how they are made.

One ovsdb-server holds both the northbound and the southbound database of a region. ``<home>/ovn.json`` tells
everybody else where: ``{"gd": "unix:/…/gd/ovn/ovsdb.sock", "gz": "unix:/…"}``. With it, for example:

    ovn-nbctl --db=REMOTE show
    ovn-trace --db=REMOTE --no-friendly-names --ct=new LOGICAL_SWITCH FLOW
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from lab.openstack.command import run
from lab.openstack.place import Home, write_atomic
from lab.openstack.spec import Spec

NORTHBOUND, SOUTHBOUND = "OVN_Northbound", "OVN_Southbound"
SOUTHBOUND_SCHEMA = Path("/usr/share/ovn/ovn-sb.ovsschema")
_FILES = {"nb.db": Path("/usr/share/ovn/ovn-nb.ovsschema"), "sb.db": SOUTHBOUND_SCHEMA}


def remote(home: Home, region: str) -> str:
    """What the OVN tools take as ``--db``."""
    return f"unix:{home.ovn_socket(region)}"


def remotes(home: Path) -> dict[str, str]:
    """Read ``<home>/ovn.json``: the remote of each region, for users of a lab that they did not start."""
    found: dict[str, str] = json.loads(Home(home).ovn.read_text(encoding="utf-8"))
    return found


def database_files(home: Home, region: str) -> list[Path]:
    return [home.ovn_socket(region).parent / name for name in _FILES]


def create(spec: Spec) -> None:
    """Make the empty databases that are missing, and the file that tells where they are."""
    home = Home(spec.home)
    for region in spec.region_names:
        for path, schema in zip(database_files(home, region), _FILES.values(), strict=True):
            if not path.exists():
                new = path.with_suffix(".new")
                new.unlink(missing_ok=True)
                new.parent.mkdir(parents=True, exist_ok=True)
                run(["ovsdb-tool", "create", str(new), str(schema)])
                new.replace(path)
    text = json.dumps({region: remote(home, region) for region in spec.region_names}, indent=2)
    write_atomic(home.ovn, text + "\n")


def backup(home: Home, region: str, saved: Path) -> None:
    """Write the northbound database into a file; the southbound one follows from it."""
    write_atomic(saved, run(["ovsdb-client", "backup", remote(home, region), NORTHBOUND]))


def restore(home: Home, region: str, saved: Path) -> None:
    """Put a backup back and wait until ovn-northd has carried it into the southbound database."""
    where = remote(home, region)
    with saved.open("rb") as file:  # ovsdb-client wants to seek: no pipe
        run(["ovsdb-client", "restore", where, NORTHBOUND], stdin=file)
    run(["ovn-nbctl", f"--db={where}", "--timeout=60", "--wait=sb", "sync"])


def write_host_identity(path: Path, host: str) -> None:
    """Nova's ``compute_id``: the same name gives the same node for ever, as a reinstalled host would keep it."""
    if not path.exists():
        write_atomic(path, f"{uuid.uuid5(uuid.NAMESPACE_DNS, host)}\n")
