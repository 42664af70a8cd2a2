"""The transparency log: every kind of tampering is seen, by the log's own signatures or by a witness."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from policies.merkle import included
from province.errors import ZyError
from zhengyun.transparency.audit import audit
from zhengyun.transparency.checkpoint import Checkpoint
from zhengyun.transparency.history import keep
from zhengyun.transparency.log import Fact, Kind, Log
from zhengyun.transparency.witness import Witness, proof_for
from zhengyun.workspace import Records

Tamper = Callable[[list[bytes]], list[bytes]]


def fact(state: Path, number: int) -> Fact:
    path = keep(state, Kind.VERIFICATION, json.dumps({"number": number}))
    digest = path.stem.rpartition("-")[2]
    return Fact(kind=Kind.VERIFICATION, id=f"v{number}", by="a", sha256=digest, file=str(path.relative_to(state)))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state root with a log of two appends, and a witness that saw both."""
    state = tmp_path_factory.mktemp("state")
    log, witness = Log(state / "log"), Witness(state / "witness")
    for numbers in (range(3), range(3, 6)):
        checkpoint = log.append([fact(state, number) for number in numbers])
        assert checkpoint is not None
        witness.cosign(checkpoint, log.public(), proof_for(witness, log.tree(), checkpoint.size))
    return state


@pytest.fixture
def state(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "state"))


@pytest.fixture
def log(state: Path) -> Log:
    return Log(state / "log")


def rewrite(path: Path, change: Tamper) -> None:
    path.write_bytes(b"".join(line + b"\n" for line in change(path.read_bytes().splitlines())))


def codes(errors: list[ZyError]) -> set[str]:
    return {error.code for error in errors}


def test_an_honest_log_is_whole(log: Log, state: Path) -> None:
    assert audit(log, state, [Witness(state / "witness")]) == []
    assert [entry.index for entry in log.entries()] == list(range(6))
    assert [checkpoint.size for checkpoint in log.checkpoints()] == [3, 6]


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    assert audit(Log(tmp_path / "log"), tmp_path) == []
    assert Log(tmp_path / "log").append([]) is None


@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines: [lines[0].replace(b'"v0"', b'"vX"'), *lines[1:]],
        lambda lines: [*lines[:-1], lines[-1].replace(b'"by":"a"', b'"by":"b"')],
        lambda lines: lines[1:],
        lambda lines: [*lines[:2], *lines[3:]],
        lambda lines: lines[:-1],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [*lines[:4], lines[5], lines[4]],
        lambda lines: [*lines[:3], lines[2], *lines[3:]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[0] + b" ", *lines[1:]],
        lambda lines: [b"rubbish", *lines[1:]],
        lambda _: [],
    ],
    ids=["first altered", "last altered", "first removed", "middle removed", "truncated", "reordered", "last reordered",
         "repeated", "appended unsigned", "a space", "rubbish", "emptied"],
)  # fmt: skip
def test_tampering_with_entries_is_seen(log: Log, state: Path, tamper: Tamper) -> None:
    rewrite(log.entries_file, tamper)
    assert "ZY-POL-040" in codes(audit(log, state))


@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines: lines[:1],
        lambda _: [],
        lambda lines: [lines[1], lines[0]],
        lambda lines: [lines[0], lines[1].replace(b'"size":6', b'"size":5')],
        lambda lines: [lines[0], lines[1].replace(b"SSH SIGNATURE", b"SSH SIGNATURE", 1).replace(b"U1NI", b"U1NJ")],
        lambda lines: [lines[0], b"{}"],
    ],
)
def test_tampering_with_checkpoints_is_seen(log: Log, state: Path, tamper: Tamper) -> None:
    rewrite(log.checkpoints_file, tamper)
    assert codes(audit(log, state)) == {"ZY-POL-040"}


def test_the_place_of_an_alteration_is_told(log: Log, state: Path) -> None:
    rewrite(log.entries_file, lambda lines: [*lines[:4], lines[4].replace(b'"v4"', b'"vX"'), *lines[5:]])
    assert "entries 3 to 5" in audit(log, state)[0].message


def test_altered_and_removed_evidence_is_seen(log: Log, state: Path) -> None:
    files = [state / entry.fact.file for entry in log.entries()]
    files[0].write_text("{}")
    files[1].unlink()
    errors = audit(log, state)
    assert codes(errors) == {"ZY-POL-042"}
    assert [("altered" in e.message, "gone" in e.message) for e in errors] == [(True, False), (False, True)]


def test_a_clock_that_was_moved_back_is_seen(log: Log, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zhengyun.transparency.log as module  # noqa: PLC0415 - to reach its clock

    early = log.entries()[0].time.replace(year=2020)
    monkeypatch.setattr(module, "datetime", type("Clock", (), {"now": staticmethod(lambda _: early)}))
    log.append([fact(state, 9)])
    assert [error.code for error in audit(log, state)] == ["ZY-POL-040"]


def forge(log: Log, lines: list[bytes]) -> None:
    """What whoever holds the log's key can do: write all of it anew, with good signatures."""
    rewrite(log.entries_file, lambda _: lines)
    tree, last = log.tree(), log.checkpoints()[-1]
    anew = Checkpoint(origin=last.origin, size=len(lines), root=tree.root().hex(), time=last.time).signed(log.key)
    log.checkpoints_file.write_bytes(anew.model_dump_json().encode() + b"\n")


@pytest.mark.parametrize("kept", [5, 6])
def test_a_rewriting_by_the_keys_holder_is_seen_by_the_witness(log: Log, state: Path, kept: int) -> None:
    lines = log.lines()[:kept]
    lines[1] = lines[1].replace(b'"by":"a"', b'"by":"z"')
    forge(log, lines)
    assert audit(log, state) == []
    witness = Witness(state / "witness")
    assert codes(audit(log, state, [witness])) == {"ZY-POL-041"}
    last = log.checkpoints()[-1]
    with pytest.raises(ZyError) as caught:
        witness.cosign(last, log.public(), proof_for(witness, log.tree(), last.size))
    assert caught.value.code == "ZY-POL-041"


def test_a_log_with_another_key_is_refused(log: Log, state: Path) -> None:
    witness, last = Witness(state / "witness"), log.checkpoints()[-1]
    for name in ("key", "key.pub"):
        (log.folder / name).unlink()
    (state / "other").mkdir()
    other = Log(state / "other")
    other.append([fact(state, 0)])
    with pytest.raises(ZyError) as caught:
        witness.cosign(last, other.public(), [])
    assert caught.value.code == "ZY-POL-041"


def test_a_witness_without_memory_of_the_log_vouches_for_nothing(log: Log, state: Path, tmp_path: Path) -> None:
    assert codes(audit(log, state, [Witness(tmp_path / "new")])) == {"ZY-POL-041"}


def test_a_witness_that_was_tampered_with_is_seen(log: Log, state: Path) -> None:
    witness = Witness(state / "witness")
    path = witness.folder / "seen.json"
    path.write_text(path.read_text().replace('"size":6', '"size":3'))
    assert codes(audit(log, state, [witness])) == {"ZY-POL-041"}


def test_a_torn_line_is_cut_and_signed_entries_stay(log: Log, state: Path) -> None:
    with log.entries_file.open("ab") as stream:
        stream.write(b'{"index":6,"ti')
    assert audit(log, state) == []
    log.append([fact(state, 7)])
    assert audit(log, state) == []
    assert [entry.fact.id for entry in log.entries()][-1] == "v7"


def test_a_damaged_log_is_not_built_upon(log: Log, state: Path) -> None:
    rewrite(log.entries_file, lambda lines: lines[1:])
    with pytest.raises(ZyError) as caught:
        log.append([fact(state, 8)])
    assert caught.value.code == "ZY-POL-040"


def test_without_a_key_nothing_is_signed(log: Log, state: Path) -> None:
    log.key.write_text("no key")
    with pytest.raises(ZyError) as caught:
        log.append([fact(state, 8)])
    assert caught.value.code == "ZY-POL-043"


def test_an_entry_is_proven_to_others(log: Log) -> None:
    last, tree = log.checkpoints()[-1], log.tree()
    proof = tree.inclusion(2, last.size)
    assert included(log.lines()[2], 2, last.size, proof, bytes.fromhex(last.root))
    assert last.signed_by(log.public())
    assert not last.model_copy(update={"size": 5}).signed_by(log.public())


def test_what_was_recorded_is_logged_once(tmp_path: Path) -> None:
    records = Records(tmp_path)
    keep(tmp_path, Kind.VERIFICATION, "{}")
    records.write_log()
    records.write_log()
    keep(tmp_path, Kind.AGREEMENTS, "{}")
    records.write_log()
    assert [entry.fact.kind for entry in records.log.entries()] == [Kind.VERIFICATION, Kind.AGREEMENTS]
    assert audit(records.log, tmp_path) == []
