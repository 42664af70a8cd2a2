"""An audit as people and programs read it."""

from __future__ import annotations

from rich.console import Console

from roles.catalogue import load_catalogue
from roles.judgement import Judged, Judgement
from zhengyun.show.audit import audit_document, audit_summary, audit_text

CONTROL = load_catalogue()["hst-ssh-limits"]


def judged(judgement: Judgement, target: str = "gd-app-1") -> Judged:
    return Judged(CONTROL, target, judgement, "at most 4 tries", "6 tries", "sshd -T")


ALL = [judged(one) for one in Judgement]


def shown(items: list[Judged], every: bool = False) -> str:
    console = Console(width=160, no_color=True)
    with console.capture() as capture:
        console.print(audit_text(items, every))
    return capture.get()


def test_every_judgement_is_counted_and_none_is_taken_for_another() -> None:
    assert audit_summary(ALL) == dict.fromkeys(("passed", "failed", "not-applicable", "waived", "to-be-attested"), 1)
    (one,) = (c for c in audit_document(ALL)["controls"] if c["judgement"] == "failed")
    assert (one["id"], one["clauses"], one["evidence"]) == ("hst-ssh-limits", ["8.1.4.1 b"], "sshd -T")


def test_what_failed_is_shown_in_full_and_the_rest_on_demand() -> None:
    assert shown(ALL).count("hst-ssh-limits") == 1
    assert "6 tries" in shown(ALL)
    assert shown(ALL, every=True).count("hst-ssh-limits") == len(ALL)
    assert "6 tries" not in shown([judged(Judgement.PASSED)])
