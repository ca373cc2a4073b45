"""The digest's page on consideration forms that wait for a decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from letters.reports.digest import Digest, digest_report
from letters.reports.waiting_forms import WaitingForm
from rules.events import CountedMark, Event
from rules.rule.outcome import NOTE, Outcome
from tests.letters.made_up import SCHOOL
from tests.letters.reports.one_day import AYCLIFFE, DAY, REGISTER, TALLY
from tests.letters.reports.reading import table_under, words

HEADING = "Forms waiting for a decision"


def event(day: date, *days: int) -> Event:
    marks = tuple(CountedMark(date(2025, 9, number), half, "O") for number in days for half in ("AM", "PM"))
    return Event(
        "penalty-threshold",
        day,
        "1",
        (Outcome("document", "penalty-consideration"), NOTE),
        REGISTER.pupils[0].pupil_id,
        figures={"count": len(marks), "threshold": 10},
        sessions=marks,  # type: ignore[arg-type]
        title="Ten sessions",
    )


FORM = event(date(2025, 9, 12), 8, 9, 10, 11, 12)
LATER = event(date(2025, 9, 26), 22, 23, 24, 25, 26)


def digest(*forms: WaitingForm) -> bytes:
    return digest_report(Digest(DAY, forms=forms), REGISTER, TALLY, AYCLIFFE, SCHOOL)


def test_each_form_says_since_when_it_waits_and_which_later_events_are_listed_with_it() -> None:
    data = digest(WaitingForm(FORM, "AC-00000001", ((LATER, "AC-00000002"),)))
    row = table_under(data, HEADING)[1]
    assert row[2] == "10 sessions counted (O), 8 Sep 2025 to 12 Sep 2025 [AC-00000001]"
    passed = sum(date(2025, 9, 12) < day <= DAY for day in REGISTER.calendar.school_days)
    assert row[3] == f"since 12 Sep 2025, {passed} school days"
    assert row[4] == "26 Sep 2025: 10 sessions counted (O), 22 Sep 2025 to 26 Sep 2025 [AC-00000002]"
    assert "Put the head’s decision on record" in words(data)


def test_a_form_without_later_events_and_one_of_a_pupil_who_is_gone_have_their_row() -> None:
    gone = replace(FORM, pupil_id="999")
    rows = table_under(digest(WaitingForm(FORM, "AC-1"), WaitingForm(gone, "AC-2")), HEADING)
    assert [row[4] for row in rows[1:]] == ["none", "none"]
    assert rows[2][0] == "pupil 999"


def test_without_a_form_that_waits_there_is_no_page() -> None:
    text = words(digest())
    assert HEADING not in text
    assert "forms waiting for a decision" in text, "it is named among what is empty"
