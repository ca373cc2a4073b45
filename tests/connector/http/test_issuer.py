"""The issuer of a certificate, read out of its DER form and compared with what the library that made it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from connector.http.issuer import issuer_in


def issued_by(*attributes: x509.NameAttribute) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .issuer_name(x509.Name(attributes))
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hill.mis.example")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2026, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


NAME = x509.NameAttribute(NameOID.COMMON_NAME, "Filter Authority")
ORGANISATION = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Hill Trust")
COUNTRY = x509.NameAttribute(NameOID.COUNTRY_NAME, "GB")


@pytest.mark.parametrize(
    ("attributes", "issuer"),
    [
        ((COUNTRY, ORGANISATION, NAME), "Filter Authority (Hill Trust)"),
        ((NAME,), "Filter Authority"),
        ((ORGANISATION,), "Hill Trust"),
        ((COUNTRY,), ""),
        ((x509.NameAttribute(NameOID.COMMON_NAME, "Ysgol Tŷ Ddewi"),), "Ysgol Tŷ Ddewi"),
        ((x509.NameAttribute(NameOID.COMMON_NAME, "Tŷ", _type=_ASN1Type.BMPString),), "Tŷ"),
        ((NAME, x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Filter Authority")), "Filter Authority"),
        ((x509.NameAttribute(NameOID.COMMON_NAME, "A\r\n\x1b[2JB"),), "A[2JB"),
    ],
)
def test_the_issuer_is_read(attributes: tuple[x509.NameAttribute, ...], issuer: str) -> None:
    assert issuer_in(issued_by(*attributes)) == issuer


def test_what_is_no_whole_certificate_has_no_issuer_and_raises_nothing() -> None:
    whole = issued_by(ORGANISATION, NAME)
    assert {issuer_in(whole[:length]) for length in range(0, len(whole) - 1, 7)} == {""}
    for place in range(0, len(whole), 3):
        issuer_in(whole[:place] + b"\xff" + whole[place + 1 :])
