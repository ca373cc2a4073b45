"""`check` warns of a policy whose review is overdue, and `policies show` prints the day."""

from __future__ import annotations

from datetime import date

import pytest

from connector.service.checks.check_review import review_findings
from rules.describe import describe
from rules.policy import load_policy
from tests.connector.runs import options

DUE = date(2026, 9, 1)


def where_warned(day: date, own: date | None, *reviews: date | None) -> list[str]:
    """Return the settings that `check` warns of, for a school whose policies name these days."""
    school = options().config.model_copy(update={"policy_review_by": own})
    packs = [load_policy(name) for name in ("hcat", "england-2024")]
    dated = [
        pack.model_copy(update={"review_by": due}) for pack, due in zip(packs, (*reviews, None), strict=False)
    ]
    findings = list(review_findings(school, dated, day, "school[0]"))
    assert all(finding.severity == "warning" for finding in findings)
    return [finding.where for finding in findings]


@pytest.mark.parametrize(("day", "warned"), [(DUE, []), (date(2026, 9, 2), ["school[0].policy_review_by"])])
def test_the_schools_own_day_is_past_from_the_day_after(day: date, warned: list[str]) -> None:
    assert where_warned(day, DUE) == warned


def test_the_schools_own_day_takes_the_place_of_its_first_policys_alone() -> None:
    later = date(2027, 9, 1)
    assert where_warned(date(2026, 9, 2), None, DUE) == ["school[0].policy"]
    assert where_warned(date(2026, 9, 2), later, DUE) == []
    assert where_warned(date(2026, 9, 2), later, None, DUE) == ["school[0].policy"]


def test_shipped_policies_name_no_day_and_warn_of_none() -> None:
    assert where_warned(date(2036, 1, 1), None) == []


def test_the_policy_as_sentences_has_the_day() -> None:
    pack = load_policy("hcat")
    assert "To be looked at again by 1 September 2026." in list(
        describe(pack.model_copy(update={"review_by": DUE}))
    )
    assert not any("looked at again by" in line for line in describe(pack))
