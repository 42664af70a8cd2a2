#!/bin/bash
# PID 1 of one router: its own root over the guest's, its startup configuration, FRR and sshd.
# Runs in the router's network namespace and in fresh mount, pid and uts namespaces (zy-router@.service).
# What the router writes below /etc, /var, /home and /root stays in its overlay; /usr is shared and read-only.
set -euo pipefail
name=$1
disk=/srv/zhengyun/disks/$name
seed=/srv/zhengyun/seed
[ -e "$disk/etc/upper/frr/frr.conf" ] && configured=yes || configured=no

mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for folder in etc var home root; do
    mkdir -p "$disk/$folder/upper" "$disk/$folder/work"
    mount -t overlay -o "lowerdir=/$folder,upperdir=$disk/$folder/upper,workdir=$disk/$folder/work" router "/$folder"
done
mount -t tmpfs -o mode=755,size=16m run /run
mount -t tmpfs -o mode=1777,size=16m tmp /tmp
mount -t tmpfs -o mode=1777,size=64m shm /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /dev/pts
mount --bind /dev/pts/ptmx /dev/ptmx
install -d -m 700 /run/zhengyun
install -d -m 755 /run/sshd /run/zhengyun-ssh
install -m 600 "$seed/routers/$name/ssh_host_ed25519_key" /run/zhengyun-ssh/
install -m 644 "$seed/authorized_keys" /run/zhengyun-ssh/
mount -t tmpfs -o mode=755,size=4k,ro hidden /srv
mount -o remount,bind,ro /

hostname "$name"
echo "$name" >/etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n' "$name" >/etc/hosts
cp -r --no-preserve=ownership /usr/lib/zhengyun/router-etc/. /etc/
chmod 440 /etc/sudoers.d/zyops
install -d -m 755 -o frr -g frr /run/frr /var/log/frr
install -d -m 700 -o netops -g netops /var/lib/netops
chown frr:frr /etc/frr/daemons
chmod 755 /etc/frr # vtysh of people without root reads vtysh.conf there
touch /etc/frr/vtysh.conf
chown frr:frrvty /etc/frr/vtysh.conf
chmod 640 /etc/frr/vtysh.conf
if [ "$configured" = no ]; then # bare: a name, and nothing else
    printf 'frr defaults traditional\nhostname %s\nservice integrated-vtysh-config\n' "$name" >/etc/frr/frr.conf
fi
chown frr:frr /etc/frr/frr.conf
chmod 640 /etc/frr/frr.conf

# The network namespace outlives the router: a real one's kernel has forgotten addresses and routes, and so must this.
for device in $(ip -o link show | sed 's/^[0-9]*: \([^:@]*\).*/\1/'); do
    [ "$device" = mgmt ] || ip address flush dev "$device" scope global
done
ip nexthop flush # first: a route by a nexthop cannot be flushed, and goes with it
for protocol in bgp isis ospf zebra 196; do # 196: static routes of FRR (zebra/rt_netlink.h)
    ip -4 route flush table all proto "$protocol"
    ip -6 route flush table all proto "$protocol"
done
zy-config boot
# Daemons and their configuration first: a watchfrr that finds none starts some of them twice on a slow machine.
/usr/lib/frr/watchfrr.sh start all
/usr/lib/frr/frrinit.sh start
[ "$configured" = no ] || zy-config settle || echo "zy-config settle failed: FRR does not have all of its startup configuration"
zy-confirm resume || echo "zy-confirm resume failed: see /var/log/zy-confirm.log"
set +e
while :; do # bash stays PID 1 and so also reaps what others leave
    /usr/sbin/sshd -D -e
    echo "sshd ended with $?; starting it again"
    sleep 1 # not faster than one attempt a second
done
