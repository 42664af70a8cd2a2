"""Judging: each check passes on what a hardened host said, and fails on what a bare one said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from province.administrator import Duty
from province.host import Host, HostRole, HostSystem
from province.record import RoomName, Status
from roles.catalogue import load_catalogue
from roles.checks.firewall import firewall_probes, peer_probes
from roles.checks.logging import logging_probes
from roles.checks.outside import outside_probes
from roles.checks.services import service_probes
from roles.checks.ssh import ssh_probes
from roles.checks.time import time_probes
from roles.judgement import Judgement
from roles.people import Person
from roles.probe import Answer, Probe
from roles.tracker import Tracker
from roles.verification import Target, inside_probes

CATALOGUE = load_catalogue()


KEY, OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILJ1Ye", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOlHYO"
PEOPLE = (
    Person("wang-lei", Duty.SYSTEM, frozenset({KEY})),
    Person("li-na", Duty.AUDIT),
    Person("zhao-xin", Duty.SECURITY),
)


def target(role: HostRole) -> Target:
    host = Host(code="h1", region="gd", role=role, department="zsj")
    return Target(host, "10.99.0.11", "fd99::b", ("10.99.0.13",), ("10.99.0.11", "10.99.0.12"), PEOPLE)


TRACKER = Tracker(
    {"openssl": {"CVE-1": {"releases": {"bookworm": {"status": "resolved", "fixed_version": "3.0.16"}}}}}, 1
)
PROBES = {
    probe.id: probe
    for probe in (
        *inside_probes(target(HostRole.LOG), "n0nce"),
        *inside_probes(target(HostRole.BASTION), "n0nce"),
        *inside_probes(
            target(HostRole.APPLICATION), "n0nce", TRACKER
        ),  # of a control that several roles share, this one
        *outside_probes("h1", "/etc/ssh_config"),
        *peer_probes("h1", "10.99.0.11", "fd99::b"),
    )
}
SSHD = """maxauthtries 4
logingracetime 30
clientaliveinterval 300
clientalivecountmax 2
permitrootlogin no
passwordauthentication no
kbdinteractiveauthentication no
permitemptypasswords no
hostkeyalgorithms ssh-ed25519,rsa-sha2-512
loglevel VERBOSE
banner /etc/issue.net
allowtcpforwarding no
x11forwarding no
allowagentforwarding no
permittunnel no
gatewayports no
ciphers aes256-gcm@openssh.com
macs hmac-sha2-512-etm@openssh.com
kexalgorithms curve25519-sha256
"""
PAM = "auth requisite pam_faillock.so preauth\nauth [default=die] pam_faillock.so authfail\n"
DUTIES = "wang-lei here\nwang-lei system\nli-na here\nli-na audit\nzhao-xin here\nzhao-xin security\nasked"
RULES = "enabled 1\npid 108\n-w /etc/passwd -p wa\n-w /etc/sudoers\n-S clock_settime\n-S init_module\n-S execve"
RECORD = "type=SYSCALL msg=audit(11/24/26 04:00:00.123:42) : arch=x86_64 syscall=execve success=yes exit=0 auid=zyops"
RULESET = """type filter hook input priority filter; policy drop;
ip saddr { 10.99.0.0/24 } tcp dport 22 ct state new accept
limit rate 5/minute log prefix "zy-drop " level info
type filter hook forward priority filter; policy drop;
type filter hook output priority filter; policy drop;
"""
CAPACITY = "max_log_file = 20\nnum_logs = 10\nmax_log_file_action = ROTATE\ndisk_full_action = SYSLOG"
FILES = "/etc/passwd 644 root\n/etc/shadow 640 root\n/etc/sudoers 440 root\n/etc/ssh/ssh_host_ed25519_key 600 root"
SUDO = "Matching Defaults entries for sysadmin on h1:\n use_pty, logfile=/var/log/sudo.log, iolog_dir=/x, log_output"
TMP = "active\nD /tmp 1777 root root 10d\nd /var/tmp 1777 root root 30d"
INTEGRITY = "active\nActiveState=inactive\nrecord 607280"
MALWARE = "/usr/bin/clamscan\nsignatures daily.cvd\nactive"
SENDS = "/etc/zhengyun/tls/host.crt: OK\n0 0 10.99.0.11:38548 10.99.0.13:6514"
SERVES = "LISTEN 0 25 0.0.0.0:6514 0.0.0.0:*\nAcceptable client certificate CA names\nVerify return code: 0 (ok)"
KEPT = "d /var/log/zhengyun 0750 root adm 190d\n750 root"
QUALITY = "password1 -3\nPassw0rd -3\ngT7#xQ -3\nqmzufhwtkvbx -3\nstrong 80\n1"
MODULES = "sctp: install /bin/false \nrds: install /bin/false"
LISTENS = "tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\nudp UNCONN 0 0 127.0.0.1:323 0.0.0.0:*\ntcp LISTEN 0 9 [::]:22 [::]:*"
SOURCE = "^,*,10.99.0.13,8,6,17,59,-0.009,-0.009,0.009"
PROTECTED = "RefuseManualStop=yes\n750 root\n640 root"
FACTORS = "sysadmin publickey,keyboard-interactive:pam"
LOG = "kernel/dmesg_restrict:1\nkernel/kptr_restrict"
DENIED = "h1: Permission denied (publickey)."


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        ("hst-ssh-authentication", SSHD, SSHD.replace("permitrootlogin no", "permitrootlogin without-password")),
        ("hst-ssh-authentication", SSHD, SSHD.replace("passwordauthentication no", "passwordauthentication yes")),
        ("hst-ssh-limits", SSHD, SSHD.replace("maxauthtries 4", "maxauthtries 6")),
        ("hst-ssh-limits", SSHD, SSHD.replace("clientaliveinterval 300", "clientaliveinterval 0")),
        ("hst-ssh-algorithms", SSHD, SSHD.replace("aes256-gcm@openssh.com", "aes256-gcm@openssh.com,aes128-cbc")),
        ("hst-ssh-algorithms", SSHD, SSHD.replace("curve25519-sha256", "ecdh-sha2-nistp256")),
        ("hst-password-quality", QUALITY, QUALITY.replace("Passw0rd -3", "Passw0rd 20")),
        ("hst-password-quality", QUALITY, QUALITY.replace("strong 80", "strong -23")),
        ("hst-password-quality", QUALITY, QUALITY[:-1] + "0"),
        ("hst-password-age", "PASS_MAX_DAYS 90", "PASS_MAX_DAYS 99999"),
        ("hst-failure-lock", f"{PAM}deny = 5\nunlock_time = 900", f"{PAM}deny = 0\nunlock_time = 900"),
        ("hst-failure-lock", f"{PAM}deny = 5\nunlock_time = 900", "deny = 5\nunlock_time = 900"),
        ("hst-idle-shell", "TMOUT=600\nreadonly\n0027", "TMOUT=\n0022"),
        ("hst-idle-shell", "TMOUT=600\nreadonly\n0077", "TMOUT=600\n0077"),
        ("hst-default-accounts", "root L 2026", "root P 2026"),
        ("hst-default-accounts", "root L 2026", "root L 2026\nuid0 toor"),
        ("hst-separated-duties", DUTIES, DUTIES.replace("wang-lei system", "wang-lei system\nwang-lei audit")),
        ("hst-separated-duties", DUTIES, DUTIES.replace("zhao-xin security\n", "zhao-xin security\nzhao-xin all\n")),
        ("hst-separated-duties", DUTIES, DUTIES.replace("li-na here\n", "")),
        ("hst-separated-duties", DUTIES, DUTIES.replace("asked", "intruder unlisted\nasked")),
        ("hst-separated-duties", DUTIES, DUTIES.replace("\nasked", "")),
        ("hst-firewall-default", RULESET, RULESET.replace("policy drop", "policy accept", 1)),
        ("hst-firewall-default", RULESET, RULESET.replace("ct state new", "")),
        ("hst-firewall-forward", RULESET, RULESET.replace("hook forward priority filter; policy drop", "")),
        ("hst-firewall-outgoing", RULESET, RULESET.replace("hook output priority filter; policy drop", "")),
        ("hst-firewall-rules", RULESET, RULESET.replace("ip saddr { 10.99.0.0/24 } ", "")),
        ("hst-intrusion-record", RULESET, RULESET.replace("log prefix", "")),
        ("hst-listening", LISTENS, f"{LISTENS}\ntcp LISTEN 0 9 0.0.0.0:111 0.0.0.0:*"),
        ("hst-plain-protocols", LISTENS, f"{LISTENS}\ntcp LISTEN 0 9 0.0.0.0:23 0.0.0.0:*"),
        ("hst-ssh-host-key", SSHD, SSHD.replace("rsa-sha2-512", "ecdsa-sha2-nistp256")),
        ("hst-ssh-host-key", SSHD, SSHD.replace("rsa-sha2-512", "ssh-rsa")),
        ("hst-ssh-forwarding", SSHD, SSHD.replace("allowtcpforwarding no", "allowtcpforwarding yes")),
        ("hst-ssh-forwarding", SSHD, SSHD.replace("x11forwarding no", "x11forwarding yes")),
        ("hst-second-factor", f"{FACTORS}\nasked", f"{FACTORS}\nauditadmin publickey\nasked"),
        ("hst-second-factor", f"{FACTORS}\nasked", FACTORS),
        ("hst-ssh-record", SSHD, SSHD.replace("VERBOSE", "INFO")),
        ("hst-ssh-record", SSHD, SSHD.replace("/etc/issue.net", "none")),
        ("hst-unique-ids", "24", "twice toor\n24"),
        ("hst-surplus-accounts", "24", "shell games\n24"),
        ("hst-surplus-accounts", "24", "expired person\n24"),
        ("hst-surplus-accounts", f"key wang-lei {KEY} x\n24", f"key wang-lei {OTHER_KEY} x\n24"),
        ("hst-surplus-accounts", f'key wang-lei from="10.0.0.0/8" {KEY}\n24', f"key wang-lei {KEY}x\n24"),
        ("hst-surplus-accounts", "24", f"key intruder {KEY}\n24"),
        ("hst-file-access", FILES, FILES.replace("shadow 640", "shadow 644")),
        ("hst-file-access", FILES, FILES.replace("key 600", "key 640")),
        ("hst-file-access", FILES, f"{FILES}\n/etc/motd 0 anybody"),
        ("hst-command-record", SUDO, SUDO.replace("use_pty", "")),
        ("hst-command-record", SUDO, SUDO.replace("logfile=", "")),
        ("hst-session-recording", SUDO, SUDO.replace("log_output", "")),
        ("hst-audit-capacity", CAPACITY, CAPACITY.replace("= 20", "= 8")),
        ("hst-audit-capacity", CAPACITY, CAPACITY.replace("SYSLOG", "HALT")),
        ("hst-unneeded-services", "ssh.service", "ssh.service\ncups.socket"),
        ("hst-minimal-packages", "installed base-files", "installed base-files\ninstalled gcc"),
        ("hst-patches", "asked", "openssl\nasked"),
        ("hst-vulnerabilities", "installed openssl 3.0.16", "installed openssl 3.0.15"),
        ("hst-core-dumps", "0", "unlimited"),
        ("hst-temporary-files", TMP, TMP.replace("30d", "-")),
        ("hst-temporary-files", TMP, f"in{TMP}"),
        ("hst-file-integrity", INTEGRITY, INTEGRITY.replace("record 607280", "")),
        ("hst-file-integrity", "active\nActiveState=activating", f"in{INTEGRITY}"),
        ("hst-malware", MALWARE, MALWARE.replace("signatures daily.cvd", "")),
        ("hst-malware", MALWARE, MALWARE.replace("active", "inactive")),
        ("hst-log-transport", SENDS, SENDS.replace("10.99.0.13", "192.0.2.1")),
        ("hst-log-transport", SENDS, SENDS.replace(": OK", ": verification failed")),
        ("hst-audit-forwarded", "812", "no such process"),
        ("hst-log-service", SERVES, SERVES.replace("0 (ok)", "18 (self-signed certificate)")),
        ("hst-log-service", SERVES, SERVES.replace("Acceptable client certificate", "No client certificate")),
        ("hst-log-retention", KEPT, KEPT.replace("190d", "30d")),
        ("hst-log-retention", KEPT, KEPT.replace("\n750", "\n755")),
        ("hst-log-arrival", "10.99.0.11\n10.99.0.12\n127.0.0.1", "10.99.0.11\n127.0.0.1"),
        ("hst-security-labels", "Y\n5", "N"),
        ("hst-security-labels", "1", "0"),
        ("hst-audit-on", RULES, RULES.replace("pid 108", "pid 0")),
        ("hst-audit-on", RULES, RULES.replace("execve", "")),
        ("hst-audit-event", RECORD, RECORD.replace("auid=zyops", "auid=unset")),
        ("hst-audit-protected", PROTECTED, PROTECTED.replace("640", "644")),
        ("hst-audit-protected", PROTECTED, PROTECTED.replace("=yes", "=no")),
        ("hst-time", SOURCE, SOURCE.replace(",17,", ",0,")),
        ("hst-time", SOURCE, f"{SOURCE}\n^,?,192.0.2.1,3,6,17,59,0,0,0"),
        ("hst-kernel-log", f"{LOG}:2\nread", f"{LOG}:0\nread"),
        ("hst-kernel-core", "fs/suid_dumpable:0\nread", "fs/suid_dumpable:2\nread"),
        ("hst-kernel-modules", MODULES, MODULES.replace("install /bin/false", "insmod /lib/modules/sctp.ko", 1)),
        ("hst-closed-port-ipv4", "alive\nrc=124", "alive\nConnection refused\nrc=1"),
        ("hst-closed-port-ipv6", "alive\nrc=124", "rc=124"),
    ],
)
def test_check_tells_hardened_from_bare(check: str, good: str, bad: str) -> None:
    assert status(check, Answer(good)) is Status.PASSED
    assert status(check, Answer(bad)) is Status.FAILED


def status(check: str, answer: Answer | None) -> Status:
    return judged(PROBES[check], answer).status


def judged(probe: Probe, answer: Answer | None) -> Judgement:
    return probe.judged(CATALOGUE[probe.id], "h1", answer).judgement


@pytest.mark.parametrize("check", ["hst-login-password", "hst-login-root"])
def test_refusal_counts_only_when_the_host_itself_refused(check: str) -> None:
    assert status(check, Answer(DENIED, 255)) is Status.PASSED
    assert status(check, Answer("h1: Permission denied (publickey,password).", 255)) is Status.FAILED
    assert status(check, Answer("ssh: connect to host h1 port 22: Connection timed out", 255)) is Status.FAILED
    assert status(check, Answer("", 0)) is Status.FAILED


@pytest.mark.parametrize("probe", PROBES.values(), ids=list(PROBES))
def test_silence_proves_nothing(probe: Probe) -> None:
    for answer in (None, Answer(""), Answer("", 127), Answer("sh: not found", 127), Answer("", 124)):
        assert judged(probe, answer) is Judgement.FAILED, answer


def test_what_the_kernel_lacks_is_skipped_with_its_reason() -> None:
    check = PROBES["hst-kernel-bpf-compiler"].judged(CATALOGUE["hst-kernel-bpf-compiler"], "h1", Answer("read")).check()
    assert check.status is Status.SKIPPED
    assert check.actual == "not applicable: this kernel has no net.core.bpf_jit_harden"
    assert judged(PROBES["hst-second-factor"], Answer("asked")) is Judgement.NOT_APPLICABLE
    assert judged(PROBES["hst-patches"], Answer("nolists")) is Judgement.NOT_APPLICABLE
    assert (
        judged(PROBES["hst-security-labels"], Answer("cat: x: No such file\ncat: y: No such file"))
        is Judgement.NOT_APPLICABLE
    )
    assert status("hst-kernel-modules", Answer("sctp: FATAL: Module sctp not found.")) is Status.SKIPPED


@pytest.mark.parametrize(
    ("tracker", "judgement"),
    [
        (None, Judgement.NOT_APPLICABLE),
        (replace(TRACKER, days=7), Judgement.PASSED),
        (replace(TRACKER, days=8), Judgement.FAILED),
    ],
)
def test_holes_are_judged_by_fresh_data_alone(tracker: Tracker | None, judgement: Judgement) -> None:
    (probe,) = (p for p in service_probes(HostSystem.DEBIAN_12, tracker) if p.id == "hst-vulnerabilities")
    assert judged(probe, Answer("installed zlib 1\ninstalled openssl 3.0.16")) is judgement


def test_system_with_a_tracker_of_another_form_is_not_judged_by_this_one() -> None:
    (probe,) = (p for p in service_probes(HostSystem.OPENEULER_22_03, TRACKER) if p.id == "hst-vulnerabilities")
    assert judged(probe, Answer("installed openssl 3.0.15")) is Judgement.NOT_APPLICABLE


def test_without_another_host_the_closed_port_is_not_measured() -> None:
    assert status("hst-closed-port-ipv4", Answer("", 125)) is Status.SKIPPED


def test_time_source_itself_must_be_synchronised_and_listen() -> None:
    (probe,) = time_probes(HostRole.LOG, [])
    good = "7F7F0101,,8,0,0,0,0,0,0,0,0,0,0,Normal\nUNCONN 0 0 0.0.0.0:123 0.0.0.0:*"
    assert judged(probe, Answer(good)) is Judgement.PASSED
    assert judged(probe, Answer(good.replace("Normal", "Not synchronised"))) is Judgement.FAILED
    assert judged(probe, Answer(good.splitlines()[0])) is Judgement.FAILED


@pytest.mark.parametrize(
    ("role", "port"),
    [(HostRole.LOG, 6514), (HostRole.COMPUTE, 5901), (HostRole.DATABASE, 3306), (HostRole.EXCHANGE, 443)],
)
def test_host_may_listen_on_what_its_role_serves(role: HostRole, port: int) -> None:
    more = Answer(f"{LISTENS}\ntcp LISTEN 0 9 0.0.0.0:{port} 0.0.0.0:*\n")
    verdicts = {
        one: judged(next(p for p in firewall_probes(one) if p.id == "hst-listening"), more)
        for one in (role, HostRole.BASTION)
    }
    assert verdicts == {role: Judgement.PASSED, HostRole.BASTION: Judgement.FAILED}


def test_compute_node_keeps_what_openstack_needs() -> None:
    ids = {probe.id for probe in inside_probes(target(HostRole.COMPUTE), "n0nce")}
    assert not ids & {"hst-firewall-forward", "hst-firewall-outgoing"}
    (surplus,) = (p for p in inside_probes(target(HostRole.COMPUTE), "n") if p.id == "hst-surplus-accounts")
    assert judged(surplus, Answer("shell nova\n24")) is Judgement.PASSED
    assert status("hst-surplus-accounts", Answer("shell nova\n24")) is Status.FAILED


def test_only_a_bastion_passes_connections_on() -> None:
    (bastion,) = (probe for probe in ssh_probes(HostRole.BASTION, PEOPLE) if probe.id == "hst-ssh-forwarding")
    assert (
        judged(bastion, Answer(SSHD.replace("allowtcpforwarding no", "allowtcpforwarding local"))) is Judgement.PASSED
    )
    assert judged(bastion, Answer(SSHD.replace("allowtcpforwarding no", "allowtcpforwarding yes"))) is Judgement.FAILED


def test_host_without_a_log_host_cannot_pass() -> None:
    (_, sends) = logging_probes(HostRole.APPLICATION, [], [])
    assert judged(sends, Answer(SENDS)) is Judgement.FAILED


def test_every_check_carries_what_a_report_needs() -> None:
    for probe in PROBES.values():
        check = probe.judged(CATALOGUE[probe.id], "h1", Answer("x")).check()
        assert check.room is RoomName.HOSTS
        assert all((check.title, check.title_zh, check.expected, check.evidence))
        assert check.clause.startswith(("8.1.", "8.2."))
