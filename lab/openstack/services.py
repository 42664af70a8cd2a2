"""The list of services: one entry each. The next one is added here, and its files in ``etc/``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lab.openstack import database, dns, ovn, probe
from lab.openstack.passwords import Passwords
from lab.openstack.place import Home, Part
from lab.openstack.service import Service
from lab.openstack.spec import Region, Spec

_HERE = Path(__file__).parent
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def hurried(argv: tuple[str, ...], level: int) -> tuple[str, ...]:
    """The same program, before others on the processors (0 to 20): for what others wait for while all load.

    The kernel shares out time by session where autogroups are on (sched(7)), and by process where they are not.
    """
    script = 'echo "-$1" 2>/dev/null >"/proc/$$/autogroup"; level=$1; shift; exec nice -n "-$level" "$@"'
    return ("/bin/sh", "-c", script, "sh", str(level), *argv)


@dataclass(frozen=True, slots=True)
class _Maker:
    """What all entries share."""

    spec: Spec
    home: Home
    part: Part

    def env(self, name: str, **more: str) -> dict[str, str]:
        """A clean environment. Neutron names temporary files by its parent's pid: each service has its own."""
        return {
            "PATH": _PATH,
            "LANG": "C.UTF-8",
            "HOME": str(self.home.tmp / name),
            "TMPDIR": str(self.home.tmp / name),
            "PYTHONWARNINGS": "ignore",
            "PYTHONDONTWRITEBYTECODE": "1",  # the part is read-only, and compiled already
            "MALLOC_ARENA_MAX": "2",
            **more,
        }

    def fresh(self, name: str) -> None:
        """An empty temporary directory and a new log; the log of the run before is kept as ``.1``."""
        shutil.rmtree(self.home.tmp / name, ignore_errors=True)
        (self.home.tmp / name).mkdir(parents=True)
        log = self.home.process(name).log
        if log.exists():
            log.replace(f"{log}.1")

    def plain(self, name: str, argv: tuple[str, ...], needs: tuple[str, ...], **env: str) -> Service:
        """A program without a port: being alive is being ready, its heartbeat is asked for at the end."""
        return Service(
            process=self.home.process(name),
            argv=argv,
            env=self.env(name, **env),
            ready=probe.running,
            needs=needs,
            before=lambda: self.fresh(name),
        )

    def api(self, name: str, module: str, port: int, needs: tuple[str, ...], *, args: str = "", **env: str) -> Service:
        """A WSGI application under uWSGI: one process, eight threads; the master restarts it."""
        argv = (
            *self.part.script("uwsgi"),
            "--http-socket",
            f"127.0.0.1:{port}",
            "--module",
            f"{module}:application",
            *("--master", "--lazy-apps", "--processes", "1", "--threads", "8", "--enable-threads"),
            *("--need-app", "--die-on-term", "--thunder-lock", "--disable-logging"),
            *("--add-header", "Connection: close", "--buffer-size", "65535"),
            *(("--pyargv", args) if args else ()),
        )
        return Service(
            process=self.home.process(name),
            argv=argv,
            env=self.env(name, **env),
            ready=probe.api(port),
            needs=needs,
            port=port,
            before=lambda: self.fresh(name),
        )


def infrastructure(spec: Spec) -> Iterator[Service]:
    """Database, cache and message bus."""
    home, part, ports = Home(spec.home), Part(spec.part), spec.ports
    make = _Maker(spec, home, part)
    yield Service(
        process=home.process("mariadb"),
        argv=("/usr/sbin/mariadbd", f"--defaults-file={home.etc / 'my.cnf'}", "--user=root"),
        env=make.env("mariadb"),
        ready=probe.command(*database.client(home), "-e", "select 1"),
        before=lambda: make.fresh("mariadb"),
        grace=60.0,
        stateful=True,
    )
    yield Service(
        process=home.process("memcached"),
        before=lambda: make.fresh("memcached"),
        argv=("/usr/bin/memcached", "-u", "root", "-l", "127.0.0.1", "-p", str(ports.memcached), *("-m64", "-t2")),
        env=make.env("memcached"),
        ready=probe.tcp(ports.memcached),
        port=ports.memcached,
        stateful=True,
    )
    yield Service(
        process=home.process("epmd"),
        before=lambda: make.fresh("epmd"),
        argv=("/usr/bin/epmd", "-address", "127.0.0.1", "-port", str(ports.epmd)),
        env=make.env("epmd"),
        ready=probe.tcp(ports.epmd),
        port=ports.epmd,
        stateful=True,
    )
    yield _rabbitmq(make)


def _rabbitmq(make: _Maker) -> Service:
    """The message bus holds nothing worth keeping: each start begins empty, users and vhosts from a file."""
    home, ports = make.home, make.spec.ports
    store = home.data / "rabbitmq"

    def before() -> None:
        make.fresh("rabbitmq")
        shutil.rmtree(store, ignore_errors=True)
        store.mkdir()
        (home.etc / "rabbitmq_plugins").write_text("[].\n", encoding="ascii")

    loopback = "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"
    env = make.env(
        "rabbitmq",
        RUNNING_UNDER_SYSTEMD="true",  # become the Erlang machine instead of guarding it from a shell
        RABBITMQ_MNESIA_BASE=str(store),
        RABBITMQ_LOG_BASE=str(home.log),
        RABBITMQ_CONFIG_FILE=str(home.etc / "rabbitmq.conf"),
        RABBITMQ_ENABLED_PLUGINS_FILE=str(home.etc / "rabbitmq_plugins"),
        RABBITMQ_NODENAME=f"zy-lab-{ports.rabbitmq}@localhost",
        RABBITMQ_DIST_PORT=str(ports.rabbitmq_distribution),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=loopback,
        ERL_EPMD_PORT=str(ports.epmd),
        ERL_EPMD_ADDRESS="127.0.0.1",
    )
    return Service(
        process=home.process("rabbitmq"),
        argv=hurried(("/usr/lib/rabbitmq/bin/rabbitmq-server",), 15),
        env=env,
        ready=probe.tcp(ports.rabbitmq),
        needs=("epmd",),
        port=ports.rabbitmq,
        before=before,
        stateful=True,
    )


def keystone(spec: Spec) -> Service:
    """The identity service, alone too: building the part needs it."""
    home = Home(spec.home)
    return _Maker(spec, home, Part(spec.part)).api(
        "keystone",
        "keystone.wsgi.api",
        spec.ports.keystone,
        ("mariadb", "memcached"),
        OS_KEYSTONE_CONFIG_FILES=str(home.etc / "keystone.conf"),
    )


def _shared(make: _Maker) -> Iterator[Service]:
    etc, ports, part = make.home.etc, make.spec.ports, make.part
    yield keystone(make.spec)
    yield make.api("glance", "glance.wsgi.api", ports.glance, ("mariadb", "memcached"), OS_GLANCE_CONFIG_DIR=str(etc))
    config = f"--config-file {etc / 'cinder.conf'}"
    drivers = str(_HERE / "drivers")
    needs = ("mariadb", "memcached")
    yield make.api("cinder", "cinder.wsgi.api", ports.cinder, needs, args=config, PYTHONPATH=drivers)
    for name in ("cinder-scheduler", "cinder-volume"):
        yield make.plain(name, (*part.script(name), *config.split(" ", 1)), needs, PYTHONPATH=drivers)
    yield make.api(
        "barbican",
        "zy_barbican",
        ports.barbican,
        needs,
        PYTHONPATH=drivers,
        HOME=str(etc),  # it looks for barbican.conf there, or in /etc
        ZY_BARBICAN_PASTE=str(part.etc / "barbican" / "barbican-api-paste.ini"),
    )
    yield from _names(make)


def _names(make: _Maker) -> Iterator[Service]:
    """Designate and its name server: one for all regions, as a province has one name space."""
    home, part, ports = make.home, make.part, make.spec.ports
    yield Service(
        process=home.process("named"),
        argv=("/usr/sbin/named", "-g", "-n", "1", "-c", str(home.etc / "named.conf")),
        env=make.env("named"),
        ready=probe.tcp(ports.named),
        port=ports.named,
        before=lambda: make.fresh("named"),
    )
    config = home.etc / "designate"
    file = ("--config-file", str(config / "designate.conf"))
    # one request at a time: it makes records without the zone's lock, and what two threads do in the same second can
    # lose the zone's new serial (increment_serial is cleared after it was set): the record then stays PENDING for ever
    central = make.plain(
        "designate-central",
        hurried((*part.script("designate-central"), *file), 10),
        ("mariadb",),
        OS_DEFAULT__EXECUTOR_THREAD_POOL_SIZE="1",
    )
    yield replace(central, ready=probe.said(central.process.log, "Starting central service"))
    needs = ("designate-central", "memcached", "rabbitmq")
    yield make.api("designate", "designate.wsgi.api", ports.designate, needs, OS_DESIGNATE_CONFIG_DIR=str(config))
    # all ask central at once, and wait a minute (the producer's tasks for ever) when it is not there yet
    for role in ("worker", "mdns", "producer"):
        yield make.plain(f"designate-{role}", (*part.script(f"designate-{role}"), *file), (*needs, "named"))


def _ovn(make: _Maker, region: Region) -> Iterator[Service]:
    home, name = make.home, region.name
    sock = home.ovn_socket(name)
    remote = ovn.remote(home, name)
    control = {"OVN_RUNDIR": str(sock.parent), "OVS_RUNDIR": str(sock.parent)}
    quiet = ("--no-chdir", "-vconsole:info", "-vsyslog:off")
    files = [str(path) for path in ovn.database_files(home, name)]
    yield Service(
        process=home.process(f"{name}-ovsdb"),
        argv=(
            "/usr/sbin/ovsdb-server",
            f"--remote=p{remote}",
            f"--unixctl={sock.parent / 'ovsdb.ctl'}",
            *quiet,
            *files,
        ),
        env=make.env(f"{name}-ovsdb", **control),
        ready=probe.unix(sock),
        before=lambda: make.fresh(f"{name}-ovsdb"),
        grace=10.0,
        stateful=True,
    )
    yield Service(
        process=home.process(f"{name}-northd"),
        argv=(
            "/usr/bin/ovn-northd",
            f"--ovnnb-db={remote}",
            f"--ovnsb-db={remote}",
            f"--unixctl={sock.parent / 'northd.ctl'}",
            *quiet,
            "--n-threads=1",
        ),
        env=make.env(f"{name}-northd", **control),
        ready=probe.running,
        before=lambda: make.fresh(f"{name}-northd"),
        needs=(f"{name}-ovsdb",),
    )
    chassis = (str(make.part.python), "-uP", str(_HERE / "chassis.py"), remote, str(ovn.SOUTHBOUND_SCHEMA))
    yield make.plain(f"{name}-chassis", (*chassis, *region.hosts), (f"{name}-ovsdb",))


def _regional(make: _Maker, region: Region) -> Iterator[Service]:
    name, ports, part = region.name, region.ports, make.part
    etc = make.home.region_etc(name)
    yield from _ovn(make, region)
    yield make.api(
        f"{name}-placement",
        "placement.wsgi.api",
        ports.placement,
        ("mariadb", "memcached"),
        OS_PLACEMENT_CONFIG_DIR=str(etc),
    )
    yield make.api(
        f"{name}-neutron",
        "neutron.wsgi.api",
        ports.neutron,
        ("mariadb", "memcached", f"{name}-ovsdb"),
        OS_NEUTRON_CONFIG_FILES=f"{etc / 'neutron.conf'};{etc / 'ml2_conf.ini'}",
    )
    yield make.api(
        f"{name}-nova",
        "nova.wsgi.osapi_compute",
        ports.nova,
        ("mariadb", "memcached"),
        OS_NOVA_CONFIG_DIR=str(etc),
        OS_NOVA_CONFIG_FILES=f"{part.etc / 'nova' / 'api-paste.ini'};{etc / 'nova.conf'}",
    )
    yield from _balancers(make, region)
    config = ("--config-file", str(etc / "nova.conf"))
    for program, role in (("nova-conductor", "conductor"), ("nova-scheduler", "scheduler")):
        service = make.plain(f"{name}-{program}", hurried((*part.script(program), *config), 10), ("mariadb",))
        # nova-compute asks the conductor once, and waits ten seconds when the queue is not there yet
        yield replace(service, ready=probe.said(service.process.log, f"Starting {role} node"))
    for host in region.hosts:
        argv = hurried((*part.script("nova-compute"), *config, "--config-file", str(etc / f"{host}.conf")), 10)
        yield make.plain(f"{name}-nova-{host}", argv, ("keystone", f"{name}-placement", f"{name}-nova-conductor"))


def _balancers(make: _Maker, region: Region) -> Iterator[Service]:
    """Octavia with OVN's own balancers: its API, and the agent through which OVN's driver reports."""
    name, run = region.name, make.home.octavia_run(region.name)
    config = str(make.home.region_etc(name) / "octavia.conf")
    variables = {"ZY_OCTAVIA_RUN": str(run), "PYTHONPATH": str(_HERE / "drivers")}
    program = (str(make.part.python), str(_HERE / "drivers" / "zy_octavia.py"), "--config-file", config)
    agent = make.plain(f"{name}-octavia-agent", program, ("mariadb", f"{name}-ovsdb"), **variables)

    def before() -> None:
        agent.before()
        shutil.rmtree(run, ignore_errors=True)  # a dead agent's sockets look like a living one's
        run.mkdir(parents=True)

    sockets = (run / f"{kind}.sock" for kind in ("status", "stats", "get"))
    yield replace(agent, before=before, ready=probe.exist(*sockets))
    needs = ("mariadb", "memcached")  # it waits for the agent's sockets itself
    port, args = region.ports.octavia, f"--config-file {config}"
    yield make.api(f"{name}-octavia", "zy_octavia", port, needs, args=args, **variables)


def services(spec: Spec, passwords: Passwords) -> tuple[Service, ...]:
    """Every service of the lab."""
    make = _Maker(spec, Home(spec.home), Part(spec.part))
    mariadb, *others = infrastructure(spec)
    mariadb = replace(mariadb, after=lambda: database.personalise(spec, passwords, dns.pool(spec)))
    regional = (service for region in spec.regions for service in _regional(make, region))
    return (mariadb, *others, *_shared(make), *regional)
