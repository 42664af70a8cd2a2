"""Images: the bill of materials, the audit's file, and what refuses an image its level."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.guest.guest import Parts
from province.errors import ZyError
from province.host import HostRole
from province.manifest import Attached, ImageAudit
from province.record import Outcome, Result
from roles.catalogue import load_catalogue
from roles.events import Run
from roles.judgement import Judged, Judgement
from roles.runner import Playbooks
from zhengyun.image.bill import Package, bill, packages
from zhengyun.image.build import audit_document, build, check_audit
from zhengyun.image.deferred import DEFERRED
from zhengyun.image.forgetting import DONE, IDENTITY, TRACES, WAYS_IN, script
from zhengyun.image.workshop import Workshop

AT = datetime(2026, 11, 28, 23, 0, tzinfo=UTC)
DIGEST = "ab" * 32


def judged(control: str, judgement: Judgement) -> Judged:
    return Judged(load_catalogue()[control], "debian-12", judgement, "asked", "seen", "command")


def workshop(home: Path) -> Workshop:
    return Workshop("debian-12", HostRole.APPLICATION, home, Parts(home, home), "zy-test-unit")


def test_only_installed_packages_are_listed_by_name() -> None:
    answer = "installed\tzlib1g\t1:1.2.13-1\tamd64\nconfig-files\tgone\t1\tall\ninstalled\tacl\t2.3.1-3\tamd64\n"
    assert packages(answer) == (Package("acl", "2.3.1-3", "amd64"), Package("zlib1g", "1:1.2.13-1", "amd64"))


def test_a_package_url_encodes_what_the_specification_wants() -> None:
    assert Package("g++", "4:12.2+dfsg~1", "amd64").purl == (
        "pkg:deb/debian/g%2B%2B@4:12.2%2Bdfsg~1?arch=amd64&distro=debian-12"
    )


def test_the_bill_names_image_tool_and_every_package() -> None:
    made = bill("debian-12", DIGEST, [Package("acl", "2", "amd64"), Package("bash", "5", "amd64")], AT, "0.1")
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert made["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": DIGEST}]
    assert made["metadata"]["timestamp"] == "2026-11-28T23:00:00+00:00"
    assert [one["name"] for one in made["components"]] == ["acl", "bash"]
    assert made["dependencies"][0]["dependsOn"] == [one["bom-ref"] for one in made["components"]]


def test_one_failed_control_takes_the_level_and_so_does_an_audit_that_measured_nothing() -> None:
    fine = [judged("hst-core-dumps", Judgement.PASSED), judged("hst-time", Judgement.WAIVED)]
    check_audit("debian-12", fine)
    for wrong in ([*fine, judged("hst-malware", Judgement.FAILED)], fine[1:]):
        with pytest.raises(ZyError) as caught:
            check_audit("debian-12", wrong)
        assert caught.value.code == "ZY-HST-042"


def test_the_audit_is_bound_to_its_image() -> None:
    made = audit_document(Attached(file="a.raw", sha256=DIGEST), [judged("hst-time", Judgement.WAIVED)], AT)
    read = ImageAudit.model_validate(made)
    assert (read.image_sha256, read.controls[0].judgement) == (DIGEST, "waived")
    assert made["controls"][0]["clauses"] == ["8.1.4.3 b"]
    assert made["summary"]["waived"] == 1


def test_what_an_image_cannot_hold_are_controls_that_there_are() -> None:
    assert set(DEFERRED) <= set(load_catalogue())
    assert all(not load_catalogue()[control].attest for control in DEFERRED)


def test_the_script_takes_everything_away_and_says_so_last() -> None:
    text = script()
    assert all(path in text for path in (*IDENTITY, *WAYS_IN, *TRACES))
    assert text.index("rm -rf") < text.index("aide --init") < text.index(DONE) < text.index("poweroff -ff")


def test_another_images_folder_is_never_written_to(tmp_path: Path) -> None:
    with pytest.raises(ZyError) as caught:
        build(workshop(tmp_path), tmp_path, lambda _: None)
    assert caught.value.code == "ZY-HST-040"


def test_what_fails_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    def fails(_: Workshop, __: object) -> None:
        raise ZyError("ZY-HST-041", "as a role fails", fix="none")

    monkeypatch.setattr(Workshop, "up", lambda *_: None)
    monkeypatch.setattr(Workshop, "down", lambda *_: ended.append("down"))
    monkeypatch.setattr(Workshop, "harden", fails)
    with pytest.raises(ZyError):
        build(workshop(tmp_path), tmp_path / "out", lambda _: None)
    assert (list(tmp_path.iterdir()), ended) == ([], ["down"])


def test_a_role_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Result(target="debian-12", outcome=Outcome.FAILED, message="no such package")
    monkeypatch.setattr(Playbooks, "run", lambda *_: Run())
    monkeypatch.setattr(Run, "result", lambda *_: failed)
    with pytest.raises(ZyError) as caught:
        workshop(tmp_path).harden(lambda _: None)
    assert (caught.value.code, "no such package" in caught.value.message) == ("ZY-HST-041", True)


def test_a_guest_that_cannot_be_asked_is_told(tmp_path: Path) -> None:
    (tmp_path / "ssh_config").write_text("Host *\n  ProxyCommand false\n")
    with pytest.raises(ZyError) as caught:
        workshop(tmp_path).forget()
    assert caught.value.code == "ZY-HST-043"
