"""Letters a second: this project's template engine and docxtpl, docx-mailmerge2 and plain python-docx.

One page with 12 fields and a table of 10 rows made from one template row. The templates are made here by the same
code, so they look alike. Every engine starts from the bytes of its template and gives the bytes of each letter, one
process, nothing written to disk; what an engine can prepare once for all letters is inside its time. The first and
the last letter of every engine are opened and checked before anything is timed.

    python benchmarks/letters.py [--letters 300] [--rounds 3]

Needs the extra of this project: pip install .[bench]
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a file: this folder comes first and would hide the package of the same name
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from docx import Document
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from letters.template.template import Template

ROWS = 10
COLUMNS = ("session_date", "half_day", "code", "meaning")
BODY = (
    "{school_name}",
    "{addressee}",
    "{address_1}",
    "{address_2}",
    "{postcode}",
    "{letter_date}",
    "Dear {salutation}",
    "Attendance of {pupil_name} in {registration_group}",
    "I am writing about the sessions listed below. {pupil_name} has attended {attendance_percent} per cent of the "
    "sessions of this term, and we would like to know how we can help. A session is a morning or an afternoon.",
    "@table",
    "Please ring the office on {contact_phone} if anything here is wrong, or if there is something that we should "
    "know. We are glad to hear from you, and we would rather hear early than late.",
    "Yours sincerely",
    "{signatory}",
)
FIELDS = (
    "school_name", "addressee", "address_1", "address_2", "postcode", "letter_date", "salutation", "pupil_name",
    "registration_group", "attendance_percent", "contact_phone", "signatory",
)  # fmt: skip
Letter = Mapping[str, Any]
Engine = Callable[[bytes, Sequence[Letter]], list[bytes]]


def letter(number: int) -> dict[str, Any]:
    """Return the values of one letter, with the characters that real names have."""
    values: dict[str, Any] = {name: f"{name.replace('_', ' ')} {number}" for name in FIELDS}
    values["addressee"] = f"Ms O’Brien & Mr Jones {number}"
    values["rows"] = [
        {
            "session_date": f"{row + 1} November {number}",
            "half_day": "AM",
            "code": "I",
            "meaning": f"Illness {row}",
        }
        for row in range(ROWS)
    ]
    return values


def make_template(write_field: Callable[[Paragraph, str], None], row: Sequence[Sequence[str]]) -> bytes:
    """Write a letter with fields put in by ``write_field``; ``row`` is the rows of the table below its headings."""
    document = Document()
    document.styles["Normal"].font.name = "Calibri"  # type: ignore[attr-defined]
    document.styles["Normal"].font.size = Pt(11)  # type: ignore[attr-defined]
    for line in BODY:
        if line == "@table":
            table = document.add_table(rows=1, cols=len(COLUMNS), style="Table Grid")
            for cell, column in zip(table.rows[0].cells, COLUMNS, strict=True):
                cell.text = column.replace("_", " ")
            for texts in row:
                for cell, text in zip(table.add_row().cells, texts, strict=True):
                    write_line(cell.paragraphs[0], text, write_field)
        else:
            write_line(document.add_paragraph(), line, write_field)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def write_line(paragraph: Paragraph, line: str, write_field: Callable[[Paragraph, str], None]) -> None:
    """Plain text, with ``{name}`` written as the engine's own kind of field."""
    for piece in line.split("{"):
        name, closed, text = piece.partition("}")
        if closed:
            write_field(paragraph, name)
        plain = text if closed else name
        if plain:
            paragraph.add_run(plain)


def merge_field(paragraph: Paragraph, name: str) -> None:
    """Insert a MERGEFIELD, as Word writes it."""
    for content in (
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> MERGEFIELD {name} </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        f"<w:t>«{name}»</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    ):
        paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}>{content}</w:r>"))


def own_template() -> bytes:
    """With MERGEFIELDs and TableStart:/TableEnd:."""
    row = [f"{{{column}}}" for column in COLUMNS]
    row[0], row[-1] = "{TableStart:rows}" + row[0], row[-1] + "{TableEnd:rows}"
    return make_template(merge_field, [row])


def own_engine(template: bytes, letters: Sequence[Letter]) -> list[bytes]:
    """Compile once, fill many times."""
    compiled = Template.compile(template, name="benchmark.docx")
    return [compiled.fill(values, title="Letter").data for values in letters]


def mailmerge_template() -> bytes:
    """With MERGEFIELDs; the row is found by its first column."""
    return make_template(merge_field, [[f"{{{column}}}" for column in COLUMNS]])


def mailmerge_engine(template: bytes, letters: Sequence[Letter]) -> list[bytes]:
    """docx-mailmerge2: a new merge for each letter."""
    from mailmerge import MailMerge

    made = []
    for values in letters:
        stream = io.BytesIO()
        with MailMerge(io.BytesIO(template)) as document:
            document.merge(**{name: values[name] for name in FIELDS})
            document.merge_rows("session_date", values["rows"])
            document.write(stream)
        made.append(stream.getvalue())
    return made


def docxtpl_template() -> bytes:
    """With Jinja tags, and the two loop rows that docxtpl takes out again."""

    def tag(paragraph: Paragraph, name: str) -> None:
        paragraph.add_run(f"{{{{ {name} }}}}")

    blank = [""] * (len(COLUMNS) - 1)
    loop = [["@for", *blank], [f"{{row.{column}}}" for column in COLUMNS], ["@end", *blank]]
    document = Document(io.BytesIO(make_template(tag, loop)))
    table = document.tables[0]
    table.rows[1].cells[0].paragraphs[0].runs[0].text = "{%tr for row in rows %}"
    table.rows[3].cells[0].paragraphs[0].runs[0].text = "{%tr endfor %}"
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def docxtpl_engine(template: bytes, letters: Sequence[Letter]) -> list[bytes]:
    """docxtpl with escaping on, for names with & in them; one Jinja environment for all letters."""
    from docxtpl import DocxTemplate
    from jinja2 import Environment

    environment = Environment(autoescape=True)
    made = []
    for values in letters:
        document = DocxTemplate(io.BytesIO(template))
        document.render(dict(values), environment, autoescape=True)
        stream = io.BytesIO()
        document.save(stream)
        made.append(stream.getvalue())
    return made


def replacing_template() -> bytes:
    """With [[name]] in runs of their own and ten rows to fill."""

    def token(paragraph: Paragraph, name: str) -> None:
        paragraph.add_run(f"[[{name}]]")

    return make_template(token, [[f"{{{row}.{column}}}" for column in COLUMNS] for row in range(ROWS)])


def replacing_engine(template: bytes, letters: Sequence[Letter]) -> list[bytes]:
    """python-docx: open, replace the text of each run that is a token, save."""
    made = []
    for values in letters:
        tokens = {f"[[{name}]]": values[name] for name in FIELDS}
        for number, row in enumerate(values["rows"]):
            tokens.update({f"[[{number}.{column}]]": row[column] for column in COLUMNS})
        document = Document(io.BytesIO(template))
        for text in document.element.body.iter(qn("w:t")):
            if text.text in tokens:
                text.text = tokens[text.text]
        stream = io.BytesIO()
        document.save(stream)
        made.append(stream.getvalue())
    return made


ENGINES: dict[str, tuple[Callable[[], bytes], Engine]] = {
    "this project": (own_template, own_engine),
    "docx-mailmerge2": (mailmerge_template, mailmerge_engine),
    "docxtpl": (docxtpl_template, docxtpl_engine),
    "python-docx": (replacing_template, replacing_engine),
}


def check(name: str, made: bytes, values: Letter) -> None:
    """Raise AssertionError unless every value is in the letter, the table has 11 rows, and no tag is left."""
    document = Document(io.BytesIO(made))
    root = document.element.body
    text = "\n".join(
        "".join(each.text or "" for each in line.iter(qn("w:t"))) for line in root.iter(qn("w:p"))
    )
    wanted = [values[field] for field in FIELDS] + [cell for row in values["rows"] for cell in row.values()]
    missing = [value for value in wanted if value not in text]
    assert not missing, f"{name}: not in the letter: {missing}"
    assert len(document.tables[0].rows) == ROWS + 1, f"{name}: {len(document.tables[0].rows)} rows"
    code = "".join(each.text or "" for each in root.iter(qn("w:instrText")))
    left = [tag for tag in ("MERGEFIELD", "{{", "{%", "[[", "«") if tag in text + code]
    assert not left, f"{name}: left in the letter: {left}"


def main() -> None:
    """Check every engine, then time each in turn, round by round, and print the table."""
    parser = argparse.ArgumentParser(description="Letters a second, compared with three peers.")
    parser.add_argument("--letters", type=int, default=300, help="different letters in each round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the median is shown")
    options = parser.parse_args()
    try:
        import docxtpl  # noqa: F401
        import mailmerge  # noqa: F401
    except ImportError as error:
        sys.exit(f"{error.name} is missing: run pip install .[bench] first")

    letters = [letter(number) for number in range(options.letters)]
    templates = {name: make() for name, (make, _) in ENGINES.items()}
    for name, (_, run) in ENGINES.items():
        made = run(templates[name], [letters[0], letters[-1]])
        check(name, made[0], letters[0])
        check(name, made[1], letters[-1])

    seconds: dict[str, list[float]] = {name: [] for name in ENGINES}
    for _ in range(options.rounds):
        for name, (_, run) in ENGINES.items():
            started = time.perf_counter()
            run(templates[name], letters)
            seconds[name].append(time.perf_counter() - started)

    speeds = {name: options.letters / statistics.median(times) for name, times in seconds.items()}
    own = speeds["this project"]
    print(f"{options.letters} letters, {options.rounds} rounds, median; every engine's output checked first")
    print(f"{'engine':<18}{'letters/s':>10}{'ms each':>10}{'template':>11}{'this project is':>18}")
    for name, speed in speeds.items():
        ratio = "" if name == "this project" else f"{own / speed:.0f} times as fast"
        print(
            f"{name:<18}{speed:>10.0f}{1000 / speed:>10.2f}{len(templates[name]) / 1024:>7.0f} KiB{ratio:>18}"
        )


if __name__ == "__main__":
    main()
