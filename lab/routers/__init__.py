"""The lab's routers: real FRR, each in namespaces of its own, all in one UML guest.

    rack = Rack(home, network, parts, topology)
    rack.up(print)         # idempotent; mends what a kill -9 left
    rack.status()          # a sentence per router and the command that mends it
    rack.reset(print)      # every router bare again, in seconds; host keys stay
    rack.down(print)       # disks stay, so startup configurations do

A router starts bare: a name, its management port ``mgmt`` in the VRF ``management``, the kernel ready for VRFs and
SRv6; everything else comes from who configures it. ``ssh -F <home>/ssh_config <router>`` logs in as ``zyops``
(bash; sudo for ``zy-config`` and ``zy-confirm`` alone); ``netops@<router>`` is in vtysh at once. How a router is
configured, and why not by vtysh alone: ``files/zy_config.py``, ``files/zy_confirm.py``. End systems on the LANs
have entries too (``ssh <end> ping …``), to prove from end to end.

What is not real: one kernel serves all routers, forwarding is Linux's, and root in a router reaches the guest.
Without our command: ``python -m lab.routers --help``.
"""
