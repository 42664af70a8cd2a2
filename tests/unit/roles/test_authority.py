"""The authority of the log transport: its key stays, its signatures hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from province.errors import ZyError
from roles.authority import Authority


def request(name: str = "somebody else") -> str:
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(named).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM).decode()


def test_authority_is_made_once_and_its_key_is_nobody_elses(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    assert authority.certificate == authority.certificate
    assert (authority.folder / "authority.key").stat().st_mode & 0o777 == 0o600
    assert authority.folder.stat().st_mode & 0o777 == 0o700


def test_host_gets_its_own_name_whatever_it_asked_for(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    signed = x509.load_pem_x509_certificate(authority.sign(request(), "gd-app-1").encode())
    assert signed.subject.rfc4514_string() == "CN=gd-app-1"
    names = signed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["gd-app-1"]
    signed.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.certificate.encode()))


def test_request_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZyError, match="ZY-HST-032"):
        Authority(tmp_path).sign("no request", "gd-app-1")


@pytest.mark.parametrize("damage", ["no key", "key of another"])
def test_damaged_authority_is_told_and_never_replaced(tmp_path: Path, damage: str) -> None:
    authority, other = Authority(tmp_path / "one"), Authority(tmp_path / "other")
    own = authority.certificate
    assert other.certificate != own
    if damage == "no key":
        (authority.folder / "authority.key").unlink()
    else:
        (authority.folder / "authority.key").write_bytes((other.folder / "authority.key").read_bytes())
    with pytest.raises(ZyError, match="ZY-HST-031"):
        authority.sign(request(), "gd-app-1")
    assert (authority.folder / "authority.crt").read_text() == own


def test_its_end_is_told_without_making_one(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    assert authority.end is None
    assert not authority.folder.exists()
    own = x509.load_pem_x509_certificate(authority.certificate.encode())
    assert authority.end == own.not_valid_after_utc
    (authority.folder / "authority.crt").write_text("none", encoding="ascii")
    with pytest.raises(ZyError, match="ZY-HST-031"):
        _ = authority.end
