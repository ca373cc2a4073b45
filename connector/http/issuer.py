"""Who issued a certificate, read out of its DER form (X.690, RFC 5280 section 4.1).

Python's own ``ssl`` tells the issuer of a certificate only when it trusts it, and the one to name is the one that it
does not trust.
"""

from __future__ import annotations

from collections.abc import Iterator

_VERSION = 0xA0
_COMMON_NAME, _ORGANISATION = b"\x55\x04\x03", b"\x55\x04\x0a"
_WIDE_STRING = 0x1E
_LONGEST = 100


def issuer_in(der: bytes) -> str:
    """Return the issuer's common name and organisation, such as "Filter CA (Hill Trust)"; empty where it cannot be read."""
    try:
        return _issuer(der)
    except (IndexError, ValueError, StopIteration):
        return ""


def _issuer(der: bytes) -> str:
    _, certificate = next(_values(der))
    _, to_be_signed = next(_values(certificate))
    fields = [value for tag, value in _values(to_be_signed) if tag != _VERSION]
    names: dict[bytes, str] = {}
    for _, group in _values(fields[2]):  # after the serial number and the algorithm
        for _, attribute in _values(group):
            (_, kind), (tag, text) = _values(attribute)
            names[kind] = _readable(text.decode("utf-16-be" if tag == _WIDE_STRING else "utf-8", "replace"))
    name, organisation = names.get(_COMMON_NAME, ""), names.get(_ORGANISATION, "")
    if name and organisation and name != organisation:
        return f"{name} ({organisation})"
    return name or organisation


def _values(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each value in a row of them."""
    at = 0
    while at < len(der):
        tag, length = der[at], der[at + 1]
        at += 2
        if length >= 0x80:  # the long form: so many bytes of length follow
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size], "big"), at + size
        if at + length > len(der):
            raise ValueError("cut short")
        yield tag, der[at : at + length]
        at += length


def _readable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:_LONGEST]
