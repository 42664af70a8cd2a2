"""Checkpoints: the signed size and root of the log, in the text form of C2SP tlog-checkpoint with an ssh signature."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from pathlib import Path

from province.record import Record
from zhengyun.signature import sign, verified

NAMESPACE = "checkpoint@zhengyun"


class Checkpoint(Record):
    """What the log, or a witness, vouches for: these are the first ``size`` entries. ``root`` is in hexadecimal."""

    origin: str
    size: int
    root: str
    time: datetime
    signature: str = ""

    def body(self) -> bytes:
        """What is signed: origin, size and root as C2SP tlog-checkpoint writes them, and the time as an extension."""
        root = b64encode(bytes.fromhex(self.root)).decode()
        return f"{self.origin}\n{self.size}\n{root}\n{self.time.isoformat()}\n".encode()

    def signed(self, key: Path) -> Checkpoint:
        return self.model_copy(update={"signature": sign(key, NAMESPACE, self.body())})

    def signed_by(self, public: str) -> bool:
        return verified(public, NAMESPACE, self.body(), self.signature)
