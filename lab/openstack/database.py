"""The MariaDB of the lab: restored from the part's seed, made this lab's own, asked through its client."""

from __future__ import annotations

import hashlib
import shutil

from lab.openstack.command import run
from lab.openstack.passwords import Passwords
from lab.openstack.place import Home, Part, write_atomic
from lab.openstack.spec import SERVICE_USERS, Spec, catalogue

_HASH = "import bcrypt, sys; print(bcrypt.hashpw(sys.stdin.buffer.read(), bcrypt.gensalt(4)).decode())"


def client(home: Home) -> tuple[str, ...]:
    """The command line client. Root is known by the socket (unix_socket authentication): no password."""
    return ("/usr/bin/mariadb", "--no-defaults", "-uroot", "-S", str(home.mysql_socket), "-BN")


def sql(home: Home, statements: str) -> list[list[str]]:
    """Run statements; the rows of all results, one list of columns for each. Raises ZY-LAB-130."""
    return [line.split("\t") for line in run(client(home), text=statements).splitlines()]


def quoted(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def restore_seed(home: Home, part: Part) -> None:
    """Copy the seed when the lab has no database yet. Atomic: a killed copy is thrown away by the next."""
    if home.mysql.exists():
        return
    new = home.data / "mysql.new"
    shutil.rmtree(new, ignore_errors=True)
    run(["cp", "-a", "--reflink=auto", str(part.seed), str(new)])
    new.rename(home.mysql)


def personalise(spec: Spec, passwords: Passwords, more: str) -> None:
    """Give the seed's users this lab's passwords and its catalogue this lab's ports; once for each lab.

    ``more``: statements that do the same for one service.
    """
    home = Home(spec.home)
    urls = {region: catalogue(spec, region) for region in spec.regions}
    wanted = hashlib.sha256(repr((passwords, urls, more)).encode()).hexdigest()
    mark = home.data / "personal"
    if mark.exists() and mark.read_text(encoding="ascii") == wanted:
        return
    statements = ["start transaction;"]
    for users, password in ((("admin",), passwords.admin), (SERVICE_USERS, passwords.service)):
        names = ", ".join(quoted(user) for user in users)
        statements.append(
            "update keystone.password p join keystone.local_user u on p.local_user_id = u.id"
            f" set p.password_hash = {quoted(_bcrypt(Part(spec.part), password))} where u.name in ({names});"
        )
    for region, endpoints in urls.items():
        for endpoint in endpoints:
            statements.append(
                "update keystone.endpoint e join keystone.service s on e.service_id = s.id"
                f" set e.url = {quoted(endpoint.url)}"
                f" where s.type = {quoted(endpoint.kind)} and e.region_id = {quoted(region.name)};"
            )
    sql(home, "\n".join([*statements, more, "commit;"]))
    write_atomic(mark, wanted)


def _bcrypt(part: Part, password: str) -> str:
    """Hash as Keystone does, with its own library; four rounds, as in keystone.conf."""
    return run([str(part.python), "-c", _HASH], text=password).strip()
