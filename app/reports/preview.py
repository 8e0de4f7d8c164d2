"""Pages as pictures, from memory to memory: nothing is written to a disk to be looked at.

pdfium is not safe for two threads at once; call it from one lane.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.lazy import lazy

if TYPE_CHECKING:
    import pypdfium2
else:
    pypdfium2 = lazy("pypdfium2")

_POINTS_PER_INCH = 72
MOST_PIXELS = 8_000_000  # of a page: A3 at 150 dpi is 4.4 million; a page can say it is kilometres long
LONGEST_SIDE = 8_000


def page_count(pdf: bytes, *, password: str = "") -> int:
    """How many pages a file has."""
    with pypdfium2.PdfDocument(pdf, password=password or None) as file:
        return len(file)


def pages_png(pdf: bytes, *, password: str = "", dpi: int = 96) -> Iterator[bytes]:
    """Each page as a PNG file."""
    with pypdfium2.PdfDocument(pdf, password=password or None) as file:
        for n in range(len(file)):
            yield _png(file, n, dpi=dpi)


def page_png(pdf: bytes, page: int, *, password: str = "", dpi: int = 96) -> bytes:
    """One page as a PNG file, counted from 0. IndexError beyond the last."""
    with pypdfium2.PdfDocument(pdf, password=password or None) as file:
        if not 0 <= page < len(file):
            raise IndexError(page)
        return _png(file, page, dpi=dpi)


def _png(file: pypdfium2.PdfDocument, page: int, *, dpi: int) -> bytes:
    target = io.BytesIO()
    scale = _scale(*file[page].get_size(), dpi=dpi)
    file[page].render(scale=scale).to_pil().save(target, "PNG", compress_level=3)
    return target.getvalue()


def _scale(width: float, height: float, *, dpi: int) -> float:
    """How large to draw a page of so many points: as sharp as asked, unless that takes more memory than a page may."""
    asked = dpi / _POINTS_PER_INCH
    by_area = math.sqrt(MOST_PIXELS / max(width * height, 1.0))
    return min(asked, by_area, LONGEST_SIDE / max(width, height, 1.0))
