"""The school as its letters show it: letterhead, who signs, whom to ring."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from letters.docx.picture import Picture

LOGO_WIDTH_MM, LOGO_HEIGHT_MM = 48.0, 24.0
SIGNATURE_WIDTH_MM, SIGNATURE_HEIGHT_MM = 45.0, 16.0


@dataclass(frozen=True)
class SchoolDetails:
    """A school's letterhead facts, from the configuration. Only ``name`` and ``telephone`` must not be empty."""

    name: str
    telephone: str
    address: tuple[str, ...] = ()
    """Address lines, the postcode last."""
    email: str = ""
    website: str = ""
    head_name: str = ""
    head_title: str = "Headteacher"
    attendance_contact_name: str = ""
    """Whom families ring about attendance; empty means the school office."""
    attendance_contact_telephone: str = ""
    """Empty means the school's own number."""
    attendance_contact_email: str = ""
    """Empty means the school's own address."""
    authority_name: str = ""
    """The local authority as it is called in a sentence ("Hull City Council")."""
    number: str = ""
    """DfE or Welsh Government number, for forms that go to the authority."""
    language: str = "en"
    """Letters are in this language where a family has none on record."""
    logo: bytes | None = None
    """PNG or JPEG."""
    signature: bytes | None = None
    """The head's signature, PNG or JPEG."""

    @cached_property
    def logo_picture(self) -> Picture | None:
        """The logo, as large as the letterhead allows. Raises ValueError when it is no sound PNG or JPEG."""
        return _fitted(self.logo, LOGO_WIDTH_MM, LOGO_HEIGHT_MM, f"Logo of {self.name}")

    @cached_property
    def signature_picture(self) -> Picture | None:
        """The signature, as large as the space over the name allows. Raises ValueError as for the logo."""
        return _fitted(
            self.signature, SIGNATURE_WIDTH_MM, SIGNATURE_HEIGHT_MM, f"Signature of {self.head_name}"
        )


def _fitted(data: bytes | None, width_mm: float, height_mm: float, alt_text: str) -> Picture | None:
    if data is None:
        return None
    across, down = Picture(data, width_mm, alt_text).extent
    return Picture(data, min(width_mm, height_mm * across / down), alt_text)
