"""Every file in a school's folder of templates is used, named with what to do, or the system's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.template.folder import unused_files
from letters.template.library import Templates

LETTERS = {"letter-1", "letter-2", "letter-3", "concern", "na1", "initial-warning"}


def unused(folder: Path, path: str) -> list[tuple[str, str, bool]]:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    found = [(f.path, f.fix, f.serious) for f in unused_files(folder, LETTERS)]
    used = [file.path for file in Templates.load(folder) if file.custom]
    assert not ({path for path, _, _ in found} & set(used)) or "no letter is called" in next(
        f.reason for f in unused_files(folder, LETTERS)
    )
    return found


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("letter-1.docx", "en/letter-1.docx"),
        ("english/letter-1.docx", "en/letter-1.docx"),
        ("Welsh/letter-1.docx", "cy/letter-1.docx"),
        ("en-GB/letter-1.docx", "en/letter-1.docx"),
        ("EN/letter-1.docx", "en/letter-1.docx"),
        ("en /letter-1.docx", "en/letter-1.docx"),
        ("eng/letter-1.docx", "en/letter-1.docx"),
        ("xx/letter-1.docx", "en/letter-1.docx"),
        ("letters for home/letter-1.docx", "en/letter-1.docx"),
        ("templates/en/letter-2.docx", "en/letter-2.docx"),
        ("en/old/letter-2.docx", "en/letter-2.docx"),
        ("templates/cy/letter-2.docx", "cy/letter-2.docx"),
        ("en/Letter-1.docx", "en/letter-1.docx"),
        ("en/letter-1.DOCX", "en/letter-1.docx"),
        ("en/letter-1.dotx", "en/letter-1.docx"),
        ("en/letter-3.doc", "en/letter-3.docx"),
        ("en/na1.docm", "en/na1.docx"),
        ("en/letter-2.odt", "en/letter-2.docx"),
        ("en/letter-2.rtf", "en/letter-2.docx"),
        ("cy/letter-2", "cy/letter-2.docx"),
        ("en/concern .docx", "en/concern.docx"),
        ("en/letter-one.docx", "en/letter-1.docx"),
        ("en/letter_1.docx", "en/letter-1.docx"),
        ("en/letter 1.docx", "en/letter-1.docx"),
        ("en/letter–1.docx", "en/letter-1.docx"),
        ("en/letter-1 (2).docx", "en/letter-1.docx"),
        ("en/letter-1 - Copy.docx", "en/letter-1.docx"),
        ("en/Copy of letter-1.docx", "en/letter-1.docx"),
        ("en/letter-1.docx.docx", "en/letter-1.docx"),
        ("en/initial_warning.docx", "en/initial-warning.docx"),
    ],
)
def test_a_file_that_is_not_used_is_named_with_the_place_where_it_would_be(
    tmp_path: Path, path: str, place: str
) -> None:
    ((named, fix, serious),) = unused(tmp_path, path)
    assert named == path
    assert fix.endswith(place)
    assert serious


def test_a_name_like_no_letter_is_named_too(tmp_path: Path) -> None:
    ((named, fix, serious),) = unused(tmp_path, "en/zzz.docx")
    assert (named, serious) == ("en/zzz.docx", True)
    assert "letters check" in fix


@pytest.mark.parametrize("path", ["readme.txt", "en/logo.png", "en/letter-1.pdf", "notes"])
def test_what_nobody_takes_for_a_template_is_a_remark(tmp_path: Path, path: str) -> None:
    ((named, _, serious),) = unused(tmp_path, path)
    assert (named, serious) == (path, False)


@pytest.mark.parametrize(
    "path",
    [
        "en/letter-1.docx",
        "cy/letter-1.docx",
        "pl/letter-1.docx",
        "en/~$etter-1.docx",
        ".DS_Store",
        "en/.x.docx",
        "Thumbs.db",
    ],
)
def test_templates_in_their_place_and_the_systems_own_files_are_passed_over(
    tmp_path: Path, path: str
) -> None:
    assert unused(tmp_path, path) == []


def test_shipped_templates_are_compiled_once_and_a_schools_own_as_its_file_stands(tmp_path: Path) -> None:
    shipped = Templates.load().find("letter-1", ("en",))
    assert Templates.load(tmp_path).find("letter-1", ("en",)).template is shipped.template
    (tmp_path / "en").mkdir()
    own = tmp_path / "en" / "letter-1.docx"
    own.write_bytes(Templates.load().find("letter-2", ("en",)).source)
    as_two = Templates.load(tmp_path).find("letter-1", ("en",))
    own.write_bytes(Templates.load().find("letter-3", ("en",)).source)
    as_three = Templates.load(tmp_path).find("letter-1", ("en",))
    assert [as_two.custom, as_three.custom] == [True, True]
    assert as_two.template is not as_three.template
    assert Templates.load().find("letter-1", ("en",)).source == shipped.source
