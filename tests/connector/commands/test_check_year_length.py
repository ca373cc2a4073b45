"""`check` warns of a school year that has not 190 days with 380 sessions."""

from __future__ import annotations

from pathlib import Path

from tests.connector.commands.conftest import Call


def test_check_warns_when_no_inset_day_is_in_the_calendar(
    call: Call, hill: Path, register_folder: Path
) -> None:
    assert "school days with" not in call("check").err
    rows = (register_folder / "calendar.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    without = [row for row in rows if not row.startswith("inset")]
    (register_folder / "calendar.csv").write_text("".join(without), encoding="utf-8")
    ended = call("check")
    assert ended.code == 0
    assert "school days with 390 sessions, not 190 with 380: is an INSET day" in ended.err
