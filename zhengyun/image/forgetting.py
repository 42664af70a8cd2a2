"""What takes a guest's identity, records and secrets away, so that what stays is an image. Pure."""

from __future__ import annotations

SCRIPT = "/var/lib/zhengyun/forget"
DONE = "zhengyun: forgotten"
"""The script's last words; without them nothing is known of what it did."""

IDENTITY = (
    *("/etc/ssh/ssh_host_*", "/etc/hostname", "/etc/resolv.conf", "/etc/adjtime", "/var/lib/dbus/machine-id"),
    *("/etc/systemd/network/10-management.network", "/etc/zhengyun/tls", "/var/lib/zhengyun/seed"),
    *("/var/lib/systemd/random-seed", "/var/lib/systemd/credential.secret", "/var/lib/systemd/timers"),
    *("/var/lib/chrony/*", "/var/lib/logrotate/status", "/var/lib/sudo/*"),
)
"""What tells one server from another. A server gets its own at its first boot."""

WAYS_IN = ("/root/.ssh", "/home/*/.ssh", "/var/lib/zhengyun/totp")
"""Keys that may log in, and secrets of second factors."""

TRACES = (
    *(
        "/root/.*history",
        "/home/*/.*history",
        "/root/.ansible",
        "/home/*/.ansible",
        "/home/*/.sudo_as_admin_successful",
    ),
    *("/var/lib/zhengyun/hardening", "/etc/systemd/system/zy-guard-boot.service"),
    *("/etc/systemd/system/multi-user.target.wants/zy-guard-boot.service", "/var/spool/rsyslog/*"),
    *("/tmp/*", "/tmp/.[!.]*", "/var/tmp/*", "/var/tmp/.[!.]*", "/var/log/journal/*", "/var/log/sudo-io/*"),
)
"""What the making left: histories, the guard's record, recordings, temporary files."""

_RECORD = "/var/lib/zhengyun/integrity.db"
_TEXT = """\
#!/bin/sh
# The only process of a guest's last boot: forget who the guest was, record the files as they are now, power off.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
if [ "$0" = {script} ]; then
    [ -e /proc/self ] || mount -t proc proc /proc
    [ -e /dev/null ] || mount -t devtmpfs dev /dev
    mount -t tmpfs tmpfs /run
    cp {script} /run/forget # a file that is removed while it runs would keep the disk busy
    exec sh /run/forget
fi
rm -rf {removed}
find /var/log -type f -delete
: >/etc/machine-id
printf '127.0.0.1 localhost\\n::1 localhost\\n' >/etc/hosts
rm -f {script} {record} {record}.new
if [ -e /etc/aide/zhengyun.conf ]; then
    aide --init --config=/etc/aide/zhengyun.conf >/dev/null
    mv {record}.new {record}
fi
sync
mount -o remount,ro /
echo '{done}'
exec systemctl poweroff -ff
"""


def script() -> str:
    """The script, for ``SCRIPT`` on the guest."""
    removed = " ".join((*IDENTITY, *WAYS_IN, *TRACES))
    return _TEXT.format(removed=removed, script=SCRIPT, record=_RECORD, done=DONE)
