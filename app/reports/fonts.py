"""Open Sans for paper: static faces from PyPI, embedded as subsets in every file."""

from __future__ import annotations

from functools import lru_cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.paths import shipped_by

REGULAR, STRONG = "OpenSans", "OpenSans-SemiBold"
_FILES = {REGULAR: "OpenSans-Regular.ttf", STRONG: "OpenSans-SemiBold.ttf"}


@lru_cache
def register() -> None:
    """Make both faces known to reportlab; reads the files once."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(shipped_by("ttf_opensans", "ttf", file))))
    for name in _FILES:  # no face is slanted or made bold by markup: emphasis is a colour or the other face
        pdfmetrics.registerFontFamily(name, normal=name, bold=STRONG, italic=name, boldItalic=STRONG)


@lru_cache
def glyphs(name: str) -> frozenset[int]:
    """The code points that a face can draw."""
    register()
    return frozenset(pdfmetrics.getFont(name).face.charToGlyph)
