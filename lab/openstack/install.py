"""Build the OpenStack part: a Python environment, and a seed of all databases, once per machine.

The part is renamed into its final place after the build, so nothing in it knows where it lies: scripts are run through
``venv/bin/python``, Nova's cell mappings are templates, ports and passwords come at `up`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from lab.openstack import database, identities, settings
from lab.openstack.passwords import make_fernet_keys
from lab.openstack.passwords import obtain as obtain_passwords
from lab.openstack.place import Home, Part
from lab.openstack.service import bring_up
from lab.openstack.services import infrastructure, keystone
from lab.openstack.spec import Spec, region_databases
from lab.process import stop_all
from province.errors import Place, ZyError

CONSTRAINTS = Path(__file__).parent / "constraints.txt"
# Debian packages of the lab, each with a program by which its presence is known
PROGRAMS = {
    "mariadb-server": "/usr/sbin/mariadbd",
    "rabbitmq-server": "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "memcached": "/usr/bin/memcached",
    "ovn-central": "/usr/bin/ovn-northd",
    "openvswitch-switch": "/usr/sbin/ovsdb-server",
    "qemu-utils": "/usr/bin/qemu-img",
    "bind9": "/usr/sbin/named",
    "bind9-utils": "/usr/sbin/rndc",
}
DEBIAN_PACKAGES = ("ovn-host", *PROGRAMS)
_BUILD_SHIFT = 400  # ports beside those of a lab that may be running
_CELL_DATABASE = "{scheme}://{username}@{hostname}/{path}?{query}"
_CELL0_DATABASE = "{scheme}://{username}@{hostname}/{path}_cell0?{query}"
_CELL_TRANSPORT = "{scheme}://{username}:{password}@{hostname}:{port}/{path}"

Log = Callable[[str], None]


def build(out: Path, log: Log, *, uv: Path | None = None) -> None:
    """Build the part into ``out``. ``uv`` makes it faster; without it, and without uv on PATH, pip does.

    Raises ZY-LAB-110 when a command fails, ZY-LAB-127 when a Debian package is missing.
    """
    _check_packages()
    part = Part(out)
    out.mkdir(parents=True, exist_ok=True)
    log("installing OpenStack from PyPI")
    _install(part, uv)
    log("making the databases")
    with tempfile.TemporaryDirectory(prefix="zy-") as home:
        _make_seed(Spec(home=Path(home), part=out, port_shift=_BUILD_SHIFT), log)
    part.identity.write_text(secrets.token_hex(16) + "\n", encoding="ascii")
    log("the OpenStack part is built")


def _check_packages() -> None:
    missing = [package for package, program in PROGRAMS.items() if not Path(program).exists()]
    if missing:
        raise ZyError(
            "ZY-LAB-127",
            f"Debian packages are missing: {', '.join(missing)}",
            fix=f"install them: `apt-get install --no-install-recommends {' '.join(missing)}`",
        )


def run(argv: Sequence[str], env: Mapping[str, str] | None = None, *, stdin: str | None = None) -> str:
    """Run a command of the build to its end; its output. Raises ZY-LAB-110 with the end of what it said."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        argv,
        check=False,
        env={**clean, **(env or {})},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        end = "\n".join(done.stdout.splitlines()[-20:])
        raise ZyError(
            "ZY-LAB-110",
            f"building OpenStack failed: {' '.join(argv)[:200]} ended with {done.returncode}:\n{end}",
            place=Place(target=Path(argv[0]).name),
            fix="mend what the output says and build again",
        )
    return done.stdout


def _install(part: Part, uv: Path | None) -> None:
    found = str(uv) if uv is not None else shutil.which("uv")
    venv = part.path / "venv"
    if found is None:
        run(["/usr/bin/python3", "-m", "venv", str(venv)])
        run([str(part.python), "-m", "pip", "install", "--quiet", "-r", str(CONSTRAINTS)])
        return
    run([found, "venv", "--quiet", "--relocatable", "--allow-existing", "--python", "/usr/bin/python3", str(venv)])
    install = [found, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(part.python)]
    run([*install, "-r", str(CONSTRAINTS)])


def _make_seed(spec: Spec, log: Log) -> None:
    home, part = Home(spec.home), Part(spec.part)
    home.prepare()
    passwords = obtain_passwords(home)
    settings.write(spec, passwords)
    make_fernet_keys(home.data / "keystone")
    make = ["mariadb-install-db", f"--defaults-file={home.etc / 'my.cnf'}", "--user=root"]
    run([*make, "--auth-root-authentication-method=socket", "--skip-test-db"])
    with _identity_service(spec, log):
        database.sql(home, "".join(f"create database {name};" for name in spec.databases))
        _migrate(spec, log)
    with _identity_service(spec, log, with_keystone=True):
        try:
            identities.create(spec, passwords)
        except OSError as refused:
            log_end = home.process("keystone").tail()
            raise ZyError(
                "ZY-LAB-110",
                f"building OpenStack failed: Keystone refused ({refused}). Its log ends:\n{log_end}",
                place=Place(target="keystone"),
                fix="mend what the log says and build again",
            ) from refused
    shutil.rmtree(part.seed, ignore_errors=True)
    shutil.copytree(home.mysql, part.seed)


@contextmanager
def _identity_service(spec: Spec, log: Log, *, with_keystone: bool = False) -> Iterator[None]:
    wanted = [s for s in infrastructure(spec) if s.name in ("mariadb", "memcached")]
    wanted += [keystone(spec)] if with_keystone else []
    try:
        bring_up(wanted, log)
        yield
    finally:
        stop_all([service.process for service in wanted if not service.stateful])
        stop_all([service.process for service in wanted], grace=120)


def _migrate(spec: Spec, log: Log) -> None:
    """Run every service's own migrations for the first region, two at a time; copy the others from it."""
    home, part = Home(spec.home), Part(spec.part)
    first, *others = spec.region_names
    etc, own = home.etc, home.region_etc(first)
    bootstrap_env = {
        f"OS_BOOTSTRAP_{key}": value
        for key, value in {
            "PASSWORD": obtain_passwords(home).admin,
            "PUBLIC_URL": spec.keystone_url,
            "INTERNAL_URL": spec.keystone_url,
            "ADMIN_URL": spec.keystone_url,
            "REGION_ID": first,
        }.items()
    }

    def manage(program: str, config: Path, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        log(f"{program} {' '.join(arguments[-2:])}"[:80])
        run([*part.script(program), "--config-file", str(config), *arguments], env)

    def identity() -> None:
        manage("keystone-manage", etc / "keystone.conf", "db_sync")
        manage("keystone-manage", etc / "keystone.conf", "bootstrap", env=bootstrap_env)

    def compute() -> None:
        config = own / "nova.conf"
        manage("nova-manage", config, "api_db", "sync")
        manage("nova-manage", config, "cell_v2", "map_cell0", "--database_connection", _CELL0_DATABASE)
        manage("nova-manage", config, "db", "sync")
        cell = ("--name", "cell1", "--database_connection", _CELL_DATABASE, "--transport-url", _CELL_TRANSPORT)
        manage("nova-manage", config, "cell_v2", "create_cell", *cell)

    def network() -> None:
        ml2 = ("--config-file", str(own / "ml2_conf.ini"))
        manage("neutron-db-manage", own / "neutron.conf", *ml2, "upgrade", "heads")

    works: list[Callable[[], None]] = [
        compute,
        network,
        identity,
        lambda: manage("cinder-manage", etc / "cinder.conf", "db", "sync"),
        lambda: manage("glance-manage", etc / "glance-api.conf", "db_sync"),
        lambda: manage("designate-manage", etc / "designate" / "designate.conf", "database", "sync"),
        # its migrations look for barbican.conf in the home, or in /etc
        lambda: manage("barbican-manage", etc / "barbican.conf", "db", "upgrade", env={"HOME": str(etc)}),
        lambda: manage("octavia-db-manage", own / "octavia.conf", "upgrade", "head"),
        lambda: manage("placement-manage", own / "placement.conf", "db", "sync"),
    ]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for work in [pool.submit(work) for work in works]:
            work.result()
    for region in others:
        for source, target in zip(region_databases(first), region_databases(region), strict=True):
            _copy_database(home, source, target)


def _copy_database(home: Home, source: str, target: str) -> None:
    dump = run(["mariadb-dump", *database.client(home)[1:-1], source])
    database.sql(home, f"use {target};\n{dump}")
