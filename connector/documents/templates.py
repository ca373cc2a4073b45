"""The templates a school uses, and what is wrong with them, each with its paragraph, before any run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from connector.errors import ConfigError, Finding, did_you_mean
from letters.compose import CERTIFICATE, Templates
from letters.errors import LetterError, TemplateError
from letters.fields.registry import find, suggestion, unknown
from letters.template.folder import unused_files
from letters.template.library import TemplateFile
from rules.policy import Policy
from rules.rule import Rule
from rules.rule.assumed import SET_BY_SCHOOL
from rules.rule.outcome import Outcome
from rules.rule.words import listed


def load_templates(folder: Path | None) -> Templates:
    """Return the shipped templates with the school's own before them. Raise ConfigError when one cannot be read."""
    try:
        return Templates.load(folder)
    except LetterError as error:
        raise ConfigError([Finding(str(folder or "shipped templates"), str(error))]) from error


def template_findings(custom: Path | None, policies: Iterable[Policy]) -> list[Finding]:
    """Given a school's own folder (or None) and its policies, return what is wrong with the templates in use, and each
    file of the folder that no letter is made from."""
    policies = list(policies)
    try:
        templates = Templates.load(custom)
    except LetterError as error:
        return [Finding(str(custom), str(error), "correct the folder, or remove letters.templates")]
    wanted = {outcome.name: outcome for policy in policies for outcome in _outcomes(policy)}
    findings = unused_findings(custom, policies)
    for file in templates:
        findings += _of_template(file, wanted, custom)
    present = {file.name for file in templates}
    for name in sorted(set(wanted) - present):
        place = str(custom or "letters")
        findings.append(
            Finding(
                place,
                f"the policy asks for {wanted[name]} and there is no template of that name",
                f"add en/{name}.docx",
            )
        )
    return findings


def without_template(names: Collection[str], policy: Policy) -> Iterator[str]:
    """Yield each letter, form or certificate of a policy that has none of these templates, as "rules.2.outcomes: what"."""
    for index, rule in enumerate(policy.rules):
        for outcome in _documents(rule):
            if outcome.name not in names:
                yield (
                    f"rules.{index}.outcomes: no template is named {outcome.name} ({outcome}): "
                    f"{did_you_mean(outcome.name, names)}, or add en/{outcome.name}.docx to the folder of letters.templates"
                )


def unused_findings(custom: Path | None, policies: Iterable[Policy]) -> list[Finding]:
    """Return a finding for each file in a school's own folder that no letter is made from; a warning for one that
    nobody takes for a template."""
    if custom is None:
        return []
    names = _letter_names(policies)
    return [
        Finding(str(custom / file.path), file.reason, file.fix, "error" if file.serious else "warning")
        for file in unused_files(custom, names)
    ]


def _letter_names(policies: Iterable[Policy]) -> set[str]:
    """Return the name of every letter: the shipped ones, and what the policies ask for besides."""
    asked = {outcome.name for policy in policies for outcome in _outcomes(policy)}
    return asked | {file.name for file in Templates.load()}


@dataclass(frozen=True, slots=True)
class LetterSource:
    """Which file one letter is made from, in one language."""

    letter: str
    language: str
    file: str
    own: bool
    """Whether the file is the school's own; a shipped one otherwise."""
    asked_by: tuple[str, ...]
    """The rules that ask for it, each as "policy rule"."""


def letter_sources(custom: Path | None, policies: Iterable[Policy]) -> list[LetterSource]:
    """Return which file each letter comes from, by name and language. Raise ConfigError when one cannot be read."""
    policies = list(policies)
    names = _letter_names(policies)
    rules: dict[str, list[str]] = {}
    for policy in policies:
        for rule in policy.rules:
            for outcome in rule.outcomes:
                if outcome.is_document:
                    rules.setdefault(outcome.name, []).append(f"{policy.id} {rule.id}")
    sources = [
        LetterSource(
            letter=file.name,
            language=file.language,
            file=str(custom / file.path) if file.custom and custom else file.path,
            own=file.custom,
            asked_by=tuple(dict.fromkeys(rules.get(file.name, ()))),
        )
        for file in load_templates(custom)
        if file.name in names
    ]
    return sorted(sources, key=lambda source: (source.letter, source.language))


def source_lines(custom: Path | None, policies: Iterable[Policy]) -> list[str]:
    """Return which letters come from the school's own files, a line each, and which from the shipped ones."""
    try:
        sources = letter_sources(custom, policies)
    except ConfigError:
        return []  # template_findings says what cannot be read
    lines = [
        f"letter {source.letter} ({source.language}) comes from {source.file}"
        for source in sources
        if source.own
    ]
    shipped = {(source.letter, source.language) for source in sources if not source.own and source.asked_by}
    if shipped:
        names = [f"{letter} ({language})" for letter, language in sorted(shipped)]
        lines.append(f"letters from the shipped templates: {', '.join(names)}")
    return lines


def unnamed_figures(custom: Path | None, policies: Iterable[Policy]) -> list[Finding]:
    """Given a school's own folder (or None) and its policies, return which templates do not say that a figure of their
    rule is the school's own. Templates that cannot be used are left out: :func:`template_findings` names those.

    Raise ConfigError when the folder cannot be read.
    """
    rules: dict[str, list[str]] = {}
    for policy in policies:
        for rule in policy.rules:
            for outcome in rule.outcomes:
                if rule.assumed and outcome.kind in ("letter", "document"):
                    rules.setdefault(outcome.name, []).append(f"{policy.id} {rule.id}")
    return [
        Finding(
            str(custom / file.path) if file.custom and custom else file.path,
            f"does not say that a figure of {listed(rules[file.name])} is {SET_BY_SCHOOL}",
            "put a sentence that says so between the fields TableStart:if_assumed and TableEnd:if_assumed",
            "warning",
        )
        for file in load_templates(custom)
        if file.name in rules and not _names_the_figure(file)
    ]


def _names_the_figure(file: TemplateFile) -> bool:
    try:
        return any(use.name.casefold() in ("if_assumed", "assumed") for use in file.template.fields)
    except LetterError:
        return True


def _outcomes(policy: Policy) -> Iterator[Outcome]:
    for rule in policy.rules:
        yield from _documents(rule)


def _documents(rule: Rule) -> Iterator[Outcome]:
    """Yield the outcomes that are made from a template."""
    for outcome in rule.outcomes:
        if outcome.is_document and outcome != CERTIFICATE:
            yield outcome


def _of_template(file: TemplateFile, wanted: dict[str, Outcome], custom: Path | None) -> list[Finding]:
    place = str(custom / file.path) if file.custom and custom else file.path
    try:
        template = file.template
    except LetterError as error:
        faults = [error, *(error.also if isinstance(error, TemplateError) else ())]
        fix = "correct it in Word, or export the shipped one again"
        return [Finding(place, _without_name(fault), fix) for fault in faults]
    findings = []
    for use in unknown(template):
        near = suggestion(use.name)
        fix = f"did you mean {near}?" if near else "'attendance-connector letters fields' lists the fields"
        where = f"{place}, {use.part}, paragraph {use.paragraph}"
        findings.append(Finding(where, f"the field {use.name} is not known", fix))
    outcome = wanted.get(file.name)
    if outcome is not None and outcome.kind != "document":
        for use in template.fields:
            field = find(use.name)
            if field is not None and field.office_only:
                where = f"{place}, {use.part}, paragraph {use.paragraph}"
                message = (
                    f"the field {use.name} is for the office only and must not be in a letter to a family"
                )
                findings.append(Finding(where, message, "remove it"))
    return findings


def _without_name(error: LetterError) -> str:
    """Return the message without the template's name, which is already in the finding's place."""
    return str(error).removeprefix(f"template {error.template}").lstrip(",: ")
