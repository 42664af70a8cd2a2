"""The lab's hosts on their own, without ``zy``.

python -m lab.hosts build --parts DIR
python -m lab.hosts up --home DIR --parts DIR --host gd-app-1=10.99.0.13/24,fd99::13/64 …
python -m lab.hosts status|reset|down|shell --home DIR [NAME …]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

from lab.guest import image, kernel
from lab.guest.guest import Parts
from lab.guest.network import Network
from lab.hosts.fleet import Fleet, State
from lab.hosts.spec import HostSpec
from province.errors import ZyError, ZyErrors


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _build(parts: Path) -> None:
    """Kernel, then image, each once: what exists is left as it is."""
    parts.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parts) as scratch:
        for name in ("kernel", "image"):
            if (parts / name).exists():
                continue
            out = Path(scratch) / name
            out.mkdir()
            if name == "kernel":
                kernel.build(out, _say, Path(scratch))
            else:
                image.build_host(out, _say, parts / "kernel")
            out.rename(parts / name)


def _host(text: str) -> HostSpec:
    """``NAME=IPV4/LENGTH,IPV6/LENGTH[,MIB]``."""
    name, _, rest = text.partition("=")
    ipv4, ipv6, *memory = rest.split(",")
    return HostSpec(name, IPv4Interface(ipv4), IPv6Interface(ipv6), int(memory[0]) if memory else 256)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab.hosts", description="The lab's hosts, without zy.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("build").add_argument("--parts", type=Path, required=True, help="folder for kernel and image")
    up = verbs.add_parser("up")
    up.add_argument("--home", type=Path, required=True)
    up.add_argument("--parts", type=Path, required=True)
    up.add_argument("--image", type=Path, help="folder of another host image")
    up.add_argument("--namespace", default="zy-lab")
    up.add_argument("--bridge", default="10.99.0.1/24,fd99::1/64", metavar="IPV4/LENGTH,IPV6/LENGTH")
    up.add_argument("--host", action="append", required=True, metavar="NAME=IPV4/LENGTH,IPV6/LENGTH[,MIB]")
    for verb in ("status", "reset", "down", "shell"):
        other = verbs.add_parser(verb)
        other.add_argument("--home", type=Path, required=True)
        other.add_argument("name", nargs="*", help="hosts; all by default (shell: exactly one)")
    return parser


def _fleet(options: argparse.Namespace) -> Fleet:
    """The fleet that ``up`` was last told to make; ``up`` itself records it in the home."""
    home = options.home.resolve()
    record = home / "hosts.json"
    if options.verb == "up":
        asked = {
            "kernel": str(options.parts.resolve() / "kernel"),
            "image": str((options.image or options.parts / "image").resolve()),
            "namespace": options.namespace,
            "bridge": options.bridge,
            "hosts": options.host,
        }
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        record.write_text(json.dumps(asked, indent=2) + "\n", encoding="utf-8")
    elif not record.exists():
        raise ZyError("ZY-LAB-208", f"no hosts were ever started in {home}", fix="start some: `… up --home …`")
    told = json.loads(record.read_text(encoding="utf-8"))
    ipv4, ipv6 = told["bridge"].split(",")
    network = Network(told["namespace"], IPv4Interface(ipv4), IPv6Interface(ipv6))
    parts = Parts(Path(told["kernel"]), Path(told["image"]))
    return Fleet(home, network, parts, tuple(_host(text) for text in told["hosts"]))


def _run(options: argparse.Namespace) -> int:
    if options.verb == "build":
        _build(options.parts.resolve())
        return 0
    fleet = _fleet(options)
    match options.verb:
        case "up":
            fleet.up(_say)
            _say(f"log in with: ssh -F {fleet.access.ssh_config} NAME")
        case "down":
            fleet.down(_say)
        case "reset":
            fleet.reset(_say, options.name)
        case "shell":
            command = fleet.shell(*options.name)
            os.execvp(command[0], command)
        case "status":
            found = fleet.status()
            for status in found:
                print(status.sentence + (f" Next: {status.next_command}" if status.next_command else ""))
            return 0 if all(status.state is State.UP for status in found) else 1
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
