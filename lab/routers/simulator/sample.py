"""What a simulated router begins with, unless a test says otherwise: a PE of a small core."""

from __future__ import annotations

from collections.abc import Iterator

_STARTUP = """\
sysname {name}
#
aaa
 local-user netops password irreversible-cipher $1c$sample-not-a-secret$
 local-user netops service-type ssh
#
isis 1
 is-level level-2
 cost-style wide
 network-entity 49.0001.0000.0000.0001.00
 ipv6 enable topology ipv6
#
interface GigabitEthernet0/0/0
 description management
 ip address 192.0.2.1 24
#
interface GigabitEthernet0/1/0
 ip address 10.0.0.1 30
 isis enable 1
 isis ipv6 enable 1
#
interface LoopBack0
 ip address 10.127.0.1 32
#
bgp 64900
 router-id 10.127.0.1
 peer fd44:1::1 as-number 64900
 ipv4-family vpnv4
  peer fd44:1::1 enable
 ipv6-family vpnv6
  peer fd44:1::1 enable
#
stelnet server enable
#
"""


_COMWARE = """\
sysname {name}
#
local-user netops class manage
 password hash $h$6$sample-not-a-secret$
 service-type ssh
#
isis 1
 is-level level-2
 cost-style wide
 network-entity 49.0001.0000.0000.0001.00
#
interface GigabitEthernet0/1/0
 ip address 10.0.0.1 30
 isis enable 1
#
bgp 64900
 router-id 10.127.0.1
 peer fd44:1::1 as-number 64900
 address-family vpnv4
  peer fd44:1::1 enable
 address-family vpnv6
  peer fd44:1::1 enable
#
"""


def startup(name: str, dialect: str = "vrp8") -> str:
    return {"vrp8": _STARTUP, "comware7": _COMWARE}[dialect].format(name=name)


def device_names(count: int) -> Iterator[str]:
    return (f"sim-{number:04d}" for number in range(1, count + 1))
