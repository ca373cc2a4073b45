"""Due days, chains, certificates and classes of the plain implementation, against cases worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.peer.coverage import RULES
from tests.peer.folders import write_folder
from tests.peer.plain import POLICIES, evaluate_folder
from tests.peer.school import CALENDAR, TWO_DAYS, Ask, Spell, dates, spread

# --- due days ---------------------------------------------------------------------------------------------


def test_an_n_is_overdue_on_the_fifth_school_day_after_its_own(ask: Ask) -> None:
    answer = ask("thringstone", [("2024-10-23", 1, "N")], "2024-11-29")
    assert dates(answer, "code-overdue") == ["2024-11-06"]
    assert dates(ask("thringstone", [("2025-07-18", 1, "N \\")], "2025-09-05"), "code-overdue") == [
        "2025-09-05"
    ]


def test_several_n_with_one_due_day_make_one_event(ask: Ask) -> None:
    answer = ask("cadle", [("2024-10-16", 3, "N \\")], "2024-11-29")
    events = [event for event in answer["events"] if event["rule"] == "n-to-o"]
    assert [(event["date"], len(event["sessions"])) for event in events] == [("2024-11-04", 3)]


def test_nothing_happens_after_the_leaving_date(ask: Ask) -> None:
    spells: list[Spell] = [("2024-09-02", 1, "N")]
    assert dates(ask("cadle", spells, "2024-10-04", on_roll_to="2024-09-16"), "n-to-o") == ["2024-09-16"]
    assert dates(ask("cadle", spells, "2024-10-04", on_roll_to="2024-09-15"), "n-to-o") == []


def test_a_part_time_date_moves_to_the_next_school_day(ask: Ask) -> None:
    days = {"part_time_from": "2024-10-26", "part_time_to": "2024-12-07"}
    assert dates(ask("aycliffe-drive", [], "2024-12-20", **days), "part-time-return") == [
        "2024-11-04",
        "2024-12-09",
    ]
    days = {"part_time_from": "2024-08-01", "part_time_to": "2025-07-20"}
    assert dates(ask("aycliffe-drive", [], "2025-07-18", **days), "part-time-return") == []


# --- chains -----------------------------------------------------------------------------------------------


def test_stage_2_comes_at_the_review_when_the_window_is_no_better(ask: Ask) -> None:
    answer = ask("hcat", [TWO_DAYS, ("2024-09-30", 3, "I")], "2024-10-18")
    assert (dates(answer, "stage-1"), dates(answer, "stage-2")) == (["2024-09-20"], ["2024-10-18"])


def test_two_days_missed_in_a_better_window_give_a_second_review_two_weeks_later(ask: Ask) -> None:
    # The second review would be on 1 November, in the break: held on 4 November, over 26 days, 44 of 52 sessions.
    spells = [TWO_DAYS, ("2024-09-30", 2, "I"), ("2024-10-24", 2, "I")]
    assert dates(ask("hcat", spells, "2024-12-20"), "stage-2") == ["2024-11-04"]
    one_session = [TWO_DAYS, ("2024-09-30", 1, "I \\"), ("2024-10-21", 2, "I \\")]
    assert dates(ask("hcat", one_session, "2024-12-20"), "stage-2") == []


def test_a_review_that_ends_without_firing_is_thanked_for_on_its_last_day(ask: Ask) -> None:
    one_session = [TWO_DAYS, ("2024-09-30", 1, "I \\")]
    assert dates(ask("hcat", one_session, "2024-12-20"), "improved") == ["2024-10-18"]
    two_days = [TWO_DAYS, ("2024-09-30", 2, "I")]
    assert dates(ask("hcat", two_days, "2024-12-20"), "improved") == ["2024-11-04"]
    worse_then = [*two_days, ("2024-10-24", 2, "I")]
    assert dates(ask("hcat", worse_then, "2024-11-04"), "improved") == []


BAD_START = [TWO_DAYS, ("2024-09-30", 3, "I")]


@pytest.mark.parametrize(
    ("plan", "day"),
    [
        (None, "2024-11-15"),
        ("2024-10-25", "2024-11-22"),
        ("2024-11-15", "2024-12-13"),
        ("2024-11-16", "2024-11-15"),
    ],
)
def test_stage_3_is_reviewed_28_days_after_a_plan_that_counts(ask: Ask, plan: str | None, day: str) -> None:
    more = f'[[attendance_plans]]\npupil_id = "1"\ndate = {plan}\n' if plan else ""
    spells = [*BAD_START, ("2024-10-21", 60, "I \\")]
    assert dates(ask("hcat", spells, "2024-12-20", more=more), "stage-3") == [day]


def test_a_fall_after_recovery_fires_the_next_stage(ask: Ask) -> None:
    answer = ask("hcat", [TWO_DAYS, ("2024-10-25", 3, "I")], "2024-11-29")
    assert (dates(answer, "stage-1"), dates(answer, "stage-2")) == (["2024-09-20"], ["2024-11-05"])


def test_a_review_after_the_year_is_dropped(ask: Ask) -> None:
    answer = ask("hcat", [("2025-06-23", 20, "I"), ("2025-09-01", 5, "I")], "2025-10-24")
    assert dates(answer, "stage-1") == ["2025-07-18", "2025-09-19"]
    assert dates(answer, "stage-2") == []


def test_further_concern_waits_for_a_lower_figure_and_referral_for_28_days_more(ask: Ask) -> None:
    # Concern on 20 September at 28/30; from 18 October on, lower first on 25 October (three more days missed).
    spells = [("2024-09-19", 1, "I"), ("2024-10-21", 5, "O")]
    answer = ask("thringstone", spells, "2024-12-20")
    assert dates(answer, "concern") == ["2024-09-20"]
    assert dates(answer, "further-concern") == ["2024-10-22"]
    assert dates(answer, "referral") == ["2024-11-19"]


def test_legal_intervention_is_91_days_after_the_first_persistent_absence(ask: Ask) -> None:
    # 24 of 30 on 20 September; 116 of 150 on 20 December.
    spells = [("2024-09-02", 3, "I"), ("2024-11-04", 14, "I")]
    assert dates(ask("aspire", spells, "2024-12-20"), "legal-intervention") == ["2024-12-20"]
    assert dates(ask("aspire", spells[:1], "2024-12-20"), "legal-intervention") == []


def test_screenings_go_step_by_step_from_half_term_to_half_term(ask: Ask) -> None:
    spells = [("2024-10-21", 3, "I"), ("2024-12-16", 3, "I"), ("2025-02-10", 3, "I")]
    answer = ask("cadle", spells, "2025-02-14")
    assert dates(answer, "screening-1") == ["2024-10-25"]
    assert dates(answer, "screening-2") == ["2024-12-20"]
    assert dates(answer, "screening-3") == ["2025-02-14"]


def test_the_welsh_notice_waits_for_its_second_condition(ask: Ask) -> None:
    # The tenth comes on 22 November at 100 of 110; on 10 December it is 120 of 134.
    spells = [("2024-11-18", 5, "O"), ("2024-12-09", 3, "I")]
    answer = ask("cadle", spells, "2024-12-20")
    assert dates(answer, "penalty-notice") == ["2024-12-10"]


def test_at_risk_mornings_follow_a_day_without_absence(ask: Ask) -> None:
    spells = [("2024-09-03", 2, "I"), ("2024-09-06", 1, "/ I"), ("2024-09-09", 1, "I")]
    answer = ask("cadle", spells, "2024-09-13", child_protection="1")
    assert dates(answer, "at-risk-first-morning") == ["2024-09-03"]


# --- certificates and classes -----------------------------------------------------------------------------


def test_a_certificate_comes_on_the_last_school_day_even_with_missing_marks(ask: Ask) -> None:
    training = "inset,Training,2024-12-20,2024-12-20,\n"
    answer = ask("hcat", [("2024-09-02", 5, "-")], "2024-12-20", closed=training)
    assert dates(answer, "perfect-term") == ["2024-12-19"]
    assert dates(ask("hcat", [("2024-09-02", 1, "/ M")], "2024-12-20"), "perfect-term") == []


def test_a_tie_makes_every_class_the_best_and_a_blank_group_is_no_class(tmp_path: Path) -> None:
    (tmp_path / "calendar.csv").write_text(CALENDAR, encoding="utf-8")
    (tmp_path / "pupils.csv").write_text(
        "pupil_id,registration_group\n1,3A\n2,3B\n3,\n4,3C\n", encoding="utf-8"
    )
    marks = ["pupil_id,date,session,code"]
    marks += [f"{pupil},2024-09-0{day},AM,/" for pupil in (1, 2, 3) for day in (2, 3, 4, 5, 6)]
    marks += [f"4,2024-09-0{day},AM,O" for day in (2, 3, 4, 5, 6)]
    (tmp_path / "marks.csv").write_text("\n".join(marks) + "\n", encoding="utf-8")
    events = evaluate_folder(tmp_path, "hcat")["events"]
    best = [(event["group"], event["date"]) for event in events if event["rule"] == "class-of-the-week"]
    assert best == [("3A", "2024-09-06"), ("3B", "2024-09-06")]
    assert [event["group"] for event in events if event["rule"] == "class-on-target"] == ["3A", "3B"]


def test_the_statutory_pack_sees_nothing_before_its_first_day(tmp_path: Path) -> None:
    early = CALENDAR.replace("2024-09-02", "2024-08-12")
    (tmp_path / "calendar.csv").write_text(early, encoding="utf-8")
    rows = [f"1,{row}" for row in spread(tmp_path, [("2024-08-12", 30, "O")], date(2024, 8, 23))]
    text = "pupil_id,date,session,code\n" + "\n".join(rows) + "\n"
    (tmp_path / "marks.csv").write_text(text, encoding="utf-8")
    answer = evaluate_folder(tmp_path, "england-2024")
    assert answer["school"]["possible"] == 10
    assert dates(answer, "penalty-threshold") == ["2024-08-23"]


def test_random_folders_can_be_evaluated_and_come_out_the_same_twice(tmp_path: Path) -> None:
    for place in ("a", "b"):
        write_folder(tmp_path / place, 5)
    for policy in POLICIES:
        first, second = (evaluate_folder(tmp_path / place, policy) for place in ("a", "b"))
        assert first == second
        assert {event["rule"] for event in first["events"]} <= set(RULES[policy].split())
