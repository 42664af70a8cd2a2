"""Which tests may run side by side."""

from __future__ import annotations

import pytest

from tests.conftest import ByFile


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tests/lab/test_network.py::test_a", "tests/lab/test_network.py::test_b[x::y]", True),
        ("tests/lab/test_cloud.py::test_a", "tests/faults/test_cloud.py::test_b", True),
        ("tests/lab/test_cloud.py::test_a", "tests/lab/test_cloud_state.py::test_b", True),
        ("tests/lab/test_network.py::test_a", "tests/faults/test_network.py::test_b", False),
        ("tests/lab/test_cloud.py::test_a", "tests/lab/test_openstack.py::test_b", False),
    ],
)
def test_what_shares_something_follows_each_other(one: str, other: str, together: bool) -> None:
    by_file = ByFile.__new__(ByFile)  # of xdist's scheduler only the grouping is ours
    assert (by_file._split_scope(one) == by_file._split_scope(other)) is together
