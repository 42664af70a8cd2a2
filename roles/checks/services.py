"""What runs and is installed that no government host needs, and what is missing of patches. Pure."""

from __future__ import annotations

from roles.probe import Answer, Probe, Verdict, not_applicable, passed_if

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


def service_probes() -> list[Probe]:
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
