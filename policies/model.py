"""Rules on the inventory itself: what a cloud's resources alone do not show. Pure.

Each rule has cases that must pass and cases that must fail; ``zy policy test`` and our own tests run them. A rule that
raises has judged nothing: it is reported as an error of that rule, and never taken for a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Protocol

from policies.judge import RuleError
from policies.own import own_rules
from province.adopted import AdoptedObject, AdoptedProject
from province.province import Province, Target
from province.record import Finding, Severity
from province.system import DataClass, System

PUE_GRADES = ((1, 1.20), (2, 1.30), (3, 1.50))
"""Highest yearly PUE of each grade (GB 40879-2021, table 1); above grade 3 a data centre is not allowed."""

Change = Callable[[Province], Province]


@dataclass(frozen=True, slots=True)
class Breach:
    """What breaks a rule: the target it belongs to, the thing, and how to mend it."""

    target: str
    object: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class ModelRule:
    """A rule. ``passes`` and ``fails`` change a sound province so that it still holds, or does not hold any more."""

    name: str
    title: str
    title_en: str
    clause: str
    severity: Severity
    judge: Callable[[Province], Iterable[Breach]]
    passes: Sequence[Change]
    fails: Sequence[Change]

    def findings(self, province: Province) -> Iterator[Finding]:
        for breach in self.judge(province):
            yield Finding(
                rule=self.name,
                severity=self.severity,
                object=breach.object,
                message=breach.message,
                fix=breach.fix,
                clause=self.clause,
                target=breach.target,
            )


class Judge(Protocol):
    """What :func:`run` needs of a rule: one of ours, or a province's own."""

    @property
    def name(self) -> str: ...

    def findings(self, province: Province) -> Iterator[Finding]: ...


def rules_for(province: Province) -> tuple[Judge, ...]:
    """Our rules, and then the province's own."""
    return (*RULES, *own_rules(province))


def run(rules: Iterable[Judge], province: Province) -> tuple[list[Finding], list[RuleError]]:
    """Findings of all rules, and the rules that raised."""
    findings: list[Finding] = []
    errors: list[RuleError] = []
    for rule in rules:
        try:
            findings += list(rule.findings(province))
        except Exception as error:  # a rule may be anybody's: its mistake must not hide what the others find
            errors.append(RuleError(rule=rule.name, error=f"{type(error).__name__}: {error}"))
    return findings, errors


def finding_of(error: RuleError) -> Finding:
    """A rule that could not judge, as a finding: what nobody judged is not carried out."""
    return Finding(
        rule=error.rule,
        severity=Severity.MANDATORY,
        object="the rule itself",
        message=f"ZY-POL-019: the rule raised {error.error}",
        fix="mend the rule; see zy policy test",
    )


def misjudged(rules: Iterable[ModelRule], sound: Province) -> list[str]:
    """Cases of ``rules`` that a rule judges wrongly, in words. ``sound``: a province that the cases change."""
    wrong: list[str] = []
    for rule in rules:
        for kind, cases in (("pass", rule.passes), ("fail", rule.fails)):
            wrong += [f"{rule.name}: it has no case that must {kind}"] * (not cases)
            for number, change in enumerate(cases, 1):
                findings, errors = run([rule], change(sound))
                if errors or bool(findings) != (kind == "fail"):
                    said = errors[0].error if errors else f"{len(findings)} findings"
                    wrong.append(f"{rule.name}: case {number} that must {kind}: {said}")
    return wrong


def _level(province: Province) -> Iterator[Breach]:
    for code, system in sorted(province.systems.items()):
        platform = province.regions[system.region].mlps_level
        if system.mlps_level > platform:
            yield Breach(
                f"tenant-{code}",
                f"system {code}",
                f"level {system.mlps_level} is above the platform's level {platform}",
                "place it in a region of that level",
            )


def _image(province: Province) -> Iterator[Breach]:
    for code, system in sorted(province.systems.items()):
        hardened = province.images[system.image].hardening_level
        if hardened < system.mlps_level:
            yield Breach(
                f"tenant-{code}",
                f"image {system.image}",
                f"hardened for level {hardened}, and the system {code} has level {system.mlps_level}",
                "harden the image for that level, or use another",
            )


def _image_proven(province: Province) -> Iterator[Breach]:
    """Important systems are those of level 3 and above. The lab's placeholders start nowhere, so it is left out."""
    for code, system in sorted(province.systems.items()):
        image = province.images[system.image]
        if province.identity.target is not Target.LAB and system.mlps_level >= 3 and not image.manifest:
            yield Breach(
                f"tenant-{code}",
                f"image {system.image}",
                f"nothing proves its hardening: {image.hardening_waiver or 'it has no manifest'}",
                "build it with `zy image build` and name its `manifest`",
            )


def _redundant(province: Province) -> Iterator[Breach]:
    for code, system in sorted(province.systems.items()):
        for name, workload in sorted(system.workloads.items()):
            if workload.audience is not None and workload.count < 2:
                yield Breach(
                    f"tenant-{code}",
                    f"workload {name}",
                    f"it serves the {workload.audience} with one server",
                    "set `count: 2` or more; they are spread over machines",
                )


def _encrypted(province: Province) -> Iterator[Breach]:
    for code, system in sorted(province.systems.items()):
        volumes = sorted(name for name, workload in system.workloads.items() if workload.volume_gib)
        if system.data_class is not DataClass.GENERAL and volumes:
            yield Breach(
                f"tenant-{code}",
                f"volumes of {', '.join(volumes)}",
                f"{system.data_class.chinese} ({system.data_class} data) lies on volumes that are not encrypted",
                "encrypt in the application for now, and attest it",
            )


def _energy(province: Province) -> Iterator[Breach]:
    for code, region in sorted(province.regions.items()):
        for centre in region.data_centres:
            if centre.pue > PUE_GRADES[-1][1]:
                yield Breach(
                    f"region-{code}",
                    centre.name,
                    f"PUE {centre.pue} is above {PUE_GRADES[-1][1]}, the limit of grade 3 (GB 40879-2021)",
                    "mend cooling and load, or move its systems",
                )


def _addresses(province: Province) -> Iterator[Breach]:
    pools_of = province.identity.pools.by_name().items()
    ours = [(name, ip_network(prefix)) for name, pair in pools_of for prefix in pair if prefix is not None]
    for code, project in sorted(province.adopted.items()):
        for subnet in (one for one in project.objects if one.kind.endswith(":Subnet")):
            found = ip_network(str(subnet.inputs["cidr"]))
            pools = [name for name, prefix in ours if prefix.version == found.version and prefix.overlaps(found)]
            if pools:
                yield Breach(
                    f"adopted-{code}",
                    f"subnet {subnet.name}",
                    f"{found} lies in the province's own addresses ({', '.join(pools)})",
                    "keep it off the extranet, or renumber one of the two before they meet",
                )


def energy_grade(pue: float) -> int | None:
    """Grade of GB 40879-2021; ``None`` above the limit of grade 3."""
    return next((grade for grade, limit in PUE_GRADES if pue <= limit), None)


def _systems(**changes: object) -> Change:
    """Every system with these values."""
    return lambda p: p.model_copy(update={"systems": {c: s.model_copy(update=changes) for c, s in p.systems.items()}})


def _workloads(**changes: object) -> Change:
    def all_of(system: System) -> System:
        changed = {name: workload.model_copy(update=changes) for name, workload in system.workloads.items()}
        return system.model_copy(update={"workloads": changed})

    return lambda p: p.model_copy(update={"systems": {code: all_of(system) for code, system in p.systems.items()}})


def _images(level: int) -> Change:
    return lambda p: p.model_copy(
        update={"images": {c: i.model_copy(update={"hardening_level": level}) for c, i in p.images.items()}}
    )


def _evidence(manifest: str, target: Target) -> Change:
    """Systems of level 3 on this target, whose images have this manifest or none."""

    def change(province: Province) -> Province:
        images = {c: i.model_copy(update={"manifest": manifest}) for c, i in province.images.items()}
        identity = province.identity.model_copy(update={"target": target})
        return _systems(mlps_level=3)(province).model_copy(update={"images": images, "identity": identity})

    return change


def _regions(level: int | None = None, pue: float | None = None) -> Change:
    def change(province: Province) -> Province:
        regions = {}
        for code, region in province.regions.items():
            centre = region.data_centre.model_copy(update={} if pue is None else {"pue": pue})
            levels = {} if level is None else {"mlps_level": level}
            regions[code] = region.model_copy(update={"data_centre": centre, **levels})
        return province.model_copy(update={"regions": regions})

    return change


def _adopts(cidr: str) -> Change:
    """A project with one subnet is adopted."""

    def change(province: Province) -> Province:
        kind = "openstack:networking/subnet:Subnet"
        subnet = AdoptedObject(kind=kind, name="old", id="1", inputs={"cidr": cidr})
        region = min(province.regions)
        project = AdoptedProject(code="old", name="old", region=region, project_id="1", objects=(subnet,))
        return province.model_copy(update={"adopted": {"old": project}})

    return change


RULES: tuple[ModelRule, ...] = (
    ModelRule(
        "level-fits-platform",
        "业务系统级别不高于云平台",
        "No system has a higher level than its platform",
        "8.2.2.1 a",
        Severity.MANDATORY,
        _level,
        passes=(_systems(mlps_level=3), _regions(level=4)),
        fails=(_systems(mlps_level=4), _regions(level=1)),
    ),
    ModelRule(
        "image-hardened",
        "镜像按系统级别加固",
        "Every system starts from an image that is hardened for its level",
        "8.2.4.4 a",
        Severity.MANDATORY,
        _image,
        passes=(_images(3), _images(4)),
        fails=(_images(0), _images(2), _systems(mlps_level=4)),
    ),
    ModelRule(
        "image-proven",
        "三级及以上系统的镜像附有加固清单",
        "Systems of level 3 and above start from images whose hardening a manifest proves",
        "8.2.4.4 a",
        Severity.ADVISORY,
        _image_proven,
        passes=(_evidence("debian-12.manifest.json", Target.PRODUCTION), _evidence("", Target.LAB)),
        fails=(_evidence("", Target.PRODUCTION),),
    ),
    ModelRule(
        "public-service-redundant",
        "对外服务至少两台云主机",
        "What serves an audience has two servers at least",
        "8.1.4.9 c",
        Severity.ADVISORY,
        _redundant,
        passes=(_workloads(count=2),),
        fails=(_workloads(count=1, audience="internet"), _workloads(count=1, audience="extranet")),
    ),
    ModelRule(
        "data-volumes-encrypted",
        "核心和重要数据卷加密",
        "Volumes of core and important data are encrypted",
        "8.1.4.8 b",
        Severity.ADVISORY,
        _encrypted,
        passes=(_systems(data_class=DataClass.GENERAL), _workloads(volume_gib=0)),
        fails=(_systems(data_class=DataClass.CORE), _workloads(volume_gib=1)),
    ),
    ModelRule(
        "energy-within-limit",
        "数据中心电能利用效率不超过限值",
        "The PUE of every data centre is within the limit of GB 40879-2021",
        "",
        Severity.ADVISORY,
        _energy,
        passes=(_regions(pue=1.2), _regions(pue=1.5)),
        fails=(_regions(pue=1.51), _regions(pue=2.0)),
    ),
    ModelRule(
        "adopted-addresses-free",
        "纳管网络地址不与全省地址规划冲突",
        "No network of an adopted project has addresses that the province's plan gives to others",
        "8.1.2.1 c",
        Severity.ADVISORY,
        _addresses,
        passes=(_adopts("192.0.2.0/24"), _adopts("2001:db8:1::/64")),
        fails=(_adopts("0.0.0.0/1"), _adopts("::/0")),
    ),
)
