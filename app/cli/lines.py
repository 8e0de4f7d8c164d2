"""Results as lines for a person: columns, and the fields of a record with their labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.cli.shell import safe
from app.context import Context
from app.i18n import _, format_datetime
from app.models.base import KINDS
from app.models.codelist import label
from app.models.dates import show_date
from app.models.field import Field, Kind, said_fields
from app.models.regions import region_path
from app.models.sealed import HIDDEN
from app.services import directory
from app.services.entries import Entry

WIDEST = 40


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Aligned columns under their heads; a value that is too wide is cut with an ellipsis."""
    cells = [[safe(cell) for cell in row] for row in rows]
    widths = [min(WIDEST, max(len(row[n]) for row in [head, *cells])) for n in range(len(head))]
    for row in [head, *cells]:
        fitted = [_fit(cell, width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(fitted).rstrip()


def entry_lines(entry: Entry, *, skip: Sequence[str] = (), context: Context) -> Iterator[str]:
    """Every field of a record that has a value, with its label; links and entry marks are left out."""
    for field in said_fields(KINDS[entry.kind]):
        value = entry[field.key]
        if value in (None, "", ()) or field.key in skip:
            continue
        yield f"  {_(field.label)}: {safe(words(field, value, context=context))}"


def words(field: Field, value: Any, *, context: Context) -> str:
    """A value as a person reads it."""
    if value is HIDDEN:
        return sealed_words()
    match field.kind:
        case Kind.CODE:
            return label(field.codelist, value)
        case Kind.CODES:
            return ", ".join(label(field.codelist, code) for code in value)
        case Kind.DATE:
            return show_date(value)
        case Kind.DATETIME:
            return format_datetime(value)
        case Kind.BOOL:
            return _("Yes") if value else _("No")
        case Kind.REGION:
            return region_path(value)
        case Kind.REF:
            named = {entry.id: entry["name"] for entry in directory.agencies(context.desk)}
            return str(named.get(value) or value)
        case _:
            return f"{value} {_(field.unit)}".rstrip()


def sealed_words() -> str:
    """What stands for a value that this user cannot open."""
    return _("Something is written here. Only who may read sealed values sees it.")


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"
