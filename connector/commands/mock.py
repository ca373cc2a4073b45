"""`mock arbor|sims|xporter|wonde`: a mock MIS on loopback to try things against."""

from __future__ import annotations

import signal
import sys
import threading
import tomllib
from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from connector.commands.shared.options import ConfigPath
from connector.config.findings import findings_of
from connector.errors import ConfigError, did_you_mean


def mock(
    mis: Annotated[str, typer.Argument(metavar="MIS", help="arbor, sims, xporter or wonde.")],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")
    ] = 0,
    tls: Annotated[bool, typer.Option("--tls", help="Serve https with a throw-away certificate.")] = False,
    pupils: Annotated[int, typer.Option(min=1, max=5000, help="Pupils of the made-up school.")] = 420,
    weeks: Annotated[int, typer.Option(min=1, max=39, help="School weeks of marks.")] = 13,
    seed: Annotated[int, typer.Option(help="The same seed is the same school.")] = 1,
    today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The mock's day. Default: the last day with marks."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="NAME=RATE", help="Let something go wrong; may be repeated."),
    ] = None,
    habit: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="An awkward habit of this mock; may be repeated."),
    ] = None,
    config: ConfigPath = None,  # noqa: ARG001 - every command takes it; a mock needs none
) -> None:
    """Serve a mock MIS over a made-up school. Print one JSON line, then serve until interrupted."""
    # the mocks' libraries are an extra that a school's server lacks
    from connector.mock.faults import FAULTS
    from connector.mock.server import serve_forever
    from connector.mock.world import MOCKS, mock_kind

    if mis not in MOCKS:
        raise ConfigError(f"there is no mock '{mis}'", fix=did_you_mean(mis, MOCKS))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        serve_forever(
            mis,
            _announce,
            pupils=pupils,
            weeks=weeks,
            seed=seed,
            port=port,
            tls=tls,
            today=today.date() if today else None,
            faults=dict(_fault(text, FAULTS) for text in fault or []),
            options=dict(_habit(text) for text in habit or []),
            stop=stop,
        )
    except ValidationError as error:
        raise ConfigError(findings_of(error, mock_kind(mis).options, "--set")) from error
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _announce(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _habit(text: str) -> tuple[str, Any]:
    """Return a habit's name and its value as TOML would write it; a bare word is text."""
    name, _, value = text.partition("=")
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value


def _fault(text: str, known: Collection[str]) -> tuple[str, float]:
    name, _, rate = text.partition("=")
    if name not in known:
        raise ConfigError(f"--fault {text}: there is no fault '{name}'", fix=did_you_mean(name, known))
    try:
        share = float(rate)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ConfigError(f"--fault {text}: the rate is not a share", fix=f"write it as {name}=0.2")
    return name, share
