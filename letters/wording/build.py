"""Make the shipped Word templates from their wording: ``python -m letters.wording.build``.

The committed files are exactly what this makes; a test holds that.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from letters.wording.certificates import certificate
from letters.wording.layout import FORM_LETTERHEAD_MM, Layout
from letters.wording.source import Block, Wording, WordingError, read
from letters.wording.template_paper import TemplatePaper

HERE = Path(__file__).parent
TEMPLATES = HERE.parent / "templates"


def wordings(folder: Path = HERE) -> Iterator[Wording]:
    """Give every wording, by language and name."""
    for path in sorted(folder.glob("*/*.md")):
        if not path.name.startswith("_"):
            yield read(path)


def build(wording: Wording) -> bytes:
    """Return the Word template of one wording. Raise WordingError for what its layout does not know."""
    if wording.layout.startswith("certificate"):
        return certificate(wording)
    paper = TemplatePaper(
        wording.title, wording.language, marks_language=bool(wording.then), size=wording.size
    )
    layout = Layout(paper)
    if wording.layout == "letter":
        layout.letterhead()
        layout.envelope()
    elif wording.layout == "form":
        layout.letterhead(FORM_LETTERHEAD_MM)
        layout.space()
    else:
        raise WordingError(
            f"{wording.name}: the layout '{wording.layout}' is not known: letter, form or certificate"
        )
    _body(wording, paper, layout)
    if wording.then:
        language, name = wording.then.split("/")
        second = read(HERE / language / f"{name}.md")
        paper.language = language
        layout.page()
        _body(second, paper, layout)
    paper.language = wording.language
    paper.join_room_after_tables()
    paper.end()
    page, of = (layout.say("page"), layout.say("of")) if not wording.then else layout.both_pages()
    paper.number_pages(layout.say("footer"), page, of)
    return paper.save()


def _body(wording: Wording, paper: TemplatePaper, layout: Layout) -> None:
    before = len(paper.parts)
    if wording.layout == "letter":
        layout.dear()
    for block in wording.blocks:
        try:
            _add(block, paper, layout)
        except ValueError as error:
            raise WordingError(f"{wording.language}/{wording.name}: {error}") from error
    if wording.layout == "letter":
        paper.close(paper.parts[before:], layout.say("other_ways").partition(":")[0])
    paper.keep_last_section(paper.parts[before:])


def _add(block: Block, paper: TemplatePaper, layout: Layout) -> None:
    styles = {
        "heading": "Heading 1",
        "subheading": "Heading 2",
        "paragraph": "Normal",
        "point": "List Bullet",
    }
    if block.kind in styles:
        paper.add(block.text, styles[block.kind])
    elif block.kind == "box":
        layout.banner(block.text)
    elif block.kind == "rows":
        layout.form(block.rows, block.header)
    elif block.kind == "part":
        layout.add(block.name, block.text)
    else:
        paper.add(f"«{'?' if block.kind == 'start' else '/'}{block.name}»", "Gap")


def main() -> int:
    """Write every template; print how many were made."""
    made = 0
    for wording in wordings():
        folder = TEMPLATES / wording.language
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{wording.name}.docx").write_bytes(build(wording))
        made += 1
    sys.stdout.write(f"{made} templates made\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
