"""Tables out of files that others made: XLSX, XLSM, XLS, ODS and text. Read whole and never written to.

Cells come as they stand: text, numbers, booleans, dates. Nothing is guessed here: see `import_values`.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import Invalid
from app.i18n import _, format_bytes
from app.lazy import lazy

if TYPE_CHECKING:
    import python_calamine
else:
    python_calamine = lazy("python_calamine")

Cell = str | int | float | bool | date | datetime | time | timedelta
MOST_BYTES = 50 * 1024 * 1024
MOST_UNPACKED = 600 * 1024 * 1024  # of a packed sheet: more is no register of cases
MOST_COLUMNS = 300
TEXT = frozenset({".csv", ".tsv", ".txt"})
KNOWN = (".xlsx", ".xlsm", ".xls", ".ods", *sorted(TEXT))
_SNIFFED = 64 * 1024
_SIGNS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds anything: its number as the spreadsheet shows it, its cells, whether some are merged."""

    number: int
    cells: tuple[Cell, ...]
    merged: bool = False

    def __getitem__(self, column: int) -> Cell:
        """The cell of a column; "" beyond the last one."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet without its empty rows, however many of them the file carries."""

    name: str
    rows: tuple[Row, ...]

    def heading(self) -> int:
        """The index of the row that most likely names the columns: the first with the most filled text cells of ten."""
        filled = [sum(isinstance(c, str) and bool(c.strip()) for c in row.cells) for row in self.rows[:10]]
        return filled.index(max(filled)) if filled else 0


class Book:
    """A file that was opened; `sheets` names what is visible in it. `read(name)` gives one."""

    def __init__(self, path: Path) -> None:
        data = _bytes_of(path)
        self._text = path.suffix.lower() in TEXT
        self._data = data
        self._book: Any = None
        if self._text:
            self.sheets: tuple[str, ...] = (path.stem,)
            return
        _refuse_bomb(data)
        try:
            self._book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        except python_calamine.PasswordError:
            raise Invalid(_("The file has a password. Save it without one, then try again.")) from None
        except Exception as error:  # of a foreign library, about a foreign file: whatever it is, the file is at fault
            raise Invalid(_unreadable()) from error
        shown = python_calamine.SheetVisibleEnum.Visible
        self.sheets = tuple(m.name for m in self._book.sheets_metadata if m.visible == shown)
        if not self.sheets:
            raise Invalid(_("There is no visible sheet in the file."))

    def read(self, name: str) -> Sheet:
        """The rows of a sheet. Invalid if it cannot be read, or is wider than a register can be."""
        if self._text:
            return _limited(Sheet(name, tuple(_text_rows(self._data))))
        try:
            found = self._book.get_sheet_by_name(name)
            return _limited(Sheet(name, tuple(_book_rows(found))))
        except Invalid:
            raise
        except Exception as error:  # as above
            raise Invalid(_unreadable()) from error


def _bytes_of(path: Path) -> bytes:
    if path.suffix.lower() not in KNOWN:
        raise Invalid(_("Files of this kind are not read. Save it as XLSX, ODS or CSV, then try again."))
    try:
        if path.stat().st_size > MOST_BYTES:
            most = format_bytes(MOST_BYTES)
            raise Invalid(_("The file is larger than {size}. Split it, then try again.").format(size=most))
        data = path.read_bytes()
    except OSError as error:
        raise Invalid(_("The file cannot be opened: {reason}").format(reason=error.strerror or "")) from error
    if not data:
        raise Invalid(_("The file is empty."))
    return data


def _unreadable() -> str:
    return _("The file cannot be read: it is damaged, or not what its name says. Open it and save it as XLSX again.")


def _refuse_bomb(data: bytes) -> None:
    """A small file that unpacks to gigabytes is refused before anybody unpacks it."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(one.file_size for one in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Invalid(_unreadable()) from error
    if size > MOST_UNPACKED:
        raise Invalid(_("The file unpacks to more than {size}.").format(size=format_bytes(MOST_UNPACKED)))


def _limited(sheet: Sheet) -> Sheet:
    if not sheet.rows:
        raise Invalid(_("There is nothing in this sheet."))
    if max(len(row.cells) for row in sheet.rows) > MOST_COLUMNS:
        raise Invalid(_("The sheet has more than {n} columns.").format(n=MOST_COLUMNS))
    return sheet


def _book_rows(sheet: Any) -> Iterator[Row]:
    merged: set[int] = set()
    for (top, _left), (bottom, _right) in sheet.merged_cell_ranges or ():
        merged.update(range(top, min(bottom, top + 10_000) + 1))
    first = (sheet.start or (0, 0))[0]
    lead = ("",) * (sheet.start or (0, 0))[1]
    for at, cells in enumerate(sheet.iter_rows(), start=first):
        kept = _trimmed(cells)
        if kept:
            yield Row(at + 1, (*lead, *kept), at in merged)


def _trimmed(cells: list[Any]) -> tuple[Cell, ...]:
    """Without what is empty at the end; () for a row of nothing but blanks."""
    last = len(cells)
    while last and (cells[last - 1] == "" or (isinstance(cells[last - 1], str) and not cells[last - 1].strip())):
        last -= 1
    return tuple(cells[:last])


def _text_rows(data: bytes) -> Iterator[Row]:
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text[:_SNIFFED]))
    try:
        for cells in reader:
            kept = _trimmed(cells)
            if kept:
                yield Row(reader.line_num, kept)
    except csv.Error as error:
        said = _("Line {n} of the file cannot be read: a quotation mark is left open, or a cell is too long.")
        raise Invalid(said.format(n=reader.line_num)) from error


def _delimiter(text: str) -> str:
    """The sign that parts most rows into the same number of cells, whatever stands above them or within."""

    def agreed(sign: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=sign), 100))
        except csv.Error:
            return 0, 0
        width, rows = max(widths.items(), key=lambda found: (found[0] > 1, found[1]), default=(0, 0))
        return (rows, width) if width > 1 else (0, 0)

    return max(_SIGNS, key=agreed)


def _decoded(data: bytes) -> str:
    """Text by its mark, as UTF-8, or else as the one that Windows wrote here before: guessing from few letters errs."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise Invalid(_unreadable())
    return text
