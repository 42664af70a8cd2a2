"""``zy``: the commands put together, and every error turned into words and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import typer
from typer.exceptions import Abort, TyperException

from province.errors import ZyError, ZyErrors
from zhengyun.commands import (
    alarm,
    bench,
    change,
    demo,
    drill,
    image,
    inventory,
    lab,
    policy,
    prove,
    room,
    setup,
    testing,
)
from zhengyun.output import Exit, exit_code, report_errors, unexpected
from zhengyun.places import Places

_REGISTER: tuple[Callable[[typer.Typer], None], ...] = (
    inventory.register,
    change.register,
    prove.register,
    drill.register,
    alarm.register,
    policy.register,
    room.register,
    demo.register,
    lab.register,
    image.register,
    setup.register,
    testing.register,
    bench.register,
)


def application() -> typer.Typer:
    """All commands."""
    app = typer.Typer(
        name="zy",
        help="zhengyun 政云: build and run a province's government cloud (省级政务云) from one inventory.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(lambda: None)
    for register in _REGISTER:
        register(app)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    as_json = "--json" in arguments
    try:
        code = application()(list(arguments) or ["--help"], standalone_mode=False, prog_name="zy")
    except ZyErrors as several:
        report_errors(several.errors, as_json)
        return exit_code(several.errors)
    except ZyError as error:
        report_errors([error], as_json)
        return exit_code([error])
    except TyperException as usage:
        return _misused(usage, as_json)
    except (KeyboardInterrupt, Abort):
        sys.stderr.write("\nstopped; a change that runs goes on without you: zy status, zy resume\n")
        return Exit.FAILED
    except Exception as error:  # the outermost border: no traceback on the terminal
        report_errors([unexpected(error, lambda: Places.here().state)], as_json)
        return Exit.FAILED
    return code if isinstance(code, int) else Exit.DONE


def _misused(usage: TyperException, as_json: bool) -> int:
    message = getattr(usage, "format_message", lambda: str(usage))()
    context = getattr(usage, "ctx", None)
    command = context.command_path if context else "zy"
    if context and message.startswith("Missing command") and not as_json:
        context.get_help()  # prints it
    report_errors([ZyError("ZY-CLI-001", message, fix=f"see {command} --help")], as_json)
    return Exit.BAD_INPUT


def main() -> None:
    sys.exit(run(sys.argv[1:]))
