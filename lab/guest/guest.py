"""One UML guest: its disk, its process, its place in the network."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from lab.guest.kernel import seccomp
from lab.guest.network import Network, mac_address, tap_name
from lab.guest.seed import INIT
from lab.process import Process
from province.errors import Place, ZyError

RUNNER = Path(__file__).with_name("runner.py")
_MEMORY = Path("/dev/shm")  # a guest's memory is a file: on a real disk every guest would be slow


@dataclass(frozen=True, slots=True)
class Parts:
    """What guests are made of: folders built by ``lab.guest.kernel`` and ``lab.guest.image``."""

    kernel: Path
    image: Path

    @property
    def linux(self) -> Path:
        return self.kernel / "linux"

    @property
    def root(self) -> Path:
        return self.image / "root.ext4"

    def check(self) -> None:
        """Raises ZY-LAB-209 when a part is not built."""
        for part in (self.linux, self.kernel / "modules", self.root):
            if not part.exists():
                raise ZyError(
                    "ZY-LAB-209",
                    f"the lab's part {part.name} is not built",
                    place=Place(file=str(part)),
                    fix="`zy lab up` builds what is missing; with `python -m lab.hosts`, name the built folders",
                )


@dataclass(frozen=True, slots=True)
class Guest:
    """One guest below ``home``; its disk is a copy-on-write file over the image."""

    name: str
    home: Path
    memory_mib: int
    parts: Parts
    network: Network

    @property
    def folder(self) -> Path:
        return self.home / "guests" / self.name

    @property
    def disk(self) -> Path:
        return self.folder / "root.cow"

    @property
    def console(self) -> Path:
        return self.folder / "console.log"

    @property
    def _image(self) -> Path:
        """A link to the image that the disk was made over."""
        return self.folder / "image"

    @property
    def _started(self) -> Path:
        return self.folder / "started"

    @property
    def process(self) -> Process:
        return Process(f"guest-{self.name}", run=self.home / "run", log=self.folder / "runner.log")

    def running(self) -> bool:
        return self.process.alive()

    def current(self, seed: bytes) -> bool:
        """Whether the guest's last start was with this seed, kernel, image and memory."""
        try:
            return self._started.read_text(encoding="utf-8") == self._fingerprint(seed)
        except FileNotFoundError:
            return False

    def start(self, seed: bytes) -> bool:
        """Start the guest with this seed; False when it runs already, be it with another one (``current``).

        A disk made over another image than today's is replaced by a fresh one: it cannot be read any more.
        Returns once the process runs, long before a login works. Raises ZY-LAB-101, 207 and 209.
        """
        if self.running():
            return False
        self.parts.check()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._image.is_symlink() and self._image.readlink() != self.parts.root:
            self.wipe()
        if not self._image.is_symlink():
            self._image.symlink_to(self.parts.root)
        _write(self.folder / "seed.tar", seed)
        shutil.rmtree(self.folder / "uml", ignore_errors=True)
        self.network.attach(self.name)
        self._started.write_text(self._fingerprint(seed), encoding="utf-8")
        environment = {"PATH": os.environ.get("PATH", os.defpath), "TMPDIR": str(_MEMORY)}
        runner = [sys.executable, "-I", "-S", str(RUNNER), self.console.name, *self.command()]
        return self.process.start(self.network.inside(runner), env=environment, cwd=self.folder)

    def command(self) -> list[str]:
        """The guest's own command line, to be run in its folder."""
        # UML needs gro=1: without it large packets stall (1 MB over ssh in 15 s instead of 0.5 s).
        tap, mac = tap_name(self.name), mac_address(self.name)
        return [
            str(self.parts.linux),
            *("umid=uml", "uml_dir=./"),  # relative: a socket's path has at most 107 characters (unix(7))
            f"mem={self.memory_mib}M",
            *(self._root_disk(), "ubd1r=seed.tar"),
            *("root=/dev/ubda", "rw", "quiet", f"init={INIT}"),
            *("con=null", "con0=null,fd:1", "ssl=null"),
            f"vec0:transport=tap,ifname={tap},depth=64,gro=1,mac={mac}",
            *(("seccomp=on",) if seccomp(self.parts.kernel / "modules") else ()),
        ]

    def _root_disk(self) -> str:
        """By relative names: UML splits its command line at spaces and this option at commas."""
        return f"ubd0={self.disk.name},{self._image.name}"

    def _fingerprint(self, seed: bytes) -> str:
        return "\n".join([*self.command(), str(self.parts.root), hashlib.sha256(seed).hexdigest()])

    def stop(self) -> None:
        """End the guest at once, as if its power were cut; its disk stays. Raises ZY-LAB-102."""
        self.process.stop(grace=2)

    def wipe(self) -> None:
        """Forget the disk of a stopped guest: its next start is its first."""
        for path in (self.disk, self._image, self.console):
            path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Stop the guest and take its tap away; disk and host key stay."""
        self.stop()
        self.network.detach(self.name)

    def last_words(self, lines: int = 12) -> str:
        """The end of the console, or of the runner's own output when the guest never spoke."""
        console = Process(self.name, run=self.home / "run", log=self.console)
        return console.tail(lines) or self.process.tail(lines)


def _write(path: Path, content: bytes) -> None:
    """Write atomically, readable by us alone: a seed holds a host key."""
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_bytes(content)
    new.replace(path)
