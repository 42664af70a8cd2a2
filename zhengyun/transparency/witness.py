"""A witness: another party, with a key and a memory of its own, that co-signs what only ever grew.

    witness/{key, key.pub, log.pub, seen.json}

The log's own key protects nothing from whoever holds it. A witness remembers the last root that it co-signed and wants
a proof that the new one contains it, so a log that was rewritten or cut back is refused, even when it is signed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from policies.merkle import Tree, consistent
from province.errors import Place, ZyError
from zhengyun.signature import make_key, public_key
from zhengyun.transparency.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Witness:
    """One witness. It needs of the log its public key, a checkpoint and a proof; never its entries."""

    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "key"

    def public(self) -> str:
        return public_key(self.folder / "key.pub")

    def seen(self) -> Checkpoint | None:
        """What it co-signed last, with its own signature."""
        path = self.folder / "seen.json"
        return Checkpoint.model_validate_json(path.read_bytes()) if path.exists() else None

    def cosign(self, checkpoint: Checkpoint, log_key: str, proof: Sequence[bytes]) -> Checkpoint:
        """Verify and co-sign; the log's key is remembered from the first time. Raises ``ZY-POL-041`` to refuse."""
        self._meet(log_key)
        if not checkpoint.signed_by(log_key):
            raise refused("the checkpoint is not signed by the log's key", self.folder)
        seen = self.seen()
        if seen is not None and not _follows(seen, checkpoint, proof):
            raise refused(
                f"the log does not continue what was co-signed: {seen.size} entries at {seen.time:%Y-%m-%d %H:%M} UTC",
                self.folder,
            )
        signed = checkpoint.signed(self.key)
        partial = self.folder / "seen.partial"
        partial.write_text(signed.model_dump_json(), encoding="utf-8")
        partial.replace(self.folder / "seen.json")
        return signed

    def _meet(self, log_key: str) -> None:
        if not self.key.exists():
            make_key(self.key, "witness")
        remembered = self.folder / "log.pub"
        if not remembered.exists():
            remembered.write_text(f"{log_key}\n", encoding="utf-8")
        if public_key(remembered) != log_key:
            raise refused("the log has another key than before", remembered)


def proof_for(witness: Witness, tree: Tree, size: int) -> list[bytes]:
    """What a witness needs from the log to go on to ``size``; empty for its first time, or when there is none."""
    seen = witness.seen()
    return tree.consistency(seen.size, size) if seen is not None and 0 < seen.size <= size else []


def refused(why: str, place: Path) -> ZyError:
    """The error for a log that a witness does not vouch for."""
    return ZyError(
        "ZY-POL-041",
        f"the witness refuses: {why}",
        place=Place(file=str(place)),
        fix="compare the log with its backup; only its operator can have rewritten it",
    )


def _follows(seen: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bool:
    return consistent(seen.size, bytes.fromhex(seen.root), new.size, bytes.fromhex(new.root), proof)
