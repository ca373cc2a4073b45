"""Whom the office rings in the morning, in which order, and whom never."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time

import pytest

from letters.reports.morning.alerts import morning_alerts
from letters.reports.morning.calls import Morning, has_morning, morning_of, of_the_morning
from letters.reports.morning.calls_list import ListFacts, absence_words, calls_list, whom_to_ring
from letters.reports.morning.texting import number_words, texting_table
from letters.reports.pupils import phone_order
from letters.school_details import SchoolDetails
from rules.policy import Policy, lists_of, load_policy
from rules.pupil_record import PupilRecord
from rules.register import build_register
from rules.school import Contact, Mark, Pupil, Session
from tests.connector.memory_mis import CALENDAR, school_days
from tests.letters.reports.reading import table_under, tables, text_of

DAY = date(2025, 11, 12)
SCHOOL = SchoolDetails(name="Hill Primary School", telephone="01482 000000")
MOTHER = Contact(
    "m", "Ms", "Kim", "Ash", "", "Mother", 1, parental_responsibility=True, telephones=("07700 900001",)
)


def pupil(number: int, **facts: object) -> Pupil:
    own = {
        "legal_forename": "Sam",
        "legal_surname": f"Ash{number}",
        "registration_group": "5A",
        "contacts": (MOTHER,),
    }
    return Pupil(str(number), **(own | facts))  # type: ignore[arg-type]


def morning(
    pupils: Sequence[Pupil],
    today: dict[str, str],
    *,
    before: Mapping[tuple[str, date], str] = {},
    policies: Sequence[Policy] = (),
    records: Sequence[PupilRecord] = (),
    minutes: int | None = None,
    start: date = date(2025, 9, 3),
) -> Morning:
    """Return the morning of the day: everybody present before it, but for the marks given."""
    marks = [
        Mark(one.pupil_id, day, half, before.get((one.pupil_id, day), "/" if half == "AM" else "\\"))
        for one in pupils
        for day in school_days(start, DAY)
        for half in ("AM", "PM")
        if day < DAY
    ]
    marks += [Mark(who, DAY, "AM", code, minutes) for who, code in today.items()]
    register = build_register(pupils=pupils, calendar=CALENDAR, marks=marks, pupil_records=records)
    at = of_the_morning(register, DAY)
    return morning_of(at, DAY, morning_alerts(at, policies, SCHOOL, DAY))


def called(found: Morning) -> list[str]:
    return [call.pupil.pupil_id for call in found.calls]


def class_with(today: dict[str, str], **facts: object) -> Morning:
    """Return the morning of pupil 1 with these facts and nine classmates, marked "/" where nothing else is said."""
    pupils = [pupil(1, **facts), *(pupil(number) for number in range(2, 11))]
    marks = {one.pupil_id: "/" for one in pupils} | today
    return morning(pupils, {who: code for who, code in marks.items() if code != "?"})


def test_the_most_urgent_are_rung_about_first() -> None:
    absent_often = {("4", day): "I" for day in school_days(date(2025, 10, 1), date(2025, 10, 24))}
    pupils = [
        pupil(1),
        pupil(2, looked_after=True),
        pupil(3, social_worker=True, looked_after=True),
        pupil(4),
        pupil(5, child_protection=True),
        pupil(6, deceased=True),
        pupil(7, on_roll_to=date(2025, 11, 11)),
    ]

    found = morning(pupils, dict.fromkeys("1234567", "N"), before=absent_often)

    assert called(found) == ["3", "5", "2", "4", "1"]
    assert [call.turn for call in found.calls] == [
        "safeguarding", "safeguarding", "looked after", "persistent", "other"
    ]  # fmt: skip


@pytest.mark.parametrize(("days", "turn"), [(5, "persistent"), (4, "other")])
def test_persistent_absence_comes_before_others_from_a_tenth_on(days: int, turn: str) -> None:
    """This morning is the 91st session of the year: four whole days before it make 9 missed, less than a tenth."""
    away = {("1", day): "I" for day in school_days(date(2025, 9, 3), date(2025, 9, 30))[:days]}
    (call,) = morning([pupil(1), pupil(2)], {"1": "N", "2": "/"}, before=away).calls
    assert call.turn == turn


def test_a_missing_mark_counts_once_the_register_of_the_class_was_taken() -> None:
    assert called(class_with({"1": "?"})) == ["1"]
    half = class_with({str(number): "?" for number in range(1, 6)})
    assert called(half) == [], "half of the class has no mark: the register is still open"
    assert [(one.group, one.unmarked, one.pupils) for one in half.registers] == [("5A", 5, 10)]
    less = class_with({str(number): "?" for number in range(1, 5)})
    assert (called(less), less.registers) == (["1", "2", "3", "4"], ())


def test_leave_entered_ahead_does_not_make_a_register_taken() -> None:
    found = morning([pupil(1), pupil(2), pupil(3)], {"1": "C", "2": "I"})
    assert (called(found), found.registers[0].unmarked) == ([], 1)
    assert "5A: 1 of 3 pupils without a mark" in text_of(calls_list(found, SCHOOL, ListFacts(time(9, 35))))


def test_a_mark_that_is_no_code_counts_as_missing() -> None:
    (call,) = class_with({"1": "zz"}).calls
    assert absence_words(call)[0] == "Mark “zz”, first day"


def test_who_is_away_with_a_reason_or_has_no_session_is_not_rung_about() -> None:
    assert called(class_with({"1": "I"})) == []
    assert called(class_with({"1": "X"})) == []


def test_the_afternoon_has_not_been_yet_whatever_was_entered_for_it() -> None:
    pupils = [pupil(1), pupil(2)]
    marks = [Mark("1", DAY, "AM", "/"), Mark("1", DAY, "PM", "N"), Mark("2", DAY, "AM", "/")]
    register = of_the_morning(build_register(pupils=pupils, calendar=CALENDAR, marks=marks), DAY)
    assert not morning_of(register, DAY)
    assert has_morning(register, DAY)
    assert not has_morning(register, date(2025, 10, 28))


def test_an_absence_says_its_day_and_how_often_it_happened_lately() -> None:
    monday, tuesday = date(2025, 11, 10), date(2025, 11, 11)
    before = {("1", monday): "I", ("1", tuesday): "N", ("1", date(2025, 11, 3)): "I"}
    (call,) = morning([pupil(1), pupil(2)], {"1": "N", "2": "/"}, before=before).calls
    assert absence_words(call)[:2] == [
        "No reason (N), day 3 running",
        "Away on 3 of the last 20 school days, 1 still without a reason",
    ]


def test_an_adult_who_may_not_be_contacted_is_never_rung() -> None:
    father = replace(MOTHER, contact_id="f", forename="Jo", telephones=("07700 900002",), priority=2)

    def order(*contacts: Contact, **facts: object) -> list[str]:
        return [contact.forename for contact in phone_order(pupil(1, contacts=contacts, **facts))]

    assert order(MOTHER, father) == ["Kim", "Jo"]
    for bar in ({"court_order": True}, {"court_order": None}, {"correspondence": False}, {"deceased": True}):
        assert order(replace(MOTHER, **bar), father) == ["Jo"], bar
    assert order(replace(MOTHER, surname="Ash DO NOT CONTACT"), father) == ["Jo"]
    again = replace(MOTHER, contact_id="m2", court_order=True, telephones=("07700 900003",))
    assert order(MOTHER, again) == [], "two rows of one adult: the stricter one holds"
    carer = Contact("c", "Mr", "Lee", "Oak", "", "Foster carer", 1, telephones=("07700 900004",))
    assert order(replace(MOTHER, priority=2), carer) == ["Kim", "Lee"]
    assert order(replace(MOTHER, priority=2), carer, looked_after=True) == ["Lee", "Kim"]


def test_up_to_three_adults_are_named_with_three_numbers_each() -> None:
    adults = tuple(
        replace(MOTHER, contact_id=str(n), forename=f"A{n}", priority=n, telephones=("1", "2", "3", "4"))
        for n in range(1, 5)
    )
    assert whom_to_ring(pupil(1, contacts=adults)) == [
        "1. Ms A1 Ash, mother: 1, 2, 3",
        "2. Ms A2 Ash, mother: 1, 2, 3",
        "3. Ms A3 Ash, mother: 1, 2, 3",
    ]
    assert whom_to_ring(pupil(1, contacts=())) == ["No contact on record"]
    unknown = (replace(MOTHER, court_order=None),)
    assert whom_to_ring(pupil(1, contacts=unknown)) == [
        "Of an adult nobody says whether a court order restricts contact: see the MIS"
    ]


def test_a_late_pupil_is_in_a_list_of_its_own_with_the_numbers() -> None:
    found = morning([pupil(1), pupil(2)], {"1": "U", "2": "/"}, minutes=40)
    assert called(found) == []
    (_, row) = table_under(calls_list(found, SCHOOL, ListFacts(time(9, 35))), "Came late (1)")
    assert row[1] == "After the register closed (U), 40 minutesLate once in 21 mornings, today included"
    assert row[2] == "1. Ms Kim Ash, mother: 07700 900001"


def test_how_often_a_pupil_was_late_counts_the_mornings_that_are_known() -> None:
    joined = pupil(1, on_roll_from=date(2025, 11, 10))
    (late,) = morning([joined, pupil(2)], {"1": "L", "2": "/"}).late
    assert (late.times, late.mornings) == (1, 3)


def test_cadles_first_morning_stands_on_top_under_the_packs_own_words() -> None:
    cadle = load_policy("cadle")
    child, other = pupil(1, child_protection=True), pupil(2)
    found = morning([child, other], {"1": "I", "2": "N"}, policies=[cadle])
    assert [call.pupil.pupil_id for call in found.alerts["at-risk"]] == ["1"]
    assert called(found) == ["2"]
    assert texting_table(found) == texting_table(found.less({("at-risk", "1")})), (
        "a known reason is not asked for"
    )
    document = calls_list(found, SCHOOL, ListFacts(time(9, 35), named=lists_of([cadle])))
    assert len(table_under(document, "Children at risk, absent this morning")) == 2
    second_day = morning([child], {"1": "I"}, before={("1", date(2025, 11, 11)): "I"}, policies=[cadle])
    assert not second_day.alerts


def test_a_pupil_whom_two_rules_list_stands_once_in_each_list_and_is_texted_about_once() -> None:
    cadle = load_policy("cadle")
    again = cadle.model_copy(update={"id": "own"})
    found = morning(
        [pupil(1, child_protection=True), pupil(2)], {"1": "N", "2": "/"}, policies=[cadle, again]
    )
    assert found.lines == (("at-risk", "1"),)
    (calls,) = found.alerts.values()
    both = Morning(DAY, alerts={"at-risk": calls, "late": calls})
    assert both.without_message == calls
    assert len((texting_table(both) or b"").splitlines()) == 2, "the header and one row"
    assert not both.less(both.lines), "a policy's list may have any name"


def test_a_visit_is_due_on_the_packs_days_until_somebody_was_reached() -> None:
    hcat, tuesday = load_policy("hcat"), date(2025, 11, 11)
    before = {("1", tuesday): "N"}
    visit = "Day 2 in a row without a reason (N): a home visit is due today."

    def said(*records: PupilRecord, **facts: object) -> list[str]:
        pupils = [pupil(1, **facts), pupil(2)]
        found = morning(pupils, {"1": "N", "2": "/"}, before=before, policies=[hcat], records=records)
        wanted = lists_of([hcat])["calls"].visit_unless_reached
        return absence_words(found.calls[0], wanted)[2:]

    assert said() == [visit]
    assert said(PupilRecord("1", "contact", tuesday, decision="no answer")) == [visit]
    assert said(PupilRecord("1", "contact", tuesday, decision="answered")) == []
    assert said(PupilRecord("1", "visit", tuesday, decision="seen")) == []
    assert said(PupilRecord("1", "visit", date(2025, 11, 10), decision="seen")) == [visit], (
        "before the absence"
    )
    assert said(child_protection=True) == [visit, "Home visit today if nobody answers"]
    reached = said(PupilRecord("1", "contact", DAY, decision="answered"), child_protection=True)
    assert said(PupilRecord("1", "visit", DAY, decision="nobody in"), child_protection=True)[0] == visit
    assert said(PupilRecord("1", "visit", DAY, decision="seen"), child_protection=True) == reached
    assert reached == ["The family was reached today: enter the reason"]


def test_a_pupil_whose_family_was_reached_is_listed_and_not_counted_as_one_to_ring_about() -> None:
    answered = PupilRecord("1", "contact", DAY, decision="answered")
    found = morning([pupil(1), pupil(2), pupil(3)], {"1": "N", "2": "N", "3": "/"}, records=[answered])
    assert (called(found), [call.pupil.pupil_id for call in found.to_ring]) == (["2", "1"], ["2"])
    (figures, _) = tables(calls_list(found, SCHOOL, ListFacts(time(9, 35))))[0]
    assert figures == ["1", "0", "0"]


def test_the_texting_table_gives_a_mobile_first_and_no_reason() -> None:
    at_home = replace(MOTHER, telephones=("01482 123456", "+44 7700 900009"))
    found = class_with({"1": "N"}, contacts=(at_home,), preferred_forename="Sammy")
    rows = list(csv.reader((texting_table(found) or b"").decode("utf-8-sig").splitlines()))
    assert rows[1:] == [["07700 900009", "Sammy Ash1", "5A", "Ms Kim Ash"]]
    assert texting_table(class_with({"1": "N"}, looked_after=True)) is None, "a person decides whom to ask"
    assert texting_table(class_with({"1": "N"}, date_of_birth=date(2007, 11, 12))) is None, "18 today"
    assert texting_table(class_with({"1": "N"}, date_of_birth=date(2007, 11, 13))) is not None
    assert texting_table(class_with({"1": "N"}, contacts=())) is None


@pytest.mark.parametrize(
    "mobile", ["(07700) 900009", "+44 (0) 7700 900009", "+44-7700-900009", "44 7700 900009"]
)
def test_a_mobile_is_known_however_it_is_written(mobile: str) -> None:
    found = class_with({"1": "N"}, contacts=(replace(MOTHER, telephones=("01482 123456", mobile)),))
    assert b"07700 900009,Sam Ash1" in (texting_table(found) or b"")


def test_only_those_with_parental_responsibility_are_sent_a_text() -> None:
    landline = replace(MOTHER, telephones=("01482 123456",))
    aunt = Contact("a", "Ms", "Pat", "Elm", "", "Aunt", 1, telephones=("07700 900005",))
    worker = replace(aunt, contact_id="w", relationship="Social worker", parental_responsibility=True)
    found = class_with({"1": "N"}, contacts=(aunt, worker, landline))
    assert b"01482 123456,Sam Ash1,5A,Ms Kim Ash" in (texting_table(found) or b"")
    assert [line[:10] for line in whom_to_ring(found.calls[0].pupil)] == [
        "1. Ms Kim ",
        "2. Ms Pat ",
        "3. Ms Pat ",
    ]
    assert texting_table(class_with({"1": "N"}, contacts=(aunt, worker))) is None
    unknown = replace(MOTHER, correspondence=None)
    assert texting_table(class_with({"1": "N"}, contacts=(unknown,))) is None, "a text is written"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("07700900009", "07700 900009"),
        ("+447700900009", "07700 900009"),
        ("0044 7700 900009", "07700 900009"),
        ("+44 (0)1482 123456", "01482 123456"),
        ("+48 601 234 567", "0048 601 234 567"),
        ("=1+1", "1+1"),
    ],
)
def test_a_number_is_kept_whole_by_a_spreadsheet(number: str, shown: str) -> None:
    assert number_words(number) == shown


def test_an_empty_morning_says_nothing() -> None:
    assert not class_with({})
    assert Session(DAY, "AM") in CALENDAR.sessions
