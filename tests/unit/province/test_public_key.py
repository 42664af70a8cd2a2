"""Public ssh keys: which kinds are taken, and what makes two lines the same key."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from province.public_key import BadKeyError, check_key, without_comment

GOOD = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBSdnZqDbPgB8nR/Oz6Hfo3cvodnzltcDQz1+wN0e/tc"


def line(key: rsa.RSAPublicKey | dsa.DSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def on_hardware() -> str:
    """A key in the form of PROTOCOL.u2f, section "SSH U2F Key formats": type, public key, application."""
    public = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    parts = (b"sk-ssh-ed25519@openssh.com", public, b"ssh:")
    body = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"sk-ssh-ed25519@openssh.com {base64.b64encode(body).decode()}"


def test_strong_kinds_are_taken() -> None:
    check_key(f"{GOOD} 王磊 office")
    check_key(line(ec.generate_private_key(ec.SECP256R1()).public_key()))
    check_key(line(rsa.generate_private_key(65537, 3072).public_key()))
    check_key(on_hardware())


def test_weak_and_broken_keys_are_told_apart() -> None:
    broken = {
        line(rsa.generate_private_key(65537, 2048).public_key()): "RSA of 2048 bits is weak",
        GOOD[:-8]: "it cannot be read",
        "ssh-dss AAAAB3NzaC1kc3M=": "it cannot be read",
        f"{GOOD}\n{GOOD}": "not one line",
        f"{GOOD} office\nssh-rsa AAAA": "not one line",
        f'from="10.0.0.0/8" {GOOD}': "not one line",
        "-----BEGIN OPENSSH PRIVATE KEY-----": "not one line",
    }
    for text, why in broken.items():
        with pytest.raises(BadKeyError, match=why):
            check_key(text)


def test_comments_do_not_make_another_key() -> None:
    assert without_comment(f"{GOOD} office") == without_comment(GOOD) == GOOD
