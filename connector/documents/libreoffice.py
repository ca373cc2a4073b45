"""PDFs of Word documents, made by LibreOffice where it is on the server: one process for all of a run's documents.

It works in a profile folder of its own, so that an open LibreOffice of a person is not in the way, and is ended with
everything that it started when it takes too long.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from connector.errors import ConnectorError

NAMES = ("soffice", "libreoffice")
PLACES = (
    "/usr/bin/soffice",
    "/usr/lib/libreoffice/program/soffice",
    "/usr/lib64/libreoffice/program/soffice",
    "/usr/local/bin/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
WINDOWS_FOLDERS = ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)")
WINDOWS_PROGRAM = Path("LibreOffice", "program", "soffice.com")
"""The one of the two programs that waits until it is done."""
SNAPS = "/snap/"
"""Where programs are that see no file of ours: a snap has a temporary folder of its own."""
AS_TAGGED_PDF = (
    'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"},'
    '"ExportBookmarks":{"type":"boolean","value":"true"}}'
)
START_SECONDS, EACH_SECONDS = 60.0, 3.0
MOST_AT_ONCE = 200
"""Documents of one process: a command line has an end."""


class _TooLongError(ConnectorError):
    """LibreOffice was ended because its time was over."""


def find_office() -> Path | None:
    """Return LibreOffice's program, on the PATH or in a usual place; None when there is none."""
    for name in NAMES:
        found = shutil.which(name)
        if found and not found.startswith(SNAPS):
            return Path(found)
    return next((place for place in _places() if place.is_file()), None)


def _places() -> Iterator[Path]:
    if sys.platform == "win32":
        for name in WINDOWS_FOLDERS:
            if os.environ.get(name):
                yield Path(os.environ[name]) / WINDOWS_PROGRAM
    else:
        yield from map(Path, PLACES)
        yield from sorted(Path("/opt").glob("libreoffice*/program/soffice"), reverse=True)


def pdfs_of(
    office: Sequence[str | Path], documents: Sequence[bytes], *, seconds: float | None = None
) -> list[bytes | None]:
    """Given Word documents, return a PDF of each, tagged for screen readers; None for one that could not be made.

    ``office`` is the program, with arguments that stand before ours. ``seconds`` is the time for all of them. Raise
    ConnectorError when the program cannot be started, or takes too long and has made none.
    """
    made: list[bytes | None] = []
    for first in range(0, len(documents), MOST_AT_ONCE):
        part = documents[first : first + MOST_AT_ONCE]
        made += _convert(office, part, seconds or START_SECONDS + EACH_SECONDS * len(part))
    return made


def _convert(office: Sequence[str | Path], documents: Sequence[bytes], seconds: float) -> list[bytes | None]:
    with tempfile.TemporaryDirectory(prefix="attendance-pdf-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        for number, content in enumerate(documents):
            (work / f"{number}.docx").write_bytes(content)
        command = [
            *map(str, office),
            f"-env:UserInstallation={(work / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            AS_TAGGED_PDF,
            "--outdir",
            str(work),
            *(f"{number}.docx" for number in range(len(documents))),
        ]
        too_long: ConnectorError | None = None
        try:
            _run(command, work, seconds)
        except _TooLongError as error:
            too_long = error
        made = [_read(work / f"{number}.pdf") for number in range(len(documents))]
        if too_long is not None and not any(made):
            raise too_long
        return made


def _read(path: Path) -> bytes | None:
    """Return a PDF; None for none, and for a file that is not whole."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:] else None


def _run(command: Sequence[str], work: Path, seconds: float) -> None:
    """Run the program to its end. Raise ConnectorError; what it prints is dropped, since it may hold a path."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the program that was found, with our own arguments
            command,
            cwd=work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a group of its own, to be ended whole; Windows has none and passes it over
        )
    except OSError as error:
        raise ConnectorError(
            f"LibreOffice could not be started: {error.strerror or type(error).__name__}",
            fix="repair its installation, or set pdf = false under [school.letters]",
        ) from error
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise _TooLongError(
            f"LibreOffice was not done after {seconds:.0f} seconds and was ended",
            fix="see whether it can open a document on this server, or set pdf = false under [school.letters]",
        ) from None
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program with everything that it started."""
    if process.poll() is None:
        if sys.platform == "win32":
            subprocess.run(  # noqa: S603 - a number of ours
                ["taskkill", "/F", "/T", "/PID", str(process.pid)],  # noqa: S607 - Windows's own
                check=False,
                capture_output=True,
            )
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
