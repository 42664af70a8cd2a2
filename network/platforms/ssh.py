"""A netmiko connection for routers that are Linux hosts: one exec channel per command, strict host keys.

netmiko's own ``linux`` opens a shell, looks for its prompt and waits for silence. Exec channels need none of it: they
carry stdin, stdout, stderr and an exit code apart, and what is sent is never echoed, so never logged.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import paramiko
from netmiko import NetmikoAuthenticationException, NetmikoTimeoutException
from netmiko.base_connection import BaseConnection

from province.errors import Place, ZyError

# its threads tell of a peer that is gone by a traceback on stderr, and raise it to us all the same
logging.getLogger("paramiko").addHandler(logging.NullHandler())

CONNECT_SECONDS = 30.0
"""For TCP, for the banner and for authentication, each: a loaded router takes its time, and one that is given up on in
the middle of a change takes the whole change back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str


class ExecConnection(BaseConnection):
    """netmiko's connection without a shell."""

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:  # noqa: ARG002 — netmiko's signature
        self.remote_conn_pre = self._build_ssh_client()
        try:
            self.remote_conn_pre.connect(**self._connect_params_dict())
        except BaseException:
            # Left open it waits for a login until sshd's LoginGraceTime is over: OpenSSH 9.8 and later then takes no
            # connection of ours for a while (sshd_config(5), PerSourcePenalties), and AAA servers count it.
            self.remote_conn_pre.close()
            raise

    def _try_session_preparation(self, force_data: bool = True) -> None:
        """Nothing to prepare: there is no shell."""

    def run(self, command: str, stdin: str = "", seconds: float = 120.0) -> Answer:
        """Run one command to its end. Raises ``OSError`` or ``SSHException`` when the connection breaks."""
        client = self.remote_conn_pre
        if client is None:
            raise OSError("not connected")
        source, out, err = client.exec_command(command, timeout=seconds)
        source.write(stdin)
        source.flush()
        source.channel.shutdown_write()
        text = out.read().decode(errors="replace")
        wrong = err.read().decode(errors="replace")
        return Answer(out.channel.recv_exit_status(), text, wrong)


def open_connection(router: str, ssh_config: Path) -> ExecConnection:
    """Connect as the ssh_config says. Raises ``ZY-NET-010`` … ``012`` and ``018``."""
    settings = _settings(router, ssh_config)
    try:
        return ExecConnection(
            device_type="linux",
            host=router,
            username=settings.get("user", ""),
            use_keys=True,
            key_file=settings["identityfile"][0],
            allow_agent=False,
            ssh_strict=True,
            alt_host_keys=True,
            alt_key_file=settings["userknownhostsfile"],
            ssh_config_file=str(ssh_config),
            conn_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
        )
    except (paramiko.BadHostKeyException, paramiko.SSHException, NetmikoTimeoutException, OSError, EOFError) as error:
        raise explained(router, error) from error


def _settings(router: str, ssh_config: Path) -> paramiko.SSHConfigDict:
    try:
        settings = paramiko.SSHConfig.from_path(str(ssh_config)).lookup(router)
    except OSError as error:
        raise _unlisted(router, f"{ssh_config} cannot be read ({error.strerror})") from error
    missing = [key for key in ("identityfile", "userknownhostsfile") if key not in settings]
    if missing:
        raise _unlisted(router, f"{ssh_config} has no {' and no '.join(missing)} for it")
    return settings


def _unlisted(router: str, what: str) -> ZyError:
    fix = "start the lab (`zy lab up`), or give the file that names every router with its key and known hosts"
    return ZyError("ZY-NET-018", what, place=Place(target=router), fix=fix)


def explained(router: str, error: Exception) -> ZyError:
    place = Place(target=router)
    if _is_about_host_key(error):
        message = "its host key is not the one that is on record: it may be another machine"
        return ZyError("ZY-NET-011", message, place=place, fix="find out why before you approve the new key")
    if isinstance(error, NetmikoAuthenticationException | paramiko.AuthenticationException):
        fix = "check the user and key in the ssh_config, and that the router knows the key"
        return ZyError("ZY-NET-012", "it refuses our login", place=place, fix=fix)
    detail = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    fix = "check that the router runs and that its management address answers; `zy lab status` in the lab"
    return ZyError("ZY-NET-010", f"it cannot be reached: {detail}", place=place, fix=fix)


def _is_about_host_key(error: BaseException) -> bool:
    """netmiko wraps paramiko's error in one that says less."""
    if isinstance(error, paramiko.BadHostKeyException) or "known_hosts" in str(error):
        return True
    inner = error.__cause__ or error.__context__
    return inner is not None and _is_about_host_key(inner)


def broken(router: str, error: Exception) -> ZyError:
    """The connection ended in the middle of a command."""
    return explained(router, error)
