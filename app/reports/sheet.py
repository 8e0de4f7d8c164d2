"""Reports as sheets: the same Document as the PDF, as XLSX or CSV. Words stay words: no formula, no link, no macro.

Made in memory: nothing passes through a folder for temporary files. The file's properties name nobody.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import singledispatch
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from app.i18n import _
from app.lazy import lazy
from app.reports import document as doc
from app.reports.cells import begins_formula, guarded, visible

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = lazy("xlsxwriter")

Cell = str | int
Row = tuple[Cell, ...]
LONGEST = 32_000  # characters of a cell in XLSX, a little less than it can hold; the rest goes on in the row below
_SHEET_NAME, _FOOTER = 31, 220
_NO_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under a title; `heads` are the numbers of those that name the columns below them."""

    title: str
    rows: tuple[Row, ...]
    heads: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Sheets, and what is said about the whole: for whom, what for, when, under which number."""

    cover: tuple[tuple[str, str], ...]
    sheets: tuple[Sheet, ...]
    mark: str = ""


Check = Callable[[int], object]  # told after every so many rows; what it raises stops the writing
EVERY = 500


def no_check(_done: int) -> None:
    """Nobody waits."""


def book(document: doc.Document, cover: Iterable[tuple[str, str]]) -> Book:
    """A report as sheets, one for each section."""
    head = ((document.kind, document.title), *((badge.text, "") for badge in document.badges), *document.strip.items)
    sheets = [Sheet(_("Overview"), tuple(head))]
    for section in document.sections:
        rows: list[Row] = []
        heads: set[int] = set()
        for block in section.blocks:
            if isinstance(block, doc.Table | doc.Timeline | doc.Columns | doc.Heading):
                heads.add(len(rows))
            rows += rows_of(block)
        sheets.append(Sheet(section.title, tuple(rows), frozenset(heads)))
    return Book(cover=tuple(cover), sheets=tuple(sheets), mark=" \u00b7 ".join(document.marks.lines))


@singledispatch
def rows_of(block: object) -> Iterator[Row]:
    """The rows of a block."""
    raise TypeError(f"no rows for {type(block).__name__}")


@rows_of.register
def _heading(block: doc.Heading) -> Iterator[Row]:
    yield (block.text, block.detail)


@rows_of.register
def _fields(block: doc.Fields) -> Iterator[Row]:
    yield from block.items


@rows_of.register
def _columns(block: doc.Columns) -> Iterator[Row]:
    yield tuple(name for name, _entries in block.items)
    yield from zip_longest(*(entries for _name, entries in block.items), fillvalue="")


@rows_of.register
def _table(block: doc.Table) -> Iterator[Row]:
    yield block.headers
    yield from block.rows


@rows_of.register
def _paragraph(block: doc.Paragraph) -> Iterator[Row]:
    yield (block.label, block.text) if block.label else (block.text,)


@rows_of.register
def _route(block: doc.Route) -> Iterator[Row]:
    yield from ((stop.label, stop.place) for stop in block.stops)
    if block.by:
        yield ("", block.by)


@rows_of.register
def _timeline(block: doc.Timeline) -> Iterator[Row]:
    yield (_("When"), _("Kind"), _("Who"), _("Text"))
    yield from ((entry.when, entry.what, entry.who, entry.text) for entry in block.entries)


@rows_of.register
def _signatures(block: doc.Signatures) -> Iterator[Row]:
    yield (block.place_and_date,)
    yield from block.signers


@rows_of.register
def _notice(block: doc.Notice) -> Iterator[Row]:
    yield (block.text,)


@rows_of.register
def _choices(block: doc.Choices) -> Iterator[Row]:
    yield from ((words, _("Yes") if ticked else "") for words, ticked in block.items)


@rows_of.register
def _blanks(block: doc.Blanks) -> Iterator[Row]:
    yield from ((label, "") for label in block.labels)


@rows_of.register
def _cut_line(_block: doc.CutLine) -> Iterator[Row]:
    yield ()


def to_csv(made: Book, *, check: Check = no_check) -> bytes:
    """UTF-8 with a mark for Excel, every cell in quotes: the cover, then every sheet under its title."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([_guarded(row) for row in made.cover])
    done = 0
    for sheet in made.sheets:
        writer.writerows([(), _guarded((sheet.title,))])
        for row in sheet.rows:
            writer.writerow(_guarded(row))
            done += 1
            if done % EVERY == 0:
                check(done)
    writer.writerows([(), _guarded((made.mark,))])
    return target.getvalue().encode("utf-8-sig")


def _guarded(row: Row) -> tuple[Cell, ...]:
    return tuple(cell if isinstance(cell, int) else guarded(visible(cell)) for cell in row)


def to_xlsx(made: Book, *, now: datetime, check: Check = no_check) -> bytes:
    """One sheet for the cover and one for each section; every text is a string, whatever it looks like."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }) as file:  # fmt: skip
        file.set_properties({"title": "Naungan", "created": now.astimezone(UTC).replace(tzinfo=None)})
        looks = _Looks(file)
        taken: set[str] = set()
        done = 0
        cover = Sheet(_("About"), (*made.cover, (), (made.mark,)))
        for sheet in (cover, *made.sheets):
            page = file.add_worksheet(_free_name(sheet.title, taken))
            page.set_footer(f"&L{visible(made.mark)[:_FOOTER].replace('&', '&&')}&R&P / &N")
            page.set_column(0, 9, 24)
            for row in _placed(page, sheet, looks):
                done += 1
                if done % EVERY == 0:
                    check(row)
    return target.getvalue()


class _Looks:
    """The few formats of a sheet. A text that looks like a formula is marked as text, also for whoever edits it."""

    def __init__(self, file: xlsxwriter.Workbook) -> None:
        wrap = {"text_wrap": True, "valign": "top"}
        self._made = {
            (head, quoted): file.add_format({**wrap, "bold": head, "quote_prefix": quoted})
            for head in (False, True) for quoted in (False, True)
        }  # fmt: skip

    def of(self, cell: str, *, head: bool) -> Any:
        """How this text is written."""
        return self._made[head, begins_formula(cell)]


def _placed(page: Any, sheet: Sheet, looks: _Looks) -> Iterator[int]:
    """Write row by row; yields the number of each."""
    at = 0
    for number, row in enumerate(sheet.rows):
        for part in _parts(row):
            for column, cell in enumerate(part):
                if isinstance(cell, int):
                    page.write_number(at, column, cell)
                elif cell:
                    page.write_string(at, column, cell, looks.of(cell, head=number in sheet.heads))
            at += 1
        yield number


def _parts(row: Row) -> Iterator[Row]:
    """The row, and below it what was too long for its cells."""
    cells: Row = tuple(cell if isinstance(cell, int) else visible(cell) for cell in row)
    yield tuple(cell if isinstance(cell, int) else cell[:LONGEST] for cell in cells)
    while any(cells := tuple("" if isinstance(cell, int) else cell[LONGEST:] for cell in cells)):
        yield tuple(str(cell)[:LONGEST] for cell in cells)


def _free_name(title: str, taken: set[str]) -> str:
    """A name a sheet may have, and no other has."""
    base = _NO_NAME.sub(" ", visible(title)).strip()[:_SHEET_NAME] or "Naungan"
    name, number = base, 2
    while name.casefold() in taken:
        tail = f" {number}"
        name, number = base[: _SHEET_NAME - len(tail)] + tail, number + 1
    taken.add(name.casefold())
    return name
