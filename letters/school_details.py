"""The `[school.letters]` table of the configuration, and the school as its letters show it."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field

from letters.addressees import NamedAddressee
from letters.docx.picture import Picture
from rules.files.held import read_file
from rules.settings import FilePath, Table

LOGO_WIDTH_MM, LOGO_HEIGHT_MM = 48.0, 24.0
SIGNATURE_WIDTH_MM, SIGNATURE_HEIGHT_MM = 45.0, 16.0


class LettersConfig(Table):
    """What the school's letters show."""

    telephone: str = Field(min_length=1, examples=["01482 000000"])
    """The school's telephone number. Every letter gives it."""
    address: list[str] = Field(default=[], max_length=6, examples=[["Hill Road", "Hull", "HU1 1AA"]])
    """The school's address, line by line, with the postcode last."""
    email: str = Field(default="", examples=["office@hill.example"])
    """The school's e-mail address."""
    website: str = Field(default="", examples=["www.hill.example"])
    """The school's website."""
    head_name: str = Field(default="", examples=["Mrs J. Amadi"])
    """Who signs."""
    head_title: str = "Headteacher"
    """The title under the name of who signs."""
    head_title_cy: str = "Pennaeth"
    """The same in the Welsh half of a letter."""
    attendance_contact_name: str = Field(default="", examples=["Mr P. Lowe"])
    """The person families can ask about a mark."""
    attendance_contact_telephone: str = Field(default="", examples=["01482 000001"])
    """The number for that; empty means the school's."""
    attendance_contact_email: str = Field(default="", examples=["attendance@hill.example"])
    """The e-mail address for that; empty means the school's."""
    other_languages: list[str] = Field(
        default=[],
        max_length=6,
        examples=[["Po polsku: proszę zadzwonić do nas.", "În română: vă rugăm să ne sunați."]],
    )
    """Sentences in families' languages that say how to have a letter in that language; every letter ends with them."""
    doors_open: str = Field(default="", examples=["8.35 am"])
    """When the doors open in the morning, as letters about lateness say it."""
    register_closes: str = Field(default="", examples=["9.15 am"])
    """When the morning register closes, for the same letters."""
    authority_name: str = Field(default="", examples=["Hull City Council"])
    """The local authority, for the documents that go to it."""
    number: str = Field(default="", examples=["810/2001"])
    """The school's DfE or Welsh Government number, for the same documents."""
    logo: FilePath | None = Field(default=None, examples=["logo.png"])
    """The school's logo, PNG or JPEG."""
    signature: FilePath | None = Field(default=None, examples=["signature.png"])
    """The signature of who signs, PNG or JPEG."""
    templates: FilePath | None = Field(default=None, examples=["templates"])
    """Folder of the school's own Word templates (`letters export` starts one). What is not in it is taken from the shipped ones."""
    language: Literal["en", "cy"] = "en"
    """Language of letters to adults for whom the MIS gives no language."""
    group_siblings: bool = False
    """Put the letters of one household together in the print pile. Each pupil's record still gets its own."""
    share_with_guardians: bool = False
    """Show letters and notes in the MIS's portal for parents, where the MIS can."""
    pdf: bool = Field(default=False, repr=False)  # not part of what a letter says
    """Put a PDF next to each letter in the folder for letters (`mis.letters_folder`, `supply.folder`). LibreOffice must be on the server; `check` says where it was found. Letters that go into the MIS have no PDF."""
    looked_after_to: NamedAddressee | None = None


class SchoolDetails(LettersConfig):
    """The settings of a school's letters together with the school's name, which they show too."""

    name: str

    @cached_property
    def logo_bytes(self) -> bytes | None:
        """The logo's file. Raises OSError when it cannot be read."""
        return read_file(self.logo) if self.logo else None

    @cached_property
    def signature_bytes(self) -> bytes | None:
        """The signature's file. Raises OSError when it cannot be read."""
        return read_file(self.signature) if self.signature else None

    @cached_property
    def logo_picture(self) -> Picture | None:
        """The logo, as large as the letterhead allows. Raises ValueError when it is no sound PNG or JPEG."""
        return _fitted(self.logo_bytes, LOGO_WIDTH_MM, LOGO_HEIGHT_MM, f"Logo of {self.name}")

    @cached_property
    def signature_picture(self) -> Picture | None:
        """The signature, as large as the space over the name allows. Raises ValueError as for the logo."""
        return _fitted(
            self.signature_bytes, SIGNATURE_WIDTH_MM, SIGNATURE_HEIGHT_MM, f"Signature of {self.head_name}"
        )


def _fitted(data: bytes | None, width_mm: float, height_mm: float, alt_text: str) -> Picture | None:
    if data is None:
        return None
    across, down = Picture(data, width_mm, alt_text).extent
    return Picture(data, min(width_mm, height_mm * across / down), alt_text)
