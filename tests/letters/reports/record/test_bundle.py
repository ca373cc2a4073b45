"""The evidence bundle: marks and figures then and now, copies as filed, notices with amounts, nobody else in it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest
from docx import Document

from letters.reports.pupils import contact_name
from letters.reports.record.bundle import evidence_bundle
from letters.reports.record.certificate import registration_certificate
from letters.reports.record.chronology import differences, figures_now, marks_then_and_now
from letters.reports.record.evidence import Evidence, EvidenceEvent, LetterCopy, NoteCopy, StateChange
from letters.reports.record.penalty_notices import amounts
from rules.evaluate import evaluate
from rules.events import Event
from rules.law import law_of
from rules.policy import load_policy
from rules.pupil_record import PupilRecord
from rules.register import Register
from rules.school import Amendment, AttendancePlan, Contact, Notice, Session
from rules.statistics import Tally
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import SCHOOL, register
from tests.letters.reports.reading import table_under, text_of

PUPIL = "1316"
END = date(2026, 3, 27)
PRINTED = date(2026, 3, 30)
POLICY = load_policy("england-2024")


@cache
def events() -> tuple[Event, ...]:
    return tuple(e for e in evaluate(register(until=END), POLICY, END).events if e.pupil_id == PUPIL)


@cache
def threshold() -> Event:
    return next(e for e in events() if e.rule == "penalty-threshold")


@cache
def corrected() -> Register:
    """Return the register after two of the counted marks were changed to illness."""
    before = register(until=END)
    changed = threshold().sessions[:2]
    columns = {before.sessions.index(Session(m.date, m.half)): "I" for m in changed}
    after = before.marked(before.row_of[PUPIL], columns)
    pupil = before.pupil(PUPIL)
    second = Contact("C2", "Mr", "Robin", "Exampleman", "", "Father", 2, parental_responsibility=True)
    pupils = tuple(
        replace(p, contacts=(*p.contacts, second)) if p.pupil_id == PUPIL else p for p in before.pupils
    )
    return replace(
        after,
        pupils=pupils,
        amendments=tuple(
            Amendment(PUPIL, m.date, m.half, m.code, "I", datetime(2026, 3, 2, 9, 5, tzinfo=UTC), "Doctor’s letter", "Jo Marsh", "Officer")
            for m in changed
        ),
        notices=(
            Notice(PUPIL, pupil.contacts[0].contact_id, date(2025, 10, 1)),
            Notice(PUPIL, pupil.contacts[0].contact_id, date(2026, 2, 10)),
            Notice(PUPIL, "C2", date(2026, 2, 10)),
            Notice("1001", "C1", date(2026, 2, 11)),
        ),
    )  # fmt: skip


@cache
def copy_of_a_letter() -> bytes:
    whole = register(until=END)
    return registration_certificate(
        whole, Tally(whole), POLICY, PUPIL, SCHOOL, start=date(2025, 9, 1), end=END, printed_on=END
    )


def evidence() -> Evidence:
    items = []
    for number, event in enumerate(events()):
        at = datetime(event.date.year, event.date.month, event.date.day, 17, 0, tzinfo=UTC)
        letter = LetterCopy("Made letter", "Attendance – Made letter.docx", event.date, 2, copy_of_a_letter())
        items.append(
            EvidenceEvent(
                f"AC-0000000{number}",
                event,
                "verified",
                (StateChange(at, "due"), StateChange(at, "verified", "read back")),
                (letter,) if event == threshold() else (),
                (NoteCopy(event.date, "Summary", f"Note number {number}."),),
                at,
            )
        )
    return Evidence(PUPIL, tuple(items))


@cache
def bundle() -> bytes:
    whole = corrected()
    return evidence_bundle(
        evidence(), whole, Tally(whole), POLICY, SCHOOL, start=date(2025, 9, 1), end=END, printed_on=PRINTED
    )


def test_the_bundle_is_sound_and_the_same_twice() -> None:
    assert_sound(bundle())
    first = bundle()
    bundle.cache_clear()
    assert bundle() == first


def test_marks_that_have_changed_since_are_shown_then_and_now() -> None:
    found = differences(threshold(), corrected())
    assert [(item.mark, item.now) for item in found] == [(mark, "I") for mark in threshold().sessions[:2]]
    assert not differences(threshold(), register(until=END))
    text = text_of(bundle())
    assert f"{len(threshold().sessions)} sessions were counted. 2 have changed since (shaded)." in text
    assert text.count("I (changed)") == 2


def test_a_mark_on_a_day_that_is_closed_now_is_said_to_be() -> None:
    sunday = replace(threshold(), sessions=(threshold().sessions[0]._replace(date=date(2025, 9, 7)),))
    assert [item.now for item in marks_then_and_now(sunday, register(until=END))] == ["school closed"]


def test_figures_then_are_the_events_and_figures_now_the_registers() -> None:
    whole = corrected()
    rows = {row[6]: row for row in table_under(bundle(), "2. Chronology")[1:]}
    for item in evidence().events:
        event = item.event
        percent, figures = figures_now(event, whole, Tally(whole), POLICY)
        row = rows[item.key]
        assert (
            row[2]
            == f"{event.figures['attendance_percent']}% ({event.figures['attended']} of {event.figures['possible']})"
        )
        assert row[3] == f"{percent}% ({figures.attended} of {figures.possible})"
        assert row[4] == (
            f"{len(differences(event, whole))} of {len(event.sessions)}" if event.sessions else ""
        )


def test_the_chronology_names_a_figure_that_the_policy_does_not_give() -> None:
    words = "Set by the school, not stated in the policy: The policy gives no number; it was chosen."
    item = replace(evidence().events[0], assumed="The policy gives no number; it was chosen.")
    whole = corrected()
    data = evidence_bundle(
        Evidence(PUPIL, (item,)), whole, Tally(whole), POLICY, SCHOOL, start=date(2025, 9, 1), end=END, printed_on=PRINTED
    )  # fmt: skip
    assert text_of(data).count(words) == 1
    assert words not in text_of(bundle())


def test_an_untouched_register_gives_the_figures_of_then() -> None:
    whole = register(until=END)
    for event in events():
        percent, figures = figures_now(event, whole, Tally(whole), POLICY)
        assert percent == event.figures["attendance_percent"]
        assert (figures.attended, figures.possible) == (event.figures["attended"], event.figures["possible"])


def test_letters_are_listed_by_key_and_their_copies_follow() -> None:
    rows = table_under(bundle(), "3. Letters and documents")
    assert len(rows) == 2
    key = next(item.key for item in evidence().events if item.letters)
    assert rows[1][1:] == ["Made letter", "Attendance – Made letter.docx", "2", key, "1"]
    own = evidence_bundle(
        Evidence(PUPIL), corrected(), Tally(corrected()), POLICY, SCHOOL,
        start=date(2025, 9, 1), end=END, printed_on=PRINTED,
    )  # fmt: skip
    copied = len(Document(io.BytesIO(copy_of_a_letter())).tables)
    with_events = len(Document(io.BytesIO(bundle())).tables)
    assert with_events > len(Document(io.BytesIO(own)).tables) + copied
    assert text_of(bundle()).count("Registration certificate") >= 2
    assert "No event is on record for this pupil." in text_of(own)
    assert "No letter or document has been filed." in text_of(own)


def test_a_letter_whose_copy_is_gone_is_still_listed() -> None:
    item = next(item for item in evidence().events if item.letters)
    gone = replace(item, letters=(replace(item.letters[0], content=None),))
    data = evidence_bundle(
        Evidence(PUPIL, (gone,)), corrected(), Tally(corrected()), POLICY, SCHOOL,
        start=date(2025, 9, 1), end=END, printed_on=PRINTED,
    )  # fmt: skip
    assert table_under(data, "3. Letters and documents")[1][5] == "not kept"


def test_notices_are_listed_by_adult_with_the_amounts_of_their_day() -> None:
    rows = table_under(bundle(), "6. Penalty notices")[1:]
    first = "£80 in 21 days, £160 in 28 days"
    assert [row[1:] for row in rows] == [
        ["Ms Alex " + register(until=END).pupil(PUPIL).surname, first, "0"],
        [rows[0][1], "£160 in 28 days (second notice, no lower amount)", "1"],
        ["Mr Robin Exampleman, father", first, "0"],
    ]


def test_without_an_amount_for_a_second_notice_it_asks_the_first_again() -> None:
    penalty = law_of("england").penalty_on(date(2024, 8, 18))
    assert penalty is not None
    assert amounts(penalty, 1) == "£60 in 21 days, £120 in 28 days"


def test_a_second_notice_is_the_last_that_can_be_issued_within_the_years_of_the_law() -> None:
    penalty = law_of("england").penalty_on(date(2024, 8, 19))
    assert penalty is not None
    assert amounts(penalty, 1) == "£160 in 28 days (second notice, no lower amount)"
    assert amounts(penalty, 2) == "none: more than 2 notices in 3 years cannot be issued"


def test_changed_marks_carry_who_when_and_why() -> None:
    rows = table_under(bundle(), "5. Marks that were changed")[1:]
    assert len(rows) == 2
    assert all(row[4:] == ["2 Mar 2026, 09:05 UTC", "Jo Marsh, Officer", "Doctor’s letter"] for row in rows)


def test_no_other_pupil_is_named() -> None:
    text = text_of(bundle())
    whole = corrected()
    own = whole.pupil(PUPIL)
    assert not [p for p in whole.pupils if p.pupil_id != PUPIL and (p.surname in text or p.upn in text)]
    assert own.surname in text


def test_an_event_of_another_pupil_is_refused() -> None:
    other = replace(evidence().events[0], event=replace(events()[0], pupil_id="1001"))
    with pytest.raises(ValueError, match="another pupil"):
        evidence_bundle(
            Evidence(PUPIL, (other,)), corrected(), Tally(corrected()), POLICY, SCHOOL,
            start=date(2025, 9, 1), end=END, printed_on=PRINTED,
        )  # fmt: skip


def test_a_certificate_without_a_day_is_refused() -> None:
    whole = corrected()
    with pytest.raises(ValueError, match="no day"):
        evidence_bundle(
            Evidence(PUPIL),
            whole,
            Tally(whole),
            POLICY,
            SCHOOL,
            start=END,
            end=date(2025, 9, 1),
            printed_on=PRINTED,
        )


def without_events(school: Register) -> bytes:
    year = date(2025, 9, 3)
    tally = Tally(school)
    return evidence_bundle(
        Evidence(PUPIL), school, tally, POLICY, SCHOOL, start=year, end=END, printed_on=PRINTED
    )


def test_what_was_done_for_the_pupil_is_in_order_with_its_outcome() -> None:
    school = register(until=END)
    (contact, *_) = school.pupil(PUPIL).contacts
    school = replace(
        school,
        pupil_records=(
            PupilRecord(PUPIL, "visit", date(2025, 11, 4), decision="nobody in", by="Officer"),
            PupilRecord(
                PUPIL, "meeting", date(2025, 10, 3), contact.contact_id, "held", review=date(2025, 11, 7)
            ),
            PupilRecord("1", "visit", date(2025, 10, 1), decision="seen"),
        ),
        attendance_plans=(AttendancePlan(PUPIL, date(2025, 10, 6), note="95 by half term"),),
        leave_requests=(),
        notices=(Notice(PUPIL, "gone", date(2025, 12, 1), "paid"),),
    )
    data = without_events(school)
    rows = table_under(data, "What was done for the pupil")[1:]
    assert [row[:3] for row in rows] == [
        ["3 Oct 2025", "Meeting", "held; review set for 7 Nov 2025"],
        ["6 Oct 2025", "Attendance plan", ""],
        ["4 Nov 2025", "Home visit", "nobody in"],
        ["1 Dec 2025", "Penalty notice", "paid"],
    ]
    assert rows[0][3] == contact_name(contact)
    assert rows[1][5] == "95 by half term"
    assert rows[3][3] == "an adult no longer recorded"
    empty = replace(school, pupil_records=(), attendance_plans=(), notices=())
    data = without_events(empty)
    assert "No plan, meeting, visit, call, leave or notice is on record for this pupil." in text_of(data)


@pytest.mark.parametrize(
    ("state", "first", "counts"),
    [
        ("paid", date(2022, 11, 3), True),
        ("prosecuted", date(2022, 11, 4), True),
        ("", date(2022, 11, 2), False),  # a day more than three years before
        ("withdrawn", date(2025, 3, 3), False),
    ],
)
def test_a_notice_counts_for_three_years_unless_it_was_withdrawn(
    state: str, first: date, counts: bool
) -> None:
    school = register(until=END)
    (contact, *_) = school.pupil(PUPIL).contacts
    notices = (
        Notice(PUPIL, contact.contact_id, first, state),
        Notice(PUPIL, contact.contact_id, date(2025, 11, 3)),
    )
    school = replace(school, notices=notices)
    data = without_events(school)
    rows = table_under(data, "6. Penalty notices")[1:]
    assert len(rows) == 1 + (state != "withdrawn")
    assert rows[-1][3] == str(int(counts))
    assert ("second notice" in rows[-1][2]) == counts
