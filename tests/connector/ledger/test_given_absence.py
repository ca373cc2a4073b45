"""A letter that only absence given by the school makes due is recorded as excluded, and goes once it is due without it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.ledger.exclusions.given_absence import due_days
from rules.calendar import Period
from rules.policy import parse_policy
from rules.rule.outcome import NOTE, Outcome
from rules.school import Amendment, Exclusion, LeaveRequest, Notice
from tests.connector.memory_mis import FIRST_DAY, MemoryMis, at, school_days, small_school
from tests.connector.run.test_causes import OWN
from tests.connector.runs import ledger, options, row_of, run, run_days

D = school_days(FIRST_DAY, date(2025, 12, 19))
STAGE = ("stage-1",)
FALL = D[22]
"""20 days in school, then study leave: 40 of 46 sessions at the end of its third day, the first time under 90%."""
STUDY = "S (Study leave for a public examination)"


def school(codes: dict[str, Iterable[date]], pupils: int = 1, year_group: str = "Year 11") -> MemoryMis:
    """Pupil 1 has these codes on these days, and everybody else is present."""
    mis = small_school(pupils)
    for pupil_id in mis.pupils:
        mis.pupils[pupil_id] = replace(mis.pupils[pupil_id], year_group=year_group)
    for code, days in codes.items():
        for day in days:
            mis.day("1", day, code)
    return mis


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "hill.db"


def stand(state: Path, rule: str = "stage-1") -> tuple[str, str]:
    row = row_of(state, rule)
    return row.state, row.reason


def test_a_letter_that_rests_on_study_leave_is_excluded_with_that_reason(state: Path) -> None:
    mis = school({"S": D[20:25]})
    run(mis, state, FALL, options(only=STAGE))
    assert stand(state) == ("excluded", f"would not be due without 6 sessions marked {STUDY}")
    assert (mis.documents, mis.notes) == ([], [])
    event = row_of(state, "stage-1").event
    assert event.figures["attendance_percent"] == "86.9", "the figures count study leave as the law does"
    assert {mark.code for mark in event.sessions} == {"S"}


@pytest.mark.parametrize(
    ("given_absence", "sent"),
    [
        ([], True),
        ([{"codes": ["T"]}], True),
        ([{"codes": ["T", "S"]}], False),
        ([{"codes": ["T"]}, {"codes": ["S"]}], False),
        ([{"codes": ["S"], "year_groups": ["11"]}], False),
        ([{"codes": ["S"], "year_groups": ["10", "Y12"]}], True),
        ([{"codes": ["S"], "from": D[20], "to": D[22]}], False),
        ([{"codes": ["S"], "from": D[22]}], False),
        ([{"codes": ["S"], "from": D[23]}], True),
        ([{"codes": ["S"], "to": D[20]}], False),
        ([{"codes": ["S"], "to": D[19]}], True),
    ],
)
def test_codes_year_groups_and_days_of_given_absence_are_a_setting(
    state: Path, given_absence: list[dict[str, object]], sent: bool
) -> None:
    mis = school({"S": D[20:25]})
    run(mis, state, FALL, options(only=STAGE, given_absence=given_absence))
    assert (row_of(state, "stage-1").state, bool(mis.documents)) == (
        ("verified", True) if sent else ("excluded", False)
    )


def test_the_letter_goes_on_the_day_when_it_is_due_without_the_given_sessions_too(state: Path) -> None:
    """40 of 44 sessions without study leave two days later, 40 of 46 after a third day of illness."""
    mis, opts = school({"S": D[20:25], "I": D[25:28]}), options(only=STAGE, oldest_letter_school_days=1)
    run_days(mis, state, FALL, D[26], opts)
    assert row_of(state, "stage-1").state == "excluded"
    run(mis, state, D[27], opts)
    row = row_of(state, "stage-1")
    assert (row.state, row.date, row.composed_on) == ("verified", FALL, D[27])
    assert len(mis.documents) == 2, "letter 1 and its certificate, once"
    run_days(mis, state, D[28], D[40], opts)
    assert [row.state for row in ledger(state)] == ["verified"]


@pytest.mark.parametrize("by", ["settings", "exclusions"])
def test_each_pupils_letter_goes_by_the_pupils_own_sessions(state: Path, by: str) -> None:
    """Two pupils with study leave and with travel; a third day of illness makes both letters due, a third pupil's not."""
    mis = school({"T": D[20:25], "I": D[25:28]}, pupils=3)
    for pupil_id, ill in (("2", D[25:28]), ("3", D[25:27])):
        for day in D[20:25]:
            mis.day(pupil_id, day, "S")
        for day in ill:
            mis.day(pupil_id, day, "I")
    opts = options(only=STAGE, given_absence=[{"codes": ["S", "T"]}] if by == "settings" else [])
    if by == "exclusions":
        travels = Exclusion(reason="Travels", codes=("T",), pupil_id="1")
        mis.exclusions = [travels, *(Exclusion(reason="Agreed", codes=("S",), pupil_id=n) for n in "23")]
    run(mis, state, FALL, opts)
    assert {row.state for row in ledger(state)} == {"excluded"}
    run(mis, state, D[27], opts)
    assert {row.pupil_id: row.state for row in ledger(state)} == {
        "1": "verified",
        "2": "verified",
        "3": "excluded",
    }


def test_of_two_letters_of_a_rule_the_one_goes_whose_turn_it_is(state: Path) -> None:
    """Study leave makes a letter in each half term, and illness makes the second one due all the same."""
    mis = school({}, pupils=2)
    for code, days in {"S": (*D[20:22], *D[40:42]), "I": D[45:47]}.items():
        for day in days:
            mis.day("2", day, code)
    text = OWN.format(figure=4, version="1", dated="2025-09-01", kind="count")
    opts = replace(options(), policy=parse_policy(text.replace('"L"', '"S", "I"'), "own.toml"))
    run_days(mis, state, D[21], D[46], opts)
    assert [(row.date, row.state) for row in ledger(state)] == [(D[21], "excluded"), (D[41], "verified")]


@pytest.mark.parametrize(("run_on", "state_then", "hold"), [(28, "verified", ""), (29, "held", "too_old")])
def test_its_age_counts_from_that_day(state: Path, run_on: int, state_then: str, hold: str) -> None:
    mis = school({"S": D[20:25], "I": D[25:28]})
    opts = options(only=STAGE, oldest_letter_school_days=1, ladder_gap_days=0)
    run(mis, state, FALL, opts)
    run(mis, state, D[run_on], opts)
    row = row_of(state, "stage-1")
    assert (row.state, row.hold) == (state_then, hold)


def test_the_reason_counts_the_sessions_up_to_the_events_day(state: Path) -> None:
    run(school({"S": D[20:25]}), state, D[24], options(only=STAGE))
    assert stand(state) == ("excluded", f"would not be due without 6 sessions marked {STUDY}")


def test_an_answer_to_a_request_for_leave_has_nothing_to_do_with_study_leave(state: Path) -> None:
    mis = school({"S": D[20:25]})
    asked = LeaveRequest("1", D[35], D[36], "holiday", D[24], decision="refused", decided=D[25])
    mis.leave.append(asked)
    run(mis, state, D[26], options())
    assert row_of(state, "leave-refused").state == "verified"
    assert row_of(state, "stage-1").state == "excluded"


def test_a_letter_that_is_due_anyway_goes_on_its_day(state: Path) -> None:
    mis = school({"I": D[17:20], "S": D[20:25]})
    run(mis, state, D[18], options(only=STAGE))
    assert (row_of(state, "stage-1").date, row_of(state, "stage-1").state) == (D[18], "verified")
    run(mis, state, D[30], options(only=STAGE))
    assert row_of(state, "stage-1").state == "verified", "study leave later on takes nothing back"


def test_a_setting_taken_out_lets_the_letter_go_and_put_back_takes_back_nothing(state: Path) -> None:
    mis = school({"S": D[20:25]})
    run(mis, state, FALL, options(only=STAGE))
    run(mis, state, D[23], options(only=STAGE, given_absence=[]))
    assert row_of(state, "stage-1").state == "verified"
    run(mis, state, D[24], options(only=STAGE))
    assert row_of(state, "stage-1").state == "verified"


def test_a_code_that_is_corrected_lets_the_letter_go(state: Path) -> None:
    mis = school({"S": D[20:25]})
    run(mis, state, FALL, options(only=STAGE))
    for day in D[20:23]:
        mis.day("1", day, "O")
    run(mis, state, D[23], options(only=STAGE))
    assert row_of(state, "stage-1").state == "verified"


def test_a_review_after_an_excluded_letter_is_excluded_too(state: Path) -> None:
    mis = school({"S": D[20:28]})
    run_days(mis, state, FALL, D[45], options(only=("stage-1", "stage-2")))
    assert [stand(state, rule)[0] for rule in ("stage-1", "stage-2")] == ["excluded", "excluded"]
    assert not mis.documents


def test_after_study_leave_a_fall_of_the_pupils_own_brings_the_first_letter_and_no_second(
    state: Path,
) -> None:
    """57 days in school: with four of study leave a third day of absence is the year's second fall, which fires stage 2.

    Without them the seventh is the first, which fires stage 1.
    """
    mis = school({"S": D[20:24], "O": D[61:70]})
    opts = options(only=("stage-1", "stage-2"))
    run_days(mis, state, FALL, D[70], opts)
    rows = {row.rule: row for row in ledger(state)}
    assert (rows["stage-1"].date, rows["stage-2"].date) == (FALL, D[63])
    assert (rows["stage-1"].state, rows["stage-2"].state) == ("verified", "excluded")
    assert rows["stage-1"].composed_on == D[67]
    assert len(mis.documents) == 2, "letter 1 and its certificate, once"


def test_a_count_goes_on_the_day_when_the_pupils_own_sessions_are_enough(state: Path) -> None:
    """21 sessions of the term: 10 of study leave, and illness from day 30 on."""
    mis, opts = school({"S": D[20:25], "I": D[30:41]}), options("aspire", only=("explanation-term",))
    run_days(mis, state, D[30], D[39], opts)
    assert (row_of(state, "explanation-term").date, row_of(state, "explanation-term").state) == (
        D[35],
        "excluded",
    )
    run(mis, state, D[40], opts)
    assert row_of(state, "explanation-term").state == "verified"


def test_a_run_that_counts_given_days_goes_on_the_day_when_it_is_long_enough_without_them(
    state: Path,
) -> None:
    mis, opts = school({"S": D[20:22], "I": D[22:26]}), options("aspire", only=("explanation-run",))
    run_days(mis, state, D[22], D[24], opts)
    assert (row_of(state, "explanation-run").date, row_of(state, "explanation-run").state) == (
        D[23],
        "excluded",
    )
    run(mis, state, D[25], opts)
    assert row_of(state, "explanation-run").state == "verified"


def test_a_run_that_counts_no_given_day_goes_though_one_parts_it_from_another(state: Path) -> None:
    mis = school({"N": (D[20], D[22]), "S": D[21:22]})
    run_days(mis, state, D[20], D[22], options("aycliffe-drive", only=("no-contact",)))
    assert [(row.date, row.state) for row in ledger(state)] == [(D[20], "verified"), (D[22], "verified")]


@pytest.mark.parametrize(
    ("policy", "rule"), [("aspire", "severe-absence"), ("cadle", "welfare-list"), ("hcat", "colour-letter")]
)
def test_notes_lists_and_letters_to_everybody_are_not_covered(state: Path, policy: str, rule: str) -> None:
    mis = school({"S": D[7:38]})
    run(mis, state, D[37], options(policy, only=(rule,)))
    rows = ledger(state)
    assert rows
    assert "excluded" not in {row.state for row in rows}


@pytest.mark.parametrize("where", ["mis", "configuration"])
def test_an_exclusion_with_codes_covers_what_would_not_be_due_without_them(state: Path, where: str) -> None:
    mis = school({"T": D[20:25]}, pupils=2)
    for day in D[20:25]:
        mis.day("2", day, "T")
    travels = Exclusion(reason="Travels for work", codes=("T",), pupil_id="1")
    mis.exclusions = [travels] if where == "mis" else []
    opts = options(only=STAGE, exclusions=[] if where == "mis" else [travels])
    run(mis, state, FALL, opts)
    row = row_of(state, "stage-1", "1")
    assert (row.state, row.reason) == (
        "excluded",
        "Travels for work: would not be due without 6 sessions marked T (Parent travelling for work)",
    )
    assert row_of(state, "stage-1", "2").state == "verified"


@pytest.mark.parametrize(
    ("named", "covers"),
    [
        ({}, True),
        ({"rules": ("stage-1",)}, True),
        ({"rules": ("late-letter",)}, False),
        ({"start": FALL, "until": FALL}, True),
        ({"start": D[23]}, False),
        ({"until": D[21]}, False),
        ({"year_groups": ("11",)}, True),
        ({"year_groups": ("10",)}, False),
        ({"flag": "under_age"}, False),
    ],
)
def test_all_that_an_exclusion_with_codes_names_must_hold(
    state: Path, named: dict[str, object], covers: bool
) -> None:
    mis = school({"T": D[20:25]})
    mis.exclusions = [Exclusion.model_validate({"reason": "Travels", "codes": ("T",), **named})]
    run(mis, state, FALL, options(only=(*STAGE, "late-letter")))
    assert row_of(state, "stage-1").state == ("excluded" if covers else "verified")


def test_sessions_of_the_settings_and_of_an_exclusion_are_left_out_together(state: Path) -> None:
    """Three days of each: 40 of 46 sessions without the one or the other alone, 40 of 40 without both."""
    mis = school({"T": D[20:23], "S": D[23:26]})
    mis.exclusions = [Exclusion(reason="Travels", codes=("T",))]
    run(mis, state, D[25], options(only=STAGE))
    assert stand(state)[0] == "excluded"
    mis.exclusions = []
    run(mis, state, D[26], options(only=STAGE))
    assert stand(state)[0] == "verified"


@pytest.mark.parametrize("by", ["settings", "an exclusion with codes", "an exclusion"])
def test_a_year_group_is_the_one_of_the_sessions_school_year(state: Path, by: str) -> None:
    """Study leave of last year's Year 11: the letter does not come back when they are Year 12."""
    mis = school({"S": D[20:25]}, year_group="11")
    setting = [{"codes": ["S"], "year_groups": ["11"]}] if by == "settings" else []
    opts = options(only=STAGE, given_absence=setting)
    if by != "settings":
        codes = ("S",) if by == "an exclusion with codes" else ()
        mis.exclusions = [Exclusion(reason="Agreed", codes=codes, year_groups=("11",))]
    run(mis, state, FALL, opts)
    assert row_of(state, "stage-1").state == "excluded"
    mis.periods = (
        *mis.periods,
        Period("year", "2026/27", date(2026, 9, 1), date(2027, 8, 31)),
        Period("term", "Autumn 2026", date(2026, 9, 3), date(2026, 12, 18)),
        Period("half_term", "Autumn 1 2026", date(2026, 9, 3), date(2026, 10, 23)),
        Period("half_term", "Autumn 2 2026", date(2026, 11, 2), date(2026, 12, 18)),
    )
    mis.pupils["1"] = replace(mis.pupils["1"], year_group="12")
    mis.day("1", date(2026, 9, 3), "/")
    run(mis, state, date(2026, 9, 3), opts)
    assert row_of(state, "stage-1").state == "excluded"


def test_a_second_fall_that_study_leave_makes_brings_no_letter_after_one_of_the_pupils_own(
    state: Path,
) -> None:
    """Without two days of study leave the pupil falls below 92% on days 17 and 31, with them on days 17 and 54."""
    mis = school({"I": (*D[16:18], D[31]), "S": (D[25], D[54])})
    opts = options("aycliffe-drive", only=("at-risk",), ladder_gap_days=0, oldest_letter_school_days=400)
    opts = replace(opts, policy=opts.policy.model_copy(update={"rearm_school_days": 5}))
    run_days(mis, state, D[17], D[18], opts)
    run(mis, state, D[55], opts)
    assert [(row.date, row.state) for row in ledger(state)] == [(D[17], "verified"), (D[54], "excluded")]


def test_a_letter_about_a_changed_mark_has_nothing_to_do_with_study_leave(state: Path) -> None:
    mis = school({"S": D[7:9]})
    opts = options("aycliffe-drive", only=("ruled-unauthorised",))
    mis.mark("1", D[3], "AM", "N")
    run(mis, state, D[4], opts)
    mis.mark("1", D[3], "AM", "O")
    mis.amendments = [Amendment("1", D[3], "AM", "N", "O", at(D[8]), "", "Ms Lowe")]
    run(mis, state, D[9], opts)
    assert (row_of(state, "ruled-unauthorised").state, len(mis.documents)) == ("verified", 1)


def test_a_letter_that_follows_a_notice_is_due_by_what_comes_in_its_reach(state: Path) -> None:
    """Requests on days 5, 12 and 21; without two days of a holiday on days 5 and 17. The notice is of day 14."""
    mis = school({"O": (*D[1:6], *D[8:11], *D[16:18], *D[19:22]), "G": D[11:13]})
    mis.exclusions = [Exclusion(reason="Agreed", codes=("G",), pupil_id="1")]
    mis.notices = [Notice("1", "c1", D[14])]
    opts = options(only=("stage-4", "second-notice"))
    letter = {"outcomes": (Outcome("letter", "no-contact"), NOTE)}
    rules = tuple(r.model_copy(update=letter if r.id == "second-notice" else {}) for r in opts.policy.rules)
    run(mis, state, D[22], replace(opts, policy=opts.policy.model_copy(update={"rules": rules})))
    assert [(row.date, row.state) for row in ledger(state) if row.rule == "second-notice"] == [
        (D[21], "verified")
    ]


A, B, C, E, F = (date(2025, 10, day) for day in (1, 8, 15, 22, 29))


@pytest.mark.parametrize(
    ("events", "without", "rearms", "due"),
    [
        pytest.param([A], [], False, [None], id="nothing fires"),
        pytest.param([A], [A], False, [A], id="the same day"),
        pytest.param([A], [B], False, [B], id="later"),
        pytest.param([B], [A], False, [B], id="earlier"),
        pytest.param([A, C], [C], False, [None, C], id="the second alone"),
        pytest.param([A, C], [B], False, [B, None], id="the first, later"),
        pytest.param([A, C], [A, E], False, [A, E], id="the second, later"),
        pytest.param([A, C], [E], False, [None, E], id="what comes after the second is the second"),
        pytest.param([A, C], [A, B], False, [A, C], id="the second came earlier"),
        pytest.param([A, C], [A, B], True, [A, None], id="a rule that re-arms said it already"),
        pytest.param([A, C], [B, E], True, [B, E], id="both, later"),
        pytest.param([A], [B, C], False, [B], id="the first of two"),
        pytest.param([A, C, F], [E], False, [None, E, None], id="the second of three, later"),
        pytest.param([A, E], [B, C], False, [B, E], id="the second came between"),
        pytest.param([C, F], [A, B], False, [C, None], id="what came before the first is never the second"),
        pytest.param([B, E], [A, C], False, [B, E], id="both, the first earlier"),
    ],
)
def test_each_event_has_what_fires_until_the_next(
    events: list[date], without: list[date], rearms: bool, due: list[date | None]
) -> None:
    found = due_days([(day, "") for day in events], [(day, "") for day in without], rearms=rearms)
    assert [found[day, ""] for day in events] == due


@pytest.mark.parametrize(
    ("events", "without", "due"),
    [
        pytest.param([(A, "one")], [(A, "other")], [A], id="of the day, with another anchor"),
        pytest.param(
            [(A, "two"), (B, "")], [(A, "one"), (A, "two")], [A, None], id="two of the day, spent there"
        ),
        pytest.param(
            [(A, ""), (B, "two")], [(B, "one"), (B, "two")], [None, B], id="two of the second's day"
        ),
    ],
)
def test_what_fires_on_an_event_s_day_is_that_event_whatever_its_anchor(
    events: list[tuple[date, str]], without: list[tuple[date, str]], due: list[date | None]
) -> None:
    found = due_days(events, without, rearms=False)
    assert [found[event] for event in events] == due
