"""A picture for an ``Image:`` field: a PNG or JPEG with its width and what it shows."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property

from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.image.image import Image

EMU_PER_MM = 36_000
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG file in memory, shown ``width_mm`` millimetres wide at its own proportions.

    ``alt_text`` is read out by a screen reader; empty marks the picture as decoration. Kept and used again for
    many letters it is measured once.
    """

    data: bytes
    width_mm: float
    alt_text: str = ""

    @cached_property
    def kind(self) -> str:
        """``png`` or ``jpeg``, by the first bytes. Raise ValueError for anything else."""
        for signature, kind in _SIGNATURES.items():
            if self.data.startswith(signature):
                return kind
        raise ValueError("the picture is neither PNG nor JPEG")

    @cached_property
    def part_name(self) -> str:
        """Its name in a package, made from what it holds, so that equal pictures are kept once."""
        return f"word/media/image-{hashlib.sha256(self.data).hexdigest()[:20]}.{self.kind}"

    @cached_property
    def extent(self) -> tuple[int, int]:
        """Width and height in EMU (1/36,000 mm). Raise ValueError when the file is damaged or the width not positive."""
        if self.kind not in _SIGNATURES.values() or not 0 < self.width_mm < 1000:
            raise ValueError("the picture's width is not between 0 and 1,000 mm")
        try:
            image = Image.from_file(io.BytesIO(self.data))
            across, down = image.px_width, image.px_height
        except (
            InvalidImageStreamError,
            UnexpectedEndOfFileError,
            UnrecognizedImageError,
            KeyError,
            ValueError,
        ) as error:
            raise ValueError("the picture is damaged") from error
        if not (across and down):
            raise ValueError("the picture is damaged")
        width = round(self.width_mm * EMU_PER_MM)
        return width, max(1, round(width * down / across))
