"""The lab's routers on their own, without ``zy``: the sample rack (``lab.routers.sample``).

python -m lab.routers up --home DIR --parts DIR        DIR/kernel and DIR/image, built by lab.guest and lab.routers
python -m lab.routers status|reset|down --home DIR
python -m lab.routers shell --home DIR NAME
python -m lab.routers cable down|up --home DIR ROUTER PORT
python -m lab.routers power stop|start|restart --home DIR ROUTER
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from lab.guest.guest import Parts
from lab.routers.rack import Rack
from lab.routers.sample import NETWORK, topology
from province.errors import ZyError, ZyErrors


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab.routers", description="The lab's routers, without zy.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("up", "status", "reset", "down", "shell", "cable", "power"):
        sub = verbs.add_parser(verb)
        if verb == "cable":
            sub.add_argument("state", choices=("down", "up"))
        if verb == "power":
            sub.add_argument("state", choices=("stop", "start", "restart"))
        sub.add_argument("--home", type=Path, required=True)
        sub.add_argument("--parts", type=Path, required=verb == "up", help="folder that holds kernel and image")
        if verb in ("shell", "cable", "power"):
            sub.add_argument("router")
        if verb == "cable":
            sub.add_argument("port")
    return parser


def _rack(options: argparse.Namespace) -> Rack:
    """The rack; ``up`` leaves a link to its parts in the home for the other verbs."""
    home = options.home.resolve()
    link = home / "router-parts"
    if options.parts is not None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        link.unlink(missing_ok=True)
        link.symlink_to(options.parts.resolve())
    parts = link.resolve()
    return Rack(home, NETWORK, Parts(parts / "kernel", parts / "image"), topology())


def _run(options: argparse.Namespace) -> int:
    rack = _rack(options)
    match options.verb:
        case "up":
            rack.up(_say)
        case "down":
            rack.down(_say)
        case "reset":
            rack.reset(_say)
        case "shell":
            command = rack.shell(options.router)
            os.execvp(command[0], command)
        case "cable":
            rack.cable(options.state, options.router, options.port)
        case "power":
            rack.power(options.state, options.router)
        case "status":
            found = rack.status()
            for status in found:
                print(status.sentence + (f" Next: {status.next_command}" if status.next_command else ""))
            return 0 if all(status.well for status in found) else 1
    return 0


def main() -> int:
    """Exit codes: 0 done, 1 failed, 2 bad usage."""
    try:
        return _run(_parser().parse_args())
    except ZyErrors as several:
        errors = several.errors
    except ZyError as error:
        errors = [error]
    for mistake in errors:
        _say(f"{mistake}\n  fix: {mistake.fix}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
