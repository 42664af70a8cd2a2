"""What must hold of administrators: strong keys of one person each, free names, and each duty in somebody's hands."""

from __future__ import annotations

from collections.abc import Iterator

from province.administrator import Duty
from province.flaw import Flaw
from province.province import Province
from province.public_key import BadKeyError, check_key, without_comment

_SYSTEM_NAMES = """
root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody
adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src shadow utmp video
sasl plugdev staff users nogroup messagebus sshd syslog tss uuidd crontab clamav input kvm render
postgres mysql nova libvirt-qemu polkitd debian ubuntu
shutdown halt ftp wheel lock dbus chrony openeuler kylin
zyops zy sysadmin auditadmin secadmin
"""
"""Accounts and groups of Debian and Ubuntu (base-passwd) and of the packages that hosts hold, those of openEuler and
Kylin (setup), automation's, and the role's own placeholders for people."""


def administrator_flaws(province: Province) -> Iterator[Flaw]:
    """In the order of the checks below."""
    for check in (_keys, _names, _duties):
        yield from check(province)


def _keys(province: Province) -> Iterator[Flaw]:
    first: dict[str, str] = {}
    for code, person in sorted(province.administrators.items()):
        for number, line in enumerate(person.keys):
            path = ("administrators", code, "keys", number)
            try:
                check_key(line)
            except BadKeyError as error:
                fix = "put a public key there: `ssh-keygen -t ed25519` makes one, in the file ending in .pub"
                yield Flaw("ZY-INV-065", f"key {number + 1} of {code} is not taken: {error}", path, fix)
                continue
            holder = first.setdefault(without_comment(line), f"{code} {number}")
            if holder != f"{code} {number}":
                yield _same_key(province, code, holder.split()[0], path)


def _same_key(province: Province, code: str, other: str, path: tuple[str | int, ...]) -> Flaw:
    one, two = province.administrators[code].duty, province.administrators[other].duty
    fix = "give each person a key of their own"
    if one is not two:
        what = f"one person would hold two duties: {other} ({two}) and {code} ({one}) have the same key"
        return Flaw("ZY-INV-067", what, path, f"{fix}; nobody holds two duties (三员分立)")
    return Flaw("ZY-INV-066", f"the key stands twice: {other} has it, too", path, fix)


def _names(province: Province) -> Iterator[Flaw]:
    for code in sorted(set(province.administrators) & set(_SYSTEM_NAMES.split())):
        what = f"{code} is the name of an account or group of the system or of automation"
        yield Flaw("ZY-INV-068", what, ("administrators", code), "name the account after the person")


def _duties(province: Province) -> Iterator[Flaw]:
    """Of each host; whose time has ended is no matter here, since that changes with the day (see the plan)."""
    people = province.administrators.values()
    for host in province.hosts.values() if people else ():
        held = {person.duty for person in people if person.is_of(host)}
        missing = [duty for duty in Duty if duty not in held]
        if missing:
            words = ", ".join(f"{duty} ({duty.chinese})" for duty in missing)
            fix = "list a person with that duty, or widen somebody's `regions` and `roles`"
            yield Flaw("ZY-INV-069", f"nobody has the duty {words} on {host.code}", ("administrators",), fix)
