"""The rules and the plain second implementation in tests/peer find the same events on random registers."""

from dataclasses import replace
from pathlib import Path

import pytest

from connector.adapters.folder.reads import read_folder
from rules.evaluate import evaluate, evaluate_together
from rules.events import Evaluation
from rules.policy import load_policy, shipped_policies
from rules.school import Spell
from tests.peer.folders import write_folder
from tests.peer.plain import IN_A_RUN, RULES, evaluate_folder
from tests.peer.plain import evaluate_together as plain_together
from tests.peer.reading import read_pupils

WITH_SESSIONS_LEFT_OUT = {"welfare-list", "authority-termly", "screening-1", "screening-2", "screening-3"}
"""Rules of a period's end: the page asks for no sessions there; the plain implementation lists absences."""


@pytest.mark.parametrize("seed", range(12))
def test_both_implementations_agree_event_for_event(tmp_path: Path, seed: int) -> None:
    write_folder(tmp_path, seed)
    facts = read_folder(tmp_path)
    pupils = (
        tuple(
            pupil.with_spells(*(Spell(start, end) for start, end in plain.spells))
            for pupil, plain in zip(
                sorted(facts.pupils, key=lambda pupil: pupil.pupil_id), read_pupils(tmp_path, {}), strict=True
            )
        )
        if (tmp_path / "enrolments.csv").exists()
        else facts.pupils
    )
    register = replace(facts, pupils=pupils).register()
    for name in shipped_policies():
        mine, theirs = evaluate(register, load_policy(name)), evaluate_folder(tmp_path, name)
        assert _events(mine) == _plain_events(theirs), name
        assert _pupils(mine) == theirs["pupils"], name
        assert mine.code_set == theirs["code_set"]


@pytest.mark.parametrize("seed", range(100, 108))
def test_both_implementations_agree_on_requests_for_leave_and_their_answers(
    tmp_path: Path, seed: int
) -> None:
    write_folder(tmp_path, seed)
    register = read_folder(tmp_path).register()
    for name in IN_A_RUN:
        found = evaluate(register, load_policy(name), in_run=True)
        written = {*RULES[name].split(), *IN_A_RUN[name].split()}
        mine = replace(found, events=tuple(e for e in found.events if e.rule in written))
        theirs = evaluate_folder(tmp_path, name, in_run=True)
        assert _events(mine) == _plain_events(theirs), name
        assert sorted(
            (e.date.isoformat(), e.subject, e.rule, e.figures["reasons"])
            for e in mine.events
            if e.rule.startswith("leave")
        ) == sorted(
            (e["date"], e["pupil_id"], e["rule"], e["figures"]["reasons"])
            for e in theirs["events"]
            if e["rule"].startswith("leave")
        ), name


@pytest.mark.parametrize("first", ["hcat", "aspire", "aycliffe-drive", "thringstone"])
def test_both_implementations_agree_on_packs_together(tmp_path: Path, first: str) -> None:
    for seed in range(40, 42):
        folder = tmp_path / str(seed)
        folder.mkdir()
        write_folder(folder, seed)
        register = read_folder(folder).register()
        for names in ([first, "england-2024"], ["england-2024", first]):
            mine = evaluate_together(register, [load_policy(name) for name in names])
            theirs = plain_together(folder, names)
            assert _events(mine) == _plain_events(theirs), names
            assert [e.pack for e in mine.events] == [e["policy"] for e in theirs["events"]], names
            assert _pupils(mine) == theirs["pupils"], "figures, bands and colours are the first one's"
            assert mine.policy == names[0]


def _events(found: Evaluation) -> list[tuple[object, ...]]:
    return [
        (e.date.isoformat(), e.subject, e.rule, [[m.date.isoformat(), m.half, m.code] for m in e.sessions])
        for e in found.events
    ]


def _plain_events(found: dict[str, object]) -> list[tuple[object, ...]]:
    return [
        (
            str(e["date"]),
            e.get("pupil_id") or e.get("group"),
            e["rule"],
            []
            if e["rule"] in WITH_SESSIONS_LEFT_OUT
            else [[str(d), half, code] for d, half, code in e["sessions"]],
        )
        for e in found["events"]
    ]


def _pupils(found: Evaluation) -> list[dict[str, object]]:
    names = ("possible", "attended", "authorised", "unauthorised", "late", "missing", "unrecognised")
    return [
        {
            "pupil_id": row.pupil_id,
            **{name: getattr(row.figures, name) for name in names},
            "attendance_percent": row.attendance_percent,
            "band": row.band,
            "colour": row.colour,
            "by_code": dict(row.figures.by_code),
        }
        for row in found.pupils
    ]
