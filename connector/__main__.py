"""The command `attendance-connector`: runs a command and turns every end into a line and an exit code.

0 done, 1 something failed or is unhealthy, 2 wrong usage or configuration, 3 held by a guard. No traceback ever
reaches a user: an unexpected fault is one line on standard error, and its details are in the log file.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import typer

from connector.commands.app import app
from connector.commands.shared.output import say_on_stderr, use_utf8
from connector.config.places import PROGRAM, default_log_path
from connector.errors import ConfigError, ConnectorError, DataError, HeldError, finding_line
from connector.logs import masked
from rules.policy import PolicyError

DONE, FAILED, WRONG, HELD = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    use_utf8()
    sys.exit(exit_code_of(sys.argv[1:] if arguments is None else list(arguments)))


def exit_code_of(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        result = _command().main(list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except typer.TyperException as error:
        _usage(error)
        return WRONG
    except (typer.Abort, KeyboardInterrupt):
        say_on_stderr(f"{PROGRAM}: stopped")
        return FAILED
    except ConfigError as error:
        for finding in error.findings:
            say_on_stderr(finding_line(finding))
        return WRONG
    except PolicyError as error:
        for place, message in error.findings:
            say_on_stderr(f"{error.source}: {place}: {message}")
        return WRONG
    except DataError as error:
        for finding in error.findings:
            say_on_stderr(finding_line(finding))
        return FAILED
    except HeldError as error:
        say_on_stderr(f"{PROGRAM}: held: {error}")
        return HELD
    except ConnectorError as error:
        say_on_stderr(f"{PROGRAM}: {error}")
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last place that can keep a traceback from a user
        _unexpected(error)
        return FAILED
    return result if isinstance(result, int) else DONE


@cache
def _command() -> Any:
    """Return the command with all below it, which are read from their functions' signatures once."""
    return typer.main.get_command(app)


def _usage(error: typer.TyperException) -> None:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else PROGRAM
    message = " ".join(error.format_message().split())
    say_on_stderr(f"{command}: {message} See '{command} --help'.")


def _unexpected(error: Exception) -> None:
    """Print one line for the user; the traceback, without secrets and personal data, goes to the log file."""
    log = default_log_path()
    details = masked("".join(traceback.format_exception(error)))
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{stamp} unexpected fault\n{details}\n")
        where = f"details are in {log}"
    except OSError as fault:
        where = f"and its details could not be written to {log} ({fault.strerror})"
    say_on_stderr(f"{PROGRAM}: unexpected fault ({type(error).__name__}), {where}")


if __name__ == "__main__":
    main()
