"""Give the drawings, shapes and content controls of each document in a pile ids that no other one has."""

from __future__ import annotations

from docx.oxml.ns import qn
from lxml import etree

_DOCPR, _CONTROL_ID, _VAL = qn("wp:docPr"), f"{qn('w:sdtPr')}/{qn('w:id')}", qn("w:val")
_V = "{urn:schemas-microsoft-com:vml}"
_SPID = "{urn:schemas-microsoft-com:office:office}spid"
ABOVE_HEADERS = 10_000
"""Numbers begin above those of headers and footers, which keep their own and are shared by many letters."""


def number_shapes(body: etree._Element, document: int, last: int) -> int:
    """Give numbers on from ``last`` to what a document's body draws, and return the last one given.

    A VML shape is called by its old id with the number of the ``document``, and so is the type that it names.
    """
    controls = set(body.iterfind(f".//{_CONTROL_ID}"))
    types = {shape.get("id") for shape in body.iter(f"{_V}shapetype")}
    for element in body.iter(etree.Element):
        if element.tag == _DOCPR or element in controls:
            last += 1
            element.set("id" if element.tag == _DOCPR else _VAL, str(last))
        elif element.tag.startswith(_V):
            element.attrib.pop(_SPID, "")
            if element.get("id"):
                element.set("id", f"{element.get('id')}_{document}")
            named = element.get("type", "").removeprefix("#")
            if named in types:
                element.set("type", f"#{named}_{document}")
    return last
