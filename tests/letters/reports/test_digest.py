"""The digest: whom to phone first, what is held and why, what was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from letters.reports.absence import absence_lists
from letters.reports.digest import Digest, Line, calls_to_make, digest_report
from letters.reports.pupils import classes, phone_first
from letters.words.english import short_date
from rules.checks.gaps import find_gaps
from rules.events import Event
from rules.policy import Policy, lists_of, load_policy
from rules.pupil_record import PupilRecord
from rules.register import build_register
from rules.rule.outcome import NOTE, Outcome
from rules.school import AttendancePlan, Contact, Mark, Pupil, Session
from rules.statistics import Tally
from tests.letters.made_up import SCHOOL
from tests.letters.reports.one_day import AYCLIFFE, DAY, HCAT, REGISTER, TALLY, digest, line
from tests.letters.reports.reading import table_under, tables, words


def make_digest() -> bytes:
    return digest_report(digest(), REGISTER, TALLY, AYCLIFFE, SCHOOL)


def test_calls_are_the_pupils_with_an_n_today() -> None:
    expected = {
        pupil.pupil_id for pupil in REGISTER.pupils if TALLY.pupil(pupil.pupil_id, DAY, DAY).by_code.get("N")
    }
    assert expected
    assert {pupil.pupil_id for pupil, _ in calls_to_make(REGISTER, DAY)} == expected
    rows = table_under(make_digest(), "Calls to make first")
    assert len(rows) == 1 + len(expected)


def test_a_child_at_risk_is_phoned_first_and_nobody_under_a_court_order() -> None:
    barred = Contact("1", "Mr", "Sam", "Barred", priority=1, parental_responsibility=True, court_order=True)
    allowed = Contact("2", "Ms", "Kim", "Allowed", "", "Aunt", priority=2)
    everyone = [
        Pupil("1", legal_forename="A", legal_surname="Aaron", registration_group="1A"),
        Pupil(
            "2", legal_forename="Z", legal_surname="Zed", registration_group="6B",
            child_protection=True, contacts=(barred, allowed),
        ),
    ]  # fmt: skip
    made = build_register(
        pupils=everyone,
        calendar=REGISTER.calendar,
        marks=[Mark(p.pupil_id, DAY, "AM", "N") for p in everyone],
    )
    data = digest_report(Digest(DAY), made, Tally(made), AYCLIFFE, SCHOOL)
    rows = table_under(data, "Calls to make first")
    assert [row[0] for row in rows[1:]] == ["Zed, Z", "Aaron, A"]
    assert rows[1][5] == "Ms Kim Allowed, aunt"
    assert "Barred" not in str(rows)


def test_who_left_during_the_day_is_told_from_who_never_came() -> None:
    everyone = [Pupil(i, legal_surname=i, registration_group="1A") for i in "123"]
    marks = [
        ("1", "AM", "/"),
        ("1", "PM", "N"),
        ("2", "AM", "N"),
        ("2", "PM", "N"),
        ("3", "AM", "I"),
        ("3", "PM", "N"),
    ]
    made = build_register(
        pupils=everyone,
        calendar=REGISTER.calendar,
        marks=[Mark(p, DAY, half, code) for p, half, code in marks],
    )
    rows = table_under(digest_report(Digest(DAY), made, Tally(made), AYCLIFFE, SCHOOL), "Calls to make first")
    assert [row[2] for row in rows[1:]] == [
        "here in the morning, no reason, PM",
        "no reason, AM and PM",
        "no reason, PM",
    ]


def test_the_calls_list_gives_the_numbers_in_order() -> None:
    mother = Contact("1", "Ms", "Kim", "Ash", "", "Mother", parental_responsibility=True, priority=1)
    father = Contact("2", "Mr", "Jo", "Ash", "", "Father", parental_responsibility=True, priority=2)
    with_numbers = replace(mother, telephones=("01482 1", "07700 2"))

    def whom(*contacts: Contact) -> str:
        return phone_first(Pupil("1", contacts=contacts))

    assert whom(father, with_numbers) == "Ms Kim Ash, mother: 01482 1, 07700 2"
    assert whom(mother, father) == "Ms Kim Ash, mother"
    assert whom(mother, replace(father, telephones=("9",))) == (
        "Ms Kim Ash, mother, no number on record; then Mr Jo Ash, father: 9"
    )
    assert whom(replace(mother, deceased=True), father) == "Mr Jo Ash, father"
    assert whom(replace(mother, court_order=None)) == "nobody says whom a court order restricts"
    assert whom(replace(mother, court_order=None), father) == "Mr Jo Ash, father"
    assert whom() == "no contact on record"


def test_no_list_names_a_pupil_who_has_died() -> None:
    living, dead = (Pupil(i, legal_surname=i, registration_group="1A", deceased=i == "2") for i in "12")
    made = build_register(
        pupils=[living, dead],
        calendar=REGISTER.calendar,
        marks=[Mark(p.pupil_id, DAY, "AM", "N") for p in (living, dead)],
    )

    assert [pupil for pupil, _ in calls_to_make(made, DAY, ["2"])] == [living]
    assert classes(made, DAY) == {"1A": [living]}
    assert absence_lists(made, Tally(made), HCAT, DAY).pupils == 1
    assert find_gaps(made, DAY, DAY).unmarked == {Session(DAY, "PM"): 1}


def test_the_digest_says_why_something_is_held_and_what_is_empty() -> None:
    data = make_digest()
    held = table_under(data, "Held: waiting for your decision")
    assert {row[3] for row in held[1:]} == {"no address that a letter could reach"}
    assert {row[4] for row in held[1:]} == {found.key for found in digest().held}
    assert "Nothing today under: failed" in words(data)
    assert "3B, Thursday 27 November 2025 PM" in words(data)


def test_a_list_of_returns_says_by_when_each_is_due() -> None:
    figures = {"roll_date": "2025-11-26", "due": "2025-12-01", "enrolment": "main"}
    outcome = Outcome.parse("list:authority-returns")
    event = Event("new-pupil-return", DAY, "", (outcome,), "1", figures=figures, title="New pupil")
    lists = {"authority-returns": [Line(event, "AC-7F3K2M9Q")]}
    data = digest_report(Digest(DAY, lists=lists), REGISTER, TALLY, AYCLIFFE, SCHOOL)
    (row,) = table_under(data, "Authority returns")[1:]
    assert row[2:] == ["due by 1 Dec 2025", "AC-7F3K2M9Q"]


def test_what_was_written_is_counted_by_rule() -> None:
    rows = table_under(make_digest(), "Written")
    assert sum(int(row[1]) for row in rows[1:]) == len(digest().written)


def test_a_digest_of_a_half_terms_letters_stays_short() -> None:
    events = [
        Event(
            "colour-letter",
            DAY,
            "1",
            (Outcome("letter", "colour-letter"), NOTE),
            p.pupil_id,
            title="Colour letter",
        )
        for p in REGISTER.pupils
        if p.on_roll(DAY)
    ]
    data = digest_report(
        Digest(DAY, written=[line(e, n) for n, e in enumerate(events)]), REGISTER, TALLY, HCAT, SCHOOL
    )
    row = table_under(data, "Written")[1]
    assert row[1] == str(len(events))
    assert row[2].endswith(f"and {len(events) - 12} others")


def lists_digest(*packs: Policy, names: tuple[str, ...]) -> bytes:
    events = [
        Event("own", DAY, "1", (Outcome("list", name),), REGISTER.pupils[0].pupil_id, title=f"Rule of {name}")
        for name in names
    ]
    lists = {name: [line(event, n)] for n, (name, event) in enumerate(zip(names, events, strict=True))}
    return digest_report(Digest(DAY, lists, lists_of(packs)), REGISTER, TALLY, packs[0], SCHOOL)


def test_lists_have_the_title_the_instruction_and_the_order_of_their_packs() -> None:
    thringstone, law = load_policy("thringstone"), load_policy("england-2024")
    shown = words(lists_digest(thringstone, law, names=("code-overdue", "persistent", "severe")))
    places = [
        shown.index(text)
        for text in (
            "Severe absence",
            "Look at what help the family has",
            "Arrange a home visit when the family has not been in touch by 9.30",
            "Reason still missing (N) after five school days",
            "Find the reason today, or change the code to O.",
        )
    ]
    assert places == sorted(places)


def test_the_table_of_calls_says_what_the_pack_says_of_it() -> None:
    shown = words(lists_digest(HCAT, names=("calls",)))
    assert "Calls to make first" in shown
    assert "Phone these families before anything else, and enter the reason in the register." in shown


def test_a_list_that_no_pack_has_any_more_is_shown_by_its_name() -> None:
    assert table_under(lists_digest(HCAT, names=("welfare-old",)), "Welfare old")


def test_the_digest_names_every_policy_that_the_school_follows() -> None:
    law = load_policy("england-2024")
    both = words(digest_report(Digest(DAY), REGISTER, TALLY, HCAT, SCHOOL, more=[law]))
    assert f"Policies: {HCAT.title}; {law.title}." in both
    assert f"Policy: {HCAT.title}." in words(digest_report(Digest(DAY), REGISTER, TALLY, HCAT, SCHOOL))


def test_reviews_that_are_due_are_listed_by_class_with_what_to_do() -> None:
    pupil = REGISTER.pupils[0]
    before = DAY - timedelta(days=21)
    plan = AttendancePlan(pupil.pupil_id, before, review=DAY, by="Head")
    meeting = PupilRecord(pupil.pupil_id, "meeting", DAY - timedelta(days=1), decision="invited")
    register = replace(REGISTER, attendance_plans=(plan,), pupil_records=(meeting,))
    data = digest_report(digest(), register, Tally(register), AYCLIFFE, SCHOOL)
    rows = table_under(data, "Reviews due")[1:]
    assert [row[2] for row in rows] == [
        f"meeting of {short_date(meeting.day)}: was it held?",
        f"attendance plan of {short_date(before)}",
    ]
    assert rows[1][3:] == [short_date(DAY), "Head"]
    assert "attendance-connector records add" in words(data)
    assert "reviews due" in words(make_digest())


def test_meetings_of_the_coming_week_have_room_to_tick_who_came_and_those_before_say_it() -> None:
    one, other = REGISTER.pupils[0].pupil_id, REGISTER.pupils[1].pupil_id
    clinic, past = DAY + timedelta(days=5), DAY - timedelta(days=2)
    records = (
        PupilRecord(one, "meeting", DAY, decision="invited", start=clinic, note="Clinic"),
        PupilRecord(other, "meeting", past, decision="missed", note="Clinic"),
    )
    register = replace(REGISTER, pupil_records=records)
    data = digest_report(digest(), register, Tally(register), AYCLIFFE, SCHOOL)
    (row,) = table_under(data, "Meetings of the week")[1:]
    assert (row[0], row[3], row[4]) == (short_date(clinic), "Clinic", "")
    shown = words(data)
    assert "In the week before:" in shown
    assert "did not come" in str(tables(data))
    assert "was it held?" not in str(tables(data)), "its day is still to come"
