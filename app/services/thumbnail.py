"""A small picture of a photograph, to travel with its record: who waits for the photograph sees what it will be.

It is drawn anew, so nothing that a camera wrote beside the picture (place, time, device) goes along.
"""

from __future__ import annotations

import base64
import io
import warnings
from typing import TYPE_CHECKING

from app.lazy import lazy

if TYPE_CHECKING:
    from PIL import Image, ImageOps
else:
    Image, ImageOps = lazy("PIL.Image"), lazy("PIL.ImageOps")

SIDE, BYTES = 160, 6 * 1024  # at most
_UNPACKED = 30_000_000  # pixels: more than that, unpacked whole, a small laptop has no room for
_TRIES = ((160, 72), (160, 50), (160, 30), (112, 40), (80, 30), (48, 25))  # longest side, quality


def thumbnail_of(data: bytes) -> str | None:
    """A JPEG in base64, SIDE pixels and BYTES bytes at most; None for what is no picture or too large to unpack."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is unpacked no larger than needed
                if picture.width * picture.height > _UNPACKED:
                    return None
                return _small(picture)
        except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
            return None


def picture_of(told: object) -> bytes:
    """The JPEG of a thumbnail that came with a record; b"" if it is none of ours: whoever sent it may have erred."""
    if not isinstance(told, str) or len(told) > 2 * BYTES:
        return b""
    try:
        data = base64.b64decode(told, validate=True)
    except ValueError:
        return b""
    return data if data.startswith(b"\xff\xd8\xff") and len(data) <= BYTES else b""


def _small(picture: Image.Image) -> str | None:
    shrunk = picture.copy() if picture.mode in ("RGB", "L") else _on_white(picture)
    shrunk.thumbnail((2 * SIDE, 2 * SIDE))
    upright = ImageOps.exif_transpose(shrunk).convert("RGB")
    for side, quality in _TRIES:
        each, out = upright.copy(), io.BytesIO()
        each.thumbnail((side, side))
        # A picture of its own: what was written beside the old one stays there.
        Image.frombytes("RGB", each.size, each.tobytes()).save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= BYTES:
            return base64.b64encode(out.getvalue()).decode()
    return None


def _on_white(picture: Image.Image) -> Image.Image:
    """What is transparent would come out black."""
    small = picture.convert("RGBA")
    small.thumbnail((2 * SIDE, 2 * SIDE))
    ground = Image.new("RGBA", small.size, "white")
    ground.alpha_composite(small)
    shown = ground.convert("RGB")
    shown.info["exif"] = picture.info.get("exif", b"")  # which way is up
    return shown
