"""What a curious reader gets out of an export in any format: every cell, every part of the file, every property."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

import openpyxl
from openpyxl.cell.cell import Cell

from app.reports.api import Format, Rendered, case_summary_file
from app.reports.case_input import CaseInput
from app.reports.case_summary import Occasion
from app.reports.redaction import Release
from tests.reports.needles import Needle, needles
from tests.reports.pdf_reading import read

# In a sheet: what computes, what leads out of it, what runs.
ACTIVE = re.compile(rb"<f[ >]|<hyperlink|<oleObject|<externalReference|vbaProject|<drawing|TargetMode=|<definedName")


@dataclass(frozen=True)
class Sheets:
    """An XLSX file taken apart."""

    cells: tuple[Cell, ...]
    parts: dict[str, bytes]

    @property
    def active(self) -> list[str]:
        """The parts that hold something that is no word."""
        return [name for name, data in self.parts.items() if ACTIVE.search(data)]


def sheets(data: bytes) -> Sheets:
    """Every cell that has a value, and every part of the ZIP."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    file = openpyxl.load_workbook(io.BytesIO(data))
    cells = tuple(cell for page in file for row in page.iter_rows() for cell in row if cell.value is not None)
    return Sheets(cells, parts)


def table(data: bytes) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def everything(made: Rendered, form: Format) -> str:
    """All that can be read in a file that lies open."""
    if form is Format.PDF:
        return read(made.data).everything
    if form is Format.XLSX:
        parts = sheets(made.data).parts
        return "\n".join((*parts, *(data.decode("utf-8") for data in parts.values())))
    return made.data.decode("utf-8-sig")


def exported(case: CaseInput, form: Format, *, release: Release, occasion: Occasion, language: str = "id") -> Rendered:
    """The case in this format, lying open."""
    return case_summary_file(case, form, release=release, occasion=occasion, language=language, password=None)


def numbered(case: int, kinds: tuple[str, ...]) -> Iterator[Needle]:
    """The needles in fields of these kinds, with values that no other case has."""
    for needle in needles():
        if needle.field.kind in kinds:
            yield replace(needle, value=f"Jarum{needle.number}C{case}Q")
