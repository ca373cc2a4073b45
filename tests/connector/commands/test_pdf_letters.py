"""A run puts a PDF next to each letter in the folder, where the school wants it and LibreOffice is there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from connector.config import load_config
from connector.config.school import MisConfig, SchoolConfig
from connector.documents.pdf_copies import copy_as_pdf
from connector.service.checks.check_pdf import pdf_findings, pdf_lines
from connector.store import Store
from tests.connector.documents.test_libreoffice import WRITER

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script is a program on POSIX only")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a program in LibreOffice's place; it writes no PDF while the file "broken" is next to it, and stops at "spoilt"."""
    folder = tmp_path / "bin"
    folder.mkdir()
    office = folder / "soffice"
    broken = f"if Path({str(folder / 'broken')!r}).exists():\n    sys.exit(1)\n"
    spoilt = f"spoilt = Path({str(folder / 'spoilt')!r})\n"
    head, tail = WRITER.split("arguments = ", 1)
    tail = tail.replace(
        'if content != b"spoilt":',
        "if spoilt.exists() and content == spoilt.read_bytes():\n        sys.exit(1)\n    else:",
    )
    office.write_text(f"#!{sys.executable}\n{head}{broken}{spoilt}arguments = {tail}", encoding="utf-8")
    office.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return office


def test_a_failed_conversion_holds_no_letter_and_the_next_run_makes_the_pdfs(
    call, ran: Path, office: Path
) -> None:
    """The letters of the run are in the folder already; what follows is what each run does after delivery."""
    (plain,) = load_config(ran).schools
    school = plain.model_copy(update={"letters": plain.letters.model_copy(update={"pdf": True})})
    letters = sorted(Path("letters/pupils").rglob("*.docx"))

    def copied(run_id: int, config: SchoolConfig = school, *, later: bool = False) -> list[str]:
        with Store.open(Path("state/hill.db"), "hill") as store:
            return copy_as_pdf(store, config, run_id, later=later)

    def pdfs() -> list[Path]:
        return sorted(Path("letters").rglob("*.pdf"))

    assert (copied(1, plain), pdfs()) == ([], []), "a school that wants none has none"
    (office.parent / "broken").touch()
    (warning,) = copied(1)
    assert warning.startswith(f"{len(letters)} letters without a PDF, until the next run")
    assert pdfs() == []
    (office.parent / "broken").unlink()
    assert (copied(2, later=True), pdfs()) == ([], []), "a stop was asked for"

    assert copied(3) == []
    assert [path.with_suffix(".docx") for path in pdfs()] == letters
    assert all(path.read_bytes().startswith(b"%PDF-") for path in pdfs())

    gone, changed = pdfs()[0], pdfs()[1]
    gone.unlink()
    changed.write_bytes(b"signed")
    assert (copied(1), gone.exists(), changed.read_bytes()) == ([], True, b"signed"), "none is replaced"
    gone.unlink()
    assert (copied(4), gone.exists()) == ([], False), (
        "one that staff took away is not made again by a later run"
    )
    assert call("letters", "pile", "--out", "pile.pdf").code == 0
    assert Path("pile.pdf").read_bytes().startswith(b"%PDF-")


def test_letters_of_a_run_that_was_cut_off_get_their_pdfs_and_one_that_stops_libreoffice_keeps_none_back(
    ran: Path, office: Path
) -> None:
    (plain,) = load_config(ran).schools
    school = plain.model_copy(update={"letters": plain.letters.model_copy(update={"pdf": True})})
    letters = sorted(Path("letters/pupils").rglob("*.docx"))

    def copied(run_id: int, config: SchoolConfig = school) -> int:
        with Store.open(Path("state/hill.db"), "hill") as store:
            copy_as_pdf(store, config, run_id)
        return len(list(Path("letters").rglob("*.pdf")))

    assert (copied(0), copied(0, plain), copied(2)) == (0, 0, 0), "filed while the school wanted none"
    with Store.open(Path("state/hill.db"), "hill") as store, store.transaction():
        first = store.outbox.verified_documents()[0]
        store.connection.execute("UPDATE outbox SET verified_in = 3 WHERE verified_in = 1")
        (office.parent / "spoilt").write_bytes(store.outbox.content(first))

    assert copied(4) == 0, "run 3 was cut off after its letters were filed; LibreOffice stops at the first"
    assert copied(5) == len(letters) - 1, "and the others are made before it"
    (office.parent / "spoilt").unlink()
    assert copied(6) == len(letters)


def test_the_check_says_what_makes_the_pdfs_and_where_none_can_stand(
    hill: Path, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (school,) = load_config(hill).schools
    wanted = school.model_copy(update={"letters": school.letters.model_copy(update={"pdf": True})})
    in_mis = wanted.model_copy(update={"mis": MisConfig(adapter="arbor")})

    assert list(pdf_lines(wanted)) == [f"PDFs of letters are made by {office}"]
    assert [*pdf_findings(wanted, "school[0]"), *pdf_findings(school, "school[0]")] == []
    assert ["letters go into the MIS" in f.message for f in pdf_findings(in_mis, "school[0]")] == [True]
    monkeypatch.setattr("connector.documents.libreoffice.PLACES", ())
    office.unlink()
    monkeypatch.setenv("PATH", str(office.parent))
    assert ["not on this server" in f.message for f in pdf_findings(wanted, "school[0]")] == [True]
