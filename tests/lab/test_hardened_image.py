"""A hardened image for real: built from a guest, another guest booted from it, its evidence refused when tampered with.

The tests build on one another in the order of the file.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pytest

from lab.guest.guest import Parts
from lab.hosts.fleet import Fleet
from lab.hosts.spec import HostSpec
from province.errors import ZyErrors
from province.host import HostRole
from province.load import load
from roles.judgement import Judged, Judgement
from tests.lab.hosts_of_the_inventory import PROVINCE
from zhengyun.image.build import build
from zhengyun.image.workshop import Workshop
from zhengyun.places import Places
from zhengyun.toolchain.tools import guest_parts

INVENTORY = Path(__file__).parents[2] / "inventories" / "lab"
NAME = "debian-12"
NAMESPACE = "zy-test-image"

JUDGE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(str(wrong) if wrong else 0)
"""


@dataclass(frozen=True)
class Built:
    folder: Path
    """What `zy image build` leaves."""
    workshop: Workshop

    def secrets(self) -> list[str]:
        """What only the guest that became the image knew: a line of its host key, and the keys that opened it."""
        host_key, home = self.workshop.home / "guests" / NAME / "host_key", self.workshop.home
        public = (host_key.with_name("host_key.pub"), home / "key.pub")
        return [host_key.read_text().splitlines()[2], *(path.read_text().split()[1] for path in public)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    home = tmp_path_factory.mktemp("image")
    workshop = Workshop(NAME, HostRole.APPLICATION, home / "home", Parts(*guest_parts(Places.here().cache)), NAMESPACE)
    build(workshop, home / "out", print)
    return Built(home / "out", workshop)


@pytest.fixture(scope="module")
def servers(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Two guests from the image; the first has name and place of the image's own, to be audited alike."""
    home = tmp_path_factory.mktemp("servers")
    parts = Parts(built.workshop.parts.kernel, home / "image")
    parts.image.mkdir()
    parts.root.symlink_to(built.folder / f"{NAME}.raw")
    workshop = Workshop(NAME, HostRole.APPLICATION, home / "home", parts, NAMESPACE)
    fleet = both(workshop)
    fleet.up(print)
    try:
        yield workshop
    finally:
        fleet.down(print)


def both(workshop: Workshop) -> Fleet:
    other, one = PROVINCE.addresses.host("gd-log-1"), workshop._fleet
    specs = (*one.specs, HostSpec("other", other.ipv4, other.ipv6))
    return Fleet(workshop.home, one.network, workshop.parts, specs)


def on(workshop: Workshop, name: str, command: str) -> str:
    argv = both(workshop).access.command(name, ["sudo", "sh", "-c", command], options=["-o", "BatchMode=yes"])
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_image_is_bound_by_its_manifest_and_holds_no_secret(built: Built) -> None:
    names = {f"{NAME}.{kind}" for kind in ("raw", "sha256", "cdx.json", "audit.json", "manifest.json")}
    assert {path.name for path in built.folder.iterdir()} == names
    subprocess.run(["sha256sum", "--check", "--strict", f"{NAME}.sha256"], cwd=built.folder, check=True)
    with (built.folder / f"{NAME}.raw").open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as disk:
        for key in built.secrets():
            assert len(key) > 40
            assert disk.find(key.encode()) == -1, "the image still holds a key of the guest that it was"
        assert disk.find(b"PermitRootLogin no") > 0, "what is searched is not the disk"


def test_the_bill_is_cyclonedx_by_its_own_judge(built: Built) -> None:
    """The official schema, which comes with `cyclonedx-python-lib`; that runs in an environment of its own."""
    uv = shutil.which("uv")
    assert uv
    library = "cyclonedx-python-lib[json-validation]==11.12.0"
    command = [uv, "run", "--quiet", "--no-project", "--python", "3.11", "--with", library, "python", "-c", JUDGE]
    text = (built.folder / f"{NAME}.cdx.json").read_text()
    told = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr[-2000:]
    broken = text.replace('"specVersion": "1.6"', '"specVersion": "1.6", "surplus": 1', 1)
    assert subprocess.run(command, input=broken, capture_output=True, text=True, check=False).returncode != 0


def test_a_server_from_it_is_judged_alike(built: Built, servers: Workshop) -> None:
    def verdicts(judged: list[Judged]) -> dict[str, str]:
        return {one.control.id: one.judgement.value for one in judged}

    written = json.loads((built.folder / f"{NAME}.audit.json").read_text())
    attached = {one["id"]: one["judgement"] for one in written["controls"]}
    assert verdicts(servers.audit()) == attached
    assert Judgement.FAILED.value not in attached.values()
    assert sum(1 for judgement in attached.values() if judgement == "passed") > 40


def test_servers_from_it_have_their_own_identity_and_nothing_of_the_making(built: Built, servers: Workshop) -> None:
    def identity(name: str) -> tuple[str, str, str]:
        return (
            on(servers, name, "cat /etc/machine-id"),
            on(servers, name, "cat /etc/ssh/ssh_host_ed25519_key.pub").split()[1],
            on(servers, name, "hostname"),
        )

    one, other = identity(NAME), identity("other")
    assert all(len(each[0]) == 32 for each in (one, other))
    assert all(mine != others for mine, others in zip(one, other, strict=True))
    maker = (built.workshop.home / "guests" / NAME / "host_key.pub").read_text().split()[1]
    assert maker not in (one[1], other[1])
    ours = "/var/lib/zhengyun/hardening /var/lib/zhengyun/forget /etc/zhengyun/tls"
    left = f"ls -d {ours} /root/.ssh/* /root/.*history 2>/dev/null || true"
    assert on(servers, "other", left) == ""
    assert len(on(servers, "other", "cat /home/*/.ssh/authorized_keys").splitlines()) == 1
    installed = on(servers, "other", "dpkg-query -f . -W")
    bill = json.loads((built.folder / f"{NAME}.cdx.json").read_text())
    assert len(bill["components"]) == len(installed)


def test_the_inventory_takes_it_and_refuses_one_changed_byte(built: Built, tmp_path: Path) -> None:
    inventory = Path(shutil.copytree(INVENTORY, tmp_path / "inventory"))
    images, file = inventory / "images", inventory / "province.yaml"
    for path in built.folder.iterdir():
        if path.suffix != ".raw":
            shutil.copy(path, images)
    digest = (built.folder / f"{NAME}.sha256").read_text().split()[0]
    text = re.sub(r"sha256: \w+", f"sha256: {digest}", file.read_text())
    file.write_text(re.sub(r"hardening_waiver: .+", f"manifest: images/{NAME}.manifest.json", text))
    assert load(inventory).manifest_of(NAME)
    bill = bytearray((images / f"{NAME}.cdx.json").read_bytes())
    bill[-3] ^= 1
    (images / f"{NAME}.cdx.json").write_bytes(bill)
    with pytest.raises(ZyErrors) as caught:
        load(inventory)
    assert [error.code for error in caught.value.errors] == ["ZY-INV-063"]
