"""`policies list|show|check`: the packs, with each rule's clause."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.commands.shared.opening import open_config
from connector.commands.shared.options import AsJson, ConfigPath, TemplateFolder
from connector.commands.shared.output import print_json, print_table, say, say_on_stderr
from connector.config.logic import policy_source
from connector.config.places import default_config_path
from connector.documents.templates import load_templates, without_template
from connector.errors import ConfigError
from letters.pack_texts import typed_figures, unfilled
from rules.cases import CaseError, CaseResult, run_cases
from rules.describe import describe
from rules.policy import Policy, PolicyError, lists_of, load_policy, shipped_policies
from rules.rule import Rule
from rules.rule.assumed import SET_BY_SCHOOL

policies = typer.Typer(help="The attendance policies: list them, read one, check your own.")

PolicyName = Annotated[
    str, typer.Argument(metavar="POLICY", help="A shipped policy's id, or the path of a TOML file.")
]


@policies.command("list", epilog="Example: attendance-connector policies list")
def list_policies(as_json: AsJson = False, config: ConfigPath = None) -> None:  # noqa: ARG001 - every command takes it
    """List the policies that come with the product."""
    packs = [load_policy(name) for name in shipped_policies()]
    if as_json:
        print_json(
            [
                {
                    "id": p.id,
                    "title": p.title,
                    "nation": p.nation,
                    "version": p.version,
                    "rules": len(p.rules),
                }
                for p in packs
            ]
        )
        return
    print_table(
        ("Policy", "Title", "Nation", "Version", "Rules"),
        [(p.id, p.title, p.nation, p.version, len(p.rules)) for p in packs],
        right=("Rules",),
    )


@policies.command("show", epilog="Example: attendance-connector policies show hcat")
def show_policy(policy: PolicyName, as_json: AsJson = False, config: ConfigPath = None) -> None:  # noqa: ARG001 - as above
    """Print a policy as sentences, each rule with its clause."""
    pack = load_policy(policy_source(policy))
    if as_json:
        print_json(_document(pack))
        return
    for line in describe(pack):
        say(line)


@policies.command("check", epilog="Example: attendance-connector policies check our-policy.toml")
def check_policy(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The policy file to check."),
    ],
    cases: Annotated[
        Path | None,
        typer.Option(
            "--cases",
            metavar="DIR",
            exists=True,
            help="Also judge the policy by the cases in this folder (or this one file).",
            show_default=False,
        ),
    ] = None,
    templates: TemplateFolder = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """Check a policy file and name everything that is wrong with it; with --cases also what comes out of it."""
    lacking = partial(without_template, _template_names(templates, config))
    try:
        pack = load_policy(file, unfilled, typed_figures, lacking)
    except PolicyError as error:
        if as_json:
            findings = [{"where": place, "message": message} for place, message in error.findings]
            print_json({"file": str(file), "ok": False, "findings": findings})
        else:
            for place, message in error.findings:
                say_on_stderr(f"{error.source}: {place}: {message}")
        raise typer.Exit(2) from error
    results = _judged(pack, cases) if cases else []
    wrong = [
        {"where": f"{result.file}: {result.says}", "message": fault}
        for result in results
        for fault in result.faults
    ]
    if as_json:
        assumed = {rule.id: rule.assumed for rule in pack.rules if rule.assumed}
        print_json(
            {
                "file": str(file),
                "ok": not wrong,
                "findings": wrong,
                "cases": len(results),
                "assumed": {**dict(pack.assumed.sentences()), **assumed},
            }
        )
    else:
        say(f"{file}: {pack.title}, {len(pack.rules)} rules, nothing wrong")
        if pack.undescribed_lists:
            names = ", ".join(pack.undescribed_lists)
            say(f"Lists that it does not describe: {names}. Add [[lists]] with name, title and instruction.")
        _say_assumed(pack)
        for finding in wrong:
            say_on_stderr(f"{finding['where']}: {finding['message']}")
        if results:
            say(f"{len(results)} cases, {len({f['where'] for f in wrong})} do not come out as written")
    if wrong:
        raise typer.Exit(1)


def _template_names(folder: Path | None, config: Path | None) -> set[str]:
    """Return the names of the templates there are: the shipped ones, and a school's own where there is a configuration."""
    folders = [folder]
    if folder is None and (config is not None or default_config_path().is_file()):
        folders += [school.letters.templates for school in open_config(config).schools]
    return {file.name for own in folders for file in load_templates(own)}


def _say_assumed(pack: Policy) -> None:
    """Say which figures the policy's text does not give: for information, nothing is wrong with them."""
    rules = [rule.id for rule in pack.rules if rule.assumed]
    if rules:
        say(f"Rules with a figure that is {SET_BY_SCHOOL}: {', '.join(rules)}")
    keys = [key for key, _ in pack.assumed.sentences()]
    if keys:
        say(f"For the whole policy {SET_BY_SCHOOL}: {', '.join(keys)}")


def _judged(pack: Policy, folder: Path) -> list[CaseResult]:
    """Every case of a folder, or of one file, judged by this pack. Raises ConfigError for a faulty case file."""
    files = sorted(folder.rglob("*.toml")) if folder.is_dir() else [folder]
    if not files:
        raise ConfigError(f"{folder} holds no case file", fix="name a folder with .toml files of cases")
    try:
        return [result for path in files for result in run_cases(path, pack)]
    except CaseError as error:
        raise ConfigError(
            str(error), fix="correct the case file; its form is described in rules/cases.py"
        ) from error


def _document(pack: Policy) -> dict[str, Any]:
    return {
        "id": pack.id,
        "title": pack.title,
        "nation": pack.nation,
        "code_set": pack.code_set,
        "version": pack.version,
        "dated": pack.dated.isoformat(),
        "review_by": pack.review_by.isoformat() if pack.review_by else None,
        "bands": [{"name": band.name, "label": band.range} for band in pack.bands],
        "colours": [colour.name for colour in pack.colours],
        "lists": [one.model_dump() for one in lists_of([pack]).values()],
        "rules": [_rule(rule) for rule in pack.rules],
        "notes": list(pack.notes),
        "other_readings": list(pack.other_readings),
        "assumed": dict(pack.assumed.sentences()),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "clause": rule.clause,
        "assumed": rule.assumed,
        "other_readings": list(rule.other_readings),
        "kind": rule.kind,
        "when": rule.when.model_dump(mode="json", exclude_defaults=True),
        "outcomes": [str(outcome) for outcome in rule.outcomes],
        "law": rule.law,
        "ladder": rule.ladder,
        "rung": rule.rung,
        "from": rule.start.isoformat() if rule.start else None,
        "until": rule.until.isoformat() if rule.until else None,
        "default": rule.default,
        "note": rule.note,
        "due_days": rule.due_days,
    }
