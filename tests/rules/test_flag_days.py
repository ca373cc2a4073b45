"""A rule about a flag asks whether the pupil had it on the session's day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rules.evaluate import evaluate
from rules.school import FlagDays
from tests.rules.test_kinds import days, pack_of, register_of

N_DAYS = days(date(2025, 9, 8), date(2025, 9, 19))
HAD, WITHOUT = frozenset({"social_worker"}), frozenset({"fsm"})


def fired_on(once_per: str, *stretches: FlagDays, pupil_has_it: bool = False) -> list[date]:
    """Return the days on which a rule about N fires for a pupil with N on ten school days running."""
    register = register_of(dict.fromkeys(N_DAYS, "N"), N_DAYS[-1])
    pupil = replace(register.pupils[0], social_worker=pupil_has_it)
    register = replace(register, pupils=(pupil,), flag_days={"p": stretches} if stretches else {})
    rule = ("told", "day", f'{{ codes = ["N"], flag = "social_worker", once_per = "{once_per}" }}')
    return [event.date for event in evaluate(register, pack_of(rule), N_DAYS[-1]).events]


@pytest.mark.parametrize(("has", "wanted"), [(True, N_DAYS), (False, [])])
def test_a_flag_known_only_as_it_is_now_counts_for_all_days(has: bool, wanted: list[date]) -> None:
    assert fired_on("day", pupil_has_it=has) == wanted


def test_both_ends_of_a_flags_days_count_and_no_day_beyond() -> None:
    stretches = (
        FlagDays(WITHOUT, None, N_DAYS[1]),
        FlagDays(HAD, N_DAYS[2], N_DAYS[4]),
        FlagDays(WITHOUT, N_DAYS[5]),
    )
    assert fired_on("day", *stretches) == N_DAYS[2:5]


def test_a_flag_without_a_first_or_last_day_has_no_end_there() -> None:
    assert fired_on("day", FlagDays(HAD, None, N_DAYS[1]), FlagDays(WITHOUT, N_DAYS[2])) == N_DAYS[:2]
    assert fired_on("day", FlagDays(WITHOUT, None, N_DAYS[6]), FlagDays(HAD, N_DAYS[7])) == N_DAYS[7:]


@pytest.mark.parametrize("once_per", ["run", "block"])
def test_a_run_of_such_days_begins_when_the_flag_does(once_per: str) -> None:
    begun = (FlagDays(WITHOUT, None, N_DAYS[2]), FlagDays(HAD, N_DAYS[3]))
    assert fired_on(once_per, *begun) == [N_DAYS[3]]
