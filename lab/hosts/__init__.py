"""The lab's hosts: Debian 12 guests that a hardening role can really harden, and break, and reset.

    fleet = Fleet(home, network, parts, specs)
    fleet.up(print)       # starts what does not run, waits until every login works; the second time does nothing
    fleet.status()        # a sentence per host and the command that mends it
    fleet.reset(print)    # fresh disks; host keys stay
    fleet.down(print)     # powers off; disks stay

``ssh -F <home>/ssh_config <name>`` logs in as ``zyops`` (sudo without password). Without our command:
``python -m lab.hosts --help``.
"""
