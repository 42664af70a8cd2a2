"""Takes a judge to a host over ssh, has it judge there as root, and brings its report back; leaves nothing behind."""

from __future__ import annotations

import io
import shlex
import subprocess
import tarfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from province.errors import Place, ZyError
from roles.judges.judge import Judge, Visit

_WITHIN = 1800  # s: Lynis takes ten minutes in the lab, where a program starts slowly
_AT_ONCE = 20
# By systemd, not by our login: its thousands of programs are no commands of a person, and the audit would record each.
_SCRIPT = """set -e
folder=$(mktemp -d /root/zy-judge.XXXXXX)
trap 'rm -rf "$folder"' EXIT
tar -xf - -C "$folder" --no-same-owner
systemd-run --quiet --wait --pipe --working-directory="$folder" sh -c {command} </dev/null >&2
cat "$folder/report"
"""


def packed(judge: Judge, program: Path) -> bytes:
    """The program's folder with our settings, as a tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(program.iterdir()):
            tar.add(path, path.name)
        for name, path in judge.settings.items():
            tar.add(path, name)
    return buffer.getvalue()


def visit_all(ssh_config: Path, hosts: Iterable[str], judge: Judge, program: Path) -> list[Visit]:
    """Every host, side by side. Never raises for a host's sake: its visit holds ZY-HST-060."""
    luggage = packed(judge, program)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(lambda host: visit(ssh_config, host, judge, luggage), hosts))


def visit(ssh_config: Path, host: str, judge: Judge, luggage: bytes) -> Visit:
    """One host. ``luggage``: as :func:`packed` made it."""
    script = _SCRIPT.format(command=shlex.quote(judge.command))
    command = ["ssh", "-F", str(ssh_config), "-o", "BatchMode=yes", host, shlex.join(["sudo", "sh", "-c", script])]
    try:
        done = subprocess.run(command, input=luggage, capture_output=True, timeout=_WITHIN, check=False)
    except subprocess.TimeoutExpired:
        return Visit(host, judge, b"", _not_judged(host, judge, f"no report within {_WITHIN} s"))
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        return Visit(host, judge, b"", _not_judged(host, judge, f"exit code {done.returncode}: {said[-1]}"))
    return Visit(host, judge, done.stdout)


def _not_judged(host: str, judge: Judge, why: str) -> ZyError:
    return ZyError(
        "ZY-HST-060",
        f"{judge.title} could not judge the host: {why}",
        place=Place(target=host),
        fix="see that `ssh -F` reaches the host and that automation may use sudo there, then judge it again by --limit",
    )
