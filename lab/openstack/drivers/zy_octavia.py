"""Octavia's two programs, with the sockets between them in the lab's own folder: one pair for each region.

octavia-lib names ``/var/run/octavia/*.sock`` as defaults that no setting changes; two regions, or two labs, would meet
there. As a module it is the API (``application``), as a program the driver agent.

Runs inside the OpenStack environment.
"""

from __future__ import annotations

import os
from pathlib import Path

from octavia_lib.api.drivers.driver_lib import DriverLibrary  # type: ignore[import-not-found]  # not installed here

_RUN = Path(os.environ["ZY_OCTAVIA_RUN"])
DriverLibrary.__init__.__defaults__ = tuple(str(_RUN / f"{name}.sock") for name in ("status", "stats", "get"))

if __name__ == "__main__":
    from octavia.cmd.driver_agent import main  # type: ignore[import-not-found]  # not installed here

    main()
else:
    from octavia.wsgi.api import application  # type: ignore[import-not-found]  # not installed here

    __all__ = ["application"]
