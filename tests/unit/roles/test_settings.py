"""The module that changes hosts, and the guard that puts them back: what needs no root and no host."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from roles.authority import Authority
from roles.baseline.files import guard
from roles.baseline.library import zy_settings as settings

ROLE = Path(__file__).parents[3] / "roles" / "baseline"


def area(**wanted: object) -> settings.Area:
    return settings.Area({"area": "test", **wanted})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("UMASK\t\t022\n", "UMASK 027\n"),
        ("# UMASK 077\nUMASK 022\n", "# UMASK 077\nUMASK 027\n"),
        ("#UMASK 022\nOTHER 1\n", "UMASK 027\nOTHER 1\n"),
        ("UMASKED 1", "UMASKED 1\nUMASK 027\n"),
        ("", "UMASK 027\n"),
    ],
)
def test_key_is_set_in_a_file_that_is_not_ours(before: str, after: str) -> None:
    assert settings.with_keys(before, " ", {"UMASK": "027"}) == after
    assert settings.with_keys(after, " ", {"UMASK": "027"}) == after


def test_invalid_candidate_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("good\n")
    bad = {"path": str(path), "content": "bad\n", "validate": ["sh", "-c", "grep -q good $0 || ! echo bad in $0", "%s"]}
    with pytest.raises(settings.Refused, match="ZY-HST-021") as caught:
        area(files=[bad]).files[0].validate_candidate()
    assert str(path) in str(caught.value), "the message names the file, not the candidate"
    assert path.read_text() == "good\n"


def test_root_is_locked_only_from_another_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "root_is_locked", lambda: False)
    monkeypatch.setenv("SUDO_USER", "zyops")
    assert [c.object for c in area(lock_root=True).changes()] == ["password of root"]
    for way_in in ("", "root"):
        monkeypatch.setenv("SUDO_USER", way_in)
        with pytest.raises(settings.Refused, match="ZY-HST-022"):
            area(lock_root=True)


def test_area_without_its_package_is_told_and_not_touched(tmp_path: Path) -> None:
    with pytest.raises(settings.Refused, match="ZY-HST-033"):
        area(needs=[str(tmp_path / "clamscan")])


def certificate(folder: Path, **other: str) -> settings.Area:
    wanted = {"name": "h1", "key": f"{folder}/host.key", "path": f"{folder}/host.crt", "pem": "", **other}
    return area(certificate=wanted)


def test_certificate_is_asked_for_once_and_again_only_when_it_no_longer_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.chown", lambda *_: None)
    authority, other = Authority(tmp_path / "authority"), Authority(tmp_path / "other")
    due = certificate(tmp_path, authority=authority.certificate)
    assert due.certificate is not None
    assert (due.waits, [c.object for c in due.changes()]) == (True, ["certificate of h1"])
    pem = authority.sign(due.certificate.request(), "h1")
    assert not certificate(tmp_path, authority=authority.certificate, pem=pem).waits
    (tmp_path / "host.crt").write_text(pem)
    assert certificate(tmp_path, authority=authority.certificate).changes() == []
    assert certificate(tmp_path, authority=other.certificate).changes()[0].before == "of another authority\n"
    key = (tmp_path / "host.key").read_text()
    (tmp_path / "host.key").unlink()
    again = certificate(tmp_path, authority=authority.certificate).certificate
    assert again is not None
    again.request()
    assert (tmp_path / "host.key").read_text() != key
    assert certificate(tmp_path, authority=authority.certificate).changes()[0].before == "of another key\n"


def test_setting_that_the_kernel_lacks_is_not_a_change() -> None:
    found = area(sysctls={"kernel.no_such_setting": 1})
    assert (found.changes(), found.not_applicable) == ([], ["kernel.no_such_setting"])


def test_first_touch_wins_and_is_what_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "HOME", tmp_path / "home")
    monkeypatch.setattr(guard, "disarm", lambda: None)
    old, new, folder = tmp_path / "old", tmp_path / "sub" / "new", tmp_path / "record"
    old.write_text("first\n")
    old.chmod(0o640)
    for text in ("second\n", "third\n"):
        record = settings.Record(folder)
        record.add_file(str(old))
        record.add_file(str(new))
        record.save()
        new.parent.mkdir(exist_ok=True)
        for path in (old, new):
            path.write_text(text)
            path.chmod(0o600)
    shown = {change["object"]: (change["before"], change["after"]) for change in guard.show(folder)}
    assert shown[str(old)] == ("third\n", "first\n")
    assert shown[str(new)] == ("third\n", "")
    assert guard.restore(folder, boot=False) == 0
    assert (old.read_text(), old.stat().st_mode & 0o777) == ("first\n", 0o640)
    assert not new.parent.exists()
    assert not folder.exists()


def test_what_cannot_be_put_back_is_told_and_the_rest_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guard, "HOME", tmp_path / "home")
    monkeypatch.setattr(guard, "disarm", lambda: None)
    path, folder = tmp_path / "file", tmp_path / "record"
    record = settings.Record(folder)
    record.add_file(str(path))
    record.add("file", "/lost", path=str(tmp_path / "lost"), existed=True, copy="files/lost", mode=0o644, uid=0, gid=0)
    record.add_undo([["false"]])
    record.save()
    path.write_text("ours\n")
    assert guard.restore(folder, boot=False) == 1
    assert not path.exists()
    told = capsys.readouterr().err
    assert "/lost" in told
    assert "false" in told
    assert json.loads((folder / "record.json").read_text()), "the record stays for another try"


def test_confirming_what_the_timer_put_back_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    armed = armed_guard(tmp_path, monkeypatch)
    assert guard.confirm(armed) == 1
    record(tmp_path)
    assert guard.confirm(armed) == 0
    assert not (tmp_path / "guard").exists()


def test_only_the_run_that_armed_last_confirms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = armed_guard(tmp_path, monkeypatch)
    record(tmp_path)
    guard.arm(60)
    assert guard.confirm(first) == guard.ANOTHER_RUN
    assert (tmp_path / "guard" / "record.json").exists(), "the way back must stay until the later run has its proof"
    assert guard.confirm(first + 1) == 0


def armed_guard(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The guard's files in a folder of the test, without systemd; armed once."""
    for name, path in (("GUARD", "guard"), ("GENERATION", "generation"), ("BOOT_UNIT", "u"), ("BOOT_LINK", "w/u")):
        monkeypatch.setattr(guard, name, folder / path)
    monkeypatch.setattr(guard, "disarm", lambda: None)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: None)
    guard.arm(60)
    return guard.current_generation()


def record(folder: Path) -> None:
    (folder / "guard").mkdir()
    (folder / "guard" / "record.json").write_text("{}")


def test_failing_guard_says_why_and_shows_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guard, "GENERATION", tmp_path / "missing" / "generation")
    assert guard.main(["arm", "60"]) == 1
    assert "No such file or directory" in capsys.readouterr().err


def test_place_that_takes_no_writes_is_told_before_anything_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    wanted = area(files=[{"path": str(tmp_path / "new" / "file"), "content": "ours\n"}])
    wanted.refuse_what_cannot_be_written()
    monkeypatch.setattr("os.access", lambda path, _: path != str(tmp_path))
    with pytest.raises(settings.Refused, match=f"ZY-HST-025: {tmp_path} cannot be written"):
        wanted.refuse_what_cannot_be_written()


def test_disk_without_room_is_told_before_anything_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    wanted = {"files": [{"path": str(tmp_path / "file"), "content": "ours\n"}]}
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=63 << 20))
    with pytest.raises(settings.Refused, match="ZY-HST-025: 63 MiB are free"):
        area(**wanted).refuse_what_cannot_be_written()
    (tmp_path / "file").write_text("ours\n")
    (tmp_path / "file").chmod(0o644)
    monkeypatch.setattr(settings.Wanted, "attributes", settings.Wanted.current_attributes)
    area(**wanted).refuse_what_cannot_be_written()  # nothing to write, so no room is needed


def test_failed_restoring_has_a_code() -> None:
    """ZY-HST-023 is raised on the host alone; the lab sees restoring itself, and here that its words are there."""
    assert "ZY-HST-023" in (ROLE / "library" / "zy_restored.py").read_text()


def test_area_that_fails_hides_no_other_unless_it_is_guarded() -> None:
    broken = {"area": "broken", "keys": [{"path": "/no/such/file", "separator": " ", "settings": {"a": 1}}]}
    host = settings.Host(60, "")
    assert host.look(broken) is None
    assert host.look({"area": "kernel", "sysctls": {"kernel.no_such_setting": 1}}) is not None
    assert "/no/such/file" in host.problems["broken"]
    assert host.not_applicable == ["kernel.no_such_setting"]
    with pytest.raises(settings.Refused):
        host.look({**broken, "guarded": True})


def test_what_a_killed_run_left_undone_is_told(tmp_path: Path) -> None:
    """A run killed after its settings and before its record of integrity: the next one has nothing to change."""
    (tmp_path / "there").touch()
    areas: list[dict[str, Any]] = [
        {"area": "a", "touches": [str(tmp_path / "there"), str(tmp_path / "record")]},
        {"area": "b"},
    ]
    assert settings.absent(areas) == [str(tmp_path / "record")]


def person(**changed: Any) -> settings.Login:
    fields = {"name": "p", "uid": 2**31, "shell": "/bin/bash", "expires": None, "password_locked": True}
    return settings.Login(**{**fields, "groups": (), "keys": (), **changed})


@pytest.fixture
def logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, settings.Login]:
    """The accounts of a host; ``p`` and ``q`` were made by us."""
    there: dict[str, settings.Login] = {}
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setattr(settings.Area, "_login", staticmethod(there.get))
    monkeypatch.setenv("SUDO_USER", "zyops")
    (tmp_path / "original").mkdir()
    made = [{"kind": kind, "name": name} for kind, name in (("account", "p"), ("person", "q"), ("file", "other"))]
    (tmp_path / "original" / "record.json").write_text(json.dumps({"entries": made, "undo": []}))
    return there


def objects(**wanted: object) -> list[str]:
    return [change.object for change in area(**wanted).changes()]


def test_whoever_we_made_and_is_not_wanted_leaves_once(logins: dict[str, settings.Login]) -> None:
    gone = {"expires": settings.LEFT_DAY, "shell": settings.NO_SHELL}
    logins |= {"p": person(), "q": person(name="q"), "other": person(name="other"), "zyops": person(name="zyops")}
    assert objects(accounts=[]) == ["account p", "account q"]
    assert objects(accounts=[{"name": "p", "comment": "P"}]) == ["account q"]
    assert objects() == [], "an area that says nothing of accounts takes none away"
    logins |= {"p": person(**gone), "q": person(name="q", **gone)}
    assert objects(accounts=[]) == []
    for more in ({"groups": ("sudo",)}, {"keys": ("/home/p/.ssh/authorized_keys",)}, {"password_locked": False}):
        logins["p"] = person(**gone, **more)
        assert objects(accounts=[]) == ["account p"], more
    logins["p"] = person(**gone)
    assert objects(accounts=[{"name": "p", "comment": "P"}]) == ["account p"], "who comes back is let in again"


def test_who_leaves_is_shut_out_first_and_then_put_out(
    tmp_path: Path, logins: dict[str, settings.Login], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[object] = []
    monkeypatch.setattr(settings, "must", lambda argv: steps.append(argv[0]))
    monkeypatch.setattr(settings, "processes_of", lambda _: [41, 42])
    monkeypatch.setattr("os.kill", lambda process, number: steps.append((process, number)))
    key = tmp_path / "authorized_keys"
    key.touch()
    logins["p"] = person(keys=(str(key),))
    area(accounts=[])._close("p")
    assert steps == ["usermod", (41, signal.SIGKILL), (42, signal.SIGKILL)]
    assert not key.exists()


def test_account_of_the_system_is_never_put_out(logins: dict[str, settings.Login]) -> None:
    logins |= {"p": person(uid=0), "q": person(name="q", uid=999)}
    assert objects(accounts=[]) == []


def test_account_ends_with_the_day_after_its_last(logins: dict[str, settings.Login]) -> None:
    logins |= {"p": person(expires=2), "q": person(name="q", expires=settings.LEFT_DAY, shell=settings.NO_SHELL)}
    assert objects(accounts=[{"name": "p", "comment": "P", "until": "1970-01-02"}]) == []
    assert objects(accounts=[{"name": "p", "comment": "P", "until": "1970-01-03"}]) == ["account p"]
    assert objects(accounts=[{"name": "p", "comment": "P", "until": ""}]) == ["account p"]


def test_account_of_the_session_is_neither_wanted_nor_put_out(
    logins: dict[str, settings.Login], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "p")
    logins["p"] = person()
    for accounts in ([], [{"name": "p", "comment": "P"}]):
        with pytest.raises(settings.Refused, match="ZY-HST-051: p "):
            area(accounts=accounts)


def test_guard_lets_in_again_who_was_put_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def run(argv: list[str]) -> str:
        ran.append(argv)
        return ""

    monkeypatch.setattr(guard, "run", run)
    entry = person(expires=20000, groups=("adm", "users"), password_locked=False).kept()
    record = settings.Record(tmp_path)
    record.add("login", "p", **entry)
    record.add("person", "q")
    record.save()
    assert [change["object"] for change in guard.show(tmp_path)] == ["account p"]
    assert guard.restore_one(tmp_path, record.content["entries"][0], boot=False) == ""
    back = ["--expiredate", "2024-10-04", "--shell", "/bin/bash", "--groups", "adm,users", "--unlock", "p"]
    assert ran == [["usermod", *back]]
