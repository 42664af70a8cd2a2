"""The clean state of the lab, kept beside the live one, and the way back to it while all services run.

Kept are a checksum of each table and, in the database ``clean``, the rows of those that are not empty; a reset puts
back only the tables whose checksum differs. The northbound databases are kept as backups, images as hard links; the
name server is rid of the zones that it was given since.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
from pathlib import Path

from lab.openstack import dns, ovn
from lab.openstack.command import run
from lab.openstack.database import sql
from lab.openstack.place import Home, write_atomic
from lab.openstack.spec import Spec
from province.errors import ZyError

_ALIVE = (
    r"nova_[^_]+\.(services|task_log)",
    r"neutron_[^_]+\.(ovn_hash_ring|agents)",
    r"cinder\.(services|workers)",
    r"designate\.service_statuses",
)
_EMPTY = "0"  # MariaDB's checksum of a table without rows


def mark(home: Home) -> Path:
    """Exists when a complete clean state has been saved."""
    return home.data / "clean" / "complete"


def save(spec: Spec) -> None:
    """Keep the present state as the clean one."""
    home = Home(spec.home)
    mark(home).unlink(missing_ok=True)
    mark(home).parent.mkdir(parents=True, exist_ok=True)
    sums = _checksums(spec)
    statements = ["set foreign_key_checks=0;", "create or replace database clean;"]
    for table in sorted(table for table, checksum in sums.items() if checksum != _EMPTY):
        statements.append(f"create table {_twin(table)} select * from {_name(table)};")
    sql(home, "\n".join(statements))
    for region in spec.region_names:
        ovn.backup(home, region, mark(home).parent / f"{region}.nb")
    _link(_images(home), mark(home).parent / "images")
    write_atomic(mark(home), json.dumps(sums))


def reset(spec: Spec) -> list[str]:
    """Go back to the clean state; the tables that had changed. Raises ZY-LAB-125 without a clean state."""
    home = Home(spec.home)
    if not mark(home).exists():
        raise ZyError(
            "ZY-LAB-125",
            "the lab has no clean state to go back to",
            fix="`zy lab up` saves one as soon as the cloud is up for the first time",
        )
    clean: dict[str, str] = json.loads(mark(home).read_text(encoding="utf-8"))
    left = dns.zones(home)
    changed = sorted(table for table, checksum in _checksums(spec).items() if clean.get(table) != checksum)
    statements = ["set foreign_key_checks=0;", "start transaction;"]
    for table in changed:
        statements.append(f"delete from {_name(table)};")
        if clean.get(table, _EMPTY) != _EMPTY:
            statements.append(f"insert into {_name(table)} select * from {_twin(table)};")
    sql(home, "\n".join([*statements, "commit;"]))
    dns.forget(spec, left - dns.zones(home))
    for region in spec.region_names:
        ovn.restore(home, region, mark(home).parent / f"{region}.nb")
    _link(mark(home).parent / "images", _images(home))
    _forget_cached(spec.ports.memcached)
    return changed


def _name(table: str) -> str:
    """``database.table`` as SQL writes it."""
    database, _, name = table.partition(".")
    return f"{database}.`{name}`"


def _twin(table: str) -> str:
    return f"clean.`{table}`"


def _checksums(spec: Spec) -> dict[str, str]:
    """The checksum of each table that is kept, by ``database.table``."""
    names = ", ".join(f"'{name}'" for name in spec.databases)
    rows = sql(
        Home(spec.home),
        "select table_schema, table_name from information_schema.tables"
        f" where table_type = 'BASE TABLE' and table_schema in ({names})",
    )
    tables = [f"{database}.{name}" for database, name in rows if not tells_life(database, name)]
    sums = sql(Home(spec.home), f"checksum table {', '.join(map(_name, tables))}")
    return {table: checksum for table, checksum in sums}


def tells_life(database: str, table: str) -> bool:
    """Whether this table's rows tell that services run. Putting old ones back would declare them dead."""
    return any(re.fullmatch(pattern, f"{database}.{table}") for pattern in _ALIVE)


def _images(home: Home) -> Path:
    return home.data / "glance" / "images"


def _link(source: Path, target: Path) -> None:
    """Make the target hold exactly the source's files, as hard links: Glance never writes into a finished file."""
    source.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    run(["cp", "-al", str(source), str(target)])


def _forget_cached(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as memcached:
        memcached.sendall(b"flush_all\r\nquit\r\n")
        memcached.recv(64)
