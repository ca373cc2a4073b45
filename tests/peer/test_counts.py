"""Percentage, count, window and run rules of the plain implementation, against cases worked out by hand."""

from __future__ import annotations

from tests.peer.school import TWO_DAYS, Ask, dates

# --- daily percentage rules -------------------------------------------------------------------------------


def test_a_percentage_rule_waits_for_thirty_possible_sessions(ask: Ask) -> None:
    answer = ask("aycliffe-drive", [("2024-09-02", 3, "I")], "2024-09-27")
    assert dates(answer, "persistent-absence") == ["2024-09-20"]
    event = next(event for event in answer["events"] if event["rule"] == "persistent-absence")
    assert len(event["sessions"]) == 6


def test_exactly_ninety_per_cent_is_persistent_by_absence_but_not_under_ninety(ask: Ask) -> None:
    spells = [("2024-09-02", 1, "I"), ("2024-09-03", 1, "I \\")]
    assert dates(ask("aspire", spells, "2024-09-20"), "persistent-absence") == ["2024-09-20"]
    assert dates(ask("aycliffe-drive", spells, "2024-09-20"), "persistent-absence") == []
    assert dates(ask("aycliffe-drive", spells, "2024-09-20"), "at-risk") == ["2024-09-20"]


def test_a_rule_fires_again_after_twenty_calm_school_days(ask: Ask) -> None:
    answer = ask("aycliffe-drive", [TWO_DAYS, ("2024-10-25", 3, "I")], "2024-11-29")
    assert dates(answer, "persistent-absence") == ["2024-09-20", "2024-11-05"]


def test_a_fall_after_fewer_calm_days_does_not_fire(ask: Ask) -> None:
    answer = ask("aycliffe-drive", [TWO_DAYS, ("2024-10-21", 2, "I")], "2024-11-08")
    assert dates(answer, "persistent-absence") == ["2024-09-20"]


def test_each_year_starts_afresh(ask: Ask) -> None:
    answer = ask("aycliffe-drive", [("2025-07-01", 14, "I"), ("2025-09-01", 2, "I")], "2025-10-03")
    assert dates(answer, "persistent-absence")[-1] == "2025-09-19"


# --- counts, windows and runs -----------------------------------------------------------------------------


def test_three_lates_must_fall_in_one_half_term(ask: Ask) -> None:
    spells = [("2024-10-24", 2, "L \\"), ("2024-11-04", 2, "L \\"), ("2024-11-07", 1, "L \\")]
    assert dates(ask("hcat", spells, "2024-12-20"), "late-letter") == ["2024-11-07"]


EARLIER = """kind,name,start,end,half
year,2022/23,2022-09-05,2023-07-21,
term,Autumn,2022-09-05,2022-12-23,
half_term,Autumn 1,2022-09-05,2022-10-28,
half_term,Autumn 2,2022-11-07,2022-12-23,
term,Spring,2023-01-09,2023-04-07,
half_term,Spring 1,2023-01-09,2023-02-17,
half_term,Spring 2,2023-02-27,2023-04-07,
term,Summer,2023-04-25,2023-07-21,
half_term,Summer 1,2023-04-25,2023-05-26,
half_term,Summer 2,2023-06-05,2023-07-21,
year,2023/24,2023-09-04,2023-10-27,
term,Autumn next,2023-09-04,2023-10-27,
half_term,Autumn 1 next,2023-09-04,2023-10-27,
"""
"""Years in which local thresholds for penalty notices held."""


def test_a_rolling_window_spends_every_session_it_counted(ask: Ask) -> None:
    spells = [
        ("2022-09-05", 1, "O \\"),
        ("2022-09-06", 5, "O"),
        ("2022-09-19", 4, "G"),
        ("2022-09-26", 1, "U"),
    ]
    answer = ask("hcat", spells, "2022-10-07", calendar=EARLIER)
    assert dates(answer, "stage-4") == ["2022-09-12", "2022-09-26"]
    counts = [len(event["sessions"]) for event in answer["events"] if event["rule"] == "stage-4"]
    assert counts == [11, 10]
    assert dates(answer, "second-notice") == ["2022-09-26"]


def test_an_absence_that_goes_on_is_spent_while_the_firing_day_lies_in_its_windows(ask: Ask) -> None:
    # Fired on Friday 9 September; the twelve weeks that end on 1 December begin on that day.
    away = ("2022-09-05", 70, "O")
    assert dates(ask("hcat", [away], "2022-12-07", calendar=EARLIER), "stage-4") == ["2022-09-09"]
    answer = ask("hcat", [away], "2022-12-08", calendar=EARLIER)
    assert dates(answer, "stage-4") == ["2022-09-09", "2022-12-08"]
    again = [event for event in answer["events"] if event["rule"] == "stage-4"][-1]
    assert again["sessions"][0] == ["2022-12-02", "AM", "O"]


def test_only_a_session_attended_ends_an_absence(ask: Ask) -> None:
    for between, fired in (
        ("I", ["2024-09-06"]),
        ("#", ["2024-09-06"]),
        ("-", ["2024-09-06"]),
        ("I L", ["2024-09-06", "2024-09-16"]),
    ):
        spells = [("2024-09-02", 5, "O"), ("2024-09-09", 1, between), ("2024-09-10", 5, "G")]
        assert dates(ask("england-2024", spells, "2024-09-20"), "penalty-threshold") == fired, between


def test_twelve_weeks_are_eighty_four_days_with_the_day_itself(ask: Ask) -> None:
    inside = [("2022-09-05", 4, "O"), ("2022-11-25", 1, "O")]
    outside = [("2022-09-05", 4, "O"), ("2022-11-28", 1, "O")]
    assert dates(ask("hcat", inside, "2022-12-23", calendar=EARLIER), "stage-4") == ["2022-11-25"]
    assert dates(ask("hcat", outside, "2022-12-23", calendar=EARLIER), "stage-4") == []


def test_the_previous_term_may_lie_in_the_year_before(ask: Ask) -> None:
    spells = [("2023-04-07", 1, "O"), ("2023-04-25", 6, "O"), ("2023-09-04", 2, "O")]
    answer = ask("aycliffe-drive", spells, "2023-10-27", calendar=EARLIER)
    assert dates(answer, "penalty-notice") == ["2023-09-05"]


def test_local_thresholds_end_on_18_august_2024(ask: Ask) -> None:
    spells = [("2024-09-02", 8, "U")]
    for policy, rules in (("hcat", ("stage-4", "second-notice", "late-penalty")), ("aycliffe-drive", ("penalty-notice",))):  # fmt: skip
        answer = ask(policy, spells, "2024-10-04")
        assert [dates(answer, rule) for rule in rules] == [[] for _ in rules]


def test_ten_school_weeks_leave_out_weeks_without_school(ask: Ask) -> None:
    inside = [("2024-09-09", 4, "O"), ("2024-11-18", 1, "O")]
    outside = [("2024-09-09", 4, "O"), ("2024-11-25", 1, "O")]
    assert dates(ask("england-2024", inside, "2024-12-20"), "penalty-threshold") == ["2024-11-18"]
    assert dates(ask("england-2024", outside, "2024-12-20"), "penalty-threshold") == []


def test_a_run_crosses_holidays_and_days_without_a_possible_session(ask: Ask) -> None:
    spells = [("2024-10-21", 5, "N"), ("2024-11-04", 1, "#"), ("2024-11-05", 5, "N")]
    assert dates(ask("hcat", spells, "2024-12-20"), "missing-education") == ["2024-11-11"]
    assert dates(ask("hcat", spells, "2024-12-20"), "unexplained-visit") == ["2024-10-22", "2024-10-24"]


def test_a_missing_half_neither_breaks_nor_adds_but_its_day_counts(ask: Ask) -> None:
    spells = [("2024-09-02", 1, "N -"), ("2024-09-03", 1, "N ?"), ("2024-09-04", 1, "- N")]
    answer = ask("cadle", spells, "2024-09-10")
    event = next(event for event in answer["events"] if event["rule"] == "no-explanation")
    assert event["sessions"] == [
        ["2024-09-02", "AM", "N"],
        ["2024-09-03", "AM", "N"],
        ["2024-09-04", "PM", "N"],
    ]


def test_a_day_half_in_the_class_breaks_the_run(ask: Ask) -> None:
    answer = ask(
        "cadle", [("2024-09-02", 2, "N"), ("2024-09-04", 1, "N \\"), ("2024-09-05", 2, "N")], "2024-09-10"
    )
    assert dates(answer, "no-explanation") == []


def test_late_after_the_register_breaks_the_deletion_run_but_not_the_return(ask: Ask) -> None:
    answer = ask("england-2024", [("2024-09-02", 19, "O"), ("2024-09-27", 1, "O U")], "2024-10-04")
    assert dates(answer, "ten-day-return") == ["2024-09-13"]
    assert dates(answer, "deletion-check") == []


def test_days_under_compulsory_age_are_not_possible_for_the_rules_of_law(ask: Ask) -> None:
    spells = [("2024-12-16", 5, "O"), ("2025-01-06", 10, "O")]
    answer = ask("aycliffe-drive", spells, "2025-01-31", date_of_birth="2019-12-31")
    assert dates(answer, "ten-day-absence") == ["2025-01-17"]
    assert dates(ask("aycliffe-drive", spells, "2025-01-31"), "ten-day-absence") == ["2025-01-10"]


def test_no_contact_fires_once_per_run_of_days_with_an_n(ask: Ask) -> None:
    spells = [
        ("2024-09-02", 1, "N \\"),
        ("2024-09-03", 1, "X"),
        ("2024-09-04", 1, "/ N"),
        ("2024-09-06", 1, "N"),
    ]
    assert dates(ask("aycliffe-drive", spells, "2024-09-10"), "no-contact") == ["2024-09-02", "2024-09-06"]


def test_illness_counts_by_number_or_by_run_and_once_a_year(ask: Ask) -> None:
    by_run = [("2025-07-08", 9, "I"), ("2025-09-01", 7, "I"), ("2025-09-15", 20, "I")]
    assert dates(ask("aspire", by_run, "2025-10-24"), "health-15") == ["2025-09-09"]
    by_count = [("2024-09-02", 8, "I"), ("2024-09-16", 8, "I")]
    assert dates(ask("aspire", by_count, "2024-10-04"), "health-15") == ["2024-09-25"]


def test_whereabouts_after_leave_needs_leave_as_the_last_possible_session(ask: Ask) -> None:
    after_leave = [("2024-09-02", 1, "C"), ("2024-09-03", 1, "#"), ("2024-09-04", 10, "O")]
    assert dates(ask("aspire", after_leave, "2024-10-04"), "whereabouts-leave") == ["2024-09-17"]
    not_whole = [("2024-09-02", 1, "C"), ("2024-09-03", 1, "C O"), ("2024-09-04", 10, "O")]
    assert dates(ask("aspire", not_whole, "2024-10-04"), "whereabouts-leave") == []


def test_truancy_is_an_n_that_stays_and_the_second_day_of_it_is_again(ask: Ask) -> None:
    answer = ask(
        "aspire", [("2024-09-02", 1, "N"), ("2024-09-05", 3, "N \\"), ("2024-09-10", 2, "O")], "2024-10-04"
    )
    assert dates(answer, "truancy-first") == ["2024-09-09"]
    assert dates(answer, "truancy-again") == ["2024-09-12"]
    assert dates(ask("aspire", [("2024-09-02", 9, "O")], "2024-10-04"), "truancy-first") == []


def test_truancy_of_july_that_is_due_in_september_is_of_the_new_year(ask: Ask) -> None:
    answer = ask(
        "aspire", [("2025-07-10", 1, "N"), ("2025-07-14", 1, "N"), ("2025-09-03", 1, "N")], "2025-10-03"
    )
    assert dates(answer, "truancy-first") == ["2025-07-17", "2025-09-01"]
    assert dates(answer, "truancy-again") == ["2025-09-10"]


def test_a_block_of_holiday_crosses_breaks_and_is_warned_of_once(ask: Ask) -> None:
    spells = [("2024-10-24", 2, "G"), ("2024-11-04", 1, "G \\"), ("2024-11-05", 1, "G")]
    answer = ask("thringstone", spells, "2024-11-29")
    assert dates(answer, "holiday-warning") == ["2024-10-24", "2024-11-05"]
