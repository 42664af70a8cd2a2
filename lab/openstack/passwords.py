"""The lab's passwords: random, made once for each lab, kept in its state, readable by us only."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.openstack.place import Home, write_atomic


@dataclass(frozen=True, slots=True)
class Passwords:
    """``admin`` is the cloud's administrator, ``service`` all OpenStack services, ``rabbit`` the message bus.

    ``rndc`` controls the name server; ``secrets_key`` encrypts Barbican's secrets: base64 of 32 random bytes each,
    in the alphabets that BIND and Fernet want.
    """

    admin: str
    service: str
    rabbit: str
    rndc: str
    secrets_key: str


def obtain(home: Home) -> Passwords:
    """Read the passwords of this lab; make those that are missing, as in a lab of an older version."""
    known: dict[str, str] = {}
    if home.passwords.exists():
        known = json.loads(home.passwords.read_text(encoding="utf-8"))
    words = {name: secrets.token_urlsafe(18) for name in ("admin", "service", "rabbit")}
    passwords = Passwords(
        **{**words, "rndc": _key(base64.b64encode), "secrets_key": _key(base64.urlsafe_b64encode), **known}
    )
    if asdict(passwords) != known:
        write_atomic(home.passwords, json.dumps(asdict(passwords)) + "\n")
    return passwords


def _key(encode: Callable[[bytes], bytes]) -> str:
    return encode(secrets.token_bytes(32)).decode("ascii")


def make_fernet_keys(keystone_data: Path) -> None:
    """Keystone's key repositories: files ``0`` (staged) and ``1`` (primary), 32 random bytes each.

    As `keystone-manage fernet_setup` makes them (its documentation names the format), without its three seconds.
    """
    for repository in ("fernet-keys", "credential-keys"):
        for name in ("0", "1"):
            key = keystone_data / repository / name
            if not key.exists():
                write_atomic(key, _key(base64.urlsafe_b64encode))
        (keystone_data / repository).chmod(0o700)
