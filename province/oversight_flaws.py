"""What must hold between those who answer for a province and what they sign, waive and hold to windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from province.conformity import EVERYTHING
from province.flaw import Flaw, unknown
from province.province import Province
from province.selector import KINDS, ChoosesNothingError, Target, chosen, targets


def oversight_flaws(province: Province) -> Iterator[Flaw]:
    """In the order of the checks below."""
    for check in (_waivers, _attestations, _approvers, _windows):
        yield from check(province)


def _waivers(province: Province) -> Iterator[Flaw]:
    supervising = {department.supervising.id for department in province.departments.values()}
    targets = province.targets()
    first: dict[tuple[str, str], str] = {}
    for code, waiver in sorted(province.waivers.items()):
        path = ("waivers", code)
        if waiver.approver not in supervising:
            yield unknown("supervising subject", waiver.approver, supervising, (*path, "approver"))
        if waiver.object not in targets:
            yield unknown("target", waiver.object, targets, (*path, "object"))
        about = waiver.clause, waiver.object
        if about in first:
            yield _contradiction(
                code, f"the waiver {first[about]} is about {waiver.clause} of {waiver.object} too", path
            )
        first.setdefault(about, code)
        attested = [c for c, a in sorted(province.attestations.items()) if a.clause == waiver.clause]
        if attested and waiver.object == EVERYTHING:
            yield _contradiction(code, f"{waiver.clause} is waived here, and attested in {attested[0]}", path)


def _contradiction(code: str, what: str, path: tuple[str | int, ...]) -> Flaw:
    return Flaw("ZY-POL-020", f"{code} contradicts: {what}", path, "keep the one that is true")


def _attestations(province: Province) -> Iterator[Flaw]:
    subjects = province.subjects()
    first: dict[tuple[str, str], str] = {}
    for code, attestation in sorted(province.attestations.items()):
        path = ("attestations", code)
        if attestation.by not in subjects:
            yield unknown("subject", attestation.by, subjects, (*path, "by"))
        if attestation.valid_until < attestation.made:
            yield Flaw("ZY-INV-026", "it ends before it begins", (*path, "valid_until"), "put the later date there")
        about = attestation.clause, attestation.by
        if about in first:
            yield _contradiction(code, f"{attestation.by} attests {attestation.clause} in {first[about]} too", path)
        first.setdefault(about, code)


def _approvers(province: Province) -> Iterator[Flaw]:
    for code, department in province.departments.items():
        both = department.responsible.approvers, department.supervising.approvers
        path = ("departments", code, "supervising" if both[0] else "responsible")
        if bool(both[0]) != bool(both[1]):
            what = f"only one of the two subjects of {code} lists approvers: a plan could never have both approvals"
            yield Flaw("ZY-POL-023", what, path, "list `approvers:` of both subjects, or of none")
        shared = {a.holder for a in both[0]} & {a.holder for a in both[1]} | {a.key for a in both[0]} & {
            a.key for a in both[1]
        }
        if shared:
            what = f"{min(shared)} stands for both subjects of {code}: duties are separated"
            yield Flaw("ZY-POL-023", what, path, "give each subject approvers and keys of its own")


def _windows(province: Province) -> Iterator[Flaw]:
    known = list(targets(province))
    for code, window in province.windows.items():
        yield from _selectors(window.targets, known, ("windows", code, "targets"))
        if window.opens == window.closes:
            fix = 'for a whole day write from "00:00" until "24:00"'
            yield Flaw("ZY-INV-026", "it ends when it begins", ("windows", code, "until"), fix)
    for code, freeze in province.freezes.items():
        yield from _selectors(freeze.targets, known, ("freezes", code, "targets"))
        if freeze.last < freeze.first:
            yield Flaw("ZY-INV-026", "it ends before it begins", ("freezes", code, "last"), "put the later date there")


def _selectors(selectors: Iterable[str], known: Sequence[Target], path: tuple[str, ...]) -> Iterator[Flaw]:
    for number, selector in enumerate(selectors):
        try:
            chosen(selector, known)
        except ChoosesNothingError as error:
            fix = f"write KIND=GLOB with KIND one of {', '.join(KINDS)}, or a glob of names such as 'gz-*'"
            yield Flaw("ZY-INV-049", f"{selector!r} is for no target: {error}", (*path, number), fix)
