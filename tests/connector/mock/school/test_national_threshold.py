"""A made-up school of 2025/26 under a school's own policy and the law's: the national threshold, and its amounts."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache

import pytest
from docx import Document

from connector.documents.pupil_letters import PupilLetters
from connector.mock.school import MadeUpSchool, make_school
from rules.evaluate import evaluate_together
from rules.policy import load_policy
from tests.connector.runs import options
from tests.letters.docx_files import shown

ENDED = {"hcat": {"stage-4", "second-notice", "late-penalty"}, "aycliffe-drive": {"penalty-notice"}}


@cache
def school() -> MadeUpSchool:
    return make_school(pupils=60, weeks=16, seed=4)


@pytest.mark.parametrize("own", ["hcat", "aycliffe-drive", "aspire", "thringstone"])
def test_the_national_threshold_fires_and_no_local_one(own: str) -> None:
    made = school()
    assert made.first_day.year == 2025
    register = made.register(made.last_day)
    packs = [load_policy(own), load_policy("england-2024")]
    for order in (packs, packs[::-1]):
        fired = {event.rule for event in evaluate_together(register, order, made.last_day).events}
        assert "penalty-threshold" in fired
        assert not fired & ENDED.get(own, set())


@pytest.mark.parametrize("own", ["hcat", "thringstone"])
def test_every_amount_in_what_is_made_of_them_is_80_or_160(own: str) -> None:
    made = school()
    register = made.register(made.last_day)
    packs = (load_policy(own), load_policy("england-2024"))
    letters = PupilLetters(replace(options(own), more=packs[1:]), register, made.last_day)
    named: set[str] = set()
    rules: set[str] = set()
    for event in evaluate_together(register, packs, made.last_day).events:
        if event.pupil_id is None or (event.rule in rules and event.rule != "penalty-threshold"):
            continue
        rules.add(event.rule)
        composed = letters.compose(event, "AC-7F3K2M9Q")
        for document in composed.documents:
            text = shown(Document(io.BytesIO(document.content)).element.body)
            named |= set(re.findall(r"£\s?[\d,.]*\d", text))
        named |= set(re.findall(r"£\s?[\d,.]*\d", composed.note_text))
    assert {"£80", "£160"} <= named <= {"£80", "£160", "£1,000", "£2,500"}
