"""The question every hand-worked case asks: what does a policy say of one pupil's register?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.peer.plain import evaluate_folder
from tests.peer.school import CALENDAR, Ask, Spell, spread


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Evaluate one pupil ("1") whose register is all present but for some spells."""

    def evaluate(
        policy: str,
        spells: list[Spell],
        last: str,
        *,
        calendar: str = CALENDAR,
        closed: str = "",
        more: str = "",
        **pupil: str,
    ) -> dict[str, Any]:
        (tmp_path / "calendar.csv").write_text(calendar + closed, encoding="utf-8")
        rows = [f"1,{row}" for row in spread(tmp_path, spells, date.fromisoformat(last))]
        marks = "pupil_id,date,session,code\n" + "\n".join(rows) + "\n"
        (tmp_path / "marks.csv").write_text(marks, encoding="utf-8")
        header, values = ",".join(["pupil_id", *pupil]), ",".join(["1", *pupil.values()])
        (tmp_path / "pupils.csv").write_text(f"{header}\n{values}\n", encoding="utf-8")
        (tmp_path / "settings.toml").write_text(more, encoding="utf-8")
        return evaluate_folder(tmp_path, policy, date.fromisoformat(last))

    return evaluate
