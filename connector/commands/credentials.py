"""`credentials set|delete|list`: secrets in the operating system's keyring."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from connector.adapters.base import SecretField
from connector.commands.shared.opening import one_school, open_config, schools
from connector.commands.shared.options import AsJson, ConfigPath, SchoolId
from connector.commands.shared.output import print_json, print_table, say
from connector.config import SchoolConfig
from connector.config.secrets import (
    SecretError,
    delete_secret,
    keyring_name,
    read_secret,
    secrets_of,
    set_secret,
    variable_name,
)
from connector.errors import ConfigError, did_you_mean

credentials = typer.Typer(help="Passwords and tokens of the MIS, in the operating system's keyring.")

SecretName = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]",
        help="Which secret; may be left out when the adapter has only one.",
        show_default=False,
    ),
]


@credentials.command("set", epilog="Example: attendance-connector credentials set password")
def set_credential(
    name: SecretName = None,
    school: SchoolId = None,
    config: ConfigPath = None,
    from_stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the secret from standard input, for scripts.")
    ] = False,
) -> None:
    """Store a secret of a school in the keyring. It is asked for without being shown."""
    chosen = one_school(open_config(config), school)
    field = _field(chosen, name)
    if from_stdin or not sys.stdin.isatty():
        value = sys.stdin.readline().rstrip("\r\n")
    else:
        value = typer.prompt(f"{field.name} of {chosen.id} ({field.meaning})", hide_input=True)
    if not value:
        raise ConfigError(
            f"no value was given for the secret '{field.name}'", fix="type it, or pipe it in with --stdin"
        )
    backend = set_secret(chosen.id, field.name, value)
    say(f"{field.name} of {chosen.id} is stored in the keyring ({backend})")


@credentials.command("delete", epilog="Example: attendance-connector credentials delete password")
def delete_credential(name: SecretName = None, school: SchoolId = None, config: ConfigPath = None) -> None:
    """Take a secret of a school out of the keyring."""
    chosen = one_school(open_config(config), school)
    field = _field(chosen, name)
    if delete_secret(chosen.id, field.name):
        say(f"{field.name} of {chosen.id} is no longer in the keyring")
    else:
        say(f"{field.name} of {chosen.id} was not in the keyring")


@credentials.command("list", epilog="Example: attendance-connector credentials list")
def list_credentials(school: SchoolId = None, as_json: AsJson = False, config: ConfigPath = None) -> None:
    """Say which secrets each school needs, which are set, and where each comes from. No secret is shown."""
    rows = [
        _state(chosen, field)
        for chosen in schools(open_config(config), school)
        for field in secrets_of(chosen)
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("School", "Secret", "Set", "From", "Environment variable"),
        [
            (row["school"], row["name"], "yes" if row["set"] else "no", row["source"], row["variable"])
            for row in rows
        ],
    )
    say(f"Keyring in use: {keyring_name()}")


def _state(school: SchoolConfig, field: SecretField) -> dict[str, object]:
    try:
        secret = read_secret(school.id, field.name)
        source = secret.source if secret else ""
    except SecretError as error:
        secret, source = None, error.message
    return {
        "school": school.id,
        "name": field.name,
        "set": secret is not None,
        "source": source,
        "variable": variable_name(school.id, field.name),
    }


def _field(school: SchoolConfig, name: str | None) -> SecretField:
    fields = secrets_of(school)
    names = [field.name for field in fields]
    if name is None and len(fields) == 1:
        return fields[0]
    if not fields:
        raise ConfigError(f"the adapter {school.mis.adapter} needs no secret")
    if name is None:
        raise ConfigError(
            f"the adapter {school.mis.adapter} has several secrets", fix=f"name one: {', '.join(names)}"
        )
    for field in fields:
        if field.name == name:
            return field
    raise ConfigError(
        f"the adapter {school.mis.adapter} has no secret '{name}'", fix=did_you_mean(name, names)
    )
