"""The effect of letters: six school weeks on either side, summed, with no claim."""

from __future__ import annotations

from datetime import date

from letters.reports.governors.letter_effect import effects, windows
from rules.statistics import rounded_percent
from tests.letters.reports.governors.two_years import END, letters, report, tally, whole
from tests.letters.reports.reading import table_under, words


def test_six_school_weeks_lie_on_either_side_of_a_letters_week() -> None:
    before, after = windows(whole(), date(2025, 10, 15), END) or ((None, None), (None, None))
    assert before == (date(2025, 9, 1), date(2025, 10, 12))
    assert after == (date(2025, 10, 20), date(2025, 12, 7)), "the half-term holiday is no school week"
    assert windows(whole(), date(2025, 9, 24), END) is None, "too early in the year"
    assert windows(whole(), date(2026, 3, 2), END) is None, "six weeks have not passed"


def test_the_effect_is_the_sum_over_letters_with_both_windows() -> None:
    stage, late = effects(whole(), tally(), letters(), END)
    attended = possible = 0
    for letter in letters()[:-1]:
        found = windows(whole(), letter.date, END)
        if found:
            figures = tally().pupil(letter.pupil_id, *found[0])
            attended, possible = attended + figures.attended, possible + figures.possible
    assert (stage.before.attended, stage.before.possible) == (attended, possible)
    assert stage.letters == 60
    assert stage.counted == stage.higher + stage.same + stage.lower > 20
    assert late.letters == 1
    rows = table_under(report(), "Before and after letters")
    assert [row[0] for row in rows[1:]] == ["Stage 1"]
    assert rows[1][3] == f"{rounded_percent(attended, possible)}%"
    assert "Not shown, because fewer than 5 pupils can be counted yet: Late." in words(report())
    assert "no proof that letters work" in words(report())
