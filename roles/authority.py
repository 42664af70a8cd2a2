"""The certificate authority of the log transport: made on the controller the first time that it is asked for.

Its key never leaves its folder, which lies beside the state and outside of any repository; a host's key never leaves
the host, which sends a request to be signed (RFC 2986). Certificates follow RFC 5280 with the names of RFC 6125.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from province.errors import Place, ZyError

_OWN_YEARS, _HOST_DAYS = 10, 397  # of validity; a host asks anew in the last 30 days
_SKEW = timedelta(hours=1)  # a host's clock may be behind before its first synchronisation


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority in ``folder``. Several processes may ask at once."""

    folder: Path

    @property
    def certificate(self) -> str:
        """Its own certificate as PEM; made now if there is none. Raises ZY-HST-031 for a damaged folder."""
        return self._loaded()[1].public_bytes(Encoding.PEM).decode()

    def sign(self, request: str, name: str) -> str:
        """A certificate as PEM for the host that made this request, whatever name the request itself holds.

        Raises ZY-HST-032 for a request whose signature does not fit.
        """
        key, own = self._loaded()
        try:
            asked = x509.load_pem_x509_csr(request.encode())
        except ValueError as error:
            raise _refused(name, str(error)) from error
        if not asked.is_signature_valid:
            raise _refused(name, "its signature does not fit its key")
        now = datetime.now(UTC)
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        signed = (
            x509.CertificateBuilder(own.subject, _named(name), asked.public_key(), x509.random_serial_number())
            .not_valid_before(now - _SKEW)
            .not_valid_after(now + timedelta(days=_HOST_DAYS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
            .sign(key, hashes.SHA256())
        )
        return signed.public_bytes(Encoding.PEM).decode()

    @property
    def end(self) -> datetime | None:
        """When its own certificate ends; ``None`` where there is no authority yet. Raises ZY-HST-031."""
        path = self.folder / "authority.crt"
        if not path.exists():
            return None
        try:
            return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        except ValueError as error:
            raise _damaged(self.folder, str(error)) from error

    def _loaded(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key_path, own_path = self.folder / "authority.key", self.folder / "authority.crt"
        with self._locked():
            if not own_path.exists():
                self._make(key_path, own_path)
        try:
            key = load_pem_private_key(key_path.read_bytes(), None)
            own = x509.load_pem_x509_certificate(own_path.read_bytes())
        except (OSError, ValueError) as error:
            raise _damaged(self.folder, str(error)) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != own.public_key():
            raise _damaged(self.folder, "key and certificate do not belong together")
        return key, own

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make(self, key_path: Path, own_path: Path) -> None:
        """The certificate is written last: where it stands, everything does."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        name = _named("zhengyun log authority")
        own = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - _SKEW)
            .not_valid_after(now + timedelta(days=365 * _OWN_YEARS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        _put(key_path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _put(own_path, own.public_bytes(Encoding.PEM))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _put(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}")
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    partial.replace(path)


def _damaged(folder: Path, why: str) -> ZyError:
    return ZyError(
        "ZY-HST-031",
        f"the certificate authority of the log transport is damaged: {why}",
        place=Place(file=str(folder)),
        fix="put the folder back from its backup; or remove it: each host gets a new certificate at the next apply",
    )


def _refused(name: str, why: str) -> ZyError:
    return ZyError(
        "ZY-HST-032",
        f"the request for a certificate is not signed: {why}",
        place=Place(target=name),
        fix="remove /etc/zhengyun/tls/host.key on the host and apply again; it then makes a new key and request",
    )
