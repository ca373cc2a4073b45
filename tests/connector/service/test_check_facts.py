"""`check` names facts that nobody gives, and each rule and exclusion that asks for one."""

from __future__ import annotations

import pytest

from connector.adapters.facts_not_given import FACTS, findings_of_facts, findings_of_people, told_together
from connector.adapters.field_names import Field
from connector.config.school import ContactsConfig
from connector.errors import Finding
from connector.service.checks.check_facts import fact_findings
from rules.policy import load_policy
from rules.school import FLAGS, KNOWABLE, Contact, Exclusion, Pupil
from tests.connector.runs import options


def missing(*names: str) -> list[Finding]:
    """Return what an adapter's check says of fields that its MIS does not have."""
    return findings_of_facts("Slate", [("Students", Field(name, (), "absent", why="w")) for name in names])


def check(
    findings: list[Finding], policy: str = "hcat", flag: str | None = None, **contacts: str
) -> list[Finding]:
    school = options().config.model_copy(update={"contacts": ContactsConfig.model_validate(contacts)})
    exclusions = [Exclusion(flag=flag, reason="r")] if flag else []  # type: ignore[arg-type]
    return fact_findings(school, findings, [load_policy(policy)], exclusions, "school[0]")


def asked(findings: list[Finding]) -> list[str]:
    return [finding.message for finding in findings if not finding.fact]


def test_a_rule_that_needs_a_flag_nobody_gives_is_named_with_what_supplies_it() -> None:
    (found,) = [f for f in check(missing("social_worker"), "england-2024") if not f.fact]

    assert found.where == "school[0].policy"
    assert found.message == (
        "the rule social-worker-told of england-2024 asks for social worker, which nobody gives: without it nothing fires"
    )
    assert found.fix == "supply it in the column social_worker of pupils.csv ([school.supply] pupils)"
    assert found.severity == "warning"


def test_a_rule_whose_letters_are_read_first_for_some_pupils_is_named() -> None:
    (message,) = asked(check(missing("child_protection"), "hcat"))

    assert message.endswith("which nobody gives: no letter waits to be read first")


def test_rules_of_law_need_the_date_of_birth() -> None:
    (message,) = asked(check(missing("date_of_birth"), "england-2024"))

    assert message.startswith("the rules ")
    assert message.endswith("which nobody gives: every day counts as of compulsory school age")


def test_a_rule_about_part_time_timetables_is_named_once() -> None:
    (message,) = asked(check(missing("part_time_from", "part_time_to"), "aycliffe-drive"))

    assert message.startswith(
        "the rule part-time-return of aycliffe-drive asks for days of part-time timetables"
    )


def test_what_is_given_is_not_asked_for() -> None:
    assert asked(check(missing("fsm"), "england-2024")) == []
    assert check([], "england-2024", flag="looked_after") == []


@pytest.mark.parametrize(
    ("flag", "fact"),
    [
        ("looked_after", "looked_after"),
        ("sen", "sen_status"),
        ("part_time", "part_time_from"),
        ("over_age", "date_of_birth"),
        ("under_age", "date_of_birth"),
    ],
)
def test_an_exclusion_that_needs_a_fact_nobody_gives_is_named(flag: str, fact: str) -> None:
    (found,) = [f for f in check(missing(fact), "hcat", flag=flag) if f.where == "school[0].exclusions"]

    assert found.message.startswith(f"the exclusion of the flag {flag} asks for")
    assert found.message.endswith("which nobody gives: it protects no family")


@pytest.mark.parametrize(
    ("fact", "setting", "value"),
    [("court_order", "court_orders", "none on record"), ("correspondence", "correspondence", "none barred")],
)
def test_a_setting_answers_its_own_fact_only(fact: str, setting: str, value: str) -> None:
    found = check(missing("court_order", "correspondence"), **{setting: value})

    assert [finding.fact for finding in found] == [
        name for name in ("court_order", "correspondence") if name != fact
    ]


def test_facts_with_the_same_consequence_are_told_together() -> None:
    (found,) = told_together(missing("fsm", "social_worker", "young_carer"))

    assert found.message == f"gives no free school meals, social worker, young carer: {FACTS['fsm'].follows}"
    assert found.fix == "supply them in the columns fsm, social_worker, young_carer of pupils.csv"


def test_a_file_without_a_column_and_one_with_empty_cells_are_told_apart() -> None:
    adult = Contact("c", parental_responsibility=True, court_order=None)
    pupils = [
        Pupil("1", contacts=(adult, Contact("d", parental_responsibility=True)), unknown=frozenset({"fsm"}))
    ]

    found = findings_of_people(pupils)

    assert [(f.where, f.fact) for f in found] == [("contacts.csv", "court_order"), ("pupils.csv", "fsm")]
    assert "of 1 of 2 adults with parental responsibility" in found[0].message
    assert findings_of_people([*pupils, Pupil("2")])[-1].fact == "court_order", "another pupil's is known"


def test_every_fact_that_a_rule_or_an_exclusion_can_ask_for_says_what_follows_and_what_supplies_it() -> None:
    for name in (*FLAGS, "sen_status", "date_of_birth", "part_time"):
        assert FACTS[name].follows
        assert FACTS[name].column in KNOWABLE
