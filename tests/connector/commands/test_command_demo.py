"""`demo`: the whole product in one command, the same for the same seed."""

from __future__ import annotations

import csv
import json
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

SMALL = ("--pupils", "30", "--weeks", "4", "--seed", "7")


def demo(call, out: Path, *more: str) -> dict[str, object]:
    ended = call("demo", *SMALL, "--out", out, "--json", *more)
    assert ended.code == 0, ended.err
    assert ended.err == ""
    return json.loads(ended.out)


@pytest.fixture
def made(call, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """Return a demo's folder and what it printed; it is made once for the tests of a process."""
    out = tmp_path_factory.getbasetemp() / "demo"
    kept = out.with_suffix(".printed")
    if not kept.exists():
        kept.write_text(json.dumps(demo(call, out)), encoding="utf-8")
    return out, json.loads(kept.read_text(encoding="utf-8"))


def test_the_json_is_as_promised_and_the_folder_shows_what_staff_would_find(made) -> None:
    out, document = made
    promised = [
        "mis",
        "policy",
        "seed",
        "first_day",
        "last_day",
        "pulled",
        "events",
        "written",
        "held",
        "failed",
        "out",
    ]
    assert list(document) == promised
    assert (document["mis"], document["policy"], document["seed"]) == ("arbor", "hcat", 7)
    assert list(document["pulled"]) == ["pupils", "contacts", "marks", "requests"]
    assert document["failed"] == 0
    assert all("key" in event and "state" in event for event in document["events"])
    letters = [path.read_bytes() for path in (out / "pupils").rglob("*.docx")]
    notes = [path.read_text(encoding="utf-8-sig") for path in (out / "pupils").rglob("*.txt")]
    assert len(letters) == document["written"]["documents"] > 0
    assert len(notes) == document["written"]["notes"] > 0
    for letter in letters:
        text = "\n".join(paragraph.text for paragraph in Document(BytesIO(letter)).paragraphs)
        assert text.strip()
        assert "«" not in text
    with (out / "index.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    of_the_school = list((out / "school").glob("*.docx"))
    assert len(rows) == len(letters) + len(notes) + len(of_the_school)
    assert any("Digest" in path.name for path in of_the_school)
    assert all((out / row["folder"] / row["file_name"]).is_file() for row in rows)
    assert not list(out.rglob(".*")), "the service's own files are taken away"


def test_the_same_seed_gives_the_same_events_and_a_demo_replaces_the_one_before(
    call, made, tmp_path: Path
) -> None:
    out, first = made
    shutil.copytree(out, tmp_path / "demo")
    second = demo(call, tmp_path / "demo")
    assert first["events"] == second["events"]
    assert first["written"] == second["written"]
    ended = call(
        "demo", "--pupils", "30", "--weeks", "4", "--seed", "8", "--out", tmp_path / "other", "--json"
    )
    assert json.loads(ended.out)["events"] != first["events"]


def test_a_folder_with_something_else_in_it_is_left_alone(call, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"precious")
    ended = call("demo", *SMALL, "--out", tmp_path)
    assert ended.code == 2
    assert "was not made by a demo" in ended.err
    assert [path.name for path in tmp_path.glob("*.docx")] == ["thesis.docx"]


@pytest.mark.parametrize("arguments", [("--mis", "bromcom"), ("--policy", "hcta"), ("--pupils", "0")])
def test_wrong_options_are_reported(call, tmp_path: Path, arguments: tuple[str, str]) -> None:
    ended = call("demo", "--out", tmp_path / "demo", *arguments)
    assert ended.code == 2
    assert len(ended.faults) == 1


def test_people_get_a_table_of_what_was_pulled_judged_and_written(call, tmp_path: Path) -> None:
    ended = call("demo", *SMALL, "--out", tmp_path / "demo")
    for word in ("Pulled", "Judged", "Written", "held for a person"):
        assert word in ended.out
