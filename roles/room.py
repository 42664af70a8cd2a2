"""Hosts as a room of the province: planned, hardened, proven and put back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from province.errors import Place, ZyError
from province.host import Host
from province.province import Province
from province.record import (
    Beat,
    Check,
    Finding,
    JsonObject,
    Result,
    RoomName,
    RoomPlan,
    Severity,
    Step,
)
from province.window import CHINA
from roles.catalogue import PROVEN, check_waivers, load_catalogue
from roles.events import Run, coded
from roles.inventory import ansible_inventory, log_clients, ntp_servers
from roles.judgement import Judged
from roles.judges.evidence import Opinion, opinion
from roles.judges.judge import Judge
from roles.judges.visit import visit_all
from roles.people import people_of, unfilled
from roles.runner import Playbooks
from roles.tracker import Tracker, read_tracker
from roles.verification import Measurement, Target

SITE = "site.yml"
RESTORE = "restore.yml"
TRACKER = "security-tracker.json"
"""Where the state holds the data of Debian's security tracker; its time of change tells its age."""


@dataclass(frozen=True, slots=True)
class HostsRoom:
    """The province's own hosts. ``ssh_config`` reaches all of them; ``state_dir`` keeps runs' artefacts.

    ``variables`` override defaults of the roles (a province's own settings); they must hold no secret. ``today`` is the
    day of the run, by which an administrator's account is good or has ended.
    """

    province: Province
    ssh_config: Path
    state_dir: Path
    variables: Mapping[str, object] = field(default_factory=dict)
    today: date = field(default_factory=lambda: datetime.now(CHINA).date())
    name: RoomName = RoomName.HOSTS

    def plan(self, limit: Sequence[str]) -> RoomPlan:
        """What hardening would change, from a check run. Raises ZY-HST-002, 003 and 010."""
        hosts = self._hosts(limit)
        if not hosts:
            return RoomPlan(room=self.name)
        run = self._check(SITE, hosts)
        return self._as_plan(run, SITE, hosts, run.digest(hosts))

    def destroy_plan(self) -> RoomPlan:
        """What putting every host back as it was before our first run would change."""
        hosts = self._hosts([])
        if not hosts:
            return RoomPlan(room=self.name)
        return self._as_plan(self._check(RESTORE, hosts), RESTORE, hosts, self.live([]))

    def live(self, limit: Sequence[str]) -> str:
        """Digest of the live state, from a check run of its own."""
        hosts = self._hosts(limit)
        return self._check(SITE, hosts).digest(hosts) if hosts else ""

    def apply(self, plan: RoomPlan, step: Step, beat: Beat) -> list[Result]:
        """Harden, or put back, all hosts of a step side by side; ``beat`` hears of every task."""

        def heard(event: JsonObject) -> None:
            data = event.get("event_data", {})
            if event.get("event") == "playbook_on_task_start":
                beat(str(data.get("task", "")))
            elif event.get("event") == "runner_on_ok":
                beat(f"{data.get('host')}: {data.get('task')}")
            elif event.get("event") in ("runner_on_failed", "runner_on_unreachable"):
                beat(f"{data.get('host')}: failed at {data.get('task')}")

        run = self._playbooks().run(plan.payload["playbook"], self._hosts(step.targets), "--diff", heard)
        return [run.result(host) for host in step.targets]

    def verify(self, limit: Sequence[str]) -> list[Check]:
        """Measure every host, side by side, each in one round trip, and try what can be tried from outside."""
        targets = [self._target(code) for code in self._hosts(limit)]
        peers = [self._target(code) for code in self.province.hosts]
        return [judged.check() for judged in self._measurement().verify(targets, peers)]

    def audit(self, limit: Sequence[str]) -> list[Judged]:
        """Judge every control on each live host in one round trip; needs no run of a role, and changes nothing.

        Raises ZY-HST-002, 003, 028 and 030. A host that is away has failed every control that it was asked for.
        """
        self._check_way()
        targets = [self._target(code) for code in self._hosts(limit)]
        return self._measurement().audit(targets)

    def judge(self, limit: Sequence[str], judge: Judge, program: Path) -> list[Opinion]:
        """Have one that is not ours judge each live host, and answer what it finds by our waivers.

        ``program``: the judge's folder. Raises ZY-HST-002, 003 and 030. The opinion of a host that could not be judged
        holds ZY-HST-060 or 061.
        """
        self._check_way()
        waivers = judge.waivers()
        return [opinion(one, waivers) for one in visit_all(self.ssh_config, self._hosts(limit), judge, program)]

    def _as_plan(self, run: Run, playbook: str, hosts: list[str], live: str) -> RoomPlan:
        actions = tuple(difference.action() for difference in run.differences)
        # A host that is away stays in the step: should it come back, it is hardened; if not, the result says so.
        due = tuple(host for host in hosts if host in run.unreachable or any(a.target == host for a in actions))
        step = Step(name="restore" if playbook == RESTORE else "harden", targets=due)
        return RoomPlan(
            room=self.name,
            actions=actions,
            findings=(
                *findings(run),
                *unproven(self.province.hosts[code] for code in due),
                *self._vacancies(hosts if playbook == SITE else []),
            ),
            waves=((step,),) if due else (),
            live=live,
            payload={"playbook": playbook},
        )

    def _vacancies(self, hosts: Sequence[str]) -> list[Finding]:
        """Duties that nobody has any more. The inventory is sound, so somebody's time has ended."""
        return [
            Finding(
                rule="host-duty-filled",
                severity=Severity.ADVISORY,
                object="administrators",
                target=host,
                message=f"ZY-HST-050: nobody has the duty {duty} ({duty.chinese}) here since somebody's time has ended",
                fix="prolong `until` of that person, or list another with that duty",
            )
            for host in hosts
            for duty in unfilled(self.province, self.province.hosts[host], self.today)
        ]

    def _check(self, playbook: str, hosts: Sequence[str]) -> Run:
        return self._playbooks().run(playbook, hosts, "--check --diff", lambda _: None)

    def _check_way(self) -> None:
        if not self.ssh_config.is_file():
            raise ZyError(
                "ZY-HST-002",
                "the hosts cannot be reached: there is no such ssh configuration",
                place=Place(file=str(self.ssh_config)),
                fix="start the lab (`zy lab up`), or name the file that reaches your hosts",
            )

    def _playbooks(self) -> Playbooks:
        self._check_way()
        variables = {"baseline_authority": str(self.state_dir / "authority"), **self.variables}
        return Playbooks(ansible_inventory(self.province, self.ssh_config, self.today), self.state_dir, variables)

    def _hosts(self, limit: Sequence[str]) -> list[str]:
        check_waivers(load_catalogue(), self.province.hosts)
        unknown = sorted(set(limit) - set(self.province.hosts))
        if unknown:
            raise ZyError(
                "ZY-HST-003",
                f"the inventory declares no host {', '.join(unknown)}",
                place=Place(target=unknown[0]),
                fix=f"choose among {', '.join(sorted(self.province.hosts)) or 'none: hosts.yaml is empty'}",
            )
        return sorted(limit or self.province.hosts)

    def _target(self, code: str) -> Target:
        address, host = self.province.addresses.host, self.province.hosts[code]
        return Target(
            host,
            str(address(code).ipv4.ip),
            str(address(code).ipv6.ip),
            log_servers=tuple(ntp_servers(self.province, host)),
            log_clients=tuple(log_clients(self.province, host)),
            people=people_of(self.province, host, self.today),
        )

    def _measurement(self) -> Measurement:
        return Measurement(load_catalogue(), self.ssh_config, self._tracker())

    def _tracker(self) -> Tracker | None:
        """The security tracker's data that somebody carried into the state; raises ZY-HST-028."""
        path = self.state_dir / TRACKER
        if not path.exists():
            return None
        age = time.time() - path.stat().st_mtime
        return read_tracker(path.read_text(encoding="utf-8", errors="replace"), str(path), int(age // 86400))


def unproven(hosts: Iterable[Host]) -> list[Finding]:
    """A host of a system that our settings were never run on, before they are for the first time."""
    return [
        Finding(
            rule="host-system-proven",
            severity=Severity.ADVISORY,
            object="baseline",
            target=host.code,
            message=f"no test of ours was run on {host.system} (未经实测): names of its units and files may differ",
            fix="harden one host of the kind first, over a console; `zy hosts audit` shows what holds there",
        )
        for host in hosts
        if host.system not in PROVEN
    ]


def findings(run: Run) -> list[Finding]:
    """A host that could not be judged: one that is away is told, one that cannot be hardened stops the plan."""
    away = [
        Finding(
            rule="host-reachable",
            severity=Severity.ADVISORY,
            object="ssh",
            target=host,
            message=f"ZY-HST-001: the host cannot be reached: {why}",
            fix="see why with `ssh -F` and the ssh configuration that the plan used; or leave it out with --limit",
        )
        for host, why in run.unreachable.items()
    ]
    broken = [
        Finding(
            rule="host-can-be-hardened",
            severity=Severity.MANDATORY,
            object="baseline",
            target=host,
            message=coded(why),
            fix="mend what the message names on the host, then plan again",
        )
        for host, why in run.failed.items()
    ]
    return away + broken
