"""Settings of the running kernel. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from roles.probe import Answer, Probe, Verdict, not_applicable, passed_if

_Test = Callable[[int], bool]


def _zero(value: int) -> bool:
    return value == 0


def _one_or_more(value: int) -> bool:
    return value >= 1


def _two_or_more(value: int) -> bool:
    return value >= 2


_LIMITS: Mapping[str, tuple[str, Mapping[str, _Test]]] = {
    "hst-kernel-links": (
        "fifos, hardlinks, regular files and symlinks protected",
        {f"fs.protected_{what}": _one_or_more for what in ("fifos", "hardlinks", "regular", "symlinks")},
    ),
    "hst-kernel-log": (
        "dmesg_restrict and kptr_restrict at least 1",
        {"kernel.dmesg_restrict": _one_or_more, "kernel.kptr_restrict": _one_or_more},
    ),
    "hst-kernel-memory": (
        "randomize_va_space 2, ptrace_scope at least 1",
        {"kernel.randomize_va_space": _two_or_more, "kernel.yama.ptrace_scope": _one_or_more},
    ),
    "hst-kernel-performance": ("perf_event_paranoid at least 2", {"kernel.perf_event_paranoid": _two_or_more}),
    "hst-kernel-bpf": ("unprivileged_bpf_disabled at least 1", {"kernel.unprivileged_bpf_disabled": _one_or_more}),
    "hst-kernel-bpf-compiler": ("bpf_jit_harden at least 1", {"net.core.bpf_jit_harden": _one_or_more}),
    "hst-kernel-console": ("sysrq 0", {"kernel.sysrq": _zero}),
    "hst-kernel-core": ("suid_dumpable 0", {"fs.suid_dumpable": _zero}),
    "hst-kernel-redirects": (
        "redirects and source routes are neither taken nor sent, in both families",
        {
            **{f"net.ipv{family}.conf.all.accept_redirects": _zero for family in "46"},
            **{f"net.ipv{family}.conf.all.accept_source_route": _zero for family in "46"},
            "net.ipv4.conf.all.send_redirects": _zero,
            "net.ipv4.conf.all.secure_redirects": _zero,
        },
    ),
    "hst-kernel-spoofing": (
        "rp_filter at least 1, log_martians 1",
        {"net.ipv4.conf.all.rp_filter": _one_or_more, "net.ipv4.conf.all.log_martians": _one_or_more},
    ),
    "hst-kernel-floods": (
        "tcp_syncookies and icmp_echo_ignore_broadcasts 1",
        {"net.ipv4.tcp_syncookies": _one_or_more, "net.ipv4.icmp_echo_ignore_broadcasts": _one_or_more},
    ),
}
_KEYS = sorted({key for _, limits in _LIMITS.values() for key in limits})
_READ = f"cd /proc/sys && grep -s '' {' '.join(key.replace('.', '/') for key in _KEYS)}; echo read"


def kernel_probes() -> list[Probe]:
    found = [Probe(id, _READ, expected, partial(_sysctls, limits)) for id, (expected, limits) in _LIMITS.items()]
    return [
        *found,
        Probe(
            "hst-kernel-modules",
            'for m in sctp rds tipc; do modprobe --show-depends $m 2>&1 | tail -1 | sed "s/^/$m: /"; done',
            "loading sctp, rds and tipc is refused",
            _modules,
        ),
        Probe(
            "hst-security-labels",
            "cat /sys/module/apparmor/parameters/enabled; cat /sys/fs/selinux/enforce;"
            " grep -c ' (enforce)' /sys/kernel/security/apparmor/profiles",
            "AppArmor with enforced profiles, or SELinux enforcing",
            _labels,
        ),
    ]


def _sysctls(limits: Mapping[str, _Test], answer: Answer) -> Verdict:
    values = dict(re.findall(r"^(\S+):(\S+)$", answer.text.replace("/", "."), re.MULTILINE))
    missing = "absent" if answer.text.endswith("read") else "no answer"
    seen = {key: values.get(key, missing) for key in limits}
    if set(seen.values()) == {"absent"}:
        return not_applicable(f"this kernel has no {', '.join(seen)}")
    right = all(value == "absent" or (value.isdigit() and limits[key](int(value))) for key, value in seen.items())
    return passed_if(right, ", ".join(f"{key} {value}" for key, value in seen.items()))


def _modules(answer: Answer) -> Verdict:
    told = answer.text.splitlines()
    lines = [line for line in told if "FATAL: Module" not in line]
    if told and not lines:
        return not_applicable("this kernel has none of these modules")
    return passed_if(bool(lines) and all("install /bin/false" in line for line in lines), "; ".join(lines))


def _labels(answer: Answer) -> Verdict:
    lines = [line for line in answer.text.splitlines() if "No such file" not in line]
    if not lines and answer.text.count("No such file") >= 2:
        return not_applicable("this kernel has neither AppArmor nor SELinux")
    enforced = next((int(line) for line in lines[1:] if line.isdigit()), 0)
    right = lines[:1] == ["1"] or (lines[:1] == ["Y"] and enforced > 0)
    return passed_if(right, f"{'on' if lines[:1] in (['Y'], ['1']) else 'off'}, {enforced} profiles enforced")
