"""All parts, each after those that it needs. The lab's own are built by functions that ``lab`` exports."""

from __future__ import annotations

from pathlib import Path

from lab.guest import image, kernel
from lab.openstack import install
from lab.routers import image as router_image
from zhengyun.toolchain import debian, golang, lynis, monitoring, openscap
from zhengyun.toolchain.part import Job, Part

_LAB = Path(__file__).parents[2] / "lab"


def _lab(*names: str) -> tuple[Path, ...]:
    return tuple(_LAB / name for name in names)


def _build_openstack(job: Job) -> None:
    install.build(job.out, job.log)


def _build_kernel(job: Job) -> None:
    kernel.build(job.out, job.log, job.work)


def _build_host_image(job: Job) -> None:
    image.build_host(job.out, job.log, job.built["kernel"])


def _build_router_image(job: Job) -> None:
    router_image.build(job.out, job.log, job.built["kernel"])


_OPENSTACK = _lab(
    *(
        f"openstack/{name}.py"
        for name in ("api", "command", "database", "dns", "identities", "install", "ovn", "passwords")
    ),
    *(f"openstack/{name}.py" for name in ("place", "probe", "service", "services", "settings", "spec")),
    *("openstack/constraints.txt", "openstack/etc", "process.py"),
)
"""What its build imports and reads, not what only runs it."""
_IMAGE = _lab("guest/image.py", "guest/seed.py", "guest/apt.py")

CATALOGUE: tuple[Part, ...] = (
    Part(
        name="debian",
        title="Debian packages",
        title_zh="系统软件包",
        build=debian.build,
        strings=debian.PACKAGES,
        present=debian.find,
        on_machine=True,
        minutes=2,
        megabytes=1200,
        root="apt installs packages",
    ),
    Part(
        name="go",
        title="Go",
        title_zh="Go 编译器",
        build=golang.build_go,
        strings=(golang.GO_BIN,),
        present=golang.find_go,
        minutes=0.3,
        megabytes=260,
    ),
    Part(
        name="kernel",
        title="Kernel of the lab's guests",
        title_zh="实验环境内核",
        build=_build_kernel,
        files=_lab("guest/kernel.py", "guest/apt.py", "guest/uml.config"),
        tools=("debian",),
        minutes=8,
        megabytes=3000,
    ),
    Part(
        name="pulumi",
        title="Pulumi",
        title_zh="Pulumi 编排引擎",
        build=golang.build_pulumi,
        files=(golang.SOURCES / "pulumi", golang.SOURCES / "langhost"),
        tools=("go",),
        present=golang.find_pulumi,
        minutes=6,
        megabytes=2500,
    ),
    Part(
        name="provider",
        title="OpenStack provider",
        title_zh="OpenStack 资源插件",
        build=golang.build_provider,
        files=golang.PROVIDER_FILES,
        strings=(golang.provider_version(),),
        tools=("go",),
        minutes=4,
        megabytes=900,
    ),
    Part(
        name="temporal",
        title="Temporal",
        title_zh="Temporal 流程引擎",
        build=golang.build_temporal,
        files=(golang.SOURCES / "temporal",),
        tools=("go",),
        present=golang.find_temporal,
        minutes=3,
        megabytes=900,
    ),
    Part(
        name="monitoring",
        title="Prometheus and Alertmanager",
        title_zh="监控预警工具",
        build=monitoring.build,
        strings=(monitoring.SUITE, *monitoring.PACKAGES),
        tools=("debian",),
        present=monitoring.find,
        minutes=0.3,
        megabytes=250,
    ),
    Part(
        name="lynis",
        title="Lynis",
        title_zh="Lynis 安全审计工具",
        build=lynis.build,
        strings=(lynis.SUITE, lynis.PACKAGE, *lynis.CONTENTS),
        tools=("debian",),
        minutes=0.2,
        megabytes=2,
    ),
    Part(
        name="openscap",
        title="OpenSCAP and its rules",
        title_zh="OpenSCAP 合规扫描工具",
        build=openscap.build,
        strings=(openscap.SUITE, *openscap.PACKAGES, openscap.CONTENT, "any platform"),
        tools=("debian",),
        minutes=0.7,
        megabytes=70,
    ),
    Part(
        name="openstack",
        title="OpenStack of the lab",
        title_zh="实验环境 OpenStack",
        build=_build_openstack,
        files=_OPENSTACK,
        tools=("debian",),
        minutes=4,
        megabytes=2500,
        root="its database server is started under its own user",
    ),
    Part(
        name="host-image",
        title="Image of the lab's hosts",
        title_zh="实验环境主机镜像",
        build=_build_host_image,
        files=_IMAGE,
        needs=("kernel",),
        tools=("debian",),
        minutes=1,
        megabytes=700,
        root="mmdebstrap enters the image by chroot",
    ),
    Part(
        name="router-image",
        title="Image of the lab's routers",
        title_zh="实验环境路由器镜像",
        build=_build_router_image,
        files=(*_IMAGE, *_lab("routers/image.py", "routers/files")),
        needs=("kernel",),
        tools=("debian",),
        minutes=1,
        megabytes=600,
        root="mmdebstrap enters the image by chroot",
    ),
)
