"""`letters fields|check|preview|export`: what office staff need to edit the Word templates."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from connector.commands.shared.opening import existing_state, one_school, open_config
from connector.commands.shared.options import AsJson, ConfigPath, SchoolId, TemplateFolder
from connector.commands.shared.output import (
    finding_document,
    print_json,
    print_table,
    say,
    say_on_stderr,
    write_out,
)
from connector.config import SchoolConfig
from connector.config.loaded_school import load_school
from connector.config.logic import policy_source
from connector.config.places import default_config_path
from connector.documents.libreoffice import find_office, pdfs_of
from connector.documents.pile import Pile, last_run_with_letters, pile_of
from connector.documents.templates import (
    LetterSource,
    letter_sources,
    load_templates,
    template_findings,
    unnamed_figures,
)
from connector.errors import ConfigError, ConnectorError, finding_line
from connector.store import Store
from letters.errors import LetterError, PileError
from letters.fields.registry import FIELDS, example_text
from letters.pack_texts import unfilled
from letters.previews import previews
from rules.policy import Policy, load_policy, shipped_policies
from rules.rule import Rule
from rules.rule.assumed import SET_BY_SCHOOL

letters = typer.Typer(help="The Word templates: their merge fields, a check, a preview, an export to edit.")


@letters.command("fields", epilog="Example: attendance-connector letters fields")
def list_fields(as_json: AsJson = False, config: ConfigPath = None) -> None:  # noqa: ARG001 - every command takes it
    """Print every merge field with its meaning, an example and the other names it is known by."""
    if as_json:
        print_json(
            [
                {
                    "name": field.name,
                    "written": field.written,
                    "kind": field.kind,
                    "group": field.group,
                    "meaning": field.meaning,
                    "example": example_text(field),
                    "aliases": list(field.aliases),
                    "columns": [
                        {"name": c.name, "kind": c.kind, "meaning": c.meaning} for c in field.columns
                    ],
                }
                for field in FIELDS
            ]
        )
        return
    for group in dict.fromkeys(field.group for field in FIELDS):
        rows: list[tuple[object, ...]] = []
        for field in FIELDS:
            if field.group == group:
                names = ", ".join(field.aliases)
                rows.append((field.written, field.kind, field.meaning, example_text(field), names))
                rows += [(f"   {c.name}", c.kind, c.meaning, "", "") for c in field.columns]
        print_table(("Field", "Type", "Meaning", "Example", "Also known as"), rows, title=group)


@letters.command("check", epilog="Example: attendance-connector letters check --templates templates")
def check_letters(
    templates: TemplateFolder = None,
    school: SchoolId = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """List which file each letter comes from, and check every template and every file of the folder.

    Reported are unknown fields and what would print wrongly, with the paragraph; faulty blocks; letters without a
    template; files that no letter is made from.
    """
    chosen = _school(config, school)
    folder = templates or (chosen.letters.templates if chosen else None)
    policies = _policies(chosen)
    findings = template_findings(folder, policies)
    wrong = any(finding.severity == "error" for finding in findings)
    if not wrong:
        findings += unnamed_figures(folder, policies)
    sources = _sources(folder, policies)
    if as_json:
        print_json(
            {
                "ok": not wrong,
                "findings": [finding_document(finding) for finding in findings],
                "letters": [asdict(source) for source in sources],
                "assumed": {
                    p.id: {rule.id: rule.assumed for rule in p.rules if rule.assumed} for p in policies
                },
            }
        )
    else:
        print_table(
            ("Letter", "Language", "Comes from", "Asked for by"),
            [(s.letter, s.language, _comes_from(s), ", ".join(s.asked_by)) for s in sources],
        )
        for finding in findings:
            say_on_stderr(finding_line(finding))
        if not wrong:
            say("Every template is in order")
        for policy in policies:
            names = [rule.id for rule in policy.rules if rule.assumed and _has_letter(rule)]
            if names:
                say(f"{policy.id}: letters by a figure that is {SET_BY_SCHOOL}: {', '.join(names)}")
    if wrong:
        raise typer.Exit(2)


@letters.command("preview", epilog="Example: attendance-connector letters preview --out preview")
def preview_letters(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the letters.")] = Path(
        "preview"
    ),
    templates: TemplateFolder = None,
    school: SchoolId = None,
    config: ConfigPath = None,
) -> None:
    """Make each letter for a made-up pupil, to look at in Word, as the school's letters are: letterhead, bands, law.

    Next to each, "-second-household" is the letter to the other parent, and "-long" the one with long names, an address
    of seven lines and many rows.
    """
    chosen = _school(config, school)
    folder = templates or (chosen.letters.templates if chosen else None)
    values = previews(None)
    if chosen:
        loaded = load_school(chosen)
        values = previews(loaded.policy, loaded.details)
    made, faulty = 0, 0
    for file in load_templates(folder):
        try:
            for ending, filling in values.items():
                target = (out / file.path).with_stem(f"{Path(file.path).stem}{ending}")
                filled = file.template.fill(
                    filling, language=file.fill_language, title=file.title, on=date(2025, 11, 28)
                )
                write_out(target, filled.data)
                made += 1
        except LetterError as error:
            say_on_stderr(str(error))
            faulty += 1
    say(f"{made} letters for a made-up pupil are in {out}")
    if faulty:
        raise typer.Exit(2)


@letters.command("export", epilog="Example: attendance-connector letters export templates")
def export_letters(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to put the shipped templates into.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite existing templates.")] = False,
    config: ConfigPath = None,  # noqa: ARG001 - every command takes it; the shipped templates are the same for all
) -> None:
    """Put the shipped templates into a folder, to be edited in Word."""
    shipped = list(load_templates(None))
    existing = [file.path for file in shipped if (folder / file.path).exists()]
    if existing and not force:
        raise ConfigError(
            f"{folder} already holds {len(existing)} of the templates, {existing[0]} among them",
            fix="choose another folder, or overwrite them with --force",
        )
    for file in shipped:
        target = folder / file.path
        write_out(target, file.source)
    say(f"{len(shipped)} templates are in {folder}")
    say(f'Edit them in Word, then write templates = "{folder.as_posix()}" under [school.letters]')


@letters.command("pile", epilog="Example: attendance-connector letters pile --out letters.docx")
def print_pile(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE",
            help="The Word file to write, or a PDF (.pdf) where LibreOffice is installed.",
        ),
    ],
    run: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", help="Which run's. Default: the last that made letters.", show_default=False
        ),
    ] = None,
    both_sides: Annotated[
        bool, typer.Option("--both-sides", help="Begin each letter on a new sheet.")
    ] = False,
    school: SchoolId = None,
    config: ConfigPath = None,
) -> None:
    """Put the letters of a run into one Word document for the printer, class by class. Withdrawn ones are left out."""
    settings = open_config(config)
    chosen = one_school(settings, school)
    with Store.open(existing_state(settings, chosen), chosen.id) as store:
        number = run if run is not None else last_run_with_letters(store)
        try:
            pile = _pile(store, number, chosen, both_sides) if number is not None else None
        except PileError as error:
            raise ConfigError(f"the letters cannot be joined: {error}") from error
    if pile is None:
        raise ConfigError("there is no letter for the pile", fix="see 'status' for the last runs")
    write_out(out, _as_pdf(pile.content) if out.suffix.casefold() == ".pdf" else pile.content)
    say(f"{out}: {pile.letters} letters of run {pile.run_id}")


def _as_pdf(document: bytes) -> bytes:
    """Return a Word document as a PDF. Raise ConfigError without LibreOffice, ConnectorError when it fails."""
    office = find_office()
    if office is None:
        raise ConfigError("LibreOffice is not on this computer", fix="install it, or name a .docx file")
    (made,) = pdfs_of([office], [document])
    if made is None:
        raise ConnectorError("LibreOffice could not make a PDF of the letters", fix="name a .docx file")
    return made


def _pile(store: Store, run_id: int, school: SchoolConfig, both_sides: bool) -> Pile | None:
    return pile_of(store, run_id, both_sides=both_sides, siblings=school.letters.group_siblings)


def _school(path: Path | None, school_id: str | None) -> SchoolConfig | None:
    """Return the school whose letters are meant; None without a configuration, which these commands can do without."""
    if path is None and school_id is None and not default_config_path().is_file():
        return None
    return one_school(open_config(path), school_id)


def _sources(folder: Path | None, policies: list[Policy]) -> list[LetterSource]:
    """Return which file each letter comes from; nothing when the folder cannot be read, which is a finding already."""
    try:
        return letter_sources(folder, policies)
    except ConfigError:
        return []


def _comes_from(source: LetterSource) -> str:
    return f"own {source.language}/{source.letter}.docx" if source.own else "shipped"


def _has_letter(rule: Rule) -> bool:
    return any(outcome.is_document for outcome in rule.outcomes)


def _policies(school: SchoolConfig | None) -> list[Policy]:
    names = school.policy if school else shipped_policies()
    return [load_policy(policy_source(name), unfilled) for name in names]
