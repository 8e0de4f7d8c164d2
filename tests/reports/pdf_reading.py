"""What a curious reader gets out of a PDF: text, metadata, bookmarks, attachments, links, fonts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
import pypdfium2


@dataclass(frozen=True)
class Contents:
    """All of it as text."""

    pages: tuple[str, ...]
    metadata: str
    outline: tuple[tuple[str, int], ...]  # title, page from 0
    attachments: tuple[str, ...]
    active: tuple[str, ...]  # annotations, scripts, images: nothing of the kind belongs in a report
    fonts: dict[str, bool]  # name -> embedded

    @property
    def everything(self) -> str:
        """One text to search in."""
        return "\n".join((*self.pages, self.metadata, *(title for title, _page in self.outline), *self.attachments))


def read(pdf: bytes, *, password: str = "") -> Contents:
    """Take a file apart."""
    with pypdfium2.PdfDocument(pdf, password=password or None) as file:
        pages = tuple(page.get_textpage().get_text_bounded() for page in file)
        outline = tuple((item.get_title(), _page_of(item)) for item in file.get_toc())
    with pikepdf.open(io.BytesIO(pdf), password=password) as file:
        metadata = " ".join(f"{key}={value}" for key, value in file.docinfo.items())
        if "/Metadata" in file.Root:
            metadata += file.Root.Metadata.read_bytes().decode("utf-8", "replace")
        attachments = tuple(file.attachments)
        return Contents(pages, metadata, outline, attachments, tuple(_active(file)), dict(_fonts(file)))


def _page_of(item: Any) -> int:
    target = item.get_dest()
    return -1 if target is None else int(target.get_index())


def _active(file: pikepdf.Pdf) -> Iterator[str]:
    for key in ("/OpenAction", "/AA", "/AcroForm"):
        if key in file.Root:
            yield key
    for page in file.pages:
        if "/Annots" in page and len(page.Annots):
            yield "annotation"
        yield from page.get_images()
    for thing in file.objects:
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            for key in ("/URI", "/JS", "/JavaScript", "/EmbeddedFile", "/Launch"):
                if key in thing or thing.get("/S") == key or thing.get("/Type") == key:
                    yield key


def _fonts(file: pikepdf.Pdf) -> Iterator[tuple[str, bool]]:
    for thing in file.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font":
            found = thing.get("/FontDescriptor")
            yield str(thing.get("/BaseFont")), found is not None and "/FontFile2" in found
