"""A public ssh key, read and judged by its strength. Pure."""

from __future__ import annotations

import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

_FORM = re.compile(r"(?P<key>[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2})( [^\x00-\x1f\x7f]*)?")
"""One line without options: what stands before the type could grant more than a login (sshd(8), AUTHORIZED_KEYS)."""
_RSA_BITS = 3072
"""As strong as 128 bits (NIST SP 800-57 part 1, table 2)."""


class BadKeyError(ValueError):
    """The text is no public key of ssh, or a weak one; the message says which."""


def without_comment(line: str) -> str:
    """Type and key of one line; two lines with the same are the same key. Raises :class:`BadKeyError`."""
    found = _FORM.fullmatch(line)
    if found is None:
        raise BadKeyError("it is not one line of type, key and comment")
    return found["key"]


def check_key(line: str) -> None:
    """Raises :class:`BadKeyError` unless it is Ed25519, ECDSA of 256 bits or RSA of 3072 bits at least, or sk-… ."""
    plain = without_comment(line)
    try:
        key = load_ssh_public_key(plain.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKeyError(f"it cannot be read: {error}") from error
    if isinstance(key, RSAPublicKey):
        if key.key_size < _RSA_BITS:
            raise BadKeyError(f"RSA of {key.key_size} bits is weak; {_RSA_BITS} are the least")
    elif not isinstance(key, Ed25519PublicKey | EllipticCurvePublicKey):
        raise BadKeyError(f"{plain.split()[0]} is weak or unknown; ed25519, ecdsa, rsa and sk-… are taken")
