"""Signatures by OpenSSH (``ssh-keygen -Y``, PROTOCOL.sshsig): no cryptography of our own, and keys that people have.

A key may lie in a file, in an agent, or on a security token: whatever ``ssh-keygen -Y sign -f`` takes.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from province.errors import Place, ZyError

_WITHIN = 120  # s; a person may have to touch a token or type a passphrase


def make_key(path: Path, comment: str) -> None:
    """A new ed25519 key at ``path`` (mode 0600) and ``path.pub``, without a passphrase: machines sign with it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)], b"", Place(file=str(path)))


def public_key(path: Path) -> str:
    """Type and key of a ``.pub`` file, without its comment. Raises ``ZY-POL-043`` when it cannot be read."""
    try:
        words = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise _failed(str(error), Place(file=str(path))) from error
    return " ".join(words[:2])


def sign(key: Path, namespace: str, data: bytes) -> str:
    """The armored signature. Raises ``ZY-POL-043`` when the key cannot sign."""
    return _run(
        ["ssh-keygen", "-Y", "sign", "-q", "-f", str(key), "-n", namespace], data, Place(file=str(key))
    ).decode()


def verified(public: str, namespace: str, data: bytes, signature: str) -> bool:
    """Whether the holder of ``public`` signed exactly ``data`` for ``namespace``."""
    with TemporaryDirectory(prefix="zy-signature-") as folder:
        allowed, armored = Path(folder, "allowed"), Path(folder, "signature")
        allowed.write_text(f"signer {public}\n", encoding="utf-8")
        armored.write_text(signature, encoding="utf-8")
        command = ["ssh-keygen", "-Y", "verify", "-q", "-f", str(allowed), "-I", "signer", "-n", namespace]
        done = subprocess.run([*command, "-s", str(armored)], input=data, capture_output=True, check=False)
    return done.returncode == 0


def _run(command: list[str], data: bytes, place: Place) -> bytes:
    try:
        done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=_WITHIN)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(str(error), place) from error
    if done.returncode != 0:
        raise _failed(done.stderr.decode(errors="replace").strip() or f"ended with {done.returncode}", place)
    return done.stdout


def _failed(why: str, place: Place) -> ZyError:
    return ZyError(
        "ZY-POL-043",
        f"ssh-keygen cannot sign or make a key: {why}",
        place=place,
        fix="see that the key is there and yours",
    )
