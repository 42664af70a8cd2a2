"""Merkle tree hashes and proofs of RFC 9162 (Certificate Transparency 2.0), section 2.1, with SHA-256. Pure.

The numbering of nodes and the proofs are those of the RFC, so that any other implementation can check ours. Hashes are
kept by level, so that a root or a proof costs O(log n) once the tree is built, and appending costs O(1) on average.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
"""Root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of an entry; the prefix keeps leaves and nodes apart."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """An append-only tree. ``_levels[k][i]`` is the hash over the leaves from ``i·2^k`` to ``(i+1)·2^k − 1``."""

    def __init__(self, entries: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self.extend(entries)

    def __len__(self) -> int:
        return len(self._levels[0])

    def extend(self, entries: Iterable[bytes]) -> None:
        """Append entries, by their data."""
        self._levels[0].extend(leaf_hash(entry) for entry in entries)
        level = 0
        while len(self._levels[level]) > 1:
            below = self._levels[level]
            if level + 1 == len(self._levels):
                self._levels.append([])
            above = self._levels[level + 1]
            above.extend(node_hash(below[2 * i], below[2 * i + 1]) for i in range(len(above), len(below) // 2))
            level += 1

    def leaf(self, index: int) -> bytes:
        return self._levels[0][index]

    def root(self, size: int | None = None) -> bytes:
        """Root of the first ``size`` entries; of all without it."""
        count = len(self) if size is None else size
        if not 0 <= count <= len(self):
            raise ValueError(f"the tree has {len(self)} entries, not {count}")
        return self._hash(0, count) if count else EMPTY

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Proof that the entry ``index`` is among the first ``size`` (RFC 9162, 2.1.3.1)."""
        if not 0 <= index < size <= len(self):
            raise ValueError(f"no entry {index} in {size} of {len(self)}")
        return self._path(index, 0, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Proof that the first ``old`` entries are the beginning of the first ``new`` (RFC 9162, 2.1.4.1)."""
        if not 0 < old <= new <= len(self):
            raise ValueError(f"no proof from {old} to {new} of {len(self)}")
        return self._subproof(old, 0, new, whole=True)

    def _hash(self, start: int, end: int) -> bytes:
        """Hash of the subtree over leaves ``start`` to ``end − 1``, as the RFC divides them."""
        width = end - start
        if width & (width - 1) == 0 and start % width == 0:
            return self._levels[width.bit_length() - 1][start // width]
        middle = start + _split(width)
        return node_hash(self._hash(start, middle), self._hash(middle, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._hash(middle, end)]
        return [*self._path(index, middle, end), self._hash(start, middle)]

    def _subproof(self, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end - start:
            return [] if whole else [self._hash(start, end)]
        width = _split(end - start)
        middle = start + width
        if old <= width:
            return [*self._subproof(old, start, middle, whole=whole), self._hash(middle, end)]
        return [*self._subproof(old - width, middle, end, whole=False), self._hash(start, middle)]


def included(entry: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` shows the entry in the tree with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, hash_ = index, size - 1, leaf_hash(entry)
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            hash_ = node_hash(sibling, hash_)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and hash_ == root


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the older tree is the beginning of the newer (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first, second = path[0], path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _split(width: int) -> int:
    """The largest power of two below ``width``."""
    return 1 << (width - 1).bit_length() - 1
