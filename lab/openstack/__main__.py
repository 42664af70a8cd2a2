"""The lab's cloud by hand: python -m lab.openstack build|up|down|wipe|status|reset|shell --home DIR --part DIR."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from lab.openstack import cloud
from lab.openstack.install import build
from lab.openstack.service import Progress
from lab.openstack.spec import Spec
from province.errors import ZyError


def main() -> int:
    """0 done, 1 failed or not well."""
    parser = argparse.ArgumentParser(prog="python -m lab.openstack", description=__doc__)
    parser.add_argument("verb", choices=["build", "up", "down", "wipe", "status", "reset", "shell"])
    parser.add_argument("--home", type=Path, help="the lab's state")
    parser.add_argument("--part", type=Path, help="the built part; default: what this lab was last brought up from")
    parser.add_argument("--port-shift", type=int, default=0, help="added to every port")
    parser.add_argument("--region", default="gd", help="for shell")
    parser.add_argument("--uv", type=Path, help="for build: the uv to install with")
    arguments = parser.parse_args()
    needed = "part" if arguments.verb == "build" else "home"
    if getattr(arguments, needed) is None:
        parser.error(f"--{needed} is needed")
    begun = time.monotonic()

    def progress(text: str) -> None:
        print(f"{time.monotonic() - begun:6.1f}s {text}", file=sys.stderr, flush=True)

    try:
        if arguments.verb == "build":
            build(arguments.part.absolute(), progress, uv=arguments.uv)
            return 0
        home = arguments.home.absolute()
        if arguments.part is None:
            spec = cloud.recall(home)
        else:
            spec = Spec(home, arguments.part.absolute(), port_shift=arguments.port_shift)
        return _run(arguments.verb, spec, arguments, progress)
    except ZyError as error:
        print(f"{error}\n{error.fix}", file=sys.stderr)
        return 1
    finally:
        progress(f"{arguments.verb} ended")


def _run(verb: str, spec: Spec, arguments: argparse.Namespace, progress: Progress) -> int:
    if verb == "status":
        problems = cloud.status(spec)
        print("\n".join(map(str, problems)) or "all is well")
        return 1 if problems else 0
    if verb == "shell":
        shell = os.environ.get("SHELL", "/bin/sh")
        os.execvpe(shell, [shell], cloud.shell(spec, arguments.region))
    if verb == "up":
        cloud.up(spec, progress)
    elif verb == "reset":
        print("\n".join(cloud.reset(spec)))
    elif verb == "down":
        cloud.down(spec)
    else:
        cloud.wipe(spec)
    return 0


if __name__ == "__main__":
    sys.exit(main())
