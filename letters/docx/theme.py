"""The theme part that Word wants in every document: colours and fonts that new text is offered in.

Styles name their fonts and colours themselves, so the theme shows nowhere; without one a validator calls the document
incomplete (ECMA-376 Part 1, 11.3.1 and 14.2.7).
"""

from __future__ import annotations

THEME_TYPE = "application/vnd.openxmlformats-officedocument.theme+xml"

_COLOURS = {
    "dk1": "000000", "lt1": "FFFFFF", "dk2": "1F2A37", "lt2": "EEF2F6", "accent1": "1F4E79", "accent2": "59636E",
    "accent3": "7A2E00", "accent4": "C3CCD6", "accent5": "2E6B4F", "accent6": "6B4F9E", "hlink": "0563C1",
    "folHlink": "954F72",
}  # fmt: skip
_PLAIN = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
_LINE = f'<a:ln w="6350">{_PLAIN}</a:ln>'
_EFFECT = "<a:effectStyle><a:effectLst/></a:effectStyle>"


def _font(name: str) -> str:
    return f'<a:latin typeface="{name}"/><a:ea typeface=""/><a:cs typeface=""/>'


def theme_xml(text: str = "Calibri", display: str = "Cambria") -> bytes:
    """Return a theme part with these two fonts."""
    colours = "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in _COLOURS.items())
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Letters"><a:themeElements>'
        f'<a:clrScheme name="Letters">{colours}</a:clrScheme>'
        f'<a:fontScheme name="Letters"><a:majorFont>{_font(display)}</a:majorFont>'
        f"<a:minorFont>{_font(text)}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="Letters"><a:fillStyleLst>{_PLAIN * 3}</a:fillStyleLst><a:lnStyleLst>{_LINE * 3}</a:lnStyleLst>'
        f"<a:effectStyleLst>{_EFFECT * 3}</a:effectStyleLst><a:bgFillStyleLst>{_PLAIN * 3}</a:bgFillStyleLst>"
        "</a:fmtScheme></a:themeElements></a:theme>"
    )
    return xml.encode()
