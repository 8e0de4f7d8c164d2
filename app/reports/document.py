"""A report before it has a shape: headings, fields, tables and texts, in the words of one language.

What is printed is decided here and tested here; app/reports/pdf.py only draws it. A document holds plain text: nothing
in it is markup, whatever it looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any


class Tone(StrEnum):
    """How a badge is meant; the words carry the meaning, the colour only repeats it."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Badge:
    """One word about the whole: a risk, a status."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Heading:
    """A name inside a section, and what is said beside it."""

    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels and their values, in columns."""

    items: tuple[tuple[str, str], ...]
    columns: int = 3


@dataclass(frozen=True, slots=True)
class Columns:
    """Short lists side by side: what process, which means, which purpose."""

    items: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers; `widths` are shares of the page's width."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, under a small label if there is one. `large` is for a reader who is no reader of files."""

    text: str
    label: str = ""
    large: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of a journey."""

    label: str
    place: str


@dataclass(frozen=True, slots=True)
class Route:
    """A journey from stop to stop, drawn as a line; `by` is how it was made."""

    stops: tuple[Stop, ...]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when, what kind of thing, who wrote it down, and the words."""

    when: str
    what: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Entries in the order of time."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Room to sign: the place and date, then (role, name) side by side."""

    place_and_date: str
    signers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about the document itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Boxes to tick with a pen, some of them ticked already; (words, whether it is)."""

    items: tuple[tuple[str, bool], ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Blanks:
    """Lines to write on, each after its label, so many beside one another."""

    labels: tuple[str, ...]
    columns: int = 1


@dataclass(frozen=True, slots=True)
class CutLine:
    """Where a form is torn off."""

    text: str


Block = (
    Heading | Fields | Columns | Table | Paragraph | Route | Timeline | Signatures | Notice | Choices | Blanks | CutLine
)


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part; it has a bookmark in the file. `on_new_page`: it begins one, as an annex or a form does."""

    title: str
    blocks: tuple[Block, ...]
    on_new_page: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands on every page: for whom, for what, under which number. `watermark` '' draws none."""

    export_id: str
    lines: tuple[str, ...]
    watermark: str = ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: the office and the lines below its name."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report."""

    language: str
    kind: str
    title: str
    letterhead: Letterhead | None = None
    badges: tuple[Badge, ...] = ()
    strip: Fields = Fields(())
    sections: tuple[Section, ...] = ()
    marks: Marks = Marks("", ())


def table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, widths: tuple[float, ...]) -> Table:
    """A table without the columns in which no row says anything; the others share their room."""
    found = tuple(rows)
    kept = [n for n in range(len(headers)) if any(row[n] for row in found)]
    whole = sum(widths[n] for n in kept) or 1.0
    return Table(
        tuple(headers[n] for n in kept),
        tuple(tuple(row[n] for n in kept) for row in found),
        tuple(widths[n] / whole for n in kept),
    )


def texts(part: Any) -> Iterator[str]:
    """Every text in a document or a part of it, in the order of reading."""
    if isinstance(part, Tone):
        return
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from texts(item)
    elif is_dataclass(part):
        for item in fields(part):
            yield from texts(getattr(part, item.name))
