"""What tests on real parts share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import policies.cloud
from stacks.tools import Tools
from zhengyun.places import Places
from zhengyun.toolchain.tools import Tools as Built


@pytest.fixture(scope="session")
def tools() -> Tools:
    """Pulumi and its plugins: the tool chain's, or the folder that ZY_TEST_PULUMI names; with our policies."""
    pack = Path(policies.cloud.__file__).parent
    named = os.environ.get("ZY_TEST_PULUMI")
    if named:
        return Tools((Path(named),), Path(sys.executable), pack)
    built = Built.locate(Places.here().cache)
    return Tools((built.pulumi, built.provider), Path(sys.executable), pack)
