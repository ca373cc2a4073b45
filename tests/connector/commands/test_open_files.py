"""A file that a command is to write and that is open in Word or Excel: waited for, then named with what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from connector.commands.shared.output import write_out
from connector.errors import ConnectorError
from rules.files import held as held_files
from tests.connector.held import Held, held

__all__ = ["held"]


@pytest.mark.parametrize(("times", "code"), [(2, 0), (float("inf"), 1)])
def test_a_report_that_is_open_is_waited_for_then_named(
    call, register_folder: Path, own_folder: Path, held: Held, times: float, code: int
) -> None:
    held.hold("report.docx", times)
    ended = call("simulate", "--register", register_folder, "--policy", "hcat", "--out", "report.docx")
    assert ended.code == code, ended.err
    if code:
        assert "report.docx cannot be written: it is open in another program" in ended.err
        assert "What to do: close it in Excel, Word" in ended.err
    else:
        assert (own_folder / "report.docx").stat().st_size > 0


@pytest.mark.skipif(
    sys.platform != "linux", reason="a running program is what Linux itself refuses to overwrite"
)
def test_a_file_that_the_system_itself_refuses_to_write_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_files, "WAIT_SECONDS", 0.1)
    path = tmp_path / "report.docx"
    shutil.copy("/bin/sleep", path)
    with subprocess.Popen([str(path), "30"]) as running:
        with pytest.raises(ConnectorError) as refused:
            write_out(path, b"new")
        running.kill()
    assert "report.docx cannot be written: it is open in another program" in refused.value.message
    write_out(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_folder_that_cannot_be_written_is_named_with_another_cause(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConnectorError) as refused:
        write_out(tmp_path / "file" / "report.docx", b"new")
    assert "open in another program" not in str(refused.value)
    assert "name another file" in refused.value.fix
