"""Pages as pictures, from memory to memory: nothing is written to a disk to be looked at.

pdfium is not safe for two threads at once; call it from one lane.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.lazy import lazy

if TYPE_CHECKING:
    import pypdfium2
else:
    pypdfium2 = lazy("pypdfium2")

_POINTS_PER_INCH = 72


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
    file[page].render(scale=dpi / _POINTS_PER_INCH).to_pil().save(target, "PNG", compress_level=3)
    return target.getvalue()
