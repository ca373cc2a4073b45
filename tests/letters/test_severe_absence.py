"""Letters to the family of a pupil who misses half or more: their own words, one of them, after a talk."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from letters.compose import compose
from letters.severe_absence import FORMAL, IN_ITS_WORDS, misses_half
from rules.policy import shipped_policies
from rules.pupil_record import PupilRecord
from rules.statistics import Tally
from tests.letters.half_missed import SESSIONS, made, register_missing, texts
from tests.letters.letter_school import KEY, SCHOOL, made_up_event, policy, templates

HALF = len(SESSIONS) // 2
EVERY = [
    (pack, rule.id)
    for pack in shipped_policies()
    for rule in policy(pack).rules
    if any(one.kind == "letter" for one in rule.outcomes)
]
REPLACED = [
    (pack, rule) for pack, rule in EVERY if any(one.name in IN_ITS_WORDS for one in policy(pack).rule(rule).outcomes)
]  # fmt: skip
NOT_UNDER_HALF = re.compile(
    r"plenty of time|there is time|you need not reply|do not need to reply|nothing you have to do|keep up with lessons"
    r"|teacher explains|◄|Attendance bands|Red\.|Amber\.",
    re.IGNORECASE,
)
"""First-letter phrases, remarks on lost learning, bands and colours."""


def severe(pack: str) -> list[str]:
    held = register_missing(HALF + 5, nation=policy(pack).nation)
    return [
        text
        for rule in (r for p, r in EVERY if p == pack)
        for text in texts(made(pack, rule, held), "letter")
    ]


@pytest.mark.parametrize("pack", shipped_policies())
def test_no_letter_under_half_has_a_phrase_of_a_first_letter_a_band_or_a_remark_on_lost_learning(
    pack: str,
) -> None:
    said = [text for text in severe(pack) if "notice to improve attendance" not in text]
    assert said
    assert [found[0] for text in said if (found := NOT_UNDER_HALF.search(text))] == []


@pytest.mark.parametrize(("pack", "rule"), REPLACED)
def test_a_letter_about_the_year_has_its_own_words_under_half(pack: str, rule: str) -> None:
    held = register_missing(HALF + 5, nation=policy(pack).nation)
    (text,) = texts(made(pack, rule, held))[:1]
    attended, missed = HALF - 5, HALF + 5
    assert f"was in school for {attended} of {len(SESSIONS)} sessions this school year" in text
    assert text.index(f"for {attended} of") < text.index(f"missed {missed} sessions")
    assert "up to and including 5 December 2025" in text
    assert "one of us rings or visits the family" in text
    assert text.count("The next step") == 1
    assert "Mr Dominic Hale" in text
    assert "What the school can change" in text
    assert "Who else can help" in text
    assert not re.search(r"section 4|penalty|court", text)
    assert "%" not in text
    assert "large print" in text
    assert "Mrs Eleanor Whitcombe" in text


def test_a_rule_with_two_such_letters_makes_one() -> None:
    of = made("aycliffe-drive", "persistent-absence", register_missing(HALF + 5))
    assert {document.title for document in of.documents} == {"Attendance, the next step"}
    assert len(of.documents) == 2, "one for each home"
    assert of.note_text.count("Attendance, the next step") == 1
    assert "The family is invited to the attendance clinic." in of.note_text
    assert (
        "Attendance, the next step (for 2 households, in place of the letter that the policy names)"
        in of.note_text
    )


def test_it_names_the_calls_and_visits_that_are_on_record() -> None:
    records = [
        PupilRecord("1", "contact", date(2025, 12, 5), "c1", "no answer", by="Ms Lowe", note="private"),
        PupilRecord("1", "visit", date(2025, 12, 8), "c1", "seen"),
        PupilRecord("1", "visit", date(2025, 9, 8), "c1", "seen"),
    ]
    held = register_missing(HALF + 5, records=records)
    (text,) = texts(made("hcat", "initial-warning", held, on=date(2025, 12, 9)))[:1]
    assert (
        "On 5 December 2025 we tried to reach you and nobody answered. On 8 December 2025 we came to see you at home."
        in text
    )
    assert "or tries to" not in text
    assert "September" not in text
    assert "private" not in text
    assert "Ms Lowe" not in text


@pytest.mark.parametrize(
    ("rule", "pack", "step"),
    [
        (
            "persistent-absence",
            "aycliffe-drive",
            "for a short talk. Our policy calls it an attendance clinic",
        ),
        ("initial-warning", "hcat", "at school, at home or by telephone"),
        ("stage-1", "hcat", "so that we can write a support plan together"),
        ("stage-2", "hcat", "calls this meeting a school attendance panel"),
        ("formal-meeting", "aspire", "calls this a formal meeting. It is no hearing"),
        ("persistent-absence", "aspire", "with the officer who looks after attendance"),
    ],
)
def test_it_has_one_next_step_that_of_the_rule(rule: str, pack: str, step: str) -> None:
    (text,) = texts(made(pack, rule, register_missing(HALF + 5)))[:1]
    assert step in text
    assert text.count("Please talk with") + text.count("Please meet") == 1
    assert ("registration certificate" in text) is (rule == "stage-1")


@pytest.mark.parametrize(
    ("pack", "rule", "missed", "own"),
    [
        ("hcat", "initial-warning", HALF + 1, True),
        ("hcat", "initial-warning", HALF, False),
        ("thringstone", "concern", HALF, True),
        ("thringstone", "concern", HALF - 1, False),
    ],
)
def test_exactly_half_missed_is_severe_only_where_the_policy_says_so(
    pack: str, rule: str, missed: int, own: bool
) -> None:
    assert len(SESSIONS) == 2 * HALF
    (text, *_) = texts(made(pack, rule, register_missing(missed)))
    assert ("What the school can change" in text) is own
    assert ("Attendance bands" in text) is not own


@pytest.mark.parametrize(
    ("attended", "possible", "severely"),
    [(14, 30, True), (16, 30, False), (10, 29, False), (0, 0, False), (0, 30, True)],
)
def test_a_few_sessions_are_not_severe_absence(attended: int, possible: int, severely: bool) -> None:
    assert {misses_half(policy(pack), attended, possible) for pack in shipped_policies()} == {severely}


def test_half_is_severe_by_two_policies() -> None:
    assert {pack for pack in shipped_policies() if misses_half(policy(pack), 15, 30)} == {
        "thringstone",
        "england-2024",
    }


def test_no_letter_is_of_both_kinds_and_the_formal_ones_keep_their_text() -> None:
    assert not IN_ITS_WORDS & FORMAL
    (text, *_) = texts(made("thringstone", "late-letter", register_missing(HALF + 5, late=[5, 5, 5])))
    assert "late arrivals" in text


def test_the_welsh_half_has_the_same_words_in_welsh() -> None:
    held = register_missing(HALF + 5, nation="wales")
    (text, *_) = texts(made("cadle", "screening-1", held))
    assert f"am {HALF - 5} o’r {len(SESSIONS)} sesiwn bosibl" in text
    assert "Beth all yr ysgol ei newid" in text
    assert "What the school can change" in text


def test_a_letter_of_which_a_part_is_filed_is_finished_as_it_was_begun() -> None:
    held = register_missing(HALF + 5)
    own = policy("hcat")
    event = made_up_event(own, own.rule("initial-warning"))
    figures = {**event.figures, "attended": HALF - 5, "possible": 2 * HALF}
    of = compose(
        replace(event, figures=figures), register=held, tally=Tally(held), policy=own, school=SCHOOL,
        templates=templates(), key=KEY, filed={"Initial warning": [frozenset({"c3"})]},
    )  # fmt: skip
    assert [document.title for document in of.documents] == ["Initial warning"]


FORMAL_LETTERS = [
    (pack, rule) for pack, rule in EVERY if any(one.name in FORMAL for one in policy(pack).rule(rule).outcomes)
]  # fmt: skip


@pytest.mark.parametrize(("pack", "rule"), FORMAL_LETTERS)
@pytest.mark.parametrize(("missed", "says"), [(HALF + 1, True), (HALF - 1, False)])
def test_a_letter_that_keeps_its_text_says_too_that_a_person_rang_or_came(
    pack: str, rule: str, missed: int, says: bool
) -> None:
    letters = texts(made(pack, rule, register_missing(missed, late=[5, 5, 5])), "letter")
    assert letters
    assert {"one of us rings or visits the family, or tries to" in text for text in letters} == {says}


@pytest.mark.parametrize("missed", [HALF + 5, 5])
def test_nobody_gets_both_letters_when_figures_are_corrected_between_two_homes(missed: int) -> None:
    """One home has the letter of severe absence already; the other gets the same, whatever the figures are now."""
    held = register_missing(missed)
    own = policy("aycliffe-drive")
    event = made_up_event(own, own.rule("persistent-absence"))
    figures = {**event.figures, "attended": len(SESSIONS) - missed, "possible": len(SESSIONS)}
    of = compose(
        replace(event, figures=figures), register=held, tally=Tally(held), policy=own, school=SCHOOL,
        templates=templates(), key=KEY, filed={"Attendance, the next step": [frozenset({"c1", "c2"})]},
    )  # fmt: skip
    assert [(one.title, one.contact_ids) for one in of.documents] == [("Attendance, the next step", ("c3",))]


def test_of_all_letters_only_these_go_under_half_without_a_talk() -> None:
    every = {
        one.name for pack, rule in EVERY for one in policy(pack).rule(rule).outcomes if one.kind == "letter"
    }
    assert every - IN_ITS_WORDS - FORMAL == {
        "celebration", "improved", "leave-granted", "leave-in-part", "leave-refused", "no-contact", "notice-kept",
        # what somebody in school did or agreed with the family brings these
        "contract-invitation", "contract-kept", "contract-missed", "contract-not-kept", "lunch-leave-agreed",
        "lunch-leave-refused", "lunch-leave-withdrawn", "medical-information", "meeting-missed", "panel-invitation",
        "support-plan-invitation", "welcome",
    }  # fmt: skip
