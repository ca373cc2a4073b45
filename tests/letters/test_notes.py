"""The note: what happened, of what, what was made, which clause, and the key at its end."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from letters.compose import compose, correcting_note
from rules.policy import shipped_policies
from rules.rule.outcome import NOTE
from tests.letters.letter_school import (
    DAY,
    KEY,
    LONG,
    SCHOOL,
    made_up_event,
    policy,
    register,
    tally,
    templates,
)

NOTED = [
    (name, rule.id)
    for name in shipped_policies()
    for rule in policy(name).rules
    if NOTE in rule.outcomes and rule.kind != "class-week"
]


def note_of(pack: str, rule: str, **figures: str | int) -> tuple[str, str]:
    own = policy(pack)
    event = made_up_event(own, own.rule(rule))
    event = replace(event, figures={**event.figures, **figures})
    composed = compose(
        event, register=register(own.nation), tally=tally(own.nation), policy=own, school=SCHOOL,
        templates=templates(), key=KEY,
    )  # fmt: skip
    return composed.note_summary, composed.note_text


@pytest.mark.parametrize(("pack", "rule"), NOTED)
def test_every_note_reads_as_sentences_with_figures_clause_and_key(pack: str, rule: str) -> None:
    summary, text = note_of(pack, rule)
    assert summary == f"{policy(pack).rule(rule).title} [{KEY}]"
    assert text.endswith(f". [{KEY}]")
    assert "108 of 126 possible sessions attended, 18 missed (6 authorised, 12 unauthorised)" in text
    assert policy(pack).rule(rule).clause in text
    assert not re.search(r"None|«|\{|  |\.\.|\( | ,", text)
    assert not re.search(r"\b(\w+(?: \w+)?) \1\b", text), "words said twice running"
    assert not any(name in text for contact in LONG.contacts for name in (contact.forename, contact.surname))
    assert LONG.forename not in text


@pytest.mark.parametrize(
    ("pack", "rule", "said"),
    [
        ("hcat", "unexplained-visit", "Day 2 in a row without a reason (N): a home visit is due today."),
        ("hcat", "stage-2", "Attendance was 91.4% on 6 November 2025 and is 85.7% since then."),
        ("hcat", "stage-1", "Made: Attendance letter 1 (for 2 households) and Registration certificate."),
        ("hcat", "improved", "Attendance was 91.4% on 6 November 2025 and is 92.8% since then: better."),
        ("aspire", "truancy-first", "without any reason from home: the school was not told the cause."),
        (
            "aspire",
            "truancy-again",
            "on another day after the first this year. A penalty notice can be considered.",
        ),
        ("hcat", "stage-4", "Made: Penalty notice request (3, one for each parent)."),
        ("hcat", "colour-letter", "Half-termly letter, colour red."),
        ("aycliffe-drive", "part-time-return", "due within five days, by 10 December 2025"),
        ("aspire", "health-15", "Tell the authority"),
        ("aspire", "whereabouts-20", "No name is taken off the register automatically."),
        ("england-2024", "penalty-threshold", "must consider whether a penalty notice is right"),
        ("england-2024", "social-worker-told", "tell the pupil’s social worker today"),
        ("thringstone", "code-overdue", "2 sessions still without a reason (N) after five school days: find"),
        ("thringstone", "referral", "Attendance was 91.4% on 6 November 2025 and is 85.7% now."),
        ("cadle", "n-to-o", "No mark is changed automatically."),
        ("cadle", "long-holiday", "Further agreed holiday is coded F."),
    ],
)
def test_a_note_says_what_its_rule_is_about(pack: str, rule: str, said: str) -> None:
    assert said in note_of(pack, rule)[1]


def test_a_leave_request_is_judged_by_the_policys_own_tests_and_left_to_the_head() -> None:
    refused = note_of("aspire", "leave-request")[1]
    assert "Leave was asked for a holiday, Monday 12 to Friday 16 January 2026 (10 sessions)." in refused
    assert "it is not eligible: it lies in a time of assessments or in the 7 days before" in refused
    assert "attendance would be 80.1%" in refused
    tested = note_of("aspire", "leave-request", eligible=0, reasons="notice,unauthorised,authorised")[1]
    assert (
        "it is not eligible: it was asked for less than 14 days before its first day; there is unauthorised absence "
        "this school year; authorised absence this school year is above 10% of sessions. The head decides."
    ) in tested
    allowed = note_of("aspire", "leave-request", eligible=1, reasons="")[1]
    assert "do not rule it out. The head decides." in allowed


def test_a_note_says_last_which_figure_the_policy_does_not_give() -> None:
    for pack, rule in NOTED:
        assumed, text = policy(pack).rule(rule).assumed, note_of(pack, rule)[1]
        assert ("set by the school, not stated in the policy" in text.casefold()) == bool(assumed)
        if assumed:
            assert text.endswith(f" Set by the school, not stated in the policy: {assumed} [{KEY}]")
    assert note_of("cadle", "certificate-100")[1].endswith(
        ", How do we achieve the above? Set by the school, not stated in the policy: "
        f"{policy('cadle').rule('certificate-100').assumed} [{KEY}]"
    )
    assert note_of("hcat", "stage-1")[1].endswith(f"Managing Absence Procedures, Stage 1. [{KEY}]")


def test_penalty_notes_never_say_that_anybody_will_be_fined() -> None:
    for pack, rule in NOTED:
        assert not re.search(r"will be (fined|issued)", note_of(pack, rule)[1])


def test_a_correcting_note_names_the_note_the_reason_and_what_stays_on_file() -> None:
    event = made_up_event(policy("hcat"), policy("hcat").rule("stage-1"))
    summary, text = correcting_note(
        event,
        KEY,
        "2 sessions were changed from N to I",
        documents=["Attendance letter 1"] * 2,
        on=date(2025, 12, 12),
    )
    assert summary == f"Correction: Stage 1, attendance below 90% [{KEY}]"
    assert text.startswith("Correction to the note of 5 December 2025, “Stage 1, attendance below 90%”")
    assert "On 12 December 2025 it was withdrawn." in text
    assert "(Attendance letter 1) stays on file" in text
    assert text.endswith(f"[{KEY}]")
    assert event.date == DAY
