"""Any template of these shapes, with any values, gives a document that is sound and shows what it should."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from letters.template.template import Picture, Template
from tests.letters.docx_files import (
    assert_sound,
    merge_xml,
    paragraph_xml,
    png,
    run_xml,
    shown,
    simple_xml,
    table_xml,
    template,
    text_box_xml,
)

NAMES = ("a", "b", "c")
CONTROL = (
    '<w:sdt><w:sdtPr><w:id w:val="9"/></w:sdtPr><w:sdtContent><w:r><w:t>x</w:t></w:r></w:sdtContent></w:sdt>'
)
MARKED = '<w:bookmarkStart w:id="3" w:name="here"/><w:bookmarkEnd w:id="3"/>'
BLOCKS = ("one", "two", "three")
PICTURE = Picture(png(), 12, "A \"crest\" <&> 'sign'")

awkward = st.sampled_from(
    [
        "",
        "",
        " ",
        "O’Brien & Sons <Ltd>",
        "]]>",
        "{MERGEFIELD x}",
        "a\r\nb",
        "\0",
        "محمد",
        "\U0001f600",
        "\ud800",
        "x" * 300,
    ]
)
values = st.one_of(
    st.text(max_size=20),
    awkward,
    st.dates(date(1990, 1, 1)),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
)
switches = st.sampled_from(
    ["", " \\* MERGEFORMAT", " \\* Upper", " \\* Caps", ' \\b "(" \\f ")"', ' \\@ "d/M/yy"', " \\# 0.0"]
)
properties = st.sampled_from(["", "<w:b/>", '<w:sz w:val="20"/><w:lang w:val="cy-GB"/>'])


@st.composite
def fields(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(NAMES)) + draw(switches)
    if draw(st.booleans()):
        return simple_xml(name, draw(properties))
    return merge_xml(name, draw(properties), draw(st.integers(1, 4)))


pieces = st.one_of(
    fields(),
    fields(),
    st.just(run_xml("<w:br/>")),
    st.sampled_from(["text", ", ", " "]),
    st.just(merge_xml("Image:p")),
    st.just(CONTROL),
    st.just(MARKED),
)


@st.composite
def blocks(draw: st.DrawFn, depth: int) -> str:
    """Return a block of paragraphs, of rows, or of text in a paragraph."""
    name = draw(st.sampled_from(BLOCKS))
    start, end = merge_xml(f"TableStart:{name}"), merge_xml(f"TableEnd:{name}")
    shape = draw(st.sampled_from(["paragraphs", "row", "rows", "text", "cell"]))
    inner = draw(st.lists(pieces, max_size=3))
    if shape == "paragraphs":
        return paragraph_xml(start) + draw(stories(depth - 1)) + paragraph_xml(*inner, end)
    if shape == "row":
        return (
            table_xml(["Head", "x"], [paragraph_xml(start, *inner), paragraph_xml("y", end)])
            + paragraph_xml()
        )
    if shape == "rows":
        return table_xml(
            [paragraph_xml(start), "x"],
            ["m", draw(stories(depth - 1)) + paragraph_xml(*inner)],
            [paragraph_xml(end), "y"],
        )
    if shape == "cell":
        return table_xml(
            [
                paragraph_xml(start) + draw(stories(depth - 1)) + paragraph_xml(end),
                draw(st.sampled_from(["", "x"])),
            ]
        )
    return paragraph_xml(
        draw(st.sampled_from(["", "before "])), start, *inner, end, *draw(st.lists(pieces, max_size=1))
    )


def stories(depth: int) -> st.SearchStrategy[str]:
    """Return some paragraphs, tables and text boxes, with blocks down to ``depth``."""
    paragraph = st.lists(pieces, max_size=4).map(lambda found: paragraph_xml(*found))
    kinds = [paragraph]
    if depth > 0:
        kinds += [
            st.deferred(lambda: blocks(depth)),
            st.lists(pieces, max_size=2).map(
                lambda found: paragraph_xml(text_box_xml(paragraph_xml(*found)))
            ),
            st.lists(pieces, min_size=1, max_size=2).map(
                lambda found: table_xml([paragraph_xml(*found), paragraph_xml(*found)])
            ),
        ]
    return st.lists(st.one_of(kinds), min_size=1, max_size=3).map("".join)


def records(depth: int) -> st.SearchStrategy[Any]:
    """Return True, False, or records that may hold some fields of their own."""
    record = st.dictionaries(st.sampled_from(NAMES), values, max_size=2)
    return st.one_of(st.booleans(), st.lists(record, max_size=3))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    body=stories(2),
    header=stories(1),
    given_values=st.fixed_dictionaries(
        {
            **dict.fromkeys(NAMES, values),
            **dict.fromkeys(BLOCKS, records(1)),
            "p": st.sampled_from([None, PICTURE]),
        }
    ),
    language=st.sampled_from(["en", "cy"]),
)
def test_every_document_is_sound(body: str, header: str, given_values: dict[str, Any], language: str) -> None:
    compiled = Template.compile(template(body, header=header + paragraph_xml()), name="fuzz.docx")
    filled = compiled.fill(given_values, language=language, title="Fuzz")
    document = assert_sound(filled.data)
    assert compiled.fill(given_values, language=language, title="Fuzz").data == filled.data
    if "«" not in repr(given_values):  # else it may be a value's own
        assert "«" not in shown(document.element.body), "no field shows its name"


@settings(max_examples=80)
@given(value=st.text(st.characters(exclude_characters="\r\n\x85\u2028\u2029")))
def test_any_text_comes_back_as_it_was(value: str) -> None:
    filled = PLAIN.fill({"n": value})
    text = shown(assert_sound(filled.data).paragraphs[0]._p)
    kept = "".join(letter for letter in value if letter == "\t" or _is_xml(letter))
    assert text == f"={kept}"
    assert bool(filled.removed) == (kept != value)


PLAIN = Template.compile(template(paragraph_xml("=«n»")), name="plain.docx")


def _is_xml(letter: str) -> bool:
    """Whether a character may stand in a letter: XML takes it, and it is no C1 control."""
    try:
        etree.Element("x").text = letter
    except ValueError:
        return False
    return not "\x7f" <= letter <= "\x9f"
