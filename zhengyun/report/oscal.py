"""The judgement as OSCAL 1.2.1 (NIST), for assessors' tools: catalogue, component definition, assessment plan and
results, and plan of action and milestones (整改计划). Pure.

Identifiers are derived from names (UUID version 5), so that two runs over the same facts give the same documents.
``satisfied`` is said of nothing but what passed, was attested, or does not apply; the verdict stands beside it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from policies.catalogue import Catalogue, Control
from policies.judge import ClauseVerdict, Judged, Verdict
from province.clause import STANDARD
from province.province import Province
from province.record import JsonObject, Status
from zhengyun.judging import Judgement

VERSION = "1.2.1"
NAMESPACE = "urn:zhengyun:oscal"
_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
_CATALOG = "mlps3-catalog.json"
_SATISFIED = frozenset({Verdict.PASSED, Verdict.ATTESTED, Verdict.NOT_APPLICABLE})
_OPEN = frozenset({Verdict.FAILED, Verdict.NOT_MEASURED, Verdict.WAIVED})


def documents(made: Judgement, province: Province) -> Mapping[str, JsonObject]:
    """The documents by file name. They refer to one another by these names."""
    observed = _Observations(made.verdicts)
    return {
        _CATALOG: {"catalog": _catalog(made)},
        "component-definition.json": {"component-definition": _components(made, province)},
        "assessment-plan.json": {"assessment-plan": _plan(made, province)},
        "assessment-results.json": {"assessment-results": _results(made, province, observed)},
        "poam.json": {"plan-of-action-and-milestones": _poam(made, province)},
    }


def control_id(clause: str) -> str:
    """A clause as OSCAL's token: ``mlps3-8.1.3.2-a``."""
    return f"mlps3-{clause.replace(' ', '-')}"


def _id(*names: str) -> str:
    return str(uuid.uuid5(_ROOT, "\x1f".join(names)))


def _head(kind: str, title: str, made: Judgement, province: Province) -> JsonObject:
    code = province.identity.code
    metadata = {
        "title": title,
        "last-modified": _when(made.made),
        "version": made.made.strftime("%Y%m%d-%H%M%S"),
        "oscal-version": VERSION,
    }
    return {"uuid": _id(code, kind, _when(made.made)), "metadata": metadata}


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _catalog(made: Judgement) -> JsonObject:
    chapters: dict[str, list[JsonObject]] = {}
    for clause, control in made.catalogue.controls.items():
        chapters.setdefault(".".join(clause.split(".")[:3]), []).append(_control(clause, control))
    metadata = {
        "title": f"{STANDARD} 第三级技术要求（要点） Level 3, technical clauses (paraphrased)",
        "last-modified": _when(made.made),
        "version": "1",
        "oscal-version": VERSION,
    }
    groups = [{"id": f"mlps3-{chapter}", "title": chapter, "controls": found} for chapter, found in chapters.items()]
    return {"uuid": _id("catalog"), "metadata": metadata, "groups": groups}


def _control(clause: str, control: Control) -> JsonObject:
    props = [_prop("label", clause, ours=False)]
    if control.high_risk:
        props.append(_prop("high-risk", control.high_risk))
    statement = {"id": f"{control_id(clause)}_smt", "name": "statement", "prose": f"{control.title} {control.title_en}"}
    return {"id": control_id(clause), "title": control.title, "props": props, "parts": [statement]}


def _prop(name: str, value: str, *, ours: bool = True) -> JsonObject:
    prop = {"name": name, "value": " ".join(value.split())}
    return {**prop, "ns": NAMESPACE} if ours else prop


def _components(made: Judgement, province: Province) -> JsonObject:
    """What enforces or proves each clause: our rooms, as software components."""
    implemented: dict[str, list[JsonObject]] = {}
    for clause, control in made.catalogue.controls.items():
        for room in sorted(control.rooms):
            words = f"checks: {', '.join(control.checks)}" if control.checks else "attested by people"
            entry = {"uuid": _id("implemented", room, clause), "control-id": control_id(clause), "description": words}
            implemented.setdefault(room, []).append(entry)
    components = [
        {
            "uuid": _id("component", room),
            "type": "process-procedure" if room == "process" else "software",
            "title": f"zhengyun {room}",
            "description": f"What zhengyun enforces and proves in the room {room}.",
            "control-implementations": [
                {
                    "uuid": _id("implementation", room),
                    "source": _CATALOG,
                    "description": f"{STANDARD} level 3",
                    "implemented-requirements": requirements,
                }
            ],
        }
        for room, requirements in sorted(implemented.items())
    ]
    return {**_head("components", "组件定义 Component definition", made, province), "components": components}


def _reviewed(catalogue: Catalogue, verdicts: Iterable[ClauseVerdict]) -> JsonObject:
    chosen = [{"control-id": control_id(v.clause)} for v in verdicts if v.clause in catalogue.controls]
    return {"control-selections": [{"include-controls": chosen}]}


def _plan(made: Judgement, province: Province) -> JsonObject:
    inventory = _id(province.identity.code, "inventory")
    resource = {
        "uuid": inventory,
        "title": "清单 Inventory",
        "description": "The inventory stands for the system plan.",
    }
    return {
        **_head("plan", "测评方案 Assessment plan", made, province),
        "import-ssp": {"href": f"#{inventory}"},
        "reviewed-controls": _reviewed(made.catalogue, made.verdicts),
        "back-matter": {"resources": [resource]},
    }


def _results(made: Judgement, province: Province, observed: _Observations) -> JsonObject:
    head = _head("results", "测评结果 Assessment results", made, province)
    result: JsonObject = {
        "uuid": _id(head["uuid"], "result"),
        "title": f"{province.identity.name} {province.identity.name_en}",
        "description": "Verdicts of zy on every clause, from plans, checks and attestations.",
        "start": _when(made.made),
        "end": _when(made.made),
        "local-definitions": {"components": [_subject(target, province) for target in observed.targets]},
        "reviewed-controls": _reviewed(made.catalogue, made.verdicts),
        "findings": [_finding(verdict, made.catalogue, observed) for verdict in made.verdicts],
    }
    if observed.all:
        result["observations"] = list(observed.all.values())
    if not observed.targets:
        del result["local-definitions"]
    return {**head, "import-ap": {"href": "assessment-plan.json"}, "results": [result]}


def _subject(target: str, province: Province) -> JsonObject:
    return {
        "uuid": _id("target", target),
        "type": "system",
        "title": target,
        "description": f"Target of the inventory of {province.identity.name_en}.",
        "status": {"state": "operational"},
    }


def _finding(verdict: ClauseVerdict, catalogue: Catalogue, observed: _Observations) -> JsonObject:
    satisfied = verdict.verdict in _SATISFIED
    reason = {Verdict.PASSED: "pass", Verdict.FAILED: "fail"}.get(verdict.verdict, "other")
    status = {"state": "satisfied" if satisfied else "not-satisfied", "reason": reason}
    finding: JsonObject = {
        "uuid": _id("finding", verdict.clause),
        "title": f"{verdict.clause} {catalogue.controls[verdict.clause].title}",
        "description": f"{verdict.reason} {verdict.reason_en}",
        "props": [_prop("verdict", verdict.verdict), *([_prop("high-risk", "yes")] * verdict.high_risk)],
        "target": {"type": "statement-id", "target-id": f"{control_id(verdict.clause)}_smt", "status": status},
    }
    related = [{"observation-uuid": id_} for id_ in observed.of(verdict)]
    return {**finding, "related-observations": related} if related else finding


def _poam(made: Judgement, province: Province) -> JsonObject:
    """What is to be mended: what failed, what is waived for now, and what was not measured."""
    waivers = province.waivers
    items = [
        {
            "uuid": _id("poam", verdict.clause),
            "title": f"{verdict.clause} {made.catalogue.controls[verdict.clause].title}",
            "description": _todo(verdict),
            "props": [
                _prop("verdict", verdict.verdict),
                *(
                    _prop("waived-until", f"{waivers[w].expires}")
                    for w in sorted({j.waiver for j in verdict.judged} - {""})
                ),
            ],
        }
        for verdict in made.verdicts
        if verdict.verdict in _OPEN
    ]
    nothing = {"uuid": _id("poam", "nothing"), "title": "无 Nothing", "description": "Nothing is open."}
    head = _head("poam", "整改计划 Plan of action and milestones", made, province)
    system = {"identifier-type": "http://ietf.org/rfc/rfc4122", "id": _id(province.identity.code)}
    return {**head, "system-id": system, "poam-items": items or [nothing]}


def _todo(verdict: ClauseVerdict) -> str:
    mends = dict.fromkeys(
        f"{judged.object} ({judged.owner.responsible_name}): {judged.mend}"
        for judged in verdict.judged
        if judged.status is Status.FAILED
    )
    return "; ".join([f"{verdict.reason} {verdict.reason_en}", *list(mends)[:20]])


class _Observations:
    """Every check and finding once, however many clauses rest on it."""

    def __init__(self, verdicts: Sequence[ClauseVerdict]) -> None:
        self.all: dict[str, JsonObject] = {}
        targets: dict[str, None] = {}
        for judged in (each for verdict in verdicts for each in verdict.judged):
            targets[judged.object] = None
            if judged.proof.sha256 not in self.all:
                self.all[judged.proof.sha256] = _observation(judged)
        self.targets = tuple(targets)

    def of(self, verdict: ClauseVerdict) -> Iterator[str]:
        """Identifiers of what a verdict rests on."""
        for digest in dict.fromkeys(judged.proof.sha256 for judged in verdict.judged):
            found: Any = self.all[digest]["uuid"]
            yield str(found)


def _observation(judged: Judged) -> JsonObject:
    proof = judged.proof
    return {
        "uuid": _id("observation", proof.sha256),
        "title": judged.check,
        "description": f"{judged.title} {judged.title_en}",
        "props": [_prop("status", judged.status), _prop("severity", judged.severity)],
        "methods": ["TEST"],
        "subjects": [{"subject-uuid": _id("target", judged.object), "type": "component"}],
        "relevant-evidence": [
            {
                "href": f"../evidence.jsonl#{proof.sha256}",
                "description": f"{proof.command}: expected {judged.expected}; seen {judged.actual}",
                "props": [_prop("sha256", proof.sha256)],
            }
        ],
        "collected": _when(proof.time),
    }
