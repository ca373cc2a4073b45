"""Letters about leave: granted, refused, in part; and the later one about a holiday without leave."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, timedelta

import docx
import pytest

from letters.compose import Composed, compose
from rules.rule import Rule
from rules.school import LeaveKind, LeaveRequest
from tests.letters.letter_school import (
    DAY,
    KEY,
    SCHOOL,
    YOUNG,
    made_up_event,
    policy,
    register,
    tally,
    templates,
)

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ASKED = date(2025, 11, 24)


def text_of(document: bytes) -> str:
    """Return a document's text, a line for each paragraph."""
    body = docx.Document(io.BytesIO(document)).element.body
    return "\n".join(
        "".join(run.text or "" for run in paragraph.iter(f"{_W}t")) for paragraph in body.iter(f"{_W}p")
    )


def asked(kind: LeaveKind = "holiday", **own: object) -> LeaveRequest:
    held = LeaveRequest("1", date(2026, 1, 12), date(2026, 1, 16), kind, ASKED)
    return replace(held, **own)  # type: ignore[arg-type]


def made(
    rule_id: str, request: LeaveRequest | None, pack: str = "thringstone", **changes: object
) -> Composed:
    own = policy(pack)
    rule: Rule = own.rule(rule_id)
    event = made_up_event(own, rule)
    if request and rule_id != "holiday-warning":
        anchor = f"{request.requested}:{request.start}:{request.kind}"
        event = replace(event, anchor=anchor, figures={**event.figures, "reasons": "", "kind": request.kind})
    event = replace(event, **changes)  # type: ignore[arg-type]
    held = replace(register(), leave_requests=() if request is None else (request,))
    return compose(
        event, register=held, tally=tally(), policy=own, school=SCHOOL, templates=templates(), key=KEY, on=event.date
    )  # fmt: skip


def letter(*arguments: object, **changes: object) -> str:
    return text_of(made(*arguments, **changes).documents[0].content)  # type: ignore[arg-type]


def refused(**own: object) -> LeaveRequest:
    return asked(decision="refused", decided=DAY, **own)


def test_a_refusal_names_the_days_each_test_that_failed_and_the_heads_own_reason() -> None:
    event = made_up_event(policy("thringstone"), policy("thringstone").rule("leave-refused"))
    figures = {**event.figures, "reasons": "notice,kind"}
    text = letter("leave-refused", refused(reason="Easter is near"), figures=figures)
    assert (
        "On 24 November 2025 the school was asked for leave for a holiday: Monday 12 to Friday 16 January 2026, 5 school days."
        in text
    )
    assert (
        "it was asked for less than 14 days before its first day; leave of this kind is granted only in exceptional circumstances"
        in text
    )
    assert "The head’s reason: Easter is near." in text
    assert "This letter is a formal warning. It is not a penalty notice." in text
    silent = letter("leave-refused", refused())
    assert "The head’s reason" not in silent
    assert "Our policy speaks against it" not in silent


@pytest.mark.parametrize(
    ("day", "first", "full"), [(date(2024, 8, 18), "£60", "£120"), (date(2024, 8, 19), "£80", "£160")]
)
def test_the_amounts_of_a_refusal_are_those_of_its_day(day: date, first: str, full: str) -> None:
    # only the amounts are looked at: the made-up register has no marks of that year
    text = letter("leave-refused", refused(), date=day)
    assert re.search(
        f"It is {first} if paid within 21 days. It is {full} if paid after that and within 28 days", text
    )
    assert "A notice goes to each parent, for each child." in text


def test_no_fine_is_spoken_of_where_a_child_is_not_of_compulsory_age() -> None:
    own = policy("thringstone")
    event = made_up_event(own, own.rule("leave-refused"), YOUNG)
    held = replace(register(), leave_requests=(refused(pupil_id="3", requested=date(2025, 11, 28)),))
    composed = compose(
        event, register=held, tally=tally(), policy=own, school=SCHOOL, templates=templates(), key=KEY
    )
    text = text_of(composed.documents[0].content)
    assert "will be recorded as unauthorised" in text
    assert not re.search("£|penalty|warning", text)


@pytest.mark.parametrize(
    ("kind", "said", "code"),
    [
        ("funeral", "We are sorry for your loss.", "authorised leave of absence (code C)"),
        ("religious", "We wish Bartholomew and your family well", "religious observance (code R)"),
        ("traveller", "keeps the place at this school", "travel for work of a Traveller family (code T)"),
        ("performance", "It holds together with the licence.", "leave for a performance (code C1)"),
        ("service", "before or after a tour of duty matters", "authorised leave of absence (code C)"),
        ("holiday", "leave for a holiday", "authorised leave of absence (code C)"),
    ],
)
def test_leave_that_is_granted_has_a_sentence_of_its_kind_and_no_threat(
    kind: LeaveKind, said: str, code: str
) -> None:
    text = letter("leave-granted", asked(kind, decision="granted", decided=DAY))
    assert said in text
    assert code in text
    assert "Back in school on\n19 January 2026" in text
    assert not re.search("£|penalty|fine|court", text)
    own = ("sorry for your loss", "We wish", "keeps the place", "together with the licence", "tour of duty")
    assert [one for one in own if one in text and one not in said] == []


def test_leave_granted_in_part_says_which_days_are_and_which_are_not() -> None:
    request = asked(
        "other", decision="in part", decided=DAY, granted_from=date(2026, 1, 13), granted_to=date(2026, 1, 14)
    )
    text = letter("leave-in-part", request)
    assert "Tuesday 13 to Wednesday 14 January 2026, 2 school days" in text
    assert "Monday 12 January 2026 and Thursday 15 to Friday 16 January 2026" in text
    assert "15 January 2026" in text


def test_the_note_names_the_decision_and_the_days() -> None:
    note = made("leave-refused", refused()).note_text
    assert "Leave for a holiday, Monday 12 to Friday 16 January 2026, was refused." in note
    request = asked(decision="in part", decided=DAY, granted_to=date(2026, 1, 14))
    note = made("leave-in-part", request).note_text
    assert "was granted in part, for Monday 12 to Wednesday 14 January 2026." in note


def away(days: int, **own: object) -> LeaveRequest:
    """Return a request for a week that begins so many days after the first day of the holiday."""
    start = DAY + timedelta(days=days)
    return asked(start=start, end=start + timedelta(days=4), **own)


@pytest.mark.parametrize(
    ("request_held", "said"),
    [
        (None, "No leave was asked for beforehand, and none can be granted afterwards."),
        (away(0, decision="refused", decided=date(2025, 11, 26)), "Leave for Friday 5 to Tuesday 9 December 2025 was refused on 26 November 2025."),
        (away(7, decision="refused", decided=date(2025, 11, 26)), "was refused on 26 November 2025."),
        (away(8, decision="refused", decided=date(2025, 11, 26)), "No leave was asked for beforehand"),
        (away(-11, decision="refused", decided=date(2025, 11, 26)), "was refused on 26 November 2025."),
        (away(-12, decision="refused", decided=date(2025, 11, 26)), "No leave was asked for beforehand"),
        (away(0), "Leave was asked for on 24 November 2025; it has not been granted."),
        (away(0, decision="refused", decided=DAY + timedelta(days=1)), "it has not been granted."),
        (away(-4, decision="granted", decided=date(2025, 11, 26), granted_to=date(2025, 12, 4)), "On 26 November 2025 leave was granted for Monday 1 to Thursday 4 December 2025."),
        (away(-4, decision="in part", decided=date(2025, 11, 26), granted_to=date(2025, 12, 4)), "On 26 November 2025 leave was granted in part, for Monday 1 to Thursday 4 December 2025."),
        (away(0, requested=DAY + timedelta(days=1)), "No leave was asked for beforehand"),
        (away(0, pupil_id="2", decision="refused", decided=date(2025, 11, 26)), "No leave was asked for beforehand"),
    ],
)  # fmt: skip
def test_the_letter_about_a_holiday_refers_to_the_answer_before_it(
    request_held: LeaveRequest | None, said: str
) -> None:
    text = letter("holiday-warning", request_held)
    assert said in text
    sentences = (
        "No leave was asked",
        "was refused on",
        "has not been granted",
        "leave was granted for",
        "granted in part",
    )
    assert sum(sentence in text for sentence in sentences) == 1
    assert "For a holiday no notice to improve comes first." in text


def test_a_reason_that_is_corrected_makes_the_letter_another_one() -> None:
    first, second = (made("leave-refused", refused(reason=reason)) for reason in ("one", "two"))
    assert first.documents[0].rests_on != second.documents[0].rests_on


def test_the_request_form_is_among_the_templates_that_a_school_may_export() -> None:
    form = templates().find("leave-request-form", ("en",))
    assert form.title == "Request for leave in term time"
