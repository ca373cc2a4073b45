"""The templates a school uses, and what is wrong with them: told before any run, each with its paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from connector.errors import ConfigError, Finding
from letters.compose import CERTIFICATE, Templates
from letters.errors import LetterError
from letters.fields.registry import find, suggestion, unknown
from letters.template.library import ShelvedTemplate
from rules.outcome import Outcome
from rules.policy import Policy


def load_templates(folder: Path | None) -> Templates:
    """The shipped templates with the school's own in front. Raises ConfigError when one cannot be read."""
    try:
        return Templates.load(folder)
    except LetterError as error:
        raise ConfigError([Finding(str(folder or "shipped templates"), str(error))]) from error


def template_findings(custom: Path | None, policies: Iterable[Policy]) -> list[Finding]:
    """Given a school's own folder (or None) and its policies, return what is wrong with the templates in use."""
    try:
        templates = Templates.load(custom)
    except LetterError as error:
        return [Finding(str(custom), str(error), "correct the folder, or take letters.templates out")]
    wanted = {outcome.name: outcome for policy in policies for outcome in _outcomes(policy)}
    found: list[Finding] = []
    for shelved in templates:
        found += _of_template(shelved, wanted, custom)
    present = {shelved.name for shelved in templates}
    for name in sorted(set(wanted) - present):
        place = str(custom or "letters")
        found.append(
            Finding(
                place,
                f"the policy asks for {wanted[name]} and there is no template of that name",
                f"add en/{name}.docx",
            )
        )
    return found


def _outcomes(policy: Policy) -> Iterator[Outcome]:
    for rule in policy.rules:
        for outcome in rule.outcomes:
            if outcome.is_document and outcome != CERTIFICATE:
                yield outcome


def _of_template(shelved: ShelvedTemplate, wanted: dict[str, Outcome], custom: Path | None) -> list[Finding]:
    place = str(custom / shelved.called) if shelved.custom and custom else shelved.called
    try:
        template = shelved.template
    except LetterError as error:
        return [Finding(place, _without_name(error), "correct it in Word, or export the shipped one again")]
    found = []
    for use in unknown(template):
        near = suggestion(use.name)
        fix = f"did you mean {near}?" if near else "'attendance-connector letters fields' lists the fields"
        where = f"{place}, {use.part}, paragraph {use.paragraph}"
        found.append(Finding(where, f"the field {use.name} is not known", fix))
    outcome = wanted.get(shelved.name)
    if outcome is not None and outcome.kind != "document":
        for use in template.fields:
            field = find(use.name)
            if field is not None and field.office_only:
                where = f"{place}, {use.part}, paragraph {use.paragraph}"
                message = (
                    f"the field {use.name} is for the office only and must not stand in a letter to a family"
                )
                found.append(Finding(where, message, "take it out"))
    return found


def _without_name(error: LetterError) -> str:
    """The message without the template's name, which already stands in the finding's place."""
    return str(error).removeprefix(f"template {error.template}").lstrip(",: ")
