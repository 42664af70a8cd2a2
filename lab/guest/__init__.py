"""One User Mode Linux guest: its kernel, root image, network, supervision and access.

Hosts (``lab.hosts``) and routers (``lab.routers``) are both made of these parts:

    parts = Parts(kernel=folder with linux and modules/, image=folder with root.ext4)
    network = Network("zy-lab", IPv4Interface("10.99.0.1/24"), IPv6Interface("fd99::1/64"))
    network.up()                                  # idempotent; hosts and routers may call it at the same time
    access = Access(home, network)
    host_key = keypair(guest.folder / "host_key", "gd-app-1")
    guest = Guest("gd-app-1", home, memory_mib=256, parts=parts, network=network)
    access.publish("hosts", [Entry("gd-app-1", ("10.99.0.13", "fd99::13"), "zyops", host_key.public)])
    guest.start(Seed(...).tar())                  # False when it runs already; its disk survives stop and kill -9
    access.wait_for_login("gd-app-1", guest.running, guest.last_words)
    guest.stop(); guest.wipe(); guest.start(...)  # a reset; guest.remove() also takes its tap away

An image of one's own: ``image.build(out, log, kernel, Recipe(suite, packages, files, enable))``.

UML in its seccomp mode is a lab and not a security border: what runs in a guest may reach the machine.
"""
