"""PDFs of documents, with a small program in LibreOffice's place that takes the same arguments."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from connector.documents import libreoffice
from connector.documents.libreoffice import find_office, pdfs_of
from connector.errors import ConnectorError

WRITER = """
import sys
from pathlib import Path
arguments = sys.argv[1:]
assert "--headless" in arguments and any(one.startswith("-env:UserInstallation=file:///") for one in arguments)
assert '"UseTaggedPDF":{"type":"boolean","value":"true"}' in arguments[arguments.index("--convert-to") + 1]
out = Path(arguments[arguments.index("--outdir") + 1])
for name in arguments[arguments.index("--outdir") + 2 :]:
    content = Path(name).read_bytes()
    if content != b"spoilt":
        whole = content != b"cut"
        (out / name).with_suffix(".pdf").write_bytes(b"%PDF-1.6 " + content + (b" %%EOF" if whole else b""))
"""
SLEEPER = """
import subprocess, sys, time
from pathlib import Path
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
Path(sys.argv[-1]).with_name("child").write_text(str(child.pid))
time.sleep(60)
"""


def program(folder: Path, text: str) -> list[str]:
    path = folder / "office.py"
    path.write_text(text, encoding="utf-8")
    return [sys.executable, str(path)]


def test_each_document_has_its_pdf_and_one_that_fails_stops_no_other(tmp_path: Path) -> None:
    made = pdfs_of(program(tmp_path, WRITER), [b"one", b"spoilt", b"cut", b"four"])
    assert made == [b"%PDF-1.6 one %%EOF", None, None, b"%PDF-1.6 four %%EOF"]


def test_more_documents_than_a_command_line_holds_go_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.documents.libreoffice.MOST_AT_ONCE", 2)
    made = pdfs_of(program(tmp_path, WRITER), [b"1", b"2", b"3"])
    assert made == [b"%PDF-1.6 1 %%EOF", b"%PDF-1.6 2 %%EOF", b"%PDF-1.6 3 %%EOF"]


@pytest.mark.skipif(sys.platform == "win32", reason="asks for a process by POSIX's way")
def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    marker = tmp_path / "child"
    text = SLEEPER.replace('Path(sys.argv[-1]).with_name("child")', f"Path({str(marker)!r})")
    began = time.monotonic()
    with pytest.raises(ConnectorError, match="not done after 1 second"):
        pdfs_of(program(tmp_path, text), [b"one"], seconds=1.0)
    assert time.monotonic() - began < 20
    child = int(marker.read_text())
    for _ in range(50):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            break
        time.sleep(0.1)
    else:
        os.kill(child, 9)
        raise AssertionError("what it started goes on")


def test_what_was_made_before_the_time_was_over_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_run = libreoffice._run

    def over(command: Sequence[str], work: Path, seconds: float) -> None:
        whole_run(command, work, seconds)
        raise libreoffice._TooLongError("the time is over")

    monkeypatch.setattr(libreoffice, "_run", over)
    assert pdfs_of(program(tmp_path, WRITER), [b"one", b"spoilt"]) == [b"%PDF-1.6 one %%EOF", None]
    with pytest.raises(ConnectorError, match="the time is over"):
        pdfs_of(program(tmp_path, WRITER), [b"spoilt"])


def test_a_program_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConnectorError, match="could not be started") as caught:
        pdfs_of([tmp_path / "none"], [b"one"])
    assert "pdf = false" in caught.value.fix


@pytest.mark.skipif(sys.platform == "win32", reason="a script is a program on POSIX only")
def test_it_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = tmp_path / "soffice"
    office.write_text("#!/bin/sh\n")
    office.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_office() == office


@pytest.mark.skipif(sys.platform == "win32", reason="there are no snaps")
def test_a_snap_is_none_because_it_sees_no_file_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "PLACES", ())
    monkeypatch.setattr(libreoffice, "SNAPS", str(tmp_path))
    monkeypatch.setattr(libreoffice, "NAMES", ("own-office",))
    (tmp_path / "own-office").write_text("#!/bin/sh\n")
    (tmp_path / "own-office").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert str(tmp_path) not in str(find_office())
