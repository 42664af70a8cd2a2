"""Approvals of a plan file: they lie beside it, in ``FILE.approvals``, for the plan's digest covers all of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from policies.approval import NAMESPACE, Approval, approver, duties
from province.errors import Place, ZyError
from province.province import Province
from zhengyun.change.planfile import Plan
from zhengyun.signature import public_key, sign

_APPROVALS: TypeAdapter[tuple[Approval, ...]] = TypeAdapter(tuple[Approval, ...])


def beside(plan: Path) -> Path:
    """Where the approvals of a plan file lie."""
    return plan.with_name(f"{plan.name}.approvals")


def read_approvals(plan: Path) -> tuple[Approval, ...]:
    """Approvals of a plan file; none where there is no such file. Raises ``ZY-POL-036`` when it is damaged."""
    path = beside(plan)
    try:
        return _APPROVALS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except ValidationError as error:
        raise ZyError(
            "ZY-POL-036", "the file of approvals is damaged", place=Place(file=str(path)), fix="remove it; approve anew"
        ) from error


def approve(file: Path, plan: Plan, province: Province, subject_id: str, key: Path) -> tuple[Approval, ...]:
    """Sign a plan for a subject and put the approval beside the plan; returns all that it has now.

    Raises ``ZY-POL-031`` (no such subject or key), ``-032`` (one's own plan), ``-043`` (no signature).
    """
    subject = province.subjects().get(subject_id)
    if subject is None:
        known = ", ".join(sorted(id_ for id_, one in province.subjects().items() if one.approvers)) or "nobody"
        raise ZyError("ZY-POL-031", f"there is no subject {subject_id}", fix=f"those with approvers: {known}")
    public = public_key(key if key.suffix == ".pub" else key.with_name(f"{key.name}.pub"))
    holder = approver(subject, public).holder
    if holder == plan.operator:
        raise duties(f"{holder} made this plan")
    unsigned = Approval(plan=plan.digest, subject=subject_id, holder=holder, time=datetime.now(UTC))
    approval = unsigned.model_copy(update={"signature": sign(key, NAMESPACE, unsigned.statement())})
    others = [one for one in read_approvals(file) if (one.subject, one.holder) != (subject_id, holder)]
    _write(file, (*others, approval))
    return (*others, approval)


def _write(plan: Path, approvals: tuple[Approval, ...]) -> None:
    path = beside(plan)
    partial = path.with_name(f".{path.name}")
    partial.write_bytes(_APPROVALS.dump_json(approvals, indent=1))
    partial.replace(path)
