"""Looks for words in every file of a folder, in every dress in which a program might have left them there.

Letters of either case; UTF-8 and UTF-16 of both orders, composed and decomposed; hex; base64 (also of UTF-16, at each
of the three offsets, both alphabets); percent-encoded; escaped as in JSON. In the bytes of files, inside ZIP (XLSX),
gzip and zlib pieces (PDF, PNG), and in the names of files and folders and the targets of links.

It proves nothing by finding nothing: plant a needle of your own and see it found.
"""

from __future__ import annotations

import base64
import io
import os
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SHORTEST = 5  # bytes of a needle: what is shorter is found by chance
DEEPEST = 3  # a ZIP in a ZIP in a gzip file
_PIECES = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")  # how gzip and zlib streams begin
_MOST = 1 << 26  # bytes taken out of one compressed piece


@dataclass(frozen=True, slots=True)
class Hit:
    """One needle in one file: in which dress, and where. `offset` is -1 in the name of the file."""

    file: Path
    needle: str
    form: str
    offset: int


def find_needles(roots: Iterable[Path], needles: Iterable[str]) -> list[Hit]:
    """Every needle in every file below these folders (or in these files), once per file and form."""
    wanted = _patterns(needles)
    found: list[Hit] = []
    for root in roots:
        for path in _files(root):
            name = os.fsencode(path.relative_to(root) if path != root else path.name)
            target = os.fsencode(os.readlink(path)) if path.is_symlink() else b""
            found += (Hit(path, needle, form, -1) for needle, form, _at in _search(name + b"\n" + target, wanted))
            if path.is_file() and not path.is_symlink():
                found += (Hit(path, *hit) for hit in _search_deep(path.read_bytes(), wanted))
    return found


def forms(needle: str) -> dict[str, bytes]:
    """The dresses of a needle by name; all but base64 are compared without regard to the case of letters."""
    found: dict[str, bytes] = {}
    for normal in ("NFC", "NFD"):
        words = unicodedata.normalize(normal, needle)
        raw, little = words.encode(), words.encode("utf-16-le")
        if len(raw) < SHORTEST:
            raise ValueError(f"too short to be looked for: {needle!r}")
        found |= {
            f"{normal} utf-8": raw, f"{normal} utf-16-le": little, f"{normal} utf-16-be": words.encode("utf-16-be"),
            f"{normal} hex": raw.hex().encode(), f"{normal} hex of utf-16": little.hex().encode(),
            f"{normal} percent": quote(words, safe="").encode(),
            f"{normal} form": quote(words, safe=" ").replace(" ", "+").encode(),
            f"{normal} escaped": words.encode("ascii", "backslashreplace"),
            f"{normal} json": re.sub(r"[^ -~]", lambda m: f"\\u{ord(m[0]):04x}", words).encode(),
        }  # fmt: skip
        for name, data in (("base64", raw), ("base64 of utf-16", little)):
            for offset in range(3):
                found[f"{normal} {name} +{offset}"] = _base64(data, offset)
                found[f"{normal} {name} +{offset} url"] = _base64(data, offset).replace(b"+", b"-").replace(b"/", b"_")
    return found


def _base64(data: bytes, offset: int) -> bytes:
    """The letters that stand for these bytes alone, when `offset` other bytes stand before them in their group."""
    letters = base64.b64encode(b"\0" * offset + data)
    return letters[(offset * 8 + 5) // 6 : (offset + len(data)) * 8 // 6]


def _patterns(needles: Iterable[str]) -> list[tuple[str, str, bytes, bool]]:
    """(needle, form, bytes, whether case counts), each pattern once."""
    seen: set[bytes] = set()
    found = []
    for needle in needles:
        for form, data in forms(needle).items():
            exact = "base64" in form
            pattern = data if exact else data.lower()
            if pattern not in seen:
                seen.add(pattern)
                found.append((needle, form, pattern, exact))
    return found


def _search(data: bytes, wanted: list[tuple[str, str, bytes, bool]]) -> Iterator[tuple[str, str, int]]:
    lower = data.lower()
    for needle, form, pattern, exact in wanted:
        at = (data if exact else lower).find(pattern)
        if at >= 0:
            yield needle, form, at


def _search_deep(
    data: bytes, wanted: list[tuple[str, str, bytes, bool]], *, depth: int = 0
) -> Iterator[tuple[str, str, int]]:
    """In the bytes and in what they hold compressed; the offset is that of the piece."""
    yield from _search(data, wanted)
    if depth < DEEPEST:
        for kind, at, inside in _inside(data):
            for needle, form, _at in _search_deep(inside, wanted, depth=depth + 1):
                yield needle, f"{kind}: {form}", at


def _inside(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    if data[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for item in archive.infolist():
                    yield "zip", item.header_offset, item.filename.encode() + b"\n" + archive.read(item)
        except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError):
            return  # no ZIP after all: its bytes were searched
        return
    for start in _PIECES.finditer(data):
        try:  # 47: gzip or zlib, whichever it is
            yield "deflate", start.start(), zlib.decompressobj(47).decompress(memoryview(data)[start.start() :], _MOST)
        except zlib.error:
            continue


def _files(root: Path) -> Iterator[Path]:
    """Files, folders and links, whichever names they have; links are not followed."""
    yield root
    if root.is_dir() and not root.is_symlink():
        for folder, folders, files in os.walk(root):
            yield from (Path(folder, name) for name in (*folders, *files))
