"""Hardening on real hosts: a fleet of the inventory's three hosts in a namespace of its own.

The tests build on one another in the order of the file: a bare host, hardened, changed by hand, away, put back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

import pytest
import testinfra  # type: ignore[import-untyped] # has no types

from province.host import HostRole
from province.record import Check, Operation, Outcome, RoomPlan, Severity, Status
from roles.catalogue import load_catalogue
from roles.events import Run
from roles.room import SITE
from tests.lab.hosts_of_the_inventory import PROVINCE, Lab, started
from zhengyun.drill.lab import HostLoss
from zhengyun.drill.run import Stage, run

NOT_APPLICABLE = {"hst-kernel-performance", "hst-kernel-bpf-compiler", "hst-patches", "hst-vulnerabilities"}
"""Two settings that this kernel lacks; and the lab's hosts have neither lists of packages nor the tracker's data."""
GOOD_BY_ITSELF = {  # what a bare Debian already does
    *("hst-core-dumps", "hst-default-accounts", "hst-file-access", "hst-kernel-bpf", "hst-kernel-core"),
    *(
        "hst-kernel-floods",
        "hst-kernel-links",
        "hst-listening",
        "hst-minimal-packages",
        "hst-plain-protocols",
        "hst-security-labels",
    ),
    *("hst-surplus-accounts", "hst-unique-ids", "hst-unneeded-services"),
}


def not_measured(host: str) -> set[str]:
    """What is skipped on a host: not applicable, waived by the inventory, or left to people."""
    declared = PROVINCE.hosts[host]
    attested = {
        control.id
        for control in load_catalogue().values()
        if control.attest and control.applies_to(declared.role, declared.system)
    }
    return NOT_APPLICABLE | attested | set(declared.waivers)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with started("zy-test-roles", tmp_path_factory.mktemp("hosts")) as one:
        yield one


SNAPSHOT = r"""
cd /
find etc usr/share/pam-configs var/lib/pam var/lib/zhengyun home root -xdev \
  -name '*-' -prune -o \( -type f -exec sha256sum {} + -o -printf '%p %m %U %G %l\n' \) | sort
getent passwd; getent group; passwd -S -a; systemctl list-unit-files --no-legend | sort
sysctl -a 2>/dev/null | grep -E '^(kernel[.](kptr|dmesg|sysrq|yama|randomize_va)|fs[.]prot|net[.]ipv[46][.]conf[.]all)'
nft list ruleset; auditctl -l; sshd -T
"""
"""Everything on a host that hardening touches, as text."""


@pytest.fixture(scope="module")
def bare(lab: Lab) -> dict[str, str]:
    """The hosts before anything was done to them."""
    return {host: lab.on(host, f"sudo sh -c {quote(SNAPSHOT)}") for host in PROVINCE.hosts}


def by_status(checks: list[Check], host: str, status: Status) -> set[str]:
    return {check.id for check in checks if check.target == host and check.status is status}


def objects(plan: RoomPlan) -> set[tuple[str, str]]:
    return {(action.target, action.object) for action in plan.actions}


@pytest.mark.usefixtures("bare")
def test_bare_host_fails_what_hardening_is_for(lab: Lab) -> None:
    checks = lab.room.verify([])
    for host in PROVINCE.hosts:
        assert by_status(checks, host, Status.SKIPPED) == not_measured(host)
        assert by_status(checks, host, Status.PASSED) == GOOD_BY_ITSELF


@dataclass(frozen=True)
class State:
    """One kind of object: how a promise of it reads, and the command that prints the same of the live host."""

    promised: Callable[[str], str]
    command: str


STATES = {
    "/": State(lambda after: hashlib.sha256(after.encode()).hexdigest(), "sha256sum {} | cut -d' ' -f1"),
    "sysctl": State(lambda after: " ".join(after.split()), "sysctl -n {} | xargs"),
    "unit": State(str.strip, "echo $(systemctl is-enabled {}), $(systemctl is-active {})"),
    "account": State(lambda _: "there", "getent passwd {} >/dev/null && echo there"),
}


def promised(run: Run, host: str) -> dict[str, str]:
    """What a check run says will be: files by digest, kernel settings and units by value, accounts by being there."""
    found = {}
    for one in run.differences:
        kind = "/" if one.object.startswith("/") else one.object.split()[0]
        if one.host == host and kind in STATES:
            found[one.object] = STATES[kind].promised(one.after)
    return found


def actual(lab: Lab, host: str, names: dict[str, str]) -> dict[str, str]:
    """The same of the live host, asked of the system itself."""
    kinds = ["/" if name.startswith("/") else name.split()[0] for name in names]
    commands = [STATES[kind].command.replace("{}", name.split()[-1]) for kind, name in zip(kinds, names, strict=True)]
    told = lab.on(host, f"sudo sh -c {quote('; '.join(commands))}").splitlines()
    return dict(zip(names, told, strict=True))


@pytest.mark.usefixtures("bare")
def test_apply_does_what_check_mode_promised_and_the_second_changes_nothing(lab: Lab) -> None:
    plan = lab.room.plan([])
    assert not plan.findings
    assert lab.room.live([]) == plan.live
    counts = {host: sum(1 for action in plan.actions if action.target == host) for host in PROVINCE.hosts}
    promise = lab.room._check(SITE, list(PROVINCE.hosts))
    results = lab.room.apply(plan, plan.waves[0][0], print)
    assert {r.target: (r.outcome, r.changes) for r in results} == {
        host: (Outcome.CHANGED, counts[host]) for host in PROVINCE.hosts
    }, results
    for host in PROVINCE.hosts:
        kept = promised(promise, host)
        assert len(kept) > 30
        assert {name: told for name, told in actual(lab, host, kept).items() if told != kept[name]} == {}
    assert set(lab.apply(plan).values()) == {Outcome.UNCHANGED}
    after = lab.room.plan([])
    assert (after.actions, after.waves) == ((), ())
    assert after.live != plan.live, "a plan made before the change must not be applied after it"


def test_hardened_host_passes_every_check(lab: Lab) -> None:
    checks = lab.room.verify([])
    for host in PROVINCE.hosts:
        failed = [check for check in checks if check.target == host and check.status is Status.FAILED]
        assert not failed
        assert by_status(checks, host, Status.SKIPPED) == not_measured(host)


def test_the_loss_of_the_log_host_is_drilled(lab: Lab) -> None:
    plan = PROVINCE.emergencies["log-host-loss"].model_copy(update={"detect_seconds": 600, "recover_seconds": 900})
    loss = HostLoss(lab.fleet, plan.target, print)
    drill = run(plan, Stage(loss, lambda: lab.room.verify([]), lambda: datetime.now(UTC), print), "gd", "test")
    assert drill.passed, drill.left
    assert any(check.target == plan.target for check in drill.first)
    # Not their log transport: a connection to a host without power stays open at their end for a long while.
    assert {check.id for check in drill.elsewhere} == {"hst-closed-port-ipv4", "hst-closed-port-ipv6"}
    assert lab.room.plan([]).actions == (), "its settings do not last over a start"


def test_testinfra_sees_the_same(lab: Lab) -> None:
    host = testinfra.get_host("ssh://gd-log-1", ssh_config=str(lab.fleet.access.ssh_config), sudo=True)
    assert host.service("auditd").is_running
    assert host.service("nftables").is_enabled
    assert host.socket("udp://0.0.0.0:123").is_listening
    assert host.user("li-na").exists
    assert host.file("/home/li-na").mode == 0o700
    assert host.file("/etc/sudoers.d/50-zhengyun").mode == 0o440


def test_change_by_hand_is_seen_and_mended(lab: Lab) -> None:
    lab.on("gd-app-1", "sudo nft flush ruleset; sudo sysctl -q kernel.kptr_restrict=0; sudo auditctl -D >/dev/null")
    lab.on("gd-app-1", "sudo sed -i s/PermitRootLogin.*/PermitRootLogin\\ yes/ /etc/ssh/sshd_config.d/01-zhengyun.conf")
    plan = lab.room.plan(["gd-app-1"])
    expected = {
        "loaded firewall",
        "sysctl kernel.kptr_restrict",
        "loaded audit",
        "/etc/ssh/sshd_config.d/01-zhengyun.conf",
    }
    assert objects(plan) == {("gd-app-1", name) for name in expected}
    assert "+PermitRootLogin no" in next(a.diff for a in plan.actions if a.object.startswith("/etc/ssh"))
    assert lab.apply(plan) == {"gd-app-1": Outcome.CHANGED}
    assert lab.room.plan(["gd-app-1"]).actions == ()


def as_role(lab: Lab, role: HostRole) -> dict[str, str]:
    """What would change on the application host, were it of this role: diffs by object."""
    plan = replace(lab.room, variables={"baseline_host_role": role.value}).plan(["gd-app-1"])
    assert not plan.findings
    return {action.object: action.diff for action in plan.actions}


def test_compute_node_keeps_forwarding_and_many_paths(lab: Lab) -> None:
    changes = as_role(lab, HostRole.COMPUTE)
    assert "-\tchain forward {" in changes["/etc/nftables.conf"]
    assert "-\tchain output {" in changes["/etc/nftables.conf"]
    assert "5900-6923" in changes["/etc/nftables.conf"]
    assert changes["sysctl net.ipv4.conf.all.rp_filter"].endswith("+2")
    assert not [name for name in changes if "forward" in name or "disable_ipv6" in name]


@pytest.mark.parametrize(("role", "port"), [(HostRole.DATABASE, "3306"), (HostRole.EXCHANGE, "443")])
def test_host_opens_what_its_role_serves_and_nothing_else_changes(lab: Lab, role: HostRole, port: str) -> None:
    changes = as_role(lab, role)
    assert set(changes) == {"/etc/nftables.conf"}
    assert port in changes["/etc/nftables.conf"]


def test_host_that_is_away_hides_no_other(lab: Lab, tmp_path: Path) -> None:
    elsewhere = lab.fleet.access.ssh_config.read_text().replace("HostName 10.99.0.11", "HostName 10.99.0.99")
    (tmp_path / "ssh_config").write_text(elsewhere)
    room = replace(lab.room, ssh_config=tmp_path / "ssh_config")
    plan = room.plan([])
    assert [(f.target, f.severity) for f in plan.findings] == [("gd-app-1", Severity.ADVISORY)]
    assert "ZY-HST-001" in plan.findings[0].message
    assert plan.waves[0][0].targets == ("gd-app-1",)
    step = plan.waves[0][0].model_copy(update={"targets": ("gd-app-1", "gd-log-1")})
    away, there = room.apply(plan, step, print)
    assert (away.outcome, there.outcome) == (Outcome.FAILED, Outcome.UNCHANGED)
    assert away.message.startswith("ZY-HST-001")
    checks = room.verify(["gd-app-1", "gd-log-1"])
    # What others see of it is all that can be said.
    assert by_status(checks, "gd-app-1", Status.PASSED) == {"hst-closed-port-ipv4", "hst-closed-port-ipv6"}
    assert "hst-ssh-authentication" in by_status(checks, "gd-log-1", Status.PASSED)


def test_removal_leaves_nothing_of_ours(lab: Lab, bare: dict[str, str]) -> None:
    plan = lab.room.destroy_plan()
    assert ("gd-app-1", "/etc/ssh/sshd_config.d/01-zhengyun.conf") in objects(plan)
    assert any(action.operation is Operation.DELETE for action in plan.actions)
    assert plan.live == lab.room.live([])
    assert set(lab.apply(plan).values()) == {Outcome.CHANGED}
    for host, before in bare.items():
        assert lab.on(host, f"sudo sh -c {quote(SNAPSHOT)}").splitlines() == before.splitlines()
    assert lab.room.destroy_plan().waves == ()
