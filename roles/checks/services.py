"""What runs and is installed that no government host needs, and what is missing of patches. Pure."""

from __future__ import annotations

from functools import partial

from province.host import HostSystem
from roles.probe import Answer, Probe, Verdict, not_applicable, passed_if
from roles.tracker import RELEASES, Package, Tracker

_UNNEEDED = (
    *("avahi-daemon", "bluetooth", "cups", "ModemManager", "nfs-server", "rpcbind", "smbd", "snmpd", "apport"),
    *("telnet", "inetd", "xinetd", "rsh", "rlogin", "rexec", "vsftpd", "tftpd-hpa", "whoopsie"),
)
_TOOLS = (
    *("gcc", "g++", "make", "gdb", "nmap", "tcpdump", "wireshark-common", "netcat-traditional", "telnetd", "telnet"),
    *("rsh-client", "rsh-server", "ftp", "vsftpd", "xserver-xorg-core", "ypserv", "nis", "talk"),
)
_UPDATES = """ls /var/lib/apt/lists/*_Packages >/dev/null 2>&1 || { echo nolists; exit; }
apt-get -s -o Debug::NoLocking=1 upgrade | grep '^Inst.*ecurity' | cut -d' ' -f2; echo asked"""

_SOURCES = "dpkg-query -W -f '${db:Status-Status} ${source:Package} ${source:Version}\\n'"
FRESH = 7
"""Days that the tracker's data is good for: holes become known every day, and signatures last as long."""
_SHOWN = 5


def service_probes(system: HostSystem, tracker: Tracker | None) -> list[Probe]:
    return [
        Probe(
            "hst-unneeded-services",
            "systemctl list-units --type=service,socket --state=active --no-legend --plain | cut -d' ' -f1",
            f"none of {', '.join(_UNNEEDED)}",
            _unneeded_services,
        ),
        Probe(
            "hst-minimal-packages",
            f"dpkg-query -W -f '${{db:Status-Status}} ${{Package}}\\n' {' '.join(_TOOLS)} base-files 2>/dev/null"
            f" || rpm -q --qf 'installed %{{NAME}}\\n' {' '.join(_TOOLS)} filesystem 2>/dev/null",
            f"none of {', '.join(_TOOLS)}",
            _minimal_packages,
        ),
        Probe("hst-patches", _UPDATES, "no security update is waiting", _patches),
        Probe(
            "hst-vulnerabilities",
            _SOURCES,
            f"no known hole that a newer version mends, by data of the last {FRESH} days",
            partial(_vulnerabilities, RELEASES.get(system), tracker),
        ),
    ]


def _unneeded_services(answer: Answer) -> Verdict:
    units = answer.text.splitlines()
    found = sorted(unit for unit in units if unit.rpartition(".")[0] in _UNNEEDED)
    whole = any(unit.startswith(("ssh.", "sshd.")) for unit in units)
    return passed_if(whole and not found, f"runs: {', '.join(found) or 'none'} of {len(units)} active units")


def _minimal_packages(answer: Answer) -> Verdict:
    installed = {line.split()[1] for line in answer.text.splitlines() if line.startswith("installed ")}
    found = sorted(installed & set(_TOOLS))
    whole = bool(installed & {"base-files", "filesystem"})
    return passed_if(
        whole and not found, f"installed: {', '.join(found) or 'none'}" if whole else "no list of packages"
    )


def _patches(answer: Answer) -> Verdict:
    if answer.text == "nolists":
        return not_applicable("the host has no lists of packages to compare with")
    *waiting, last = answer.text.splitlines() or [""]
    return passed_if(last == "asked" and not waiting, f"waiting: {', '.join(waiting) or 'none'}")


def _vulnerabilities(release: str | None, tracker: Tracker | None, answer: Answer) -> Verdict:
    if release is None:
        return not_applicable("this system's tracker of holes is of another form")
    if tracker is None:
        return not_applicable("there is no data of the security tracker to compare with")
    lines = [line.split() for line in answer.text.splitlines() if line.startswith("installed ")]
    packages = {Package(*words[1:]) for words in lines if len(words) == 3}
    known = tracker.known(packages, release)
    mended = [hole for hole in known if hole.fixed]
    shown = "; ".join(str(hole) for hole in mended[:_SHOWN]) + (" …" if len(mended) > _SHOWN else "")
    told = f"{len(mended)} holes that a newer version mends{f' ({shown})' if mended else ''}"
    told += f", {len(known) - len(mended)} without a mend yet"
    told += f", in {len(packages)} source packages, by data {tracker.days} days old"
    return passed_if(bool(packages) and not mended and tracker.days <= FRESH, told)
