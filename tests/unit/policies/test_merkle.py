"""Merkle trees: known answers of Certificate Transparency, and proofs that hold for what is there alone."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.merkle import EMPTY, Tree, consistent, included

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Leaves and roots of the reference tests of Certificate Transparency (merkle_tree_test)."""


def test_roots_are_those_of_certificate_transparency() -> None:
    assert Tree().root() == EMPTY == sha256(b"").digest()
    tree = Tree(ENTRIES)
    assert tuple(tree.root(size).hex() for size in range(1, 9)) == ROOTS


def test_one_by_one_is_as_all_at_once() -> None:
    tree = Tree()
    for entry in ENTRIES:
        tree.extend([entry])
    assert tree.root().hex() == ROOTS[-1]


@settings(deadline=None)  # the machine may be busy
@given(st.integers(1, 70), st.data())
def test_what_is_there_is_proven(size: int, data: st.DataObject) -> None:
    entries = [str(number).encode() for number in range(size)]
    tree = Tree(entries)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(index, size)
    assert included(entries[index], index, size, proof, tree.root())
    assert not included(b"other", index, size, proof, tree.root())
    assert not included(entries[index], index, size, proof, Tree([*entries, b"more"]).root())
    if size > 1:
        assert not included(entries[index], (index + 1) % size, size, proof, tree.root())
        assert not included(entries[index], index, size, proof[:-1], tree.root())
        assert not included(entries[index], index, size, [*proof, proof[0]], tree.root())


@settings(deadline=None)  # the machine may be busy
@given(st.integers(1, 70), st.data())
def test_growth_is_proven_and_rewriting_is_not(size: int, data: st.DataObject) -> None:
    entries = [str(number).encode() for number in range(size)]
    tree = Tree(entries)
    old = data.draw(st.integers(1, size))
    proof = tree.consistency(old, size)
    assert consistent(old, tree.root(old), size, tree.root(), proof)
    changed = data.draw(st.integers(0, old - 1))
    forged = Tree([*entries[:changed], b"forged", *entries[changed + 1 :]])
    assert not consistent(old, tree.root(old), size, forged.root(), forged.consistency(old, size))
    assert not consistent(old, tree.root(old), size, forged.root(), proof)
    if old > 1:
        assert not consistent(old, tree.root(old), old - 1, tree.root(old - 1), [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3), (0, 9)])
def test_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="entry"):
        Tree(ENTRIES).inclusion(index, size)
