"""Debian packages: what is asked for, and that no service starts while they are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.guest import image, kernel
from lab.openstack.install import DEBIAN_PACKAGES
from zhengyun.toolchain.debian import PACKAGES, services_denied

THEIRS = "#!/bin/sh\nexit 104\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return tmp_path / "policy-rc.d"


def test_all_that_the_lab_asks_for_is_installed() -> None:
    asked = {*DEBIAN_PACKAGES, *kernel._TOOLS.values(), *image._TOOLS.values()} - {"apt", "dpkg"}
    assert asked <= set(PACKAGES)


def test_services_are_denied_and_nothing_stays(policy: Path) -> None:
    with services_denied(policy):
        assert "exit 101" in policy.read_text()
        assert policy.stat().st_mode & 0o111 == 0o111
    assert list(policy.parent.iterdir()) == []


def test_a_policy_that_was_there_comes_back(policy: Path) -> None:
    policy.write_text(THEIRS)
    policy.chmod(0o700)
    with services_denied(policy):
        assert "exit 101" in policy.read_text()
    assert policy.read_text() == THEIRS
    assert policy.stat().st_mode & 0o777 == 0o700
    assert list(policy.parent.iterdir()) == [policy]


def test_a_policy_comes_back_after_a_failure(policy: Path) -> None:
    policy.write_text(THEIRS)
    with pytest.raises(RuntimeError), services_denied(policy):
        raise RuntimeError
    assert policy.read_text() == THEIRS


def test_a_policy_comes_back_after_an_earlier_run_was_killed(policy: Path) -> None:
    policy.write_text(THEIRS)
    killed = services_denied(policy)
    killed.__enter__()
    with services_denied(policy):
        pass
    assert policy.read_text() == THEIRS


def test_a_machine_that_denies_services_anyway_goes_on_doing_so(policy: Path) -> None:
    policy.write_text("#!/bin/sh\nexit 101\n")
    with services_denied(policy):
        pass
    assert policy.read_text() == "#!/bin/sh\nexit 101\n"
