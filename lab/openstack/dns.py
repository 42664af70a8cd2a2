"""The lab's name server: which pool Designate writes into, and the zones that ``named`` serves.

BIND9 on loopback answers for the zones that Designate gives it through ``rndc``; nobody else's resolver is touched.
"""

from __future__ import annotations

from lab.openstack.command import run
from lab.openstack.database import quoted, sql
from lab.openstack.place import Home
from lab.openstack.spec import Spec
from province.errors import ZyError

_POOL = "794ccc2cd75144feb57f8894c9f5c842"  # designate.conf, [service:central] default_pool_id
_TARGET = "00000000000040008000000000000001"
NAME_SERVER = "ns1.lab.example."


def pool(spec: Spec) -> str:
    """SQL that makes Designate's default pool this lab's name server: what ``designate-manage pool update`` writes.

    That command wants Designate to run, and takes seconds of each first start (tables: designate 23,
    storage/sqlalchemy/tables.py).
    """
    ports, home = spec.ports, Home(spec.home)
    options = {
        "host": "127.0.0.1",
        "port": str(ports.named),
        "rndc_host": "127.0.0.1",
        "rndc_port": str(ports.rndc),
        "rndc_key_file": str(home.etc / "rndc.key"),
        "rndc_bin_path": "/usr/sbin/rndc",
        "clean_zonefile": "true",
    }
    rows = "".join(
        "insert into designate.pool_target_options (id, version, pool_target_id, `key`, value)"
        f" values (md5({quoted(key)}), 1, '{_TARGET}', {quoted(key)}, {quoted(value)});\n"
        for key, value in options.items()
    )
    return (
        f"delete from designate.pool_ns_records where pool_id = '{_POOL}';\n"
        f"delete from designate.pool_nameservers where pool_id = '{_POOL}';\n"
        f"delete from designate.pool_targets where pool_id = '{_POOL}';\n"
        "insert into designate.pool_ns_records (id, version, pool_id, priority, hostname)"
        f" values (md5('ns'), 1, '{_POOL}', 1, {quoted(NAME_SERVER)});\n"
        "insert into designate.pool_nameservers (id, version, pool_id, host, port)"
        f" values (md5('nameserver'), 1, '{_POOL}', '127.0.0.1', {ports.named});\n"
        "insert into designate.pool_targets (id, version, pool_id, type, description)"
        f" values ('{_TARGET}', 1, '{_POOL}', 'bind9', 'BIND9 of the lab');\n"
        "insert into designate.pool_target_masters (id, version, pool_target_id, host, port)"
        f" values (md5('master'), 1, '{_TARGET}', '127.0.0.1', {ports.designate_mdns});\n" + rows
    )


def zones(home: Home) -> set[str]:
    """Names of the zones that Designate knows, without their last dot."""
    rows = sql(home, "select name from designate.zones where deleted = '0'")
    return {name.rstrip(".") for (name,) in rows}


def forget(spec: Spec, names: set[str]) -> None:
    """Take zones from the name server. What it does not serve is passed over. Raises ZY-LAB-130."""
    home = Home(spec.home)
    rndc = ("/usr/sbin/rndc", "-s", "127.0.0.1", "-p", str(spec.ports.rndc), "-k", str(home.etc / "rndc.key"))
    for name in sorted(names):
        try:
            run([*rndc, "delzone", "-clean", name])
        except ZyError as refused:
            if "not found" not in refused.message:
                raise
