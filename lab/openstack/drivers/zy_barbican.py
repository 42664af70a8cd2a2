"""Barbican's API from the part, as its own entry point hard-codes ``/etc/barbican``.

Runs inside the OpenStack environment.
"""

from __future__ import annotations

import os

from paste.deploy import loadapp  # type: ignore[import-not-found]  # not installed here

application = loadapp(f"config:{os.environ['ZY_BARBICAN_PASTE']}")
